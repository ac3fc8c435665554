"""Every signal, in the order a reviewer reads their signs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from matching.pair import Pair
from matching.signals import (
    brand_is_another,
    circumstances,
    compatible_with,
    descriptive_use,
    disguised_name,
    identifier,
    logo,
    mark_elsewhere,
    mark_in_photo,
    mark_in_title,
    other_goods,
    photo,
    price,
    price_beside_others,
    product_identity,
    product_name,
    replica_words,
    seller_name,
    stream,
    variant,
    work_title,
)
from matching.signals.examples import Example
from store.records.comparisons import Sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One way to compare: its function, its explanation for reviewers, its examples."""

    name: str
    read: Callable[[Pair], list[Sign]]
    explanation: str
    examples: tuple[Example, ...]


def _signal(read: Callable[[Pair], list[Sign]], examples: tuple[Example, ...]) -> Signal:
    return Signal(
        name=read.__module__.rsplit(".", 1)[-1],
        read=read,
        explanation=" ".join((read.__doc__ or "").split()),
        examples=examples,
    )


SIGNALS: tuple[Signal, ...] = tuple(
    _signal(module.read, module.EXAMPLES)
    for module in (
        mark_in_title,
        disguised_name,
        product_name,
        product_identity,
        mark_elsewhere,
        mark_in_photo,
        identifier,
        photo,
        logo,
        work_title,
        stream,
        replica_words,
        variant,
        price,
        price_beside_others,
        other_goods,
        compatible_with,
        descriptive_use,
        brand_is_another,
        circumstances,
        seller_name,
    )
)


def read_signs(pair: Pair) -> tuple[Sign, ...]:
    """Every sign of a pair."""
    return tuple(sign for signal in SIGNALS for sign in signal.read(pair))

"""What lists offer to narrow them by: fields, and how many records each of their values leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlencode

R = TypeVar("R")

MOST_VALUES = 12  # a facet offers; an address or the box reaches the others


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """One way to narrow the list."""

    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """The ways to narrow by one field, most first."""

    name: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What a list is narrowed to, field by field, and the ways to narrow it further."""

    chosen: Mapping[str, str]  # empty words narrow nothing
    facets: tuple[Facet, ...]
    kept: Mapping[str, str] = field(default_factory=dict)  # what else stands in the address, e.g. a search
    newest: int | None = None  # counted among so many of the newest only; None: among all

    def address(self, path: str, **changed: str) -> str:
        """The list with one choice changed; an empty word takes it away."""
        values = {**self.kept, **self.chosen, **changed}
        asked = urlencode({name: value for name, value in values.items() if value})
        return f"{path}?{asked}" if asked else path


def narrow(
    records: Iterable[R],
    values: Callable[[R], Sequence[str]],
    chosen: Mapping[str, str],
    label: Callable[[str, str], str],
) -> tuple[list[R], Narrowing]:
    """Records that have what is chosen, and the ways to narrow them; `values` are in the order of `chosen`."""
    listed = [(each, values(each)) for each in records]
    fits = [
        each
        for each, has in listed
        if all(wanted in ("", value) for wanted, value in zip(chosen.values(), has, strict=True))
    ]
    return fits, narrowing(((has, 1) for _each, has in listed), chosen, label)


def narrowing(
    groups: Iterable[tuple[Sequence[str], int]], chosen: Mapping[str, str], label: Callable[[str, str], str]
) -> Narrowing:
    """
    The facets of a list, each counted under the choice of all the others.

    `groups` holds how many records there are for each combination of values, in the order of `chosen`; `label` names
    a field's value for people. What is chosen is offered even where nothing bears it, so that it can be taken away.
    """
    counts, _total = tally(groups, tuple(chosen), chosen)
    facets = []
    for name, wanted in chosen.items():
        few = sorted(counts[name].items(), key=lambda each: (-each[1], each[0]))[:MOST_VALUES]
        if wanted and wanted not in dict(few):
            few.append((wanted, counts[name][wanted]))
        values = (
            FacetValue(value=value, label=label(name, value), count=n, is_chosen=value == wanted) for value, n in few
        )
        facets.append(Facet(name=name, values=tuple(values)))
    return Narrowing(chosen=chosen, facets=tuple(facets))


def tally(
    groups: Iterable[tuple[Sequence[str], int]], names: Sequence[str], chosen: Mapping[str, str]
) -> tuple[dict[str, Counter[str]], int]:
    """Counts of each field's values under the choice of the others, and of what the whole choice leaves."""
    wanted = [chosen.get(name, "") for name in names]
    counts: dict[str, Counter[str]] = {name: Counter() for name in names}
    total = 0
    for values, n in groups:
        misses = [at for at, value in enumerate(values) if wanted[at] and wanted[at] != value]
        total += 0 if misses else n
        for at, name in enumerate(names):
            if misses in ([], [at]) and values[at]:
                counts[name][values[at]] += n
    return counts, total

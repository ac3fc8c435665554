"""Every value a page gave, with the words it came from, the rule that read it, its place and its bytes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from reports.formats.plain import plain
from reports.masking import mask
from store.records.listings import PERSONAL_FIELDS, ListingFields
from store.records.seen import Seen

SHOWN_CHARS = 2000  # of one value on a page; the capture holds the rest
RAW_CHARS = 300
FREE_WORDS = ("title", "description", "location")
"""Fields in which people write what they like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueView:
    """One value as shown. All words are crawled: whoever shows them escapes them."""

    field: str
    value: str
    raw: str
    rule: str
    where: str | None
    capture: str | None
    is_masked: bool = False  # it names a person, and nobody gave a reason to look


def values_of(fields: ListingFields, *, masked: bool = True) -> tuple[ValueView, ...]:
    """
    Every value of one look, in the order of the record.

    A value that names a person is left out of the text while `masked`; a look read without the key has none.
    """
    found: list[ValueView] = []
    for field in dataclasses.fields(fields):
        if field.name == "streams":
            continue
        hide = masked and field.name in PERSONAL_FIELDS
        found += [_view(field.name, seen, hide, masked) for seen in _each(getattr(fields, field.name))]
    found += [
        ValueView(
            field=f"stream_{link.role}",
            value=plain(link.url, SHOWN_CHARS),
            raw="",
            rule="",
            where=None,
            capture=link.capture or link.found_in,
        )
        for link in fields.streams
    ]
    return tuple(found)


def _each(value: Any) -> Iterator[Seen[Any]]:  # Any: a Seen of whatever a field holds
    if isinstance(value, Seen):
        yield value
    elif isinstance(value, tuple):
        yield from (part for part in value if isinstance(part, Seen))


def _view(name: str, seen: Seen[Any], hide: bool, masked: bool) -> ValueView:  # Any: a field's own type
    value = seen.value
    if isinstance(value, Enum):
        value = value.value
    elif isinstance(value, datetime):
        value = value.isoformat(timespec="minutes")
    # Sellers write their number into the words of the offer: it is found by its shape.
    value, raw = (mask(str(value), ()), mask(seen.raw, ())) if name in FREE_WORDS and masked else (value, seen.raw)
    return ValueView(
        field=name,
        value="" if hide else plain(str(value), SHOWN_CHARS),
        raw="" if hide else plain(raw, RAW_CHARS),
        rule=seen.rule,
        where=seen.where,
        capture=seen.capture,
        is_masked=hide,
    )

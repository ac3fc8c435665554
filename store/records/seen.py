"""A value together with where it was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen(Generic[T]):
    """A value read from a page, with the words it came from, the rule that read it and its place."""

    value: T
    raw: str  # the words on the page, before anything was made of them
    rule: str  # e.g. "bazario: listing.price[0]" or "generic: listing.title[2]"
    capture: str | None = None  # capture id; None while a page is read outside any run
    where: str | None = None  # CSS path, JSON path or attribute; None where the rule names it fully

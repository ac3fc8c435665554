"""What lists offer to narrow them by: fields, and how many records each of their values leaves."""

from __future__ import annotations

from dataclasses import dataclass


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

"""Whose records a reader may see. Every repository asks for one, from the first table on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """
    Limits what a repository shows: to one holder, to one compartment, to both, or to neither.

    `holder` None means every holder; `compartment` None means records outside any compartment and
    inside all of them. Neither is a default: a caller says `EVERYTHING` when it means it.
    """

    holder: str | None
    compartment: str | None


EVERYTHING = Scope(holder=None, compartment=None)
"""The unit's own view: every holder, every compartment."""

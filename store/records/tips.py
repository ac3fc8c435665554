"""Addresses that somebody outside, or one of us, says to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class TipState(Enum):
    """Where a tip stands."""

    OPEN = "open"  # nobody has judged it: nothing is fetched because somebody asked for it
    ACCEPTED = "accepted"  # a person asked that it be looked at; the worker does
    LOOKED = "looked"  # captured; `listing` where it offers something
    FAILED = "failed"  # it could not be looked at; a person may accept it again
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """One address; the words that came with it stand sealed among the personal values."""

    id: str
    url: str
    holder: str | None = None  # Party id: whose expert or program brought it, and who sees it
    compartment: str | None = None
    by: str  # who brought it
    via: str  # api, desk, cli
    at: datetime
    state: TipState = TipState.OPEN
    decided_by: str | None = None  # who accepted or dismissed it
    decided_at: datetime | None = None
    because: str | None = None  # why it was dismissed, or what the look came to
    run: str | None = None  # of the look
    listing: str | None = None

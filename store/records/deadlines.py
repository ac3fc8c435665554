"""Clocks that run: what must be done by whom and until when, and where that stands written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class DeadlineState(Enum):
    """Where a clock stands."""

    RUNNING = "running"
    MET = "met"
    MISSED = "missed"  # its time is over; `ended_at` tells what was still done later
    VOID = "void"  # what it was about is gone


class Holder(Enum):
    """Who must act."""

    RECIPIENT = "recipient"
    SENDER = "sender"  # us
    SELLER = "seller"
    DISPUTE_BODY = "dispute_body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One clock, begun by one event in the ledger. The same event begins the same clock once."""

    id: str
    subject_kind: str  # notice, counter_notice
    subject: str
    notice: str
    item: str | None = None  # NoticeItem id; None: the whole notice
    kind: str  # the clock's code in the profile
    regime: str  # name of the profile
    holder: Holder
    event: str  # what began it
    event_id: str  # the record that shows it
    starts_at: datetime
    opens_at: datetime | None = None  # not before this, where the source gives a span
    due_at: datetime
    calendar: str  # calendar, business, not_sundays
    counted: str  # how, in words
    source: str  # law and paragraph, or title of the page; "chosen here"
    basis: str  # official, third_party, memory
    state: DeadlineState
    ended_at: datetime | None = None
    ended_by: str | None = None  # the record that shows it
    steps: int = 0  # of the ladder, taken
    stepped_at: datetime | None = None
    set_by: str | None = None  # who entered the recipient's own date, which outweighs any count
    set_because: str | None = None

"""
What a transport is, and the only things it may say of a delivery.

The words keep apart what must not be mixed: *not taken* may be sent again, *unknown* may not. A transport that is
not sure says `Unknown`. It raises nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from reports.parcel import Parcel

ANSWER_BYTES = 1024 * 1024  # chosen: more than any receipt; the rest of an answer is not read


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The recipient has it."""

    receipt: str
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTaken:
    """Certainly nothing of it was taken; it may be sent again."""

    because: str
    raw: bytes = b""
    wait_s: float | None = None  # None: the recipient named no time


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """The recipient looked at it and will not take it: sending the same again is of no use."""

    because: str
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ForPerson:
    """Nothing was taken, and a person has to do something before it can be."""

    because: str
    raw: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """It may have arrived, or not."""

    because: str
    raw: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """Only of a look-up: the recipient knows of no delivery under the key."""

    raw: bytes


Answer = Taken | NotTaken | Declined | ForPerson | Unknown


class Transport(Protocol):
    """One way to a recipient."""

    def send(self, parcel: Parcel) -> Answer:
        """Hand a parcel over, once; ends within `LONGEST_S` of `reports/outbox.py`."""

    def look_up(self, key: str) -> Taken | Absent | Unknown:
        """Ask what became of a delivery; asked only where the declaration says `repeats = "look_up"`."""

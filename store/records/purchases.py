"""Test purchases: goods bought to be examined, and every hand they pass through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class PurchaseStep(Enum):
    """What happened to the goods."""

    ORDERED = "ordered"
    """Bought from the listing; the order's confirmation is its file."""
    RECEIVED = "received"
    """The parcel came, closed."""
    OPENED = "opened"
    """The parcel was opened, before a witness or a camera."""
    PHOTOGRAPHED = "photographed"
    """Pictures of the goods, labels and packing were taken."""
    EXAMINED = "examined"
    """Somebody who can tell said what the goods are."""
    SEALED = "sealed"
    """Put into a bag or box under a numbered seal."""
    HANDED_OVER = "handed_over"
    """Given into other hands."""
    DESTROYED = "destroyed"
    """Destroyed, under somebody's eyes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseFile:
    """One file of a step, in the vault."""

    name: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseEvent:
    """One step of one purchase; steps are never changed, a mistake is told by another."""

    id: str
    purchase: int  # number that people say aloud
    case: str  # Case id
    step: PurchaseStep
    at: datetime  # when it happened, by the word of whoever enters it
    by: str
    to: str | None = None  # who has the goods from then on; set when handed over
    note: str = ""
    entered_at: datetime
    files: tuple[PurchaseFile, ...] = ()

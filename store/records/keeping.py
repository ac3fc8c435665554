"""What is kept no longer, and what must not be let go of: tombstones and legal holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class ErasureReason(Enum):
    """Why bytes were erased for good."""

    UNLAWFUL_CONTENT = "unlawful_content"
    """Holding them is itself forbidden."""
    COURT_ORDER = "court_order"
    """A court or authority ordered it."""
    PERSON_ASKED = "person_asked"
    """Somebody they show or name asked for it, and nothing outweighs that."""
    TAKEN_BY_MISTAKE = "taken_by_mistake"
    """They should not have been captured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """What stands in the place of erased bytes. Two persons answer for it; the bytes are never stored again."""

    sha256: str
    reason: ErasureReason
    legal_basis: str  # in words, with its source
    by: str
    second: str
    at: datetime
    size_bytes: int
    is_sealed_away: bool  # the quarantine holds them


class HoldKind(Enum):
    """What a legal hold covers."""

    CASE = "case"
    """A case with its findings, listings and captures."""
    LISTING = "listing"
    """A listing with its captures."""
    SELLER = "seller"
    """An account with its personal values, listings and captures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHold:
    """Nothing of its subject is purged or forgotten until it is released."""

    id: str
    kind: HoldKind
    subject: str  # id of the case, listing or seller
    reason: str
    by: str
    at: datetime
    released_by: str | None = None
    released_at: datetime | None = None

"""Takedown requests, their items, and the batches they leave in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from store.records.findings import GroundCode, InfringementClass


class NoticeState(Enum):
    """Where a notice stands."""

    DRAFT = "draft"
    REFUSED = "refused"  # a blocking rule stopped every item
    READY = "ready"  # validated; waits for a person
    APPROVED = "approved"
    BATCHED = "batched"
    SENT = "sent"
    RECALLED = "recalled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A blocking rule that stopped an item, with its condition and the way out."""

    code: str  # e.g. "TERR-1"
    family: str  # e.g. "TERR"
    because: str
    fix: str
    finding: str | None = None
    listing: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeItem:
    """One listing in a notice. Every factual sentence points to a capture or a person's statement."""

    id: str
    notice: str
    finding: str
    listing: str
    url: str
    platform_item_id: str
    title: str
    infringement_class: InfringementClass
    grounds: tuple[GroundCode, ...]
    platform_code: str | None = None  # the recipient's own claim code, where it has one
    explanation: str
    against: str  # what speaks for the accused, answered; empty if nothing does
    observed_at: datetime
    captures: tuple[str, ...]
    references: tuple[str, ...] = ()
    idempotency_key: str  # hash of platform, case, item, version
    refusals: tuple[Refusal, ...] = ()
    previous: str | None = None  # NoticeItem id of what came back here; None: nothing known


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What the signatory says, word for word, and what it was derived from."""

    code: str  # good_faith, accuracy, authority
    text: str
    text_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One takedown request to one platform for one case."""

    id: str
    number: int
    case: str
    platform: str
    profile: str
    profile_version: int
    regime: str
    right: str
    holder: str
    agent: str | None = None  # legal name; None where the holder sends
    mandate: str | None = None
    language: str
    state: NoticeState
    items: tuple[NoticeItem, ...]
    statements: tuple[Statement, ...] = ()
    signatory: str | None = None  # None until signed
    signed_at: datetime | None = None
    drafted_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    legal_basis: str  # in words, with its source
    draft_profile: bool = True  # True: the profile was not verified by a person; exports are watermarked


class BatchKind(Enum):
    """What a sealed folder holds."""

    NOTICES = "notices"
    FOLLOW_UPS = "follow_ups"  # words on items of notices that left before


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Numbered notices for one platform, or words that follow them, sealed in one folder."""

    id: str
    number: int
    platform: str
    profile: str
    kind: BatchKind = BatchKind.NOTICES
    notices: tuple[str, ...]
    item_count: int
    path: str  # relative to the workspace
    manifest_sha256: str
    created_at: datetime
    limits_applied: dict[str, str] = field(default_factory=dict)

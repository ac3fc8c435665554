"""Findings a person decides on together, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from store.records.findings import GroundCode, InfringementClass

EXERCISE_POLICY = "exercise policy"
"""The author of decisions that no person took; accepted only where everything is loopback."""


class CaseState(Enum):
    """Where a case stands."""

    OPEN = "open"
    READY = "ready"  # at least one finding is confirmed
    NOTIFIED = "notified"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Findings of one right against one seller on one platform."""

    id: str
    number: int  # counts up in the workspace; what people say aloud
    right: str
    holder: str
    platform: str
    seller: str | None = None  # None: the listings name no seller
    state: CaseState
    findings: tuple[str, ...]
    priority: float = 0.0
    reasons: tuple[str, ...] = ()  # that make the priority, the weightiest first
    compartment: str | None = None
    opened_at: datetime


class Verdict(Enum):
    """What a person decided of a finding."""

    CONFIRM = "confirm"
    REJECT = "reject"
    UNSURE = "unsure"
    NEEDS_HOLDER = "needs_holder"


class RejectReason(Enum):
    """Why a finding is no infringement; a closed list, so that it can be counted."""

    NOT_OUR_PRODUCT = "not_our_product"
    GENUINE_RESALE = "genuine_resale"
    AUTHORISED = "authorised"
    COMPATIBLE_ACCESSORY = "compatible_accessory"
    DESCRIPTIVE_USE = "descriptive_use"
    OTHER_HOLDERS_MARK = "other_holders_mark"
    REVIEW_OR_NEWS = "review_or_news"
    PARODY = "parody"
    BAD_CAPTURE = "bad_capture"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One entry of the ledger of decisions: appended, undone by a later entry, never changed."""

    id: str
    finding: str
    comparison: str  # what the person saw
    verdict: Verdict
    reason: RejectReason | None = None  # set when rejected
    note: str | None = None
    by: str  # a person's name, or "exercise policy" where everything is loopback
    at: datetime
    undoes: str | None = None  # Decision id


@dataclass(frozen=True, slots=True, kw_only=True)
class Determination:
    """The holder's named expert says what an item is, and why."""

    id: str
    finding: str
    is_infringing: bool
    infringement_class: InfringementClass | None = None  # None when genuine
    grounds: tuple[GroundCode, ...] = ()
    statement: str
    by: str
    at: datetime

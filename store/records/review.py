"""What the review desk lists and counts: one row a finding, and the looks that measure reviewers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from store.records.cases import RejectReason, Verdict
from store.records.findings import Band, InfringementClass


class Standing(Enum):
    """Where a finding stands for a reviewer."""

    OPEN = "open"  # waits for a person
    SILENT = "silent"  # nobody decided, and nothing asks for it
    CONFIRM = "confirm"
    REJECT = "reject"
    UNSURE = "unsure"
    NEEDS_HOLDER = "needs_holder"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewItem:
    """
    A finding as lists show it. Everything here is made from other tables and can be made again.

    `twin` is the main photo's digest, or the finding's own id where there is no photo: within one case, items of
    one twin show the same picture of the same seller.
    """

    finding: str
    listing: str
    right: str
    holder: str
    product: str | None = None
    platform: str
    seller: str | None = None
    title: str
    gtin: str | None = None
    price_minor: int | None = None  # in the currency's smallest unit
    currency: str | None = None
    photo: str | None = None
    twin: str
    band: Band
    infringement_class: InfringementClass | None = None
    identity_probability: float
    found_at: datetime
    comparison: str  # the finding's latest
    case: str = ""  # Case id; empty until the finding joined one
    compartment: str | None = None
    priority: float = 0.0
    standing: Standing
    decision: str | None = None  # what stands
    decided_by: str | None = None
    decided_at: datetime | None = None


class BlindKind(Enum):
    """Why a reviewer is shown a finding that is not open."""

    KNOWN = "known"  # its answer was entered beforehand
    SECOND = "second"  # somebody decided it; a second person looks without seeing that


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAnswer:
    """A finding whose right answer is known; it is mixed into the work of every reviewer."""

    finding: str
    expected: Verdict
    because: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindReview:
    """One look of one reviewer at a finding with an answer already; it changes nothing but the count."""

    finding: str
    reviewer: str
    kind: BlindKind
    expected: Verdict
    first_by: str | None = None  # who decided first; None for a known answer
    assigned_at: datetime
    verdict: Verdict | None = None  # None until answered
    reason: RejectReason | None = None
    answered_at: datetime | None = None

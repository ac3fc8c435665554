"""What platforms answer, item by item, in their words and in ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum


class OutcomeKind(Enum):
    """What an answer is."""

    ACK = "ack"  # it arrived
    CLARIFICATION = "clarification"  # something is asked
    DECISION = "decision"
    COUNTER_NOTICE = "counter_notice"
    REINSTATEMENT = "reinstatement"
    BOUNCE = "bounce"  # it did not arrive


class OutcomeStatus(Enum):
    """The platform's word for where it stands, in ours."""

    RECEIVED = "received"
    UNDER_REVIEW = "under_review"
    CLARIFICATION_REQUESTED = "clarification_requested"
    ACTIONED = "actioned"
    PARTLY_ACTIONED = "partly_actioned"
    REJECTED = "rejected"
    COUNTER_NOTICED = "counter_noticed"
    REINSTATED = "reinstated"
    FAILED = "failed"  # it cannot be worked on as it was sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One answer to a notice or to one of its items. Never changed: a later answer is a further one."""

    id: str
    notice: str
    item: str | None = None  # None: to the whole notice
    kind: OutcomeKind
    platform_case_id: str | None = None
    status_raw: str  # the platform's own word
    status: OutcomeStatus | None = None  # None: unmapped; alerts, is never guessed
    action: str | None = None  # content_removed, access_disabled, paused, none
    explanation: str | None = None
    received_at: datetime
    decided_at: datetime | None = None  # by the platform's word; None: it did not say
    raw_sha256: str  # the message, in the vault


class CounterReason(Enum):
    """What the accused says."""

    OWNER = "owner"
    AUTHORISED = "authorised"
    NO_RIGHT = "no_right"
    FAIR_USE = "fair_use"
    EXHAUSTION = "exhaustion"
    REMOVED = "removed"
    MISIDENTIFIED = "misidentified"
    OTHER = "other"  # or not said


class Response(Enum):
    """What we said to an objection."""

    ACCEPT = "accept"  # it was right: the item is taken back
    REJECT = "reject"  # the notice stands, and the platform is told why
    SUE = "sue"  # an action is filed, and the platform is told of it


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterNotice:
    """The accused's answer to a notice; silence on it is never guilt, and never consent."""

    id: str
    notice: str
    item: str | None = None  # NoticeItem id; None: against the whole notice
    reason: CounterReason
    elements: tuple[str, ...] = ()  # of those the profile names, what it carries
    received_at: datetime  # by us
    objected_at: datetime | None = None  # when the platform had it; None: it did not say
    response_due: datetime | None = None  # our clock; None: the regime names none
    our_response: Response | None = None  # None: not yet
    responded_by: str | None = None
    responded_at: datetime | None = None
    because: str | None = None  # our reason, in words
    court: str | None = None  # where an action is filed
    court_number: str | None = None
    filed_on: date | None = None
    raw_sha256: str  # what the platform passed on, in the vault

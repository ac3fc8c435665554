"""Who is told by webhook, of what, and each message on its way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class WebhookEvent(Enum):
    """What a message tells of; ids and words of closed lists alone, never a personal value."""

    BATCH_ANSWERED = "batch.answered"  # a platform answered items of a notice
    FINDING_DECIDED = "finding.decided"  # a person decided a finding, or took a decision back
    NOTICE_STATE = "notice.state"  # a notice was drafted, approved, signed, batched, sent, sent back or recalled
    LISTING_RETURNED = "listing.returned"  # what was noticed is offered again under another address


class MessageState(Enum):
    """Where a message stands."""

    READY = "ready"  # waits for its turn
    DELIVERED = "delivered"  # answered with 2xx
    DEAD = "dead"  # given up; a person may send it anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One address that is told; its secret stands sealed among the personal values."""

    id: str
    name: str
    url: str
    events: tuple[WebhookEvent, ...]
    holder: str | None = None  # Party id: hears of this holder's records only
    platform: str | None = None  # hears of what was sent to this platform only
    compartment: str | None = None
    read_to: int  # number of the audit trail up to which it was told
    made_by: str
    made_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    paused_at: datetime | None = None  # None: it is told
    paused_by: str | None = None  # who did; None: its receiver, by answering that it wants no more
    paused_because: str | None = None

    @property
    def is_told(self) -> bool:
        """Whether messages are made for it and sent."""
        return self.revoked_at is None and self.paused_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookMessage:
    """One message; its id is the `webhook-id` of every attempt, so that whoever had it knows it again."""

    id: str
    webhook: str
    event: WebhookEvent
    source: str  # what it was made from; one message a webhook
    body: str  # the JSON that is signed
    state: MessageState = MessageState.READY
    attempts: int = 0
    next_at: datetime | None = None  # None: never by itself
    status: int | None = None  # HTTP status of the latest attempt; None: no answer, or none made
    because: str | None = None  # what the latest attempt came to, in words
    made_at: datetime
    settled_at: datetime | None = None

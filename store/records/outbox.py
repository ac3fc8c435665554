"""What waits to be delivered, written in the transaction that released it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class OutboxState(Enum):
    """Where a delivery stands."""

    READY = "ready"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"  # the answer was lost: looked up later, never sent again blindly
    HELD = "held"  # waits for a person


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """One batch on its way to its platform; never twice under one key."""

    id: str
    batch: str
    idempotency_key: str
    state: OutboxState
    attempts: int = 0
    not_before: datetime | None = None
    queued_at: datetime

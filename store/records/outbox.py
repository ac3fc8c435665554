"""What waits to be delivered, written in the transaction that released it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class OutboxState(Enum):
    """Where a delivery stands."""

    READY = "ready"
    SENDING = "sending"  # somebody holds it; whether a byte has left is not known
    ACCEPTED = "accepted"  # the recipient said so, or a person did
    REJECTED = "rejected"  # the recipient said that it takes nothing of it
    UNKNOWN = "unknown"  # the answer was lost: looked up later, never sent again blindly
    HELD = "held"  # waits for a person
    WITHDRAWN = "withdrawn"  # a notice in it was recalled before anything left

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is to be done."""
        return self in (OutboxState.ACCEPTED, OutboxState.REJECTED, OutboxState.WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """One batch on its way to its platform; never twice under one key."""

    id: str
    batch: str
    idempotency_key: str
    state: OutboxState
    attempts: int = 0  # times that it was handed to the transport
    not_before: datetime | None = None
    queued_at: datetime
    because: str | None = None  # why it stands so, in words
    receipt: str | None = None  # the recipient's own reference
    answer_sha256: str | None = None  # the latest answer, in the vault
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrying:
    """A delivery that this process holds until `until`."""

    entry: OutboxEntry  # as it stood before
    platform: str
    owner: str
    epoch: int
    until: datetime

    @property
    def may_have_left(self) -> bool:
        """Whether an earlier attempt may have reached the recipient."""
        return self.entry.state is OutboxState.UNKNOWN

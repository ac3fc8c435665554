"""Keys to the outer doors: links to one batch, keys of programs, and what was handed in through them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Entrance(Enum):
    """A door of the house: an origin and a process of its own."""

    STAFF = "staff"  # the review desk
    HOLDER = "holder"  # rights holders
    PLATFORM = "platform"  # recipients of batches, by signed link
    API = "api"  # programs, by key


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLink:
    """One signed link to one batch; opened once, by one browser, which keeps it until the link ends."""

    id: str
    batch: str
    made_by: str
    made_at: datetime
    expires_at: datetime
    opened_at: datetime | None = None  # None: nobody has opened it yet
    opener_sha256: str | None = None  # of the cookie of the browser that did
    revoked_at: datetime | None = None
    revoked_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerReceipt:
    """What we said of answers as they were handed in; what became of each line stands in the vault."""

    id: str
    batch: str
    at: datetime
    by: str
    via: str  # link, api
    lines_sha256: str  # the canonical JSON of the receipt
    counts: dict[str, int]  # by fate


class ApiScope(Enum):
    """What a key may do."""

    REGISTRY_READ = "registry:read"
    REGISTRY_WRITE = "registry:write"
    FINDINGS_READ = "findings:read"
    CASES_READ = "cases:read"
    BATCHES_READ = "batches:read"
    ANSWERS_READ = "answers:read"
    ANSWERS_WRITE = "answers:write"
    SCHEDULES_READ = "schedules:read"
    SCHEDULES_WRITE = "schedules:write"
    TIPS_READ = "tips:read"
    TIPS_WRITE = "tips:write"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A program's key; its secret is never stored."""

    id: str
    name: str  # who acts under it, as it stands in the audit trail
    secret_sha256: str
    scopes: tuple[ApiScope, ...]
    holder: str | None = None  # Party id: sees only this holder's records
    platform: str | None = None  # sees only batches to this platform, and answers only for it
    compartment: str | None = None
    made_by: str
    made_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiReply:
    """What a request under an idempotency key was answered, given again to the same request."""

    key: str  # ApiKey id
    idempotency_key: str
    request_sha256: str  # of method, path and body
    status: int
    body: str
    at: datetime

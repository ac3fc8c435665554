"""The frontier: what is to be fetched, who has the lease, and what each host allows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class FetchKind(Enum):
    """What a fetch is expected to bring."""

    ROBOTS = "robots"
    CANARY = "canary"
    RESULTS = "results"
    LISTING = "listing"
    PHOTO = "photo"
    TITLE_PAGE = "title_page"
    PLAYER = "player"
    MANIFEST = "manifest"
    EVIDENCE = "evidence"


class FetchState(Enum):
    """Where a fetch stands."""

    PENDING = "pending"
    LEASED = "leased"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One URL to fetch in one run."""

    run: str
    fingerprint: str  # hex of the canonical request
    url: str
    host: str  # scheme://host:port, the unit of politeness
    kind: FetchKind
    parent: str | None = None  # capture id of the page that linked here; None for a seed
    depth: int = 0
    priority: int = 0  # higher first
    not_before: datetime | None = None
    state: FetchState = FetchState.PENDING
    attempts: int = 0
    hops: int = 0  # redirects followed to get here
    context: dict[str, str] = field(default_factory=dict)  # e.g. the search term, the listing id
    reason: str | None = None  # why it failed: not_saved, robots, http_404, timeout, too_large


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to fetch once. A commit under an older epoch is refused."""

    fetch: Fetch
    owner: str
    epoch: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Validator:
    """By what a server tells whether a page that was had before has changed. Source: RFC 9110, section 8.8."""

    fingerprint: str  # of the fetch, the same in every run
    url: str  # the address that gave it; another one is asked in full
    etag: str | None = None  # as sent, quotes and W/ included
    last_modified: str | None = None  # as sent
    capture: str  # Capture id: the bytes it speaks of
    kept_at: datetime  # when they were fetched


class RobotsVerdict(Enum):
    """What the host's robots.txt says of a URL, per RFC 9309."""

    ALLOWED = "allowed"
    DISALLOWED = "disallowed"
    UNREACHABLE = "unreachable"  # 5xx, time-out, network error: a full disallow
    ABSENT = "absent"  # 4xx: everything is allowed
    NOT_ASKED = "not_asked"  # a file, a replay, an import


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What is known of a host's manners."""

    host: str
    next_at: datetime | None = None
    delay_s: float = 0.0
    breaker_until: datetime | None = None
    failures: int = 0
    robots_status: int | None = None  # None: not asked yet, or never had
    robots_text: str | None = None
    robots_at: datetime | None = None
    robots_had_at: datetime | None = None  # when that status and text came; None: none came
    crawl_delay_s: float | None = None


class Scope(Enum):
    """What a budget is set for."""

    RUN = "run"
    HOST = "host"
    PATH = "path"  # a pattern of paths, as the platform file declares it
    TRAP = "trap"  # addresses of one form in which the crawl went round and round


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a run has used up of one budget, over all its processes and through every kill."""

    run: str
    scope: Scope
    key: str = ""  # the host, the pattern; empty for the run
    fetches: int = 0  # answers taken in
    size_bytes: int = 0  # of those answers, decompressed
    seconds: float = 0.0  # of a run: its processes at work; else from asking to having written the answer

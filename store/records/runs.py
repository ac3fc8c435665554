"""One run of a stage: what it ran with and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class RunKind(Enum):
    """Which stage ran."""

    CRAWL = "crawl"
    REPLAY = "replay"
    TIP = "tip"
    IMPORT = "import"
    SITE = "site"
    RECHECK = "recheck"  # listings looked at again, each twice, with control pages
    REGISTER = "register"
    MATCH = "match"
    CASES = "cases"
    NOTICES = "notices"


class RunState(Enum):
    """How a run stands. Only `complete` says that nothing is left and the counts agree."""

    RUNNING = "running"
    COMPLETE = "complete"
    BUDGET_EXHAUSTED = "budget_exhausted"
    UNFIT = "unfit"  # the harvest is under what the platform file expects: a broken rule, a block
    BLOCKED = "blocked"  # robots, a wall, or a host that stopped answering
    INTERRUPTED = "interrupted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a stage was run with, so that its results can be made again."""

    id: str
    kind: RunKind
    platform: str | None = None  # None where a run spans platforms
    state: RunState
    started_at: datetime
    ended_at: datetime | None = None  # None while running, or after a kill
    code_version: str
    config_digest: str  # SHA-256 of the declarations in force; the bytes are in the vault
    snapshot_digest: str | None = None  # None before anything is registered
    counts: dict[str, int] = field(default_factory=dict)
    alarms: tuple[str, ...] = ()  # sentences: a fill rate missed, a canary gone, a budget reached

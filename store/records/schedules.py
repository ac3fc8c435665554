"""When platforms are crawled: by the clock of a place, in seasons, and closely around an event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """Days of every year on which another rhythm holds, both included; may run over the year's end."""

    name: str
    first: str  # MM-DD
    last: str  # MM-DD
    cron: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A time, a match or a launch say, in which a platform is looked at every few minutes."""

    name: str
    begins_at: datetime
    ends_at: datetime
    every_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """
    When one platform is crawled. An event outweighs a season, a season the daily rhythm.

    `due_at` is the next time; whoever takes it holds `lease_until`, and `run` names the crawl that answers it, so
    that it is made once, whoever dies on the way.
    """

    id: str
    platform: str
    cron: str
    zone: str = "UTC"
    terms: tuple[str, ...] = ()  # search terms instead of the registry's
    seasons: tuple[Season, ...] = ()
    events: tuple[Event, ...] = ()
    priority: int = 0  # higher first
    enabled: bool = True
    entered_by: str
    entered_at: datetime
    due_at: datetime | None  # None: never again
    urgency: int = 0  # priority at `due_at`; an event comes before everything that has none
    lease_owner: str | None = None
    lease_until: datetime | None = None
    run: str | None = None  # of the time that is being answered
    last_due: datetime | None = None  # the latest time that was answered
    last_run: str | None = None

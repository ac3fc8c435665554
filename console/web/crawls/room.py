"""
What is looked at, how and when: plans with what they leave out, the calendar, health, robots and permissions.

Runs and platforms belong to the unit: a reader who is narrowed to a holder or a compartment sees none of it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from config.platform import Platform
from console.reach import reach_of
from console.web.review.seeing import sees_runs
from console.workspace import Workspace
from crawler.errors import NotLookable
from crawler.plan import CrawlPlan, plan, search_terms
from crawler.rhythm import next_due, zone_of
from store.db import tables
from store.db.authorities import Authorities
from store.db.hosts import Hosts
from store.db.opt_outs import OptOuts
from store.db.products import Products
from store.db.rights import Rights
from store.db.rows import record_of
from store.db.schedules import Schedules
from store.db.works import Works
from store.records.authorities import Authority
from store.records.fetches import Host
from store.records.ledger import OptOut
from store.records.runs import Run, RunKind, RunState
from store.records.schedules import Schedule
from store.records.scope import Scope

DAYS = 14  # of the calendar: what a person plans ahead
LATEST = 12  # crawls of a platform that its health is shown by
MOST_TIMES = 2_000  # of one schedule in the calendar; an event every minute for a day has 1,440
MOST_RUNS = 2_000  # read at once: fourteen days of hourly crawls of six platforms
UNWELL = (RunState.UNFIT, RunState.BLOCKED, RunState.FAILED, RunState.INTERRUPTED)
"""Runs that say nothing of what is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformLine:
    """One platform: how it is reached, what a crawl of it would do, and how the latest ones went."""

    platform: Platform
    reach: dict[str, Any]  # Any: as `reach_of` tells it
    plan: CrawlPlan | None  # None: it is not crawled, or there is nothing to look for
    latest: tuple[Run, ...]  # crawls, the oldest first
    schedules: int

    @property
    def unwell_in_a_row(self) -> int:
        """How many crawls in a row could not be trusted, up to now."""
        count = 0
        for run in reversed(self.latest):
            if run.state is RunState.RUNNING:
                continue
            if run.state not in UNWELL:
                break
            count += 1
        return count


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Crawls of one platform on one day."""

    platform: str
    first: datetime
    last: datetime
    times: int
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of the calendar, UTC."""

    on: date
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The whole page."""

    platforms: tuple[PlatformLine, ...]
    days: tuple[Day, ...]
    schedules: tuple[Schedule, ...]
    unwell: tuple[Run, ...]  # the newest first
    hosts: tuple[Host, ...]
    authorities: tuple[Authority, ...]  # those that count or wait first
    opt_outs: tuple[OptOut, ...]


def view_room(connection: Connection, workspace: Workspace, scope: Scope, now: datetime) -> Room | None:
    """Everything about crawls; None for a reader who does not see the unit's own."""
    if not sees_runs(scope):
        return None
    declared = workspace.declarations.platforms
    runs = _crawls(connection)
    schedules = Schedules(connection, scope).find()
    terms = _terms(connection, scope)
    plans = {name: _plan(each, terms) for name, each in declared.items() if each.reach.by in ("crawl", "api")}
    reach = {each["name"]: each for each in reach_of(workspace)}
    latest: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        if run.platform is not None and len(latest[run.platform]) < LATEST:
            latest[run.platform].append(run)
    lines = tuple(
        PlatformLine(
            platform=platform,
            reach=reach[name],
            plan=plans.get(name),
            latest=tuple(reversed(latest.get(name, []))),
            schedules=sum(1 for each in schedules if each.platform == name and each.enabled),
        )
        for name, platform in sorted(declared.items())
    )
    authorities = Authorities(connection, scope).find()
    return Room(
        platforms=tuple(sorted(lines, key=lambda line: (-line.unwell_in_a_row, line.platform.name))),
        days=calendar(schedules, now),
        schedules=tuple(sorted(schedules, key=lambda each: (not each.enabled, each.due_at or each.entered_at))),
        unwell=tuple(run for run in runs if run.state in UNWELL)[:LATEST],
        hosts=tuple(sorted(Hosts(connection, scope).find(), key=lambda host: host.host)),
        authorities=tuple(sorted(authorities, key=lambda each: (standing_of(each, now) == "ended", each.expires_at))),
        opt_outs=tuple(OptOuts(connection, scope).find()),
    )


def _plan(platform: Platform, terms: list[str]) -> CrawlPlan | None:
    try:
        return plan(platform, terms)
    except NotLookable:  # it has nothing to look for yet: no term in the registry, no page in its file
        return None


def calendar(schedules: list[Schedule], now: datetime) -> tuple[Day, ...]:
    """The next fortnight, day by day; days without a crawl are named too."""
    end = now + timedelta(days=DAYS)
    found: dict[tuple[date, str, str], list[datetime]] = defaultdict(list)
    for schedule in schedules:
        at = schedule.due_at if schedule.enabled else None
        for _ in range(MOST_TIMES):
            if at is None or at >= end:
                break
            shown = max(at, now)  # what is overdue is answered today
            found[shown.date(), schedule.platform, zone_of(schedule).key].append(shown)
            at = next_due(schedule, shown)
    first = now.date()
    days = []
    for number in range(DAYS):
        on = first + timedelta(days=number)
        slots = [
            Slot(platform=platform, first=min(times), last=max(times), times=len(times), zone=zone)
            for (day, platform, zone), times in found.items()
            if day == on
        ]
        days.append(Day(on=on, slots=tuple(sorted(slots, key=lambda slot: (slot.first, slot.platform)))))
    return tuple(days)


def standing_of(authority: Authority, now: datetime) -> str:
    """Where a permission stands: `waits` for a second person, `in force`, `later`, or `ended`."""
    if authority.revoked_at is not None or now >= authority.expires_at:
        return "ended"
    if authority.approved_at is None:
        return "waits"
    return "later" if now < authority.not_before else "in_force"


def _terms(connection: Connection, scope: Scope) -> list[str]:
    """What crawls search for, as `console.pipeline` takes it from a frozen registry; a page freezes nothing."""
    right, product, work = tables.right, tables.product, tables.work
    named = (
        select(right.c.mark_text).where(*Rights(connection, scope).narrowed()).order_by(right.c.id),
        select(product.c.name).where(*Products(connection, scope).narrowed()).order_by(product.c.id),
        select(work.c.title).where(*Works(connection, scope).narrowed()).order_by(work.c.id),
    )
    return search_terms(*(connection.execute(each).scalars().all() for each in named))


def _crawls(connection: Connection) -> list[Run]:
    """The latest crawls of all platforms, the newest first."""
    run = tables.run
    statement = select(run).where(run.c.kind == RunKind.CRAWL.value).order_by(run.c.id.desc()).limit(MOST_RUNS)
    return [record_of(Run, row) for row in connection.execute(statement)]

"""Schedules entered, paused and answered: each due time is crawled once, after downtime and beside other workers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event, Thread

from crawler.errors import BadSchedule
from crawler.rhythm import check_schedule, next_due, priority_at
from store.db.audit import act_of
from store.db.schedules import Schedules
from store.db.session import Database
from store.records.ids import Clock, NewId
from store.records.ledger import AuditEntry
from store.records.schedules import Schedule
from store.records.scope import EVERYTHING

LEASE = timedelta(seconds=90)  # chosen: how long a killed worker's schedule waits for another
HOLD_EVERY_S = 20.0
TRY_AGAIN = timedelta(minutes=5)  # chosen: a crawl that could not begin is tried again then


def enter(database: Database, schedule: Schedule, *, ids: NewId) -> Schedule:
    """
    Write down a schedule, due from now on; entered again alike, it is the one that stands. Raises `BadSchedule`.
    """
    check_schedule(schedule)
    schedule = _due_after(schedule, schedule.entered_at)
    with database.write() as connection:
        schedules = Schedules(connection, EVERYTHING)
        for known in schedules.find(schedules.table.c.platform == schedule.platform):
            if _rhythm(known) == _rhythm(schedule):
                return known
        schedules.write([schedule], _act(schedule, schedule.entered_by, "enter_schedule", schedule.entered_at, ids))
    return schedule


def switch(database: Database, id: str, *, on: bool, by: str, clock: Clock, ids: NewId) -> Schedule:
    """Pause a schedule or take it up again; times missed while it was paused are not made up for."""
    with database.write() as connection:
        schedules = Schedules(connection, EVERYTHING)
        found = _known(schedules, id)
        if found.enabled is on:
            return found
        changed = replace(found, enabled=on)
        if on:
            changed = _due_after(changed, clock())
        schedules.write([changed], _act(changed, by, "resume_schedule" if on else "pause_schedule", clock(), ids))
    return changed


def remove(database: Database, id: str, *, by: str, clock: Clock, ids: NewId) -> Schedule:
    """Take a schedule out; the audit trail keeps that it was there."""
    with database.write() as connection:
        schedules = Schedules(connection, EVERYTHING)
        found = _known(schedules, id)
        schedules.write([found], _act(found, by, "remove_schedule", clock(), ids))
        connection.execute(schedules.table.delete().where(schedules.table.c.id == id))
    return found


def claim(database: Database, owner: str, *, clock: Clock, ids: NewId) -> Schedule | None:
    """The most urgent schedule that is due, for this worker alone; None when nothing is due."""
    with database.write() as connection:
        now = clock()
        return Schedules(connection, EVERYTHING).claim(owner, now, now + LEASE, ids)


def answered(database: Database, schedule: Schedule, *, clock: Clock) -> None:
    """Its crawl has ended: it is due again at its next time after now, whatever was missed meanwhile."""
    following = _due_after(schedule, clock())
    with database.write() as connection:
        Schedules(connection, EVERYTHING).answered(schedule, following.due_at, following.urgency)


def let_go(database: Database, schedule: Schedule, *, clock: Clock, wait: timedelta = TRY_AGAIN) -> None:
    """Its crawl could not be made or ended: whoever comes after `wait` goes on with it."""
    with database.write() as connection:
        Schedules(connection, EVERYTHING).let_go(schedule, clock() + wait)


@contextmanager
def held(database: Database, schedule: Schedule, *, clock: Clock, every_s: float = HOLD_EVERY_S) -> Iterator[None]:
    """Hold a schedule while its crawl runs, so that no other worker takes it."""
    assert schedule.lease_owner is not None, "only a claimed schedule is held"
    owner, done = schedule.lease_owner, Event()

    def hold() -> None:
        while not done.wait(every_s):
            with database.write() as connection:
                Schedules(connection, EVERYTHING).hold(schedule.id, owner, clock() + LEASE)

    thread = Thread(target=hold, name="schedule", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def next_time(database: Database) -> datetime | None:
    """When the next schedule is due, whoever holds it; None without one."""
    with database.read() as connection:
        schedules = Schedules(connection, EVERYTHING)
        due = [each.due_at for each in schedules.find(schedules.table.c.enabled) if each.due_at is not None]
    return min(due, default=None)


def _due_after(schedule: Schedule, after: datetime) -> Schedule:
    due_at = next_due(schedule, after)
    urgency = priority_at(schedule, due_at) if due_at is not None else schedule.priority
    return replace(schedule, due_at=due_at, urgency=urgency)


def _rhythm(schedule: Schedule) -> tuple[object, ...]:
    return (
        schedule.cron,
        schedule.zone,
        schedule.terms,
        schedule.seasons,
        schedule.events,
        schedule.priority,
        schedule.enabled,
    )


def _known(schedules: Schedules, id: str) -> Schedule:
    found = schedules.get(id)
    if found is None:
        raise BadSchedule(id, "there is none of that id; `marque schedules list` shows all")
    return found


def _act(schedule: Schedule, by: str, action: str, at: datetime, ids: NewId) -> AuditEntry:
    detail = {"platform": schedule.platform, "cron": schedule.cron, "zone": schedule.zone}
    return act_of(by, action, "schedule", schedule.id, clock=lambda: at, ids=ids, detail=detail)

"""Each due time is answered once: by one of two workers, after downtime, and after a worker died on the way."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Thread

import pytest

from crawler.errors import BadSchedule
from crawler.schedules import LEASE, answered, claim, enter, held, let_go, next_time, remove, switch
from store.db.audit import AuditTrail
from store.db.schedules import Schedules
from store.db.session import Database
from store.records.schedules import Schedule
from store.records.scope import EVERYTHING

NUMBERS = count()
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Watch:
    """A clock that is set by hand."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def ids() -> str:
    """Ids in order."""
    return f"id-{next(NUMBERS):05}"


def hourly(database: Database, platform: str = "shop", **more: object) -> Schedule:
    """A schedule for every full hour, entered at noon."""
    values = {"cron": "0 * * * *", "entered_by": "Jane Roe", "entered_at": NOON, "due_at": None, **more}
    return enter(database, Schedule(id=ids(), platform=platform, **values), ids=ids)  # type: ignore[arg-type]  # any field


def test_a_due_time_is_one_workers(database: Database) -> None:
    hourly(database)
    watch = Watch(NOON + timedelta(hours=1))
    first = claim(database, "a", clock=watch, ids=ids)
    assert first is not None
    assert claim(database, "b", clock=watch, ids=ids) is None
    answered(database, first, clock=watch)
    assert claim(database, "b", clock=watch, ids=ids) is None, "answered, so nothing is due"
    assert next_time(database) == NOON + timedelta(hours=2)


def test_what_fell_into_a_downtime_is_answered_once(database: Database) -> None:
    hourly(database)
    watch = Watch(NOON + timedelta(days=3, minutes=5))
    taken = claim(database, "a", clock=watch, ids=ids)
    assert taken is not None
    answered(database, taken, clock=watch)
    assert claim(database, "a", clock=watch, ids=ids) is None
    assert next_time(database) == NOON + timedelta(days=3, hours=1)


def test_whoever_takes_over_from_a_dead_worker_goes_on_with_its_run(database: Database) -> None:
    hourly(database)
    watch = Watch(NOON + timedelta(hours=1))
    dead = claim(database, "a", clock=watch, ids=ids)
    watch.now += LEASE + timedelta(seconds=1)
    heir = claim(database, "b", clock=watch, ids=ids)
    assert dead is not None and heir is not None
    assert heir.run == dead.run
    answered(database, dead, clock=watch)
    assert claim(database, "c", clock=watch, ids=ids) is None, "a late word of the dead one changes nothing"
    answered(database, heir, clock=watch)
    with database.read() as connection:
        (found,) = Schedules(connection, EVERYTHING).find()
    assert (found.last_run, found.run, found.lease_owner) == (heir.run, None, None)


def test_holding_on_keeps_others_away(database: Database) -> None:
    hourly(database)
    watch = Watch(NOON + timedelta(hours=1))
    taken = claim(database, "a", clock=watch, ids=ids)
    assert taken is not None
    with held(database, taken, clock=watch, every_s=0.01):
        watch.now += LEASE - timedelta(seconds=1)
        until = None
        while until is None or until < watch.now + LEASE:
            with database.read() as connection:
                until = Schedules(connection, EVERYTHING).find()[0].lease_until
        watch.now += timedelta(seconds=5)
        assert claim(database, "b", clock=watch, ids=ids) is None


def test_a_crawl_that_could_not_be_made_is_tried_again_later(database: Database) -> None:
    hourly(database)
    watch = Watch(NOON + timedelta(hours=1))
    taken = claim(database, "a", clock=watch, ids=ids)
    assert taken is not None
    let_go(database, taken, clock=watch)
    assert claim(database, "b", clock=watch, ids=ids) is None
    watch.now += timedelta(minutes=6)
    again = claim(database, "b", clock=watch, ids=ids)
    assert again is not None and again.run == taken.run


def test_two_workers_at_once_answer_each_schedule_once(database: Database) -> None:
    for number in range(24):
        hourly(database, f"shop{number}", priority=number % 3)
    watch = Watch(NOON + timedelta(hours=1))
    taken: list[str] = []

    def work(owner: str) -> None:
        while (mine := claim(database, owner, clock=watch, ids=ids)) is not None:
            taken.append(mine.platform)
            answered(database, mine, clock=watch)

    threads = [Thread(target=work, args=(owner,)) for owner in ("a", "b", "c", "d")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(taken) == Counter({f"shop{number}": 1 for number in range(24)})


def test_the_urgent_goes_first(database: Database) -> None:
    hourly(database, "later")
    hourly(database, "urgent", priority=5)
    watch = Watch(NOON + timedelta(hours=1))
    taken = claim(database, "a", clock=watch, ids=ids)
    assert taken is not None and taken.platform == "urgent"


def test_every_change_of_a_schedule_is_somebodys_act(database: Database) -> None:
    schedule = hourly(database)
    assert hourly(database) == schedule, "the same again changes nothing"
    watch = Watch(NOON + timedelta(hours=5))
    switch(database, schedule.id, on=False, by="Max", clock=watch, ids=ids)
    assert claim(database, "a", clock=watch, ids=ids) is None, "paused"
    resumed = switch(database, schedule.id, on=True, by="Max", clock=watch, ids=ids)
    assert resumed.due_at == NOON + timedelta(hours=6), "what was missed while paused is not made up for"
    remove(database, schedule.id, by="Max", clock=watch, ids=ids)
    with pytest.raises(BadSchedule, match="none of that id"):
        remove(database, schedule.id, by="Max", clock=watch, ids=ids)
    with database.read() as connection:
        acts = [entry.action for entry in AuditTrail(connection, EVERYTHING).of_subject(schedule.id)]
    assert acts == ["enter_schedule", "pause_schedule", "resume_schedule", "remove_schedule"]

"""When a schedule is due next: clocks that change, seasons over the year's end, events, and nonsense refused."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import BadSchedule
from crawler.rhythm import check_schedule, next_due, priority_at
from store.records.schedules import Event, Schedule, Season

ADVENT = Season(name="advent", first="11-25", last="01-06", cron="0 */6 * * *")
FINAL = Event(
    name="final",
    begins_at=datetime(2026, 12, 1, 18, tzinfo=UTC),
    ends_at=datetime(2026, 12, 1, 20, tzinfo=UTC),
    every_min=30,
)


def schedule(cron: str = "30 4 * * *", zone: str = "Europe/Stockholm", **more: object) -> Schedule:
    """A schedule as entered."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    base = Schedule(id="s", platform="shop", cron=cron, zone=zone, entered_by="Jane", entered_at=at, due_at=None)
    return dataclasses.replace(base, **more)


def times(schedule: Schedule, after: datetime, count: int) -> list[str]:
    """The next times in UTC."""
    found: list[str] = []
    at: datetime | None = after
    while len(found) < count:
        assert at is not None
        at = next_due(schedule, at)
        found.append(f"{at:%m-%d %H:%M}" if at is not None else "never")
        if at is None:
            break
    return found


def test_the_clock_of_the_place_counts_in_summer_and_winter() -> None:
    """Half past two does not exist on 29 March in Stockholm, and exists twice on 25 October."""
    night = schedule("30 2 * * *")
    assert times(night, datetime(2026, 3, 27, 12, tzinfo=UTC), 3) == ["03-28 01:30", "03-29 01:00", "03-30 00:30"]
    assert times(night, datetime(2026, 10, 24, 12, tzinfo=UTC), 2) == ["10-25 00:30", "10-26 01:30"]


def test_a_season_has_its_own_rhythm_also_over_the_years_end() -> None:
    winter = schedule("0 4 * * *", zone="UTC", seasons=(ADVENT,))
    assert times(winter, datetime(2026, 11, 24, tzinfo=UTC), 3) == ["11-24 04:00", "11-25 00:00", "11-25 06:00"]
    assert times(winter, datetime(2027, 1, 6, 17, tzinfo=UTC), 3) == ["01-06 18:00", "01-07 04:00", "01-08 04:00"]


def test_an_event_is_looked_at_every_few_minutes_and_comes_first() -> None:
    close = schedule("0 * * * *", zone="UTC", events=(FINAL,), priority=3)
    found = times(close, datetime(2026, 12, 1, 16, 30, tzinfo=UTC), 7)
    assert found == [f"12-01 {clock}" for clock in ("17:00", "18:00", "18:30", "19:00", "19:30", "20:00", "21:00")]
    assert priority_at(close, FINAL.begins_at) > priority_at(close, FINAL.ends_at) == 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cron": "every day"}, "five fields"),
        ({"cron": "61 4 * * *"}, "five fields"),
        ({"cron": "0 4 30 2 *"}, "five fields"),
        ({"zone": "Oslo"}, "Europe/Oslo"),
        ({"zone": "../etc/passwd"}, "Europe/Oslo"),
        ({"seasons": (dataclasses.replace(ADVENT, first="13-01"),)}, "11-15"),
        ({"seasons": (dataclasses.replace(ADVENT, cron="x"),)}, "five fields"),
        ({"events": (dataclasses.replace(FINAL, every_min=0),)}, "less than 1 minute"),
        ({"events": (dataclasses.replace(FINAL, ends_at=FINAL.begins_at),)}, "end after it begins"),
    ],
)
def test_what_nobody_can_follow_is_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(BadSchedule, match=said):
        check_schedule(schedule(**change))


@given(
    st.integers(0, 2 * 366 * 24 * 3600),
    st.sampled_from(["*/15 * * * *", "0 3 * * 1-5", "30 2 * * *", "0 0 1 * *"]),
    st.sampled_from(["UTC", "Europe/London", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]),
)
def test_the_next_time_is_later_and_none_lies_between(seconds: int, cron: str, zone: str) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    rhythm = schedule(cron, zone)
    following = next_due(rhythm, at)
    assert following is not None
    assert following > at
    assert next_due(rhythm, following - timedelta(seconds=1)) == following

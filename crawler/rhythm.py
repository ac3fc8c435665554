"""
When a schedule is due next: cron by the clock of a place, seasons, and events in which a platform is watched closely.

Pure. Times that fell into a downtime are not made up for one by one: the next answer covers them all.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from crawler.errors import BadSchedule
from store.records.schedules import Event, Schedule, Season

SHORTEST_MIN = 1  # chosen: a crawl more often than each minute never ends before the next
LONGEST_EVENT = timedelta(days=14)  # chosen: what lasts longer is a season
STEPS = 2_000  # times of one rhythm looked at before saying that it never comes: five years of daily ones
_DAY = re.compile(r"(\d{2})-(\d{2})")


def check_schedule(schedule: Schedule) -> None:
    """Raise `BadSchedule` for a rhythm nobody can follow."""
    zone_of(schedule)
    _next_cron(schedule, schedule.cron, datetime(2026, 1, 1, tzinfo=UTC))
    for season in schedule.seasons:
        _day_of(schedule, season.first)
        _day_of(schedule, season.last)
        _next_cron(schedule, season.cron, datetime(2026, 1, 1, tzinfo=UTC))
    for event in schedule.events:
        if event.every_min < SHORTEST_MIN:
            raise BadSchedule(schedule.platform, f"event {event.name!r} asks for less than {SHORTEST_MIN} minute")
        if not timedelta(0) < event.ends_at - event.begins_at <= LONGEST_EVENT:
            why = f"event {event.name!r} has to end after it begins, within {LONGEST_EVENT.days} days"
            raise BadSchedule(schedule.platform, why)


def zone_of(schedule: Schedule) -> ZoneInfo:
    """The place by whose clock the schedule goes. Raises `BadSchedule`."""
    try:
        return ZoneInfo(schedule.zone)
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise BadSchedule(schedule.platform, f"zone {schedule.zone!r}: {error}; write it like Europe/Oslo") from error


def next_due(schedule: Schedule, after: datetime) -> datetime | None:
    """
    The first time after `after` at which the schedule asks for a crawl, in UTC; None when there is none.

    An hour that the clocks skip in spring counts as the hour after it, and one that comes twice in autumn counts
    once where the rhythm names it (cron's own rule, as Debian's cron keeps it).
    """
    found = [_next_of_event(event, after) for event in schedule.events]
    found += [_first_within(schedule, season, after) for season in (*schedule.seasons, None)]
    return min((time for time in found if time is not None), default=None)


def priority_at(schedule: Schedule, now: datetime) -> int:
    """How urgent the schedule is: an event under way comes before everything that has none."""
    return schedule.priority + (1_000 if _event_at(schedule, now) is not None else 0)


def _next_of_event(event: Event, after: datetime) -> datetime | None:
    if after < event.begins_at:
        return event.begins_at
    step = timedelta(minutes=event.every_min)
    time = event.begins_at + step * ((after - event.begins_at) // step + 1)
    return time if time < event.ends_at else None


def _first_within(schedule: Schedule, season: Season | None, after: datetime) -> datetime | None:
    """The first time of a season's rhythm, or of the daily one, at which that rhythm is the one in force."""
    time = after
    for _ in range(STEPS):
        following = _next_cron(schedule, schedule.cron if season is None else season.cron, time)
        if following is None:
            return None
        time = following
        if _event_at(schedule, time) is None and _season_at(schedule, time) == season:
            return time
    return None


def _event_at(schedule: Schedule, time: datetime) -> Event | None:
    return next((event for event in schedule.events if event.begins_at <= time < event.ends_at), None)


def _season_at(schedule: Schedule, time: datetime) -> Season | None:
    day = time.astimezone(zone_of(schedule)).date()
    return next((season for season in schedule.seasons if _is_within(schedule, season, day)), None)


def _is_within(schedule: Schedule, season: Season, day: date) -> bool:
    first, last = _day_of(schedule, season.first), _day_of(schedule, season.last)
    here = (day.month, day.day)
    return first <= here <= last if first <= last else here >= first or here <= last


def _day_of(schedule: Schedule, text: str) -> tuple[int, int]:
    found = _DAY.fullmatch(text)
    if found is not None:
        month, day = int(found.group(1)), int(found.group(2))
        try:
            date(2024, month, day)  # a leap year, so that 02-29 is a day
        except ValueError:
            pass
        else:
            return month, day
    raise BadSchedule(schedule.platform, f"{text!r} is no day of the year; write it like 11-15")


def _next_cron(schedule: Schedule, cron: str, after: datetime) -> datetime | None:
    there = after.astimezone(zone_of(schedule))
    try:
        return next(CronSim(cron, there)).astimezone(UTC)
    except StopIteration:
        return None
    except CronSimError as error:
        raise BadSchedule(schedule.platform, f"cron {cron!r}: {error}; five fields, like '30 4 * * 1-5'") from error

"""
When a clock of a profile ends that an event began: the earliest it can be where the act is ours, else the latest.

Whose midnight ends a day is rarely said. A clock names the places whose day may count: what we must do is due where
that day ends first, and by the hour where days are counted without exception; of what others owe, nobody complains
before the day is over everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from config.course import Clock
from reports.clocks.days import months_after, nth_day

OURS = "sender"
_END = time(23, 59, 59)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """When a clock ends, and how that was counted."""

    opens_at: datetime | None  # not before this, where the source gives a span
    due_at: datetime
    counted: str


def count(clock: Clock, at: datetime) -> Span:
    """The span of a clock that an event at `at` began. Raises `UnknownJurisdiction`."""
    ends = [_end(clock, at, ZoneInfo(zone)) for zone in clock.zones]
    due = min(ends) if clock.holder == OURS else max(ends)
    opens = None
    if clock.days is not None and clock.days_at_most is not None:
        opens = min(_start_of(_last(clock, _day(at, zone), clock.days), zone) for zone in map(ZoneInfo, clock.zones))
    return Span(opens_at=opens, due_at=due, counted=_words(clock))


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _start_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def _last(clock: Clock, start: date, days: int) -> date:
    return nth_day(start, days, clock.calendar, clock.holidays)


def _end(clock: Clock, at: datetime, zone: ZoneInfo) -> datetime:
    start = _day(at, zone)
    if clock.months is not None:
        last = months_after(start, clock.months)
    else:
        days = clock.days_at_most or clock.days or clock.patience_days
        assert days is not None, "a clock has days, months or patience"
        last = _last(clock, start, days)
        if clock.holder == OURS and clock.calendar == "calendar" and not clock.before:
            return at.astimezone(UTC) + timedelta(days=days)
    if clock.before:
        return _start_of(last, zone)
    return datetime.combine(last, _END, zone).astimezone(UTC)


def _words(clock: Clock) -> str:
    if clock.months is not None:
        much = f"{clock.months} months"
    else:
        kind = {"calendar": "days", "not_sundays": "days without Sundays"}.get(
            clock.calendar, f"business days of {clock.holidays}"
        )
        days = clock.days if clock.days is not None else clock.patience_days
        upto = f" to {clock.days_at_most}" if clock.days_at_most is not None else ""
        much = f"{days}{upto} {kind}"
    chosen = ", chosen here: the source names no number" if clock.patience_days is not None else ""
    before = ", done before the last of them begins" if clock.before else ""
    first = "first" if clock.holder == OURS else "last"
    place = f", ended where a day ends {first} of {', '.join(clock.zones)}" if len(clock.zones) > 1 else ""
    return f"{much}{chosen}{before}, from the day after: {clock.starts}{place}"

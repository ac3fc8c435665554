"""
Days as periods count them: every day, every day but Sundays, or business days of one jurisdiction.

The day of the event is never counted. Public holidays are those of the `holidays` library, without the network; for
years in which a government has not announced its days off yet they are its best knowledge, so that a count of
business days far ahead is renewed by the next refresh.
"""

from __future__ import annotations

import calendar as months_of
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from reports.errors import UnknownJurisdiction

if TYPE_CHECKING:
    from holidays import HolidayBase

Calendar = Literal["calendar", "business", "not_sundays"]
SUNDAY = 6


@lru_cache(maxsize=64)
def days_off(jurisdiction: str) -> HolidayBase:
    """
    Public holidays and weekly days of rest of a country (`US`) or a part of it (`DE-BY`).

    Raises `UnknownJurisdiction`.
    """
    from holidays import country_holidays, list_supported_countries  # its import takes as long as a whole command

    country, _, part = jurisdiction.partition("-")
    parts = list_supported_countries().get(country)
    if parts is None or (part and part not in parts):
        raise UnknownJurisdiction(jurisdiction)
    return country_holidays(country, subdiv=part or None)


def counts(day: date, calendar: Calendar, jurisdiction: str | None = None) -> bool:
    """Whether a day is one of the period's."""
    match calendar:
        case "calendar":
            return True
        case "not_sundays":
            return day.weekday() != SUNDAY
        case "business":
            return days_off(jurisdiction or "").is_working_day(day)


def nth_day(start: date, days: int, calendar: Calendar, jurisdiction: str | None = None) -> date:
    """The day on which a period of `days` ends that an event on `start` began; that day itself is not counted."""
    day, left = start, days
    while left > 0:
        day += timedelta(days=1)
        left -= counts(day, calendar, jurisdiction)
    return day


def months_after(start: date, months: int) -> date:
    """The day of the same number so many months later, or that month's last where it has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, months_of.monthrange(year, month + 1)[1]))

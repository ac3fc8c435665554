"""Clocks end on the day their source says, by the holidays of its place."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.course import Clock
from reports.clocks.counting import count
from reports.clocks.days import counts, days_off, months_after, nth_day
from reports.errors import UnknownJurisdiction
from tests import factories as make

PROFILES = make.SHIPPED_PROFILES


def clock(profile: str, code: str) -> Clock:
    return next(each for each in make.profile(profile).clocks if each.code == code)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


CASES = {
    # Received on Friday 20 November 2026; Thanksgiving on the 26th. Counted: 23 24 25 27 30 1 2 3 4 7 8 9 10 11.
    "DMCA, ours: before the tenth business day begins where it begins first": (
        ("us-dmca-512", "dmca_action", "2026-11-20T18:00:00Z"), "",
        "2026-12-07T05:00:00+00:00",
    ),
    "DMCA, theirs: from the tenth to the end of the fourteenth": (
        ("us-dmca-512", "dmca_putback", "2026-11-20T18:00:00Z"), "2026-12-07T05:00:00+00:00",
        "2026-12-12T07:59:59+00:00",
    ),
    # Evening of Friday in New York, Saturday in UTC: the day at the place counts.
    "DMCA, received after midnight in UTC": (
        ("us-dmca-512", "dmca_action", "2026-11-21T02:00:00Z"), "",
        "2026-12-07T05:00:00+00:00",
    ),
    # 4 July 2026 is a Saturday, kept on Friday the 3rd.
    "DMCA over a holiday that is kept on another day": (
        ("us-dmca-512", "dmca_putback", "2026-06-26T16:00:00Z"), "2026-07-13T04:00:00+00:00",
        "2026-07-18T06:59:59+00:00",
    ),
    # Paused on Friday 2 October 2026: Saturday 3, Monday 5, Tuesday 6; the Sunday is not counted.
    "Mercado Libre, the seller: three days without the Sunday": (
        ("mercado-libre", "bpp_seller", "2026-10-02T15:00:00Z"), "",
        "2026-10-07T05:59:59+00:00",
    ),
    # Handed in on Friday: Saturday, Sunday, Monday, by the hour.
    "Mercado Libre, ours: three days with the Sunday": (
        ("mercado-libre", "bpp_member", "2026-10-02T15:00:00Z"), "",
        "2026-10-05T15:00:00+00:00",
    ),
    # National Day 2026: off from 1 to 7 October. Received on 29 September: 30, 8, 9.
    "Alibaba, the seller's first: over the golden week": (
        ("alibaba-ipp", "ipp_counter_first", "2026-09-29T04:00:00Z"), "",
        "2026-10-09T15:59:59+00:00",
    ),
    "Amazon: ten days, the word business is absent": (
        ("amazon-report", "amazon_counter", "2026-11-20T18:00:00Z"), "",
        "2026-11-30T18:00:00+00:00",
    ),
    "DSA: six months after a decision at the end of August": (
        ("eu-dsa-16", "dsa_complaint", "2026-08-31T12:00:00Z"), "",
        "2027-02-28T21:59:59+00:00",
    ),
    "DSA: the dispute body has 90 to 180 days": (
        ("eu-dsa-16", "dsa_ods", "2026-03-02T12:00:00Z"), "2026-05-30T21:00:00+00:00",
        "2026-08-29T22:59:59+00:00",
    ),
    "DSA: no number, so our patience": (
        ("eu-dsa-16", "dsa_decision", "2026-03-02T12:00:00Z"), "",
        "2026-03-09T23:59:59+00:00",
    ),
    "eBay asks back on a Friday: two working days": (
        ("ebay-vero", "vero_clarify", "2026-10-09T18:00:00Z"), "",
        "2026-10-15T03:59:59+00:00",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_clock_ends_as_its_source_says(name: str) -> None:
    (profile, code, begun), opens, due = CASES[name]
    span = count(clock(profile, code), at(begun))
    assert (span.opens_at, span.due_at) == (at(opens) if opens else None, at(due))


def test_every_clock_of_every_shipped_profile_can_be_counted_and_says_how() -> None:
    for name in PROFILES:
        profile = make.profile(name)
        for each in profile.clocks:
            span = count(each, at("2026-11-20T18:00:00Z"))
            assert span.due_at > at("2026-11-20T18:00:00Z") and each.starts in span.counted
            assert profile.sources_of(f"clocks.{each.code}")


def test_an_unknown_place_is_refused_with_the_way_out() -> None:
    with pytest.raises(UnknownJurisdiction, match="ISO 3166"):
        days_off("QQ")


FIRST = datetime(2024, 1, 1, tzinfo=UTC)
WORDS = {"code": "x", "starts": "it", "event": "left", "ends": ["decided"]}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    start=st.integers(0, 6 * 365 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes)),
    days=st.integers(1, 40),
    calendar=st.sampled_from(["calendar", "business", "not_sundays"]),
)
def test_ours_is_never_due_after_theirs_and_no_day_off_is_counted(start: datetime, days: int, calendar: str) -> None:
    more = {"holidays": "US"} if calendar == "business" else {}
    zones = ["America/New_York", "America/Los_Angeles"]
    made = [
        Clock.model_validate({**WORDS, "days": days, "calendar": calendar, "holder": holder, "zones": zones, **more})
        for holder in ("sender", "recipient")
    ]
    ours, theirs = (count(each, start).due_at for each in made)
    assert start < ours <= theirs
    day = nth_day(start.date(), days, made[0].calendar, "US")
    between = [start.date() + timedelta(days=n + 1) for n in range((day - start.date()).days)]
    assert sum(counts(each, made[0].calendar, "US") for each in between) == days


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_months_end_on_the_same_number_or_the_last_day(start: date, months: int, end: date) -> None:
    assert months_after(start, months) == end

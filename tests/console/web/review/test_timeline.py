"""A listing's drawing says what its looks say: prices of one currency to scale, absence as absence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from console.web.review.timeline import HEIGHT, PAD, WIDTH, timeline_of
from store.records.listings import ListingState, Observation
from store.records.money import Money
from tests import factories as make


def look(day: int, amount: int | None, currency: str = "SEK", state: ListingState = ListingState.LIVE) -> Observation:
    made = make.observation(day)
    price = make.seen(Money(amount=Decimal(amount), currency=currency)) if amount is not None else None
    fields = replace(made.fields, price=price)
    return replace(made, fields=fields, observed_at=make.NOW + timedelta(days=day), state=state)


def test_prices_stand_to_scale_and_time_runs_to_the_right() -> None:
    drawn = timeline_of([look(4, 200), look(1, 150), look(0, 100)])
    assert drawn is not None
    assert [round(mark.x) for mark in drawn.marks] == [PAD, PAD + (WIDTH - 2 * PAD) // 4, WIDTH - PAD]
    first, middle, last = (mark.y for mark in drawn.marks)
    assert first == HEIGHT - PAD
    assert first is not None and middle is not None and last is not None
    assert first - middle == middle - last
    assert drawn.line.count(",") == 3


def test_what_has_no_price_or_another_currency_is_not_on_the_line() -> None:
    gone = look(2, None, state=ListingState.GONE)
    drawn = timeline_of([look(3, 120), gone, look(1, 90, "EUR"), look(0, 100)])
    assert drawn is not None
    assert [mark.y is None for mark in drawn.marks] == [False, True, True, False]
    assert [mark.is_there for mark in drawn.marks] == [True, True, False, True]
    assert timeline_of([look(0, 100)]) is None
    bare = timeline_of([look(1, None), look(0, None)])
    assert bare is not None
    assert (bare.line, bare.low) == ("", None)

"""The market of a hundred days: one seed, one course; and the office that plays it keeps its ledger true."""

from __future__ import annotations

from exercise.days import Disguise, Market
from tests.benchmarks.days import play


def course(seed: int) -> list[tuple[int, str, int, int | None]]:
    market = Market(seed)
    for day in range(30):
        for offer in market.open_day(day):
            market.remove(offer, day + 1)
    return [(o.number, o.title, o.photo, o.before) for o in market.offers.values()]


def test_one_seed_gives_one_course_with_returns_of_every_kind() -> None:
    assert course(3) == course(3) != course(4)
    market = Market(3)
    for day in range(60):
        for offer in market.open_day(day):
            market.remove(offer, day + 1)
    returns = [offer for offer in market.offers.values() if offer.before is not None]
    assert {offer.disguise for offer in returns} == set(Disguise)
    for offer in returns:
        old = market.offers[offer.before or 0]
        assert offer.day > old.day and offer.infringes and old.infringes
        same = (offer.photo == old.photo, offer.title == old.title, offer.seller == old.seller)
        near = (offer.photo ^ old.photo).bit_count() <= 20
        assert any((*same, near)) is (offer.disguise is not Disguise.EVERYTHING)


def test_a_week_of_the_office_is_told_truly() -> None:
    played = play(6, 5)
    assert played.noticed > 5 and played.answers > 3 and played.refused_answers == 0
    assert played.marks == played.true_marks
    assert played.wrong_links == 0 and played.linked_right == played.linked <= played.back
    assert played.ours_met == played.ours_ended and played.right_answers == played.objections

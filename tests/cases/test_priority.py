"""A priority says why."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cases.priority import rank_case
from store.records.findings import Band
from tests import factories as make


def test_danger_to_people_comes_first() -> None:
    plain = rank_case([make.finding(n) for n in range(1, 9)], [make.product()])
    danger = rank_case([make.finding(1)], [make.product(safety_class="lithium battery")])
    assert danger.score > plain.score
    assert danger.reasons[0] == "a fake endangers people: Aurelia Solaris 40 (lithium battery)"


def test_more_listings_of_one_account_weigh_more() -> None:
    scores = [rank_case([make.finding(n) for n in range(1, many + 1)], []).score for many in (1, 2, 5, 10, 20)]
    assert scores == sorted(scores) and scores[-1] == scores[-2]


def test_an_account_that_goes_on_after_its_platform_acted_weighs_more_and_is_told() -> None:
    findings = [make.finding(number) for number in (1, 2)]
    fresh = rank_case(findings, [])
    again = rank_case(findings, [], acted_on=frozenset({findings[0].listing, "elsewhere"}))
    assert again.score > fresh.score
    assert "the platform acted on 2 other listing(s) of the account before" in again.reasons
    # Nothing new was found since: what was removed is no further offence.
    assert rank_case(findings, [], acted_on=frozenset(each.listing for each in findings)) == fresh


def test_reach_is_what_the_pages_say_was_sold() -> None:
    scores = [rank_case([make.finding(1)], [], sold=sold).score for sold in (0, 5, 100, 5000)]
    assert scores == sorted(scores) and scores[0] < scores[1] and scores[2] == scores[3]


@given(
    bands=st.lists(st.sampled_from(list(Band)), max_size=30),
    danger=st.booleans(),
    before=st.integers(0, 9),
    sold=st.integers(0, 10**9),
)
def test_every_priority_is_a_share_with_a_reason(bands: list[Band], danger: bool, before: int, sold: int) -> None:
    findings = [make.finding(number, band=band) for number, band in enumerate(bands, 1)]
    rank = rank_case(findings, [make.product(safety_class="helmet" if danger else None)],
                     acted_on=frozenset(map(str, range(before))), sold=sold)  # fmt: skip
    assert 0 <= rank.score <= 1 and rank.reasons

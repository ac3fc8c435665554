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


@given(
    bands=st.lists(st.sampled_from(list(Band)), max_size=30),
    danger=st.booleans(),
)
def test_every_priority_is_a_share_with_a_reason(bands: list[Band], danger: bool) -> None:
    findings = [make.finding(number, band=band) for number, band in enumerate(bands, 1)]
    rank = rank_case(findings, [make.product(safety_class="helmet" if danger else None)])
    assert 0 <= rank.score <= 1 and rank.reasons

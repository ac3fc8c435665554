"""Sending stops before a platform's confidence would be lost, and not for silence or form."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.course import Standard
from reports.answers.lifecycle import Standing
from reports.budget.marks import Mark, Tally, mark_of, tally_of, wilson
from reports.budget.standing import Budget, judge
from store.records.outcomes import OutcomeStatus

ALIBABA, AMAZON = Standard(floor=0.9, reversed_most=0.05), Standard(floor=0.99)


def stand(status: OutcomeStatus | None) -> Standing:
    return Standing(status=status, action=None, decided_at=None, unmapped=())


@pytest.mark.parametrize(
    ("status", "was_actioned", "taken_back", "mark"),
    [
        (OutcomeStatus.ACTIONED, True, False, Mark.UPHELD),
        (OutcomeStatus.PARTLY_ACTIONED, True, False, Mark.UPHELD),
        (OutcomeStatus.REJECTED, False, False, Mark.REFUSED),
        (OutcomeStatus.REINSTATED, True, False, Mark.REVERSED),
        (OutcomeStatus.FAILED, False, False, Mark.FORM),
        (OutcomeStatus.COUNTER_NOTICED, True, False, Mark.OPEN),
        (OutcomeStatus.UNDER_REVIEW, False, False, Mark.OPEN),
        (None, False, False, Mark.OPEN),
        (OutcomeStatus.ACTIONED, True, True, Mark.REVERSED),
        (None, False, True, Mark.WITHDRAWN),
    ],
)
def test_only_what_a_platform_decided_for_its_substance_counts(
    status: OutcomeStatus | None, was_actioned: bool, taken_back: bool, mark: Mark
) -> None:
    assert mark_of(stand(status), was_actioned=was_actioned, taken_back=taken_back) is mark


def test_silence_and_form_change_nothing() -> None:
    marks = [Mark.UPHELD] * 60 + [Mark.REFUSED]
    more = [*marks, *[Mark.OPEN] * 900, *[Mark.FORM] * 900, *[Mark.WITHDRAWN] * 900]
    one, other = judge(tally_of(marks), None), judge(tally_of(more), None)
    assert (one.budget, one.headroom) == (other.budget, other.headroom)


@pytest.mark.parametrize(
    ("upheld", "refused", "standard", "budget", "code"),
    [
        (0, 0, None, Budget.FEW, "BUDGET-2"),
        (49, 0, None, Budget.FEW, "BUDGET-2"),
        (50, 0, None, Budget.FREE, ""),
        (49, 1, None, Budget.STOPPED, "BUDGET-1"),  # 98 %, and at least 89.5 % by the interval
        (96, 4, None, Budget.FREE, ""),
        (95, 5, None, Budget.STOPPED, "BUDGET-1"),
        (3, 3, None, Budget.STOPPED, "BUDGET-1"),  # few, and lost whatever comes
        (200, 0, AMAZON, Budget.FEW, "BUDGET-2"),  # a spotless record of 200 proves 98.1 %
        (381, 0, AMAZON, Budget.FREE, ""),
        (380, 1, AMAZON, Budget.STOPPED, "BUDGET-1"),
        (100, 0, ALIBABA, Budget.FREE, ""),
    ],
)
def test_the_bar_is_kept_to_the_letter(
    upheld: int, refused: int, standard: Standard | None, budget: Budget, code: str
) -> None:
    found = judge(Tally(upheld=upheld, refused=refused), standard)
    assert (found.budget, found.code) == (budget, code)
    assert bool(found.way) is (budget is not Budget.FREE)


def test_reversals_stop_by_themselves_where_the_recipient_counts_them() -> None:
    assert judge(Tally(upheld=96, reversed=4), ALIBABA).budget is Budget.FREE
    assert judge(Tally(upheld=112, reversed=5), ALIBABA).budget is Budget.STOPPED  # one more would exceed 5 %
    assert judge(Tally(upheld=112, reversed=5), Standard(floor=0.9)).budget is Budget.FREE


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(upheld=st.integers(0, 600), wrong=st.integers(0, 60))
def test_the_share_is_still_above_the_floor_when_sending_stops(upheld: int, wrong: int) -> None:
    before, after = (judge(Tally(upheld=upheld, refused=wrong + n), None) for n in (0, 1))
    if before.budget is Budget.FREE and after.budget is Budget.STOPPED:
        assert upheld / (upheld + wrong + 1) >= 0.9 and before.headroom == 0
    if before.budget is Budget.FREE and before.headroom:
        assert judge(Tally(upheld=upheld, refused=wrong + before.headroom), None).budget is not Budget.STOPPED


def test_the_interval_is_wilsons() -> None:
    low, high = wilson(95, 100)
    assert (round(low, 4), round(high, 4)) == (0.8882, 0.9785)
    assert wilson(0, 0) == (0.0, 1.0)

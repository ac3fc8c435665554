"""Kaplan-Meier against a slow, plain recomputation, against a published table, and at its edges."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.analytics.survival import Spell, ended_within, median_days, survival

SPELLS = st.lists(st.builds(Spell, days=st.integers(0, 30).map(float), ended=st.booleans()), max_size=40)


def plainly(spells: list[Spell], days: float) -> tuple[Fraction, Fraction]:
    """The share that stands after `days`, and Greenwood's sum, by the definition: one case after the other."""
    share, spread = Fraction(1), Fraction(0)
    for at in sorted({spell.days for spell in spells if spell.ended and spell.days <= days}):
        left = sum(1 for spell in spells if spell.days >= at)
        ended = sum(1 for spell in spells if spell.ended and spell.days == at)
        share *= Fraction(left - ended, left)
        if left > ended:
            spread += Fraction(ended, left * (left - ended))
    return share, spread


@given(SPELLS)
def test_every_step_is_what_the_definition_says(spells: list[Spell]) -> None:
    steps = survival(spells)
    assert [step.days for step in steps[1:]] == sorted({spell.days for spell in spells})
    for step in steps[1:]:
        share, spread = plainly(spells, step.days)
        assert step.share == pytest.approx(float(share), abs=1e-12)
        assert step.at_risk == sum(1 for spell in spells if spell.days >= step.days)
        assert 0.0 <= step.low <= step.share + 1e-12 and step.share <= step.high + 1e-12 <= 1.0 + 1e-9
        if step.ended and 0 < share < 1:
            width = 1.96 * math.sqrt(spread) / -math.log(share)
            assert step.low == pytest.approx(float(share) ** math.exp(width), abs=1e-9)
            assert step.high == pytest.approx(float(share) ** math.exp(-width), abs=1e-9)


@given(SPELLS)
def test_the_order_of_the_cases_says_nothing(spells: list[Spell]) -> None:
    assert survival(spells) == survival(reversed(spells))


def test_the_remission_times_of_1963_give_their_published_shares() -> None:
    """Freireich and others 1963, 21 patients on 6-mercaptopurine, as printed in textbooks of survival analysis."""
    ended = (6, 6, 6, 7, 10, 13, 16, 22, 23)
    last_seen = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
    steps = survival(
        [*(Spell(days=float(d), ended=True) for d in ended), *(Spell(days=float(d), ended=False) for d in last_seen)]
    )
    shares = {step.days: round(step.share, 3) for step in steps if step.ended}
    assert shares == {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    assert median_days(steps) == 23
    within = ended_within(steps, 7)
    assert within is not None and round(within.share, 3) == 0.193
    assert ended_within(steps, 36) is None, "nobody was followed for as long"


def test_what_was_never_looked_at_again_tells_nothing() -> None:
    steps = survival([Spell(days=0.0, ended=False)] * 5)
    assert median_days(steps) is None and ended_within(steps, 7) is None
    assert survival([])[0].at_risk == 0 and ended_within(survival([]), 7) is None


def test_leaving_out_what_still_stands_would_flatter() -> None:
    quick = [Spell(days=1.0, ended=True)] * 2
    standing = [Spell(days=30.0, ended=False)] * 8
    assert median_days(survival(quick)) == 1
    assert median_days(survival([*quick, *standing])) is None


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="less than no time"):
        survival([Spell(days=-1.0, ended=True)])

"""A calibration follows the answers, holds still where they are few, and never turns evidence around."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.policy import CalibrationPolicy, IdentityPolicy
from matching.calibrate import Labelled, answer_of, draw_curve, fit_line, halves, measure
from matching.identity import bend, probability_of
from store.records.cases import RejectReason, Verdict

POLICY = IdentityPolicy()


def _drawn(slope: float, offset: float, n: int = 1500) -> list[Labelled]:
    draw = Random(4)
    pairs = []
    for number in range(n):
        odds = draw.uniform(-5, 5)
        same = draw.random() < 1 / (1 + math.exp(-(slope * odds + offset)))
        pairs.append(Labelled(odds=odds, same=same, group=f"seller {number // 3}"))
    return pairs


def test_the_line_that_answers_were_drawn_with_is_found_and_keeps_its_word() -> None:
    learn, report = halves(_drawn(0.5, 0.8))
    slope, offset = fit_line(learn, CalibrationPolicy())
    assert slope == pytest.approx(0.5, abs=0.1)
    assert offset == pytest.approx(0.8, abs=0.3)
    fitted = POLICY.model_copy(update={"calibration": CalibrationPolicy(slope=slope, offset=offset)})
    assert measure(report, fitted).error < 0.06 < measure(report, POLICY).error


def test_a_group_falls_whole_into_one_half() -> None:
    learn, report = halves(_drawn(1, 0))
    assert learn and report
    assert not {each.group for each in learn} & {each.group for each in report}


def test_too_few_answers_of_one_kind_teach_nothing() -> None:
    pairs = [Labelled(odds=1.0, same=True, group=str(n)) for n in range(100)]
    with pytest.raises(ValueError, match="needs 20 of each"):
        fit_line(pairs, CalibrationPolicy())


def test_parted_answers_do_not_drive_the_line_to_certainty() -> None:
    pairs = [Labelled(odds=odds, same=odds > 0, group=str(n)) for n, odds in enumerate([-3.0, 3.0] * 30)]
    slope, _ = fit_line(pairs, CalibrationPolicy())
    assert 1 <= slope < 4


def test_answers_against_the_evidence_never_turn_it_around() -> None:
    pairs = [Labelled(odds=odds, same=odds < 0, group=str(n)) for n, odds in enumerate([-3.0, 3.0] * 30)]
    assert fit_line(pairs, CalibrationPolicy())[0] > 0


@given(st.floats(-30, 30), st.floats(0.01, 10))
def test_more_evidence_is_never_less_likely_and_nothing_is_certain(odds: float, more: float) -> None:
    assert POLICY.least <= probability_of(odds, POLICY) <= probability_of(odds + more, POLICY) <= POLICY.most


BENT = POLICY.model_copy(
    update={"calibration": CalibrationPolicy(low=-1, below=0.2, high=1, top=3, above=0.05, slope=1.3, offset=0.9)}
)


@given(st.floats(-30, 30), st.floats(0.01, 10))
def test_bends_keep_the_order_of_evidence(odds: float, more: float) -> None:
    assert BENT.least <= probability_of(odds, BENT) <= probability_of(odds + more, BENT) <= BENT.most


def test_bends_join_without_a_step_and_leave_what_is_beyond_them_its_worth() -> None:
    line = BENT.calibration
    assert [bend(odds, line) for odds in (-6, -1, 0, 1, 2, 3, 5)] == pytest.approx([-2, -1, 0, 1, 1.05, 1.1, 3.1])
    assert [bend(odds, CalibrationPolicy()) for odds in (-6.5, 0, 6.5)] == [-6.5, 0, 6.5]


def test_a_line_is_fitted_to_bent_evidence() -> None:
    pairs = [
        Labelled(odds=each.odds, same=each.same, group=each.group)
        for each in _drawn(1.0, 0.0)
        if -1 <= each.odds <= 1 or each.odds < -4
    ]
    straight, bent = (fit_line(pairs, line)[0] for line in (CalibrationPolicy(), BENT.calibration))
    assert bent > straight


def test_strong_evidence_stands_above_less_strong() -> None:
    assert probability_of(6, POLICY) < probability_of(8, POLICY) < probability_of(11, POLICY)


@pytest.mark.parametrize(
    ("verdict", "reason", "same"),
    [
        (Verdict.CONFIRM, None, True),
        (Verdict.REJECT, RejectReason.GENUINE_RESALE, True),
        (Verdict.REJECT, RejectReason.COMPATIBLE_ACCESSORY, False),
        (Verdict.REJECT, RejectReason.BAD_CAPTURE, None),
        (Verdict.UNSURE, None, None),
    ],
)
def test_a_decision_says_of_identity_only_what_it_says(
    verdict: Verdict, reason: RejectReason | None, same: bool | None
) -> None:
    assert answer_of(verdict, reason) is same


def test_the_curve_is_drawn_with_its_error() -> None:
    drawn = draw_curve(measure(_drawn(1, 0), POLICY))
    assert drawn.startswith("<svg") and "1500 pairs" in drawn and drawn.count("<circle") >= 8

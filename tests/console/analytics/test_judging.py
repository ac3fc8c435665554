"""Precision by month and errors by reviewer, against counting by hand; charts against the figures they draw."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.analytics.asks import Ask, Group, Question, cases_of, league
from console.analytics.charts import curve_chart, nice_end, row_chart, ticks
from console.analytics.judging import Judged, Known, precision_by_month, reviewer_lines
from console.analytics.shares import Share
from console.analytics.survival import Spell, survival
from store.records.cases import Verdict

NOW = datetime(2026, 3, 31, tzinfo=UTC)


def ask(number: int, **more: object) -> Ask:
    values = {
        "item": f"i{number}",
        "notice": number,
        "listing": f"l{number}",
        "finding": f"f{number}",
        "title": "",
        "platform": "shopnest",
        "right": "r",
        "right_ref": "R-1",
        "seller": None,
        "asked_at": NOW - timedelta(days=10),
    }
    return Ask(**{**values, **more})  # type: ignore[arg-type]  # a test's own shape of the call


def test_what_is_open_counts_for_as_long_as_it_was_followed() -> None:
    asks = [
        ask(1, gone_at=NOW - timedelta(days=8), looked_at=NOW),
        ask(2, looked_at=NOW - timedelta(days=4)),
        ask(3),
    ]
    removal = cases_of(Question.REMOVAL, asks, NOW)
    assert [(case.spell.days, case.spell.ended) for case in removal] == [(2.0, True), (6.0, False), (0.0, False)]
    answers = cases_of(Question.ANSWERS, asks, NOW)
    assert {case.spell.days for case in answers} == {10.0}, "who does not answer is waited for until now"
    returns = cases_of(Question.RETURNS, [ask(1, gone_at=NOW - timedelta(days=8), followed_to=NOW), ask(2)], NOW)
    assert [(case.spell.days, case.spell.ended) for case in returns] == [(8.0, False)], "only what was gone"


def test_a_league_puts_what_is_sure_before_what_is_lucky() -> None:
    gone = {"gone_at": NOW - timedelta(days=9), "looked_at": NOW}
    lucky = [ask(n, platform="lucky", **gone) for n in range(2)]
    sure = [ask(n, platform="sure", **(gone if n < 90 else {"looked_at": NOW})) for n in range(100)]
    unknown = [ask(1, platform="unknown")]
    lines = league(cases_of(Question.REMOVAL, [*unknown, *lucky, *sure], NOW), Group.PLATFORM)
    assert [line.key for line in lines] == ["sure", "lucky", "unknown"]
    assert sum(line.asked for line in lines) == 103
    assert lines[0].ended == 90 and lines[0].within is not None and lines[0].within.share == pytest.approx(0.9)
    assert lines[2].within is None


def test_precision_is_confirmed_of_decided_month_by_month() -> None:
    def judged(month: int, verdict: Verdict) -> Judged:
        at = datetime(2026, month, 9, tzinfo=UTC)
        names = {"finding": "f", "title": "", "platform": "p", "right": "r", "right_ref": "R", "by": "Ann"}
        return Judged(**names, verdict=verdict, reason=None, at=at)

    lines = precision_by_month(
        [judged(2, Verdict.CONFIRM)] * 3 + [judged(2, Verdict.REJECT)] + [judged(1, Verdict.REJECT)]
    )
    assert [(line.month, line.precision.hits, line.precision.of) for line in lines] == [
        ("2026-01", 0, 1),
        ("2026-02", 3, 4),
    ]


def test_a_reviewer_s_errors_are_told_apart() -> None:
    def known(reviewer: str, expected: Verdict, verdict: Verdict) -> Known:
        return Known(finding="f", reviewer=reviewer, kind="known", expected=expected, verdict=verdict, at=NOW)

    lines = reviewer_lines(
        [known("Ann", Verdict.REJECT, Verdict.CONFIRM), known("Ann", Verdict.CONFIRM, Verdict.UNSURE)]
        + [known("Bo", Verdict.CONFIRM, Verdict.CONFIRM)] * 9
        + [known("Bo", Verdict.CONFIRM, Verdict.REJECT)]
    )
    assert [line.reviewer for line in lines] == ["Ann", "Bo"]
    assert dict(lines[0].by_kind) == {"wrongly_confirmed": 1, "wrongly_rejected": 0, "undecided": 1}
    assert (lines[1].wrong.hits, lines[1].wrong.of) == (1, 10)


@given(st.lists(st.builds(Spell, days=st.floats(0, 400), ended=st.booleans()), min_size=1, max_size=30))
def test_a_curve_never_rises_and_stays_inside_its_frame(spells: list[Spell]) -> None:
    steps = survival(spells)
    chart = curve_chart(steps)
    points = [part.split(" V") for part in chart.line.split("H")[1:]]
    across = [float(x) for x, _ in points]
    down = [float(y) for _, y in points]
    assert across == sorted(across) and down == sorted(down)
    assert all(44 <= x <= 468.01 for x in across) and all(12 <= y <= 216 for y in down)
    assert chart.x_ticks[-1].value == pytest.approx(chart.most) and len(chart.x_ticks) <= 8


@given(st.floats(0.001, 1e6))
def test_an_axis_ends_on_a_round_value_at_or_above_the_last(value: float) -> None:
    end = nice_end(value)
    assert end >= value * (1 - 1e-9)
    assert ticks(end)[-1] == pytest.approx(end) and len(ticks(end)) <= 8


def test_a_row_s_interval_holds_its_dot() -> None:
    share = Share(hits=3, of=10)
    assert share.value is not None
    (mark,) = row_chart([("Ann", share.value, *share.interval)]).marks
    assert mark.low < mark.at < mark.high

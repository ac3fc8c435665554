"""
Charts as numbers: where each line, dot and label stands, for a template to draw as SVG.

Everything is in units of one view box, so that the page scales it. Nothing here knows colours or languages.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from console.analytics.survival import Step

WIDTH, HEIGHT = 480.0, 250.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 12.0, 12.0, 34.0  # room for labels
ROW = 30.0  # height of one line of a league chart
NAME = 150.0  # room for its names
STEPS = (1, 2, 5)
MOST_TICKS = 6
MOST_ROWS = 20  # of a league chart; the table holds all


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A mark on an axis."""

    at: float
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveChart:
    """A curve that falls in steps, with its interval as an area and a mark where a case was last seen."""

    line: str  # SVG path
    band: str
    censored: tuple[tuple[float, float], ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    most: float  # what the right end stands for


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One dot with its interval."""

    name: str
    at: float
    low: float
    high: float
    across: float  # its place on the other axis


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalChart:
    """Shares with their intervals, a row each or a column each."""

    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    width: float
    height: float


def x_of(value: float, most: float) -> float:
    """Where a value stands from left to right."""
    return round(LEFT + (WIDTH - LEFT - RIGHT) * value / most, 2)


def y_of(share: float) -> float:
    """Where a share stands, 1 at the top."""
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - share), 2)


def curve_chart(steps: Sequence[Step]) -> CurveChart:
    """The share that still stands over time."""
    most = max(nice_end(max(step.days for step in steps)), 1.0)
    line = [f"M{x_of(0, most)} {y_of(1.0)}"]
    upper, lower = [f"M{x_of(0, most)} {y_of(1.0)}"], []
    for step in steps[1:]:
        x = x_of(step.days, most)
        line.append(f"H{x} V{y_of(step.share)}")
        upper.append(f"H{x} V{y_of(step.high)}")
    for step, before in zip(reversed(steps[1:]), reversed(steps[:-1]), strict=True):
        lower.append(f"L{x_of(step.days, most)} {y_of(step.low)} V{y_of(before.low)}")
    return CurveChart(
        line=" ".join(line),
        band=" ".join([*upper, *lower, "Z"]),
        censored=tuple((x_of(step.days, most), y_of(step.share)) for step in steps if step.censored),
        x_ticks=tuple(Tick(at=x_of(value, most), value=value) for value in ticks(most)),
        y_ticks=tuple(Tick(at=y_of(share), value=share) for share in (0.0, 0.25, 0.5, 0.75, 1.0)),
        most=most,
    )


def row_chart(named: Sequence[tuple[str, float, float, float]]) -> IntervalChart:
    """A row for each (name, share, low, high), in their order, at most `MOST_ROWS`."""
    wide = WIDTH - NAME - RIGHT
    shown = named[:MOST_ROWS]

    def place(share: float) -> float:
        return round(NAME + wide * share, 2)

    marks = tuple(
        Mark(name=name, at=place(share), low=place(low), high=place(high), across=round(ROW * (n + 0.5), 2))
        for n, (name, share, low, high) in enumerate(shown)
    )
    return IntervalChart(
        marks=marks,
        ticks=tuple(Tick(at=place(share), value=share) for share in (0.0, 0.5, 1.0)),
        width=WIDTH,
        height=ROW * max(1, len(shown)) + 22,
    )


def column_chart(named: Sequence[tuple[str, float, float, float]]) -> IntervalChart:
    """A column for each (name, share, low, high), in their order: the latest `MOST_ROWS`."""
    shown = named[-MOST_ROWS:]
    wide = (WIDTH - LEFT - RIGHT) / max(1, len(shown))
    marks = tuple(
        Mark(name=name, at=y_of(share), low=y_of(low), high=y_of(high), across=round(LEFT + wide * (n + 0.5), 2))
        for n, (name, share, low, high) in enumerate(shown)
    )
    return IntervalChart(
        marks=marks,
        ticks=tuple(Tick(at=y_of(share), value=share) for share in (0.0, 0.25, 0.5, 0.75, 1.0)),
        width=WIDTH,
        height=HEIGHT,
    )


def nice_end(value: float) -> float:
    """The first round value at or above this one, so that an axis ends on a mark."""
    step = _step(value)
    return math.ceil(value / step) * step if value > 0 else 0.0


def ticks(most: float) -> list[float]:
    """Round values from 0 to `most`."""
    step = _step(most)
    return [step * n for n in range(round(most / step) + 1)]


def _step(most: float) -> float:
    if most <= 0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(most / MOST_TICKS)) if most > MOST_TICKS else 1.0
    return next((size * each for each in (*STEPS, 10) if most / (size * each) <= MOST_TICKS), size * 10)

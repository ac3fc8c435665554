"""
How long something lasts, where many cases have not ended yet: Kaplan-Meier with its intervals.

A case that still stands when it was last looked at counts for as long as it was followed, and for no longer. Leaving
such cases out, as a mean of the ended ones does, makes every platform look quicker than it is.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from console.analytics.shares import Z


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """One case: how long it was followed, in days, and whether it ended then or only was seen no longer."""

    days: float
    ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is known at one time at which something ended or was seen no longer."""

    days: float
    at_risk: int  # followed until then and not ended before
    ended: int
    censored: int  # followed until then and no longer
    share: float  # that still stands after it, 0 to 1
    low: float  # 95 % interval
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """The share that ended within so many days, with its 95 % interval."""

    days: float
    share: float
    low: float
    high: float


def survival(spells: Iterable[Spell]) -> tuple[Step, ...]:
    """
    The share that still stands over time, a step at each time of an end or a last look; the first is at day 0.

    Intervals are those of the log-log transform of Greenwood's variance, which stay within 0 and 1. Cases that end at
    a time at which others were last seen count those others as still there. Raises `ValueError` for a negative time.
    Source: Kaplan and Meier 1958; Greenwood 1926; Kalbfleisch and Prentice 1980, section 1.3.
    """
    cases = list(spells)
    if any(case.days < 0 for case in cases):
        raise ValueError("a case cannot be followed for less than no time")
    ends = Counter(case.days for case in cases if case.ended)
    last_seen = Counter(case.days for case in cases if not case.ended)
    steps = [Step(days=0.0, at_risk=len(cases), ended=0, censored=0, share=1.0, low=1.0, high=1.0)]
    left, share, variance = len(cases), 1.0, 0.0
    for days in sorted(ends.keys() | last_seen.keys()):
        ended, censored = ends[days], last_seen[days]
        low, high = steps[-1].low, steps[-1].high
        if ended:
            share *= 1 - ended / left
            if ended < left:
                variance += ended / (left * (left - ended))
                low, high = _interval(share, variance)
            else:
                share, low = 0.0, 0.0  # nobody is left to tell how far it may lie from 0: the last upper bound stays
        steps.append(Step(days=days, at_risk=left, ended=ended, censored=censored, share=share, low=low, high=high))
        left -= ended + censored
    return tuple(steps)


def median_days(steps: Sequence[Step]) -> float | None:
    """The time by which half has ended; None where that was not seen."""
    return next((step.days for step in steps if step.share <= 0.5), None)


def ended_within(steps: Sequence[Step], days: float) -> Within | None:
    """The share that ended within so many days; None where nobody was followed for as long and some still stood."""
    known = [step for step in steps if step.days <= days]
    last = known[-1]
    is_followed = steps[-1].days >= days or last.share == 0.0
    if last.at_risk == 0 or not is_followed:
        return None
    return Within(days=days, share=1 - last.share, low=1 - last.high, high=1 - last.low)


def _interval(share: float, variance: float) -> tuple[float, float]:
    spread = Z * math.sqrt(variance) / abs(math.log(share))
    return share ** math.exp(spread), share ** math.exp(-spread)

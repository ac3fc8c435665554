"""
What an answered item says of whoever sent it: right, wrong, or nothing.

Counted as the bar says: upheld / (upheld + refused for its substance + reversed). Silence and errors of form stand
apart: a platform that does not answer, or cannot work on what it got, has not said that the accusation was wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from math import sqrt

from reports.answers.lifecycle import Standing
from store.records.outcomes import OutcomeStatus

Z = 1.96  # two-sided 95 %


class Mark(Enum):
    """How one item came out."""

    UPHELD = "upheld"
    REFUSED = "refused"  # for its substance
    REVERSED = "reversed"  # acted on, and taken back since: by the platform, or by us
    FORM = "form"  # could not be worked on as it was sent
    OPEN = "open"  # no decision, or one that is being heard again
    WITHDRAWN = "withdrawn"  # taken back before anything was decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """One item that left, with its mark."""

    platform: str
    account: str  # who sends there: the agent's name, or the holder's id
    code: str  # the claim, as the recipient or else we call it
    mark: Mark
    at: datetime | None  # when the platform decided; None: it has not


def mark_of(standing: Standing, *, was_actioned: bool, taken_back: bool) -> Mark:
    """
    The mark of an item by where it stands.

    `was_actioned`: at some time the platform acted on it; `taken_back`: we withdrew it or agreed to an objection.
    """
    if taken_back:
        return Mark.REVERSED if was_actioned else Mark.WITHDRAWN
    match standing.status:
        case OutcomeStatus.ACTIONED | OutcomeStatus.PARTLY_ACTIONED:
            return Mark.UPHELD
        case OutcomeStatus.REJECTED:
            return Mark.REFUSED
        case OutcomeStatus.REINSTATED:
            return Mark.REVERSED
        case OutcomeStatus.FAILED:
            return Mark.FORM
        case _:
            return Mark.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many items came out how."""

    upheld: int = 0
    refused: int = 0
    reversed: int = 0
    form: int = 0
    open: int = 0
    withdrawn: int = 0

    @property
    def judged(self) -> int:
        """Items that say something of accuracy."""
        return self.upheld + self.refused + self.reversed

    @property
    def share(self) -> float | None:
        """Upheld of judged; None where nothing was judged."""
        return self.upheld / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share."""
        return wilson(self.upheld, self.judged)


def tally_of(marks: Iterable[Mark]) -> Tally:
    """Count marks."""
    counts = dict.fromkeys((mark.value for mark in Mark), 0)
    for mark in marks:
        counts[mark.value] += 1
    return Tally(**counts)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share; (0, 1) where nothing was counted. Source: Wilson 1927."""
    if n == 0:
        return 0.0, 1.0
    share, spread = hits / n, Z * Z / n
    middle, half = share + spread / 2, Z * sqrt((share * (1 - share) + spread / 4) / n)
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))

"""How well findings and people judge: precision month by month, and each reviewer's errors on known answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from console.analytics.shares import Share
from store.records.cases import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One finding that a person confirmed or rejected, as it stands."""

    finding: str
    title: str
    platform: str
    right: str
    right_ref: str
    verdict: Verdict  # confirm or reject
    reason: str | None  # of a rejection
    by: str
    at: datetime

    @property
    def month(self) -> str:
        """The month of the decision, UTC."""
        return f"{self.at:%Y-%m}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthLine:
    """One month's precision: confirmed of those confirmed or rejected."""

    month: str
    precision: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One known answer that a reviewer gave, or a second look."""

    finding: str
    reviewer: str
    kind: str  # known, second
    expected: Verdict
    verdict: Verdict
    at: datetime

    @property
    def was(self) -> str:
        """`right`, or the way in which it was wrong."""
        if self.verdict is self.expected:
            return "right"
        match self.verdict:
            case Verdict.CONFIRM:
                return "wrongly_confirmed"
            case Verdict.REJECT:
                return "wrongly_rejected"
            case _:
                return "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerLine:
    """One reviewer's errors on known answers."""

    reviewer: str
    wrong: Share  # of the answered
    by_kind: tuple[tuple[str, int], ...]  # how wrong, how often; every kind is named


WRONG = ("wrongly_confirmed", "wrongly_rejected", "undecided")


def precision_by_month(judged: Iterable[Judged]) -> list[MonthLine]:
    """Precision of what people decided in each month that has a decision, the oldest first."""
    right: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for each in judged:
        of[each.month] += 1
        right[each.month] += each.verdict is Verdict.CONFIRM
    return [MonthLine(month=month, precision=Share(hits=right[month], of=of[month])) for month in sorted(of)]


def reviewer_lines(answers: Iterable[Known]) -> list[ReviewerLine]:
    """Errors of each reviewer, the surest worst first: by the lower end of the interval."""
    counted: dict[str, Counter[str]] = {}
    for each in answers:
        counted.setdefault(each.reviewer, Counter())[each.was] += 1
    lines = []
    for reviewer, was in counted.items():
        of = was.total()
        lines.append(
            ReviewerLine(
                reviewer=reviewer,
                wrong=Share(hits=of - was["right"], of=of),
                by_kind=tuple((kind, was[kind]) for kind in WRONG),
            )
        )
    return sorted(lines, key=lambda line: (-line.wrong.interval[0], line.reviewer))

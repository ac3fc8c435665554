"""
What became of what was asked: per platform, per holder, and the yearly report of a trusted flagger.

Pure: notices and answers in, counts out. An item counts once it left; silence is its own column, never a refusal.
The yearly report holds what Article 22(3) of Regulation (EU) 2022/2065 asks for and nothing of any person: notices
by host, by type of alleged illegal content, by action taken.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from reports.answers.lifecycle import ItemAnswers
from reports.budget.marks import wilson
from store.records.notices import Notice, NoticeItem, NoticeState
from store.records.outcomes import Outcome, OutcomeStatus

LEFT = frozenset({NoticeState.SENT, NoticeState.RECALLED})
"""States of notices that a platform was given; a sealed batch that nobody took has not left."""

TAKEN_DOWN = frozenset({OutcomeStatus.ACTIONED, OutcomeStatus.PARTLY_ACTIONED})
SUBSTANCE = TAKEN_DOWN | {OutcomeStatus.REJECTED, OutcomeStatus.REINSTATED, OutcomeStatus.COUNTER_NOTICED}
"""Answers to the question that was asked; a form error or a receipt is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One line of a report."""

    of: str  # name of a platform or a holder
    notices: int
    items: int
    taken_down: int
    rejected: int
    counter_noticed: int
    reinstated: int
    failed: int  # could not be worked on as it was sent
    pending: int  # received or under review
    silent: int  # no answer at all
    unmapped: int  # answers in words that nobody has mapped
    recalled: int  # notices taken back
    share: float | None  # taken down of what was answered in substance; None: nothing was
    low: float | None  # its 95 % interval (Wilson)
    high: float | None
    median_days: float | None  # from signature to taking down


@dataclass(frozen=True, slots=True, kw_only=True)
class YearlyReport:
    """What a trusted flagger publishes once a year; each part counts notices."""

    year: int
    notices: int
    by_host: tuple[tuple[str, int], ...]
    by_content: tuple[tuple[str, int], ...]
    by_action: tuple[tuple[str, int], ...]


def _left(notices: Iterable[Notice]) -> list[Notice]:
    return [notice for notice in notices if notice.state in LEFT and notice.signed_at is not None]


def _asked(notice: Notice) -> list[NoticeItem]:
    return [item for item in notice.items if not item.refusals]


def tally(
    notices: Iterable[Notice], answers: Mapping[str, Sequence[Outcome]], key: Callable[[Notice], str]
) -> tuple[Tally, ...]:
    """One line for each value of `key`, by name. `answers` are those to each notice, by its id, oldest first."""
    groups: defaultdict[str, list[Notice]] = defaultdict(list)
    for notice in _left(notices):
        groups[key(notice)].append(notice)
    return tuple(_line(of, group, answers) for of, group in sorted(groups.items()))


def _line(of: str, notices: Sequence[Notice], answers: Mapping[str, Sequence[Outcome]]) -> Tally:
    stands: Counter[OutcomeStatus | None] = Counter()
    unmapped, days, items = 0, [], 0
    for notice in notices:
        told = ItemAnswers(answers.get(notice.id, ()))
        for item in _asked(notice):
            items += 1
            standing = told.standing(notice.id, item.id)
            stands[standing.status] += 1
            unmapped += len(standing.unmapped)
            if standing.status in TAKEN_DOWN and standing.decided_at is not None and notice.signed_at is not None:
                days.append((standing.decided_at - notice.signed_at).total_seconds() / 86_400)
    down = sum(stands[status] for status in TAKEN_DOWN)
    answered = sum(stands[status] for status in SUBSTANCE)
    low, high = wilson(down, answered)
    return Tally(
        of=of,
        notices=len(notices),
        items=items,
        taken_down=down,
        rejected=stands[OutcomeStatus.REJECTED],
        counter_noticed=stands[OutcomeStatus.COUNTER_NOTICED],
        reinstated=stands[OutcomeStatus.REINSTATED],
        failed=stands[OutcomeStatus.FAILED],
        pending=sum(
            stands[status]
            for status in (OutcomeStatus.RECEIVED, OutcomeStatus.UNDER_REVIEW, OutcomeStatus.CLARIFICATION_REQUESTED)
        ),
        silent=stands[None],
        unmapped=unmapped,
        recalled=sum(notice.state is NoticeState.RECALLED for notice in notices),
        share=round(down / answered, 4) if answered else None,
        low=round(low, 4) if answered else None,
        high=round(high, 4) if answered else None,
        median_days=round(statistics.median(days), 2) if days else None,
    )


def yearly_report(notices: Iterable[Notice], answers: Mapping[str, Sequence[Outcome]], year: int) -> YearlyReport:
    """
    The counts of one calendar year (UTC, by signature), of every notice that left.

    A notice with items of several types, or of several fates, counts once under each.
    """
    mine = [notice for notice in _left(notices) if _year(notice.signed_at) == year]
    content: Counter[str] = Counter()
    action: Counter[str] = Counter()
    for notice in mine:
        items = _asked(notice)
        content.update({item.infringement_class.value for item in items})
        told = ItemAnswers(answers.get(notice.id, ()))
        standings = [told.standing(notice.id, item.id) for item in items]
        action.update({standing.action or _without_action(standing.status) for standing in standings})
    hosts = Counter(notice.platform for notice in mine)
    return YearlyReport(
        year=year,
        notices=len(mine),
        by_host=tuple(sorted(hosts.items())),
        by_content=tuple(sorted(content.items())),
        by_action=tuple(sorted(action.items())),
    )


def _year(at: datetime | None) -> int | None:
    return None if at is None else at.year


def _without_action(status: OutcomeStatus | None) -> str:
    """What a host did where it named no action."""
    if status is None:
        return "no answer"
    return {"rejected": "none", "failed": "none"}.get(status.value, status.value)

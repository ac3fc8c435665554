"""
Where an item of a notice stands, folded from the answers that came, and which answer may follow which.

Source of the states: the lifecycle of notices, sections 16, 17 and 20 of Regulation (EU) 2022/2065 and 17 U.S.C.
512(g) for counter-notices; platforms' words are brought to these by the profile's status map.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from store.records.outcomes import Outcome, OutcomeStatus

S = OutcomeStatus

_DECIDED = frozenset({S.ACTIONED, S.PARTLY_ACTIONED, S.REJECTED, S.FAILED})

# What may follow: never back to a state before. None: nothing has been answered yet.
MAY_FOLLOW: dict[OutcomeStatus | None, frozenset[OutcomeStatus]] = {
    None: frozenset({S.RECEIVED, S.UNDER_REVIEW, S.CLARIFICATION_REQUESTED}) | _DECIDED,
    S.RECEIVED: frozenset({S.UNDER_REVIEW, S.CLARIFICATION_REQUESTED, S.COUNTER_NOTICED}) | _DECIDED,
    # Some platforms pause a listing and hear the seller before they decide.
    S.UNDER_REVIEW: frozenset({S.CLARIFICATION_REQUESTED, S.COUNTER_NOTICED}) | _DECIDED,
    S.CLARIFICATION_REQUESTED: frozenset({S.UNDER_REVIEW}) | _DECIDED,
    S.PARTLY_ACTIONED: frozenset({S.ACTIONED, S.COUNTER_NOTICED, S.REINSTATED}),
    S.ACTIONED: frozenset({S.COUNTER_NOTICED, S.REINSTATED}),
    S.COUNTER_NOTICED: frozenset({S.ACTIONED, S.REINSTATED, S.REJECTED}),  # decided after both were heard
    S.REJECTED: frozenset({S.UNDER_REVIEW, S.ACTIONED, S.PARTLY_ACTIONED}),  # a complaint of ours was heard
    S.FAILED: frozenset({S.RECEIVED, S.UNDER_REVIEW, S.ACTIONED, S.PARTLY_ACTIONED, S.REJECTED}),  # mended there
    S.REINSTATED: frozenset({S.ACTIONED}),  # taken down again after a suit
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one item stands by the platform's word."""

    status: OutcomeStatus | None  # None: no answer yet
    action: str | None
    decided_at: datetime | None  # of that answer
    unmapped: tuple[str, ...]  # the platform's words that nobody has mapped; each asks for a person


def standing_of(outcomes: Iterable[Outcome], item: str) -> Standing:
    """
    Fold the answers to one item, oldest first; answers to its whole notice count for it as well.

    What may not follow is passed over: it was entered under an older table.
    """
    status: OutcomeStatus | None = None
    action: str | None = None
    decided_at: datetime | None = None
    unmapped = []
    for outcome in outcomes:
        if outcome.item not in (None, item):
            continue
        if outcome.status is None:
            unmapped.append(outcome.status_raw)
        elif outcome.status in MAY_FOLLOW[status]:
            status, action = outcome.status, outcome.action
            decided_at = outcome.decided_at or outcome.received_at
    return Standing(status=status, action=action, decided_at=decided_at, unmapped=tuple(unmapped))


class ItemAnswers:
    """Answers to one or several notices by their items, oldest first, each read once whatever the number of items."""

    def __init__(self, outcomes: Iterable[Outcome]) -> None:
        """Answers in any order; a whole notice's are given with each item that is asked for under it."""
        self._whole: defaultdict[str, list[Outcome]] = defaultdict(list)  # by notice
        self._own: defaultdict[str, list[Outcome]] = defaultdict(list)  # by item
        for outcome in sorted(outcomes, key=lambda outcome: outcome.id):
            if outcome.item is None:
                self._whole[outcome.notice].append(outcome)
            else:
                self._own[outcome.item].append(outcome)

    def of(self, notice: str, item: str) -> list[Outcome]:
        """Answers to the item and to its whole notice, in the order they came."""
        whole, own = self._whole.get(notice, []), self._own.get(item, [])
        return sorted((*whole, *own), key=lambda outcome: outcome.id) if whole else own

    def standing(self, notice: str, item: str) -> Standing:
        """Where the item stands."""
        return standing_of(self.of(notice, item), item)


def refuse_move(standing: Standing, status: OutcomeStatus, decided_at: datetime) -> str | None:
    """Why an answer may not follow where the item stands, in words; None where it may."""
    if status not in MAY_FOLLOW[standing.status]:
        was = standing.status.value if standing.status else "unanswered"
        return f"it stands as {was}, and {status.value} cannot follow that"
    if standing.decided_at is not None and decided_at < standing.decided_at:
        return f"it is of {decided_at:%Y-%m-%d %H:%M} UTC, older than the answer that stands"
    return None

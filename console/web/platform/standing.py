"""Where the items of a batch stand by the platform's own answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection

from reports.answers.lifecycle import Standing, standing_of
from store.db.by_ref import in_lots
from store.db.outcomes import Outcomes
from store.records.notices import Batch
from store.records.outcomes import Outcome, OutcomeStatus
from store.records.scope import EVERYTHING

S = OutcomeStatus

GROUPS: dict[OutcomeStatus | None, str] = {
    None: "open",
    S.RECEIVED: "working",
    S.UNDER_REVIEW: "working",
    S.CLARIFICATION_REQUESTED: "working",
    S.ACTIONED: "done",
    S.PARTLY_ACTIONED: "done",
    S.REJECTED: "kept",
    S.FAILED: "kept",
    S.COUNTER_NOTICED: "objected",
    S.REINSTATED: "kept",
}
"""What a list is narrowed by."""


def outcomes_of(connection: Connection, batch: Batch, items: Iterable[str] | None = None) -> dict[str, list[Outcome]]:
    """Answers by item id, oldest first, those to a whole notice among them; `items` narrows to these."""
    outcomes = Outcomes(connection, EVERYTHING)
    found: list[Outcome] = []
    for lot in in_lots(batch.notices):
        found += outcomes.find(outcomes.table.c.notice.in_(lot))
    asked = None if items is None else set(items)
    by_item: defaultdict[str, list[Outcome]] = defaultdict(list)
    for outcome in sorted(found, key=lambda outcome: outcome.id):
        key = outcome.item or outcome.notice
        if asked is None or outcome.item is None or key in asked:
            by_item[key].append(outcome)
    return by_item


def standing_in(by_item: dict[str, list[Outcome]], item: str, notice: str) -> Standing:
    """Where one item stands."""
    return standing_of(history_of(by_item, item, notice), item)


def history_of(by_item: dict[str, list[Outcome]], item: str, notice: str) -> list[Outcome]:
    """Answers to an item and to its whole notice, oldest first."""
    return sorted((*by_item.get(item, ()), *by_item.get(notice, ())), key=lambda outcome: outcome.id)

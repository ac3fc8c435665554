"""Where the items of a batch stand by the platform's own answers."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, select

from reports.answers.lifecycle import ItemAnswers
from store.db import tables
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


def answers_to(connection: Connection, batch: Batch, items: Collection[str] | None = None) -> ItemAnswers:
    """The platform's answers to a batch, those to whole notices among them; `items` narrows to these items."""
    outcomes = Outcomes(connection, EVERYTHING)
    notice, item = outcomes.table.c.notice, outcomes.table.c.item
    found: list[Outcome] = []
    for lot in in_lots(batch.notices):
        found += outcomes.find(notice.in_(lot), *(() if items is None else (item.is_(None),)))
    for lot in in_lots(items or ()):
        found += outcomes.find(item.in_(lot))
    return ItemAnswers(found)


def count_answered(connection: Connection, batch: Batch) -> int:
    """How many items of a batch have an answer of their own that was understood."""
    outcome, count = tables.outcome.c, func.count(tables.outcome.c.item.distinct())
    return sum(
        int(
            connection.execute(select(count).where(outcome.notice.in_(lot), outcome.status.is_not(None))).scalar_one()
        )
        for lot in in_lots(batch.notices)
    )

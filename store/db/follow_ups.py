"""Words that follow notices: rows and back."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.sql.elements import ColumnElement

from store.db import tables
from store.db.audit import Audited
from store.db.by_ref import in_lots
from store.records.follow_ups import FollowUp


class FollowUps(Audited[FollowUp]):
    """Words on items, in the order they were decided."""

    table = tables.follow_up
    kind = FollowUp

    def _visible(self) -> list[ColumnElement[bool]]:
        """A word lies where its notice lies."""
        notice, case = tables.notice, tables.case
        mine: list[ColumnElement[bool]] = []
        if self.scope.holder is not None:
            mine.append(notice.c.holder == self.scope.holder)
        if self.scope.compartment is not None:
            mine.append(notice.c.case.in_(select(case.c.id).where(case.c.compartment == self.scope.compartment)))
        return [self.table.c.notice.in_(select(notice.c.id).where(*mine))] if mine else []

    def unsealed(self) -> list[FollowUp]:
        """Words that wait to be sealed."""
        return self.find(self.table.c.batch.is_(None))

    def of_batch(self, batch: str) -> list[FollowUp]:
        """Words that left in one batch."""
        return self.find(self.table.c.batch == batch)

    def of_items(self, items: Iterable[str]) -> dict[str, list[FollowUp]]:
        """Words on each of these items that has any."""
        found: dict[str, list[FollowUp]] = {}
        for lot in in_lots(items):
            for each in self.find(self.table.c.item.in_(lot)):
                found.setdefault(each.item, []).append(each)
        return found

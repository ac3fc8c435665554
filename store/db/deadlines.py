"""Clocks: rows and back, within what the reader may see."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.sql.elements import ColumnElement

from store.db import tables
from store.db.audit import Audited
from store.records.deadlines import Deadline, DeadlineState


class Deadlines(Audited[Deadline]):
    """Clocks of notices, the nearest first."""

    table = tables.deadline
    kind = Deadline

    def _visible(self) -> list[ColumnElement[bool]]:
        """A clock lies where its notice lies; those about no notice are read by their own pages."""
        notice, case = tables.notice, tables.case
        conditions: list[ColumnElement[bool]] = [self.table.c.notice.is_not(None), self.table.c.event_id.is_not(None)]
        mine: list[Any] = []  # Any: conditions on the notice
        if self.scope.holder is not None:
            mine.append(notice.c.holder == self.scope.holder)
        if self.scope.compartment is not None:
            inside = select(case.c.id).where(case.c.compartment == self.scope.compartment)
            mine.append(notice.c.case.in_(inside))
        if mine:
            conditions.append(self.table.c.notice.in_(select(notice.c.id).where(*mine)))
        return conditions

    def nearest(self, *where: ColumnElement[bool], limit: int | None = None) -> list[Deadline]:
        """Clocks that fit, by the time they end."""
        statement = self._select(*where).order_by(self.table.c.due_at, self.table.c.id).limit(limit)
        return [self._read(row) for row in self.connection.execute(statement)]

    def of_notice(self, notice: str) -> list[Deadline]:
        """Every clock of one notice."""
        return self.nearest(self.table.c.notice == notice)

    def running(self) -> list[Deadline]:
        """Every clock that nothing has ended."""
        return self.nearest(self.table.c.state == DeadlineState.RUNNING.value)

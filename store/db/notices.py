"""Notices with their items: two tables, one record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.sql.elements import ColumnElement

from store.db import tables
from store.db.audit import AuditTrail
from store.db.by_ref import in_lots
from store.db.rows import Repository, record_of, row_of, upsert
from store.records.ledger import AuditEntry
from store.records.notices import Notice, NoticeItem, NoticeState


class Notices(Repository[Notice]):
    """Notices, each read and written whole, with its items."""

    table = tables.notice
    kind = Notice

    def _visible(self) -> list[ColumnElement[bool]]:
        """A notice lies in the compartment of its case."""
        conditions = super()._visible()
        if self.scope.compartment is not None:
            case = tables.case
            inside = select(case.c.id).where(case.c.compartment == self.scope.compartment)
            conditions.append(self.table.c.case.in_(inside))
        return conditions

    def _read(self, row: Row[Any]) -> Notice:
        items = tables.notice_item
        statement = select(items).where(items.c.notice == row.id).order_by(items.c.id)
        read = tuple(record_of(NoticeItem, item) for item in self.connection.execute(statement))
        return record_of(Notice, row, items=read)

    def each_row(self, *where: ColumnElement[bool]) -> list[Notice]:
        """Notices that fit, with items, by number; all rows are taken before the items are asked for."""
        rows = self.connection.execute(self._select(*where).order_by(self.table.c.number)).all()
        return [self._read(row) for row in rows]

    def find(self, *where: ColumnElement[bool]) -> list[Notice]:
        """Every notice that fits, by number."""
        return self.each_row(*where)

    def in_state(self, *states: NoticeState) -> list[Notice]:
        """Notices that stand so, by number."""
        return self.each_row(self.table.c.state.in_([state.value for state in states]))

    def numbered(self, number: int) -> Notice | None:
        """The notice of that number."""
        return next(iter(self.each_row(self.table.c.number == number)), None)

    def head(self, id: str) -> Notice | None:
        """The notice of that id without its items, of which there may be thousands; for `put_states` only."""
        row = self.connection.execute(self._select(self.table.c.id == id)).first()
        return None if row is None else record_of(Notice, row, items=())

    def head_numbered(self, number: int) -> Notice | None:
        """The notice of that number without its items."""
        row = self.connection.execute(self._select(self.table.c.number == number)).first()
        return None if row is None else record_of(Notice, row, items=())

    def heads(self) -> list[Notice]:
        """Every notice in scope without its items, by number; to be shown, and for `put_states`."""
        rows = self.connection.execute(self._select().order_by(self.table.c.number))
        return [record_of(Notice, row, items=()) for row in rows]

    def outline(self, id: str) -> list[tuple[str, tuple[str, ...]]]:
        """Each item of a notice by its id, with the codes that refuse it, in their order."""
        items = tables.notice_item
        statement = select(items.c.id, items.c.refusals).where(items.c.notice == id).order_by(items.c.id)
        rows = self.connection.execute(statement)
        return [(row.id, tuple(refusal["code"] for refusal in row.refusals)) for row in rows]

    def items_of(self, ids: Iterable[str]) -> list[NoticeItem]:
        """These items, in the order of their ids."""
        items = tables.notice_item
        found = []
        for lot in in_lots(ids):
            rows = self.connection.execute(select(items).where(items.c.id.in_(lot)).order_by(items.c.id))
            found += [record_of(NoticeItem, row) for row in rows]
        return sorted(found, key=lambda item: item.id)

    def save(self, notices: Iterable[Notice], act: AuditEntry) -> None:
        """Insert or replace notices with their items, together with the act that did it."""
        written = list(notices)
        upsert(self.connection, self.table, [row_of(notice, self.table) for notice in written], ["id"])
        rows = [row_of(item, tables.notice_item) for notice in written for item in notice.items]
        upsert(self.connection, tables.notice_item, rows, ["id"])
        AuditTrail(self.connection, self.scope).add(act)

    def move(self, notices: Iterable[Notice], act: AuditEntry) -> None:
        """Write where notices stand now, without their items, together with the act that moved them."""
        self.put_states(notices)
        AuditTrail(self.connection, self.scope).add(act)

    def put_states(self, notices: Iterable[Notice]) -> None:
        """Write where notices stand now, without their items; the caller enters the acts in the same transaction."""
        upsert(self.connection, self.table, [row_of(notice, self.table) for notice in notices], ["id"])

    def items_under(self, keys: Iterable[str]) -> dict[str, list[tuple[NoticeItem, NoticeState]]]:
        """Items drafted under each idempotency key, with the state of their notice, oldest first."""
        items, notices = tables.notice_item, tables.notice
        found: dict[str, list[tuple[NoticeItem, NoticeState]]] = {}
        for lot in in_lots(keys):
            statement = (
                select(items, notices.c.state.label("notice_state"))
                .join(notices, notices.c.id == items.c.notice)
                .where(items.c.idempotency_key.in_(lot))
                .order_by(items.c.id)
            )
            for row in self.connection.execute(statement):
                entry = (record_of(NoticeItem, row), NoticeState(row.notice_state))
                found.setdefault(row.idempotency_key, []).append(entry)
        return found

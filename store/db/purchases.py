"""Steps of test purchases with their files."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, func, select

from store.db.audit import AuditTrail
from store.db.rows import Repository, record_of, row_of
from store.db.tables import purchase_event as event_table
from store.db.tables import purchase_file as file_table
from store.records.ledger import AuditEntry
from store.records.purchases import PurchaseEvent, PurchaseFile


class Purchases(Repository[PurchaseEvent]):
    """Every step, in the order in which it was entered."""

    table = event_table
    kind = PurchaseEvent

    def _read(self, row: Row[Any]) -> PurchaseEvent:
        statement = select(file_table).where(file_table.c.event == row.id).order_by(file_table.c.name)
        files = tuple(record_of(PurchaseFile, each) for each in self.connection.execute(statement))
        return record_of(PurchaseEvent, row, files=files)

    def of_case(self, case: str) -> list[PurchaseEvent]:
        """The steps of every purchase of a case."""
        return self.find(event_table.c.case == case)

    def of(self, purchase: int) -> list[PurchaseEvent]:
        """The steps of one purchase."""
        return self.find(event_table.c.purchase == purchase)

    def next_purchase(self) -> int:
        """The next purchase's number; call it in the transaction that uses it."""
        return int(self.connection.execute(select(func.max(event_table.c.purchase))).scalar_one() or 0) + 1

    def enter(self, event: PurchaseEvent, act: AuditEntry) -> None:
        """Insert a step with its files and the act, in the caller's transaction."""
        self.connection.execute(event_table.insert().values(row_of(event, event_table)))
        rows = [{**row_of(file, file_table), "event": event.id} for file in event.files]
        if rows:
            self.connection.execute(file_table.insert(), rows)
        AuditTrail(self.connection, self.scope).add(act)

"""Deliveries: what was released and waits, or went."""

from __future__ import annotations

from store.db import tables
from store.db.audit import AuditTrail
from store.db.rows import Repository, row_of, upsert
from store.records.ledger import AuditEntry
from store.records.outbox import OutboxEntry


class Outbox(Repository[OutboxEntry]):
    """One entry a batch; entering the same key again changes nothing."""

    table = tables.outbox
    kind = OutboxEntry

    def queue(self, entry: OutboxEntry, act: AuditEntry) -> bool:
        """Enter a delivery with its act, unless one of that key is there; says whether it was entered."""
        if self.first(self.table.c.idempotency_key == entry.idempotency_key) is not None:
            return False
        upsert(self.connection, self.table, [row_of(entry, self.table)], ["idempotency_key"], replace=False)
        AuditTrail(self.connection, self.scope).add(act)
        return True

    def of_batch(self, batch: str) -> list[OutboxEntry]:
        """Deliveries of one batch."""
        return self.find(self.table.c.batch == batch)

"""Batches: rows and back."""

from __future__ import annotations

from store.db import tables
from store.db.audit import Audited
from store.records.notices import Batch


class Batches(Audited[Batch]):
    """Sealed batches, by number."""

    table = tables.batch
    kind = Batch

    def numbered(self, number: int) -> Batch | None:
        """The batch of that number."""
        return self.first(self.table.c.number == number)

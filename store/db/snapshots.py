"""Which registries were frozen, and when."""

from __future__ import annotations

from store.db import tables
from store.db.rows import Repository, row_of, upsert
from store.records.snapshots import SnapshotEntry


class Snapshots(Repository[SnapshotEntry]):
    """Entries of frozen registries, under their digest."""

    table = tables.snapshot
    kind = SnapshotEntry

    def get(self, id: str) -> SnapshotEntry | None:
        """The entry of that digest, or None."""
        return self.first(self.table.c.digest == id)

    def enter(self, entry: SnapshotEntry) -> None:
        """Keep an entry; one of the same digest stays as first written."""
        upsert(self.connection, self.table, [row_of(entry, self.table)], ["digest"], replace=False)

    def latest(self) -> SnapshotEntry | None:
        """The entry made last, or None where nothing was frozen yet."""
        statement = self._select().order_by(self.table.c.made_at.desc(), self.table.c.digest).limit(1)
        row = self.connection.execute(statement).first()
        return None if row is None else self._read(row)

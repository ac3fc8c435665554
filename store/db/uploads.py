"""Uploads, oldest first; a holder sees their own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_

from store.db import tables
from store.db.audit import Audited
from store.db.rows import row_of
from store.records.uploads import Upload, UploadState


class Uploads(Audited[Upload]):
    """What holders handed in, and how far each is."""

    table = tables.upload
    kind = Upload

    def take(self, owner: str, now: datetime, until: datetime) -> Upload | None:
        """The upload that waits longest, for this worker alone until then; None where none waits."""
        table = self.table
        free = or_(table.c.lease_until.is_(None), table.c.lease_until <= now)
        statement = self._select(table.c.state == UploadState.WAITING.value, free)
        row = self.connection.execute(
            statement.order_by(table.c.id).limit(1).with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None
        lease = {"lease_owner": owner, "lease_until": until}
        self.connection.execute(table.update().where(table.c.id == row.id).values(**lease))
        return self._read(row)

    def advance(self, upload: Upload, owner: str, until: datetime | None) -> bool:
        """Write how far it is; False where another worker took it over. `until` None: it has ended."""
        table = self.table
        values = {name: value for name, value in row_of(upload, table).items() if name != "id"}
        lease = {"lease_owner": owner if until else None, "lease_until": until}
        done = self.connection.execute(
            table.update().where(table.c.id == upload.id, table.c.lease_owner == owner).values(**values, **lease)
        )
        return done.rowcount == 1

"""Tips, oldest first; whoever is narrowed to a holder or a compartment sees their own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_

from store.db import tables
from store.db.audit import Audited
from store.records.tips import Tip, TipState


class Tips(Audited[Tip]):
    """Addresses to look at."""

    table = tables.tip
    kind = Tip

    def take(self, now: datetime, until: datetime) -> Tip | None:
        """The accepted tip that waits longest, for this worker alone until then; None where none waits."""
        table = self.table
        statement = (
            self._select(
                table.c.state == TipState.ACCEPTED.value,
                or_(table.c.lease_until.is_(None), table.c.lease_until <= now),
            )
            .order_by(table.c.decided_at, table.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = self.connection.execute(statement).first()
        if row is None:
            return None
        self.connection.execute(table.update().where(table.c.id == row.id).values(lease_until=until))
        return self._read(row)

"""Schedules: which is due, and who answers it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select

from store.db.audit import Audited
from store.db.rows import record_of
from store.db.tables import schedule as schedule_table
from store.records.ids import NewId
from store.records.schedules import Schedule


class Schedules(Audited[Schedule]):
    """When platforms are crawled; a due time is taken by one worker at a time."""

    table = schedule_table
    kind = Schedule

    def claim(self, owner: str, now: datetime, until: datetime, ids: NewId) -> Schedule | None:
        """
        Take the most urgent schedule that is due and that nobody holds; None when there is none.

        The crawl that answers it gets its id here, so whoever takes over after a kill goes on with the same one.
        """
        table = self.table
        statement = (
            select(table)
            .where(
                table.c.enabled,
                table.c.due_at <= now,
                or_(table.c.lease_until.is_(None), table.c.lease_until <= now),
            )
            .order_by(table.c.urgency.desc(), table.c.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = self.connection.execute(statement).first()
        if row is None:
            return None
        taken = record_of(Schedule, row, lease_owner=owner, lease_until=until, run=row.run or ids())
        self.put([taken])
        return taken

    def hold(self, id: str, owner: str, until: datetime) -> bool:
        """Hold on to a schedule while its crawl runs; False when somebody else took it."""
        table = self.table
        statement = table.update().where(table.c.id == id, table.c.lease_owner == owner).values(lease_until=until)
        return self.connection.execute(statement).rowcount == 1

    def answered(self, schedule: Schedule, due_at: datetime | None, urgency: int) -> bool:
        """Note that its time was answered, and when the next one is; False when somebody else took it."""
        table = self.table
        statement = (
            table.update()
            .where(table.c.id == schedule.id, table.c.lease_owner == schedule.lease_owner)
            .values(
                last_due=schedule.due_at,
                last_run=schedule.run,
                run=None,
                due_at=due_at,
                urgency=urgency,
                lease_owner=None,
                lease_until=None,
            )
        )
        return self.connection.execute(statement).rowcount == 1

    def let_go(self, schedule: Schedule, until: datetime) -> None:
        """Give a schedule back unanswered; it is tried again at `until`."""
        table = self.table
        self.connection.execute(
            table.update()
            .where(table.c.id == schedule.id, table.c.lease_owner == schedule.lease_owner)
            .values(lease_owner=None, lease_until=until)
        )

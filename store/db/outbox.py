"""
Deliveries: what was released and waits, and who carries what.

A delivery is taken by one process at a time, in the ledger, before a byte leaves. Whoever dies with it leaves it as
*unknown*, because nobody can say whether it arrived; what becomes of that is decided in `reports/outbox.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select, update

from store.db import tables
from store.db.audit import AuditTrail
from store.db.errors import TakenOver
from store.db.rows import Repository, record_of, row_of, upsert
from store.records.ledger import AuditEntry
from store.records.outbox import Carrying, OutboxEntry, OutboxState

TAKEN_BACK_AT_ONCE = 200  # keeps the transaction under 500 rows; the next claim goes on


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

    def claim(self, owner: str, now: datetime, until: datetime, pauses: Mapping[str, timedelta]) -> Carrying | None:
        """
        Take the delivery that has waited longest among those due now; None where none is.

        `pauses` gives for each platform that can be reached how long to wait after each request to it; what goes to
        another platform stays. The platform's clock moves in this transaction, which keeps the pace across processes.
        """
        table, batch, recipient = self.table, tables.batch, tables.recipient
        due = (OutboxState.READY.value, OutboxState.UNKNOWN.value)
        statement = (
            select(table, batch.c.platform)
            .join(batch, batch.c.id == table.c.batch)
            .outerjoin(recipient, recipient.c.platform == batch.c.platform)
            .where(
                table.c.state.in_(due),
                or_(table.c.not_before.is_(None), table.c.not_before <= now),
                batch.c.platform.in_(sorted(pauses)),
                or_(recipient.c.next_at.is_(None), recipient.c.next_at <= now),
            )
            .order_by(table.c.queued_at, table.c.id)
            .limit(1)
            .with_for_update(of=table, skip_locked=True)
        )
        row = self.connection.execute(statement).first()
        if row is None:
            return None
        entry, epoch = record_of(OutboxEntry, row), int(row.lease_epoch) + 1
        self.connection.execute(
            update(table)
            .where(table.c.id == entry.id)
            .values(
                state=OutboxState.SENDING.value,
                lease_owner=owner,
                lease_until=until,
                lease_epoch=epoch,
                not_before=None,
            )
        )
        self.pause(row.platform, now + pauses[row.platform])
        return Carrying(entry=entry, platform=row.platform, owner=owner, epoch=epoch, until=until)

    def pause(self, platform: str, until: datetime) -> None:
        """Ask a platform nothing before that time; a later time that was set before stays."""
        known = select(tables.recipient.c.next_at).where(tables.recipient.c.platform == platform)
        standing = self.connection.execute(known).scalar_one_or_none()
        if standing is None or standing < until:
            upsert(self.connection, tables.recipient, [{"platform": platform, "next_at": until}], ["platform"])

    def next_due(self, platforms: Mapping[str, timedelta]) -> datetime | None:
        """The earliest time at which one of these platforms' deliveries may become due; None where none waits."""
        table, batch, recipient = self.table, tables.batch, tables.recipient
        waiting = (OutboxState.READY.value, OutboxState.UNKNOWN.value, OutboxState.SENDING.value)
        statement = (
            select(
                table.c.not_before,
                table.c.lease_until,
                table.c.queued_at,
                table.c.state,
                recipient.c.next_at,
            )
            .join(batch, batch.c.id == table.c.batch)
            .outerjoin(recipient, recipient.c.platform == batch.c.platform)
            .where(table.c.state.in_(waiting), batch.c.platform.in_(sorted(platforms)))
            .order_by(func.coalesce(table.c.lease_until, table.c.not_before, table.c.queued_at))
            .limit(TAKEN_BACK_AT_ONCE)
        )
        times = []
        for row in self.connection.execute(statement):
            if row.state == OutboxState.SENDING.value:
                times.append(row.lease_until or row.queued_at)
            else:
                times.append(max(at for at in (row.not_before, row.next_at, row.queued_at) if at is not None))
        return min(times, default=None)

    def broken_off(self, now: datetime) -> list[tuple[OutboxEntry, str]]:
        """Deliveries whose carrier let its time pass, with their platforms, the oldest first."""
        table, batch = self.table, tables.batch
        ended = or_(table.c.lease_until.is_(None), table.c.lease_until <= now)
        statement = (
            select(table, batch.c.platform)
            .join(batch, batch.c.id == table.c.batch)
            .where(and_(table.c.state == OutboxState.SENDING.value, ended))
            .order_by(table.c.lease_until)
            .limit(TAKEN_BACK_AT_ONCE)
        )
        return [(record_of(OutboxEntry, row), row.platform) for row in self.connection.execute(statement)]

    def settle(self, carrying: Carrying, entry: OutboxEntry, act: AuditEntry | None) -> None:
        """
        Write how a carried delivery stands now, with the act, if anything was done.

        Raises `TakenOver` when it is in other hands by now; then nothing is written.
        """
        table = self.table
        done = self.connection.execute(
            update(table)
            .where(
                table.c.id == entry.id, table.c.lease_epoch == carrying.epoch, table.c.lease_owner == carrying.owner
            )
            .values(**_standing(entry), lease_owner=None, lease_until=None)
        )
        if done.rowcount != 1:
            raise TakenOver(entry.id, carrying.epoch)
        if act is not None:
            AuditTrail(self.connection, self.scope).add(act)

    def move(self, entry: OutboxEntry, act: AuditEntry) -> None:
        """Write how a delivery stands that nobody carries, with the act; an old carrier's word counts no more."""
        table = self.table
        self.connection.execute(
            update(table)
            .where(table.c.id == entry.id)
            .values(**_standing(entry), lease_owner=None, lease_until=None, lease_epoch=table.c.lease_epoch + 1)
        )
        AuditTrail(self.connection, self.scope).add(act)


def _standing(entry: OutboxEntry) -> dict[str, object]:
    fixed = ("id", "batch", "idempotency_key", "queued_at")
    return {name: value for name, value in row_of(entry, tables.outbox).items() if name not in fixed}

"""Webhooks and their messages: who is told, what waits, and who carries it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select

from store.db import tables
from store.db.audit import Audited
from store.db.rows import Repository, record_of, row_of, upsert
from store.records.webhooks import MessageState, Webhook, WebhookMessage


class Webhooks(Audited[Webhook]):
    """Addresses that are told, oldest first."""

    table = tables.webhook
    kind = Webhook

    def open(self) -> list[Webhook]:
        """Those that were not ended: they are told, or paused."""
        return self.find(self.table.c.revoked_at.is_(None))

    def told(self) -> list[Webhook]:
        """Those that are told now."""
        return self.find(self.table.c.revoked_at.is_(None), self.table.c.paused_at.is_(None))

    def advance(self, webhook: Webhook, read_to: int) -> bool:
        """Move on in the audit trail; False where another process did so meanwhile."""
        table = self.table
        moved = self.connection.execute(
            table.update()
            .where(
                table.c.id == webhook.id,
                table.c.read_to == webhook.read_to,
                table.c.revoked_at.is_(None),
                table.c.paused_at.is_(None),
            )
            .values(read_to=read_to)
        )
        return moved.rowcount == 1


class WebhookMessages(Repository[WebhookMessage]):
    """Messages, oldest first."""

    table = tables.webhook_message
    kind = WebhookMessage

    def enter(self, messages: Sequence[WebhookMessage]) -> None:
        """Enter messages; one of the same source is there already and stays as it is."""
        rows = [row_of(message, self.table) for message in messages]
        upsert(self.connection, self.table, rows, ["webhook", "source"], replace=False)

    def claim(self, owner: str, now: datetime, until: datetime, besides: Collection[str]) -> WebhookMessage | None:
        """Take the message that is due longest, to a webhook that still is told and is not one of `besides`."""
        table, hook = self.table, tables.webhook
        statement = (
            select(table)
            .join(hook, hook.c.id == table.c.webhook)
            .where(
                table.c.state == MessageState.READY.value,
                table.c.next_at <= now,
                or_(table.c.lease_until.is_(None), table.c.lease_until <= now),
                hook.c.revoked_at.is_(None),
                hook.c.paused_at.is_(None),
                table.c.webhook.not_in(sorted(besides)),
            )
            .order_by(table.c.next_at, table.c.id)
            .limit(1)
            .with_for_update(of=table, skip_locked=True)
        )
        row = self.connection.execute(statement).first()
        if row is None:
            return None
        lease = {"lease_owner": owner, "lease_until": until}
        self.connection.execute(table.update().where(table.c.id == row.id).values(**lease))
        return record_of(WebhookMessage, row)

    def settle(self, message: WebhookMessage, owner: str) -> bool:
        """Write how a carried message stands; False where somebody else took it over."""
        table = self.table
        values = {name: value for name, value in row_of(message, table).items() if name not in ("id", "body")}
        done = self.connection.execute(
            table.update()
            .where(table.c.id == message.id, table.c.lease_owner == owner)
            .values(**values, lease_owner=None, lease_until=None)
        )
        return done.rowcount == 1

    def forget(self, before: datetime) -> int:
        """Let go of what was delivered before that time; gives how many there were."""
        table = self.table
        settled = (table.c.state == MessageState.DELIVERED.value, table.c.settled_at < before)
        return int(self.connection.execute(table.delete().where(*settled)).rowcount)

"""Keys to the outer doors and what came in through them: rows and back."""

from __future__ import annotations

from datetime import datetime

from store.db import tables
from store.db.audit import Audited
from store.db.rows import Repository
from store.records.doors import AnswerReceipt, ApiKey, ApiReply, BatchLink


class BatchLinks(Audited[BatchLink]):
    """Signed links, oldest first."""

    table = tables.batch_link
    kind = BatchLink

    def of_batch(self, batch: str) -> list[BatchLink]:
        """Every link to one batch."""
        return self.find(self.table.c.batch == batch)

    def held_by(self, opener_sha256: str, now: datetime) -> list[BatchLink]:
        """Links that one browser has opened and that still hold."""
        return self.find(
            self.table.c.opener_sha256 == opener_sha256,
            self.table.c.revoked_at.is_(None),
            self.table.c.expires_at > now,
        )

    def open(self, id: str, opener_sha256: str, now: datetime) -> bool:
        """Take the one opening of a link; False when somebody else took it before."""
        taken = self.connection.execute(
            self.table.update()
            .where(
                self.table.c.id == id,
                self.table.c.opener_sha256.is_(None),
                self.table.c.revoked_at.is_(None),
                self.table.c.expires_at > now,
            )
            .values(opener_sha256=opener_sha256, opened_at=now)
        )
        return taken.rowcount == 1

    def hand_on(self, old_sha256: str, new_sha256: str) -> None:
        """Let a browser's links follow it to a fresh cookie."""
        self.connection.execute(
            self.table.update().where(self.table.c.opener_sha256 == old_sha256).values(opener_sha256=new_sha256)
        )


class AnswerReceipts(Audited[AnswerReceipt]):
    """Receipts, oldest first."""

    table = tables.answer_receipt
    kind = AnswerReceipt

    def of_batch(self, batch: str) -> list[AnswerReceipt]:
        """Every receipt for answers to one batch."""
        return self.find(self.table.c.batch == batch)


class ApiKeys(Audited[ApiKey]):
    """Keys of programs."""

    table = tables.api_key
    kind = ApiKey

    def of_secret(self, secret_sha256: str) -> ApiKey | None:
        """The key of that secret, whether it still opens anything or not."""
        return self.first(self.table.c.secret_sha256 == secret_sha256)


class ApiReplies(Repository[ApiReply]):
    """Answers given under idempotency keys."""

    table = tables.api_reply
    kind = ApiReply

    def of(self, key: str, idempotency_key: str) -> ApiReply | None:
        """What that request was answered before."""
        return self.first(self.table.c.key == key, self.table.c.idempotency_key == idempotency_key)

"""Sessions: kept on the server, so that ending one ends it everywhere."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from store.db import tables
from store.db.rows import Repository
from store.records.accounts import Session


class Sessions(Repository[Session]):
    """Browsers signed in, and those that were."""

    table = tables.session
    kind = Session

    def of_token(self, token_sha256: str) -> Session | None:
        """The session of a cookie, valid or not."""
        return self.first(self.table.c.token_sha256 == token_sha256)

    def open_of(self, account: str, now: datetime) -> list[Session]:
        """Sessions of one account that are neither revoked nor past their absolute limit."""
        return self.find(
            self.table.c.account == account, self.table.c.revoked_at.is_(None), self.table.c.ends_at > now
        )

    def saw(self, session: str, now: datetime) -> None:
        """Note a request."""
        self.connection.execute(update(self.table).where(self.table.c.id == session).values(seen_at=now))

    def step_up(self, session: str, now: datetime) -> None:
        """Note a fresh code."""
        self.connection.execute(update(self.table).where(self.table.c.id == session).values(stepped_up_at=now))

    def revoke(self, session: str, now: datetime, because: str) -> None:
        """End one session; a revoked one stays as it was."""
        self.connection.execute(
            update(self.table)
            .where(self.table.c.id == session, self.table.c.revoked_at.is_(None))
            .values(revoked_at=now, revoked_because=because)
        )

    def revoke_all(self, account: str, now: datetime, because: str, *, keep: str | None = None) -> int:
        """End every session of one account, but `keep`; says how many were open."""
        statement = update(self.table).where(self.table.c.account == account, self.table.c.revoked_at.is_(None))
        if keep is not None:
            statement = statement.where(self.table.c.id != keep)
        return self.connection.execute(statement.values(revoked_at=now, revoked_because=because)).rowcount

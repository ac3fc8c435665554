"""Sessions: kept on the server, so that ending one ends it everywhere."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select, update

from store.db import tables
from store.db.rows import Repository, record_of
from store.records.accounts import Account, Session


class Sessions(Repository[Session]):
    """Browsers signed in, and those that were."""

    table = tables.session
    kind = Session

    def of_token(self, token_sha256: str) -> Session | None:
        """The session of a cookie, valid or not."""
        return self.first(self.table.c.token_sha256 == token_sha256)

    def with_account(self, token_sha256: str) -> tuple[Session, Account] | None:
        """The session of a cookie and its account, valid or not: what every request asks first."""
        row = self.connection.execute(_WITH_ACCOUNT, {"b_token": token_sha256}).first()
        if row is None:
            return None
        cut = len(self.table.columns)
        session = dict(zip(self.table.columns.keys(), row[:cut], strict=True))
        account = dict(zip(tables.account.columns.keys(), row[cut:], strict=True))
        return record_of(Session, session), record_of(Account, account)

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


_WITH_ACCOUNT = (
    select(
        *(column.label(f"session_{column.name}") for column in tables.session.columns),
        *(column.label(f"account_{column.name}") for column in tables.account.columns),
    )
    .join(tables.account, tables.account.c.id == tables.session.c.account)
    .where(tables.session.c.token_sha256 == bindparam("b_token"))
)

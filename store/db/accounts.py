"""Accounts, failures at the door, and looks at personal values."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from store.db import tables
from store.db.audit import AuditTrail
from store.db.rows import Repository, row_of, upsert
from store.records.accounts import Account, LoginAttempts, Reveal, Role
from store.records.ledger import AuditEntry


def fold_name(name: str) -> str:
    """The name as it is looked up: without case and outer blanks."""
    return name.strip().casefold()


class Accounts(Repository[Account]):
    """Every account; a change is always written with the act that made it."""

    table = tables.account
    kind = Account

    def save(self, account: Account, act: AuditEntry) -> None:
        """Insert or replace one account together with the act that did it."""
        row = {**row_of(account, self.table), "name_folded": fold_name(account.name)}
        upsert(self.connection, self.table, [row], ["id"])
        AuditTrail(self.connection, self.scope).add(act)

    def use_code(self, account: str, step: int) -> bool:
        """Take the one-time code of this half minute; False when it, or a later one, was used before."""
        used = self.connection.execute(
            self.table.update()
            .where(self.table.c.id == account, self.table.c.totp_step < step)
            .values(totp_step=step)
        )
        return used.rowcount == 1

    def named(self, name: str) -> Account | None:
        """The account of that name, whatever the case of its letters."""
        return self.first(self.table.c.name_folded == fold_name(name))

    def invited(self, token_sha256: str, now: datetime) -> Account | None:
        """The account that an open one-time link belongs to."""
        return self.first(
            self.table.c.invitation_sha256 == token_sha256,
            self.table.c.invited_until > now,
            self.table.c.disabled_at.is_(None),
        )

    def is_first_run(self) -> bool:
        """Whether nobody has an account yet."""
        return self.connection.execute(select(self.table.c.id).limit(1)).first() is None

    def open_admins(self) -> list[Account]:
        """Who can make accounts: neither disabled nor still invited."""
        ready = self.find(self.table.c.disabled_at.is_(None), self.table.c.password_hash.is_not(None))
        return [account for account in ready if Role.ADMIN in account.roles]


class Attempts(Repository[LoginAttempts]):
    """Failures in a row, by keyed digest."""

    table = tables.login_attempt
    kind = LoginAttempts

    def of(self, subject: str) -> LoginAttempts | None:
        """What is known of one name or address."""
        return self.first(self.table.c.subject == subject)

    def forget(self, subject: str) -> None:
        """Start anew after a success."""
        self.connection.execute(delete(self.table).where(self.table.c.subject == subject))

    def forget_before(self, moment: datetime) -> None:
        """Drop what is long past, so that strangers cannot fill the table for good."""
        self.connection.execute(delete(self.table).where(self.table.c.last_at < moment))


class Reveals(Repository[Reveal]):
    """Who looked at which personal value, and why; only ever added to."""

    table = tables.reveal
    kind = Reveal

    def enter(self, reveal: Reveal, act: AuditEntry) -> None:
        """Enter one look and its act."""
        self.add(reveal)
        AuditTrail(self.connection, self.scope).add(act)

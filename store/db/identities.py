"""Subjects of issuers and the accounts they open; tries to sign in."""

from __future__ import annotations

from datetime import datetime

from store.db import tables
from store.db.audit import Audited
from store.db.rows import Repository
from store.records.identities import Identity, SignInTry


class Identities(Audited[Identity]):
    """Which subject opens which account."""

    table = tables.identity
    kind = Identity

    def of(self, issuer: str, subject: str) -> Identity | None:
        """The account's key of that subject, letter for letter."""
        return self.first(self.table.c.issuer == issuer, self.table.c.subject == subject)


class SignInTries(Repository[SignInTry]):
    """Browsers that were sent to an issuer."""

    table = tables.sign_in_try
    kind = SignInTry

    def take(self, state_sha256: str, browser_sha256: str) -> SignInTry | None:
        """The try of that state in that browser, which is gone from then on; None where there is none."""
        table = self.table.c
        mine = (table.state_sha256 == state_sha256, table.browser_sha256 == browser_sha256)
        found = self.first(*mine)
        if found is None:
            return None
        gone = self.connection.execute(self.table.delete().where(*mine))
        return found if gone.rowcount == 1 else None

    def forget(self, before: datetime) -> None:
        """Let go of tries that nobody came back from."""
        self.connection.execute(self.table.delete().where(self.table.c.at < before))

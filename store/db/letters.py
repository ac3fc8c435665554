"""Letters that were taken in from mailboxes on mail servers."""

from __future__ import annotations

from sqlalchemy import select

from store.db.rows import Repository
from store.db.tables import letter as letter_table
from store.records.letters import TakenLetter


class TakenLetters(Repository[TakenLetter]):
    """Letters by mailbox, UIDVALIDITY and UID; inserted once, never changed."""

    table = letter_table
    kind = TakenLetter

    def uids(self, mailbox: str, validity: int) -> frozenset[int]:
        """UIDs of a mailbox that were taken in while it counted so."""
        where = (letter_table.c.mailbox == mailbox, letter_table.c.validity == validity)
        return frozenset(self.connection.execute(select(letter_table.c.uid).where(*where)).scalars())

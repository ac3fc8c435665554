"""Letters of mailboxes on mail servers: those that were taken in, and those that wait for another try."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import select

from store.db.by_ref import in_lots
from store.db.rows import Repository
from store.db.tables import letter as letter_table
from store.db.tables import waiting_letter
from store.records.letters import TakenLetter, WaitingLetter


class TakenLetters(Repository[TakenLetter]):
    """Letters by mailbox, UIDVALIDITY and UID; inserted once, never changed."""

    table = letter_table
    kind = TakenLetter

    def uids(self, mailbox: str, validity: int) -> frozenset[int]:
        """UIDs of a mailbox that were taken in while it counted so."""
        where = (letter_table.c.mailbox == mailbox, letter_table.c.validity == validity)
        return frozenset(self.connection.execute(select(letter_table.c.uid).where(*where)).scalars())


class WaitingLetters(Repository[WaitingLetter]):
    """Letters that could not be taken in, by mailbox, UIDVALIDITY and UID."""

    table = waiting_letter
    kind = WaitingLetter

    def of(self, mailbox: str, validity: int) -> dict[int, WaitingLetter]:
        """Those of a mailbox, by UID, while it counts so."""
        found = self.find(self.table.c.mailbox == mailbox, self.table.c.validity == validity)
        return {each.uid: each for each in found}

    def keep(self, letter: WaitingLetter) -> None:
        """Enter a letter, or how it stands after one more try."""
        self.put([letter], keys=("mailbox", "validity", "uid"))

    def gone(self, mailbox: str, validity: int, uids: Collection[int]) -> list[str]:
        """Ids of those of a mailbox that it holds no more, or that it numbers otherwise by now."""
        found = self.find(self.table.c.mailbox == mailbox)
        return [each.id for each in found if each.validity != validity or each.uid not in uids]

    def let_go(self, ids: Iterable[str]) -> None:
        """These wait no more."""
        for lot in in_lots(ids):
            self.connection.execute(self.table.delete().where(self.table.c.id.in_(lot)))

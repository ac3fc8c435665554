"""Tombstones of erased bytes, and legal holds."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from store.db.audit import Audited
from store.db.by_ref import in_lots
from store.db.tables import legal_hold as hold_table
from store.db.tables import tombstone as tombstone_table
from store.records.keeping import LegalHold, Tombstone
from store.records.scope import EVERYTHING


class Tombstones(Audited[Tombstone]):
    """What was erased by decision, by digest."""

    table = tombstone_table
    kind = Tombstone

    def of(self, sha256: str) -> Tombstone | None:
        """The tombstone of a digest; None where nothing of it was erased."""
        return self.first(tombstone_table.c.sha256 == sha256)


class LegalHolds(Audited[LegalHold]):
    """Holds, those released as well."""

    table = hold_table
    kind = LegalHold

    def standing(self) -> list[LegalHold]:
        """Every hold that was not released."""
        return self.find(hold_table.c.released_at.is_(None))


def tombstones_of(connection: Connection, digests: Iterable[str]) -> dict[str, Tombstone]:
    """The tombstones among these digests."""
    repository = Tombstones(connection, EVERYTHING)
    found = (each for lot in in_lots(digests) for each in repository.find(tombstone_table.c.sha256.in_(lot)))
    return {each.sha256: each for each in found}

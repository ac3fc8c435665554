"""Pictures to compare listings with, and the perceptual hashes of any picture."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from store.db import tables
from store.db.by_ref import ByRef, in_lots
from store.db.rows import record_of, row_of, upsert
from store.records.references import Fingerprint, Reference


class References(ByRef[Reference]):
    """References, unique by (holder, reference_ref); fingerprints, by picture, algorithm, version and variant."""

    table = tables.reference
    kind = Reference
    ref_column = "reference_ref"

    def live(self) -> list[Reference]:
        """References in scope that are not withdrawn."""
        return self.find(self.table.c.withdrawn_on.is_(None))

    def put_fingerprints(self, fingerprints: Iterable[Fingerprint]) -> None:
        """Keep fingerprints; one already kept for the same picture, algorithm, version and variant is replaced."""
        table = tables.fingerprint
        rows = [row_of(fingerprint, table) for fingerprint in fingerprints]
        upsert(self.connection, table, rows, [column.name for column in table.primary_key.columns])

    def fingerprints(
        self, sha256s: Iterable[str], *, algorithm: str | None = None, version: str | None = None
    ) -> list[Fingerprint]:
        """
        Fingerprints of these pictures, of one algorithm and version where named.

        Not narrowed by the scope: a fingerprint belongs to bytes, not to a holder.
        """
        table = tables.fingerprint
        found: list[Fingerprint] = []
        for lot in in_lots(sha256s):
            statement = select(table).where(table.c.sha256.in_(lot)).order_by(*table.primary_key.columns)
            if algorithm is not None:
                statement = statement.where(table.c.algorithm == algorithm)
            if version is not None:
                statement = statement.where(table.c.version == version)
            found += [record_of(Fingerprint, row) for row in self.connection.execute(statement)]
        return found

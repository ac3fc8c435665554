"""Determinations of the holders' experts: appended, never changed."""

from __future__ import annotations

from collections.abc import Iterable

from store.db import tables
from store.db.audit import AuditTrail
from store.db.by_ref import in_lots
from store.db.rows import Repository
from store.records.cases import Determination
from store.records.ledger import AuditEntry


class Determinations(Repository[Determination]):
    """What named experts said of items; the latest word counts."""

    table = tables.determination
    kind = Determination

    def append(self, determination: Determination, act: AuditEntry) -> None:
        """Enter one determination and its act."""
        self.add(determination)
        AuditTrail(self.connection, self.scope).add(act)

    def latest(self, findings: Iterable[str]) -> dict[str, Determination]:
        """The latest determination of each finding; a finding without any is absent."""
        found: list[Determination] = []
        for lot in in_lots(findings):
            found.extend(self.each(self.table.c.finding.in_(lot)))
        return {d.finding: d for d in sorted(found, key=lambda d: (d.at, d.id))}

"""Determinations of the holders' experts: appended, never changed."""

from __future__ import annotations

from collections.abc import Iterable

from store.db import tables
from store.db.audit import AuditRepository
from store.db.decisions import IDS_A_QUERY
from store.db.rows import Repository
from store.records.cases import Determination
from store.records.ledger import AuditEntry


class DeterminationRepository(Repository[Determination]):
    """What named experts said of items; the latest word counts."""

    table = tables.determination
    kind = Determination

    def append(self, determination: Determination, act: AuditEntry) -> None:
        """Enter one determination and its act."""
        self.add(determination)
        AuditRepository(self.connection, self.scope).add(act)

    def latest(self, findings: Iterable[str]) -> dict[str, Determination]:
        """The latest determination of each finding; a finding without any is absent."""
        wanted = sorted(set(findings))
        found: list[Determination] = []
        for start in range(0, len(wanted), IDS_A_QUERY):
            found.extend(self.each(self.table.c.finding.in_(wanted[start : start + IDS_A_QUERY])))
        return {d.finding: d for d in sorted(found, key=lambda d: (d.at, d.id))}

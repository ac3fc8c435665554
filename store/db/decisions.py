"""Decisions: an append-only ledger."""

from __future__ import annotations

from collections.abc import Iterable

from store.db import tables
from store.db.audit import AuditRepository
from store.db.rows import Repository
from store.records.cases import Decision
from store.records.ledger import AuditEntry

# SQLite takes 32,766 variables in one statement; far below, so that a page of findings is one query.
IDS_A_QUERY = 500


class DecisionRepository(Repository[Decision]):
    """Decisions in the order they were taken; there is no way to change or remove one."""

    table = tables.decision
    kind = Decision

    def append(self, decision: Decision, act: AuditEntry) -> None:
        """Enter one decision and its act."""
        self.add(decision)
        AuditRepository(self.connection, self.scope).add(act)

    def of_findings(self, findings: Iterable[str]) -> dict[str, list[Decision]]:
        """Decisions by finding, in the order they were taken; a finding without any is absent."""
        wanted = sorted(set(findings))
        found: dict[str, list[Decision]] = {}
        for start in range(0, len(wanted), IDS_A_QUERY):
            for decision in self.each(self.table.c.finding.in_(wanted[start : start + IDS_A_QUERY])):
                found.setdefault(decision.finding, []).append(decision)
        for decisions in found.values():
            decisions.sort(key=lambda decision: (decision.at, decision.id))
        return found

"""Decisions: an append-only ledger."""

from __future__ import annotations

from collections.abc import Iterable

from store.db import tables
from store.db.audit import AuditTrail
from store.db.by_ref import in_lots
from store.db.rows import Repository
from store.records.cases import Decision
from store.records.ledger import AuditEntry


class Decisions(Repository[Decision]):
    """Decisions in the order they were taken; there is no way to change or remove one."""

    table = tables.decision
    kind = Decision

    def append(self, decision: Decision, act: AuditEntry) -> None:
        """Enter one decision and its act."""
        self.add(decision)
        AuditTrail(self.connection, self.scope).add(act)

    def of_findings(self, findings: Iterable[str]) -> dict[str, list[Decision]]:
        """Decisions by finding, in the order they were taken; a finding without any is absent."""
        found: dict[str, list[Decision]] = {}
        for lot in in_lots(findings):
            for decision in self.each(self.table.c.finding.in_(lot)):
                found.setdefault(decision.finding, []).append(decision)
        for decisions in found.values():
            decisions.sort(key=lambda decision: (decision.at, decision.id))
        return found

"""Decisions: an append-only ledger."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from store.db import tables
from store.db.audit import AuditTrail
from store.db.by_ref import in_lots
from store.db.rows import Repository, made_once
from store.records.cases import Decision
from store.records.ledger import AuditEntry
from store.records.scope import Scope


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
            for row in self.connection.execute(_of_findings(self.connection, self.scope), {"b_findings": lot}):
                decision = self._read(row)
                found.setdefault(decision.finding, []).append(decision)
        for decisions in found.values():
            decisions.sort(key=lambda decision: (decision.at, decision.id))
        return found


@made_once
def _of_findings(connection: Connection, scope: Scope) -> Select[Any]:
    table = Decisions.table
    asked = table.c.finding.in_(bindparam("b_findings", expanding=True))
    return select(table).where(*Decisions(connection, scope).narrowed(), asked)

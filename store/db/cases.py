"""Cases: rows and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, or_, select

from store.db import tables
from store.db.audit import Audited
from store.db.by_ref import in_lots
from store.db.review import ReviewItems
from store.db.rows import made_once
from store.records.cases import Case, CaseState
from store.records.findings import Finding
from store.records.ledger import AuditEntry
from store.records.scope import Scope


class Cases(Audited[Case]):
    """Cases, found by number or by what they group."""

    table = tables.case
    kind = Case

    def numbered(self, number: int) -> Case | None:
        """The case people call by that number."""
        return self.first(self.table.c.number == number)

    def in_state(self, *states: CaseState) -> list[Case]:
        """Cases that stand so, the oldest first."""
        return self.find(self.table.c.state.in_([state.value for state in states]))

    def holding(self, finding: str) -> list[Case]:
        """Cases that group a finding; read through, because a JSON list has no portable index."""
        return [case for case in self.each() if finding in case.findings]

    def of_findings(self, findings: Iterable[Finding]) -> list[Case]:
        """
        Cases that group any of these findings.

        Asked for by what a case groups (right, platform, account), so that the answer takes as long with a hundred
        thousand cases as with ten; a case whose listing has named its seller only since is found without it.
        """
        wanted = {finding.id for finding in findings}
        found: dict[str, Case] = {}
        for lot in in_lots(wanted):
            for row in self.connection.execute(_grouping(self.connection, self.scope), {"b_findings": lot}):
                case = self._read(row)
                if wanted & set(case.findings):
                    found[case.id] = case
        return list(found.values())

    def write(self, records: Iterable[Case], act: AuditEntry, *, keys: Sequence[str] = ("id",)) -> None:
        """Insert or replace cases with the act that did it, and list their findings under them."""
        cases = list(records)
        super().write(cases, act, keys=keys)
        items = ReviewItems(self.connection, self.scope)
        for case in cases:
            items.place(case, case.findings)


@made_once
def _grouping(connection: Connection, scope: Scope) -> Select[Any]:
    table, finding, listing = tables.case, tables.finding, tables.listing
    keys = (
        select(table.c.id)
        .join(listing, listing.c.platform == table.c.platform)
        .join(finding, (finding.c.listing == listing.c.id) & (finding.c.right == table.c.right))
        .where(finding.c.id.in_(bindparam("b_findings", expanding=True)))
        .where(or_(table.c.seller == listing.c.seller, table.c.seller.is_(None)))
    )
    return select(table).where(*Cases(connection, scope).narrowed(), table.c.id.in_(keys)).order_by(table.c.id)

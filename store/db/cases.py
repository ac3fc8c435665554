"""Cases: rows and back."""

from __future__ import annotations

from store.db import tables
from store.db.audit import Audited
from store.records.cases import Case, CaseState


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

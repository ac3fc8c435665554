"""Lists findings anew for the desk, where another version or a hand wrote them without their row."""

from __future__ import annotations

from cases.decisions import current_decision
from store.db.cases import Cases
from store.db.decisions import Decisions
from store.db.review import ReviewItems
from store.db.session import Database
from store.records.scope import EVERYTHING

# Well under the 500 rows a transaction may write, each finding being a row, its case and its decision.
FINDINGS_A_WRITE = 100


def relist_findings(database: Database) -> int:
    """
    Give every finding without a row in the desk's list its row, with its case and what stands; says how many.

    Running it again changes nothing; a desk that opens an older database calls it once.
    """
    with database.read() as connection:
        missing = ReviewItems(connection, EVERYTHING).without_row()
        if not missing:
            return 0
        cases = Cases(connection, EVERYTHING).find()
    for start in range(0, len(missing), FINDINGS_A_WRITE):
        with database.write() as connection:
            items = ReviewItems(connection, EVERYTHING)
            lot = missing[start : start + FINDINGS_A_WRITE]
            items.refresh(lot)
            for finding, decisions in Decisions(connection, EVERYTHING).of_findings(lot).items():
                items.settle(finding, current_decision(decisions))
    for case in cases:
        with database.write() as connection:
            ReviewItems(connection, EVERYTHING).place(case, case.findings)
    return len(missing)

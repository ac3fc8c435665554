"""
The audit trail at scale: acts entered, sealed and checked, entries a second.

Entries are those of reviewing: half of them with two values of detail. They are entered a hundred a transaction, as
a busy desk's writers commit them, sealed by the one sealer, and the whole chain is recomputed in one process. Beside
the check stands reading the same rows as values and doing nothing with them, in the same run.
"""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from store.db.audit import AuditTrail
from store.db.audit_chain import seal_entries, walk_chain
from store.db.session import Database
from store.db.tables import audit_entry
from store.records.ids import new_id
from store.records.ledger import AuditEntry
from store.records.scope import EVERYTHING
from tests.benchmarks.frame import Benchmark, Row
from tests.ledgers import new_ledger

ENTRIES = 100_000
A_TRANSACTION = 100


def run(*, data: Path | None, seed: int | None, size: int | None) -> Benchmark:
    """Rates of entering, sealing and checking."""
    del data, seed
    count = size or ENTRIES
    with tempfile.TemporaryDirectory() as folder, Database(f"sqlite:///{Path(folder) / 'marque.db'}") as database:
        new_ledger(database)
        began = time.perf_counter()
        for start in range(0, count, A_TRANSACTION):
            enter(database, range(start, min(start + A_TRANSACTION, count)))
        entered = time.perf_counter()
        seal_entries(database)
        sealed = time.perf_counter()
        with database.read() as connection:
            state = walk_chain(connection)
        walked = time.perf_counter()
        with database.read() as connection:
            statement = select(audit_entry).order_by(audit_entry.c.sequence)
            for _ in connection.execute(statement, execution_options={"yield_per": 2000}).partitions():
                pass
        read = time.perf_counter()
    case = f"{count} entries, SQLite"
    return Benchmark(
        rows=(
            # A desk of fifty makes about ten acts a second; a busy crawl a few. The sealer must never fall behind.
            Row(case=case, measure="entered a second, 100 a commit", value=count / (entered - began), aim=">= 1000"),
            Row(case=case, measure="sealed a second", value=count / (sealed - entered), aim=">= 1000"),
            Row(
                case=case,
                measure="checked a second, one process",
                value=count / (walked - sealed),
                aim=">= 300000",
                baseline={"read only": count / (read - walked)},
            ),
            Row(case=case, measure="breaks in a whole chain", value=state.break_count, aim="== 0"),
            Row(case=case, measure="entries not sealed", value=state.unsealed + count - state.head.count, aim="== 0"),
        )
    )


def enter(database: Database, numbers: range) -> None:
    """Enter acts of reviewing in one transaction, one a number."""
    at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    with database.write() as connection:
        AuditTrail(connection, EVERYTHING).put(
            AuditEntry(
                id=new_id(),
                at=at + timedelta(milliseconds=number),
                actor="Jane Roe",
                action="decide_finding",
                subject_kind="finding",
                subject=new_id(),
                detail={"verdict": "confirm", "case": str(number)} if number % 2 else {},
            )
            for number in numbers
        )

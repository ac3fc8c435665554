"""What registers say today: hundreds of rights at once, never backwards, never silently."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

from registry.intake import import_records
from registry.report import ImportReport
from store.db.rights import Rights
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.ids import Clock, NewId
from store.records.rights import Right, RightStatus
from store.records.scope import EVERYTHING

RIGHTS = (
    "right_ref,holder,kind,office,registration_number,nice_classes,territories,status,status_checked_on,expires_on"
)
HEADS = "office,registration_number,status,status_checked_on,expires_on"


class Office:
    """A database with 300 marks of two offices, and a hand that brings sheets."""

    def __init__(self, database: Database, vault: Vault, folder: Path, clock: Clock, ids: NewId) -> None:
        self.database, self.vault, self.folder, self.clock, self.ids = database, vault, folder, clock, ids
        rows = [
            f"R{n},Norrsken Ur,trademark,{'EM' if n % 2 else 'WO'},{1000000 + n},14,EU,active,2025-01-02,2030-01-01"
            for n in range(300)
        ]
        assert self.bring("rights", RIGHTS, *rows).added == 300

    def bring(self, kind: str, *lines: str, dry_run: bool = False) -> ImportReport:
        """Import one sheet."""
        file = self.folder / f"{kind}.csv"
        file.write_text("\n".join(lines) + "\n", "utf-8")
        return import_records(
            kind, self.database, self.vault, file, dry_run=dry_run, clock=self.clock, by="Ann", new_id=self.ids
        )

    def right(self, ref: str) -> Right:
        """One right as it stands."""
        with self.database.read() as connection:
            (found,) = Rights(connection, EVERYTHING).find(Rights.table.c.right_ref == ref)
        return found


def test_hundreds_are_refreshed_at_once_and_the_same_file_again_changes_nothing(
    database: Database, vault: Vault, tmp_path: Path, clock: Clock, ids: NewId
) -> None:
    office = Office(database, vault, tmp_path, clock, ids)
    rows = [f"{'EUIPO' if n % 2 else 'WO'},{1000000 + n},active,2026-03-01," for n in range(300)]
    rows[7] = "EM,1 000 007,cancelled,2026-03-01,2026-02-20"
    assert office.bring("recheck", HEADS, *rows, dry_run=True).changed == 300
    assert office.right("R8").status_checked_on == date(2025, 1, 2), "a dry run writes nothing"
    report = office.bring("recheck", HEADS, *rows)
    assert (report.changed, report.refusals) == (300, ())
    assert "R7 was active and is cancelled" in report.notes
    assert office.right("R8").status_checked_on == date(2026, 3, 1)
    assert office.right("R8").expires_on == date(2030, 1, 1), "an empty cell keeps what is stored"
    assert office.right("R7").status is RightStatus.CANCELLED and office.right("R7").expires_on == date(2026, 2, 20)
    again = office.bring("recheck", HEADS, *rows)
    assert (again.changed, again.unchanged, again.notes) == (0, 300, ())


def test_older_words_future_days_and_unknown_numbers_are_refused_with_their_rows(
    database: Database, vault: Vault, tmp_path: Path, clock: Clock, ids: NewId
) -> None:
    office = Office(database, vault, tmp_path, clock, ids)
    report = office.bring(
        "recheck",
        HEADS,
        "EM,1000001,active,2024-12-31,",
        "EM,1000003,active,2031-01-01,",
        "EM,4000000,active,2026-03-01,",
        "WO,1000001,active,2026-03-01,",
        "EM,1000005,alive,2026-03-01,",
        "EM,1000009,active,2026-03-01,",
    )
    assert report.changed == 1
    assert [(refusal.row, refusal.column) for refusal in report.refusals] == [
        (2, "status_checked_on"),
        (3, "status_checked_on"),
        (4, "registration_number"),
        (5, "registration_number"),
        (6, "status"),
    ]
    assert office.right("R1").status_checked_on == date(2025, 1, 2)


def test_the_template_is_what_the_reader_takes() -> None:
    from registry.templates import template

    rows = list(csv.DictReader(io.StringIO(template("recheck"))))
    assert rows[0]["office"] == "EM" and HEADS.split(",") == list(rows[0])

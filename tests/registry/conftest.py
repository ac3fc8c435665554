"""A desk to import at: files are written into one folder, every import runs against a real database and vault."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import func, select

from registry.intake import import_records
from registry.report import ImportReport
from registry.templates import template
from store.db import tables
from store.db.session import Database
from store.evidence.vault import Vault
from tests.ledgers import new_ledger

TABLES = (
    tables.party, tables.right, tables.mandate, tables.product, tables.work, tables.reference, tables.seller_rule,
    tables.audit_entry,
)  # fmt: skip


def sheet_text(rows: Sequence[dict[str, str]], delimiter: str = ",") -> str:
    """CSV text of rows, heads from the first row's keys."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def example_row(kind: str, **changes: str) -> dict[str, str]:
    """The template's example row, with some cells changed."""
    row = next(csv.DictReader(io.StringIO(template(kind))))
    return row | changes


def write_photo(path: Path, *, side: int = 128, flat: bool = False, form: str | None = None) -> None:
    """A picture of stripes and blots, or of one tone; the same bytes every time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((side, side, 3), 200, dtype=np.uint8)
    if not flat:
        pixels[:, ::7] = (20, 60, 90)
        pixels[side // 4 : side // 2, side // 3 :] = np.random.default_rng(7).integers(0, 255, 3)
    Image.fromarray(pixels).save(path, form)


@dataclass
class Desk:
    """Where the tests import."""

    database: Database
    vault: Vault
    clock: Callable[[], datetime]
    ids: Callable[[], str]
    folder: Path

    def import_bytes(
        self, kind: str, data: bytes | str, *, name: str | None = None, dry_run: bool = False
    ) -> ImportReport:
        """Import a file of these bytes."""
        path = self.folder / (name or f"{kind}.csv")
        path.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
        return self.import_path(kind, path, dry_run=dry_run)

    def import_path(self, kind: str, path: Path, *, dry_run: bool = False) -> ImportReport:
        """Import a file that is there."""
        return import_records(
            kind, self.database, self.vault, path, dry_run=dry_run, clock=self.clock, by="tester", new_id=self.ids
        )

    def import_rows(self, kind: str, *rows: dict[str, str], dry_run: bool = False) -> ImportReport:
        """Import these rows as CSV."""
        return self.import_bytes(kind, sheet_text(rows), dry_run=dry_run)

    def import_examples(self, *kinds: str) -> None:
        """Import the templates' own examples; every row must stand."""
        for kind in kinds:
            if kind == "references":
                write_photo(self.folder / "photos" / "polaris-front.jpg")
            report = self.import_bytes(kind, template(kind))
            assert not report.refusals, [str(refusal) for refusal in report.refusals]

    def counts(self) -> dict[str, int]:
        """Rows of each table the registry writes."""
        with self.database.read() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in TABLES
            }


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the whole schema, migrated once: copying it is much quicker."""
    path = tmp_path_factory.mktemp("migrated") / "marque.db"
    with Database(f"sqlite:///{path}") as opened:
        new_ledger(opened)
    return path


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty database with the whole schema."""
    shutil.copyfile(migrated, tmp_path / "marque.db")
    with Database(f"sqlite:///{tmp_path / 'marque.db'}") as opened:
        yield opened


@pytest.fixture
def desk(
    database: Database, vault: Vault, clock: Callable[[], datetime], ids: Callable[[], str], tmp_path: Path
) -> Iterator[Desk]:
    """An empty registry and a folder to hand files in with."""
    folder = tmp_path / "handed-in"
    folder.mkdir()
    yield Desk(database=database, vault=vault, clock=clock, ids=ids, folder=folder)

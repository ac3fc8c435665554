"""
How every sheet comes in: read, check each row alone, then compare with what is stored, in short transactions.

A row is whole or not at all. A file can be imported again at any time: rows that stand as they are change nothing,
so an interrupted import is finished by the same command. Files named in rows lie in the vault, flushed, before
the transaction that names them. Each added or changed record has its audit entry in the same transaction.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import Connection

from registry import files
from registry.columns import SheetKind
from registry.errors import BadCell, UnreadableFile
from registry.lines import Line
from registry.photos import PhotoCheck, check_photo
from registry.read_csv import read_csv
from registry.read_json import read_json
from registry.read_xlsx import read_xlsx
from registry.report import ImportReport, RowRefusal
from registry.sheet import MAX_FILE_BYTES, Row, Sheet
from store.db import tables
from store.db.mandates import Mandates
from store.db.parties import Parties
from store.db.products import Products
from store.db.references import References
from store.db.rights import Rights
from store.db.rows import ROWS_A_WRITE, Repository, row_of
from store.db.seller_rules import SellerRules
from store.db.session import Database
from store.db.works import Works
from store.evidence.vault import Vault
from store.records.ids import Clock, NewId
from store.records.ledger import AuditEntry
from store.records.scope import EVERYTHING

D = TypeVar("D")
R = TypeVar("R")

# Who points at whom: a row is written after those it points to.
_ORDER: tuple[type[Repository[Any]], ...] = (Parties, Rights, Mandates, Works, Products, References, SellerRules)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old .xls, and any Office file under a password


class Outcome(Enum):
    """What became of a row."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What one import runs with."""

    database: Database
    vault: Vault
    folder: Path
    source_sha256: str
    dry_run: bool
    clock: Clock
    by: str
    new_id: NewId
    only: str | None = None  # legal name of the one holder whose rows may come in; None: of any
    # By reference and SHA-256 of its picture, why it may not identify anyone, "" for one that may. A picture that has
    # no verdict here, or one that says why, comes in withdrawn. None: nobody judges.
    verdicts: Mapping[tuple[str, str], str] | None = None
    check_photo: PhotoCheck = check_photo  # raises `PhotoUnfit` for a picture that is not taken

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A writing transaction; in a dry run, a reading one."""
        with self.database.read() if self.dry_run else self.database.write() as connection:
            yield connection


@dataclass(slots=True)
class Writes:
    """What one transaction will write."""

    errand: Errand
    records: dict[type[Repository[Any]], list[Any]] = field(default_factory=dict)
    entries: list[AuditEntry] = field(default_factory=list)

    def put(self, repository: type[Repository[R]], record: R, outcome: Outcome) -> None:
        """Write one record, with the audit entry of it."""
        self.records.setdefault(repository, []).append(record)
        subject: Any = record  # every record of the registry has an id
        name = repository.table.name
        self.enter(
            f"import_{name}", name, subject.id,
            {"outcome": outcome.value, "file_sha256": self.errand.source_sha256},
        )  # fmt: skip

    def enter(self, action: str, kind: str, subject: str, detail: dict[str, str]) -> None:
        """Write one more audit entry."""
        errand = self.errand
        self.entries.append(
            AuditEntry(
                id=errand.new_id(), at=errand.clock(), actor=errand.by, action=action,
                subject_kind=kind, subject=subject, detail=detail,
            )
        )  # fmt: skip

    def apply(self, connection: Connection) -> None:
        """Write all of it."""
        for repository in _ORDER:
            if repository in self.records:
                repository(connection, EVERYTHING).put(self.records[repository])
        for start in range(0, len(self.entries), ROWS_A_WRITE):
            rows = [row_of(entry, tables.audit_entry) for entry in self.entries[start : start + ROWS_A_WRITE]]
            connection.execute(tables.audit_entry.insert(), rows)


class Importer(ABC, Generic[D]):
    """One kind of sheet: how its row is read alone, and how it is laid among what is stored."""

    kind: ClassVar[SheetKind]
    # Rows of the file in one transaction: no more than 500 rows of the ledger, and under 100 ms on two busy cores
    # (measured: 200 rows took 90 ms in the middle, 180 at worst).
    lines_a_write: ClassVar[int] = 100

    def __init__(self, errand: Errand) -> None:
        self.errand = errand
        self.notes: list[str] = []

    @abstractmethod
    def read(self, line: Line) -> D | None:
        """The row's draft, from the row alone; None where a required value is missing or bad."""

    @abstractmethod
    def key(self, draft: D) -> tuple[str, ...]:
        """What makes the row one of its kind within a file; the first column's value comes last."""

    def collect(self, line: Line, draft: D) -> D:
        """The draft with the digests of the files it names, kept in the vault unless this is a dry run."""
        del line
        return draft

    @abstractmethod
    def look_up(self, connection: Connection, drafts: Sequence[D]) -> None:
        """Fetch what `place` will ask for, in few queries."""

    @abstractmethod
    def place(self, line: Line, draft: D, writes: Writes) -> Outcome | None:
        """Compare with what is stored and say what to write; None after a refusal."""

    def keep_file(self, line: Line, column: str, check: Callable[[bytes], None] | None, limit: int) -> str | None:
        """The digest of the file a cell names, kept; None for an empty cell or after a refusal."""
        name = line.one(column, str)
        if name is None:
            return None
        try:
            data = files.read_inside(self.errand.folder, name, limit)
            if check is not None:
                check(data)
        except BadCell as error:
            line.refuse(column, error.problem, error.fix)
            return None
        return files.sha256_of(data) if self.errand.dry_run else self.errand.vault.put(data)


def import_sheet(
    importer: type[Importer[D]],
    database: Database,
    vault: Vault,
    file: Path,
    *,
    dry_run: bool,
    clock: Clock,
    by: str,
    new_id: NewId,
    only: str | None = None,
    verdicts: Mapping[tuple[str, str], str] | None = None,
    check_photo: PhotoCheck = check_photo,
) -> ImportReport:
    """
    Import a file of the importer's kind; the file itself is kept too, so that every audit entry leads to it.

    Raises `UnreadableFile`, `WrongHeads`, and what the database and the vault raise; then what earlier transactions
    wrote stands, and the same import goes on from there.
    """
    sheet, data = read_sheet(file, importer.kind)
    errand = Errand(
        database=database,
        vault=vault,
        folder=file.parent,
        source_sha256=files.sha256_of(data) if dry_run else vault.put(data),
        dry_run=dry_run,
        clock=clock,
        by=by,
        new_id=new_id,
        only=only,
        verdicts=verdicts,
        check_photo=check_photo,
    )
    return run_import(importer(errand), sheet if only is None else _owned(sheet, only))


def read_sheet(path: Path, kind: SheetKind) -> tuple[Sheet, bytes]:
    """
    The sheet in a file and the file's bytes; the content decides what it is, the name only between CSV and JSON.

    Raises `UnreadableFile`, `WrongHeads`.
    """
    data = files.read_bounded(path, MAX_FILE_BYTES)
    suffix = path.suffix.casefold()
    if data.startswith(_OLE):
        raise UnreadableFile(str(path), "is an old .xls or has a password", "save it as XLSX or CSV")
    if data.startswith(b"PK\x03\x04"):
        sheet = read_xlsx(str(path), data, kind)
        if suffix != ".xlsx":
            sheet = replace(sheet, notes=(f"read as XLSX, which {path.name} is", *sheet.notes))
        return sheet, data
    match suffix:
        case ".json":
            return read_json(str(path), data, kind), data
        case ".csv" | ".tsv" | ".txt":
            return read_csv(str(path), data, kind), data
        case ".xlsx":
            raise UnreadableFile(str(path), "is no XLSX, whatever its name says", "save it as XLSX or CSV")
        case _:
            raise UnreadableFile(str(path), f"has a name ending in {suffix!r}", "name it .csv, .xlsx or .json")


def run_import(importer: Importer[D], sheet: Sheet) -> ImportReport:
    """Import a sheet; good rows stand even where others are refused."""
    counts = dict.fromkeys(Outcome, 0)
    refusals: list[RowRefusal] = []
    drafts: list[tuple[Line, D]] = []
    seen: dict[tuple[str, ...], int] = {}
    for row in sheet.rows:
        line = Line(importer.kind, sheet.heads, row, formulas=sheet.formulas)
        if importer.errand.only is not None and line.one("holder", str) != importer.errand.only:
            line.refuse("holder", "is not you", f"write {importer.errand.only}")
        draft = importer.read(line)
        if draft is not None and line.stands:
            key = importer.key(draft)
            first = seen.setdefault(key, line.number)
            if first != line.number:
                fix = "keep one of the two, or give one another name"
                line.refuse(sheet.heads[0], f"{' / '.join(key)} stands in row {first} already", fix)
        if draft is None or not line.stands:
            refusals += line.refusals
        else:
            drafts.append((line, draft))
    for start in range(0, len(drafts), importer.lines_a_write):
        lot = drafts[start : start + importer.lines_a_write]
        refusals += _import_lot(importer, lot, counts)
    return ImportReport(
        kind=importer.kind.value,
        rows=len(sheet.rows),
        added=counts[Outcome.ADDED],
        changed=counts[Outcome.CHANGED],
        unchanged=counts[Outcome.UNCHANGED],
        refusals=tuple(sorted(refusals, key=lambda refusal: refusal.row)),
        notes=(*sheet.notes, *importer.notes),
        dry_run=importer.errand.dry_run,
    )


def _owned(sheet: Sheet, holder: str) -> Sheet:
    """The sheet with the holder in every cell that leaves it open, so that no row falls to somebody else's name."""
    if "holder" not in sheet.heads:
        rows = tuple(replace(row, cells=(*row.cells, holder)) for row in sheet.rows)
        return replace(sheet, heads=(*sheet.heads, "holder"), rows=rows)
    place = sheet.heads.index("holder")

    def whole(row: Row) -> Row:
        cell = row.cells[place]
        is_open = cell is None or (isinstance(cell, str) and not cell.strip())
        return replace(row, cells=(*row.cells[:place], holder, *row.cells[place + 1 :])) if is_open else row

    return replace(sheet, rows=tuple(map(whole, sheet.rows)))


def _import_lot(importer: Importer[D], lot: list[tuple[Line, D]], counts: dict[Outcome, int]) -> list[RowRefusal]:
    """Import some rows in one transaction; gives what was refused."""
    refusals: list[RowRefusal] = []
    collected: list[tuple[Line, D]] = []
    for line, draft in lot:
        complete = importer.collect(line, draft)
        if line.stands:
            collected.append((line, complete))
        else:
            refusals += line.refusals
    if not importer.errand.dry_run:
        importer.errand.vault.flush()
    writes = Writes(errand=importer.errand)
    found: list[Outcome] = []
    with importer.errand.transaction() as connection:
        importer.look_up(connection, [draft for _, draft in collected])
        for line, draft in collected:
            outcome = importer.place(line, draft, writes)
            if outcome is None:
                refusals += line.refusals
            else:
                found.append(outcome)
        if not importer.errand.dry_run:
            writes.apply(connection)
    for outcome in found:  # counted only once the transaction stands
        counts[outcome] += 1
    return refusals


def settle(new: R, stored: R | None, line: Line) -> tuple[R, Outcome]:
    """
    The record as it will stand, and what that means.

    A stored record keeps its id and every field that no column of the file fills.
    """
    if stored is None:
        return new, Outcome.ADDED
    names = [part.name for part in fields(stored)]  # type: ignore[arg-type]  # every record is a dataclass
    kept: dict[str, Any] = {name: getattr(stored, name) for name in names if name not in line.filled}
    settled: R = replace(new, **kept)  # type: ignore[type-var]  # same
    return settled, Outcome.UNCHANGED if settled == stored else Outcome.CHANGED

"""XLSX workbooks: the first sheet, values only, with bounds on what the archive may unpack to."""

from __future__ import annotations

import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from typing import Any

import openpyxl

from registry.archive import check_directory
from registry.columns import SheetKind
from registry.errors import UnreadableFile
from registry.sheet import MAX_ROWS, Cell, Row, Sheet, lay_out, match_heads

MAX_UNPACKED_BYTES = 256 * 1024 * 1024  # chosen: 200,000 rows of a full rights sheet unpack to about 200 MB
# Parts other than cells and strings (styles, themes) are read whole; real ones stay under 1 MB.
_MAX_OTHER_BYTES = 8 * 1024 * 1024
# Cells and strings are read one row or string at a time: this bounds one of them. 26 cells of 20,000 characters
# have half a megabyte.
_MAX_STRETCH_BYTES = 4 * 1024 * 1024
_UNIT = re.compile(rb"<(?:\w+:)?(?:row|si)[ >/]")
_MAX_COLUMNS = 100  # four times the widest sheet; cells further right belong to something else
_EXCEL_ROWS = 1_048_576
_FIX = "open it in a spreadsheet and save it as XLSX or CSV"
# What openpyxl and what lies below it raise on damaged workbooks, found by mutating one.
_FAULTS = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RuntimeError,
    EOFError, AssertionError, zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error,
    openpyxl.utils.exceptions.InvalidFileException,
)  # fmt: skip


def read_xlsx(file: str, data: bytes, kind: SheetKind) -> Sheet:
    """
    The sheet that a workbook's first sheet makes; dates become ISO dates, whole numbers their digits.

    Raises `UnreadableFile` for damaged, encrypted or oversized workbooks, `WrongHeads` for wrong columns.
    """
    notes: list[str] = []
    heads: tuple[str, ...] | None = None
    rows: list[Row] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # remarks on styles and validations; only values count
            _check_archive(file, data)
            book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=False, keep_links=False)
            if not book.worksheets:
                raise UnreadableFile(file, "has no sheet of cells", _FIX)
            page = book.worksheets[0]
            if len(book.worksheets) > 1:
                notes.append(f"only the first sheet, {page.title!r}, was read")
            # A workbook may misstate its size; without a stated size only what is there is read.
            page.reset_dimensions()
            for number, cells in _cells(page):
                if number > _EXCEL_ROWS:
                    raise UnreadableFile(file, "counts more rows than a sheet can have", _FIX)
                if heads is None:
                    if any(cells):
                        titles = [str(cell).strip() if cell else "" for cell in cells]
                        heads, head_notes = match_heads(file, kind, titles)
                        notes += head_notes
                    continue
                row = lay_out(number, cells, heads, ragged=True)
                if row is not None:
                    rows.append(row)
                if len(rows) > MAX_ROWS:
                    raise UnreadableFile(
                        file, f"has more than {MAX_ROWS:,} rows", "split it and import the parts one by one"
                    )
    except _FAULTS as fault:
        raise UnreadableFile(
            file, f"is no readable XLSX ({type(fault).__name__}: {str(fault)[:200]})", _FIX
        ) from fault
    if heads is None:
        raise UnreadableFile(file, "holds no rows, not even the heads", f"start from `marque {kind.value} template`")
    return Sheet(heads=heads, rows=tuple(rows), notes=tuple(notes), formulas=True)


def _check_archive(file: str, data: bytes) -> None:
    """Refuse an archive that unpacks to more than its reader can take, or that brings definitions of its own."""
    try:
        check_directory(file, BytesIO(data))
    except UnreadableFile as fault:
        raise UnreadableFile(file, f"is no readable XLSX: it {fault.problem}", _FIX) from fault
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES or len(parts) > 10_000:
            raise UnreadableFile(file, f"unpacks to more than {MAX_UNPACKED_BYTES >> 20} MB", "hand it in as CSV")
        for part in parts:
            if part.flag_bits & 1:
                raise UnreadableFile(file, "is encrypted", "save it without a password")
            if not part.filename.endswith((".xml", ".rels")):
                continue
            stretch = 0
            is_cells = "worksheets/" in part.filename or part.filename.endswith("sharedStrings.xml")
            with archive.open(part) as stream:
                tail = b""
                while block := stream.read(1 << 20):
                    if b"<!DOCTYPE" in tail + block or b"<!ENTITY" in tail + block:
                        raise UnreadableFile(file, "defines entities, which no spreadsheet writes", _FIX)
                    places = [match.start() for match in _UNIT.finditer(tail + block)] if is_cells else []
                    # Up to the first row of this block, or through it: the last row of the block before ends there.
                    longest = stretch + (places[0] - len(tail) if places else len(block))
                    if longest > (_MAX_STRETCH_BYTES if is_cells else _MAX_OTHER_BYTES):
                        raise UnreadableFile(
                            file, f"holds an oversized part, {part.filename[:80]}", "hand it in as CSV"
                        )
                    stretch = len(tail) + len(block) - places[-1] if places else longest
                    tail = block[-32:]


def _cells(page: Any) -> Iterator[tuple[int, list[Cell]]]:  # Any: openpyxl is untyped
    """Row numbers with their cells as text."""
    before: Any = None
    for number, row in enumerate(page.iter_rows(max_col=_MAX_COLUMNS), 1):
        if row is before:
            yield number, []  # openpyxl gives one and the same row for all that are missing, up to a million
            continue
        before = row
        cells: list[Cell] = [_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        yield number, cells


def _text(cell: Any) -> str:
    """
    What a person sees in the cell, without the spreadsheet's own shortening.

    Formulas keep their `=`, errors their `#`, and truth values their word: cells.py then refuses what the column
    can't hold.
    """
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return value if isinstance(value, str) else "=formula"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)

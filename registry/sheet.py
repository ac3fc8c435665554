"""
A file of rows as text cells, with its heads checked against the kind's columns.

    file -> read_csv | read_xlsx | read_json -> Sheet(rows of text) -> Line reads each cell as its column says

CSV, XLSX and JSON end up the same here; everything after this module knows only `Sheet`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry.columns import COLUMNS, SheetKind
from registry.errors import WrongHeads
from registry.vocabulary import nearest

MAX_FILE_BYTES = 50 * 1024 * 1024  # chosen: 200,000 rows of a full rights sheet fit
MAX_ROWS = 200_000  # chosen: above it a sheet is an export of a database, and comes in parts

Cell = str | tuple[str, ...] | None
"""Text; several values where the file itself says so (JSON lists); None where the file has no such cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a file, its cells in the order of the sheet's heads."""

    number: int  # as a spreadsheet counts: the heads are row 1; in JSON the first object is row 1
    cells: tuple[Cell, ...]
    spoiled: str | None = None  # why the row as a whole cannot be trusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A whole file. `formulas`: spreadsheets open its kind, so text they would run is suspect."""

    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    formulas: bool


def match_heads(file: str, kind: SheetKind, found: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """
    The heads as their columns are named, empty ones kept empty, and notes on what was read freely.

    Raises `WrongHeads` for unknown, doubled or missing columns, all of them at once.
    """
    columns = COLUMNS[kind]
    known = [column.name for column in columns]
    heads: list[str] = []
    mistakes: list[str] = []
    notes: list[str] = []
    for place, head in enumerate(found, 1):
        name = "_".join(head.casefold().replace("-", " ").split())
        if name and name not in known:
            near = nearest(name, known)
            hint = f"; did you mean {near!r}?" if near else ""
            mistakes.append(f"column {place} {head[:80]!r} is unknown{hint}")
        elif name and name in heads:
            mistakes.append(f"column {place} {head[:80]!r} stands twice; keep one")
        elif name and name != head:
            notes.append(f"column {head[:80]!r} read as {name!r}")
        heads.append(name)
    missing = [column.name for column in columns if column.required and column.name not in heads]
    mistakes += [f"column {name!r} is missing; add it" for name in missing]
    if mistakes:
        raise WrongHeads(file, mistakes, known)
    return tuple(heads), tuple(notes)


def lay_out(number: int, cells: Sequence[Cell], heads: Sequence[str], *, ragged: bool) -> Row | None:
    """
    The row with one cell a head; None when it holds nothing at all.

    `ragged`: the format leaves out empty cells at the end. Elsewhere a short row is a cut one.
    """
    if not any(cells):
        return None
    spoiled = None
    if any(cells[len(heads) :]) or (len(cells) < len(heads) and not ragged):
        spoiled = f"has {len(cells)} cells under {len(heads)} heads"
    elif any(cell and not head for cell, head in zip(cells, heads, strict=False)):
        spoiled = "has a value in a column without a head"
    filled = (*cells[: len(heads)], *[""] * (len(heads) - len(cells)))
    return Row(number=number, cells=filled, spoiled=spoiled)

"""One row being read: typed values out, refusals gathered, so that every mistake of a row is told at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from registry import cells
from registry.columns import COLUMNS, SheetKind
from registry.errors import BadCell
from registry.report import RowRefusal
from registry.sheet import Cell, Row

T = TypeVar("T")

_SHOWN_CHARS = 80


class Line:
    """
    One row of a sheet.

    Readers give None for an empty cell, and for a bad one after noting the refusal; a row with any refusal is not
    imported, so what its readers gave is never used.
    """

    def __init__(self, kind: SheetKind, heads: Sequence[str], row: Row, *, formulas: bool) -> None:
        self.number = row.number
        self.refusals: list[RowRefusal] = []
        self._formulas = formulas
        self._columns = {column.name: column for column in COLUMNS[kind]}
        self._cells: dict[str, Cell] = {
            head: cell for head, cell in zip(heads, row.cells, strict=True) if head and cell is not None
        }
        if row.spoiled is not None:
            self._add("", "", row.spoiled, "check the row's separators and quotes")

    @property
    def stands(self) -> bool:
        """Whether nothing of the row was refused so far."""
        return not self.refusals

    @property
    def filled(self) -> frozenset[str]:
        """Record fields that the file's columns fill; what fills none of them stays as it is stored."""
        return frozenset(
            column.field for name, column in self._columns.items() if name in self._cells and column.field
        )

    def has(self, column: str) -> bool:
        """Whether the file has such a cell, be it empty."""
        return column in self._cells

    def refuse(self, column: str, problem: str, fix: str) -> None:
        """Refuse the row for one of its values."""
        cell = self._cells.get(column)
        value = "|".join(cell) if isinstance(cell, tuple) else cell or ""
        self._add(column, value, problem, fix)

    def one(self, column: str, reader: Callable[[str], T]) -> T | None:
        """The column's one value; refused where it is required and empty."""
        cell = self._cells.get(column, "")
        if isinstance(cell, tuple):
            self.refuse(column, "is a list", "write one value")
            return None
        text = self._clean(column, cell or "")
        if text is None:
            return None
        if not text:
            if self._columns[column].required:
                self.refuse(column, "is empty", f"write {self._columns[column].says}")
            return None
        return self._read(column, text, reader)

    def many(self, column: str, reader: Callable[[str], T]) -> tuple[T, ...]:
        """The column's values, each once, in the order given; refused where it is required and empty."""
        spec = self._columns[column]
        parts = self._parts(column)
        if len(parts) > cells.MAX_VALUES:
            self.refuse(column, f"has {len(parts)} values", f"write at most {cells.MAX_VALUES}")
            return ()
        values: dict[T, None] = {}
        for part in parts:
            value = self._read(column, part, reader)
            if value is not None:
                values[value] = None
        if not values and spec.required and self.stands:
            self.refuse(column, "is empty", f"write {spec.says}")
        return tuple(values)

    def _parts(self, column: str) -> list[str]:
        cell = self._cells.get(column, "") or ""
        if isinstance(cell, tuple):
            cleaned = [self._clean(column, part) for part in cell]
        else:
            whole = self._clean(column, cell)
            cleaned = [] if whole is None else [part.strip() for part in whole.split("|")]
        return [part for part in cleaned if part]

    def _clean(self, column: str, text: str) -> str | None:
        try:
            return cells.clean(text, formulas=self._formulas)
        except BadCell as error:
            self._add(column, text, error.problem, error.fix)
            return None

    def _read(self, column: str, text: str, reader: Callable[[str], T]) -> T | None:
        try:
            return reader(text)
        except BadCell as error:
            self._add(column, text, error.problem, error.fix)
            return None

    def _add(self, column: str, value: str, problem: str, fix: str) -> None:
        # Characters no output can carry are told by their number.
        shown = value[:_SHOWN_CHARS].encode("utf-8", "backslashreplace").decode("utf-8").replace("\x00", "\\x00")
        self.refusals.append(RowRefusal(row=self.number, column=column, value=shown, problem=problem, fix=fix))

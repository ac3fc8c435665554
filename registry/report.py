"""What an import did, and what it refused with the way out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRefusal:
    """One value of one row that cannot stand; the whole row was left out."""

    row: int  # as a spreadsheet counts: the heads are row 1; in JSON the first object is row 1
    column: str
    value: str  # as found, at most 80 characters
    problem: str
    fix: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column} {self.value!r}: {self.problem}; {self.fix}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did; under `dry_run`, what it would do."""

    kind: str  # rights, products, references, works, sellers, recheck
    rows: int  # rows that hold anything
    added: int
    changed: int
    unchanged: int
    refusals: tuple[RowRefusal, ...] = ()
    notes: tuple[str, ...] = ()  # what was taken on a reading that a person should know of
    dry_run: bool

    @property
    def refused(self) -> int:
        """How many rows were left out."""
        return len({refusal.row for refusal in self.refusals})

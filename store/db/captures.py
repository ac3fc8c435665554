"""Captures: the bytes fetched once, with time, digest and how they were obtained."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, select

from store.db.rows import Repository, record_of, row_of
from store.db.tables import capture as capture_table
from store.db.tables import capture_file as file_table
from store.records.captures import Capture, CaptureFile


class Captures(Repository[Capture]):
    """Every look at every URL; rows are inserted and never changed."""

    table = capture_table
    kind = Capture

    def _read(self, row: Row[Any]) -> Capture:
        statement = select(file_table).where(file_table.c.capture == row.id).order_by(file_table.c.role)
        files = tuple(record_of(CaptureFile, each) for each in self.connection.execute(statement))
        return record_of(Capture, row, files=files)

    def add(self, record: Capture) -> None:
        """Insert one capture with its files."""
        add_captures(self.connection, [record])

    def of_run(self, run: str) -> list[Capture]:
        """A run's captures, oldest first."""
        return self.find(capture_table.c.run == run)


def add_captures(connection: Connection, captures: Iterable[Capture]) -> None:
    """Insert captures with their files, in two statements."""
    captures = list(captures)
    if captures:
        connection.execute(capture_table.insert(), [row_of(capture, capture_table) for capture in captures])
    files = [row_of(file, file_table) for capture in captures for file in capture.files]
    if files:
        connection.execute(file_table.insert(), files)

"""A ledger with the whole schema and no row, laid out once a process: its revisions took each test half a second."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from store.db.session import Database, migrate


def new_ledger(database: Database) -> None:
    """Give a new SQLite database the schema; one that has rows is not touched."""
    path = Path(database.url.removeprefix("sqlite:///"))
    assert database.url.startswith("sqlite:///") and not path.exists(), f"{database.url} is no new SQLite file"
    path.write_bytes(_schema())


@cache
def _schema() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "marque.db"
        with Database(f"sqlite:///{path}") as database:
            migrate(database)
            with database.read() as connection:  # so that the file alone is the whole of it
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.read_bytes()

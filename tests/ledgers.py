"""A ledger with the whole schema and no row, laid out once a process: its revisions took each test half a second."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

from store.db.session import Database, migrate, newest_schema


def new_ledger(database: Database) -> None:
    """Give a new SQLite database the schema; one that has rows is not touched."""
    path = Path(database.url.removeprefix("sqlite:///"))
    assert database.url.startswith("sqlite:///") and not path.exists(), f"{database.url} is no new SQLite file"
    path.write_bytes(_schema().read_bytes())


def lay_out(database: Database) -> str:
    """What `migrate` does, by a copy where the database is SQLite and empty; gives the newest revision."""
    if database.engine.dialect.name != "sqlite":
        return migrate(database)
    with closing(database.engine.raw_connection()) as connection:
        target = connection.driver_connection
        assert isinstance(target, sqlite3.Connection)
        is_empty = target.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
        if is_empty:
            with closing(sqlite3.connect(_schema())) as source:
                source.backup(target)
    return newest_schema() if is_empty else migrate(database)


@cache
def _schema() -> Path:
    folder = tempfile.TemporaryDirectory()
    _KEPT.append(folder)
    path = Path(folder.name) / "marque.db"
    with Database(f"sqlite:///{path}") as database:
        migrate(database)
        with database.read() as connection:  # so that the file alone is the whole of it
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


_KEPT: list[tempfile.TemporaryDirectory[str]] = []  # until the process ends

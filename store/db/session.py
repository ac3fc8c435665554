"""
One database, opened the same way everywhere.

SQLite runs in WAL mode with a busy time-out, and every writing transaction begins with `BEGIN IMMEDIATE`:
a transaction that begins reading and writes later fails at once when another writer is active, whatever the
time-out says (measured). PostgreSQL needs nothing of this. There a reading transaction asks for a picture that
stands still (REPEATABLE READ), which SQLite's always is: by default each statement would see what was committed
before it, and a check of the audit trail beside a sealer would find entries in neither of its two halves.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from store.db.errors import SchemaOutdated, StorageFull

if TYPE_CHECKING:
    from alembic.config import Config

BUSY_TIMEOUT_MS = 10_000  # longer than any transaction of ours may be (100 ms), short enough to be noticed

_MIGRATIONS = Path(__file__).parent / "migrations"
_FOUND = text("SELECT version_num FROM alembic_version")  # asked without Alembic, which takes long to load


def _prepare_sqlite(connection: Any, record: ConnectionPoolEntry) -> None:  # Any: a DBAPI connection
    del record
    # Transactions are begun by hand, or the driver would begin one only at the first write.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # FULL: a commit survives a power cut. Group commit keeps its price down.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Database:
    """A database URL with its engine; `read()` and `write()` give one transaction each."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._writing = Lock()
        if make_url(url).get_backend_name() == "sqlite":
            self.engine: Engine = create_engine(url)
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
            self._reader = self.engine
        else:
            from store.db import postgres  # its driver is an extra (`team`)

            self.engine = create_engine(url, json_serializer=postgres.write_json)
            event.listen(self.engine, "connect", postgres.prepare)
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One reading transaction: a still picture of the ledger."""
        with self._reader.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """
        One writing transaction: all of it is kept, or none.

        Raises `StorageFull` when the disk takes no more.
        """
        try:
            with self._turn(), self.engine.execution_options(writes=True).begin() as connection:
                yield connection
        except OperationalError as error:
            text = str(error.orig)
            if "full" in text or "disk I/O" in text or "No space" in text:
                raise StorageFull(text) from error
            raise

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """
        One writer of this process after the other, where the database lets only one write anyway.

        SQLite lets those who wait look again and again, ever more seldom, so that of fifty threads some starve; a
        lock hands the turn on at once (measured by `python -m tests.benchmarks reviewers`). Who waits longer than
        the busy time-out goes on and gets SQLite's own answer.
        """
        if self.engine.dialect.name != "sqlite":
            yield
            return
        has_turn = self._writing.acquire(timeout=BUSY_TIMEOUT_MS / 1000)
        try:
            yield
        finally:
            if has_turn:
                self._writing.release()

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _config(url: str) -> Config:
    from alembic.config import Config  # loaded where it is used: it takes longer to load than the rest of a command

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def newest_schema() -> str:
    """The revision this code needs: that of the last migration, whose file's name begins with it."""
    return max(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("r[0-9]*.py"))


def migrate(database: Database, revision: str = "head") -> str:
    """
    Bring the schema to a revision, the newest unless told; running it again changes nothing. Gives the newest.

    `base` takes everything back, the rows with it.
    """
    from alembic import command

    with database.write() as connection:
        config = _config(database.url)
        config.attributes["connection"] = connection
        if revision == "base":
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)
    return newest_schema()


def check_schema(database: Database) -> None:
    """Raise `SchemaOutdated` when the database is not at the newest revision."""
    with database.read() as connection:
        is_laid_out = inspect(connection).has_table("alembic_version")
        found = connection.execute(_FOUND).scalar() if is_laid_out else None
    if found != newest_schema():
        raise SchemaOutdated(found, newest_schema())

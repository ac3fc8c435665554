"""
A PostgreSQL server of the tests' own: made in a folder of its own, spoken to by a socket there, gone afterwards.

Nothing of a server that already runs is used or touched. PostgreSQL refuses to run as root, so that there its files
belong to the account Debian's package makes for it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine

from store.db.session import Database, migrate

REQUIRED = "REQUIRE_POSTGRES"  # set to 1, a missing server is a failure
_PLACES = Path("/usr/lib/postgresql")  # where Debian lays one folder a version, off the search path
_SERVER_ACCOUNT = "postgres"


def find_programs() -> Path | None:
    """The folder with `initdb` and `postgres`, the newest version first; None where there is none."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    versions = sorted(_PLACES.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]), reverse=True)
    return versions[0].parent if versions else None


class Cluster:
    """A running server; `new_ledger` gives the URL of a database of its own with the whole schema."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._made = 0
        self._admin = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        self._do("CREATE DATABASE marque_template")
        with Database(self._url("marque_template")) as database:
            migrate(database)

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://{_SERVER_ACCOUNT}@/{name}?host={self._socket}"

    def _do(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)

    def new_database(self) -> str:
        """The URL of a new database without any table."""
        self._made += 1
        self._do(f"CREATE DATABASE marque_{self._made}")
        return self._url(f"marque_{self._made}")

    def new_ledger(self) -> str:
        """The URL of a new database with the schema: a copy of one that was laid out once."""
        self._made += 1
        self._do(f"CREATE DATABASE marque_{self._made} TEMPLATE marque_template")
        return self._url(f"marque_{self._made}")

    def close(self) -> None:
        """Give back the connection of whoever makes databases."""
        self._admin.dispose()


@contextmanager
def running_cluster(programs: Path, *, durable: bool = False) -> Iterator[Cluster]:
    """
    A server from these programs. Not `durable` it syncs nothing to disk, which figures must never be taken from.

    Raises `RuntimeError` with the server's own words where it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="marque-pg-") as name:
        folder = Path(name)
        account = _account()
        if account is not None:
            os.chown(folder, *account)
        data, log = folder / "data", folder / "log"
        make = ["initdb", "--no-sync", "--auth=trust", f"--username={_SERVER_ACCOUNT}", "--encoding=UTF8"]
        _run(programs, [*make, "--locale=C.UTF-8", "-D", str(data)], account)
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c max_connections=60"
        if not durable:
            options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        _run(programs, ["pg_ctl", "-D", str(data), "-l", str(log), "-o", options, "-w", "-t", "60", "start"], account)
        try:
            cluster = Cluster(folder)
            yield cluster
            cluster.close()
        finally:
            _run(programs, ["pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop"], account)


def _account() -> tuple[int, int] | None:
    """Who the server runs as where this process is root; None: as this process."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(_SERVER_ACCOUNT)
    return entry.pw_uid, entry.pw_gid


def _run(programs: Path, command: list[str], account: tuple[int, int] | None) -> None:
    user, group = account if account is not None else (None, None)
    done = subprocess.run(
        [str(programs / command[0]), *command[1:]],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if command[0] != "pg_ctl" else subprocess.DEVNULL,  # the server would keep a pipe open
        stderr=subprocess.STDOUT,
        user=user,
        group=group,
        extra_groups=[] if user is not None else None,
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {(done.stdout or b'').decode()[-500:]}")

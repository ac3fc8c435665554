"""What a crawl of one platform works with: its run, its declaration, the ledger and the vault, opened once."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic
from types import TracebackType

from config.declarations import Declarations
from config.platform import Platform
from config.settings import Settings
from crawler.errors import RunInUse
from store.db.personal import Sealer, read_key
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.ids import Clock, NewId, new_id, utc_now
from store.records.runs import Run


def steady_clock(wall: Clock = utc_now, tick: Callable[[], float] = monotonic) -> Clock:
    """
    A clock that is set once by the wall and goes on by itself.

    A leap of the wall clock while a crawl runs then ends no lease and lets no host be asked too early.
    """
    start, zero = wall(), tick()
    return lambda: start + timedelta(seconds=tick() - zero)


def machine_name() -> str:
    """This machine, as it stands in the names of lease owners."""
    return socket.gethostname()[:100]


@dataclass(slots=True, kw_only=True)
class Workplace:
    """Everything open for one run. Use it as a context manager."""

    settings: Settings
    declarations: Declarations
    platform: Platform
    run: Run
    database: Database
    vault: Vault
    sealer: Sealer | None
    clock: Clock
    new_id: NewId
    owner: str
    lock_fd: int

    @classmethod
    def open(
        cls, settings: Settings, declarations: Declarations, platform: Platform, run: Run, clock: Clock | None = None
    ) -> Workplace:
        """
        Open database and vault for a run that no other process is crawling.

        Whoever opened the run has checked the schema. Raises `RunInUse`, and what the vault raises.
        """
        lock_fd = _lock(settings.home, run.id)
        try:
            database = Database(settings.database_url)
            vault = Vault(settings.vault)
        except BaseException:
            os.close(lock_fd)
            raise
        return cls(
            settings=settings,
            declarations=declarations,
            platform=platform,
            run=run,
            database=database,
            vault=vault,
            sealer=Sealer(read_key(settings.keys)),
            clock=clock or steady_clock(),
            new_id=new_id,
            owner=f"{machine_name()}/{os.getpid()}/{new_id()}",
            lock_fd=lock_fd,
        )

    def close(self) -> None:
        """Let go of everything; the vault is flushed."""
        try:
            self.vault.close()
        finally:
            self.database.close()
            os.close(self.lock_fd)

    def __enter__(self) -> Workplace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _lock(home: Path, run: str) -> int:
    """Hold a run for this process. The kernel lets go of it when the process ends, however it ends."""
    folder = home / "locks"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{run}.lock"
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(fd)
        raise RunInUse(run, path) from error
    return fd

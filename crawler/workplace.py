"""What a crawl of one platform works with: its run, its declaration, the ledger and the vault, opened once."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from types import TracebackType

from config.declarations import Declarations
from config.platform import Platform
from config.settings import Settings
from crawler.attendance import Attendance
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
    attendance: Attendance
    remarks: list[str] = field(default_factory=list)  # sentences that the run's end is to say

    @classmethod
    def open(
        cls, settings: Settings, declarations: Declarations, platform: Platform, run: Run, clock: Clock | None = None
    ) -> Workplace:
        """
        Open database and vault for a run, beside whoever else is crawling it.

        Whoever opened the run has checked the schema. Raises what the vault raises.
        """
        owner = f"{machine_name()}/{os.getpid()}/{new_id()}"
        attendance = Attendance.enter(settings.home, run.id, owner)
        try:
            database = Database(settings.database_url)
            vault = Vault(settings.vault)
        except BaseException:
            attendance.leave()
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
            attendance=attendance,
        )

    def close(self) -> None:
        """Let go of everything; the vault is flushed."""
        try:
            self.vault.close()
        finally:
            self.database.close()
            self.attendance.leave()

    def __enter__(self) -> Workplace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

"""
Who is at work on a run: several processes may crawl one together, and the dead are told from the living.

Each process holds a lock file of its own under `locks/<run>/` for as long as it lives; the kernel lets go of it
however the process ends. A file that nobody holds is a dead process's, and its leases may be taken back at once.
"""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

LONGEST_NAME = 400  # bytes of an owner's name that are read back


@dataclass(slots=True, kw_only=True)
class Attendance:
    """One process's presence at one run, until `leave`."""

    folder: Path
    path: Path
    owner: str
    fd: int | None  # None after `leave`
    owes: bool = True  # until it has given back every lease

    @classmethod
    def enter(cls, home: Path, run: str, owner: str) -> Attendance:
        """Be present as `owner`, a name no other process has."""
        folder = home / "locks" / run
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = owner.rsplit("/", 1)[-1]
        coming, path = folder / f"{name}.coming", folder / f"{name}.lock"
        fd = os.open(coming, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        os.write(fd, owner.encode())
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        coming.rename(path)  # only now do others see it, already held
        return cls(folder=folder, path=path, owner=owner, fd=fd)

    def dead(self) -> list[str]:
        """Owners whose processes are gone. Their files stay until `buried`."""
        return [owner for owner, is_alive in self._others() if not is_alive]

    def bury(self, owner: str) -> None:
        """Forget a dead process whose leases were taken back."""
        self.path.with_name(f"{owner.rsplit('/', 1)[-1]}.lock").unlink(missing_ok=True)

    def is_alone(self) -> bool:
        """Whether no other living process is at work on the run."""
        return not any(is_alive for _, is_alive in self._others())

    def leave(self) -> None:
        """Be gone. Who still owes leases leaves the file behind, so that others take them back as a dead one's."""
        if self.fd is not None:
            if not self.owes:
                self.path.unlink(missing_ok=True)
            os.close(self.fd)
            self.fd = None

    def _others(self) -> list[tuple[str, bool]]:
        return [(owner, alive) for owner, alive in _present(self.folder) if owner != self.owner]


def is_attended(home: Path, run: str) -> bool:
    """Whether any living process is at work on a run."""
    return any(is_alive for _, is_alive in _present(home / "locks" / run))


def _present(folder: Path) -> list[tuple[str, bool]]:
    found = []
    for path in sorted(folder.glob("*.lock")):
        try:
            fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            owner = os.read(fd, LONGEST_NAME).decode("utf-8", "replace")
            try:
                fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
                found.append((owner, False))
            except BlockingIOError:
                found.append((owner, True))
        finally:
            os.close(fd)
    return found

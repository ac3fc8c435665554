"""
What the console itself refuses.

ConsoleError
├── NoWorkspace     the folder is no workspace yet
├── NotFound        nothing of that name or number
├── BadMonth        not a month like 2026-11
├── WrongFingerprint a key file is another than the one its sender told of
├── BackupRefused   a backup cannot be made or taken here
├── BackupDamaged   a backup is not what was written; nothing of it was restored
├── ErasureRefused  something may not be erased, held or taken out so
├── PurchaseRefused a step that goods cannot have gone through
├── PortTaken       another process listens there
└── Unanswerable    the question needs something that is not there yet
"""

from __future__ import annotations

from pathlib import Path


class ConsoleError(Exception):
    """A command cannot go on; the message says what to do."""


class NoWorkspace(ConsoleError):
    """There is no workspace here."""

    def __init__(self, home: Path) -> None:
        super().__init__(f"{home} is no workspace; make one with `marque init`, or name another with --home")
        self.home = home


class NotFound(ConsoleError):
    """No such record."""

    def __init__(self, kind: str, name: str, hint: str) -> None:
        super().__init__(f"no {kind} {name!r}; {hint}")
        self.kind = kind
        self.name = name


class WrongFingerprint(ConsoleError):
    """A key file whose digest is not the one that was told."""

    def __init__(self, path: Path, found: str) -> None:
        super().__init__(f"{path} has the SHA-256 {found}, not the one given; ask its sender on the telephone")
        self.path = path
        self.found = found


class BadMonth(ConsoleError):
    """A month nobody can read."""

    def __init__(self, value: str) -> None:
        super().__init__(f"{value!r} is no month; write it like 2026-11")
        self.value = value


class PurchaseRefused(ConsoleError):
    """A step that goods cannot have gone through; the message says what is missing."""


class ErasureRefused(ConsoleError):
    """Something may not be erased, held or taken out so; the message says what is missing."""


class BackupRefused(ConsoleError):
    """A backup cannot be made or taken here; the message says what to do."""


class BackupDamaged(ConsoleError):
    """A backup is not what was written."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}; nothing was restored: take another backup")
        self.path = path
        self.why = why


class PortTaken(ConsoleError):
    """Another process listens where the desk was to."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"port {port} on {host} is in use: is the desk open already? End that process, or choose another port "
            f"with --port, e.g. --port {port + 1 if port < 65535 else port - 1}"
        )
        self.port = port


class Unanswerable(ConsoleError):
    """A step was asked for before the step it rests on."""

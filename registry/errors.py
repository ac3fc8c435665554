"""
What the registry refuses.

RegistryError
├── UnreadableFile     a file that is not there, too large, damaged, or not in a form that can be trusted
├── WrongHeads         a sheet whose columns are not those of its kind; nothing of it was read
├── BadCell            one value that does not fit its column; the row is refused, the import goes on
├── PhotoUnfit         a picture nothing can be compared with; the row is refused, the import goes on
├── UnknownKind        no sheet of that kind
└── SnapshotUnreadable kept bytes that are no snapshot of this version
"""

from __future__ import annotations


class RegistryError(Exception):
    """Anything the registry refuses."""


class UnreadableFile(RegistryError):
    """The file as a whole cannot be read; nothing of it was imported."""

    def __init__(self, file: str, problem: str, fix: str) -> None:
        super().__init__(f"{file}: {problem}; {fix}")
        self.file = file
        self.problem = problem
        self.fix = fix


class WrongHeads(RegistryError):
    """Unknown, doubled or missing columns; nothing of the file was imported."""

    def __init__(self, file: str, mistakes: list[str], known: list[str]) -> None:
        lines = "\n".join(f"  {mistake}" for mistake in mistakes)
        super().__init__(f"{file}: {len(mistakes)} wrong column(s)\n{lines}\n  known columns: {', '.join(known)}")
        self.file = file
        self.mistakes = mistakes
        self.known = known


class BadCell(RegistryError):
    """A value that does not fit its column, and what to write instead."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(f"{problem}; {fix}")
        self.problem = problem
        self.fix = fix


class PhotoUnfit(RegistryError):
    """A picture that cannot be opened safely, or shows too little to compare anything with."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(f"{problem}; {fix}")
        self.problem = problem
        self.fix = fix


class UnknownKind(RegistryError):
    """No sheet of that kind."""

    def __init__(self, found: str, known: list[str], nearest: str | None) -> None:
        hint = f"; did you mean {nearest!r}?" if nearest else ""
        super().__init__(f"no kind of sheet named {found!r}{hint} (known: {', '.join(known)})")
        self.found = found
        self.known = known


class SnapshotUnreadable(RegistryError):
    """The bytes under a snapshot's digest do not make a snapshot."""

    def __init__(self, digest: str, detail: str) -> None:
        super().__init__(f"snapshot {digest} cannot be read: {detail}; it was made by another version: match anew")
        self.digest = digest
        self.detail = detail

"""
What can go wrong between a record and its table.

StoreError
├── SchemaOutdated      the database was made by another version
├── StaleLease          a commit came under a lease that somebody else holds by now
├── TakenOver           a delivery is in other hands by now
├── StorageFull         the disk or the database takes no more
├── UnsealableEntry     a row of the audit trail holds what no entry can hold
├── TooManyWords        a search asks for more beginnings of words than one search looks at
├── PersonalKeyChanging     a change of the key of personal values was cut short
└── PersonalValueUnreadable  a sealed value does not open under this key
"""

from __future__ import annotations

from pathlib import Path


class StoreError(Exception):
    """Anything the store refuses."""


class SchemaOutdated(StoreError):
    """The database's schema is not the one this code knows."""

    def __init__(self, found: str | None, expected: str) -> None:
        super().__init__(
            f"the database is at schema {found or 'none'}, this version needs {expected}; run `marque init`"
        )
        self.found = found
        self.expected = expected


class StaleLease(StoreError):
    """A fetch was committed under an older epoch; nothing was written."""

    def __init__(self, run: str, url: str, epoch: int) -> None:
        super().__init__(f"lease {epoch} on {url} in run {run} was taken over; its commit is refused")
        self.run = run
        self.url = url
        self.epoch = epoch


class TakenOver(StoreError):
    """Word of a delivery came after another process had taken it over; nothing was written."""

    def __init__(self, delivery: str, epoch: int) -> None:
        super().__init__(f"delivery {delivery} was taken over after attempt {epoch}; its answer is not entered")
        self.delivery = delivery
        self.epoch = epoch


class StorageFull(StoreError):
    """A write failed because there is no room; the transaction was rolled back whole."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"no room to write: {detail}; free space and run the same command again")
        self.detail = detail


class PersonalValueUnreadable(StoreError):
    """A personal value was sealed under another key, or its row was changed."""

    def __init__(self, subject_kind: str, subject: str, field: str) -> None:
        super().__init__(
            f"the {field} of {subject_kind} {subject} does not open under this key; "
            "restore keys/ from the backup that belongs to this database"
        )
        self.subject_kind = subject_kind
        self.subject = subject
        self.field = field


class PersonalKeyChanging(StoreError):
    """A change of the key of personal values was cut short; names are sealed under two keys."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is there: a change of the key was cut short, and names are sealed under both; "
            "run the same `marque personal-key rotate` or `destroy` again"
        )
        self.path = path


class TooManyWords(StoreError):
    """More words begin so than one search looks at."""

    def __init__(self, beginning: str, most: int) -> None:
        super().__init__(f"more than {most} words begin with {beginning!r}; add a letter")
        self.beginning = beginning
        self.most = most


class UnsealableEntry(StoreError):
    """A row of the audit trail that no program of ours wrote; nothing after it is sealed."""

    def __init__(self, id: str, why: str) -> None:
        super().__init__(
            f"audit entry {id[:80]} cannot be sealed: {why}; it was changed beside the program: "
            "keep a copy of the database as it is, and find out by whom before you mend the row"
        )
        self.id = id
        self.why = why

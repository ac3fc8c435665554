"""
Where each blob lies: a table that is only ever a shortcut, since the packs alone can rebuild it.

One row per blob and one per pack. A row is written only after the bytes it points to are on disk,
so a blob that is in the index is durable.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from store.evidence.pack import CODEC_ERASED, HEADER_BYTES, Record

# Chosen: far longer than any transaction here, which enters at most a few hundred rows.
_BUSY_TIMEOUT_S = 30.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS packs (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    scanned_to INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS blobs (
    digest BLOB PRIMARY KEY,
    pack INTEGER NOT NULL REFERENCES packs (id),
    at INTEGER NOT NULL,
    raw_bytes INTEGER NOT NULL,
    stored_bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS blobs_by_place ON blobs (pack, at);
CREATE TABLE IF NOT EXISTS gone (
    digest BLOB PRIMARY KEY,
    lawfully INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS leaving (
    pack TEXT NOT NULL,
    at INTEGER NOT NULL,
    digest BLOB NOT NULL,
    lawfully INTEGER NOT NULL,
    PRIMARY KEY (pack, at)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS wanted (
    digest BLOB PRIMARY KEY,
    at REAL NOT NULL
) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where one blob lies."""

    pack: str
    at: int
    raw_bytes: int
    stored_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """One copy that is not wanted any more, and is not overwritten yet."""

    pack: str
    at: int
    digest: bytes
    lawfully: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What a vault holds: blobs, their bytes as captured, and their bytes on disk."""

    blobs: int
    raw_bytes: int
    stored_bytes: int


class Index:
    """The open index of one vault. Calls must not overlap; the vault serialises them."""

    def __init__(self, path: Path) -> None:
        """Open or create. Raises `sqlite3.DatabaseError` when the file is not a usable index."""
        self._db = sqlite3.connect(
            path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, cached_statements=64
        )
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            # NORMAL costs one sync per checkpoint and keeps the file sound through a power cut, where OFF may
            # ruin it. The last commits that a power cut can take are found again in the packs.
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.executescript(_SCHEMA)
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def find(self, digest: bytes) -> Location | None:
        """Where a blob lies, or None."""
        row = self._db.execute(
            "SELECT packs.name, blobs.at, blobs.raw_bytes, blobs.stored_bytes"
            " FROM blobs JOIN packs ON packs.id = blobs.pack WHERE blobs.digest = ?",
            (digest,),
        ).fetchone()
        if row is None:
            return None
        return Location(pack=row[0], at=row[1], raw_bytes=row[2], stored_bytes=row[3])

    def holds(self, digest: bytes) -> bool:
        """Whether a blob is in the index."""
        return self._db.execute("SELECT 1 FROM blobs WHERE digest = ?", (digest,)).fetchone() is not None

    def add(self, pack: str, records: Iterable[Record], *, scanned_to: int) -> None:
        """Note durable records of a pack and how far it is now known, in one transaction."""
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        try:
            (pack_id,) = db.execute(
                "INSERT INTO packs (name, scanned_to) VALUES (?, ?) ON CONFLICT (name)"
                " DO UPDATE SET scanned_to = max(scanned_to, excluded.scanned_to) RETURNING id",
                (pack, scanned_to),
            ).fetchone()
            entering = list(records)
            there = [record for record in entering if not record.is_gone]
            gone = [record for record in entering if record.is_gone]
            self._enter_gone([(r.digest, r.codec == CODEC_ERASED) for r in gone])
            # Two processes may have stored the same bytes; either copy serves, the first row stays.
            db.executemany(
                "INSERT OR IGNORE INTO blobs (digest, pack, at, raw_bytes, stored_bytes) VALUES (?, ?, ?, ?, ?)",
                ((r.digest, pack_id, r.at, r.raw_bytes, r.stored_bytes) for r in there),
            )
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise

    def scanned(self) -> dict[str, int]:
        """How far each known pack has been read, in bytes."""
        return dict(self._db.execute("SELECT name, scanned_to FROM packs"))

    def cut(self, pack: str, size_bytes: int) -> int:
        """
        Forget what lay beyond a pack's present end; gives how many blobs that were.

        A pack restored from an older backup is shorter than the index remembers, and a row that points past
        its end would keep the vault from storing those bytes again.
        """
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        try:
            gone = db.execute(
                "DELETE FROM blobs WHERE pack = (SELECT id FROM packs WHERE name = ?) AND at + ? + stored_bytes > ?",
                (pack, HEADER_BYTES, size_bytes),
            ).rowcount
            db.execute("UPDATE packs SET scanned_to = min(scanned_to, ?) WHERE name = ?", (size_bytes, pack))
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        return gone

    def remove(self, digest: bytes) -> bool:
        """Forget one blob; its bytes stay in the pack."""
        return self._db.execute("DELETE FROM blobs WHERE digest = ?", (digest,)).rowcount > 0

    def want(self, digest: bytes, at: float) -> bool:
        """Note that a blob was put again at a time, in Unix seconds; False where it is not in the index."""
        return (
            self._db.execute(
                "INSERT INTO wanted (digest, at) SELECT digest, ? FROM blobs WHERE digest = ?"
                " ON CONFLICT (digest) DO UPDATE SET at = excluded.at",
                (at, digest),
            ).rowcount
            > 0
        )

    def take_out(
        self, copies: Sequence[Leaving], digests: Iterable[bytes], *, lawfully: bool, since: float | None
    ) -> None:
        """
        Note in one transaction that these bytes are not wanted any more, and which copies are to be overwritten.

        Whatever was put again at `since` or later, in Unix seconds, stays; with None nothing does.
        """
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        try:
            asked = set(digests)
            spared: set[bytes] = set()
            if since is not None:
                db.execute("DELETE FROM wanted WHERE at < ?", (since,))
                spared = {row[0] for row in db.execute("SELECT digest FROM wanted")}
            going = asked - spared
            self._enter_gone([(digest, lawfully) for digest in going])
            db.executemany("DELETE FROM blobs WHERE digest = ?", [(digest,) for digest in going])
            db.executemany(
                "INSERT INTO leaving (pack, at, digest, lawfully) VALUES (?, ?, ?, ?) ON CONFLICT (pack, at)"
                " DO UPDATE SET lawfully = max(lawfully, excluded.lawfully)",
                [(copy.pack, copy.at, copy.digest, copy.lawfully) for copy in copies if copy.digest in going],
            )
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise

    def leaving(self) -> list[Leaving]:
        """The copies that are still to be overwritten."""
        rows = self._db.execute("SELECT pack, at, digest, lawfully FROM leaving ORDER BY pack, at")
        return [Leaving(pack=row[0], at=row[1], digest=row[2], lawfully=bool(row[3])) for row in rows]

    def left(self, copies: Iterable[Leaving]) -> None:
        """Note that these copies are overwritten."""
        rows = [(copy.pack, copy.at) for copy in copies]
        self._db.executemany("DELETE FROM leaving WHERE pack = ? AND at = ?", rows)

    def _enter_gone(self, rows: Sequence[tuple[bytes, bool]]) -> None:
        """What was erased by a decision stays so, whatever is purged later."""
        self._db.executemany(
            "INSERT INTO gone (digest, lawfully) VALUES (?, ?) ON CONFLICT (digest)"
            " DO UPDATE SET lawfully = max(lawfully, excluded.lawfully)",
            rows,
        )

    def gone(self, digest: bytes) -> bool | None:
        """Whether bytes that were taken out were erased lawfully; None where none were."""
        row = self._db.execute("SELECT lawfully FROM gone WHERE digest = ?", (digest,)).fetchone()
        return None if row is None else bool(row[0])

    def page(self, after: tuple[int, int]) -> list[tuple[bytes, tuple[int, int]]]:
        """Up to 1,000 digests with their places, in order, beyond the place given; `(-1, -1)` starts."""
        rows = self._db.execute(
            "SELECT digest, pack, at FROM blobs WHERE (pack, at) > (?, ?) ORDER BY pack, at LIMIT 1000", after
        )
        return [(digest, (pack, at)) for digest, pack, at in rows]

    def totals(self) -> Totals:
        """Count and sizes of everything indexed."""
        row = self._db.execute(
            "SELECT count(*), coalesce(sum(raw_bytes), 0), coalesce(sum(stored_bytes), 0) FROM blobs"
        ).fetchone()
        return Totals(blobs=row[0], raw_bytes=row[1], stored_bytes=row[2])

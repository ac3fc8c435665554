"""
The vault: every captured byte, kept once, known only by the SHA-256 of the uncompressed bytes.

    with Vault(home / "vault") as vault:
        digest = vault.put(body)
        vault.flush()          # after this the bytes survive a kill and a power cut
        ...                    # only now commit the row that names `digest`
        vault.get(digest)      # hashed again on the way out

Layout of the folder:

    packs/<writer>-<n>.pack    append-only; each written by one process in one life; after it only ever erased in
    vault.json                 that its packs are sealed, and under which key; absent: they lie in the clear
    blocklist/  quarantine/    hashes of what is never stored; what became of bytes that fell under one
    index.db                   where each blob lies; rebuilt from the packs when missing or unreadable
    in-use.lock  recover.lock  advisory locks; they hold no data

Several processes may read and write at once. A writer locks its pack for life, so recovery knows which packs
have lost their writer. Recovery reads such a pack past the last indexed byte, takes every whole record and
passes over torn ones. No pack is ever rewritten; only its own writer shortens it, by what it never confirmed.
Erasing overwrites one record's bytes with zeros in place; its header stays and says so.
"""

import errno
import fcntl
import hashlib
import logging
import os
import re
import shutil
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType

import zstandard

from store.evidence import pack as packs
from store.evidence.blocklist import Blocklists
from store.evidence.errors import (
    BadDigest,
    BarredContent,
    BlobTooLarge,
    DamagedBlob,
    DamagedIndex,
    ErasedBlob,
    MissingBlob,
    VaultClosed,
    VaultError,
    VaultFull,
    VaultKeyMissing,
)
from store.evidence.index import Index, Location, Totals
from store.evidence.overwriting import copies_of, overwrite
from store.evidence.pack import Record
from store.evidence.pack_files import PackReaders, PackWriter, sync_folder
from store.evidence.pack_reading import BlobReader
from store.evidence.quarantine import note_barred
from store.evidence.recovery import recover_packs
from store.evidence.vault_key import VaultKey, load_vault_key
from store.records.ids import Clock, utc_now

log = logging.getLogger(__name__)

# Chosen: room for the database to finish its own transactions after the vault has stopped.
MIN_FREE_BYTES = 64 << 20
# Chosen: one pack is a comfortable unit of backup, and a rescan of it takes seconds.
PACK_BYTES = 1 << 30
# Chosen: far above any page or photo (the crawler stops at megabytes), below what one read call can return.
MAX_BLOB_BYTES = 1 << 30
# Measured on 135 real pages: level 1 shrinks 5.7 times at 340 MB/s, 3 6.1 times at 241, 6 6.6 times at 86.
_ZSTD_LEVEL = 3
_DIGEST = re.compile(r"[0-9a-f]{64}")
_WRITER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# What the kernel says when there is no room: disk, quota, or the size limit of a file.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# The same as SQLite says it: disk, file size limit, and the memory file beside a write-ahead log.
_INDEX_NO_ROOM = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE})


def _disk_free(path: Path) -> int:
    """Bytes this user may still write on the disk that holds a path."""
    return shutil.disk_usage(path).free


class Vault:
    """
    One vault folder, open in this process. Safe to use from several threads; not across a fork.

    `writer` names this process's packs (letters, digits, `._-`); by default it is random. `min_free_bytes` is
    left free on the disk. `free_bytes` gives the bytes this user may still write there.
    """

    def __init__(
        self,
        root: Path,
        *,
        writer: str | None = None,
        min_free_bytes: int = MIN_FREE_BYTES,
        pack_bytes: int = PACK_BYTES,
        free_bytes: Callable[[Path], int] = _disk_free,
        random_bytes: Callable[[int], bytes] = os.urandom,
        clock: Clock = utc_now,
    ) -> None:
        """
        Open or create, and recover what dead writers left.

        Raises `DamagedIndex` when the index is unreadable while other processes use the vault, `BadBlocklist` for a
        list of unlawful content that cannot be read.
        """
        if writer is not None and not _WRITER.fullmatch(writer):
            raise VaultError(f"writer name {writer!r} must be 1 to 64 letters, digits, dots, dashes or underscores")
        self.root = root
        self._packs = root / "packs"
        self._min_free_bytes = min_free_bytes
        self._pack_bytes = pack_bytes
        self._free_bytes = free_bytes
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self._closed = False
        self._compressor = zstandard.ZstdCompressor(level=_ZSTD_LEVEL)
        self._clock = clock
        self._random_bytes = random_bytes
        self._blocklists = Blocklists(root)
        self._lost_key: VaultKeyMissing | None = None
        key: VaultKey | None = None
        try:
            key = load_vault_key(root)
        except VaultKeyMissing as lost:
            self._lost_key = lost  # what is there can still be counted and copied; nothing is read or written
        self._out = PackWriter(
            self._packs,
            writer or uuid.UUID(bytes=random_bytes(16), version=4).hex,
            random_bytes=random_bytes,
            key=key,
        )
        self._readers = PackReaders(self._packs)
        self._reader = BlobReader(self._readers, key)
        self._pending: dict[bytes, Record] = {}

        # Captured pages hold personal data: the folder is the owner's alone.
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._packs.mkdir(mode=0o700, exist_ok=True)
        sync_folder(root)
        self._in_use_fd = os.open(root / "in-use.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._in_use_fd, fcntl.LOCK_SH)
            self._index = self._open_index()
            try:
                self.recover()
            except BaseException:
                self._index.close()
                raise
        except BaseException:
            os.close(self._in_use_fd)
            raise

    def put(self, data: bytes) -> str:
        """
        Keep these bytes and give their SHA-256 in hex; bytes already kept are not stored again.

        Durable only after `flush`. Raises `VaultFull` with nothing of these bytes kept, `BlobTooLarge` above 1 GiB,
        `BarredContent` for what a list of unlawful content names or what was erased by a decision.
        """
        if len(data) > MAX_BLOB_BYTES:
            raise BlobTooLarge(len(data), MAX_BLOB_BYTES)
        name = hashlib.sha256(data).digest()
        with self._lock:
            self._check_usable()
            is_known = self._wants(name)
            hit = self._blocklists.hit(name, data, with_pictures=not is_known)
            if hit is not None:
                raise self._barred(name, data, hit.list_name, hit.how)
            if not is_known:
                if self._gone(name):
                    raise BarredContent(name.hex(), "erased", "by its SHA-256", is_sealed_away=False)
                self._append(name, data)
        return name.hex()

    def flush(self) -> None:
        """
        Make everything put so far durable: synced to disk, then entered in the index.

        Raises `VaultFull` or `OSError`. When the disk itself failed, what was put since the last flush is
        given up, `has` says no to it, and it must be put again; when only the index failed, flush may be
        called again.
        """
        with self._lock:
            self._check_usable()
            if not self._pending:
                return
            try:
                self._out.sync()
            except OSError as error:
                # After a failed sync the kernel may drop the pages and report the next sync as good.
                self._pending.clear()
                self._out.give_up()
                raise self._as_full(error, 0) from error
            with self._asking() as index:
                index.add(self._out.pack, self._pending.values(), scanned_to=self._out.end)
            self._pending.clear()
            if self._out.end >= self._pack_bytes:
                self._out.close()

    def get(self, digest: str) -> bytes:
        """The bytes under a digest, hashed again. Raises `MissingBlob`, `DamagedBlob`, `BadDigest`."""
        name = _parse_digest(digest)
        with self._lock:
            self._check_usable()
            location = self._locate(name)
            if location is None and self._gone(name) is None:
                # A writer may have died between syncing its pack and entering it in the index.
                self.recover()
                location = self._locate(name)
            if location is None:
                raise self._missing(digest, name)
            if self._lost_key is not None:
                raise self._lost_key
            data = self._reader.read(name, location)
            if data is None:
                raise self._missing(digest, name)
            return data

    def has(self, digest: str) -> bool:
        """Whether these bytes are kept, here or by another process that flushed them."""
        name = _parse_digest(digest)
        with self._lock:
            self._check_usable()
            return self._knows(name)

    def size(self, digest: str) -> int:
        """Length in bytes of what was put. Raises `MissingBlob`, `BadDigest`."""
        name = _parse_digest(digest)
        with self._lock:
            self._check_usable()
            location = self._locate(name)
        if location is None:
            raise self._missing(digest, name)
        return location.raw_bytes

    def totals(self) -> Totals:
        """What is kept and flushed: blobs, bytes as captured, bytes on disk. Reads the whole index."""
        with self._lock:
            self._check_usable()
            with self._asking() as index:
                return index.totals()

    def digests(self) -> Iterator[str]:
        """Every flushed digest, in the order it lies on disk."""
        after = (-1, -1)
        while True:
            with self._lock:  # one page at a time, so that a slow reader holds up nobody
                self._check_usable()
                with self._asking() as index:
                    page = index.page(after)
            if not page:
                return
            for name, _ in page:
                yield name.hex()
            after = page[-1][1]

    def check(self) -> Iterator[DamagedBlob]:
        """Read every flushed blob and give the damage found; nothing when all is well."""
        for digest in self.digests():
            try:
                self.get(digest)
            except DamagedBlob as damage:
                yield damage

    def quarantine(self, digest: str) -> bool:
        """
        Forget a damaged blob so that the same bytes can be put again; gives whether it was known.

        Its bytes stay in the pack for whoever must examine them.
        """
        name = _parse_digest(digest)
        with self._lock:
            self._check_usable()
            with self._asking() as index:
                return index.remove(name)

    def want(self, digest: str) -> bool:
        """Say that kept bytes are wanted anew, as putting them again does; False where they are not kept."""
        name = _parse_digest(digest)
        with self._lock:
            self._check_usable()
            return self._wants(name)

    def erase(self, digests: Iterable[str], *, lawfully: bool, since: datetime | None = None) -> int:
        """
        Overwrite every copy of these bytes with zeros, in every pack; gives how many copies there were.

        `lawfully`: by a decision; the same bytes are then never stored again. Else their time was over, and they may
        come back. What was put again at `since` or later stays: a row that names it may be about to be written.
        Everything else keeps its place. Killed on the way, the next call completes it, whatever it is asked for.
        """
        names = {_parse_digest(digest) for digest in digests}
        with self._lock:
            self._check_usable()
            self.flush()
            copies = copies_of(self._packs, names, lawfully=lawfully) if names else []
            with self._asking() as index:
                index.take_out(copies, names, lawfully=lawfully, since=None if since is None else since.timestamp())
                return overwrite(self._packs, index)

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Keep everybody else from opening the vault for a while; gives False where somebody has it open."""
        try:
            fcntl.flock(self._in_use_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(self._in_use_fd, fcntl.LOCK_SH)  # a failed change may have let go of it
            yield False
            return
        try:
            yield True
        finally:
            fcntl.flock(self._in_use_fd, fcntl.LOCK_SH)

    def erased(self, digest: str) -> bool | None:
        """Whether bytes that are no longer here were erased lawfully; None for any other digest."""
        name = _parse_digest(digest)
        with self._lock:
            self._check_usable()
            return None if self._knows(name) else self._gone(name)

    def barred_by(self, digest: str, data: bytes) -> str | None:
        """The list, and how, that bytes which are here already fall under; None for none. For looking back."""
        hit = self._blocklists.hit(_parse_digest(digest), data)
        return None if hit is None else f"{hit.list_name}, {hit.how}"

    def recover(self) -> int:
        """Enter what dead writers wrote and did not index; gives how many records that were. Runs at open."""
        with self._lock:
            self._check_usable()
            fd = os.open(self.root / "recover.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX)  # a second opener waits here and then finds the work done
                with self._asking() as index:
                    return recover_packs(index, self._packs)
            finally:
                os.close(fd)

    def close(self) -> None:
        """Flush and let go of every file. Does nothing when closed already."""
        with self._lock:
            if self._closed:
                return
            if os.getpid() != self._pid:
                raise VaultClosed(self.root, "it was opened by the parent of this process")
            try:
                self.flush()
            finally:
                self._closed = True
                self._out.close()
                self._index.close()
                self._readers.close()
                os.close(self._in_use_fd)

    def __enter__(self) -> "Vault":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _barred(self, name: bytes, data: bytes, list_name: str, how: str) -> BarredContent:
        digest = name.hex()
        kept = note_barred(
            self.root,
            digest,
            data,
            list_name=list_name,
            how=how,
            at=self._clock(),
            random_bytes=self._random_bytes,
        )
        log.warning("unlawful content not stored", extra={"sha256": digest, "list": list_name, "how": how})
        return BarredContent(digest, list_name, how, is_sealed_away=kept)

    def _gone(self, name: bytes) -> bool | None:
        with self._asking() as index:
            return index.gone(name)

    def _missing(self, digest: str, name: bytes) -> MissingBlob:
        lawfully = self._gone(name)
        return (
            MissingBlob(digest, self.root) if lawfully is None else ErasedBlob(digest, self.root, lawfully=lawfully)
        )

    def _append(self, name: bytes, data: bytes) -> None:
        if self._lost_key is not None:
            raise self._lost_key
        payload, codec = self._compressor.compress(data), packs.CODEC_ZSTD
        if len(payload) >= len(data):
            payload, codec = data, packs.CODEC_RAW
        need = packs.HEADER_BYTES + len(payload)
        free = self._free_bytes(self.root)
        if free < self._min_free_bytes + need:
            raise VaultFull(self.root, free, self._min_free_bytes + need)
        try:
            self._pending[name] = self._out.append(name, codec, len(data), payload)
        except OSError as error:
            if not self._out.is_open:
                # The pack could not be kept clean and was left to recovery, with all it did not confirm.
                self._pending.clear()
            raise self._as_full(error, need) from error

    def _as_full(self, error: OSError | sqlite3.Error, need: int) -> Exception:
        """The error itself, or `VaultFull` when it says that there is no room."""
        code, no_room = (
            (error.errno, _NO_ROOM) if isinstance(error, OSError) else (error.sqlite_errorcode, _INDEX_NO_ROOM)
        )
        if code in no_room:
            return VaultFull(self.root, self._free_bytes(self.root), self._min_free_bytes + need)
        return error

    def _knows(self, name: bytes) -> bool:
        if name in self._pending:
            return True
        with self._asking() as index:
            return index.holds(name)

    def _wants(self, name: bytes) -> bool:
        if name in self._pending:
            return True
        with self._asking() as index:
            return index.holds(name) and index.want(name, self._clock().timestamp())

    def _check_usable(self) -> None:
        if self._closed:
            raise VaultClosed(self.root, "it was closed")
        if os.getpid() != self._pid:
            raise VaultClosed(self.root, "it was opened by the parent of this process")

    def _open_index(self) -> Index:
        path = self.root / "index.db"
        try:
            return Index(path)
        except sqlite3.OperationalError as error:  # locked, read-only, no room: the file is not in doubt
            raise self._as_full(error, 0) from error
        except sqlite3.DatabaseError as error:
            try:
                fcntl.flock(self._in_use_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DamagedIndex(path, str(error)) from error
            log.warning("vault index rebuilt", extra={"path": str(path), "reason": str(error)})
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            index = Index(path)
            fcntl.flock(self._in_use_fd, fcntl.LOCK_SH)
            return index

    @contextmanager
    def _asking(self) -> Iterator[Index]:
        """The index, with its damage and a full disk told as such."""
        try:
            yield self._index
        except sqlite3.OperationalError as error:
            raise self._as_full(error, 0) from error
        except sqlite3.DatabaseError as error:
            raise DamagedIndex(self.root / "index.db", str(error)) from error

    def _locate(self, name: bytes) -> Location | None:
        record = self._pending.get(name)
        if record is not None:
            return Location(
                pack=self._out.pack,
                at=record.at,
                raw_bytes=record.raw_bytes,
                stored_bytes=record.stored_bytes,
            )
        with self._asking() as index:
            return index.find(name)


def _parse_digest(digest: str) -> bytes:
    if not _DIGEST.fullmatch(digest):
        raise BadDigest(digest)
    return bytes.fromhex(digest)

"""
The vault: every captured byte, kept once, known only by the SHA-256 of the uncompressed bytes.

    with Vault(home / "vault") as vault:
        digest = vault.put(body)
        vault.flush()          # after this the bytes survive a kill and a power cut
        ...                    # only now commit the row that names `digest`
        vault.get(digest)      # hashed again on the way out

Layout of the folder:

    packs/<writer>-<n>.pack    append-only; each written by one process in one life, never touched again
    index.db                   where each blob lies; rebuilt from the packs when missing or unreadable
    in-use.lock  recover.lock  advisory locks; they hold no data

Several processes may read and write at once. A writer locks its pack for life, so recovery knows which packs
have lost their writer. Recovery reads such a pack past the last indexed byte, takes every whole record and
passes over torn ones. No pack is ever rewritten; only its own writer shortens it, by what it never confirmed.
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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import zstandard

from store.evidence import pack as packs
from store.evidence.errors import (
    BadDigest,
    BlobTooLarge,
    DamagedBlob,
    DamagedIndex,
    MissingBlob,
    VaultClosed,
    VaultError,
    VaultFull,
)
from store.evidence.index import Index, Location, Totals
from store.evidence.pack import Gap, Record
from store.evidence.pack_files import PackReaders, PackWriter, sync_folder

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
# Rows entered at once while recovering, so that a live writer is never kept waiting.
_RECOVER_ROWS = 500


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
    ) -> None:
        """
        Open or create, and recover what dead writers left.

        Raises `DamagedIndex` when the index is unreadable while other processes use the vault.
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
        self._decompressor = zstandard.ZstdDecompressor()
        self._out = PackWriter(
            self._packs, writer or uuid.UUID(bytes=random_bytes(16), version=4).hex, random_bytes=random_bytes
        )
        self._readers = PackReaders(self._packs)
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

        Durable only after `flush`. Raises `VaultFull` with nothing of these bytes kept, and `BlobTooLarge`
        above 1 GiB.
        """
        if len(data) > MAX_BLOB_BYTES:
            raise BlobTooLarge(len(data), MAX_BLOB_BYTES)
        name = hashlib.sha256(data).digest()
        with self._lock:
            self._check_usable()
            if not self._knows(name):
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
            if location is None:
                # A writer may have died between syncing its pack and entering it in the index.
                self.recover()
                location = self._locate(name)
            if location is None:
                raise MissingBlob(digest, self.root)
            return self._read(digest, name, location)

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
            raise MissingBlob(digest, self.root)
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

    def recover(self) -> int:
        """Enter what dead writers wrote and did not index; gives how many records that were. Runs at open."""
        with self._lock:
            self._check_usable()
            fd = os.open(self.root / "recover.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX)  # a second opener waits here and then finds the work done
                return self._recover()
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

    def _append(self, name: bytes, data: bytes) -> None:
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

    def _recover(self) -> int:
        found = 0
        with self._asking() as index:
            # The index first: indexed bytes never go away, so a size read later covers what was indexed.
            scanned = index.scanned()
            sizes = {path.name: path.stat().st_size for path in sorted(self._packs.glob("*.pack"))}
            for name, done in scanned.items():
                if sizes.get(name, 0) < done:
                    lost = index.cut(name, sizes.get(name, 0))
                    log.warning("vault pack shorter than its index", extra={"pack": name, "blobs_lost": lost})
            for name, size in sizes.items():
                if size > scanned.get(name, 0):
                    found += self._recover_pack(index, name, scanned.get(name, 0))
        return found

    def _recover_pack(self, index: Index, name: str, start: int) -> int:
        fd = os.open(self._packs / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return 0  # its writer lives and will index it
            os.fdatasync(fd)
            size = os.fstat(fd).st_size
            salt = packs.read_salt(fd)
            if salt is None:
                index.add(name, (), scanned_to=size)
                return 0
            found, torn_bytes = 0, 0
            batch: list[Record] = []
            for piece in packs.scan(fd, salt, max(start, packs.OPENING_BYTES), size):
                match piece:
                    case Record():
                        batch.append(piece)
                        found += 1
                    case Gap():
                        torn_bytes += piece.end - piece.at
                if len(batch) >= _RECOVER_ROWS:
                    index.add(name, batch, scanned_to=batch[-1].end)
                    batch = []
            index.add(name, batch, scanned_to=size)
            if found or torn_bytes:
                log.info("vault pack recovered", extra={"pack": name, "records": found, "torn_bytes": torn_bytes})
            return found
        finally:
            os.close(fd)

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

    def _read(self, digest: str, name: bytes, location: Location) -> bytes:
        def damaged(why: str) -> DamagedBlob:
            return DamagedBlob(digest, location.pack, location.at, why)

        try:
            fd, salt = self._readers.open(location.pack)
        except OSError as error:
            raise damaged(f"the pack cannot be opened ({error.strerror})") from error
        if salt is None:
            raise damaged("the pack's opening is not one")
        record = packs.read_header(os.pread(fd, packs.HEADER_BYTES, location.at), salt, location.at)
        if record is None or record.digest != name:
            raise damaged("its header does not name it")
        stored = os.pread(fd, record.stored_bytes, record.at + packs.HEADER_BYTES)
        if len(stored) != record.stored_bytes:
            raise damaged("the pack ends inside it")
        if record.codec == packs.CODEC_ZSTD:
            try:
                # Both lengths agree before anything is unpacked: a damaged frame can't ask for all memory.
                if zstandard.frame_content_size(stored) != record.raw_bytes:
                    raise damaged("its length does not fit its frame")
                stored = self._decompressor.decompress(stored, max_output_size=record.raw_bytes)
            except zstandard.ZstdError as error:
                raise damaged(f"it does not decompress ({error})") from error
        elif record.codec != packs.CODEC_RAW:
            raise damaged(f"its codec {record.codec} is unknown to this version")
        if hashlib.sha256(stored).digest() != name:
            raise damaged("its bytes have another SHA-256")
        return stored


def _parse_digest(digest: str) -> bytes:
    if not _DIGEST.fullmatch(digest):
        raise BadDigest(digest)
    return bytes.fromhex(digest)

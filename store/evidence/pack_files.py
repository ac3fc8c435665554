"""
Pack files in use: one that this process appends to, and the ones it reads.
"""

import fcntl
import os
import zlib
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from store.evidence.pack import SALT_BYTES, Opening, Record, make_header, make_opening, read_opening
from store.evidence.vault_key import PackKey, VaultKey

# Chosen: enough to read across many packs, far below the usual limit of 1,024 descriptors.
_OPEN_READERS = 64


class PackWriter:
    """
    Appends records to a pack of its own, which is made at the first record and locked until it is closed.

    Closing and appending again starts the next pack: no pack is ever opened for writing twice.
    Every method raises the plain `OSError` of the disk.
    """

    def __init__(
        self, folder: Path, writer: str, *, random_bytes: Callable[[int], bytes], key: VaultKey | None = None
    ) -> None:
        """Prepare to write `folder/<writer>-<n>.pack`, sealed where there is a key; nothing is created yet."""
        self._folder = folder
        self._writer = writer
        self._random_bytes = random_bytes
        self._key = key
        self._pack_key: PackKey | None = None
        self._fd: int | None = None
        self._salt = b""
        self._synced = 0
        self.pack = ""
        self.end = 0

    @property
    def is_open(self) -> bool:
        """Whether a pack is open."""
        return self._fd is not None

    def append(self, digest: bytes, codec: int, raw_bytes: int, payload: bytes) -> Record:
        """Write one record, whole or not at all; gives where it lies. Not durable before `sync`."""
        if self._fd is None:
            self._open()
        if self._pack_key is not None:
            codec, payload = self._pack_key.seal(digest, codec, payload, self._random_bytes)
        record = Record(
            digest=digest,
            codec=codec,
            raw_bytes=raw_bytes,
            stored_bytes=len(payload),
            payload_crc=zlib.crc32(payload),
            at=self.end,
        )
        self._write(make_header(record, self._salt) + payload)
        return record

    def sync(self) -> None:
        """Return once everything appended is on disk."""
        if self._fd is not None:
            os.fdatasync(self._fd)
            self._synced = self.end

    def give_up(self) -> None:
        """Take back what was never synced, and close the pack."""
        if self._fd is not None:
            with suppress(OSError):  # what can't be taken back is whole or torn; recovery is safe with both
                os.ftruncate(self._fd, self._synced)
        self.close()

    def close(self) -> None:
        """Close the pack and let go of its lock."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _open(self) -> None:
        number = 0
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        while True:
            name = f"{self._writer}-{number}.pack"
            try:
                fd = os.open(self._folder / name, flags, 0o600)
                break
            except FileExistsError:
                number += 1
        self._fd, self.pack, self.end, self._synced = fd, name, 0, 0
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)  # waits only while a recovery glances at the empty file
            self._salt = self._random_bytes(SALT_BYTES)
            opening = Opening(salt=self._salt)
            if self._key is not None:
                self._pack_key, wrapped = self._key.new_pack_key(self._random_bytes)
                opening = Opening(salt=self._salt, key_id=self._key.key_id, wrapped=wrapped)
            self._write(make_opening(opening))
            self._synced = opening.size_bytes
            # Without this a power cut may keep the bytes and lose the name they stand under.
            sync_folder(self._folder)
        except OSError:
            self.close()
            raise

    def _write(self, data: bytes) -> None:
        assert self._fd is not None, "a pack is opened before it is written"
        at, rest = self.end, memoryview(data)
        try:
            while rest:
                written = os.pwrite(self._fd, rest, at)
                at, rest = at + written, rest[written:]
        except OSError:
            try:
                os.ftruncate(self._fd, self.end)
            except OSError:
                self.close()  # the torn record stays where recovery passes over it
            raise
        self.end = at


class PackReaders:
    """Open packs for reading, the least recently used closed first."""

    def __init__(self, folder: Path) -> None:
        """Prepare to read packs of a folder; nothing is opened yet."""
        self.folder = folder
        self._open: OrderedDict[str, tuple[int, Opening | None]] = OrderedDict()

    def open(self, pack: str) -> tuple[int, Opening | None]:
        """A descriptor of a pack and how it begins, None when its opening is not one. Raises `OSError`."""
        known = self._open.get(pack)
        if known is not None:
            self._open.move_to_end(pack)
            return known
        fd = os.open(self.folder / pack, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        self._open[pack] = (fd, read_opening(fd))
        if len(self._open) > _OPEN_READERS:
            _, (oldest, _) = self._open.popitem(last=False)
            os.close(oldest)
        return self._open[pack]

    def close(self) -> None:
        """Close them all."""
        for fd, _ in self._open.values():
            os.close(fd)
        self._open.clear()


def sync_folder(folder: Path) -> None:
    """Return once the names in a folder are on disk."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)

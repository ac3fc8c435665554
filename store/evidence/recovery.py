"""Enters in the index what dead writers wrote and never entered, from the packs alone."""

from __future__ import annotations

import fcntl
import logging
import os
from pathlib import Path

from store.evidence import pack as packs
from store.evidence.index import Index
from store.evidence.pack import Gap, Record

log = logging.getLogger(__name__)

# Rows entered at once while recovering, so that a live writer is never kept waiting.
_RECOVER_ROWS = 500


def recover_packs(index: Index, folder: Path) -> int:
    """Read every pack past its last indexed byte; gives how many records were entered. Packs in use are left."""
    found = 0
    # The index first: indexed bytes never go away, so a size read later covers what was indexed.
    scanned = index.scanned()
    sizes = {path.name: path.stat().st_size for path in sorted(folder.glob("*.pack"))}
    for name, done in scanned.items():
        if sizes.get(name, 0) < done:
            lost = index.cut(name, sizes.get(name, 0))
            log.warning("vault pack shorter than its index", extra={"pack": name, "blobs_lost": lost})
    for name, size in sizes.items():
        if size > scanned.get(name, 0):
            found += _recover_pack(index, folder, name, scanned.get(name, 0))
    return found


def _recover_pack(index: Index, folder: Path, name: str, start: int) -> int:
    fd = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0  # its writer lives and will index it
        os.fdatasync(fd)
        size = os.fstat(fd).st_size
        opening = packs.read_opening(fd)
        if opening is None:
            index.add(name, (), scanned_to=size)
            return 0
        found, torn_bytes = 0, 0
        batch: list[Record] = []
        for piece in packs.scan(fd, opening.salt, max(start, opening.size_bytes), size):
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

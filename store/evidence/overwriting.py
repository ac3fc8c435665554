"""
Overwrites what is not wanted any more, copy by copy, each at its place in its pack.

The index names the copies first, in the transaction that takes them out: bytes that come back meanwhile lie
elsewhere and are left alone, and whoever is killed on the way is completed by the next call.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from itertools import groupby
from pathlib import Path

from store.evidence import pack as packs
from store.evidence.index import Index, Leaving


def copies_of(folder: Path, wanted: Collection[bytes], *, lawfully: bool) -> list[Leaving]:
    """
    Every copy of these digests in a folder of packs, living writers' packs too. Reads headers only.

    A writer only ever touches what lies behind its last synced byte, so that what is found stays where it is.
    """
    found = []
    for path in sorted(folder.glob("*.pack")):
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            opening = packs.read_opening(fd)
            if opening is None:
                continue
            for record in packs.walk(fd, opening.salt, opening.size_bytes, os.fstat(fd).st_size):
                if record.digest in wanted and not record.is_gone:
                    found.append(Leaving(pack=path.name, at=record.at, digest=record.digest, lawfully=lawfully))
        finally:
            os.close(fd)
    return found


def overwrite(folder: Path, index: Index) -> int:
    """Overwrite every copy that the index names as leaving; gives how many there were."""
    count = 0
    for pack, copies in groupby(index.leaving(), key=lambda copy: copy.pack):
        each = list(copies)
        try:
            fd = os.open(folder / pack, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            index.left(each)  # the pack is gone, and they with it
            continue
        try:
            count += sum(_overwrite(fd, copy) for copy in each)
        finally:
            os.close(fd)
        index.left(each)
    return count


def _overwrite(fd: int, copy: Leaving) -> bool:
    opening = packs.read_opening(fd)
    if opening is None:
        return False
    record = packs.read_header(os.pread(fd, packs.HEADER_BYTES, copy.at), opening.salt, copy.at)
    if record is None or record.digest != copy.digest or record.is_gone:
        return False  # done before, or a pack that was restored from an older backup
    packs.take_out(fd, opening.salt, record, packs.CODEC_ERASED if copy.lawfully else packs.CODEC_PURGED)
    return True

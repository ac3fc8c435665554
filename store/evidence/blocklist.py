"""
Lists of unlawful content, by hash: what they name is never stored.

    vault/blocklist/<name>.csv    kind,value,radius_bits: sha256 and md5 of exact bytes, pdq of pictures alike

The unit brings its lists; none is shipped. They lie in the vault's own folder, so that nobody can open the vault
without them, in any process.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from store.evidence.errors import BadBlocklist
from store.evidence.pack_files import sync_folder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLDER = "blocklist"
COLUMNS = ("kind", "value", "radius_bits")
DEFAULT_RADIUS_BITS = 31  # the radius PDQ is used with: none of 6.9 million pairs of strangers was that near
MOST_RADIUS_BITS = 64  # chosen: beyond it pictures that have nothing to do with each other meet
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class HashKind(Enum):
    """How an entry names content."""

    SHA256 = "sha256"
    """The exact bytes."""
    MD5 = "md5"
    """The exact bytes, in the form older lists have."""
    PDQ = "pdq"
    """A picture, and every picture whose code lies within a radius."""


_HEX_DIGITS = {HashKind.SHA256: 64, HashKind.MD5: 32, HashKind.PDQ: 64}


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedHash:
    """One entry of a list."""

    kind: HashKind
    value: bytes
    radius_bits: int = 0  # of a PDQ code


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An entry that bytes fall under: which list, and how, in words without the content."""

    list_name: str
    how: str


def parse_blocklist(name: str, text: str, radius_bits: int = DEFAULT_RADIUS_BITS) -> list[BlockedHash]:
    """
    The entries of a CSV. `radius_bits` counts for PDQ codes that name none.

    Raises `BadBlocklist`, with the line: a list that is half read would let through what it was brought to stop.
    """
    rows = csv.DictReader(io.StringIO(text))
    if not rows.fieldnames or {"kind", "value"} - set(rows.fieldnames) or set(rows.fieldnames) - set(COLUMNS):
        raise BadBlocklist(name, f"its columns are {', '.join(rows.fieldnames or ()) or 'none'}")
    found = [_entry(name, rows.line_num, row, radius_bits) for row in rows]
    if not found:
        raise BadBlocklist(name, "it has no entries")
    return list(dict.fromkeys(found))


def _entry(name: str, line: int, row: dict[str, str], radius_bits: int) -> BlockedHash:
    try:
        kind = HashKind((row["kind"] or "").strip().lower())
        value = bytes.fromhex((row["value"] or "").strip())
        radius = int(row.get("radius_bits") or radius_bits) if kind is HashKind.PDQ else 0
    except (ValueError, TypeError) as error:
        raise BadBlocklist(name, f"line {line}: {error}") from error
    if len(value) * 2 != _HEX_DIGITS[kind]:
        raise BadBlocklist(name, f"line {line}: a {kind.value} has {_HEX_DIGITS[kind]} hex digits")
    if not 0 <= radius <= MOST_RADIUS_BITS:
        raise BadBlocklist(name, f"line {line}: a radius is 0 to {MOST_RADIUS_BITS} bits")
    return BlockedHash(kind=kind, value=value, radius_bits=radius)


def write_blocklist(root: Path, name: str, entries: Iterable[BlockedHash]) -> None:
    """Keep a list in a vault, in place of the one of that name; from the next bytes on it counts everywhere."""
    if not _NAME.fullmatch(name):
        raise BadBlocklist(name, "a list's name is 1 to 40 small letters, digits and dashes")
    folder = root / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    partial = folder / f".{name}.{os.getpid()}"
    fd = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((e.kind.value, e.value.hex(), e.radius_bits or "") for e in entries)
        file.flush()
        os.fsync(fd)
    partial.replace(folder / f"{name}.csv")
    sync_folder(folder)


def remove_blocklist(root: Path, name: str) -> bool:
    """Let go of a list; gives whether there was one."""
    path = root / FOLDER / f"{name}.csv"
    if not _NAME.fullmatch(name) or not path.exists():
        return False
    path.unlink()
    sync_folder(path.parent)
    return True


class Blocklists:
    """Every list of one vault, read again when one was brought or taken away, in whatever process that was."""

    def __init__(self, root: Path) -> None:
        """Read the lists of a vault. Raises `BadBlocklist`: a list that cannot be read stops the vault."""
        self._folder = root / FOLDER
        self._seen: int | None = None
        self._exact: dict[bytes, str] = {}
        self._md5: dict[bytes, str] = {}
        self._pictures: list[tuple[str, NDArray[np.uint64], NDArray[np.uint16]]] = []
        self.counts: dict[str, int] = {}
        self._renew()

    def hit(self, sha256: bytes, data: bytes, *, with_pictures: bool = True) -> Hit | None:
        """The first entry that these bytes fall under; None where there is none."""
        self._renew()
        if not self.counts:
            return None
        named = self._exact.get(sha256)
        if named is not None:
            return Hit(list_name=named, how="by its SHA-256")
        if self._md5:
            named = self._md5.get(hashlib.md5(data, usedforsecurity=False).digest())
            if named is not None:
                return Hit(list_name=named, how="by its MD5")
        return self._picture_hit(data) if with_pictures and self._pictures else None

    def _picture_hit(self, data: bytes) -> Hit | None:
        import numpy as np

        from store.pictures.codes import codes_of  # imaging is slow to import, and many vaults have no such list

        codes = codes_of(data)
        if not codes:
            return None
        wanted = np.frombuffer(b"".join(codes), dtype=np.uint64).reshape(-1, 4)
        for name, listed, radius in self._pictures:
            for code in wanted:
                distance = np.bitwise_count(listed ^ code).sum(axis=1, dtype=np.uint16)
                near = np.flatnonzero(distance <= radius)
                if near.size:
                    bits = int(distance[near].min())
                    return Hit(list_name=name, how=f"by its PDQ code, {bits} bits from an entry")
        return None

    def _renew(self) -> None:
        try:
            now = self._folder.stat().st_mtime_ns
        except FileNotFoundError:
            return
        if now == self._seen:
            return
        import numpy as np

        exact: dict[bytes, str] = {}
        md5: dict[bytes, str] = {}
        pictures = []
        counts = {}
        for path in sorted(self._folder.glob("[!.]*.csv")):
            name = path.stem
            entries = parse_blocklist(name, path.read_text("ascii"))
            counts[name] = len(entries)
            exact.update((e.value, name) for e in entries if e.kind is HashKind.SHA256)
            md5.update((e.value, name) for e in entries if e.kind is HashKind.MD5)
            codes = [e for e in entries if e.kind is HashKind.PDQ]
            if codes:
                values = np.frombuffer(b"".join(e.value for e in codes), dtype=np.uint64).reshape(-1, 4)
                pictures.append((name, values, np.array([e.radius_bits for e in codes], dtype=np.uint16)))
        self._exact, self._md5, self._pictures, self.counts = exact, md5, pictures, counts
        self._seen = now

"""A sealed batch folder as one ZIP: what a recipient is sent, the same bytes each time."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from store.evidence.verify import central_header, end_record, local_header, read_package


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One batch as it is handed to a transport."""

    key: str  # never carried twice under one key
    number: int
    platform: str
    profile: str
    manifest_sha256: str
    watermark: str | None  # EXERCISE, or nothing: drafts are never carried
    notices: tuple[int, ...]  # numbers
    item_count: int
    folder: Path
    follows: bool = False  # words on items of notices that left before

    @property
    def file_name(self) -> str:
        """A name that says the same batch each time."""
        return f"{self.number}-{self.platform}-{self.key[:16]}.zip"


def pack(folder: Path) -> Iterator[bytes]:
    """
    The folder as one ZIP, in parts: the same folder, the same bytes, and the verifier takes it like the folder.

    One file at a time is held in memory.
    """
    directory: list[bytes] = []
    at = 0
    for name in sorted(read_package(folder)):
        content = (folder / name).read_bytes()
        crc = zlib.crc32(content)
        header = local_header(name, crc, len(content))
        directory.append(central_header(name, crc, len(content), at))
        at += len(header) + len(content)
        yield header
        yield content
    listing = b"".join(directory)
    yield listing
    yield end_record(len(directory), len(listing), at)

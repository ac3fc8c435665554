"""A ZIP of pictures from outside, unpacked within bounds: so many files, so many bytes, nowhere but in its folder."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from registry.errors import UnreadableFile
from registry.files import MAX_DOCUMENT_BYTES

MAX_ENTRIES = 25_000  # a holder's 20,000 photos with their sheet in one archive
MAX_UNPACKED_BYTES = 2 << 30  # chosen: 20,000 photos of 100 kB
_MOST_TIMES = 20  # photos are compressed already and their sheet about ten times; a bomb unpacks a thousand times
_SMALL_BYTES = 8 << 20  # an archive may always unpack to this much: a sheet alone compresses well
_MOST_DIRECTORY_BYTES = 8 << 20  # 300 bytes for each of 25,000 names
_END = struct.Struct("<4s4H2LH")  # end of central directory. Source: PKWARE APPNOTE 6.3.10, 4.3.16
_LOCATOR_BYTES = 20
_MOST_COMMENT_BYTES = 65_535
_PART_BYTES = 1 << 20
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ASIDE = frozenset({"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"})  # what systems add by themselves
_ANEW = "pack the pictures anew as a plain ZIP"


def is_zip(start: bytes) -> bool:
    """Whether a file's first bytes are a ZIP's."""
    return start.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def unpack(file: Path, folder: Path, *, name: str | None = None) -> list[Path]:
    """
    Unpack a ZIP's files into an empty folder; gives their paths in it, in the archive's order.

    Up to 25,000 files of 50 MB and 2 GB together, and twenty times the archive's own size. `name` stands in messages
    instead of the path. Raises `UnreadableFile` for more, for names that lead elsewhere, for links, encryption, other
    methods than store and deflate, and damage; what was unpacked until then stays in the folder.
    """
    shown = name or str(file)
    written: list[Path] = []
    with file.open("rb") as stream:
        check_directory(shown, stream)
        room = min(MAX_UNPACKED_BYTES, max(_SMALL_BYTES, _MOST_TIMES * file.stat().st_size))
        try:
            with zipfile.ZipFile(stream) as archive:
                for entry in archive.infolist():
                    place = _place_of(shown, entry)
                    if place is None:
                        continue
                    target = folder.joinpath(*place.parts)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with archive.open(entry) as source, target.open("xb") as out:
                        size = 0
                        # What an entry says of its own size is not believed.
                        while part := source.read(_PART_BYTES):
                            size += len(part)
                            room -= len(part)
                            if size > MAX_DOCUMENT_BYTES or room < 0:
                                raise UnreadableFile(shown, "unpacks to more than is taken", "split it into several")
                            out.write(part)
                    written.append(target)
        except FileExistsError as error:
            raise UnreadableFile(shown, "holds two files of one name", _ANEW) from error
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError, ValueError) as error:
            raise UnreadableFile(shown, f"is a damaged ZIP ({type(error).__name__})", _ANEW) from error
    return written


def check_directory(shown: str, stream: BinaryIO) -> None:
    """
    Refuse an archive by its end alone, before a reader builds a list of a million entries from it.

    Raises `UnreadableFile` for more than 25,000 entries, a long list of them, ZIP64, or no end at all.
    """
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _MOST_COMMENT_BYTES - _END.size))
    tail = stream.read()
    stream.seek(0)
    # In the reader's own order: an end without a comment first, else the last signature.
    plain = len(tail) - _END.size
    at = plain if tail[plain : plain + 4] == b"PK\x05\x06" and tail.endswith(b"\0\0") else tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + _END.size:
        raise UnreadableFile(shown, "is no whole ZIP", _ANEW)
    _, _, _, _, entries, directory_bytes, _, _ = _END.unpack_from(tail, at)
    if tail[max(0, at - _LOCATOR_BYTES) : at][:4] == b"PK\x06\x07":
        raise UnreadableFile(shown, "is a ZIP64", "split it into archives of less than 4 GB")
    if entries > MAX_ENTRIES or directory_bytes > _MOST_DIRECTORY_BYTES:
        raise UnreadableFile(shown, f"holds more than {MAX_ENTRIES:,} files", "split it into several")


def _place_of(shown: str, entry: zipfile.ZipInfo) -> PurePosixPath | None:
    """Where an entry goes in the folder; None for folders and for what systems add by themselves."""
    place = PurePosixPath(entry.filename)
    if entry.flag_bits & 1:
        raise UnreadableFile(shown, "is encrypted", "pack it without a password")
    # Compared before folders are passed over: the reader cuts a name at its zero byte, and `..` leads up.
    if place.is_absolute() or ".." in place.parts or "\\" in entry.filename or not entry.filename.isprintable():
        raise UnreadableFile(shown, "holds a name that leads out of its folder", _ANEW)
    if entry.is_dir() or not _ASIDE.isdisjoint(place.parts):
        return None
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise UnreadableFile(shown, "holds a link or a device", _ANEW)
    if entry.compress_type not in _METHODS:
        raise UnreadableFile(shown, "is packed by a method that is not taken", _ANEW)
    return place

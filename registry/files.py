"""Files from outside, read with a bound: only regular ones, and only inside the folder they were handed in with."""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath

from registry.errors import BadCell, UnreadableFile

MAX_DOCUMENT_BYTES = 50 * 1024 * 1024  # chosen: a scanned certificate of a hundred pages has about 30 MB


def read_bounded(path: Path, limit: int) -> bytes:
    """
    The bytes of a regular file.

    Raises `UnreadableFile` where there is none, or more than `limit` bytes. A pipe or a device is never waited for.
    """
    try:
        if path.is_dir():
            raise UnreadableFile(str(path), "is a folder", "name a file")
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableFile(str(path), f"cannot be opened ({reason})", "check the path and its rights") from error
    with os.fdopen(fd, "rb") as stream:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise UnreadableFile(str(path), "is no regular file", "name a file")
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise UnreadableFile(str(path), f"is larger than {limit // 1024 // 1024} MB", "hand in a smaller file")
    return data


def read_inside(folder: Path, name: str, limit: int = MAX_DOCUMENT_BYTES) -> bytes:
    """
    The bytes of a file named in a sheet, which must lie inside the sheet's folder, whatever links lead there.

    Raises `BadCell` when it lies outside, is missing, empty, no regular file, or larger than `limit` bytes.
    """
    fix = f"lay the file into {folder.name or 'the folder'}/ and write its path from there"
    written = PureWindowsPath(name) if "\\" in name else PurePosixPath(name)
    if written.is_absolute() or written.drive or ".." in written.parts:
        raise BadCell("leads outside the sheet's folder", fix)
    try:
        home = folder.resolve(strict=True)
        place = home.joinpath(*written.parts)
        if not place.exists():
            # Some systems store accented names in two characters each; the sheet says the same name in one.
            place = home.joinpath(*(unicodedata.normalize("NFD", part) for part in written.parts))
        place = place.resolve(strict=True)
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
        raise BadCell("there is no such file", fix) from error
    if not place.is_relative_to(home):
        raise BadCell("is a link that leads outside the sheet's folder", fix)
    try:
        data = read_bounded(place, limit)
    except UnreadableFile as error:
        raise BadCell(error.problem, error.fix) from error
    if not data:
        raise BadCell("is an empty file", "hand in the document itself")
    return data


def sha256_of(data: bytes) -> str:
    """SHA-256 in hex: the name the vault knows these bytes by."""
    return hashlib.sha256(data).hexdigest()

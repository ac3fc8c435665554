"""Files that somebody else put into a folder of ours: read within bounds, and moved aside without loss."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from reports.errors import UnreadableAnswers


def read_file(path: Path, *, most_bytes: int) -> bytes:
    """
    The bytes of a plain file. Raises `UnreadableAnswers` for a link, a device or a pipe, for what has more than
    `most_bytes`, and for what the system does not give.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UnreadableAnswers(f"{path.name} cannot be opened ({error.strerror})") from error
    try:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            raise UnreadableAnswers(f"{path.name} is no plain file")
        with os.fdopen(os.dup(fd), "rb") as file:
            data = file.read(most_bytes + 1) if found.st_size <= most_bytes else None
    except OSError as error:
        raise UnreadableAnswers(f"{path.name} cannot be read ({error.strerror})") from error
    finally:
        os.close(fd)
    if data is None or len(data) > most_bytes:
        raise UnreadableAnswers(f"{path.name} has more than {most_bytes} bytes")
    return data


def move_aside(path: Path, folder: Path, *, name: str | None = None, end: str | None = None) -> Path:
    """
    Move a file into a folder, which is made when missing, as `name` and `end`, else under its own name.

    One there that has the name keeps it, and this one gets a number. Raises `OSError`.
    """
    folder.mkdir(exist_ok=True)
    name, end = path.stem if name is None else name, path.suffix if end is None else end
    number = 1
    while True:
        to = folder / (f"{name}{end}" if number == 1 else f"{name}-{number}{end}")
        try:
            os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        except FileExistsError:
            number += 1
            continue
        try:
            path.replace(to)
        except OSError:
            to.unlink(missing_ok=True)
            raise
        return to

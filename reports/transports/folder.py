"""
By a folder that the recipient fetches from, mounted here: one ZIP a batch, named by its key.

The file appears whole or not at all, and writing it again changes nothing: the key stands in its name.
"""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

from reports.parcel import Parcel, pack
from reports.transports.contract import Absent, Answer, ForPerson, NotTaken, Taken, Unknown
from store.evidence.pack_files import sync_folder

_MENDED_BY_WAITING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ESTALE, errno.EAGAIN})


class FolderTransport:
    """One recipient's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, parcel: Parcel) -> Answer:
        """Write the ZIP beside its name, flush it, and give it its name."""
        target = self.folder / parcel.file_name
        try:
            if target.exists():
                return _taken(target)
            partial = self.folder / f".{parcel.file_name}.{os.getpid()}.partial"
            try:
                with partial.open("wb") as file:
                    for part in pack(parcel.folder):
                        file.write(part)
                    file.flush()
                    os.fsync(file.fileno())
                partial.rename(target)
            finally:
                partial.unlink(missing_ok=True)
            sync_folder(self.folder)
            return _taken(target)
        except OSError as error:
            because = f"{error.strerror or error} in {self.folder}"
            if error.errno in _MENDED_BY_WAITING:
                return NotTaken(because=because)
            return ForPerson(because=f"{because}; the folder has to exist and to be writable")

    def look_up(self, key: str) -> Taken | Absent | Unknown:
        """Whether a file of that key is there."""
        try:
            found = next(iter(sorted(self.folder.glob(f"*-{key[:16]}.zip"))), None)
            return _taken(found) if found else Absent(raw=b"")
        except OSError as error:
            return Unknown(because=f"{error.strerror or error} in {self.folder}")


def _taken(target: Path) -> Taken:
    with target.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    line = f"{sha256}  {target.name}"
    return Taken(receipt=target.name, raw=line.encode())

"""
Which pictures stay blurred until somebody asks for them: those of the unit's own list, and near copies of them.

The list is `blurred.txt` in the workspace, one picture a line: `sha256:` with the digest of its bytes or `pdq:` with
its PDQ code, each 64 hexadecimal digits, then a blank and why. None is shipped. A colour rule that guesses at bare
skin was measured and refused: it flags one in five of 298 harmless shop photos, wooden floors above all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, select

from store.db import tables
from store.pictures.pdq import distance_bits

FILE = "blurred.txt"
NEAR_BITS = 31  # PDQ's own radius: "31 of 256 or fewer is a match"
LINE = re.compile(r"(sha256|pdq):([0-9a-f]{64})(?:\s+(.*))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The list as read."""

    by_digest: dict[str, str]  # SHA-256 of a picture -> why
    by_code: tuple[tuple[bytes, str], ...]  # PDQ code, why
    unreadable: tuple[int, ...]  # numbers of lines that say nothing


def read_list(text: str) -> Listed:
    """The list in a file's text; empty lines and those that begin with # are passed over."""
    by_digest: dict[str, str] = {}
    by_code: list[tuple[bytes, str]] = []
    unreadable: list[int] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = LINE.fullmatch(line.strip())
        if found is None:
            unreadable.append(number)
        elif found[1].lower() == "sha256":
            by_digest[found[2].lower()] = found[3] or ""
        else:
            by_code.append((bytes.fromhex(found[2]), found[3] or ""))
    return Listed(by_digest=by_digest, by_code=tuple(by_code), unreadable=tuple(unreadable))


class Guard:
    """The list of one workspace, read again when the file changes."""

    def __init__(self, home: Path) -> None:
        self._file = home / FILE
        self._lock = Lock()
        self._read_at: tuple[int, int] | None = None
        self._listed = read_list("")

    @property
    def listed(self) -> Listed:
        """The list as it stands in the file now; empty where there is no file."""
        with self._lock:
            try:
                state = self._file.stat()
            except FileNotFoundError:
                self._read_at, self._listed = None, read_list("")
                return self._listed
            if (state.st_mtime_ns, state.st_size) != self._read_at:
                self._listed = read_list(self._file.read_text("utf-8", "replace"))
                self._read_at = (state.st_mtime_ns, state.st_size)
            return self._listed

    def flagged(self, connection: Connection, sha256s: Iterable[str | None]) -> dict[str, str]:
        """Those of these pictures that stay blurred, each with why; near copies where they were fingerprinted."""
        listed = self.listed
        asked = {sha256 for sha256 in sha256s if sha256}
        found = {sha256: listed.by_digest[sha256] for sha256 in asked if sha256 in listed.by_digest}
        if listed.by_code:
            print_ = tables.fingerprint
            whole = (
                print_.c.algorithm == "pdq",
                print_.c.variant == "whole",
                print_.c.sha256.in_(asked - found.keys()),
            )
            for row in connection.execute(select(print_.c.sha256, print_.c.value).where(*whole)):
                why = next((why for code, why in listed.by_code if distance_bits(code, row.value) <= NEAR_BITS), None)
                if why is not None:
                    found[row.sha256] = why
        return found

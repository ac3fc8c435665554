"""Files the pages need, read once; each is asked for with its digest, so that a browser keeps it for good."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file."""

    data: bytes
    media_type: str
    tag: str


class Assets:
    """The files of `static/`, by name; there is no way from a name to another folder."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._files = {
            path.name: Asset(
                data=(data := path.read_bytes()),
                media_type=TYPES[path.suffix],
                tag=hashlib.sha256(data).hexdigest()[:16],
            )
            for path in sorted(folder.iterdir())
            if path.suffix in TYPES
        }

    def get(self, name: str) -> Asset | None:
        """The file of that name; None if there is none."""
        return self._files.get(name)

    def address(self, name: str) -> str:
        """Where the file is asked for. Raises `KeyError` for a name no file has, at the first drawing of the page."""
        return f"/static/{name}?v={self._files[name].tag}"


@cache
def our_assets() -> Assets:
    """The shipped files, read once a process."""
    return Assets()

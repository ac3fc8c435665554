"""Families of sites: rules shared by sites built alike, and the platform that stands in for an undeclared one."""

from __future__ import annotations

import difflib
import re
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config.declaration import check, read_toml
from config.errors import MissingDeclaration
from config.platform import Platform, PlatformKind

FOLDER = Path(__file__).parent / "families"

GENERIC = "generic"
"""The family that reads pages nobody declared."""


def load_family(name: str) -> dict[str, Any]:  # Any: TOML values of any shape
    """The shipped family's tables. Raises `MissingDeclaration`, or `BrokenToml` with the line."""
    path = FOLDER / f"{name}.toml"
    known = sorted(file.stem for file in FOLDER.glob("*.toml"))
    if name not in known:
        near = difflib.get_close_matches(name, known, 1, 0.5)
        raise MissingDeclaration("family", name, known, near[0] if near else None)
    return read_toml(path)


def generic_platform(url: str, kind: PlatformKind = PlatformKind.MARKETPLACE) -> Platform:
    """
    A platform for a page nobody declared: named after its host, reached by nothing, read by the family `generic`.

    An address without a host, such as a saved file's, gives the platform `unknown`.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        host = ""
    name = re.sub(r"[^a-z0-9]+", "-", host.removeprefix("www.").lower()).strip("-")[:63].strip("-")
    return _generic(
        name or "unknown", host if name and re.fullmatch(r"[a-z0-9.-]+", host) else "unknown.invalid", kind
    )


@lru_cache(maxsize=256)
def _generic(name: str, host: str, kind: PlatformKind) -> Platform:
    data = {**load_family(GENERIC), "name": name, "kind": kind.value, "family": GENERIC, "home": f"https://{host}/"}
    return check(Platform, data, f"families/{GENERIC}.toml")

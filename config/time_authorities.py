"""
Time authorities that a workspace asks: one TOML file each in `MARQUE_HOME/time/`, none shipped.

    url = "https://time.example/tsr"
    roots = "example-roots.pem"     # beside it: root certificates, obtained from the authority itself
    qualified = false               # true only where the authority is a qualified one (eIDAS, Article 42)

The file's name is the authority's.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from config.declaration import Declaration, check, read_toml
from config.errors import UnsafeDeclaration

FOLDER = "time"


class _Declared(Declaration):
    url: str = Field(pattern=r"^https?://")
    roots: str = Field(pattern=r"^[A-Za-z0-9._-]+$")
    qualified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredAuthority:
    """One authority as declared; `roots_pem` is not yet read as certificates."""

    name: str
    url: str
    roots_pem: bytes
    qualified: bool


def load_time_authorities(home: Path) -> list[DeclaredAuthority]:
    """
    Every authority of a workspace, by name.

    Raises `BrokenToml`, `WrongKey` with every mistake, and `UnsafeDeclaration` for roots that are not there.
    """
    found = []
    for path in sorted((home / FOLDER).glob("*.toml")):
        declared = check(_Declared, read_toml(path), str(path))
        try:
            pem = (path.parent / declared.roots).read_bytes()
        except OSError as error:
            why = f"its roots {declared.roots!r} cannot be read ({error.strerror}); lay the PEM file beside it"
            raise UnsafeDeclaration(str(path), why) from error
        found.append(DeclaredAuthority(name=path.stem, url=declared.url, roots_pem=pem, qualified=declared.qualified))
    return found

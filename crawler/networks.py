"""
Which network an address belongs to, from a table that the unit supplies. None is shipped.

The table is `networks.tsv` or `networks.tsv.gz` in the workspace: one range of addresses a line, its parts apart by
tabs, ranges of one family not overlapping: first address, last address, number of the autonomous system, country
code, name. It is the form that iptoasn.com publishes (ip2asn-combined); system 0 means that nobody announces it.
"""

from __future__ import annotations

import gzip
import hashlib
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crawler.errors import BadTable

FILES = ("networks.tsv", "networks.tsv.gz")
TABLE_BYTES = 512 * 1024 * 1024  # chosen: the published table has 40 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The network of one address, as the table has it."""

    address: str
    number: int
    country: str | None  # None where the table knows none
    name: str
    source: str  # the table by name, date and digest

    @property
    def words(self) -> str:
        """As a person reads it: AS64500 Example Hosting (NL)."""
        return f"AS{self.number} {self.name}" + (f" ({self.country})" if self.country else "")


def table_of(folder: Path) -> Path | None:
    """The workspace's table; None where there is none."""
    return next((folder / name for name in FILES if (folder / name).is_file()), None)


def find_networks(path: Path, addresses: Sequence[str]) -> dict[str, Network]:
    """The networks of these addresses, those that the table knows, in one walk over it. Raises `BadTable`."""
    wanted = {address: _packed(address) for address in addresses}
    found: dict[str, Network] = {}
    body = _read(path)
    day = datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
    source = f"{path.name} of {day}, SHA-256 {hashlib.sha256(body).hexdigest()[:16]}"
    for number, line in enumerate(_lines(body), 1):
        parts = line.split("\t")
        if len(parts) < 5:
            raise BadTable(path, f"line {number} has {len(parts)} parts instead of 5")
        try:
            first, last, system = _packed(parts[0]), _packed(parts[1]), int(parts[2])
        except (OSError, ValueError) as error:
            raise BadTable(path, f"line {number} cannot be read: {error}") from error
        for address, packed in wanted.items():
            if len(packed) == len(first) and first <= packed <= last and system:
                country = parts[3] if len(parts[3]) == 2 else None
                found[address] = Network(
                    address=address, number=system, country=country, name=parts[4].strip(), source=source
                )
    return found


def _packed(address: str) -> bytes:
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def _read(path: Path) -> bytes:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            body: bytes = file.read(TABLE_BYTES + 1)
    except (OSError, EOFError) as error:
        raise BadTable(path, f"it cannot be read: {error}") from error
    if len(body) > TABLE_BYTES:
        raise BadTable(path, f"it is larger than {TABLE_BYTES} bytes")
    return body


def _lines(body: bytes) -> Iterator[str]:
    return (line for line in body.decode("utf-8", "replace").splitlines() if line)

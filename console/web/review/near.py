"""
Pictures that look nearly like one, by their fingerprints: every stored code is compared, none is passed over.

The codes are read once and kept as one block of memory (64 bytes a picture: a million take 64 MB); comparing with all
of them is one pass of machine code, a few hundredths of a second. They are read anew after another run has ended,
since only runs write fingerprints.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select

from store.db import tables

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEAR_BITS = 31  # PDQ's own radius: "31 of 256 or fewer is a match"
CODE_BYTES = 32  # of PDQ, and of a SHA-256
READ_AT_ONCE = 20_000  # rows; what stands between the database and the block
COMPARED_AT_ONCE = 100_000  # codes: the pass needs 4 MB beside the block


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """Codes of one version of PDQ with the pictures they are of, in one order."""

    version: str
    asof: tuple[Any, ...]  # what the table of runs said when it was read
    codes: NDArray[np.uint64]  # 4 x n: the first quarter of every code, then the second
    pictures: bytes  # n x 32: the digests

    def near(self, code: bytes) -> list[tuple[int, str]]:
        """Bits apart and digest of every picture within the radius, the nearest first."""
        import numpy as np

        own = np.frombuffer(code, dtype=np.uint64)
        found: list[tuple[int, str]] = []
        for start in range(0, self.codes.shape[1], COMPARED_AT_ONCE):
            part = self.codes[:, start : start + COMPARED_AT_ONCE]
            # Half a code tells nearly all apart; only the few it does not are looked at whole.
            half = np.bitwise_count(part[0] ^ own[0]) + np.bitwise_count(part[1] ^ own[1])
            for at in np.flatnonzero(half <= NEAR_BITS):
                bits = int(np.bitwise_count(part[:, at] ^ own).sum(dtype=np.uint16))
                if bits <= NEAR_BITS:
                    place = (start + int(at)) * CODE_BYTES
                    found.append((bits, self.pictures[place : place + CODE_BYTES].hex()))
        return sorted(found)


class NearPictures:
    """The kept codes of one desk; safe to ask from several threads."""

    def __init__(self) -> None:
        self._block: _Block | None = None
        self._reading = Lock()

    def of(self, connection: Connection, sha256: str) -> list[tuple[int, str]]:
        """
        Other pictures within PDQ's radius of this one as (bits apart, digest), the nearest first.

        Nothing where the picture has no fingerprint. What the reader may see of them is for the caller to ask.
        """
        print_ = tables.fingerprint
        own = connection.execute(
            select(print_.c.value, print_.c.version)
            .where(print_.c.sha256 == sha256, print_.c.algorithm == "pdq", print_.c.variant == "whole")
            .order_by(print_.c.version.desc())
        ).first()
        if own is None or len(own.value) != CODE_BYTES:
            return []
        block = self._block_of(connection, own.version)
        return [(bits, other) for bits, other in block.near(own.value) if other != sha256]

    def _block_of(self, connection: Connection, version: str) -> _Block:
        run = tables.run
        asof = tuple(connection.execute(select(func.max(run.c.id), func.max(run.c.ended_at))).one())
        with self._reading:
            if self._block is None or (self._block.version, self._block.asof) != (version, asof):
                self._block = _read(connection, version, asof)
            return self._block


def _read(connection: Connection, version: str, asof: tuple[Any, ...]) -> _Block:
    import numpy as np

    print_ = tables.fingerprint
    statement = select(print_.c.sha256, print_.c.value).where(
        print_.c.algorithm == "pdq", print_.c.variant == "whole", print_.c.version == version
    )
    codes, pictures = bytearray(), bytearray()
    for row in connection.execute(statement, execution_options={"yield_per": READ_AT_ONCE}):
        if len(row.value) == CODE_BYTES:
            codes += row.value
            pictures += bytes.fromhex(row.sha256)
    return _Block(
        version=version,
        asof=asof,
        codes=np.ascontiguousarray(np.frombuffer(bytes(codes), dtype=np.uint64).reshape(-1, 4).T),
        pictures=bytes(pictures),
    )

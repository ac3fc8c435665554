"""
The log of captures: many captures under one seal made while they are fresh, each provable without the others.

Every capture is written as one canonical record; its hash is a leaf of a tree (RFC 9162). The seal states the tree's
root, is signed, and its signature is what time authorities see. A bundle then carries the few records it needs with
their paths to the root, and shows nothing of the rest. An erased capture leaves its leaf, and every path stays valid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.evidence.seal import SigningKey, canonical, sign, write_time
from store.evidence.verify import SEAL_SCHEMA, leaf_hash, node_hash

ROLE = "capture"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureSeal:
    """A sealed log: the statement, the signature over it as JSON and bare, the leaves in their order."""

    statement: bytes
    signature_json: bytes
    signature: bytes
    leaves: tuple[bytes, ...]


def seal_captures(
    records: Sequence[Mapping[str, Any]],
    *,
    captured: tuple[datetime, datetime],
    key: SigningKey,
    authorities: Sequence[str],
    at: datetime,
) -> CaptureSeal:
    """
    Seal at least one record, in their order.

    `captured` says from when to when the captures were made, `authorities` which time authorities are asked. Raises
    `ValueError` for no record, `Unsealable` for a record without canonical form.
    """
    if not records:
        raise ValueError("there is no capture to seal")
    leaves = tuple(leaf_hash(canonical(record)) for record in records)
    statement = canonical(
        {
            "schema": SEAL_SCHEMA,
            "log": {"leaves": len(leaves), "root": root_of(leaves).hex()},
            "captured": {"from": write_time(captured[0]), "to": write_time(captured[1])},
            "seal": {
                "at": write_time(at),
                "key_id": key.key_id,
                "role": ROLE,
                "authorities": sorted(authorities),
            },
        }
    )
    return CaptureSeal(
        statement=statement,
        signature_json=sign(statement, key, role=ROLE, at=at),
        signature=key.private.sign(statement),
        leaves=leaves,
    )


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes (RFC 9162, 2.1.1)."""
    if len(leaves) == 1:
        return leaves[0]
    half = _split(len(leaves))
    return node_hash(root_of(leaves[:half]), root_of(leaves[half:]))


def path_of(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The inclusion path of one leaf, from the bottom up (RFC 9162, 2.1.3.1)."""
    if len(leaves) == 1:
        return []
    half = _split(len(leaves))
    if index < half:
        return [*path_of(leaves[:half], index), root_of(leaves[half:])]
    return [*path_of(leaves[half:], index - half), root_of(leaves[:half])]


def write_proofs(leaves: Sequence[bytes], wanted: Mapping[str, int]) -> bytes:
    """The `proofs.json` of a bundle: for each file name the place of its record, and the path to the root."""
    return canonical(
        {
            name: {"index": index, "path": [step.hex() for step in path_of(leaves, index)]}
            for name, index in wanted.items()
        }
    )


def _split(count: int) -> int:
    """The largest power of two below a count."""
    return 1 << (count - 1).bit_length() - 1

"""
The registry frozen: what a run compares with, named by the digest of its content.

The same registry gives the same digest; a record added, changed or withdrawn gives another. The bytes lie in the
vault under that digest, so what a decision was made with can be read again years later.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from registry.errors import SnapshotUnreadable
from store.db.mandates import Mandates
from store.db.parties import Parties
from store.db.products import Products
from store.db.references import References
from store.db.rights import Rights
from store.db.seller_rules import SellerRules
from store.db.session import Database
from store.db.snapshots import Snapshots
from store.db.works import Works
from store.evidence.vault import Vault
from store.records import codec
from store.records.ids import Clock
from store.records.parties import Mandate, Party
from store.records.products import Product
from store.records.references import Reference
from store.records.rights import Right
from store.records.scope import Scope
from store.records.sellers import SellerRule
from store.records.snapshots import SnapshotEntry
from store.records.works import Work

_FORMAT = "marque registry snapshot 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything registered in one scope at one moment, each tuple in the order of its ids."""

    digest: str  # SHA-256 of the canonical content; the vault knows the bytes by it
    holders: tuple[Party, ...]
    rights: tuple[Right, ...]
    mandates: tuple[Mandate, ...]
    products: tuple[Product, ...]
    works: tuple[Work, ...]
    references: tuple[Reference, ...]  # without withdrawn ones
    seller_rules: tuple[SellerRule, ...]


_PARTS: dict[str, Any] = {  # Any: the generic aliases of the tuples above
    "holders": tuple[Party, ...],
    "rights": tuple[Right, ...],
    "mandates": tuple[Mandate, ...],
    "products": tuple[Product, ...],
    "works": tuple[Work, ...],
    "references": tuple[Reference, ...],
    "seller_rules": tuple[SellerRule, ...],
}


def take_snapshot(database: Database, vault: Vault, *, clock: Clock, scope: Scope) -> Snapshot:
    """
    Freeze what is registered in `scope`: read at one moment, kept in the vault, then entered.

    The entry of a digest keeps the time it was first frozen. Raises what the database and the vault raise.
    """
    with database.read() as connection:
        parts: dict[str, Any] = {  # Any: a tuple of one kind of record each, as in `_PARTS`
            "holders": tuple(Parties(connection, scope).find()),
            "rights": tuple(Rights(connection, scope).find()),
            "mandates": tuple(Mandates(connection, scope).find()),
            "products": tuple(Products(connection, scope).find()),
            "works": tuple(Works(connection, scope).find()),
            "references": tuple(References(connection, scope).live()),
            "seller_rules": tuple(SellerRules(connection, scope).find()),
        }
    content = {name: codec.to_json(part, _PARTS[name]) for name, part in parts.items()}
    digest = vault.put(codec.canonical({"format": _FORMAT} | content))
    vault.flush()
    counts = {name: len(part) for name, part in parts.items()}
    with database.write() as connection:
        Snapshots(connection, scope).enter(SnapshotEntry(digest=digest, made_at=clock(), counts=counts))
    return Snapshot(digest=digest, **parts)


def load_snapshot(vault: Vault, digest: str) -> Snapshot:
    """
    The snapshot of that digest, equal to the one taken.

    Raises `SnapshotUnreadable` where the bytes are none, and the vault's errors where they are missing or damaged.
    """
    try:
        content = json.loads(vault.get(digest))
        found = content.pop("format")
        if found != _FORMAT or set(content) != set(_PARTS):
            raise SnapshotUnreadable(digest, f"its format is {found!r}, not {_FORMAT!r}")
        parts = {name: codec.from_json(_PARTS[name], value) for name, value in content.items()}
    except (ValueError, KeyError, AttributeError, TypeError) as error:  # ValueError: no JSON, or no such record
        raise SnapshotUnreadable(digest, str(error)[:200]) from error
    return Snapshot(digest=digest, **parts)

"""Lists and shows what is registered, for the command line."""

from __future__ import annotations

import difflib
from typing import Any

from sqlalchemy import Connection

from console.errors import NotFound
from store.db.parties import Parties
from store.db.products import Products
from store.db.references import References
from store.db.rights import Rights
from store.db.rows import Repository
from store.db.seller_rules import SellerRules
from store.db.works import Works
from store.records import codec
from store.records.scope import EVERYTHING

_REPOSITORIES: dict[str, type[Repository[Any]]] = {
    "rights": Rights,
    "products": Products,
    "references": References,
    "works": Works,
    "sellers": SellerRules,
}
_REFS = {
    "rights": "right_ref",
    "products": "product_ref",
    "references": "reference_ref",
    "works": "work_ref",
    "sellers": "platform_seller_id",
}
_SHOWN: dict[str, tuple[str, ...]] = {
    "rights": ("right_ref", "holder", "kind", "mark_text", "territories", "nice_classes", "status", "expires_on"),
    "products": ("product_ref", "holder", "name", "mpn", "gtin", "colours", "prices"),
    "references": ("reference_ref", "holder", "medium", "polarity", "photo_owner", "sha256"),
    "works": ("work_ref", "holder", "title", "kind", "year", "season", "episode"),
    "sellers": ("platform", "platform_seller_id", "name", "standing", "holder", "valid_from", "valid_until"),
}


def _records(connection: Connection, kind: str) -> list[dict[str, Any]]:
    holders = {party.id: party.legal_name for party in Parties(connection, EVERYTHING).find()}
    data = [codec.to_json(record) for record in _REPOSITORIES[kind](connection, EVERYTHING).find()]
    for record in data:
        record["holder"] = holders.get(record["holder"], record["holder"])
    return data


def _cell(value: Any) -> str:  # Any: JSON values of any shape
    if isinstance(value, list):
        return ", ".join(_cell(part) for part in value)
    if isinstance(value, dict):
        return " ".join(_cell(part) for part in value.values() if part is not None)
    return "" if value is None else str(value)


def list_registered(
    connection: Connection, kind: str
) -> tuple[tuple[str, ...], list[tuple[str, ...]], list[dict[str, Any]]]:
    """Column heads, rows for a person, and the records whole."""
    data = _records(connection, kind)
    heads = _SHOWN[kind]
    return heads, [tuple(_cell(record[head]) for head in heads) for record in data], data


def show_registered(connection: Connection, kind: str, ref: str) -> dict[str, Any]:
    """The record of that reference or id. Raises `NotFound` with the nearest reference."""
    data = _records(connection, kind)
    refs = [str(record[_REFS[kind]]) for record in data]
    for name, record in zip(refs, data, strict=True):
        if ref in (name, record["id"]):
            return record
    near = difflib.get_close_matches(ref, refs, 1, 0.4)
    hint = f"did you mean {near[0]!r}?" if near else f"`marque {kind} list` shows all"
    raise NotFound(kind.rstrip("s"), ref, hint)

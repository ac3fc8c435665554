"""Sellers: accounts on platforms. Their names stand apart, see `personal.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from store.db.listings import upsert_returning
from store.db.personal import Sealer, keep_values, open_values
from store.db.rows import Repository, record_of, row_of
from store.db.tables import seller as seller_table
from store.records.listings import TRADER_FIELDS
from store.records.scope import Scope
from store.records.sellers import Seller, SellerFields, Trader

_SHOWN = ("rating", "since", "location")
"""What a seller's own page shows of the account beside its name: kept with it, sealed."""


class Sellers(Repository[Seller]):
    """Accounts that offer something; names only for a reader who holds the key."""

    table = seller_table
    kind = Seller

    def __init__(self, connection: Connection, scope: Scope, sealer: Sealer | None = None) -> None:
        super().__init__(connection, scope)
        self.sealer = sealer

    def _read(self, row: Row[Any]) -> Seller:
        values = open_values(self.connection, self.sealer, "seller", row.id)
        trader = _trader(values)
        return record_of(
            Seller,
            row,
            name=values.get("seller_name"),
            url=values.get("seller_url"),
            trader=trader,
            **{name: values.get(name) for name in _SHOWN},
        )

    def by_platform_id(self, platform: str, platform_seller_id: str) -> Seller | None:
        """The account the platform names so."""
        return self.first(
            seller_table.c.platform == platform, seller_table.c.platform_seller_id == platform_seller_id
        )


def keep_seller(connection: Connection, seller: Seller, fields: SellerFields, sealer: Sealer | None) -> str:
    """Insert an account or move its last look, and keep what its own page says; gives its id. Sealed, or nowhere."""
    key = (seller.platform, seller.platform_seller_id)
    id = see_sellers(connection, [seller])[key]
    if sealer is None:
        return id
    said: dict[str, str | list[str]] = {}
    named = {"seller_name": fields.name, "seller_url": fields.url}
    for name, seen in {**named, **{name: getattr(fields, name) for name in (*_SHOWN, *TRADER_FIELDS)}}.items():
        if seen:
            said[name] = [each.value for each in seen] if isinstance(seen, tuple) else seen.value
    keep_values(connection, [sealer.seal("seller", id, name, value) for name, value in said.items()])
    return id


def _trader(values: dict[str, Any]) -> Trader | None:  # Any: JSON values
    """The trader behind an account, of its personal values; None where they say nothing of one."""
    said = {name.removeprefix("trader_"): values[name] for name in TRADER_FIELDS if values.get(name)}
    if not said:
        return None
    return Trader(**{**said, "numbers": tuple(said.get("numbers", ()))})


def see_sellers(connection: Connection, sellers: Sequence[Seller]) -> dict[tuple[str, str], str]:
    """Insert accounts, or move their last look; gives the id of each by (platform, platform's id)."""
    rows = {(each.platform, each.platform_seller_id): row_of(each, seller_table) for each in sellers}
    return upsert_returning(
        connection, seller_table, list(rows.values()), ("platform", "platform_seller_id"), change=("last_seen",)
    )

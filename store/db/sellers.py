"""Sellers: accounts on platforms. Their names stand apart, see `personal.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from store.db.listings import upsert_returning
from store.db.personal import Sealer, open_values
from store.db.rows import Repository, record_of, row_of
from store.db.tables import seller as seller_table
from store.records.scope import Scope
from store.records.sellers import Seller


class Sellers(Repository[Seller]):
    """Accounts that offer something; names only for a reader who holds the key."""

    table = seller_table
    kind = Seller

    def __init__(self, connection: Connection, scope: Scope, sealer: Sealer | None = None) -> None:
        super().__init__(connection, scope)
        self.sealer = sealer

    def _read(self, row: Row[Any]) -> Seller:
        values = open_values(self.connection, self.sealer, "seller", row.id)
        return record_of(Seller, row, name=values.get("seller_name"), url=values.get("seller_url"))

    def by_platform_id(self, platform: str, platform_seller_id: str) -> Seller | None:
        """The account the platform names so."""
        return self.first(
            seller_table.c.platform == platform, seller_table.c.platform_seller_id == platform_seller_id
        )


def see_sellers(connection: Connection, sellers: Sequence[Seller]) -> dict[tuple[str, str], str]:
    """Insert accounts, or move their last look; gives the id of each by (platform, platform's id)."""
    rows = {(each.platform, each.platform_seller_id): row_of(each, seller_table) for each in sellers}
    return upsert_returning(
        connection, seller_table, list(rows.values()), ("platform", "platform_seller_id"), change=("last_seen",)
    )

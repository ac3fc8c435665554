"""What names the trader behind an account stands sealed apart, and is read by who holds the key alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from store.db.personal import Sealer
from store.db.sellers import Sellers, keep_seller
from store.db.session import Database
from store.records.scope import EVERYTHING
from store.records.seen import Seen
from store.records.sellers import Seller, SellerFields, Trader

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SEALER = Sealer(bytes(range(32)))


def seen(value: str) -> Seen[str]:
    return Seen(value=value, raw=value, rule="shopnest: seller.name")


@pytest.mark.parametrize("numbers", [("SIRET 73282932000074", "ICP 12345678"), ()])
def test_a_trader_is_read_by_who_holds_the_key(database: Database, numbers: tuple[str, ...]) -> None:
    seller = Seller(id="s1", platform="shopnest", platform_seller_id="77", first_seen=NOW, last_seen=NOW)
    page = SellerFields(
        name=seen("Hedda"),
        rating=seen("99.2%"),
        since=seen("March 2019"),
        trader_name=seen("Hedda Holz GmbH"),
        trader_vat=seen("DE136695976"),
        trader_numbers=tuple(map(seen, numbers)),
    )
    with database.write() as connection:
        assert keep_seller(connection, seller, page, SEALER) == "s1"
        read = Sellers(connection, EVERYTHING, SEALER).by_platform_id("shopnest", "77")
        assert read is not None
        assert (read.name, read.rating, read.since, read.location) == ("Hedda", "99.2%", "March 2019", None)
        assert read.trader == Trader(name="Hedda Holz GmbH", vat="DE136695976", numbers=numbers)
        masked = Sellers(connection, EVERYTHING).by_platform_id("shopnest", "77")
        assert masked is not None and (masked.trader, masked.name, masked.since) == (None, None, None)


def test_without_a_key_nothing_of_a_seller_is_kept(database: Database) -> None:
    seller = Seller(id="s1", platform="shopnest", platform_seller_id="77", first_seen=NOW, last_seen=NOW)
    with database.write() as connection:
        keep_seller(connection, seller, SellerFields(name=seen("Hedda")), None)
        read = Sellers(connection, EVERYTHING, SEALER).by_platform_id("shopnest", "77")
        assert read is not None and read.name is None and read.trader is None

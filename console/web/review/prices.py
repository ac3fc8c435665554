"""What a listing asks, beside the product's own price and what others ask for the same product."""

from __future__ import annotations

import statistics
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from matching.signals.price import own_price
from store.db import tables
from store.db.review import ReviewItems
from store.db.rows import made_once
from store.records.money import Money
from store.records.products import Product, ProductPrice
from store.records.review import ReviewItem
from store.records.scope import Scope

MOST_PEERS = 400  # enough for quartiles
LEAST_PEERS = 3  # fewer say nothing about what is usual


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """What other listings of the product ask, in the same currency."""

    count: int
    low: Money  # first quartile
    middle: Money
    high: Money  # third quartile
    lower_share: float  # share of them that ask less than this one, 0 to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceView:
    """The asking price in its company. Amounts in different currencies are never compared."""

    asked: Money
    own: ProductPrice | None  # None: the product has no price in this currency
    share: float | None  # of the own price
    peers: Peers | None  # None: too few to say what is usual

    @property
    def position(self) -> float | None:
        """The share on a scale from 0 to 1 that ends at the own price, for a bar."""
        return None if self.share is None else max(0.0, min(1.0, self.share))


def price_view(
    connection: Connection,
    scope: Scope,
    item: ReviewItem,
    asked: Money,
    product: Product | None,
    countries: Sequence[str],
    today: date,
) -> PriceView:
    """The asking price of one finding beside its product's price in the platform's country, and its peers'."""
    own = own_price(product, asked.currency, countries, today) if product else None
    share = float(asked.amount / own.price.amount) if own else None
    return PriceView(asked=asked, own=own, share=share, peers=peers_of(connection, scope, item, asked))


def peers_of(connection: Connection, scope: Scope, item: ReviewItem, asked: Money) -> Peers | None:
    """What other listings found with the same product ask; None with fewer than three."""
    if item.product is None:
        return None
    named = {"b_product": item.product, "b_currency": asked.currency, "b_listing": item.listing}
    amounts = sorted(connection.execute(_peers(connection, scope), named).scalars().all())
    if len(amounts) < LEAST_PEERS:
        return None
    low, middle, high = (round(value) for value in statistics.quantiles(amounts, n=4, method="inclusive"))
    below = bisect_left(amounts, asked.minor)
    return Peers(
        count=len(amounts),
        low=Money.from_minor(low, asked.currency),
        middle=Money.from_minor(middle, asked.currency),
        high=Money.from_minor(high, asked.currency),
        lower_share=below / len(amounts),
    )


@made_once
def _peers(connection: Connection, scope: Scope) -> Select[Any]:
    table = tables.review_item
    return (
        select(table.c.price_minor)
        .where(*ReviewItems(connection, scope).narrowed())
        .where(table.c.product == bindparam("b_product"), table.c.currency == bindparam("b_currency"))
        .where(table.c.price_minor.is_not(None), table.c.listing != bindparam("b_listing"))
        .limit(MOST_PEERS)
    )

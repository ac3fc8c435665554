"""Which of a product's prices an asking price is held beside: one rule for the ground and for the desk."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from console.web.review import prices as desk
from matching.signals import price
from store.records.money import Money
from store.records.products import ProductPrice
from tests import factories as make

TODAY = date(2026, 1, 1)


def own(country: str, amount: int, since: int | None = None, currency: str = "EUR") -> ProductPrice:
    begins = date(since, 1, 1) if since else None
    return ProductPrice(country=country, price=Money(amount=Decimal(amount), currency=currency), from_date=begins)


@pytest.mark.parametrize(
    ("prices", "countries", "expected"),
    [
        ((own("US", 80), own("SE", 90), own("SE", 70, 2030)), ["SE"], 90),
        ((own("SE", 90), own("SE", 95, 2025)), ["SE"], 95),  # what was replaced counts no more, though it is less
        ((own("SE", 95), own("NO", 90, 2025)), ["SE", "NO"], 90),  # the lowest: in doubt for the seller
        ((own("US", 100), own("DE", 99)), ["SE"], 99),
        ((own("SE", 90, currency="SEK"), own("US", 100)), ["SE"], 100),
        ((own("SE", 0), own("SE", 90, 2027)), ["SE"], None),
        ((), ["SE"], None),
    ],
)
def test_the_price_in_force_where_the_platform_is(
    prices: tuple[ProductPrice, ...], countries: list[str], expected: int | None
) -> None:
    found = price.own_price(make.product(prices=prices), "EUR", countries, TODAY)
    assert (int(found.price.amount) if found else None) == expected


def test_the_desk_has_no_rule_of_its_own() -> None:
    assert desk.own_price is price.own_price

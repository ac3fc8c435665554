"""The asking price beside the product's own price."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from matching.pair import Pair
from matching.signals.examples import Example
from store.records.comparisons import Sign, SignFamily
from store.records.money import Money
from store.records.products import ProductPrice

NAME = "price"

# One unit of any currency is a placeholder ("ask me"), never a price. Chosen: no registered product costs so little.
_PLACEHOLDER = Decimal(1)


@dataclass(frozen=True, slots=True)
class Compared:
    """An asking price as a share of the product's price in the same currency."""

    asked: Money
    own: ProductPrice
    share: float


def read(pair: Pair) -> list[Sign]:
    """
    What the listing asks, as a share of the product's own price in the platform's country and in the same currency;
    amounts in different currencies are not compared. It supports, and never identifies: honest goods are sold
    cheaply too.
    """
    compared = compare_price(pair)
    if compared is None:
        return []
    far = pair.policy.grounds.far_below_share
    strength = 1.0 if compared.share <= far else max(0.0, min(1.0, 1 - compared.share))
    price = pair.look.fields.price
    return [
        Sign(
            signal=NAME,
            family=SignFamily.PRICE,
            strength=round(strength, 4),
            because=(
                f"It asks {compared.asked}, {compared.share:.0%} of the product's price in {compared.own.country} "
                f"({compared.own.price})."
            ),
            ours=str(compared.own.price),
            theirs=str(compared.asked),
            capture=price.capture if price else None,
            raw={"share": f"{compared.share:.4f}", "country": compared.own.country},
        )
    ]


def compare_price(pair: Pair) -> Compared | None:
    """The asking price beside the product's; None where one is missing or no currency is shared."""
    price = pair.look.fields.price
    if pair.product is None or price is None or price.value.amount <= _PLACEHOLDER:
        return None
    in_force = _in_force(pair.product.prices, pair.look.today)
    same = [own for own in in_force if own.price.currency == price.value.currency and own.price.amount > 0]
    countries = pair.look.input.platform.countries
    near = [own for own in same if own.country in countries] or same
    if not near:
        return None
    own = min(near, key=lambda each: each.price.amount)  # the lowest: in doubt for the seller
    return Compared(price.value, own, float(price.value.amount / own.price.amount))


def _in_force(prices: tuple[ProductPrice, ...], today: date) -> list[ProductPrice]:
    """Give each country's latest price that has begun."""
    latest: dict[tuple[str, str], ProductPrice] = {}
    for each in prices:
        if each.from_date is not None and each.from_date > today:
            continue
        key = each.country, each.price.currency
        known = latest.get(key)
        if known is None or (each.from_date or date.min) >= (known.from_date or date.min):
            latest[key] = each
    return list(latest.values())


EXAMPLES = (
    Example(
        why="a tenth of the price",
        speaks=True,
        title="Velmora Sablier",
        price=(Decimal(1290), "SEK"),
        product="Velmora Sablier",
        product_price=(Decimal(12900), "SEK"),
    ),
    Example(
        why="another currency",
        speaks=False,
        title="Velmora Sablier",
        price=(Decimal(120), "EUR"),
        product="Velmora Sablier",
        product_price=(Decimal(12900), "SEK"),
    ),
    Example(
        why="a placeholder",
        speaks=False,
        title="Velmora Sablier",
        price=(Decimal(1), "SEK"),
        product="Velmora Sablier",
        product_price=(Decimal(12900), "SEK"),
    ),
    Example(why="no product", speaks=False, title="Velmora bag", price=(Decimal(90), "SEK")),
)

"""The asking price beside the product's own price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from matching.pair import Pair, PeerOffer
from matching.signals.examples import Example
from store.records.comparisons import Sign, SignFamily
from store.records.money import Money
from store.records.products import Product, ProductPrice

NAME = "price"

# One unit of any currency is a placeholder ("ask me"), never a price. Chosen: no registered product costs so little.
_PLACEHOLDER = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """An asking price as a share of what the genuine article costs in the same currency."""

    asked: Money
    own: ProductPrice
    outlet: PeerOffer | None  # an authorised account that asks less than the product's price; then it counts
    share: float

    @property
    def genuine(self) -> Money:
        """What the genuine article costs: in doubt the lower."""
        return self.outlet.price if self.outlet else self.own.price

    @property
    def beside(self) -> str:
        """In words, what the asking price is a share of."""
        if self.outlet is None:
            return f"the product's price in {self.own.country} ({self.own.price})"
        account = self.outlet.account
        return f"what the authorised account {account.platform} {account.seller_id} asks ({self.outlet.price})"


def read(pair: Pair) -> list[Sign]:
    """
    What the listing asks, as a share of the product's own price in the platform's country and in the same currency,
    or of what an authorised account asks where that is less; amounts in different currencies are not compared. It
    supports, and never identifies: honest goods are sold cheaply too.
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
            because=f"It asks {compared.asked}, {compared.share:.0%} of {compared.beside}.",
            ours=str(compared.genuine),
            theirs=str(compared.asked),
            capture=price.capture if price else None,
            raw={"share": f"{compared.share:.4f}", "country": compared.own.country},
        )
    ]


def compare_price(pair: Pair) -> Compared | None:
    """The asking price beside the genuine article's; None where one is missing or no currency is shared."""
    asked = asked_price(pair)
    if pair.product is None or asked is None:
        return None
    own = own_price(pair.product, asked.currency, pair.look.input.platform.countries, pair.look.today)
    if own is None:
        return None
    outlets = [
        each
        for each in pair.peers
        if each.account in pair.genuine
        and each.account != pair.look.account
        and each.price.currency == asked.currency
    ]
    outlet = min(outlets, key=lambda each: each.price.amount, default=None)
    if outlet is not None and outlet.price.amount >= own.price.amount:
        outlet = None
    genuine = outlet.price if outlet else own.price
    return Compared(asked=asked, own=own, outlet=outlet, share=float(asked.amount / genuine.amount))


def own_price(product: Product, currency: str, countries: Sequence[str], today: date) -> ProductPrice | None:
    """
    The product's price in this currency that is in force in one of these countries, else anywhere.

    Of several the lowest: in doubt for the seller. None where none is in force in this currency.
    """
    in_force = _in_force(product.prices, today)
    same = [own for own in in_force if own.price.currency == currency and own.price.amount > 0]
    near = [own for own in same if own.country in countries] or same
    return min(near, key=lambda each: each.price.amount, default=None)


def asked_price(pair: Pair) -> Money | None:
    """What the listing asks; None without a price, or with a placeholder for one."""
    price = pair.look.fields.price
    return price.value if price is not None and price.value.amount > _PLACEHOLDER else None


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
    Example(
        why="half of what an authorised account asks, a tenth of the product's price",
        speaks=True,
        title="Velmora Sablier",
        price=(Decimal(1290), "SEK"),
        product="Velmora Sablier",
        product_price=(Decimal(12900), "SEK"),
        authorised=("outlet-1", "Velmora Outlet"),
        others=(("outlet-1", Decimal(2580), "SEK"),),
    ),
    Example(why="no product", speaks=False, title="Velmora bag", price=(Decimal(90), "SEK")),
)

"""The drafting table of a world: seeded ids, sellers, prices and listings that plants, traps and innocents share."""

import random
from dataclasses import dataclass, field
from decimal import Decimal

from exercise.catalogue import AUTHORISED_SELLERS
from exercise.records import Answer, Listing, OtherOffer, Photo, Price, Product, Role, Seller, Stream
from exercise.words import CITIES, SHOP_NAMES

MARKETS = ("shopnest", "bazario", "kvarter", "vitrin")
PLATFORMS = (*MARKETS, "filmhamn")
COUNTRY = {"shopnest": "SE", "bazario": "DE", "kvarter": "SE", "vitrin": "FR", "filmhamn": "NL"}
COUNTRIES = {"shopnest": ("SE", "NO"), "bazario": ("DE",), "kvarter": ("SE",), "vitrin": ("FR",), "filmhamn": ("NL",)}
CURRENCY = {"shopnest": "SEK", "bazario": "EUR", "kvarter": "SEK", "vitrin": "EUR", "filmhamn": "EUR"}
LANGUAGE = {"shopnest": "en", "bazario": "de", "kvarter": "sv", "vitrin": "fr", "filmhamn": "en"}
SEK_PER_EURO = Decimal("11.5")  # chosen: close to the rate of recent years; only innocents use it
SELLERS_EACH = 36  # accounts a platform, besides the ones the registry names
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(slots=True)
class Drafts:
    """What has been drafted so far; its dice decide everything that is not stated."""

    dice: random.Random
    sellers: dict[str, Seller] = field(default_factory=dict)
    """By platform and id, as `platform/id`."""
    listings: list[Listing] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    _taken: set[str] = field(default_factory=set)
    _crowd: dict[str, list[str]] = field(default_factory=dict)
    _seeds: int = 20_000  # seeds below belong to the catalogue's own pictures

    def __post_init__(self) -> None:
        for seller in AUTHORISED_SELLERS:
            self.sellers[f"{seller.platform}/{seller.id}"] = seller
            self._taken.add(seller.id)
        for platform in PLATFORMS:
            self._crowd[platform] = [self.new_seller(platform).id for _ in range(SELLERS_EACH)]

    def new_seed(self) -> int:
        """A picture seed nobody else has."""
        self._seeds += 1 + self.dice.randrange(9)
        return self._seeds

    def new_id(self, platform: str, *, seller: bool = False) -> str:
        """An unused id in the platform's own form."""
        dice = self.dice
        while True:
            match platform, seller:
                case "shopnest", _:
                    made = (
                        str(dice.randrange(510_000, 999_999)) if seller else str(dice.randrange(1_000_000, 9_999_999))
                    )
                case "bazario", _:
                    made = (
                        f"B-{dice.randrange(10_000, 76_999)}" if seller else f"BZ{dice.randrange(100_000, 999_999)}"
                    )
                case "kvarter", _:
                    made = (
                        f"k-{dice.randrange(51_000, 99_999)}"
                        if seller
                        else str(dice.randrange(200_000_000, 999_999_999))
                    )
                case "vitrin", _:
                    made = f"vt{dice.randrange(10_000, 69_999)}" if seller else "".join(dice.choices(_LETTERS, k=10))
                case _:
                    made = f"u{dice.randrange(1_000, 9_999)}" if seller else str(dice.randrange(100_000, 999_999))
            if made not in self._taken:
                self._taken.add(made)
                return made

    def new_seller(self, platform: str, name: str = "") -> Seller:
        """Open a seller account, under the given name or a seeded one."""
        first, second = (self.dice.choice(part) for part in SHOP_NAMES[platform])
        made = {
            "kvarter": f"{first} {second}.",
            "vitrin": f"{first}.{second}{self.dice.randrange(10, 99)}",
            "filmhamn": f"{first}{second}{self.dice.randrange(10, 99)}",
        }.get(platform, f"{first} {second} {self.dice.randrange(2, 60)}")
        seller = Seller(
            platform=platform,
            id=self.new_id(platform, seller=True),
            name=name or made,
            city=self.dice.choice(CITIES[platform]),
            since=self.dice.randrange(2012, 2026),
        )
        self.sellers[f"{platform}/{seller.id}"] = seller
        return seller

    def any_seller(self, platform: str) -> str:
        """The id of some ordinary account."""
        return self.dice.choice(self._crowd[platform])

    def share_of(self, product: Product, platform: str, low: float, high: float) -> Price:
        """A price between two shares of the list price in the platform's country, never above the upper one."""
        whole = product.price_in(COUNTRY[platform])
        amount = whole.amount * Decimal(str(round(self.dice.uniform(low, high), 4)))
        return Price(amount=max(Decimal(1), Decimal(int(amount))), currency=whole.currency)

    def euro_price(self, platform: str, low: int, high: int) -> Price:
        """A plain price for unprotected goods, in the platform's currency."""
        euro = Decimal(self.dice.randint(low, high))
        if CURRENCY[platform] == "SEK":
            return Price(amount=Decimal(int(euro * SEK_PER_EURO / 5) * 5 + 4), currency="SEK")
        cents = self.dice.choice((Decimal(0), Decimal("0.90"), Decimal("0.50")))
        return Price(amount=euro + cents, currency=CURRENCY[platform])

    def own_photo(self, motif: str, wordmark: str = "") -> Photo:
        """A photo of the seller's own, unlike any other."""
        return Photo(motif=motif, seed=self.new_seed(), wordmark=wordmark, quality=self.dice.randint(78, 90))

    def add(
        self,
        *,
        platform: str,
        category: str,
        title: str,
        description: str,
        photos: tuple[Photo, ...],
        kind: str,
        role: Role,
        expected: str,
        right_ref: str = "",
        seller_id: str = "",
        price: Price | None = None,
        price_before: Price | None = None,
        condition: str = "new",
        brand: str = "",
        gtin: str = "",
        mpn: str = "",
        colour: str = "",
        size: str = "",
        ships_from: str = "",
        other_offers: tuple[OtherOffer, ...] = (),
        stream: Stream | None = None,
    ) -> None:
        """Put a listing on a platform together with the truth about it."""
        item_id = self.new_id(platform)
        self.listings.append(
            Listing(
                platform=platform,
                id=item_id,
                category=category,
                title=title,
                description=description,
                photos=photos,
                seller_id=seller_id or self.any_seller(platform),
                posted_days_ago=self.dice.randrange(0, 40),
                price=price,
                price_before=price_before,
                condition=condition,
                brand=brand,
                gtin=gtin,
                mpn=mpn,
                colour=colour,
                size=size,
                ships_from=ships_from,
                other_offers=other_offers,
                stream=stream,
            )
        )
        self.answers.append(
            Answer(
                platform=platform,
                item_id=item_id,
                kind=kind,
                role=role,
                right_ref=right_ref,
                expected=expected,
            )
        )

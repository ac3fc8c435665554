"""
A hundred days of a market, offer by offer: sellers that infringe, are removed, come back, object, lie, and sell in
good faith. One seed gives one course, and the truth of every offer stands beside it.

    market = Market(seed=1)
    for day in range(100):
        market.open_day(day)            # new offers, and those that came back
        ...                             # what is seen, noticed, answered
        market.decide(offer, day)       # what the platform does with a notice

Only the market's own view is here: no ledger, no pipeline. `tests/benchmarks/days.py` plays it.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from enum import Enum

FORGER_OFFERS = 0.55  # chosen: share of new offers that infringe, among those that reach a person
RETURNS = 0.6  # chosen: share of removed forgers' offers that come back within weeks
OBJECTS = 0.25  # chosen: share of removed offers whose seller objects
MISTAKEN = 0.015  # share of honest offers that a person confirms by mistake; enough to test the way back
SLOW = 0.08  # share of notices that the platform leaves unanswered until it is reminded
REFUSES = 0.015  # share of right notices that the platform refuses all the same


class Kind(Enum):
    """What a seller does."""

    FORGER = "forger"
    HONEST = "honest"


class Disguise(Enum):
    """How an offer that was removed comes back."""

    SAME_PHOTO = "same_photo"  # another account, the same picture
    EDITED_PHOTO = "edited_photo"  # another account, the picture changed a little
    SAME_TITLE = "same_title"  # another account and picture, the same words
    SAME_SELLER = "same_seller"  # the same account, other words and picture
    EVERYTHING = "everything"  # nothing in common: nobody can tell by content or seller


@dataclass(slots=True, kw_only=True)
class Offer:
    """One offer with its truth."""

    number: int
    seller: int
    product: int
    title: str
    photo: int  # a 256-bit code that stands for the picture
    day: int  # on which it appeared
    infringes: bool
    before: int | None = None  # number of the offer that came back in it
    disguise: Disguise | None = None
    removed_on: int | None = None
    back: bool = False  # put back by the platform

    @property
    def photo_sha256(self) -> str:
        """Stands for the digest of the picture's bytes."""
        return hashlib.sha256(self.photo.to_bytes(32, "big")).hexdigest()

    @property
    def is_there(self) -> bool:
        """Whether a visitor sees it."""
        return self.removed_on is None or self.back


@dataclass(slots=True, kw_only=True)
class Objection:
    """What a seller says after a removal, and whether it is true."""

    offer: int
    day: int
    reason: str  # authorised, exhaustion, owner
    is_true: bool


@dataclass(slots=True)
class Market:
    """The course of days. `seed` makes all of it."""

    seed: int
    offers: dict[int, Offer] = field(default_factory=dict)
    returning: dict[int, list[int]] = field(default_factory=dict)  # day -> offers whose sellers come back
    _chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def open_day(self, day: int, fresh: int = 3) -> list[Offer]:
        """The offers that appear on a day: new ones, and those that come back."""
        made = [self._fresh(day) for _ in range(fresh)]
        made += [self._again(self.offers[number], day) for number in self.returning.pop(day, [])]
        return made

    def confirms(self, offer: Offer) -> bool:
        """What a careful person says of an offer: the truth, and now and then a mistake against an honest seller."""
        return offer.infringes or self._chance.random() < MISTAKEN

    def answers_on(self, day: int) -> int | None:
        """On which day a platform answers a notice; None: not before it is reminded."""
        return None if self._chance.random() < SLOW else day + self._chance.randint(1, 4)

    def refuses(self) -> bool:
        """Whether the platform refuses a right notice all the same."""
        return self._chance.random() < REFUSES

    def remove(self, offer: Offer, day: int) -> Objection | None:
        """The platform removes an offer; its seller may object, truly or not, and may come back."""
        offer.removed_on = day
        chance = self._chance
        if offer.infringes and chance.random() < RETURNS:
            self.returning.setdefault(day + chance.randint(1, 20), []).append(offer.number)
        if not offer.infringes:
            return Objection(offer=offer.number, day=day + 1, reason="authorised", is_true=True)
        if chance.random() < OBJECTS:
            reason = chance.choice(["authorised", "exhaustion", "owner"])
            return Objection(offer=offer.number, day=day + chance.randint(1, 5), reason=reason, is_true=False)
        return None

    def _fresh(self, day: int) -> Offer:
        chance = self._chance
        infringes = chance.random() < FORGER_OFFERS
        words = " ".join(chance.choice(_WORDS) for _ in range(5))
        return self._keep(
            Offer(
                number=len(self.offers) + 1,
                seller=len(self.offers) + 1,
                product=chance.randint(1, 3),
                title=f"AURELIA {words}",
                photo=chance.getrandbits(256),
                day=day,
                infringes=infringes,
            )
        )

    def _again(self, old: Offer, day: int) -> Offer:
        chance = self._chance
        how = chance.choices(list(Disguise), weights=(30, 25, 20, 20, 5))[0]
        number = len(self.offers) + 1
        photo, title, seller = chance.getrandbits(256), " ".join(chance.choice(_WORDS) for _ in range(6)), number
        match how:
            case Disguise.SAME_PHOTO:
                photo = old.photo
            case Disguise.EDITED_PHOTO:
                photo = old.photo ^ sum(1 << place for place in chance.sample(range(256), 20))
            case Disguise.SAME_TITLE:
                title = old.title
            case Disguise.SAME_SELLER:
                seller = old.seller
            case Disguise.EVERYTHING:
                pass
        return self._keep(
            Offer(
                number=number,
                seller=seller,
                product=old.product,
                title=title if title == old.title else f"AURELIA {title}",
                photo=photo,
                day=day,
                infringes=True,
                before=old.number,
                disguise=how,
            )
        )

    def _keep(self, offer: Offer) -> Offer:
        self.offers[offer.number] = offer
        return offer


_WORDS = (
    "solaris", "replica", "watch", "steel", "gold", "strap", "dial", "automatic", "quartz", "gift", "box", "classic",
    "luxury", "sport", "ladies", "men", "vintage", "black", "silver", "blue", "chrono", "mirror", "grade", "copy",
)  # fmt: skip

"""
What signals read: one look at one listing, beside one right with its product or work.

`Look` is the listing's side, read once; `Pair` adds the right's side and where the two touch. Signals are pure
functions over a `Pair`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum, unique
from typing import NamedTuple

from config.platform import Platform
from config.policy import Policy
from matching.images import PhotoHash
from matching.logos import LogoSeen
from matching.names import NameHit
from matching.printed_words import PrintedWords
from matching.products.book import Likeness
from matching.regions import Box
from matching.vocabulary import Goods, GoodsSaid
from matching.wording import Wording
from store.records.listings import Condition, Listing, ListingFields, Observation
from store.records.money import Money
from store.records.parties import Party
from store.records.products import Product
from store.records.references import Reference
from store.records.rights import Right
from store.records.sellers import Seller, SellerRule
from store.records.works import Work


@unique
class Place(Enum):
    """Where on the page a name or number stands."""

    TITLE = "title"
    DESCRIPTION = "description"
    BRAND = "brand"
    """The field that states the brand."""
    FIELD = "field"
    """A field for numbers: GTIN, MPN, SKU."""
    PHOTO = "photo"
    """A barcode or QR code in a photo."""


class Account(NamedTuple):
    """An account by its platform and the platform's id of it; names say nothing of who someone is."""

    platform: str
    seller_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerOffer:
    """The lowest that one account asks for a product in one currency."""

    account: Account
    price: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingPhoto:
    """One photo of a listing with its fingerprints; photos that were refused do not come this far."""

    position: int
    sha256: str
    capture: str | None
    hash: PhotoHash
    words: tuple[PrintedWords, ...] = ()  # lines read in it, where the policy asks for them
    elsewhere: tuple[Account, ...] = ()  # accounts whose stored listings show the same photo, the own one too


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchInput:
    """Everything of one look at one listing that matching reads."""

    listing: Listing
    observation: Observation
    platform: Platform
    seller: Seller | None = None
    photos: tuple[ListingPhoto, ...] = ()
    known_rights: tuple[str, ...] = ()  # rights it was found with before: compared again even if nothing touches


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The listing's side, read once for all rights."""

    input: MatchInput
    fields: ListingFields
    title: Wording
    description: Wording
    brand: Wording
    goods: tuple[GoodsSaid, ...]  # what the title calls the thing, and the category where the title says nothing
    is_used: bool  # by its condition or its words
    today: date  # of the observation

    @property
    def title_capture(self) -> str | None:
        """The capture the title was read from."""
        return self.fields.title.capture if self.fields.title else self.input.observation.capture

    @property
    def account(self) -> Account | None:
        """Who offers it; None where the page does not say."""
        seller = self.input.seller
        if seller is not None:
            return Account(seller.platform, seller.platform_seller_id)
        said = self.fields.seller_id
        return Account(self.input.platform.name, said.value) if said else None

    @property
    def condition(self) -> Condition | None:
        """The condition the page states."""
        return self.fields.condition.value if self.fields.condition else None

    @property
    def has_price(self) -> bool:
        """Whether the page asks for money."""
        return self.fields.price is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoHit:
    """A reference's photo found in a photo of the listing."""

    reference: Reference
    photo: ListingPhoto
    same_bytes: bool
    distance_bits: int | None  # None: found by its corners, the fingerprints lie far apart
    inliers: int | None  # None: the fingerprints alone were near enough
    covered: float | None
    region: Box | None  # where in the listing's photo; None: all of it
    mirrored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoHit:
    """A registered logo found inside a photo of the listing."""

    reference: Reference
    photo: ListingPhoto
    seen: LogoSeen[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedHit:
    """A right's mark among the words of a photo."""

    right: str
    photo: ListingPhoto
    line: PrintedWords
    quoted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberHit:
    """A product's number found on the page."""

    kind: str  # "gtin" or "mpn"
    number: str
    place: Place
    quoted: str
    capture: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedHit:
    """A name found, and where on the page."""

    place: Place
    hit: NameHit


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One look beside one right; where a product or a work of it was touched, beside that too."""

    look: Look
    right: Right
    holder: Party | None
    product: Product | None = None
    work: Work | None = None
    names: tuple[PlacedHit, ...] = ()  # of the right's mark, the product and the work
    numbers: tuple[NumberHit, ...] = ()
    photos: tuple[PhotoHit, ...] = ()
    negative_photos: tuple[PhotoHit, ...] = ()
    logos: tuple[LogoHit, ...] = ()
    printed: tuple[PrintedHit, ...] = ()  # the right's mark as words in photos
    seller_rules: tuple[SellerRule, ...] = ()  # the holder's word on accounts of this platform
    genuine: frozenset[Account] = frozenset()  # accounts the holder authorised, on any platform
    peers: tuple[PeerOffer, ...] = ()  # what accounts ask for the product, the own one too
    goods_protected: tuple[Goods, ...] = ()  # what the product's category names
    likeness: Likeness | None = None  # of the listing as a whole to the product; None where there is none to compare
    rival: Product | None = None  # another holder's product under the same word, which the look shows
    policy: Policy

    @property
    def classes_protected(self) -> frozenset[int]:
        """Nice classes of the right and of the product."""
        own = frozenset(self.right.nice_classes)
        return own | {self.product.nice_class} if self.product and self.product.nice_class else own

    @property
    def mark(self) -> str | None:
        """The words of the mark."""
        return self.right.mark_text

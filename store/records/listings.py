"""A listing, each look at it, its photos and its streams."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from store.records.money import Money
from store.records.seen import Seen


class PageKind(Enum):
    """What a page is."""

    LISTING = "listing"
    RESULTS = "results"
    SELLER = "seller"
    STREAM = "stream"
    WORK = "work"
    TORRENT = "torrent"
    TORRENT_RESULTS = "torrent_results"
    INDEX = "index"
    WALL = "wall"
    GONE = "gone"
    NONE = "none"


class ListingState(Enum):
    """Whether a listing is there. Absence is stated only when it was proven."""

    LIVE = "live"
    PAUSED = "paused"
    SOLD = "sold"
    GONE = "gone"
    BLOCKED = "blocked"
    GEO_FENCED = "geo_fenced"
    LAYOUT_CHANGED = "layout_changed"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


class Availability(Enum):
    """After schema.org ItemAvailability."""

    IN_STOCK = "in_stock"
    OUT_OF_STOCK = "out_of_stock"
    PRE_ORDER = "pre_order"
    BACK_ORDER = "back_order"
    LIMITED = "limited"
    SOLD_OUT = "sold_out"
    DISCONTINUED = "discontinued"
    IN_STORE_ONLY = "in_store_only"
    ONLINE_ONLY = "online_only"


class Condition(Enum):
    """After schema.org OfferItemCondition."""

    NEW = "new"
    USED = "used"
    REFURBISHED = "refurbished"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLink:
    """One hop on the way from a link page to a stream."""

    role: str  # protector | redirect | player | manifest | segment_host | magnet | file_host
    url: str
    capture: str | None = None  # None while the hop was seen but not fetched
    found_in: str | None = None  # capture of the page that named it


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One of the versions an offer comes in, as its page tells it apart."""

    name: str | None = None  # None where only attributes or a number tell it apart
    sku: str | None = None
    gtin: str | None = None  # its check digit holds
    price: Money | None = None
    availability: Availability | None = None
    attributes: tuple[tuple[str, str], ...] = ()  # `colour`, `size` or the page's own word, and its value

    def attribute(self, name: str) -> str | None:
        """The value of an attribute; None where the page says none."""
        return next((value for key, value in self.attributes if key == name), None)

    def __str__(self) -> str:
        told = ", ".join(f"{key} {value}" for key, value in self.attributes)
        state = self.availability.value if self.availability is not None else None
        rest = (told, f"sku {self.sku}" if self.sku else None, f"gtin {self.gtin}" if self.gtin else None, state)
        return "; ".join(part for part in (self.name, *rest, str(self.price) if self.price else None) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingFields:
    """
    What one page says of one offer or stream. Each value knows where it was read; None was not said.
    """

    platform_item_id: Seen[str] | None = None
    title: Seen[str] | None = None
    description: Seen[str] | None = None
    price: Seen[Money] | None = None
    price_original: Seen[Money] | None = None
    availability: Seen[Availability] | None = None
    quantity: Seen[int] | None = None
    condition: Seen[Condition] | None = None
    brand_claimed: Seen[str] | None = None
    gtin: Seen[str] | None = None
    mpn: Seen[str] | None = None
    sku: Seen[str] | None = None
    category: Seen[str] | None = None
    colour: Seen[str] | None = None
    size: Seen[str] | None = None
    variants: tuple[Seen[Variant], ...] = ()  # where the offer comes in several
    images: tuple[Seen[str], ...] = ()  # absolute URLs, the main one first
    seller_id: Seen[str] | None = None
    seller_name: Seen[str] | None = None  # personal: kept apart from the rest
    seller_url: Seen[str] | None = None  # personal
    ships_from: Seen[str] | None = None
    ships_to: tuple[Seen[str], ...] = ()
    shipping_price: Seen[Money] | None = None
    rating: Seen[str] | None = None
    reviews: Seen[int] | None = None
    sold_count: Seen[int] | None = None
    posted_at: Seen[datetime] | None = None
    language: Seen[str] | None = None
    canonical_url: Seen[str] | None = None
    contacts: tuple[Seen[str], ...] = ()  # personal
    trader_name: Seen[str] | None = (
        None  # personal, as are all the trader's: who trades, as the law makes sellers say
    )
    trader_address: Seen[str] | None = None
    trader_mail: Seen[str] | None = None
    trader_phone: Seen[str] | None = None
    trader_vat: Seen[str] | None = None  # its country in front, its check digits hold
    trader_numbers: tuple[Seen[str], ...] = ()  # of trade registers and licences: `SIRET 73282932000074`
    year: Seen[int] | None = None
    season: Seen[int] | None = None
    episode: Seen[int] | None = None
    uploader: Seen[str] | None = None  # personal
    duration_s: Seen[int] | None = None
    streams: tuple[StreamLink, ...] = ()


TRADER_FIELDS = ("trader_name", "trader_address", "trader_mail", "trader_phone", "trader_vat", "trader_numbers")
"""Fields of `ListingFields` in which a seller says who they are, as traders must."""

PERSONAL_FIELDS = ("seller_name", "seller_url", "contacts", "uploader", *TRADER_FIELDS)
"""Fields of `ListingFields` that name a person: stored in their own table under their own key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One offer or stream page on a platform, told apart by the platform's own id of it."""

    id: str
    platform: str
    platform_item_id: str
    kind: PageKind  # LISTING, STREAM or TORRENT
    url: str
    seller: str | None = None  # Seller id; None where the page names none
    first_seen: datetime
    last_seen: datetime
    state: ListingState


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One look at one listing; never overwritten."""

    id: str
    listing: str
    run: str
    capture: str
    observed_at: datetime
    state: ListingState
    content_sha256: str  # of the fields' values, to see whether anything changed
    fields: ListingFields
    fields_read: int = 0
    on_card: bool = False  # read off a card of a result page: the listing's own page was not opened for it
    because: str | None = None  # why it is in that state; None where the page shows its offer


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingImage:
    """One photo of a listing."""

    listing: str
    position: int  # 0 is the main photo
    url: str
    capture: str | None = None  # None until it was fetched
    sha256: str | None = None
    refused: str | None = None  # why it cannot be compared: unsafe, flat, too small

"""What goes into reading a page and what comes out: the shapes other stages hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.records.fetches import FetchKind
from store.records.listings import Condition, ListingFields, PageKind
from store.records.money import Money
from store.records.seen import Seen
from store.records.sellers import SellerFields


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Bytes as they were fetched, with what the server said of them."""

    url: str
    status: int | None  # HTTP status; None for a file that no server sent
    headers: tuple[tuple[str, str], ...]
    body: bytes
    capture: str | None = None  # capture id; None while a page is read outside any run
    fetched_at: datetime

    def header(self, name: str) -> str | None:
        """The first header of that name, in whatever case; None when there is none."""
        name = name.lower()
        return next((value for key, value in self.headers if key.lower() == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where to go next from a page, and what it should bring."""

    url: str
    kind: FetchKind
    label: str | None
    through: str | None = None  # by which way a protector's page leads there; None: it is shown on the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One offer as a result page shows it."""

    url: str | None  # None where nothing but a script leads to the offer
    platform_item_id: str | None  # None where no rule reads one from the card
    title: Seen[str] | None
    price: Seen[Money] | None
    image: Seen[str] | None
    sponsored: bool
    price_original: Seen[Money] | None = None
    seller_name: Seen[str] | None = None
    rating: Seen[str] | None = None
    condition: Seen[Condition] | None = None
    location: Seen[str] | None = None  # where the offer stands, as classified advertisements say
    posted_at: Seen[datetime] | None = None
    way: Seen[str] | None = None  # the magnet link or torrent file that a torrent's row carries
    size_bytes: Seen[int] | None = None
    seeders: Seen[int] | None = None
    leechers: Seen[int] | None = None
    uploader: Seen[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two rules for one field that say different things; the first to speak was believed."""

    field: str
    chosen: str
    chosen_rule: str
    other: str
    other_rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a page is and what it says, with one sentence why."""

    kind: PageKind
    fields: ListingFields | None = None  # of a listing, stream, work or torrent
    platform_item_id: str | None = None  # given together with `fields`
    cards: tuple[Card, ...] = ()  # of a page of results, or of a seller's page
    seller: SellerFields | None = None  # of a seller's page
    next_url: str | None = None
    total: Seen[int] | None = None  # how many offers the page says its list has in all
    links: tuple[Link, ...] = ()
    because: str
    conflicts: tuple[Conflict, ...] = ()  # each also a note
    notes: tuple[str, ...] = ()  # conflicts, cuts, parse_incomplete, unknown words, wrong numbers of hits

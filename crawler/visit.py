"""What passes between the parts of a crawl: a lease on its way out, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from crawler.keys import ApiKey
from crawler.manners import Answer, RobotsAnswer
from store.records.captures import Capture, Via
from store.records.fetches import Fetch, FetchState, Lease, RobotsVerdict, Validator
from store.records.listings import ListingFields, ListingState, PageKind, StreamLink
from store.records.sellers import SellerFields

ROWS_A_CARD = 10  # listing, look, photo, its fetch, and the words of a title


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A page after its scripts ran."""

    dom: bytes  # UTF-8
    manifests: tuple[str, ...] = ()  # HLS and DASH manifests that its player asked for
    moved_to: str | None = None  # where its scripts wanted to go first; they were not let
    stop_s: float | None = None  # Retry-After, where the host said so to one of its parts


@dataclass(slots=True, kw_only=True)
class Errand:
    """
    One lease on its way through Scrapy. The middlewares write into it; it never leaves the process.

    `wire_*` is what came over the line, before decompression; `kept` is set once the bytes are in the vault.
    """

    lease: Lease
    capture: str  # the id the capture will have
    via: Via
    verdict: RobotsVerdict
    authority: str | None = None  # the permission under which it goes past robots.txt
    key: ApiKey | None = None  # what opens the platform's interface, to be kept nowhere
    validator: Validator | None = None  # the version it asks about; None: it asks for the page in full
    started_at: datetime | None = None
    answered_at: datetime | None = None
    wire_headers: tuple[tuple[str, str], ...] = ()
    wire_sha256: str | None = None
    wire_bytes: int = 0
    kept: Capture | None = None
    parts: list[Capture] = field(default_factory=list)  # what an evidence page asked for when it was opened
    drawn: Drawn | None = None  # what a browser made of the page, where one opened it
    answered: bool = False  # its one commit is under way


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a page said of one listing."""

    platform: str
    platform_item_id: str
    kind: PageKind
    url: str
    state: ListingState
    fields: ListingFields
    photos: tuple[Fetch | None, ...] = ()  # one a photo of `fields.images`; None: not fetched
    only_known: bool = False  # a page that says "gone" makes no listing, it changes one
    because: str | None = None  # why it is in that state; None where the page shows its offer
    offer: Fetch | None = None  # of a look at a card: the offer's own page; None: the page is what was looked at

    @property
    def item(self) -> tuple[str, str]:
        """What tells the listing from all others."""
        return self.platform, self.platform_item_id


PROTECTOR = "protector"  # what a page was read as that does nothing but lead on


def rows_of(card: Look) -> int:
    """About how many rows a look at a card writes; one off an interface's answer has photos like a page's."""
    return ROWS_A_CARD + 2 * max(len(card.photos) - 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a seller's own page says of its account on a platform."""

    platform: str
    platform_seller_id: str  # where the page names none, one made of its address
    fields: SellerFields


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What came of one lease: the one commit it makes."""

    lease: Lease
    state: FetchState  # DONE, FAILED, or PENDING for another try
    reason: str | None = None
    read_as: str = ""  # what the page was, for the run's counts
    capture: Capture | None = None  # None where nothing came
    parts: tuple[Capture, ...] = ()  # of an evidence page: what it asked for when it was opened
    look: Look | None = None
    account: Account | None = None  # of the seller whose own page this was
    cards: tuple[Look, ...] = ()  # looks that a result page's cards give of offers whose pages are not opened
    fetches: tuple[Fetch, ...] = ()
    moved_to: Fetch | None = None  # the next hop of a redirect
    streams: tuple[StreamLink, ...] = ()  # hops a manifest names that are not fetched: segment hosts
    not_before: datetime | None = None
    answer: Answer | None = None  # None where no host was asked
    robots: RobotsAnswer | None = None  # what a host's robots.txt came to, once that is settled
    validator: Validator | None = None  # by what the page may be told next time
    silent: tuple[str, str] | None = None  # platform and its id of an offer whose page gave no answer at all
    context: dict[str, str] = field(default_factory=dict)  # laid over the fetch's own

    @property
    def rows(self) -> int:
        """About how many rows the commit writes."""
        photos = len(self.look.photos) * 2 if self.look else 0
        return 7 + len(self.fetches) + photos + 2 * len(self.parts) + sum(rows_of(card) for card in self.cards)

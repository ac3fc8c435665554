"""
One marketplace or streaming site: how it is reached, read, and notified.

A platform file overrides its family, a family overrides nothing. Reading rules name a place on the page; a
list of rules means that the first to speak wins.
"""

from __future__ import annotations

import ipaddress
from datetime import date
from enum import Enum
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from config.api import Api
from config.declaration import Declaration
from config.delivery import Delivery
from config.returns import Returns
from config.rule import Fields, Rule, Rules


class PlatformKind(Enum):
    """Families of sites; each has its spider."""

    MARKETPLACE = "marketplace"
    CLASSIFIED = "classified"
    SOCIAL = "social"
    STREAMING = "streaming"
    TORRENT = "torrent"


class Reach(Declaration):
    """How the platform is reached, told truly."""

    by: Literal["crawl", "api", "import", "none"] = "none"
    robots_read_on: date | None = None  # None: nobody has read robots.txt
    terms_read_on: date | None = None  # None: no person has read the terms of use


class Manners(Declaration):
    """How often the platform is asked, at most."""

    # 3 s is the floor Heritrix uses; lower only on loopback, where nobody is disturbed.
    delay_s: float = Field(default=3.0, ge=0)
    hours: str = "00:00-24:00 UTC"
    timeout_s: float = Field(default=30.0, gt=0, le=300)
    max_body_bytes: int = Field(default=8 * 1024 * 1024, gt=0)
    attempts: int = Field(default=4, ge=1, le=20)  # tries for one URL before it counts as failed


FULL_EVERY_DAYS_MAX = 30.0


class Look(Declaration):
    """Where to look: result pages by search term, by category, and pages to start from."""

    search: str | None = None  # with {term} and {page}
    category: tuple[str, ...] = ()  # with {page}
    start: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()  # further search terms beside the registry's
    pages: int = Field(default=3, ge=1)  # result pages a query
    max_fetches: int = Field(default=100_000, ge=1)  # the budget of one run
    max_links: int = Field(default=5_000, ge=1)  # links taken from one page; what is cut is recorded
    first_page: int = Field(default=1, ge=0)
    photos: bool = True
    max_photos: int = Field(default=5, ge=0)  # photos fetched a listing
    adapt: bool = False  # whether result pages go from queries that bring little to those that bring much
    # Which offers' own pages are opened: all, or those whose card is suspicious, unread or drawn by lot. Only a file
    # whose rules for cards are proven says "suspicious", hence "all" where nothing is said.
    open: Literal["all", "suspicious"] = "all"
    # After so many days a page is asked in full again, because a server may call a page unchanged that is not; 0: it
    # always is. Chosen: an offer that lies for a week is found by its card before.
    full_every_days: float = Field(default=7.0, ge=0, le=FULL_EVERY_DAYS_MAX)
    sample: float = Field(default=0.03, ge=0, le=1)  # share of innocent cards opened by lot, so that blind spots show

    @field_validator("search")
    @classmethod
    def _has_term(cls, value: str | None) -> str | None:
        if value is not None and "{term}" not in value:
            raise ValueError("search needs {term}")
        return value


class Spend(Declaration):
    """How much may be used up of each; what is not said is not limited."""

    fetches: int | None = Field(default=None, ge=1)  # answers taken in
    size_bytes: int | None = Field(default=None, ge=1)  # of those answers, decompressed
    hours: float | None = Field(default=None, gt=0)  # from asking to having written, added up


class Budget(Declaration):
    """What one run may cost beside `look.max_fetches`, over all its processes and through every kill."""

    # Chosen: what a vault on a small disk bears, and a week at work; a run that needs more says so in its file.
    max_bytes: int = Field(default=50 * 1024**3, ge=1)
    max_hours: float = Field(default=168.0, gt=0)  # of processes at work, added up
    host: Spend = Spend()  # of every host
    paths: dict[str, Spend] = {}  # patterns as in robots.txt: a beginning, `*` anything, `$` the end


class ReadResults(Fields):
    """How a result page is read: one card an offer."""

    card: str | None = None
    link: Rules = ()
    next: Rules = ()
    title: Rules = ()
    price: Rules = ()
    image: Rules = ()
    platform_item_id: Rules = ()


LANGUAGE: Rules = (Rule(css="html", attr="lang"),)
"""Every page is asked for its language, so that a site that changes it is noticed."""


class ReadListing(Fields):
    """How an offer's own page is read; a field without a rule is not read."""

    platform_item_id: Rules = ()
    title: Rules = ()
    description: Rules = ()
    price: Rules = ()
    price_original: Rules = ()
    currency: str | None = None  # where the page shows amounts without one
    availability: Rules = ()
    quantity: Rules = ()
    condition: Rules = ()
    brand_claimed: Rules = ()
    gtin: Rules = ()
    mpn: Rules = ()
    sku: Rules = ()
    category: Rules = ()
    colour: Rules = ()
    size: Rules = ()
    variants: Rules = ()
    images: Rules = ()
    seller_id: Rules = ()
    seller_name: Rules = ()
    seller_url: Rules = ()
    ships_from: Rules = ()
    ships_to: Rules = ()
    shipping_price: Rules = ()
    rating: Rules = ()
    reviews: Rules = ()
    sold_count: Rules = ()
    posted_at: Rules = ()
    language: Rules = LANGUAGE
    canonical_url: Rules = ()
    contacts: Rules = ()
    trader_name: Rules = ()
    trader_address: Rules = ()
    trader_mail: Rules = ()
    trader_phone: Rules = ()
    trader_vat: Rules = ()
    trader_numbers: Rules = ()


class ReadStream(Fields):
    """How a streaming or link page is read: what it offers, and the way to the stream."""

    platform_item_id: Rules = ()
    title: Rules = ()
    description: Rules = ()
    year: Rules = ()
    season: Rules = ()
    episode: Rules = ()
    uploader: Rules = ()
    duration_s: Rules = ()
    images: Rules = ()
    language: Rules = LANGUAGE
    links: Rules = ()  # to pages that hold a player
    protectors: Rules = ()  # on a page that only leads on: where it leads
    players: Rules = ()  # embedded players
    manifests: Rules = ()  # HLS or DASH manifests


class Read(Declaration):
    """Reading rules by kind of page; `unasked` says what reads the fields and kinds that none of them names."""

    unasked: Literal["generic", "nothing"] = "generic"
    results: ReadResults = ReadResults()
    listing: ReadListing = ReadListing()
    stream: ReadStream = ReadStream()


class Gone(Declaration):
    """The platform's own words for "no longer here"."""

    status: tuple[int, ...] = (404, 410)
    text: tuple[str, ...] = ()


class Range(Declaration):
    """How many are normal."""

    min: int = Field(default=0, ge=0)
    max: int | None = None


class Expect(Declaration):
    """What a healthy harvest looks like; a run under it is unfit and opens no case."""

    cards: Range = Range()  # on the first result page of a category or start page
    fill: dict[str, float] = {}  # field: least share of listings that carry it
    canary: str | None = None  # a page that is always there


class Notify(Declaration):
    """Where takedown requests go."""

    profile: str | None = None
    basis: str | None = None  # why that profile: the programme or law its requests rest on
    delivery: Delivery | None = None  # None: batches are sealed, and a person hands them over
    answers: Returns | None = None  # None: answers come by a sheet that a person brings, or at our own doors
    follow_ups: Delivery | None = None  # where withdrawals and answers to objections go; None: the way of notices

    @model_validator(mode="after")
    def _words_travel_as_they_are_sealed(self) -> Notify:
        if self.follow_ups is not None and self.follow_ups.body != "package":
            raise ValueError("follow_ups travel as they are sealed: body = 'package'")
        return self


class ReadOn(Declaration):
    """Saved pages that the reading rules hold on, each of them a case of `tests/platforms` or of the workspace."""

    kind: Literal["listing", "results", "stream", "torrent", "torrent_results"]
    pages: int = Field(ge=1)
    year: int | None = None  # of publication; None: the pages do not say


class Browser(Declaration):
    """Which pages are opened in a browser, because scripts draw them; without `pages` none is ever started."""

    pages: tuple[Literal["results", "listing", "title_page", "player", "evidence"], ...] = ()
    wait_for: str | None = None  # CSS: what stands on the page once the scripts are done
    wait_s: float = Field(default=10.0, gt=0, le=30)  # at most, for that or for the page to ask for nothing more
    scrolls: int = Field(default=0, ge=0, le=50)  # to the end of the page, at most so often
    more: str | None = None  # CSS: the button that loads more
    more_clicks: int = Field(default=3, ge=1, le=50)  # at most; they stop when it goes away
    screenshots: tuple[Literal["viewport", "full"], ...] = ()
    # 16 leases in 4 pages at once are 4 rounds; with 40 s each they end within a lease of 180 s.
    page_s: float = Field(default=40.0, ge=5, le=40)
    max_parts: int = Field(default=200, ge=1, le=2_000)  # what one page may ask for
    max_page_bytes: int = Field(default=32 * 1024 * 1024, gt=0)  # all parts of one page
    max_run_bytes: int = Field(default=4 * 1024 * 1024 * 1024, gt=0)  # all parts of all pages of one process


class Platform(Declaration):
    """One platform, whole."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    kind: PlatformKind
    family: str | None = None
    home: str
    countries: tuple[str, ...] = ()  # ISO 3166; where its offers are directed to
    language: str | None = None
    reach: Reach = Reach()
    api: Api | None = None  # needed where reach.by is "api", and not known elsewhere
    manners: Manners = Manners()
    look: Look = Look()
    budget: Budget = Budget()
    browser: Browser = Browser()
    read: Read = Read()
    gone: Gone = Gone()
    expect: Expect = Expect()
    notify: Notify = Notify()
    read_on: tuple[ReadOn, ...] = ()

    @field_validator("home")
    @classmethod
    def _http(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise ValueError("home is an absolute http(s) URL without credentials")
        return value

    @model_validator(mode="after")
    def _polite(self) -> Platform:
        if self.manners.delay_s < 1.0 and not self.is_loopback:
            raise ValueError("manners.delay_s is at least 1.0 for a site that is not on loopback")
        return self

    @model_validator(mode="after")
    def _asked_as_declared(self) -> Platform:
        if (self.reach.by == "api") != (self.api is not None):
            raise ValueError("[api] and reach.by = 'api' go together")
        if self.api is not None and self.kind in (PlatformKind.STREAMING, PlatformKind.TORRENT):
            raise ValueError("an interface is read for offers: kind is marketplace, classified or social")
        return self

    @property
    def is_loopback(self) -> bool:
        """Whether the platform is on this machine: the exercise world, and nothing else."""
        host = urlsplit(self.home).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

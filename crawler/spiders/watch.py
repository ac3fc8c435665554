"""What every spider does: read what came, make its one commit, hand on what was committed."""

from __future__ import annotations

import dataclasses
import errno
import logging
from abc import abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from config.platform import Platform
from crawler import opening, revisit, traps
from crawler.errors import EvidenceNotKept
from crawler.extract.page import read_page
from crawler.extract.pages import Link, Page, Reading
from crawler.faults import point
from crawler.frontier import Frontier, errand_of
from crawler.outcome import Outcomes, page_of
from crawler.plan import LOOK, make_fetch
from crawler.urls import is_fetchable
from crawler.visit import Errand, Look, Visit
from store.db.errors import StaleLease
from store.evidence.errors import EvidenceError
from store.records.fetches import Fetch, FetchKind, FetchState
from store.records.listings import Observation, PageKind
from store.records.rechecks import SightRole
from store.records.runs import RunKind

log = logging.getLogger(__name__)

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What `scrapy crawl NAME -O FILE` writes for a listing; the ledger holds everything else."""

    platform: str
    url: str
    title: str | None
    price: str | None
    currency: str | None
    seller_id: str | None
    images: tuple[str, ...]
    listing: str
    observation: str
    capture: str


class WatchSpider(Spider):
    """Watches one platform. A subclass says where a page leads."""

    platform: ClassVar[Platform]

    async def start(self) -> AsyncIterator[Any]:  # Any: Scrapy's items and requests; there are none here
        """Take up the run; its requests come from the ledger, so nothing is given here."""
        frontier = self.frontier
        frontier.begin(opening.workplace_of(self.settings, self.platform, getattr(self, "terms", "")))
        for request in list[Any]():  # Any: none is ever here; a generator is what Scrapy asks for
            yield request

    @property
    def frontier(self) -> Frontier:
        """The run's frontier."""
        scheduler = self.crawler.engine.scheduler
        assert isinstance(scheduler, Frontier), "SCHEDULER is not crawler.frontier.Frontier"
        return scheduler

    def outcomes(self, fetch: Fetch) -> Outcomes:
        """Decides what becomes of a lease."""
        polite = self.frontier.workplace.run.kind is not RunKind.REPLAY
        return Outcomes(platform=self.platform_of(fetch), polite=polite)

    async def answered(self, response: Response) -> AsyncIterator[Offer]:
        """Something came: the one callback of every leased request."""
        errand = errand_of(response.request)
        assert errand is not None, "a leased request without its errand"
        try:
            visit = self.visit(errand, response)
        except Exception as error:  # the boundary of one page: its fault is recorded with it, and stops nothing else
            log.error("page not read", exc_info=True, extra={"url": errand.lease.fetch.url})
            visit = self.outcomes(errand.lease.fetch).unreadable(errand, error)
        look = await self._commit(visit)
        if look is not None and visit.look is not None:
            yield _offer(visit, look)
            point("yielded")

    async def unanswered(self, failure: Failure) -> None:
        """Nothing came, or it may not be read: the one errback of every leased request."""
        errand = errand_of(failure.request)  # type: ignore[attr-defined]  # Scrapy sets it before it calls an errback
        assert errand is not None, "a leased request without its errand"
        error = failure.value
        assert error is not None, "a failure without its exception"
        if isinstance(error, EvidenceError) or (isinstance(error, OSError) and error.errno in _NO_ROOM):
            self.frontier.lose(error)
            return
        outcomes = self.outcomes(errand.lease.fetch)
        await self._commit(outcomes.unanswered(errand, error, self.frontier.clock()))

    async def parse(self, response: Response, **kwargs: Any) -> None:  # Any: Scrapy's signature
        """A request without a lease, from `scrapy shell` or `fetch`: read for whoever looks, kept nowhere."""
        del response, kwargs

    def visit(self, errand: Errand, response: Response) -> Visit:
        """What came of an answered lease."""
        fetch = errand.lease.fetch
        latency_s = response.meta.get("download_latency")
        page = page_of(errand, response.body, response.url)
        outcomes = self.outcomes(fetch)
        if page.status == revisit.NOT_MODIFIED and fetch.kind in revisit.KINDS:
            stands = self._stands(errand, page)
            if stands is None:
                return outcomes.in_full(errand, page, latency_s)
            page = stands
        visit = outcomes.before_reading(errand, page, latency_s) or self.read(errand, page, outcomes, latency_s)
        # Of a page that is asked for again nothing is kept but itself.
        parts = tuple(errand.parts) if visit.state is not FetchState.PENDING else ()
        return dataclasses.replace(visit, validator=revisit.validator_of(errand, visit), parts=parts)

    def _stands(self, errand: Errand, page: Page) -> Page | None:
        """The page that a 304 says still stands; None where it speaks of none that is here."""
        validator = errand.validator
        if validator is None or not revisit.confirms(page, validator):
            return None
        kept = self.frontier.recall(validator.capture)
        return None if kept is None else revisit.still_stands(errand, page, *kept)

    def read(self, errand: Errand, page: Page, outcomes: Outcomes, latency_s: float | None) -> Visit:
        """What came of a page that is to be read."""
        fetch = errand.lease.fetch
        if fetch.kind is FetchKind.MANIFEST:
            return self.manifest(errand, page, latency_s)
        reading = self.reading(fetch, page, outcomes.platform)
        if errand.drawn is not None:
            wire = tuple(Link(url=url, kind=FetchKind.MANIFEST, label=None) for url in errand.drawn.manifests)
            reading = dataclasses.replace(reading, links=(*reading.links, *wire))
            if errand.drawn.moved_to is not None and _leads_nowhere(reading):
                return outcomes.moved(errand, page, errand.drawn.moved_to, latency_s)
        # A second look and a control page are looked at for themselves, wherever they lead.
        leads_on = fetch.context.get(LOOK) in (None, SightRole.FIRST.value)
        fetches = (self.follow(fetch, page, reading) if leads_on else [])[: outcomes.platform.look.max_links]
        visit = traps.marked(outcomes.after_reading(errand, page, reading, fetches, latency_s), page, reading)
        if visit.state is not FetchState.DONE:
            return visit
        return dataclasses.replace(visit, cards=tuple(self.cards(fetch, page, reading)))

    def reading(self, fetch: Fetch, page: Page, platform: Platform) -> Reading:
        """What a page is and says."""
        return read_page(page, platform, expected=None if "any" in fetch.context else fetch.kind)

    def manifest(self, errand: Errand, page: Page, latency_s: float | None) -> Visit:
        """A manifest is read by the streaming spider alone; here it is kept as a page."""
        del page
        return self.outcomes(errand.lease.fetch).done(errand, latency_s, read_as="manifest")

    def platform_of(self, fetch: Fetch) -> Platform:
        """The declaration that a fetch falls under."""
        del fetch
        return self.platform

    @abstractmethod
    def follow(self, fetch: Fetch, page: Page, reading: Reading) -> list[Fetch]:
        """Where a page leads, as fetches to queue; photos are not among them."""

    def cards(self, fetch: Fetch, page: Page, reading: Reading) -> list[Look]:
        """Looks at offers that a page shows as cards, where their own pages are not opened; none by default."""
        del fetch, page, reading
        return []

    def leads_to(
        self, fetch: Fetch, page: Page, url: str, kind: FetchKind, context: dict[str, str] | None = None
    ) -> list[Fetch]:
        """A fetch one link further; none for an address that can't be fetched."""
        if not is_fetchable(url):
            return []
        return [make_fetch(fetch.run, url, kind, parent=page.capture, depth=fetch.depth + 1, context=context)]

    async def _commit(self, visit: Visit) -> Observation | None:
        try:
            return await self.frontier.commit(visit)
        except StaleLease as error:
            log.warning("lease lost", extra={"url": error.url, "epoch": error.epoch})
        except EvidenceNotKept:
            log.debug("page not kept", extra={"url": visit.lease.fetch.url})
        return None


def is_own(platform: Platform, url: str) -> bool:
    """Whether an address belongs to a platform: its own host, or one below it."""
    home, there = urlsplit(platform.home), urlsplit(url)
    if platform.is_loopback:
        return home.netloc == there.netloc  # the sites of the exercise world share a host
    base = (home.hostname or "").removeprefix("www.")
    name = there.hostname or ""
    return name == base or name.endswith("." + base)


def _leads_nowhere(reading: Reading) -> bool:
    """Whether a page is none of those that are looked for, so that where its scripts go is what matters."""
    return reading.kind is PageKind.NONE and not reading.cards and not reading.links


def _offer(visit: Visit, look: Observation) -> Offer:
    fields = look.fields
    return Offer(
        platform=visit.look.platform if visit.look else "",
        url=visit.look.url if visit.look else "",
        title=fields.title.value if fields.title else None,
        price=str(fields.price.value.amount) if fields.price else None,
        currency=fields.price.value.currency if fields.price else None,
        seller_id=fields.seller_id.value if fields.seller_id else None,
        images=tuple(seen.value for seen in fields.images),
        listing=look.listing,
        observation=look.id,
        capture=look.capture,
    )

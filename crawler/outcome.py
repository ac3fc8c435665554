"""What becomes of a lease, given how it was answered: the decisions of a crawl, without its machinery."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)

from config.platform import Platform
from crawler import manners
from crawler.errors import BrowserCrashed, BrowserFault, PageHung, Refused
from crawler.extract.addresses import canonical_listing_url, fallback_item_id
from crawler.extract.pages import Page, Reading
from crawler.manners import Answer, RobotsAnswer
from crawler.plan import LOOK, evidence_fetch, make_fetch
from crawler.revisit import IN_FULL
from crawler.standing import hidden_state, led_away, shown_item, shown_state
from crawler.urls import fingerprint, is_fetchable
from crawler.visit import PROTECTOR, Account, Errand, Look, Visit
from store.db.claim import ROBOTS_PRIORITY, robots_print
from store.records.captures import Capture
from store.records.fetches import Fetch, FetchKind, FetchState
from store.records.listings import ListingFields, ListingState, PageKind
from store.records.rechecks import SightRole

REDIRECTS = frozenset({301, 302, 303, 307, 308})
TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
HOPS_MAX = 5
DRAWN_TYPE = ("Content-Type", "text/html; charset=utf-8")  # of what a browser wrote, before what the server said
# Why a request failed on the way, and whether the next try may fare better.
_FAILURES: tuple[tuple[type[BaseException], str, bool], ...] = (
    (DownloadTimeoutError, "timeout", True),
    (CannotResolveHostError, "dns", True),
    (DownloadConnectionRefusedError, "connection_refused", True),
    (ResponseDataLossError, "half_a_page", True),
    (DownloadFailedError, "connection_lost", True),
    (BrowserCrashed, "browser_crashed", True),
    (PageHung, "browser_timeout", True),
    (DownloadCancelledError, "too_large", False),
    (UnsupportedURLSchemeError, "egress", False),
    (IgnoreRequest, "too_large", False),  # Scrapy's decompression raises it above the size limit, and only it does
    (zlib.error, "encoding", False),
    (UnicodeError, "not_http", False),  # headers that are no text where Scrapy reads them as such
    (EOFError, "encoding", False),
)
_SILENCE = frozenset({"timeout", "dns", "connection_refused", "connection_lost"})
"""What says that a page cannot be reached; half of one says that it can."""
_CODECS = frozenset({"brotli", "brotlicffi", "zstandard", "backports", "compression", "_zstd"})
_IMAGES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
_ONE_OFFER = frozenset({FetchKind.LISTING, FetchKind.TITLE_PAGE})
_LISTED = frozenset({PageKind.LISTING, PageKind.STREAM, PageKind.TORRENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Decides for one platform's run."""

    platform: Platform
    polite: bool

    # --- without a page ------------------------------------------------------------------------------

    def unanswered(self, errand: Errand, error: BaseException, now: datetime) -> Visit:
        """Nothing came, or nothing that may be read."""
        fetch = errand.lease.fetch
        reason, again = _why(error)
        answer = None
        if self.polite and errand.started_at is not None and not isinstance(error, Refused):
            failed = again and not isinstance(error, BrowserFault)  # a browser's fault is none of the host's
            answer = Answer(
                host=fetch.host,
                started_at=errand.started_at,
                latency_s=None,
                failed=failed,
                answered_at=errand.answered_at,
            )
        if not again:
            return self._failed(errand, reason, answer)
        visit = self._again(errand, reason, now, answer, None)
        was_looked_for = self.polite and fetch.kind in _ONE_OFFER and visit.state is FetchState.FAILED
        if was_looked_for and reason in _SILENCE:
            return dataclasses.replace(visit, silent=self._item(fetch))
        return visit

    def unreadable(self, errand: Errand, error: Exception) -> Visit:
        """The page came and its reading broke: a fault of ours, told by its type."""
        return Visit(
            lease=errand.lease,
            state=FetchState.FAILED,
            reason=f"reader:{type(error).__name__}"[:300],
            capture=errand.kept,
            answer=self._answer(errand, failed=False, latency_s=None),
        )

    def in_full(self, errand: Errand, page: Page, latency_s: float | None) -> Visit:
        """A 304 that nothing can be made of: the page is asked without a condition, or again where it was so."""
        answer = self._answer(errand, failed=False, latency_s=latency_s)
        if errand.validator is None:
            return self._again(errand, "http_304", page.fetched_at, answer, None)
        return Visit(
            lease=errand.lease,
            state=FetchState.PENDING,
            reason="http_304",
            capture=errand.kept,
            not_before=page.fetched_at,
            answer=answer,
            context={IN_FULL: "yes"},
        )

    def torn(self, errand: Errand, page: Page, latency_s: float | None) -> Visit:
        """An answer that came whole over the line and ends in the middle: asked again."""
        return self._again(
            errand, "half_a_page", page.fetched_at, self._answer(errand, failed=False, latency_s=latency_s), None
        )

    def lost(self, errand: Errand, reason: str, latency_s: float | None) -> Visit:
        """An answer that is none of those that were asked for."""
        return self._failed(errand, reason, self._answer(errand, failed=False, latency_s=latency_s))

    # --- with a page ---------------------------------------------------------------------------------

    def before_reading(self, errand: Errand, page: Page, latency_s: float | None) -> Visit | None:
        """The outcome of an answer that is not to be read: a redirect, an error, robots.txt, a photo, a canary."""
        status = page.status or 200
        fetch = errand.lease.fetch
        if status in REDIRECTS and (location := page.header("location")):
            return self.moved(errand, page, location, latency_s)
        if status in TRY_AGAIN:
            stop_s = manners.retry_after_s(page.header("retry-after"), page.fetched_at)
            answer = self._answer(errand, failed=True, latency_s=latency_s, stop_s=stop_s)
            visit = self._again(errand, f"http_{status}", page.fetched_at, answer, stop_s)
            if visit.state is FetchState.FAILED and status not in self.platform.gone.status:
                said = "server failed" if status >= 500 else "server put it off"
                because = f"the {said} (status {status}) each of {fetch.attempts + 1} times"
                return dataclasses.replace(visit, look=self._unshown(fetch, ListingState.UNREACHABLE, because))
            return visit
        good = 200 <= status < 300
        match fetch.kind:
            case FetchKind.ROBOTS:
                text = manners.robots_text(page.body) if good else None
                # What is neither had nor unavailable (5xx, a redirect to nowhere) is unreachable, and shuts all.
                told = status if good or 400 <= status < 500 else None
                robots = RobotsAnswer(of_host=_robots_of(fetch), status=told, text=text)
                return self.done(errand, latency_s, read_as="robots", robots=robots)
            case FetchKind.CANARY:
                if good:
                    return self.done(errand, latency_s, read_as="canary")
                return self._failed(errand, f"http_{status}", self._answer(errand, failed=False, latency_s=latency_s))
            case FetchKind.PHOTO:
                if good and _is_image(page.body):
                    return self.done(errand, latency_s, read_as="photo")
                reason = "not_an_image" if good else f"http_{status}"
                return self._failed(errand, reason, self._answer(errand, failed=False, latency_s=latency_s))
            case _:
                return None

    def done(
        self,
        errand: Errand,
        latency_s: float | None,
        *,
        read_as: str,
        look: Look | None = None,
        account: Account | None = None,
        fetches: Sequence[Fetch] = (),
        robots: RobotsAnswer | None = None,
        context: dict[str, str] | None = None,
    ) -> Visit:
        """A page that brought what it should."""
        return Visit(
            lease=errand.lease,
            state=FetchState.DONE,
            read_as=read_as,
            capture=errand.kept,
            look=look,
            account=account,
            fetches=tuple(fetches),
            answer=self._answer(errand, failed=False, latency_s=latency_s),
            robots=robots,
            context=context or {},
        )

    def after_reading(
        self, errand: Errand, page: Page, reading: Reading, fetches: Sequence[Fetch], latency_s: float | None
    ) -> Visit:
        """The outcome of a page that was read."""
        fetch = errand.lease.fetch
        kind = reading.kind
        leads_on = fetch.kind is FetchKind.PLAYER and any(link.through for link in reading.links)
        read_as = PROTECTOR if leads_on and kind is PageKind.STREAM else kind.value
        context = {"cards": str(len(reading.cards))} if reading.cards else {}
        if cut := _cut(reading, self.platform):
            context["cut"] = str(cut)
        # A player's page is a hop on the way of the title that led there, never an offer of its own.
        # Nor is the front page that an offer's address leads to, whatever can be read off it.
        away = led_away(fetch, page, self.platform) is not None
        is_offer = kind in _LISTED and fetch.kind is not FetchKind.PLAYER
        if is_offer and reading.fields is not None and not away:
            if fetch.context.get(LOOK) == SightRole.SECOND.value:
                return self.done(errand, latency_s, read_as=read_as, context=context)  # it only checks the first
            look = self.look(reading, page, fetch, fetch_photos=fetch.context.get(LOOK) != SightRole.CONTROL.value)
            return self.done(errand, latency_s, read_as=read_as, look=look, fetches=fetches, context=context)
        answer = self._answer(errand, failed=False, latency_s=latency_s)
        hidden = self._hidden(fetch, page, reading)
        if kind is PageKind.WALL:
            return self._failed(errand, "wall", answer, look=hidden)
        if kind is PageKind.GONE or (hidden is not None and hidden.state is ListingState.GONE):
            return Visit(
                lease=errand.lease,
                state=FetchState.DONE,
                read_as=PageKind.GONE.value,
                capture=errand.kept,
                look=hidden,
                answer=answer,
            )
        status = page.status or 200
        if status >= 400:
            return self._failed(errand, f"http_{status}", answer, look=hidden)
        wants_listing = fetch.kind in (FetchKind.LISTING, FetchKind.TITLE_PAGE, FetchKind.EVIDENCE)
        if wants_listing and "any" not in fetch.context:
            return self._failed(errand, f"read_as_{read_as}", answer, look=hidden)
        account = account_of(self.platform, page, reading) if not away else None
        return self.done(errand, latency_s, read_as=read_as, account=account, fetches=fetches, context=context)

    def look(self, reading: Reading, page: Page, fetch: Fetch, *, fetch_photos: bool = True) -> Look:
        """What a page says of its listing. A page without an id of its own is told apart by its address."""
        fields = reading.fields or ListingFields()
        item = shown_item(reading, fetch) or fallback_item_id(canonical_listing_url(page.url))
        look = self.platform.look
        urls = [seen.value for seen in fields.images]
        photos: list[Fetch | None] = []
        for url in urls:
            wanted = fetch_photos and look.photos and len(photos) < look.max_photos and is_fetchable(url)
            parent = page.capture
            photos.append(
                make_fetch(fetch.run, url, FetchKind.PHOTO, parent=parent, depth=fetch.depth + 1) if wanted else None
            )
        state, because = shown_state(fields)
        return Look(
            platform=self.platform.name,
            platform_item_id=item[:300],
            kind=reading.kind,
            url=page.url,
            state=state,
            because=because,
            fields=fields,
            photos=tuple(photos),
        )

    def moved(self, errand: Errand, page: Page, location: str, latency_s: float | None) -> Visit:
        """A page that leads elsewhere, by redirect or by script: one hop, one fetch."""
        fetch = errand.lease.fetch
        answer = self._answer(errand, failed=False, latency_s=latency_s)
        try:
            to = urljoin(page.url, location.strip())
        except ValueError:
            to = ""  # no address at all, such as a bracket that never closes
        if not is_fetchable(to):
            return self._failed(errand, "unsafe_redirect", answer)
        if fetch.hops >= HOPS_MAX:
            return self._failed(errand, "too_many_redirects", answer)
        if fetch.kind is FetchKind.ROBOTS:
            child = self._robots_hop(fetch, to, errand)
        elif LOOK in fetch.context:
            child = evidence_fetch(
                fetch.run, to, fetch.context, parent=errand.capture, depth=fetch.depth, hops=fetch.hops + 1
            )
        else:
            same_page = fingerprint(to, fetch.kind) == fetch.fingerprint
            if to == fetch.url:
                return self._failed(errand, "redirect_loop", answer)
            child = make_fetch(
                fetch.run,
                to,
                fetch.kind,
                parent=errand.capture,
                depth=fetch.depth,
                hops=fetch.hops + 1,
                context={name: value for name, value in fetch.context.items() if name not in ("for", "capture")},
                literal=same_page,
            )
        return Visit(
            lease=errand.lease,
            state=FetchState.DONE,
            read_as="redirect",
            capture=errand.kept,
            moved_to=child,
            answer=answer,
        )

    # --- inside --------------------------------------------------------------------------------------

    def _hidden(self, fetch: Fetch, page: Page, reading: Reading) -> Look | None:
        """What a page that does not show its offer says of it; None where no offer was asked for by its id."""
        return self._unshown(fetch, *hidden_state(fetch, page, reading, self.platform))

    def _item(self, fetch: Fetch) -> tuple[str, str] | None:
        item = fetch.context.get("item")
        return (self.platform.name, item[:300]) if item is not None else None

    def _unshown(self, fetch: Fetch, state: ListingState, because: str) -> Look | None:
        """The look at an offer that was asked for by its id and was not shown; None where none was."""
        item = fetch.context.get("item")
        if item is None or fetch.kind not in _ONE_OFFER:
            return None
        return Look(
            platform=self.platform.name,
            platform_item_id=item[:300],
            kind=PageKind.STREAM if fetch.kind is FetchKind.TITLE_PAGE else PageKind.LISTING,
            url=fetch.url,
            state=state,
            because=because,
            fields=ListingFields(),
            only_known=True,
        )

    def _robots_hop(self, fetch: Fetch, to: str, errand: Errand) -> Fetch:
        plain = make_fetch(fetch.run, to, FetchKind.ROBOTS, parent=errand.capture)
        return Fetch(
            run=fetch.run,
            fingerprint=robots_print(_robots_of(fetch), fetch.hops + 1),
            url=to,
            host=plain.host,
            kind=FetchKind.ROBOTS,
            parent=errand.capture,
            priority=ROBOTS_PRIORITY,
            hops=fetch.hops + 1,
            context={"robots_of": _robots_of(fetch)},
        )

    def _again(
        self, errand: Errand, reason: str, now: datetime, answer: Answer | None, stop_s: float | None
    ) -> Visit:
        """Another try later, or none when enough were made."""
        fetch = errand.lease.fetch
        tries = fetch.attempts + 1
        if tries >= self.platform.manners.attempts or not self.polite:
            return self._failed(errand, reason, answer)
        wait_s = max(manners.back_off_s(tries, self.platform.manners.delay_s), stop_s or 0.0)
        return Visit(
            lease=errand.lease,
            state=FetchState.PENDING,
            reason=reason,
            capture=errand.kept,
            not_before=now + timedelta(seconds=wait_s),
            answer=answer,
        )

    def _failed(self, errand: Errand, reason: str, answer: Answer | None, *, look: Look | None = None) -> Visit:
        fetch = errand.lease.fetch
        robots = None
        if fetch.kind is FetchKind.ROBOTS:
            robots = RobotsAnswer(of_host=_robots_of(fetch), status=None, text=None)
        return Visit(
            lease=errand.lease,
            state=FetchState.FAILED,
            reason=reason,
            capture=errand.kept,
            look=look,
            answer=answer,
            robots=robots,
        )

    def _answer(
        self,
        errand: Errand,
        *,
        failed: bool,
        latency_s: float | None,
        stop_s: float | None = None,
    ) -> Answer | None:
        if not self.polite or errand.started_at is None:
            return None
        return Answer(
            host=errand.lease.fetch.host,
            started_at=errand.started_at,
            latency_s=latency_s,
            failed=failed,
            answered_at=errand.answered_at,
            stop_s=stop_s if errand.drawn is None else errand.drawn.stop_s,
        )


def page_of(errand: Errand, body: bytes, url: str) -> Page:
    """The page as readers take it: what was kept, after its scripts where a browser ran them, with its headers."""
    kept: Capture | None = errand.kept
    assert kept is not None, "a page is read only after it was kept"
    headers = kept.response_headers
    if errand.drawn is not None:
        body, headers = errand.drawn.dom, (DRAWN_TYPE, *headers)
    return Page(
        url=url,
        status=kept.status,
        headers=headers,
        body=body,
        capture=kept.id,
        fetched_at=kept.fetched_at,
    )


def _why(error: BaseException) -> tuple[str, bool]:
    if isinstance(error, Refused):
        return error.code, False
    for kind, reason, again in _FAILURES:
        if isinstance(error, kind):
            return reason, again
    # Decompressors that Scrapy loads if they are there raise errors of their own, with no name in common.
    if isinstance(error, OSError) or type(error).__module__.partition(".")[0] in _CODECS:
        return "encoding", False  # gzip says so of a body that is none
    return f"error:{type(error).__name__}"[:300], False


def _robots_of(fetch: Fetch) -> str:
    return fetch.context.get("robots_of", fetch.host)


def _is_image(body: bytes) -> bool:
    if body.startswith(_IMAGES):
        return True
    return (body[:4] == b"RIFF" and body[8:12] == b"WEBP") or (
        body[4:8] == b"ftyp" and body[8:12] in (b"avif", b"avis")
    )


def account_of(platform: Platform, page: Page, reading: Reading) -> Account | None:
    """What the page says of a seller's account; None for other kinds. One without an id goes by its address."""
    if reading.kind is not PageKind.SELLER or reading.seller is None:
        return None
    said = reading.seller.platform_seller_id
    id = said.value if said is not None else f"url:{fingerprint(page.url, FetchKind.LISTING)[:32]}"
    return Account(platform=platform.name, platform_seller_id=id, fields=reading.seller)


def _cut(reading: Reading, platform: Platform) -> int:
    """How many links of a page are left out."""
    return max(len(reading.cards) + len(reading.links) - platform.look.max_links, 0)

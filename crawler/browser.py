"""
Opens in a browser what a platform file says scripts draw, after the page's own bytes were kept.

The document is fetched like every page, so guard, manners, redirects, captures and limits are the same; only then
is it opened, and what it asks for comes through `parts.py`. The document after its scripts, screenshots and the
page's own log become files of the same capture; the reader reads the document after its scripts.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from config.platform import Browser, Platform
from crawler import manners
from crawler.capture import capture_part, put_lawful
from crawler.errors import BrowserCrashed, PageHung, Refused
from crawler.frontier import Frontier, errand_of
from crawler.plan import PLAIN, WAY
from crawler.spiders.watch import is_own
from crawler.visit import Drawn, Errand
from store.db.hosts import Hosts
from store.records.captures import CaptureFile, CaptureRole, Via
from store.records.fetches import FetchKind, RobotsVerdict
from store.records.scope import EVERYTHING

if TYPE_CHECKING:
    from playwright.async_api import Page

    from crawler.chromium import Chromium
    from crawler.parts import Manner, Parts

VIEW_PX = {"width": 1366, "height": 900}  # chosen: a common laptop
FULL_HEIGHT_PX = 20_000  # what is below is not drawn: a screenshot takes 4 bytes a pixel
STILL_S = 0.5  # a page that asked for nothing for so long is taken to be done
GROW_S = 2.0  # chosen: a list that has not grown so long after its end was reached has no more
CLICK_S = 2.0
_LOOK_S = 0.05
PARTS_KEPT = 120  # of one evidence page; chosen: two rows each, in the transaction of the page
LEASE_MARGIN_S = 20.0  # what is left of a lease when its page must be done
_ROLES = {"viewport": CaptureRole.VIEWPORT, "full": CaptureRole.FULL}

log = logging.getLogger(__name__)


class BrowserMiddleware:
    """Opens the pages that the platform file names; everything else passes."""

    def __init__(self, crawler: Crawler, platform: Platform) -> None:
        from crawler.parts import Pacer  # loads Playwright, which crawls without a browser do not pay for

        self._crawler = crawler
        self._platform = platform
        self._rules = platform.browser
        self._pacer = Pacer()
        self._chromium: Chromium | None = None
        self._spent_bytes = 0
        crawler.signals.connect(self._close, signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> BrowserMiddleware:
        """Made by Scrapy; not at all for a platform that declares no page for a browser."""
        platform = getattr(crawler.spider, "platform", None)
        if platform is None or not platform.browser.pages:
            raise NotConfigured
        return cls(crawler, platform)

    async def process_response(self, request: Request, response: Response) -> Response:
        """
        Open the page, where it is one of those.

        Raises `BrowserCrashed`, `PageHung`, or `Refused` for a page that grows too large.
        """
        errand = errand_of(request)
        if errand is None or errand.kept is None or not self._opens(errand, response):
            return response
        if self._spent_bytes >= self._rules.max_run_bytes:
            raise Refused("browser_budget", request.url, f"pages asked for {self._spent_bytes} bytes already")
        chromium = self._browser()
        frontier = self._frontier()
        until = errand.lease.until - timedelta(seconds=LEASE_MARGIN_S)
        async with chromium.room:
            left_s = min(self._rules.page_s, (until - frontier.clock()).total_seconds())
            try:
                async with asyncio.timeout(max(left_s, 0.0)):
                    await self._open(errand, request, response, chromium)
            except TimeoutError as error:
                raise PageHung(request.url, left_s) from error
        return response

    # --- inside --------------------------------------------------------------------------------------

    def _opens(self, errand: Errand, response: Response) -> bool:
        kind = (response.headers.get("Content-Type") or b"").lower()
        fetch = errand.lease.fetch
        if fetch.kind.value not in self._rules.pages or fetch.context.get(WAY) == PLAIN:
            return False
        return response.status == 200 and b"html" in kind

    async def _open(self, errand: Errand, request: Request, response: Response, chromium: Chromium) -> None:
        from playwright.async_api import Error as PlaywrightError

        from crawler.chromium import is_on_its_way
        from crawler.parts import Parts

        parts = Parts(url=response.url, document=response, pacer=self._pacer, manner=self._manner(errand, request))
        self._pacer.turn_in_s(errand.lease.fetch.host, self._delay_s(errand.lease.fetch.host))
        try:
            async with _page(chromium, parts, request) as page:
                try:
                    await _act(page, parts, self._rules)
                    await self._keep(errand, page, parts, request)
                except PlaywrightError as error:
                    # What it was asked for may be gone because it left.
                    await _check_place(page, request, on_its_way=is_on_its_way(error))
                    raise
        except PlaywrightError as error:
            log.warning("page not opened: %s", str(error)[:300], extra={"url": request.url})
            if not chromium.is_up():
                await chromium.forget()
            raise BrowserCrashed(str(error)[:300]) from error
        finally:
            self._spent_bytes += parts.size_bytes
            if parts.own_asked_at is not None:
                # The host's next turn counts from what the page asked of it last.
                ago = timedelta(seconds=monotonic() - parts.own_asked_at)
                errand.started_at = self._frontier().clock() - ago

    async def _keep(self, errand: Errand, page: Page, parts: Parts, request: Request) -> None:
        """What the page came to, into the vault and onto its capture. Raises `Refused`."""
        await _check_place(page, request)
        limit = self._platform.manners.max_body_bytes
        length = await page.evaluate("document.documentElement ? document.documentElement.outerHTML.length : 0")
        if length > limit:
            raise Refused("too_large", request.url, f"its scripts made a document of {length} characters")
        dom = (await page.content()).encode("utf-8", "replace")
        files = [(CaptureRole.DOM, dom)]
        for name in self._rules.screenshots:
            files.append((_ROLES[name], await _screenshot(page, name)))
        if errand.lease.fetch.kind is FetchKind.EVIDENCE:
            text = await page.evaluate("document.body ? document.body.innerText : ''")
            files.append((CaptureRole.TEXT, text[:limit].encode("utf-8", "replace")))
        await _check_place(page, request)  # it may have left between one of these and the next
        files.append((CaptureRole.CONSOLE, "\n".join(parts.notes).encode("utf-8", "replace")))
        vault = self._frontier().vault
        assert errand.kept is not None, "opened only after it was kept"
        kept = tuple(
            CaptureFile(
                capture=errand.capture,
                role=role,
                sha256=put_lawful(vault, data, request.url),
                size_bytes=len(data),
            )
            for role, data in files
        )
        errand.kept = dataclasses.replace(errand.kept, via=Via.BROWSER, files=(*errand.kept.files, *kept))
        errand.drawn = Drawn(
            dom=dom,
            manifests=tuple(parts.manifests),
            moved_to=parts.moves[0] if parts.moves else None,
            stop_s=self._stop_s(errand, parts),
        )

    def _stop_s(self, errand: Errand, parts: Parts) -> float | None:
        said = parts.told_to_stop.get(errand.lease.fetch.host)
        return manners.retry_after_s(said, self._frontier().clock()) if said else None

    def _keep_part(self, errand: Errand, url: str, request: Request, response: Response) -> None:
        """A part of an evidence page: a capture of its own, so that the page can be shown again as it was."""
        if len(errand.parts) < PARTS_KEPT:
            asked_of = errand.verdict if is_own(self._platform, response.url) else RobotsVerdict.NOT_ASKED
            errand.parts.append(capture_part(errand, url, request, response, self._frontier(), asked_of))

    def _manner(self, errand: Errand, request: Request) -> Manner:
        from crawler.parts import Manner

        home = errand.lease.fetch.host
        is_evidence = errand.lease.fetch.kind is FetchKind.EVIDENCE

        def own(url: str) -> bool:
            return is_own(self._platform, url) or url.startswith(f"{home}/")

        return Manner(
            is_own=own,
            refuse=self._frontier().refuse_part,
            ask=self._crawler.engine.download_async,
            delay_s=self._delay_s,
            user_agent=_user_agent(request),
            is_loopback=self._platform.is_loopback,
            with_images=bool(self._rules.screenshots),
            max_parts=self._rules.max_parts,
            max_bytes=self._rules.max_page_bytes,
            keep=partial(self._keep_part, errand) if is_evidence else None,
        )

    def _delay_s(self, host: str) -> float:
        """The pace of a host of the platform: what its lease keeps, or what a host not met yet begins with."""
        with self._frontier().workplace.database.read() as connection:
            known = Hosts(connection, EVERYTHING).named([host]).get(host)
        return known.delay_s if known is not None else self._platform.manners.delay_s

    def _browser(self) -> Chromium:
        if self._chromium is None:
            from crawler.chromium import Chromium
            from crawler.footing import footing

            settings = self._frontier().workplace.settings
            stands_on = footing(settings)
            for remark in stands_on.remarks():
                log.warning(remark)
                self._frontier().workplace.remarks.append(remark)
            self._chromium = Chromium(self._crawler, settings, stands_on)
        return self._chromium

    def _frontier(self) -> Frontier:
        frontier = self._crawler.engine.scheduler
        assert isinstance(frontier, Frontier), "SCHEDULER is not crawler.frontier.Frontier"
        return frontier

    async def _close(self) -> None:
        if self._chromium is not None:
            await self._chromium.close()


@contextlib.asynccontextmanager
async def _page(chromium: Chromium, parts: Parts, request: Request) -> AsyncIterator[Page]:
    """The page, opened in a context of its own: no cookie, no storage and no worker outlives it."""
    from crawler.parts import attend

    context = {
        "user_agent": _user_agent(request),
        "locale": (request.headers.get("Accept-Language") or b"en").decode("latin-1").partition(",")[0],
        "viewport": VIEW_PX,
        "service_workers": "block",
        "accept_downloads": False,
    }
    page = await chromium.open(parts.url, context, lambda page: attend(page, parts))
    try:
        yield page
    finally:
        parts.is_over = True
        await asyncio.shield(chromium.close_page(page))


async def _check_place(page: Page, request: Request, *, on_its_way: bool = False) -> None:
    """Raise `Refused` for a page that its scripts put another in place of, such as one they made themselves."""
    from crawler.chromium import address_of

    address = await address_of(page, on_its_way=on_its_way)
    if urlsplit(address).scheme not in ("http", "https"):
        raise Refused("egress", request.url, f"its scripts put {address[:100]} in its place")


async def _act(page: Page, parts: Parts, rules: Browser) -> None:
    """Wait for the scripts, then scroll and click as declared."""
    from playwright.async_api import TimeoutError as TooLate

    # Playwright's own word for it never comes where a script tried to move on meanwhile.
    while await page.evaluate("document.readyState") == "loading":
        await asyncio.sleep(_LOOK_S)
    if rules.wait_for is not None:
        try:
            await page.wait_for_selector(rules.wait_for, state="attached", timeout=rules.wait_s * 1000)
        except TooLate:
            parts.note(f"waited in vain for {rules.wait_for}")
    if not await parts.quiet(STILL_S, rules.wait_s):
        parts.note(f"not quiet after {rules.wait_s:g} s")
    for _ in range(rules.scrolls):
        before = await page.evaluate(_HEIGHT)
        await page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
        since = monotonic()
        while (has_ended := await page.evaluate(_HEIGHT) <= before) and monotonic() - since < GROW_S:
            await parts.quiet(STILL_S, rules.wait_s)
        if has_ended:
            break
    for _ in range(rules.more_clicks if rules.more is not None else 0):
        button = page.locator(rules.more or "").first
        if not await button.is_visible():
            break
        try:
            await button.click(timeout=CLICK_S * 1000)
        except TooLate:
            parts.note(f"not to be clicked: {rules.more}")
            break
        await parts.quiet(STILL_S, rules.wait_s)


async def _screenshot(page: Page, name: Literal["viewport", "full"]) -> bytes:
    await page.evaluate("window.scrollTo(0, 0)")
    if name == "viewport":
        return await page.screenshot(type="png", animations="disabled")
    height = min(int(await page.evaluate(_HEIGHT)), FULL_HEIGHT_PX)
    clip = {"x": 0.0, "y": 0.0, "width": float(VIEW_PX["width"]), "height": float(max(height, 1))}
    return await page.screenshot(type="png", animations="disabled", full_page=True, clip=clip)  # type: ignore[arg-type]  # a FloatRect is such a dict


_HEIGHT = "document.documentElement ? document.documentElement.scrollHeight : 0"


def _user_agent(request: Request) -> str:
    return (request.headers.get("User-Agent") or b"").decode("latin-1")

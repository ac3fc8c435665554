"""
Answers everything that an open page asks for, so that its browser needs no network of its own.

The document is the one that the crawl fetched and kept. Scripts, styles and data come through the crawl's own
downloader, behind the same guard, resolver and size limits as every page, each hop of a redirect anew; what is not
needed is not asked for. Data and documents of the platform keep the platform's pace. A manifest is noted and left
to the frontier, which fetches it once; a move to another page is noted and not made.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import urljoin, urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Route
from playwright.async_api import Request as Asked
from scrapy import Request
from scrapy.http import Response

from crawler.outcome import REDIRECTS
from crawler.urls import host_of, is_fetchable

PART_BYTES = 8 * 1024 * 1024  # as for a page
PART_TIMEOUT_S = 15.0
PART_DELAY_S = 0.1  # chosen: ten a second of one host, for parts that are no data of the platform
POSTED_BYTES = 64 * 1024  # chosen: a query takes a few hundred bytes; more is an upload
HOPS_MAX = 5
MOVES_MAX = 50  # noted of one page; a page that goes on is ended by its deadline
NOTES_MAX = 1_000
_MANIFESTS = (".m3u8", ".mpd")
_MANIFEST_TYPES = ("mpegurl", "dash+xml")
_PACED = frozenset({"xhr", "fetch", "document"})
_NEEDED = frozenset({"document", "script", "stylesheet", "xhr", "fetch"})
_METHODS = frozenset({"GET", "HEAD", "POST"})
# Visits of Marque are nobody's audience: who counts visitors is not told of them. Hosts, and all below them.
_COUNTERS = (
    "google-analytics.com", "googletagmanager.com", "doubleclick.net", "googlesyndication.com", "facebook.net",
    "hotjar.com", "clarity.ms", "scorecardresearch.com", "mc.yandex.ru", "segment.io", "criteo.com", "bat.bing.com",
)  # fmt: skip
_NOT_SENT = frozenset({"host", "connection", "content-length", "accept-encoding", "user-agent", "cookie"})
_NOT_PASSED_ON = frozenset(
    {
        "content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive", "content-disposition",
        "strict-transport-security", "clear-site-data", "alt-svc", "report-to", "reporting-endpoints", "nel",
    }
)  # fmt: skip

# What scripts could open besides requests, and what outlives a page.
NO_SOCKETS = (
    "for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'WebTransport', 'SharedWorker'])"
    " { try { delete window[name]; } catch {} }"
)

log = logging.getLogger(__name__)


class Pacer:
    """Spaces what pages ask of each host, over all pages of a process."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._next: dict[str, float] = {}

    def turn_in_s(self, host: str, delay_s: float) -> float:
        """Take the next turn at a host; gives the seconds until it."""
        now = self._now()
        at = max(now, self._next.get(host, 0.0))
        self._next[host] = at + delay_s
        return at - now


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How parts may be asked for, for one page."""

    is_own: Callable[[str], bool]  # whether an address belongs to the platform
    refuse: Callable[[str], str | None]  # why an address may not be asked; None: it may
    ask: Callable[[Request], Awaitable[Response]]  # the crawl's downloader
    delay_s: Callable[[str], float]  # the pace of a host of the platform
    user_agent: str
    is_loopback: bool
    with_images: bool  # only a page that is drawn needs its pictures
    max_parts: int
    max_bytes: int
    keep: Callable[[str, Request, Response], None] | None = (
        None  # takes a part as asked for; None: parts are not kept
    )


@dataclass(kw_only=True)  # without slots: Playwright notes on the object of a handler that it wrapped it
class Parts:
    """What one page asks for, and what it is told. `route` is Playwright's handler for all of it."""

    url: str
    document: Response
    pacer: Pacer
    manner: Manner
    asked: int = 0
    size_bytes: int = 0
    manifests: list[str] = field(default_factory=list)
    moves: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    told_to_stop: dict[str, str] = field(
        default_factory=dict
    )  # hosts that answered 429 or 503, and their Retry-After
    page: Page | None = None  # set once there is one
    own_asked_at: float | None = None  # monotonic: when the page's own host was last asked for data
    is_over: bool = False
    _served: bool = False
    _pending: int = 0
    _changed_at: float = field(default_factory=monotonic)

    async def route(self, route: Route) -> None:
        """Answer one request of the page."""
        self._pending += 1
        self._changed_at = monotonic()
        try:
            await self._answer(route, route.request)
        except PlaywrightError as error:
            log.debug("part not answered: %s", str(error)[:200])  # the page went away meanwhile
        except Exception as error:  # noqa: BLE001 -- the boundary of one part: the page goes on without it
            self.note(f"failed {type(error).__name__} {route.request.url[:300]}")
            await _drop(route)
        finally:
            self._pending -= 1
            self._changed_at = monotonic()

    async def quiet(self, still_s: float, within_s: float) -> bool:
        """Wait until the page has asked for nothing for `still_s`; False when it did not come to that in time."""
        since = monotonic()
        while monotonic() < since + within_s:
            if self._pending == 0 and monotonic() - max(self._changed_at, since) >= still_s:
                return True
            await asyncio.sleep(0.05)
        return False

    def note(self, line: str) -> None:
        """A line of the page's log."""
        if len(self.notes) < NOTES_MAX:
            self.notes.append(line)

    # --- inside --------------------------------------------------------------------------------------

    async def _answer(self, route: Route, asked: Asked) -> None:
        if asked.is_navigation_request():
            page, is_main = _place_of(asked)
            if page is None and not self._served and asked.url == self.url:
                page, is_main = self.page, True  # a page that is only being made has no frame yet
            if page is None or page is not self.page:
                self.note(f"refused popup {asked.url[:300]}")
                await route.abort("blockedbyclient")
                return
            if is_main:
                await self._navigate(route, asked)
                return
        why = self._why_not(asked)
        if why is not None:
            self.note(f"refused {why} {asked.resource_type} {asked.url[:300]}")
            await route.abort("blockedbyclient")
            return
        self.asked += 1
        answered = await self._fetch(asked)
        if answered is None or self.is_over:
            await route.abort("failed")
            return
        request, response = answered
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1").lower()
        if any(name in kind for name in _MANIFEST_TYPES):
            self._note_manifest(response.url)
            await route.abort("blockedbyclient")
            return
        self.size_bytes += len(response.body)
        self.note(f"{response.status} {asked.resource_type} {len(response.body)} {response.url[:300]}")
        if self.manner.keep is not None and asked.method == "GET":
            self.manner.keep(asked.url, request, response)
        if response.status in REDIRECTS and asked.resource_type == "document":
            # Chromium would follow by itself, past this handler; a frame that moves by script asks again.
            to = urljoin(response.url, (response.headers.get("Location") or b"").decode("latin-1"))
            script = json.dumps(to).replace("<", "\\u003c")
            await route.fulfill(
                status=200, content_type="text/html", body=f"<script>location.replace({script})</script>"
            )
            return
        await route.fulfill(status=response.status, headers=headers_of(response), body=response.body)

    async def _navigate(self, route: Route, asked: Asked) -> None:
        if not self._served:
            self._served = True
            await route.fulfill(
                status=self.document.status, headers=headers_of(self.document), body=self.document.body
            )
            return
        if len(self.moves) < MOVES_MAX and asked.method == "GET":
            self.moves.append(asked.url)
        self.note(f"move {asked.method} {asked.url[:300]}")
        await route.fulfill(status=204)  # the page stays as it is; an aborted one would be replaced by an error

    def _why_not(self, asked: Asked) -> str | None:
        """Why a part is not asked for; None when it is."""
        url, kind = asked.url, asked.resource_type
        if self.is_over:
            return "over"
        if urlsplit(url).path.lower().endswith(_MANIFESTS):
            self._note_manifest(url)
            return "manifest"
        if kind not in _NEEDED and not (kind == "image" and self.manner.with_images):
            return "not_needed"
        if not is_fetchable(url):
            return "egress"
        reason = self.manner.refuse(url)
        if reason is not None:
            return reason
        if asked.method not in _METHODS or (kind == "document" and asked.method != "GET"):
            return "method"
        if len(asked.post_data_buffer or b"") > POSTED_BYTES:
            return "upload"
        is_own = self.manner.is_own(url)
        if kind == "document" and not is_own:
            return "foreign_frame"  # a player in it is a fetch of its own
        host = urlsplit(url).hostname or ""
        if not is_own and any(host == name or host.endswith("." + name) for name in _COUNTERS):
            return "counter"
        if host_of(url) in self.told_to_stop:
            return "told_to_stop"
        if self.asked >= self.manner.max_parts:
            return "too_many"
        if self.size_bytes >= self.manner.max_bytes:
            return "too_large"
        return None

    async def _fetch(self, asked: Asked) -> tuple[Request, Response] | None:
        """The answer to a part, behind its redirects, and what was asked last; None when one may not be followed."""
        url, method, body = asked.url, asked.method, asked.post_data_buffer or b""
        headers = {name: value for name, value in (await asked.all_headers()).items() if _is_sent(name)}
        headers["user-agent"] = self.manner.user_agent
        for _ in range(HOPS_MAX + 1):
            if not await self._turn(url, asked.resource_type):
                return None
            cookies = await asked.frame.page.context.cookies([url])
            if cookies:
                headers["cookie"] = "; ".join(f"{each['name']}={each['value']}" for each in cookies)
            else:
                headers.pop("cookie", None)
            left = max(self.manner.max_bytes - self.size_bytes, 1)
            request = Request(
                url,
                method=method,
                headers=headers,
                body=body,
                dont_filter=True,
                meta={"download_timeout": PART_TIMEOUT_S, "download_maxsize": min(PART_BYTES, left)},
            )
            response = await self.manner.ask(request)
            if response.status in (429, 503):
                self.told_to_stop[host_of(url)] = (response.headers.get("Retry-After") or b"").decode("latin-1")
            location = response.headers.get("Location")
            if response.status not in REDIRECTS or location is None or asked.resource_type == "document":
                return request, response
            url = urljoin(url, location.decode("latin-1"))
            why = "egress" if not is_fetchable(url) else self.manner.refuse(url)
            if why is not None:
                self.note(f"refused {why} redirect {url[:300]}")
                return None
            if response.status == 303 or (method == "POST" and response.status in (301, 302)):
                method, body = "GET", b""
            headers.pop("authorization", None)
        return None

    async def _turn(self, url: str, kind: str) -> bool:
        """Wait for the host's turn; False when the page was over by then."""
        host = host_of(url)
        is_own = self.manner.is_own(url)
        if kind in _PACED and is_own:
            delay_s = self.manner.delay_s(host)
        else:
            delay_s = 0.0 if self.manner.is_loopback else PART_DELAY_S
        await asyncio.sleep(self.pacer.turn_in_s(host, delay_s))
        if kind in _PACED and host == host_of(self.url):
            self.own_asked_at = monotonic()
        return not self.is_over

    def _note_manifest(self, url: str) -> None:
        if url not in self.manifests and is_fetchable(url):
            self.manifests.append(url)


async def attend(page: Page, parts: Parts) -> None:
    """Answer all that a page asks for, write down what it says, dismiss its dialogs, close what it pops up."""
    parts.page = page
    await page.context.add_init_script(NO_SOCKETS)
    await page.context.route_web_socket("**/*", lambda socket: socket.close())
    await page.context.route("**/*", parts.route)
    # scrapy-playwright's own handler, which would let everything pass, is asked only after this one.
    await page.route("**/*", parts.route)

    async def dismiss(dialog: object) -> None:
        parts.note(f"dialog {dialog.type} {dialog.message[:200]}")  # type: ignore[attr-defined]  # Playwright's Dialog
        try:
            await dialog.dismiss()  # type: ignore[attr-defined]  # as above
        except PlaywrightError:
            log.debug("dialog was gone already")

    async def close(popup: Page) -> None:
        if popup is page:
            return
        parts.note(f"popup {popup.url[:300]}")
        try:
            await popup.close()
        except PlaywrightError:
            log.debug("popup was gone already")

    page.on("console", lambda message: parts.note(f"console {message.type} {message.text[:500]}"))
    page.on("pageerror", lambda error: parts.note(f"error {str(error)[:500]}"))
    page.on("dialog", dismiss)
    page.context.on("page", close)


def _is_sent(name: str) -> bool:
    return name not in _NOT_SENT and not name.startswith(("sec-ch-", ":"))


def headers_of(response: Response) -> dict[str, str]:
    """An answer's headers as Playwright takes them, without those that describe the wire or outlive the page."""
    found: dict[str, str] = {}
    for name, values in response.headers.items():
        key = name.decode("latin-1").lower()
        if key not in _NOT_PASSED_ON:
            found[key] = ("\n" if key == "set-cookie" else ", ").join(value.decode("latin-1") for value in values)
    return found


def _place_of(asked: Asked) -> tuple[Page | None, bool]:
    """The page that a request was made for, and whether by its main frame; None where there is none yet."""
    try:
        return asked.frame.page, asked.frame.parent_frame is None
    except PlaywrightError:
        return None, False


async def _drop(route: Route) -> None:
    try:
        await route.abort("failed")
    except PlaywrightError:
        log.debug("part was gone already")

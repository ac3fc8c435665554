"""
The Chromium that opens pages, started so that it can reach nothing by itself.

What a page asks for is answered by `parts.py`; the browser needs no network, so it is given none. Two walls stand
behind that: it resolves no name and its only proxy does not exist, so that it finds no way out; and where the system
allows it, it runs in a network namespace without any interface. Each holds alone at a canary's port.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shlex
import shutil
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from config.settings import Settings
from crawler.errors import BrowserCrashed, Refused
from crawler.footing import Footing

PAGES_AT_ONCE = 4  # chosen: a page takes 100 to 300 MB
START_S = 30.0  # a cold start takes 0.6 s; a busy machine takes longer
ASKED_S = 5.0  # for a page to say where it is; one whose scripts hang never does
_AGAIN_S = 0.05
OF_ITS_OWN_MAKING = frozenset({"blob", "data", "file", "filesystem"})  # no site answers for these
CLOSE_S = 5.0  # a page that does not close by then takes its browser with it

NO_WAY_OUT = (
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=http://nowhere.invalid:9",
    "--proxy-bypass-list=<-loopback>",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--dns-prefetch-disable",
)
_FLAGS = (
    "--disable-features=Prerender2,PreloadSystem,SpeculationRulesPrefetchFuture,MediaRouter,DialMediaRouteProvider",
    "--js-flags=--max-old-space-size=512",  # chosen, MiB: what one page's scripts may hold
)
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "FONTCONFIG_PATH", "XDG_RUNTIME_DIR", "TMPDIR")

log = logging.getLogger(__name__)
logging.getLogger("scrapy-playwright").setLevel(logging.ERROR)  # it tells of every page, and of errors twice


def is_on_its_way(error: PlaywrightError) -> bool:
    """Whether an error says that the page went elsewhere while it was asked for something."""
    return "navigat" in str(error)


async def address_of(page: Page, *, on_its_way: bool = False) -> str:
    """
    Where a page is now, as it says itself; one that goes elsewhere meanwhile is asked again.

    A page that is `on_its_way` is given time to arrive at an address of its own making. One that does not answer
    (hung, crashed, closed) is where it was last seen.
    """
    try:
        async with asyncio.timeout(ASKED_S):
            while True:
                try:
                    address = str(await page.evaluate("location.href"))
                    if not on_its_way or urlsplit(address).scheme not in ("http", "https"):
                        return address
                except PlaywrightError as error:
                    if not is_on_its_way(error):
                        break
                await asyncio.sleep(_AGAIN_S)
    except TimeoutError:
        log.debug("a page says no other address")
    return page.url


class Chromium:
    """One browser for one crawl's process: started when the first page needs it, and again after it crashed."""

    def __init__(self, crawler: Crawler, settings: Settings, stands_on: Footing) -> None:
        self._crawler = crawler
        self._footing = stands_on
        self._folder = settings.home / "browser" / str(os.getpid())
        self._handler: Any = None  # Any: scrapy-playwright ships no types
        self._starting = asyncio.Lock()
        self._pages = 0
        self.room = asyncio.Semaphore(PAGES_AT_ONCE)
        self.starts = 0

    async def open(self, url: str, context: dict[str, Any], prepare: Callable[[Page], Awaitable[None]]) -> Page:
        """
        A page at `url`, just begun, in a context of its own; `prepare` sees it before anything is asked for.

        Raises `BrowserCrashed`, `Refused` for a page that left for an address of its own making, or Playwright's own
        errors for one that cannot be opened.
        """
        handler = await self._running()
        self._pages += 1
        opened: list[Page] = []

        async def prepared(page: Page, _: Request) -> None:
            opened.append(page)
            try:
                await prepare(page)
            except BaseException:
                # scrapy-playwright would log it and open the page with nobody attending.
                await self.close_page(page)
                raise

        request = Request(
            url,
            meta={
                "playwright": True,
                "playwright_include_page": True,
                "playwright_context": f"page-{self._pages}",
                "playwright_context_kwargs": context,
                "playwright_page_init_callback": prepared,
                "playwright_page_goto_kwargs": {"wait_until": "commit"},
            },
        )
        try:
            await handler.download_request(request)
        except BaseException as error:
            gone_to = ""
            if opened and isinstance(error, PlaywrightError):
                gone_to = await address_of(opened[0], on_its_way=is_on_its_way(error))
            if opened:
                await self.close_page(opened[0])
            if urlsplit(gone_to).scheme in OF_ITS_OWN_MAKING:
                raise Refused("egress", url, f"its scripts put {gone_to[:100]} in its place") from error
            raise
        page = request.meta["playwright_page"]
        assert isinstance(page, Page), "asked for by playwright_include_page"
        return page

    async def close_page(self, page: Page) -> None:
        """Close a page and all it holds; a browser that does not let go of it is killed."""
        try:
            await asyncio.wait_for(page.context.close(), CLOSE_S)
        except PlaywrightError:
            log.debug("page was gone already")
        except TimeoutError:
            log.warning("browser killed: a page did not close")
            self.kill()

    def is_up(self) -> bool:
        """Whether the browser runs and answers."""
        browser = getattr(self._handler, "browser", None)
        return browser is not None and bool(browser.is_connected())

    def pid(self) -> int | None:
        """The browser's process, which leads its group; None before the first start."""
        try:
            return int((self._folder / "pid").read_text())
        except (OSError, ValueError):
            return None

    def kill(self) -> None:
        """End the browser at once, with all its processes."""
        pid = self.pid()
        if pid is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)

    async def forget(self) -> None:
        """After a crash: let the next page start a browser, and a driver, of its own."""
        handler, self._handler = self._handler, None
        if handler is not None:
            self.kill()
            with contextlib.suppress(Exception):  # whatever a dead browser answers to being closed
                await asyncio.wait_for(handler.close(), CLOSE_S)

    async def close(self) -> None:
        """End the browser and remove what it was started by."""
        handler, self._handler = self._handler, None
        if handler is not None:
            try:
                await asyncio.wait_for(handler.close(), CLOSE_S)
            except (TimeoutError, PlaywrightError):
                self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _running(self) -> Any:  # Any: as above
        async with self._starting:
            if self._handler is None:
                lay_out(self._folder, self._footing)
                _clear_of_the_dead(self._folder.parent)
                handler = ScrapyPlaywrightDownloadHandler(self._crawler)
                handler.config.launch_options = launch_options(self._folder, self._footing)
                handler.config.target_closed_max_retries = 0  # a page tried again is a lease of its own
                handler.config.max_pages_per_context = 8  # one, and what it pops up until that is closed
                try:
                    await asyncio.wait_for(handler._launch(), START_S)  # the engine has started, so no signal does it
                    await asyncio.wait_for(handler._maybe_launch_browser(), START_S)
                except (PlaywrightError, TimeoutError, OSError) as error:
                    self.kill()
                    raise BrowserCrashed(f"it did not start: {error}") from error
                self._handler = handler
                self.starts += 1
            return self._handler


def launch_options(folder: Path, stands_on: Footing) -> dict[str, Any]:
    """How Playwright starts the browser by what was laid out in `folder`."""
    return {
        "executable_path": str(folder / "chromium"),
        "args": [*NO_WAY_OUT, *_FLAGS],
        "chromium_sandbox": stands_on.has_sandbox,
        "timeout": START_S * 1000,
        # What stands in the environment is none of a page's business, whoever breaks out of it.
        "env": {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | {"HOME": str(folder)},
        # The crawl ends in its own order; a signal to it must not end the pages first.
        "handle_sigint": False,
        "handle_sigterm": False,
        "handle_sighup": False,
    }


def lay_out(folder: Path, stands_on: Footing) -> None:
    """The command that Playwright starts: it notes its process and gives up the network before anything else."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = shlex.join([*stands_on.wall, stands_on.path])
    script = folder / "chromium"
    script.write_text(f'#!/bin/sh\necho $$ > {shlex.quote(str(folder / "pid"))}\nexec {command} "$@"\n')
    script.chmod(0o700)


def _clear_of_the_dead(folder: Path) -> None:
    """Remove what crawls left that were killed."""
    for each in folder.iterdir():
        if each.name.isdigit():
            try:
                os.kill(int(each.name), 0)
            except ProcessLookupError:
                shutil.rmtree(each, ignore_errors=True)
            except PermissionError:
                continue

"""An open page reaches nothing inside: sixty spellings, every carrier, and each layer with the others taken away."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import socket
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Route, async_playwright
from scrapy import Request
from scrapy.http import HtmlResponse, Response

from config.settings import Settings
from crawler.chromium import NO_WAY_OUT, launch_options, lay_out
from crawler.egress import check_target
from crawler.errors import Refused
from crawler.footing import Footing, footing
from crawler.parts import Manner, Pacer, Parts, attend

pytestmark = pytest.mark.browser

HOME = "http://shop.example/"
HOSTS = (
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0",
    "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "localhost", "LOCALHOST",
    "localhost.", "foo.localhost", "127.0.0.1.", "①②⑦.⓪.⓪.①", "１２７.０.０.１", "127。0。0。1", "%31%32%37.0.0.1",
    "loc%61lhost", "user@127.0.0.1", "user:pw@localhost", "127.0.0.2", "127.255.255.254", "0x7f.0x0.0.0x1", "0177.1",
)  # fmt: skip
FEW = (
    "127.0.0.1",
    "0x7f.1",
    "[::ffff:127.0.0.1]",
    "localhost.",
)  # where a layer stands alone: all of them take minutes


class Canary:
    """A port of this machine that nobody may connect to."""

    def __init__(self, hosts: tuple[str, ...] = HOSTS) -> None:
        self._hosts = hosts
        self._socket = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
        self.port: int = self._socket.getsockname()[1]
        self.hits: list[bytes] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def spellings(self) -> list[str]:
        """The port's address in every way there is, or in those that are tried, by both schemes."""
        return [f"{scheme}://{host}:{self.port}/x" for scheme in ("http", "https") for host in self._hosts]

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()

    def _listen(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            with caller:
                caller.settimeout(0.5)
                try:
                    self.hits.append(caller.recv(200))
                except OSError:
                    self.hits.append(b"")


PAGE = """<!doctype html><html><head><meta http-equiv="refresh" content="0;url=%(first)s">
<link rel=preconnect href="%(first)s"><link rel=dns-prefetch href="%(first)s"><link rel=prefetch href="%(first)s">
<link rel=manifest href="%(first)s"></head><body><h1>Shop</h1><script>
const all = %(all)s, later = [];
const add = (name, key, url) => { const it = document.createElement(name); it[key] = url; document.body.append(it); };
all.forEach((url, n) => {
  for (const name of ['img', 'script', 'iframe']) add(name, 'src', url);
  if (n < 4) { for (const name of ['embed', 'video', 'audio']) add(name, 'src', url); add('object', 'data', url); }
  const link = document.createElement('link'); link.rel = 'stylesheet'; link.href = url; document.head.append(link);
  document.body.insertAdjacentHTML('beforeend', `<i style="background:url('${url}')">x</i>`);
  fetch(url, {mode: 'no-cors'}).catch(() => {});
  fetch('/to/' + n).catch(() => {});
  try { const x = new XMLHttpRequest(); x.open('GET', url); x.send(); } catch {}
  try { navigator.sendBeacon(url, 'x'); } catch {}
  try { new WebSocket(url.replace('http', 'ws')); } catch {}
  try { new EventSource(url); } catch {}
  try { window.open(url); } catch {}
  later.push(() => { location.href = url; });
  later.push(() => { const f = document.createElement('form'); f.action = url; f.method = n %% 2 ? 'post' : 'get';
                     document.body.append(f); f.submit(); });
});
try { new Worker(URL.createObjectURL(new Blob([all.map(u => `try{importScripts(${JSON.stringify(u)})}catch{}`)
                                               .join(';')]))); } catch {}
const turn = {urls: 'turn:127.0.0.1:%(port)s?transport=tcp', username: 'a', credential: 'b'};
const stun = {urls: 'stun:127.0.0.1:%(port)s'};
try { new RTCPeerConnection({iceServers: [turn, stun]}).createDataChannel('x'); } catch {}
const step = () => { const next = later.shift(); if (next) { try { next(); } catch {} setTimeout(step, 15); }
                     else document.title = 'tried'; };
step();
</script></body></html>"""


@pytest.fixture
def stands_on(tmp_path: Path, chromium: str) -> Footing:
    """What the browser stands on here."""
    return footing(Settings(home=tmp_path, database_url="sqlite://", contact=None, browser_path=Path(chromium)))


async def open_hostile(
    folder: Path, stands_on: Footing, canary: Canary, *, is_guarded: bool, has_flags: bool
) -> tuple[Parts, list[str]]:
    """Open the page and let it try everything; gives what was answered, and what was let out to the downloader."""
    text = PAGE % {
        "first": canary.spellings()[0],
        "all": json.dumps(canary.spellings()),
        "port": canary.port,
    }
    let_out: list[str] = []

    async def ask(request: Request) -> Response:
        let_out.append(request.url)
        number = request.url.rpartition("/to/")[2]
        to = canary.spellings()[int(number)] if number.isdigit() else ""
        return Response(request.url, status=302, headers={"Location": to.encode()})

    def refuse(url: str) -> str | None:
        try:
            check_target(url, loopback=False)
        except Refused as error:
            return error.code
        return None

    manner = Manner(
        is_own=lambda url: True,
        refuse=refuse,
        ask=ask,
        delay_s=lambda host: 0.0,
        user_agent="Marque",
        is_loopback=True,
        with_images=True,
        max_parts=10_000,
        max_bytes=1 << 30,
    )
    parts = Parts(url=HOME, document=HtmlResponse(HOME, body=text.encode()), pacer=Pacer(), manner=manner)
    parts.note = lambda line: parts.notes.append(line)  # type: ignore[method-assign]  # every refusal is counted here
    lay_out(folder, stands_on)
    options = launch_options(folder, stands_on)
    if not has_flags:
        options["args"] = [each for each in options["args"] if each not in NO_WAY_OUT]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**options)
        context = await browser.new_context(service_workers="block", accept_downloads=False)
        page = await context.new_page()
        if is_guarded:
            await attend(page, parts)
        else:
            await page.route("**/*", _only_the_document(page, text))
        await page.goto(HOME, wait_until="commit")
        for _ in range(100 if is_guarded else 20):  # an unguarded page moves on, and never says that it is done
            await asyncio.sleep(0.1)
            try:
                if await page.title() == "tried":
                    break
            except PlaywrightError:  # an unguarded page moves on while it is asked
                continue
        await asyncio.sleep(0.5)
        await browser.close()
    return parts, let_out


def _only_the_document(page: Page, text: str) -> Any:
    async def answer(route: Route) -> None:
        if route.request.url == HOME:
            await route.fulfill(status=200, content_type="text/html", body=text)
        else:
            await route.continue_()

    return answer


@pytest.mark.parametrize(
    ("is_guarded", "has_flags", "has_wall", "hosts"),
    [
        pytest.param(True, True, True, HOSTS, id="as crawled"),
        pytest.param(True, False, False, FEW, id="the guard alone"),
        pytest.param(False, True, False, FEW, id="no way out alone"),
        pytest.param(False, False, True, FEW, id="the network namespace alone"),
    ],
)
def test_no_spelling_by_any_carrier_reaches_the_canary(
    tmp_path: Path, stands_on: Footing, is_guarded: bool, has_flags: bool, has_wall: bool, hosts: tuple[str, ...]
) -> None:
    """Nothing connects, whichever layer stands alone; the guard has seen every carrier try."""
    if has_wall and not stands_on.wall:
        pytest.skip("no network namespace can be had here")
    canary = Canary(hosts)
    try:
        stands = stands_on if has_wall else dataclasses.replace(stands_on, wall=())
        parts, let_out = asyncio.run(
            open_hostile(tmp_path / "browser", stands, canary, is_guarded=is_guarded, has_flags=has_flags)
        )
    finally:
        canary.close()
    assert canary.hits == []
    if is_guarded:
        assert all(url.startswith(f"{HOME}to/") for url in let_out) and len(let_out) == len(canary.spellings())
        refused = Counter(tuple(line.split(" ")[1:3]) for line in parts.notes if line.startswith("refused"))
        tried = {kind for _, kind in refused}
        assert {"image", "script", "document", "stylesheet", "fetch", "xhr", "ping", "redirect"} <= tried, refused
        assert parts.moves


def test_the_canary_is_reached_without_any_layer(tmp_path: Path, stands_on: Footing) -> None:
    """So that silence above means something."""
    canary = Canary(FEW)
    try:
        bare = dataclasses.replace(stands_on, wall=())
        asyncio.run(open_hostile(tmp_path / "browser", bare, canary, is_guarded=False, has_flags=False))
    finally:
        canary.close()
    assert canary.hits

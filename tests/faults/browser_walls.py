"""
A page that tries all it can to reach a port of this machine, in a real browser, behind each layer alone.

    python -m tests.faults.browser_walls [--json]

Every spelling of the address by every carrier of a page: elements, scripts, sockets, workers, forms, redirects,
peer connections. Where a layer stands alone too, which takes minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import os
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Route, async_playwright
from scrapy import Request
from scrapy.http import HtmlResponse, Response

from config.settings import load_settings
from console.output import progress
from crawler.chromium import NO_WAY_OUT, launch_options, lay_out
from crawler.egress import check_target
from crawler.errors import Refused
from crawler.footing import Footing, footing
from crawler.parts import Manner, Pacer, Parts, attend

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """What one lay-out of layers let through."""

    layers: str
    spellings: int
    hits: int  # connections at the canary
    refused: dict[str, int]  # by the guard, where it stands: kind of request
    seconds: float
    skipped: str | None = None  # why it could not be tried here


LAYERS = (
    # name, guard, flags that leave no way out, network namespace
    ("as crawled", True, True, True),
    ("the guard alone", True, False, False),
    ("no way out alone", False, True, False),
    ("the network namespace alone", False, False, True),
    ("none", False, False, False),
)


def stand(folder: Path, stands_on: Footing, layers: tuple[str, bool, bool, bool], hosts: tuple[str, ...]) -> Wall:
    """Open the page once behind some layers."""
    name, is_guarded, has_flags, has_wall = layers
    if has_wall and not stands_on.wall:
        return Wall(layers=name, spellings=0, hits=0, refused={}, seconds=0.0, skipped="no network namespace here")
    began = time.monotonic()
    canary = Canary(hosts)
    try:
        stands = stands_on if has_wall else dataclasses.replace(stands_on, wall=())
        parts, _ = asyncio.run(open_hostile(folder, stands, canary, is_guarded=is_guarded, has_flags=has_flags))
    finally:
        canary.close()
    kinds = (line.split(" ")[2] for line in parts.notes if line.startswith("refused"))
    refused = Counter("address" if "://" in kind else kind for kind in kinds)  # what moves the page is told by it
    return Wall(
        layers=name,
        spellings=len(canary.spellings()),
        hits=len(canary.hits),
        refused=dict(refused),
        seconds=round(time.monotonic() - began, 1),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what each lay-out let through; 0 when that is nothing wherever a layer stands, and something without."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.browser_walls", description=__doc__)
    parser.add_argument("count", nargs="?", help="not used: every spelling is tried")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    rows = []
    with progress("browser_walls", asked.json) as show, tempfile.TemporaryDirectory() as folder:
        stands_on = footing(load_settings(folder, dict(os.environ)))
        for number, layers in enumerate(LAYERS):
            show(number, len(LAYERS), layers[0])
            rows.append(stand(Path(folder) / str(number), stands_on, layers, HOSTS))
    clean = all((row.hits == 0) == (row.layers != "none") for row in rows if row.skipped is None)
    if asked.json:
        told = {"name": "browser_walls", "clean": clean, "rows": [dataclasses.asdict(row) for row in rows]}
        sys.stdout.write(json.dumps(told) + "\n")
    else:
        for row in rows:
            sys.stdout.write(f"{row}\n")
        sys.stdout.write("every promise held\n" if clean else "A PROMISE WAS BROKEN\n")
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())

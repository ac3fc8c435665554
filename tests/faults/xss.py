"""
Puts hostile words into every field that is crawled, and opens every page that shows them in a real browser.

    python -m tests.faults.xss 1000 [--seed N] [--a-desk 25] [--tabs 4] [--json]

Nothing may run: no dialog, no mark on the window, no element or attribute that the page's own template did not write,
nothing that the content policy had to refuse, no request to anywhere else. The same words are also put into a page
that does not escape, in the same browser, to see that the watch would notice.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

from config.registers import load_registers
from config.settings import load_settings
from console.output import Progress, progress
from console.web.door import EVIDENCE_POLICY
from console.web.review.search import LONGEST, UnreadableSearch, parse_query
from console.workspace import create_workspace
from crawler.footing import find_chromium
from store.db import tables
from store.db.personal import keep_values
from tests import factories as make
from tests.console.web.browser.addresses import PAGES, STRANGERS, address, is_of_finding
from tests.console.web.browser.hostile import hostile_scene, hostile_site, hostile_words
from tests.console.web.browser.serving import (
    STAFF,
    Served,
    Window,
    cookie_of,
    further,
    open_browser,
    open_window,
    serve,
)
from tests.console.web.conftest import Now
from tests.console.web.review.stock import keep_sites, stock

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SEED = 20261122
PATIENCE_MS = 300_000  # a page takes a second, on a starved machine half a minute; a page that never comes is a fault
TABS = 4  # pages at once: while the desk draws one, the browser lays out those before it
REFUSED = "console: Failed to load resource: the server responded with a status of 400 (Bad Request)"
"""What the browser notes of a search that names an unknown field: no fault, there and once."""
REGISTER = re.compile(
    "|".join(
        f"a leads to {re.escape(each.url).replace(re.escape('{number}'), '[0-9A-Za-z]+')}$"
        for each in load_registers(Path("no file of a workspace's own"))
    )
)
"""The links that lead out of the desk: to a right's page in its register, the number in its declared form."""
ASKED = ("/review?q={}", "/findings?platform={}", "/findings?seller={}", "/listings?q={}", "/cases?state={}")
# Asked of a page once it stands and has drawn a frame: what ran, what was refused, what no template of ours wrote.
LOOK = """async () => {
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const alien = [];
  const foreign = ["iframe", "object", "embed", "base", "marquee", "video", "audio", "math", "style"];
  for (const e of document.querySelectorAll("*")) {
    const tag = e.tagName.toLowerCase();
    if (foreign.includes(tag)) alien.push(tag);
    if (tag === "script" && !(e.getAttribute("src") || "").startsWith("/static/")) alien.push("script");
    if (tag === "meta" && e.httpEquiv) alien.push("meta " + e.httpEquiv);
    for (const a of e.attributes) {
      const runs = /^\\s*(javascript|data|vbscript):/i.test(a.value) && ["href", "src", "action"].includes(a.name);
      if (a.name.startsWith("on") || a.name.startsWith("hx-on") || a.name === "style" || a.name === "srcdoc" || runs)
        alien.push(`${tag} ${a.name}=${a.value}`);
      if (["href", "src", "action"].includes(a.name) && !/^[/#?]([^/]|$)/.test(a.value))
        alien.push(`${tag} leads to ${a.value}`);
    }
  }
  return {hit: "__hit" in window, refused: window.__refused, alien, text: document.body.textContent};
}"""


@dataclass
class Result:
    """What came of so many words."""

    words: int = 0
    pages: int = 0
    shown: int = 0  # words that were found on a page, as words
    dialogs: int = 0
    executions: int = 0
    refusals: int = 0  # that the content policy had to step in
    strangers: int = 0  # requests to anywhere else
    aliens: int = 0  # elements and attributes that no template of ours wrote
    would_run: int = 0  # of the words, in a page that does not escape
    faults: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing happened, while the words were shown and the watch works."""
        happened = self.dialogs or self.executions or self.refusals or self.strangers or self.aliens or self.faults
        return not happened and self.shown == self.words and self.would_run > 0


def prove(
    browser: Browser,
    folder: Path,
    *,
    count: int,
    seed: int = SEED,
    a_desk: int = 25,
    tabs: int = TABS,
    show: Progress | None = None,
) -> Result:
    """Show `count` hostile words, so many a desk, on every page that has them; `tabs` pages at once."""
    result = Result(words=count)
    words = hostile_words(count, seed)
    result.would_run = _unescaped(browser, words)
    empty = folder / "empty"
    create_workspace(load_settings(empty, {}))
    for start in range(0, count, a_desk):
        home = Path(shutil.copytree(empty, folder / f"desk-{start}"))
        with serve(home, Now()) as served:
            _one_desk(browser, served, words[start : start + a_desk], start, tabs, result)
        if show is not None:
            show(min(start + a_desk, count), count, f"{result.pages} pages, {len(result.faults)} faults")
    return result


def _one_desk(browser: Browser, served: Served, words: Sequence[str], start: int, tabs: int, result: Result) -> None:
    desk = served.desk
    scenes = [hostile_scene(number, text) for number, text in enumerate(words, start + 1)]
    sites = [hostile_site(number, text) for number, text in enumerate(words, start + 1)]
    stock(desk.workspace.database, desk.workspace.vault, scenes)
    keep_sites(desk.workspace.database, *sites)
    with desk.workspace.database.write() as connection:
        connection.execute(
            tables.run.update().values(alarms=list(words), counts=dict.fromkeys(words, 1), platform=words[0])
        )
        for scene, text in zip(scenes, words, strict=True):
            sealed = desk.workspace.sealer.seal("seller", scene.listing.seller or "", "seller_name", text)
            keep_values(connection, [sealed])
    window = open_window(browser, served, cookie_of(desk, "Ann Key", *STAFF))
    window.context.set_default_timeout(PATIENCE_MS)
    windows = [window, *(further(window) for _ in range(tabs - 1))]
    inside = [path for path in PAGES if path not in STRANGERS]
    shared: list[str] = []
    for path in inside:
        if not is_of_finding(path) and path != "/sites/{domain}":
            try:
                shared.append(address(desk, path))
            except LookupError:
                continue  # a page about records that no crawl makes
    own = {
        text: [
            *(address(desk, path, scene.finding.id) for path in inside if is_of_finding(path)),
            f"/sites/{site.domain}",
        ]
        for scene, site, text in zip(scenes, sites, words, strict=True)
    }
    asked = [where.format(quote(text, safe="")) for where, text in zip(ASKED * len(words), words, strict=False)]
    said = dict(_visits(windows, [*shared, *(path for paths in own.values() for path in paths), *asked], result))
    everywhere = "".join(said[path] for path in shared)
    for number, text in enumerate(words, start):
        result.shown += f"w{number}w" in everywhere + "".join(said[path] for path in own[text])
    for path in ("/sellers/{seller}", "/captures/{capture}"):
        # A capture whose hostile bytes read as nobody's name keeps nothing back, so the first that does is opened.
        if not any(_reveal(window, address(desk, path, scene.finding.id), result) for scene in scenes):
            result.faults.append(f"{path}: no page keeps a name back")
    _captured_bytes(window, scenes[0], result)
    window.context.close()


def _visits(windows: Sequence[Window], paths: Sequence[str], result: Result) -> Iterator[tuple[str, str]]:
    """Open every page, as many at once as there are windows; gives the text of each."""
    for start in range(0, len(paths), len(windows)):
        opened = list(zip(windows, paths[start : start + len(windows)], strict=False))
        for window, path in opened:
            window.faults.clear()
            answer = window.page.goto(window.url + path, wait_until="commit")
            status = answer.status if answer else 0
            if is_unreadable(path) != (status == 400):
                result.faults.append(f"{path}: answered {status}")
        for window, path in opened:
            window.page.wait_for_load_state("load")
            yield path, _look(window, path, result)


def is_unreadable(path: str) -> bool:
    """Whether the address asks for a search that nobody can read, which is answered with 400."""
    asked = dict(parse_qsl(urlsplit(path).query))
    try:
        parse_query(asked.get("q", "").strip()[:LONGEST])
    except UnreadableSearch:
        return True
    return False


def _reveal(window: Window, path: str, result: Result) -> bool:
    """Whether a page keeps names back; then they, hostile as well, are shown for a reason."""
    for _ in _visits([window], [path], result):
        pass
    if not window.page.locator("form[action$='/reveal'] [name=reason]").count():
        return False
    window.page.locator("form[action$='/reveal'] [name=reason]").fill("to see whether a name runs")
    with window.page.expect_navigation():
        window.page.locator("form[action$='/reveal'] [type=submit]").click()
    _look(window, path, result)
    return True


def _look(window: Window, path: str, result: Result) -> str:
    said: dict[str, Any] = window.page.evaluate(LOOK)
    result.pages += 1
    result.executions += bool(said["hit"])
    result.refusals += len(said["refused"])
    alien = [each for each in said["alien"] if not REGISTER.match(each)]
    result.aliens += len(alien)
    result.dialogs += sum(each.startswith("dialog") for each in window.faults)
    result.strangers += sum(each.startswith("asked") for each in window.faults)
    faults = list(window.faults)
    if is_unreadable(path) and REFUSED in faults:
        faults.remove(REFUSED)  # once: it stands for the page itself
    result.faults += [f"{path}: {each}" for each in (*faults, *alien)]
    return str(said["text"])


def _captured_bytes(window: Window, scene: make.Scene, result: Result) -> None:
    """The bytes as they leave, shown as the page they were: even then the sandbox keeps every script from running."""
    address = f"{window.url}/captures/{scene.observation.capture}/body"
    answer = window.context.request.get(address)
    policy = answer.headers["content-security-policy"]
    if policy != EVIDENCE_POLICY or "attachment" not in answer.headers["content-disposition"]:
        result.faults.append(f"captured bytes leave with {policy}")
    body = b"<script>__hit=1</script><img src=x onerror=__hit=1>" + answer.body()
    headers = {"content-security-policy": policy, "content-type": "text/html"}
    window.context.route(address, lambda route: route.fulfill(body=body, headers=headers))
    window.page.goto(address)
    result.executions += bool(window.page.evaluate("'__hit' in window"))
    window.context.unroute(address)


def _unescaped(browser: Browser, words: Sequence[str]) -> int:
    """How many of the words run where nobody escapes them."""
    context = browser.new_context(offline=True)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.dismiss())
    ran = 0
    for text in words:
        page.goto("about:blank")
        page.set_content(f"<title>{text}</title><p title=\"{text}\">{text}</p><a href='{text}'>x</a>", timeout=5000)
        ran += bool(page.evaluate("() => new Promise((done) => setTimeout(() => done('__hit' in window)))"))
    context.close()
    return ran


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the proof; 0 when nothing happened."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.xss", description=__doc__)
    parser.add_argument("words", type=int, nargs="?", default=1000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--a-desk", type=int, default=25)
    parser.add_argument("--tabs", type=int, default=TABS)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    executable = find_chromium(load_settings("unused", dict(os.environ)))
    if executable is None:
        sys.stderr.write("no Chromium: install chromium-headless-shell, or set MARQUE_BROWSER\n")
        return 1
    start = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        open_browser(executable) as browser,
        progress("xss", asked.json) as show,
    ):
        result = prove(
            browser,
            Path(folder),
            count=asked.words,
            seed=asked.seed,
            a_desk=asked.a_desk,
            tabs=asked.tabs,
            show=show,
        )
    summary = {"name": "xss", **asdict(result), "seconds": round(time.monotonic() - start, 1)}
    if asked.json:
        text = json.dumps(summary)
    else:
        text = "\n".join(f"{name:12} {value}" for name, value in summary.items())
        text += "\nevery promise held" if result.is_clean else "\nA PROMISE WAS BROKEN"
    sys.stdout.write(text + "\n")
    return 0 if result.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())

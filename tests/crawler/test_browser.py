"""Pages that scripts draw, in a real browser: what is read, kept and refused, and what a crash costs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from config.settings import Settings
from crawler.run import crawl
from store.db.session import Database, migrate
from store.db.tables import capture, capture_file, listing
from store.evidence.vault import Vault
from store.records.runs import Run, RunState
from tests.crawler.site import Answer, Page, Site, declare

pytestmark = pytest.mark.browser

SHELL = (
    b"<html lang='en'><head><title>Shop</title></head>"
    b"<body><div id='app'></div><script src='/app.js'></script></body></html>"
)

APP = b"""
const app = document.getElementById('app');
const card = n => `<li class="card"><a class="title" href="/item/${n}">Watch ${n}</a>` +
  `<b class="price">EUR 10.50</b></li>`;
const draw = async () => {
  const path = location.pathname;
  if (path.startsWith('/item/')) {
    const item = await (await fetch('/api' + path)).json();
    app.innerHTML = `<main><h1>${item.title}</h1><p class="price">EUR ${item.price}</p>` +
      `<div class="seller"><a href="/shop/${item.id % 7}">shop${item.id % 7}</a></div>` +
      `<p class="text">${item.text}</p></main>`;
  } else {
    const page = new URLSearchParams(location.search).get('page') || '1';
    const items = await (await fetch('/api/list?page=' + page)).json();
    app.innerHTML = '<ul>' + items.map(card).join('') + '</ul>';
  }
};
draw();
"""


def script_shop(items: int, *, a_page: int = 10) -> dict[str, Page]:
    """A shop whose pages are all one empty shell; a script fetches what they show."""

    def data(path: str, count: int) -> Answer:
        parts = urlsplit(path)
        if parts.path == "/api/list":
            page = int(parse_qs(parts.query)["page"][0])
            found: Any = list(range((page - 1) * a_page, min(page * a_page, items)))
        elif parts.path.startswith("/api/item/"):
            number = int(parts.path.rsplit("/", 1)[1])
            found = {"id": number, "title": f"Watch {number}", "price": f"{number + 10}.50", "text": "Steel, boxed."}
        elif parts.path.startswith(("/list", "/item/")):
            return Answer(body=SHELL)
        else:
            return Answer(status=404, body=b"<html><body><h1>Not found</h1></body></html>")
        return Answer(body=json.dumps(found).encode(), kind="application/json")

    return {"/app.js": Answer(body=APP, kind="text/javascript"), "*": data}


class World:
    """One workspace, one site, one crawl, and what the ledger holds of it."""

    def __init__(self, home: Path, chromium: str) -> None:
        url = f"sqlite:///{home / 'marque.db'}"
        self.settings = Settings(home=home, database_url=url, contact=None, browser_path=Path(chromium))
        self.run: Run | None = None
        with Database(url) as database:
            migrate(database)

    def crawl(self, site: Site, browser: str, **changes: Any) -> Run:
        """Crawl the site with a `[browser]` table."""
        declare(self.settings.home, site, "shop", **{"photos": "false", **changes})
        path = self.settings.home / "platforms" / "shop.toml"
        path.write_text(f"{path.read_text('utf-8')}\n[browser]\n{browser}\n", encoding="utf-8")
        self.run = crawl(self.settings, ["shop"])[0]
        return self.run

    def rows(self, table: Any) -> list[Any]:
        """A table's rows."""
        with Database(self.settings.database_url) as database, database.read() as connection:
            return list(connection.execute(select(table)).all())

    def items(self) -> set[str]:
        """The ids of the listings that were read."""
        return {row.platform_item_id for row in self.rows(listing)}

    def files(self, path: str) -> dict[str, bytes]:
        """What was kept of a path's capture, by role."""
        row = next(row for row in self.rows(capture) if row.url_requested.endswith(path))
        digests = {"body": row.body_sha256}
        digests |= {file.role: file.sha256 for file in self.rows(capture_file) if file.capture == row.id}
        with Vault(self.settings.vault) as vault:
            return {role: vault.get(digest) for role, digest in digests.items()}

    def log(self) -> str:
        """What the crawl's process said."""
        assert self.run is not None
        return (self.settings.home / "logs" / f"{self.run.id}.log").read_text("utf-8")


@pytest.fixture
def world(tmp_path: Path, chromium: str) -> World:
    """An empty workspace."""
    return World(tmp_path, chromium)


def test_a_shop_that_scripts_draw_is_read(world: World) -> None:
    """Listings from the document after its scripts; the bytes as they came, the screenshot and the log beside it."""
    with Site(script_shop(6)) as site:
        run = world.crawl(
            site, 'pages = ["results", "listing"]\nwait_for = "li.card, h1"\nscreenshots = ["viewport", "full"]'
        )
        agents = {headers.get("User-Agent") for headers in site.headers}
    assert (run.state, run.counts.get("listings")) == (RunState.COMPLETE, 6), (run.alarms, world.log())
    assert world.items() == {str(number) for number in range(6)}
    kept = world.files("/item/3")
    assert kept["body"] == SHELL
    assert b"<h1>Watch 3</h1>" in kept["dom"]
    assert kept["viewport"].startswith(b"\x89PNG") and kept["full"].startswith(b"\x89PNG")
    assert b"/api/item/3" in kept["console"]
    assert agents == {world.settings.user_agent}

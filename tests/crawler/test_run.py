"""Crawls of loopback sites with every bad habit, end to end: each in its own process, held against the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.settings import Settings
from crawler.intake import capture_tip
from crawler.run import crawl, replay
from store.db.listings import Observations, see_listings
from store.db.opt_outs import OptOuts
from store.db.personal import Sealer, read_key
from store.db.session import Database
from store.db.tables import capture, fetch, listing, listing_image, observation, personal_value
from store.evidence.vault import Vault
from store.records.fetches import RobotsVerdict
from store.records.ledger import OptOut
from store.records.listings import Listing, ListingState, PageKind
from store.records.runs import Run, RunState
from store.records.scope import EVERYTHING
from tests.conftest import START
from tests.crawler.site import Answer, Site, dead_port, declare, shop
from tests.ledgers import new_ledger

ROBOTS = b"User-agent: Marque\nDisallow: /item/3\nCrawl-delay: 0.05\n\nUser-agent: *\nDisallow: /\n"


@dataclass
class World:
    """Sites crawled once for every test of this module, and what their ledger holds."""

    settings: Settings
    sites: dict[str, Site]
    runs: dict[str, Run]
    times: dict[str, float] = field(default_factory=dict)

    def rows(self, table: Any, platform: str) -> list[Any]:
        """A table's rows of a platform's run."""
        with Database(self.settings.database_url) as database, database.read() as connection:
            return list(connection.execute(select(table).where(table.c.run == self.runs[platform].id)).all())

    def fetch(self, platform: str, path: str) -> Any:
        """The fetch of a path."""
        url = self.sites[platform].home.rstrip("/") + path
        return next(row for row in self.rows(fetch, platform) if row.url == url)


def known(platform: str, item: str) -> Listing:
    """A listing that an earlier crawl saw live."""
    return Listing(
        id=f"known-{item}",
        platform=platform,
        platform_item_id=item,
        kind=PageKind.LISTING,
        url="http://127.0.0.1/",
        first_seen=START,
        last_seen=START,
        state=ListingState.LIVE,
    )


def habits() -> Site:
    """A shop of 12 offers, most of which misbehave."""
    pages = shop(12)
    good = pages["*"]
    assert callable(good)

    def busy(path: str, count: int) -> Answer:
        return (
            Answer(status=429, headers={"Retry-After": "1"}, body=b"slow down") if count == 1 else good(path, count)
        )

    def broken_once(path: str, count: int) -> Answer:
        answer = good(path, count)
        return Answer(body=answer.body, cut_at=40) if count == 1 else answer

    return Site(
        {
            **pages,
            "/robots.txt": Answer(body=ROBOTS, kind="text/plain"),
            "/item/0": Answer(status=302, headers={"Location": "/moved/0"}),
            "/item/0?now=1": lambda path, count: good(path, count),
            "/moved/0": Answer(status=301, headers={"Location": "/item/0?now=1"}),
            "/item/1": busy,
            "/item/2": Answer(status=404, body=b"<html><body><h1>Not found</h1></body></html>"),
            "/item/4": broken_once,
            "/item/5": Answer(status=500, body=b"<html><body>oops</body></html>"),
            "/item/6": Answer(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data/"}),
            "/item/7": Answer(body=b"%PDF-1.7 not a page at all", kind="application/pdf"),
            "/item/8": Answer(status=302, headers={"Location": "/item/8"}),
            "/photo/9.png": Answer(body=b"<html>no picture</html>"),
            "/item/10": Answer(wait_s=3.0, body=b"too late"),
        }
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Four sites: one with bad habits, one with a failing robots.txt, one endless, one that changed its layout."""
    home = tmp_path_factory.mktemp("world")
    settings = Settings(home=home, database_url=f"sqlite:///{home / 'marque.db'}", contact=None)
    endless = Site({"/list": Answer(), "*": Answer(status=404)})
    endless.pages["/list"] = lambda path, count: Answer(
        body="".join(
            f"<li class='card'><a class='title' href='/item/{count * 100 + n}'>W {n}</a></li>" for n in range(30)
        ).encode()
    )
    endless.pages["*"] = lambda path, count: Answer(body=b"<html><body><main><h1>Watch</h1></main></body></html>")
    sites = {
        "habits": habits(),
        "closed": Site({**shop(5), "/robots.txt": Answer(status=503)}),
        "endless": endless,
        "changed": Site(
            {
                **shop(8),
                "*": Answer(body=b"<html><body><p>We are new here</p></body></html>"),
                "/gone": Answer(status=404),
            }
        ),
    }
    with Database(settings.database_url) as database:
        new_ledger(database)
        with database.write() as connection:
            see_listings(connection, [known("habits", item) for item in ("5", "7", "10")])
            opted = OptOut(id="o1", prefix=f"{sites['habits'].home}item/11", reason="asked", by="owner", at=START)
            OptOuts(connection, EVERYTHING).add(opted)
    declare(home, sites["habits"], "habits", timeout_s=1.0, attempts=2, cards_min=1)
    declare(home, sites["closed"], "closed", attempts=2)
    declare(home, sites["endless"], "endless", max_fetches=40, max_photos=0)
    declare(home, sites["changed"], "changed", canary='canary = "/gone"')
    names = list(sites)
    runs = crawl(settings, names, at_once=4)
    yield World(settings=settings, sites=sites, runs=dict(zip(names, runs, strict=True)))
    for site in sites.values():
        site.close()


@pytest.mark.slow
def test_every_offer_that_can_be_had_is_read(world: World) -> None:
    """Behind redirects, a busy answer and half a page."""
    with Database(world.settings.database_url) as database, database.read() as connection:
        items = set(
            connection.execute(select(listing.c.platform_item_id).where(listing.c.platform == "habits")).scalars()
        )
    assert items == {"0", "1", "4", "9"} | {"5", "7", "10"}, "and those that were known before"


@pytest.mark.slow
def test_a_known_offer_that_cannot_be_had_is_unreachable_and_never_gone(world: World) -> None:
    """A server's failures in a look with their page, silence without one; a run that is unfit takes neither back."""
    with Database(world.settings.database_url) as database, database.read() as connection:
        rows = connection.execute(select(listing).where(listing.c.id.like("known-%"))).all()
    states = {row.platform_item_id: row.state for row in rows}
    assert (states["5"], states["10"]) == ("unreachable", "unreachable")
    looks = {row.listing: row.because for row in world.rows(observation, "habits")}
    assert looks["known-5"] == "the server failed (status 500) each of 2 times"
    assert "known-10" not in looks


@pytest.mark.slow
def test_every_hop_of_a_redirect_is_a_capture_of_its_own(world: World) -> None:
    """302, 301 and the page, chained by their parents."""
    captures = {
        row.url_requested.removeprefix(world.sites["habits"].home): row for row in world.rows(capture, "habits")
    }
    first, second, page = captures["item/0"], captures["moved/0"], captures["item/0?now=1"]
    assert [first.status, second.status, page.status] == [302, 301, 200]
    assert (second.parent, page.parent) == (first.id, second.id)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "state", "reason"),
    [
        ("/item/2", "done", None),
        ("/item/3", "failed", "robots"),
        ("/item/5", "failed", "http_500"),
        ("/item/6", "failed", None),
        ("/item/7", "failed", "read_as_none"),
        ("/item/8", "failed", "redirect_loop"),
        ("/item/10", "failed", "timeout"),
        ("/item/11", "failed", "opt_out"),
        ("/photo/9.png", "failed", "not_an_image"),
    ],
)
def test_each_failure_says_why(world: World, path: str, state: str, reason: str | None) -> None:
    """The reason is a word that a person can act on."""
    row = world.fetch("habits", path)
    if path == "/item/6":
        row = next(r for r in world.rows(fetch, "habits") if r.url.startswith("http://169.254"))
        reason = "egress"
    assert (row.state, row.reason) == (state, reason)


@pytest.mark.slow
def test_nothing_refused_was_asked_for(world: World) -> None:
    """Neither what robots.txt forbids nor what opted out; the network heard of neither."""
    paths = world.sites["habits"].paths()
    assert paths[0] == "/robots.txt"
    assert not {"/item/3", "/item/11"} & set(paths)


@pytest.mark.slow
def test_retry_after_stops_the_whole_host(world: World) -> None:
    """No request within the second that the busy answer asked for."""
    asked = world.sites["habits"].asked
    refused = next(at for at, path in asked if path == "/item/1")
    assert not [path for at, path in asked if refused + 0.05 < at < refused + 0.95]


@pytest.mark.slow
def test_crawl_delay_is_kept_between_any_two_requests(world: World) -> None:
    """One at a time, at the pace that robots.txt asks; over all of them, since a busy machine reads some late."""
    times = sorted(at for at, path in world.sites["habits"].asked if path != "/robots.txt")
    assert times[-1] - times[0] >= 0.05 * (len(times) - 2)


@pytest.mark.slow
def test_request_names_who_asks_and_carries_no_referrer(world: World) -> None:
    """The User-Agent says what for; nothing tells where the crawler came from."""
    headers = world.sites["habits"].headers
    assert all(each["User-Agent"].startswith("Marque/") for each in headers)
    assert not any("Referer" in each or "Cookie" in each for each in headers)


@pytest.mark.slow
def test_capture_says_how_the_bytes_were_obtained(world: World) -> None:
    """Digest, peer, headers, robots verdict; and the vault gives the bytes."""
    row = next(each for each in world.rows(capture, "habits") if each.url_requested.endswith("/item/9"))
    assert (row.status, row.server_ip, row.http_version) == (200, "127.0.0.1", "HTTP/1.1")
    assert row.robots_verdict == RobotsVerdict.ALLOWED.value
    assert any(name == "User-Agent" for name, _ in row.request_headers)
    with Vault(world.settings.vault) as vault:
        assert b"<h1>Watch 9</h1>" in vault.get(row.body_sha256)


@pytest.mark.slow
def test_a_seller_is_named_only_under_the_key(world: World) -> None:
    """The name stands sealed in its own table, never in the observation."""
    with Database(world.settings.database_url) as database, database.read() as connection:
        look = next(
            row
            for row in connection.execute(select(observation)).all()
            if row.fields.get("platform_item_id", {}).get("value") == "9"
        )
        assert "seller_name" not in look.fields
        assert not [row for row in connection.execute(select(personal_value)).all() if b"shop2" in row.sealed]
        sealer = Sealer(read_key(world.settings.keys))
        opened = Observations(connection, EVERYTHING, sealer).get(look.id)
        masked = Observations(connection, EVERYTHING).get(look.id)
    assert opened is not None and opened.fields.seller_name is not None
    assert opened.fields.seller_name.value == "shop2"
    assert masked is not None and masked.fields.seller_name is None


@pytest.mark.slow
def test_listing_knows_its_photos_or_why_not(world: World) -> None:
    """Each photo has its bytes, or the word why it was not fetched."""
    with Database(world.settings.database_url) as database, database.read() as connection:
        rows = connection.execute(
            select(listing.c.platform_item_id, listing_image).join(
                listing_image, listing_image.c.listing == listing.c.id
            )
        ).all()
    photos = {row.platform_item_id: row for row in rows if row.url.startswith(world.sites["habits"].home)}
    assert photos["1"].sha256 is not None
    assert photos["9"].refused == "not fetched: not_an_image"


@pytest.mark.slow
def test_failing_robots_forbids_everything(world: World) -> None:
    """503 is a full disallow: nothing else is asked, and the run says that it was blocked."""
    assert set(world.sites["closed"].paths()) == {"/robots.txt"}
    assert world.runs["closed"].state is RunState.BLOCKED
    assert "robots" in world.runs["closed"].alarms[0]


@pytest.mark.slow
def test_endless_site_ends_at_its_budget(world: World) -> None:
    """Never complete, and not one answer more than allowed."""
    run = world.runs["endless"]
    assert run.state is RunState.BUDGET_EXHAUSTED
    assert run.counts["captures"] == 40
    assert len(world.sites["endless"].paths()) == 40


@pytest.mark.slow
def test_changed_layout_is_unfit_not_empty(world: World) -> None:
    """Pages that are fetched and not recognised raise an alarm in the same run, and so does the canary."""
    run = world.runs["changed"]
    assert run.state is RunState.UNFIT
    assert any("layout" in alarm for alarm in run.alarms)
    assert any("canary" in alarm for alarm in run.alarms)


@pytest.mark.slow
def test_replay_of_a_run_reads_the_same_without_a_socket(world: World) -> None:
    """Every capture is answered from the vault; the looks agree in their content."""
    asked = len(world.sites["habits"].asked)
    again = replay(world.settings, run=world.runs["habits"].id)
    assert len(world.sites["habits"].asked) == asked
    with Database(world.settings.database_url) as database, database.read() as connection:
        looks = connection.execute(select(observation.c.run, observation.c.content_sha256)).all()
    by_run = {
        run: Counter(sha for found, sha in looks if found == run) for run in (world.runs["habits"].id, again.id)
    }
    assert by_run[world.runs["habits"].id] == by_run[again.id]
    assert {row.via for row in world_rows(world, again)} == {"replay"}


@pytest.mark.slow
def test_a_tip_is_fetched_by_the_same_rules(world: World) -> None:
    """One capture and its listing."""
    home = world.sites["habits"].home
    tip = capture_tip(world.settings, f"{home}item/9")
    assert tip.observation is not None
    assert [each.via.value for each in tip.captures if each.url_requested.endswith("/item/9")] == ["tip"]


def test_dead_host_ends_blocked(tmp_path: Path) -> None:
    """Nobody listens: the run says that the platform did not answer."""
    settings = Settings(home=tmp_path, database_url=f"sqlite:///{tmp_path / 'marque.db'}", contact=None)
    with Database(settings.database_url) as database:
        new_ledger(database)
    site = Site()
    site.close()
    site.home = f"http://127.0.0.1:{dead_port()}/"
    declare(tmp_path, site, "dead", attempts=1)
    run = crawl(settings, ["dead"])[0]
    assert run.state is RunState.BLOCKED, run


def world_rows(world: World, run: Run) -> list[Any]:
    """The captures of a run."""
    with Database(world.settings.database_url) as database, database.read() as connection:
        return list(connection.execute(select(capture).where(capture.c.run == run.id)).all())

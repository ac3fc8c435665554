"""A site that begins to answer every offer with one page, status 200, is told apart from a site that sold out."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from config.settings import load_settings
from crawler.run import crawl
from store.db.session import Database
from store.db.tables import listing, observation
from store.records.listings import ListingState
from store.records.runs import RunState
from tests.crawler.site import Answer, Site, declare, shop
from tests.ledgers import new_ledger

SOFT = b"<html lang='en'><head><title>Oh</title></head><body><h1>This item is no longer available</h1></body></html>"


def test_a_soft_404_makes_the_run_unfit_and_removes_nothing(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {})
    with Database(settings.database_url) as database:
        new_ledger(database)
    pages = shop(12)
    with Site(pages) as site:
        declare(tmp_path, site, photos="false")
        healthy = crawl(settings, ["shop"])[0]
        good = pages["*"]
        assert callable(good)
        site.pages["*"] = lambda path, count: Answer(body=SOFT) if path.startswith("/item/") else good(path, count)
        site.pages["/list"] = lambda path, count: shop(5)["/list"](path, count)  # type: ignore[operator]  # a function
        drifted = crawl(settings, ["shop"])[0]
    assert (healthy.state, healthy.counts["listings"]) == (RunState.COMPLETE, 12)
    assert drifted.state is RunState.UNFIT
    said = "\n".join(drifted.alarms)
    assert "soft 404: 5 of 5 offers answer with status 200 that they are gone" in said
    assert "soft 404: 5 offers answer with one and the same page" in said
    assert "shows 5 offers, 12 in the last healthy run" in said
    with Database(settings.database_url) as database, database.read() as connection:
        states = set(connection.execute(select(listing.c.state)).scalars())
        seen = list(connection.execute(select(observation.c.state).where(observation.c.run == drifted.id)).scalars())
    assert states == {ListingState.LIVE.value}
    assert seen == [ListingState.GONE.value] * 5


def _broken_selector(path: str, count: int) -> Answer:
    del path, count
    return Answer(body=b"<html lang='en'><body><main><h2>Watch</h2><p>A watch, boxed.</p></main></body></html>")


def _block_page(path: str, count: int) -> Answer:
    del path, count
    return Answer(status=403, body=b"<html lang='en'><body><h1>Access denied</h1></body></html>")


def _truncated(path: str, count: int) -> Answer:
    del path, count
    return Answer(body=b"<html lang='en'><body><main><h1>Watch 1</h1><p class='price'>EUR 1", cut_at=40)


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Site]]:
    """A workspace whose one crawl saw every offer, and its site; each test breaks a copy of the one and the other."""
    home = tmp_path_factory.mktemp("healthy")
    settings = load_settings(home, {})
    with Database(settings.database_url) as database:
        new_ledger(database)
    with Site(shop(6)) as site:
        declare(home, site, photos="false", attempts=1)
        assert crawl(settings, ["shop"])[0].state is RunState.COMPLETE
        yield home, site


@pytest.mark.parametrize(
    ("broken", "said"),
    [(_broken_selector, "drift"), (_block_page, "a wall"), (_truncated, "could not be had")],
    ids=["selector", "block", "truncated"],
)
def test_a_site_that_cannot_be_read_removes_nothing(
    tmp_path: Path, healthy: tuple[Path, Site], broken: Callable[[str, int], Answer], said: str
) -> None:
    """Every offer stands as the healthy run before saw it, and the run says what is wrong."""
    home, site = healthy
    settings = load_settings(shutil.copytree(home, tmp_path / "home"), {})
    site.pages["*"] = broken
    (run,) = crawl(settings, ["shop"])
    assert run.state in (RunState.UNFIT, RunState.BLOCKED)
    assert any(said in alarm for alarm in run.alarms), run.alarms
    with Database(settings.database_url) as database, database.read() as connection:
        rows = list(connection.execute(select(listing.c.state, listing.c.url)))
        reasons = list(connection.execute(select(observation.c.because).where(observation.c.run == run.id)).scalars())
    assert {row.state for row in rows} == {ListingState.LIVE.value}
    assert all("/item/" in row.url for row in rows)
    assert all(reasons)

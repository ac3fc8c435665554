"""Pages asked again only if they changed, against a server that keeps the rules and servers that lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from sqlalchemy import select

from config.settings import Settings
from crawler.extract.pages import Page
from crawler.replay import RunShelf
from crawler.revisit import confirms
from crawler.run import crawl
from store.db.session import Database
from store.db.tables import capture, fetch, listing, observation, validator
from store.evidence.vault import Vault
from store.records.fetches import Validator
from store.records.runs import Run, RunState
from tests.conftest import START
from tests.crawler.site import PNG, Answer, Site, declare, offer_page
from tests.ledgers import new_ledger

LONG_AGO = format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)
OFFERS = 8


@dataclass
class Versions:
    """A shop that answers conditional requests, each offer with a habit of its own."""

    turn: int = 0  # the crawl that is being answered, from 1
    conditions: dict[str, list[str]] = field(default_factory=dict)  # path: what it was asked with, turn by turn

    def page(self, path: str) -> Answer:
        """The whole page of a path, as it stands in this turn."""
        if path.startswith("/list"):
            cards = "".join(
                f"<li class='card'><a class='title' href='/item/{n}'>Watch {n}</a><b class='price'>EUR 9</b></li>"
                for n in range(OFFERS)
            )
            return Answer(body=f"<html><body><ul>{cards}</ul></body></html>".encode(), headers={"ETag": '"list"'})
        if path.startswith("/photo/"):
            return Answer(body=PNG + path.encode(), kind="image/png", headers={"ETag": f'"{path[7:]}"'})
        number = int(path.rsplit("/", 1)[1])
        body = offer_page(number, "/")
        match number:
            case 0:  # a strong tag
                headers = {"ETag": '"v1"'}
            case 1:  # a weak one
                headers = {"ETag": 'W/"v1"'}
            case 2:  # a date alone
                headers = {"Last-Modified": LONG_AGO}
            case 3:  # changes, and says so
                headers = {"ETag": f'"v{self.turn}"'}
                body = body.replace(b"a year", b"two years") if self.turn > 1 else body
            case 4:  # says "not modified" of another version than was asked about
                headers = {"ETag": '"v1"'}
            case 5:  # gives nothing to tell it by, and says "not modified" all the same
                headers = {}
            case 6:  # its bytes are lost from the vault between the turns
                headers = {"ETag": '"v1"'}
                body += b"<!-- of its own -->"
            case _:  # ignores conditions: the same bytes again, in full
                headers = {"ETag": '"v1"'}
        return Answer(body=body, headers=headers)

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        """What this server says to a request with these headers."""
        asked = headers.get("If-None-Match") or headers.get("If-Modified-Since") or ""
        self.conditions.setdefault(path, []).append(asked)
        whole = self.page(path)
        if path == "/item/7" or (path == "/item/3" and asked != whole.headers.get("ETag")):
            return whole
        if path == "/item/4" and asked:
            return Answer(status=304, headers={"ETag": '"another"'})
        if path == "/item/5" and self.turn == 2 and len(self.conditions[path]) < 3:
            return Answer(status=304)
        return Answer(status=304, headers={**whole.headers, "X-Turn": str(self.turn)}) if asked else whole


class Shop(Site):
    """A loopback site that sees the headers of what it is asked."""

    def __init__(self, versions: Versions) -> None:
        super().__init__()
        self.versions = versions

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        if path == "/robots.txt":
            return Answer(status=404)
        return self.versions.answer(path, headers)


@dataclass
class World:
    """A shop crawled twice, with what its ledger holds."""

    settings: Settings
    site: Shop
    runs: list[Run]

    def rows(self, table: Any) -> list[Any]:  # Any: any table's rows
        with Database(self.settings.database_url) as database, database.read() as connection:
            return list(connection.execute(select(table)).all())

    def look(self, item: int, run: int) -> tuple[Any, Any]:
        """The look at an offer in a run, and the capture it was read from."""
        ids = {row.platform_item_id: row.id for row in self.rows(listing)}
        of = self.runs[run].id
        (seen,) = (row for row in self.rows(observation) if row.listing == ids[str(item)] and row.run == of)
        return seen, next(row for row in self.rows(capture) if row.id == seen.capture)

    def answers(self, item: int, run: int) -> list[Any]:
        """Every answer of an offer's page in a run, in the order they came."""
        url = f"{self.site.home}item/{item}"
        rows = [row for row in self.rows(capture) if row.run == self.runs[run].id and row.url_requested == url]
        return sorted(rows, key=lambda row: row.fetched_at)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two crawls of the shop."""
    home = tmp_path_factory.mktemp("revisits")
    settings = Settings(home=home, database_url=f"sqlite:///{home / 'marque.db'}", contact=None)
    with Database(settings.database_url) as database:
        new_ledger(database)
    versions = Versions()
    with Shop(versions) as site:
        declare(home, site, "shop", pages=1)
        runs = []
        for turn in (1, 2):
            versions.turn = turn
            runs += crawl(settings, ["shop"])
            if turn == 1:
                url = f"{site.home}item/6"
                with Database(settings.database_url) as database, database.read() as connection:
                    lost = select(capture.c.body_sha256).where(capture.c.url_requested == url)
                    digest = connection.execute(lost).scalar_one()
                with Vault(settings.vault) as vault:
                    vault.quarantine(digest)
        yield World(settings, site, runs)


def test_a_second_crawl_is_as_whole_as_the_first(world: World) -> None:
    assert [run.state for run in world.runs] == [RunState.COMPLETE] * 2, [run.alarms for run in world.runs]
    assert {row.state for row in world.rows(listing)} == {"live"}
    assert len(world.rows(listing)) == OFFERS
    assert [sum(row.run == run.id for row in world.rows(observation)) for run in world.runs] == [OFFERS] * 2


def unchanged(item: int) -> Callable[[World], None]:
    """The promise that an offer's second look stands on the bytes of its first."""

    def holds(world: World) -> None:
        (before, had), (seen, answer) = world.look(item, 0), world.look(item, 1)
        assert answer.status == 304
        assert answer.unchanged_since == had.id
        assert ["X-Turn", "2"] in [list(pair) for pair in answer.response_headers]
        assert (answer.body_sha256, answer.body_bytes) == (had.body_sha256, had.body_bytes)
        assert seen.content_sha256 == before.content_sha256
        assert seen.observed_at > before.observed_at

    return holds


@pytest.mark.parametrize("item", [0, 1, 2], ids=["strong tag", "weak tag", "date"])
def test_a_page_that_still_stands_is_seen_again_and_names_the_capture_whose_bytes_do(world: World, item: int) -> None:
    unchanged(item)(world)
    asked = world.site.versions.conditions[f"/item/{item}"]
    assert asked == ["", {0: '"v1"', 1: 'W/"v1"', 2: LONG_AGO}[item]]


def test_a_listing_whose_page_still_stands_was_last_seen_now(world: World) -> None:
    row = next(row for row in world.rows(listing) if row.platform_item_id == "0")
    seen, _ = world.look(0, 1)
    assert row.last_seen >= seen.observed_at > row.first_seen


def test_a_list_that_still_stands_leads_to_every_offer_again(world: World) -> None:
    of_second = [row for row in world.rows(capture) if row.run == world.runs[1].id]
    page = next(row for row in of_second if row.url_requested.endswith("/list?page=1"))
    assert page.status == 304
    offers = [row for row in world.rows(fetch) if row.run == world.runs[1].id and row.kind == "listing"]
    assert {row.parent for row in offers} == {page.id}
    assert len(offers) == OFFERS


def test_a_photo_that_still_stands_keeps_its_digest(world: World) -> None:
    photos = [row for row in world.rows(capture) if row.run == world.runs[1].id and "/photo/" in row.url_requested]
    assert {row.status for row in photos} == {304}
    with Vault(world.settings.vault) as vault:
        assert all(vault.get(row.body_sha256).startswith(PNG) for row in photos)


def test_a_page_that_changed_comes_in_full(world: World) -> None:
    (before, _), (seen, answer) = world.look(3, 0), world.look(3, 1)
    assert (answer.status, answer.unchanged_since) == (200, None)
    assert seen.content_sha256 != before.content_sha256
    assert "two years" in seen.fields["description"]["value"]


@pytest.mark.parametrize("item", [4, 5, 6], ids=["another version", "nothing was asked", "bytes are lost"])
def test_a_304_that_nothing_stands_behind_is_kept_and_the_page_asked_in_full(world: World, item: int) -> None:
    answers = world.answers(item, 1)
    assert [row.status for row in answers] == [304, 200]
    assert [row.unchanged_since for row in answers] == [None, None]
    assert world.site.versions.conditions[f"/item/{item}"][-1] == ""
    seen, read = world.look(item, 1)
    assert (read.id, seen.state) == (answers[1].id, "live")


def test_the_same_bytes_in_full_are_a_capture_of_their_own(world: World) -> None:
    (before, had), (seen, answer) = world.look(7, 0), world.look(7, 1)
    assert (answer.status, answer.unchanged_since) == (200, None)
    assert answer.body_sha256 == had.body_sha256
    assert seen.content_sha256 == before.content_sha256


def test_nothing_counts_as_bytes_that_was_not_sent(world: World) -> None:
    first, second = (run.counts["bytes"] for run in world.runs[:2])
    sent = sum(
        row.body_bytes for row in world.rows(capture) if row.run == world.runs[1].id and row.unchanged_since is None
    )
    assert second == sent < first


def test_a_replay_of_pages_that_stood_is_given_their_bytes(world: World) -> None:
    with Vault(world.settings.vault) as vault:
        saved = RunShelf(world.settings.database_url, vault, world.runs[1].id).find(f"{world.site.home}item/0")
    assert saved is not None
    assert (saved.status, saved.body) == (200, offer_page(0, "/"))


def test_what_is_known_of_a_page_names_the_bytes_that_came_last(world: World) -> None:
    known = {row.url: row for row in world.rows(validator)}
    assert known[f"{world.site.home}item/3"].etag == '"v2"'
    assert known[f"{world.site.home}item/0"].capture == world.look(0, 0)[1].id
    assert f"{world.site.home}item/5" not in known


CONFIRMED = [
    ('"a"', None, True),
    ('"a"', '"a"', True),
    ('"a"', 'W/"a"', True),
    ('W/"a"', '"a"', True),
    ('"a"', '"b"', False),
    (None, '"b"', True),
]


@pytest.mark.parametrize(("asked", "said", "expected"), CONFIRMED)
def test_a_304_speaks_of_the_version_asked_about_or_of_nothing(
    asked: str | None, said: str | None, expected: bool
) -> None:
    known = Validator(fingerprint="f", url="u", etag=asked, last_modified=LONG_AGO, capture="c", kept_at=START)
    headers = (("ETag", said),) if said is not None else ()
    page = Page(url="u", status=304, headers=headers, body=b"", fetched_at=START + timedelta(days=1))
    assert confirms(page, known) is expected

"""Platforms asked by their own interface: rules over answers, every way of paging, and a key that is kept nowhere."""

from __future__ import annotations

import dataclasses
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from config.declaration import overlay
from config.platform import Platform
from config.settings import Settings
from crawler.answers import Answer, read_answer
from crawler.errors import BrokenAnswer, NoKey, NotLookable
from crawler.extract.pages import Page
from crawler.interface import trail_of, with_param, without_param
from crawler.keys import ApiKey, key_of
from crawler.plan import make_fetch, seeds
from crawler.run import crawl
from store.db.session import Database
from store.db.tables import capture, fetch, listing, observation
from store.evidence.vault import Vault
from store.records.fetches import FetchKind
from store.records.runs import Run, RunState
from tests.conftest import START
from tests.crawler.site import PNG, Site
from tests.crawler.site import Answer as Said
from tests.ledgers import new_ledger

README = Path(__file__).parents[2] / "config" / "README.md"
SECTION = README.read_text("utf-8").split("## An interface")[1].split("\n## ")[0]
TOML, SHOWN, READ = re.findall(r"```(?:toml|json)\n(.*?)```", SECTION, re.DOTALL)
SECRET = "s3cr+t/key-0123"
VARIABLE = "MARQUE_KEY_VENDORA"


def vendora(**changes: Any) -> Platform:
    """The README's platform, with other words for some tables."""
    return Platform.model_validate(overlay(tomllib.loads(TOML), changes))


def page(body: bytes, url: str = "https://api.vendora.example/v2/offers?q=a", **headers: str) -> Page:
    """An answer."""
    return Page(url=url, status=200, headers=tuple(headers.items()), body=body, capture="c", fetched_at=START)


def test_the_readme_s_answer_reads_as_the_readme_says() -> None:
    here = page(SHOWN.encode(), "https://vendora.example/v2/offers")
    answer = read_answer(here, vendora(), FetchKind.RESULTS)
    assert isinstance(answer, Answer)
    read = []
    for offer in answer.offers:
        said = {f.name: getattr(offer, f.name) for f in dataclasses.fields(offer)}
        whole = {name: value for name, value in said.items() if value not in (None, ())}
        read.append(
            {
                name: [str(each.value) for each in value] if isinstance(value, tuple) else str(value.value)
                for name, value in whole.items()
            }
        )
    assert read == json.loads(READ)
    assert answer.offers[0].title is not None
    assert answer.offers[0].title.rule == "vendora: listing.title[0]"
    assert answer.next_url == "https://vendora.example/v2/offers?after=b7"


PAGINGS = [
    ("cursor", {"by": "cursor", "param": "after", "path": "n"}, {"n": "x y"}, {}, "offers?q=a&after=x+y"),
    ("last cursor", {"by": "cursor", "param": "after", "path": "n"}, {"n": None}, {}, None),
    ("empty cursor", {"by": "cursor", "param": "after", "path": "n"}, {"n": ""}, {}, None),
    ("next", {"by": "next", "path": "n"}, {"n": "/v2/more?p=2"}, {}, "more?p=2"),
    ("next with its key", {"by": "next", "path": "n"}, {"n": "/v2/more?key=***&p=2"}, {}, "more?p=2"),
    ("next nowhere", {"by": "next", "path": "n"}, {"n": "javascript:0"}, {}, None),
    ("link", {"by": "link"}, {}, {"Link": '<a?p=9>; rel="last", <more?p=2>; rel="next"'}, "more?p=2"),
    ("link in other words", {"by": "link"}, {}, {"link": '<more?p=2>; title="x"; rel=next'}, "more?p=2"),
    ("link without next", {"by": "link"}, {}, {"Link": '<a?p=9>; rel="prev"'}, None),
]


@pytest.mark.parametrize(
    ("paging", "more", "headers", "expected"), [c[1:] for c in PAGINGS], ids=[c[0] for c in PAGINGS]
)
def test_each_way_of_paging_names_the_next_answer_without_the_key(
    paging: dict[str, Any], more: dict[str, Any], headers: dict[str, str], expected: str | None
) -> None:
    platform = Platform.model_validate(
        {**tomllib.loads(TOML), "api": {**tomllib.loads(TOML)["api"], "items": "offers", "paging": paging}}
    )
    answer = read_answer(page(json.dumps({"offers": [], **more}).encode(), **headers), platform, FetchKind.RESULTS)
    assert answer.next_url == (None if expected is None else f"https://api.vendora.example/v2/{expected}")


@pytest.mark.parametrize(
    ("by", "first"), [("page", "p=1"), ("offset", "p=0")], ids=["pages are counted", "offers are counted"]
)
def test_counted_answers_begin_where_they_are_counted_from(by: str, first: str) -> None:
    table = {**tomllib.loads(TOML), "api": {**tomllib.loads(TOML)["api"], "paging": {"by": by, "param": "p"}}}
    begun = seeds(Platform.model_validate(table), "r", ["Val DORI"])
    assert [each.url.rsplit("/", 1)[1] for each in begun] == [
        f"offers?q=Val%20DORI&limit=50&{first}",
        f"offers?kind=watches&limit=50&{first}",
    ]


BROKEN = [(b'{"data": {"offers": [{"id": 1', True), (b"<html>maintenance</html>", True), (b'{"error": "no"}', False)]


@pytest.mark.parametrize(("body", "torn"), BROKEN, ids=["cut", "a page", "an error"])
def test_an_answer_that_holds_no_list_is_broken(body: bytes, torn: bool) -> None:
    with pytest.raises(BrokenAnswer) as told:
        read_answer(page(body), vendora(), FetchKind.RESULTS)
    assert told.value.is_torn is torn


def test_a_round_trip_of_cursors_is_seen() -> None:
    first = make_fetch("r", "https://a.example/x?c=1", FetchKind.RESULTS)
    trail = trail_of(first, "https://a.example/x?c=2")
    assert trail is not None
    second = make_fetch("r", "https://a.example/x?c=2", FetchKind.RESULTS, context={"trail": trail})
    assert trail_of(second, "https://a.example/x?c=1") is None
    assert trail_of(second, "https://a.example/x?c=2") is None
    assert trail_of(second, "https://a.example/x?c=3") is not None


def test_a_part_of_a_query_is_set_and_taken_out_and_the_rest_stays_as_spelled() -> None:
    url = "https://a.example/x?b=%20a+c&key=1&z"
    assert without_param(url, "key") == "https://a.example/x?b=%20a+c&z"
    assert with_param(url, "key", "2 3") == "https://a.example/x?b=%20a+c&z&key=2+3"
    assert with_param("https://a.example/x", "p", "1") == "https://a.example/x?p=1"


KEY = ApiKey(value=SECRET, base="https://api.vendora.example/v2/", header=None, query="key", prefix="")


@pytest.mark.parametrize(
    "url",
    [
        "https://vendora.example/v2/x",
        "https://api.vendora.example/v1/x",
        "http://api.vendora.example/v2/x",
        "https://api.vendora.example.evil.example/v2/",
    ],
)
def test_nothing_outside_the_interface_is_told_the_key(url: str) -> None:
    assert KEY.add(url, {}) == url
    headers: dict[str, str] = {}
    dataclasses.replace(KEY, query=None, header="X-Key").add(url, headers)
    assert headers == {}


def test_a_key_goes_where_its_file_says_and_comes_out_of_everything_kept() -> None:
    asked = KEY.add(f"{KEY.base}offers?q=a", {})
    assert asked == f"{KEY.base}offers?q=a&key=s3cr%2Bt%2Fkey-0123"
    assert KEY.bare(asked) == f"{KEY.base}offers?q=a"
    headers: dict[str, str] = {}
    dataclasses.replace(KEY, query=None, header="Authorization", prefix="Bearer ").add(KEY.base, headers)
    assert headers == {"Authorization": f"Bearer {SECRET}"}
    assert KEY.masked(f"Bearer {SECRET}") == f"Bearer {'*' * len(SECRET)}"
    assert KEY.masked_body(f'{{"self": "{asked}"}}'.encode()).count(b"*") == len("s3cr%2Bt%2Fkey-0123")
    assert SECRET not in repr(KEY)


@pytest.mark.parametrize("value", [None, "", "short", "eight\nlines of it"])
def test_an_interface_is_not_asked_without_its_key(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(VARIABLE, value)
    with pytest.raises(NoKey, match=VARIABLE):
        key_of(vendora())


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"reach": {"by": "crawl"}}, "go together"),
    ({"kind": "streaming"}, "marketplace, classified or social"),
    ({"api": {"base": "http://api.vendora.example/"}}, "https"),
    ({"api": {"base": "https://a:b@api.vendora.example/"}}, "credentials"),
    ({"api": {"base": "https://api.vendora.example/v2"}}, "ends with"),
    ({"api": {"item": "offers"}}, "{item}"),
    ({"api": {"key": {"env": "AWS_SECRET_ACCESS_KEY"}}}, "pattern"),
    ({"api": {"key": {"header": "X-Key"}}}, "one of them"),
    ({"api": {"paging": {"by": "next"}}}, "takes no param"),
    ({"read": {"listing": {"title": {"json": "name", "css": "h1"}}}}, "one of css"),
    ({"read": {"listing": {"title": {"json": "name", "path": "x"}}}}, "no script or path"),
]


@pytest.mark.parametrize(("changes", "said"), MISTAKES)
def test_a_mistake_in_the_declaration_is_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(said)):
        vendora(**changes)


def test_an_interface_whose_terms_nobody_read_is_not_asked() -> None:
    table = tomllib.loads(TOML)
    del table["reach"]["terms_read_on"]
    with pytest.raises(NotLookable, match="terms"):
        seeds(Platform.model_validate(table), "r", ["a"])


# --- a crawl of one, over a real server ----------------------------------------------------------------


@dataclass
class Interface:
    """Answers as a hurried interface does: busy, cut short, shifting between answers, and going in circles."""

    asked: list[str] = field(default_factory=list)
    lists: dict[str, list[list[int]]] = field(
        default_factory=lambda: {
            "watches": [[1, 2], [2, 3], [4]],  # 2 slid onto the second answer while a new offer came
            "loop": [[10, 11], [12, 13]],
        }
    )

    def say(self, path: str, count: int) -> Said:
        """One answer."""
        self.asked.append(path)
        query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        if query.get("key") != SECRET:
            return Said(status=401, body=b'{"error": "who are you?"}', kind="application/json")
        kind = query.get("kind", "")
        number = int(query.get("after", "c0")[1:])
        if (kind, number, count) == ("watches", 0, 1):
            return Said(status=429, headers={"Retry-After": "1"}, body=b"{}", kind="application/json")
        offers = [
            {"id": n, "name": f"Watch {n}", "price": {"cents": 100 * n}, "codes": {}, "url": f"/item/{n}"}
            for n in self.lists[kind][number]
        ]
        offers[0]["photos"] = [{"url": f"/photo/{offers[0]['id']}.png"}]
        last = number + 1 == len(self.lists[kind])
        following = ("c0" if kind == "loop" else None) if last else f"c{number + 1}"
        body = json.dumps({"self": path, "data": {"offers": offers, "next": following}}).encode()
        if (kind, number, count) == ("watches", 1, 1):
            body = body[: len(body) // 2]
        return Said(body=body, kind="application/json", headers={"X-Asked": path})


@dataclass
class World:
    """One interface crawled with its key and with a wrong one."""

    settings: Settings
    site: Site
    runs: dict[str, Run]
    said: Interface

    def rows(self, table: Any) -> list[Any]:  # Any: any table's rows
        with Database(self.settings.database_url) as database, database.read() as connection:
            return list(connection.execute(select(table)).all())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The README's platform on loopback, twice."""
    home = tmp_path_factory.mktemp("interface")
    settings = Settings(home=home, database_url=f"sqlite:///{home / 'marque.db'}", contact=None)
    with Database(settings.database_url) as database:
        new_ledger(database)
    said = Interface()

    def photo(path: str, count: int) -> Said:
        del count
        return Said(body=PNG + path.encode(), kind="image/png")

    with Site({"/v2/offers": said.say, "*": photo}) as site, pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, SECRET)
        patch.setenv("MARQUE_KEY_WRONG", "not-the-right-one")
        text = TOML.replace("https://vendora.example/", site.home)
        text = text.replace("https://api.vendora.example/", site.home).replace("delay_s = 1.0", "delay_s = 0.0")
        (home / "platforms").mkdir()
        text = text.replace("[look]", "[look]\npages = 9")
        both = text.replace('["offers?', '["offers?kind=loop&limit={size}", "offers?')
        (home / "platforms" / "vendora.toml").write_text(both, "utf-8")
        wrong = text.replace('"vendora"', '"stranger"').replace(VARIABLE, "MARQUE_KEY_WRONG")
        (home / "platforms" / "stranger.toml").write_text(wrong, "utf-8")
        runs = crawl(settings, ["vendora", "stranger"])
        yield World(settings, site, dict(zip(("vendora", "stranger"), runs, strict=True)), said)


def test_every_offer_of_every_answer_is_read_once(world: World) -> None:
    items = [row.platform_item_id for row in world.rows(listing) if row.platform == "vendora"]
    assert sorted(items, key=int) == ["1", "2", "3", "4", "10", "11", "12", "13"]
    looks = world.rows(observation)
    assert len(looks) == 8
    assert not any(row.on_card for row in looks)
    assert {row.fields["price"]["value"]["currency"] for row in looks} == {"EUR"}
    urls = {row.url for row in world.rows(listing)}
    assert f"{world.site.home}item/1" in urls


def test_a_busy_and_a_cut_answer_are_asked_again_and_a_circle_is_said(world: World) -> None:
    rows = [row for row in world.rows(fetch) if row.run == world.runs["vendora"].id and row.kind == "results"]
    assert {(row.state, row.reason) for row in rows} == {("done", None), ("failed", "cursor_loop")}
    run = world.runs["vendora"]
    assert run.state is RunState.UNFIT
    assert run.alarms[0].startswith("lost pages: 1 result pages"), run.alarms
    mine = [row for row in world.rows(capture) if row.run == run.id and "/offers" in row.url_requested]
    assert sorted(row.status for row in mine) == [200] * 7 + [429]


def test_a_key_that_is_refused_blocks_the_run(world: World) -> None:
    run = world.runs["stranger"]
    assert run.state is RunState.BLOCKED
    assert {row.status for row in world.rows(capture) if row.run == run.id and "offers" in row.url_requested} == {401}


def test_the_key_stands_nowhere_but_on_the_line(world: World) -> None:
    """Not in the ledger, the logs or the vault, though every answer of this interface repeats it."""
    assert any(SECRET in parse_qs(urlsplit(path).query).get("key", []) for path in world.said.asked)
    assert not any("key=" in path for path in world.site.paths() if path.startswith("/photo/"))
    spelled = [word.encode() for word in (SECRET, "s3cr%2Bt%2Fkey-0123")]

    def holds(data: bytes) -> bool:
        return any(word in data for word in spelled)

    home = world.settings.home
    kept = [*home.glob("marque.db*"), *(home / "logs").glob("*")]
    assert kept
    assert not [path.name for path in kept if holds(path.read_bytes())]
    with Vault(world.settings.vault) as vault:
        digests = list(vault.digests())
        bodies = [vault.get(digest) for digest in digests]
    assert any(b"*" * len(spelled[1]) in body for body in bodies)
    assert not any(holds(body) for body in bodies)
    answered = [row for row in world.rows(capture) if "/offers" in row.url_requested and row.status == 200]
    assert all(row.wire_sha256 is not None for row in answered), "the digest of what came stands beside what is kept"

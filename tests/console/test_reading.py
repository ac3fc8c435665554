"""`marque read` is a contract: one line of JSON a page, whatever the page holds."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.settings import Settings, load_settings
from console.cli import app
from console.errors import ConsoleError
from console.reading import Saved, read_saved, saved_pages
from tests.crawler.site import Site, declare, shop

KEYS = ("file", "kind", "listing", "cards", "next_page", "stream", "hops", "conflicts", "refusal")
OFFER = b"""<title>Walnut desk lamp</title><h1>Walnut desk lamp</h1>
<img src="/i/1.jpg" width=500 alt="Walnut desk lamp">
<p class="price">EUR 49.50</p><form action="/cart/add"><button>Add to cart</button></form>"""
CARDS = "".join(
    f'<li class="tile"><a href="/p/{n}?PHPSESSID=0123456789abcdef0123456789abcdef"><img src="/i/{n}.jpg">'
    f"Lamp number {n}</a>"
    f' <b class="price">${n}5.00</b></li>'
    for n in range(1, 9)
)
LIST = f'<title>Lamps</title><h1>Lamps</h1><ul>{CARDS}</ul><a rel="next" href="?page=2">Next</a>'.encode()
STREAM = b"""<title>Night train s02e05</title><h1>Night train</h1><meta property="og:type" content="video.episode">
<iframe src="https://play.example/embed/5" allowfullscreen></iframe><p>Not here</p>"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a workspace that nobody made: reading needs none."""
    return load_settings(tmp_path / "home", environ={})


def lay(folder: Path, pages: dict[str, bytes], index: str) -> Path:
    folder.mkdir()
    for name, body in pages.items():
        (folder / name).write_bytes(body)
    (folder / "index.csv").write_text(index, encoding="utf-8")
    return folder


def test_each_page_of_a_folder_is_one_line(tmp_path: Path) -> None:
    index = (
        "url,file,note\nhttps://lamps.example/p/1,offer.html,x\nhttps://lamps.example/lamps,list.html,\n"
        ",stream.html,\nhttps://lamps.example/p/9,missing.html,\n"
    )
    pages = {"offer.html": OFFER, "list.html": LIST, "stream.html": STREAM}
    folder = lay(tmp_path / "pages", pages, index)
    done = CliRunner().invoke(app, ["--home", str(tmp_path / "home"), "read", str(folder), "--json"])
    answers = [json.loads(text) for text in done.stdout.splitlines()]
    assert [page["file"] for page in answers] == ["offer.html", "list.html", "stream.html", "missing.html"]
    assert all(set(KEYS) <= set(page) for page in answers)
    assert [page["kind"] for page in answers] == ["listing", "results", "stream", "none"]
    assert done.exit_code == 1 and "No such file" in answers[3]["refusal"]


def test_values_come_with_their_origin(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "offer.html").write_bytes(OFFER)
    [page] = read_saved(settings, tmp_path / "offer.html", "https://lamps.example/p/1")
    assert page["refusal"] is None and page["cards"] == []
    assert all(set(seen) == {"value", "raw", "rule", "where"} for seen in page["listing"].values())
    price = page["listing"]["price"]["value"]
    assert (Decimal(price["amount"]), price["currency"]) == (Decimal("49.50"), "EUR")
    assert page["listing"]["images"]["value"][0] == "https://lamps.example/i/1.jpg"


def test_cards_are_lean_listings(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "list.html").write_bytes(LIST)
    [page] = read_saved(settings, tmp_path / "list.html", "https://lamps.example/lamps")
    first = page["cards"][0]
    assert len(page["cards"]) == 8 and page["next_page"] == "https://lamps.example/lamps?page=2"
    assert first["url"]["value"] == "https://lamps.example/p/1"
    assert (first["title"]["value"], first["price"]["value"]["amount"]) == ("Lamp number 1", "15.00")
    assert first["images"]["value"] == ["https://lamps.example/i/1.jpg"]


def test_the_stated_total_stands_beside_the_cards(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "list.html").write_bytes(LIST.replace(b"<ul>", b"<p>1-8 of 318 results</p><ul>"))
    [page] = read_saved(settings, tmp_path / "list.html", "https://lamps.example/lamps")
    assert (page["total"]["value"], page["total"]["raw"]) == (318, "1-8 of 318")


def test_a_conflict_names_both_rules_and_what_they_say(settings: Settings, tmp_path: Path) -> None:
    metas = b'<meta property="product:price:amount" content="59.50"><meta property="og:price:currency" content="EUR">'
    markup = (
        b'<script type="application/ld+json">{"@type": "Product", "name": "Walnut desk lamp", '
        b'"offers": {"price": "49.50", "priceCurrency": "EUR"}}</script>'
    )
    (tmp_path / "offer.html").write_bytes(metas + markup + OFFER)
    [page] = read_saved(settings, tmp_path / "offer.html", "https://lamps.example/p/1")
    [conflict] = page["conflicts"]
    assert set(conflict) == {"field", "chosen", "chosen_rule", "other", "other_rule"}
    assert (conflict["field"], conflict["chosen"], conflict["other"]) == ("price", "49.50 EUR", "59.50 EUR")
    assert not any(note.startswith("conflict") for note in page["notes"])


def test_an_address_is_fetched_as_a_tip_and_read(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert CliRunner().invoke(app, ["--home", str(home), "init"]).exit_code == 0
    with Site(shop(4)) as site:
        declare(home, site, photos="false")
        done = CliRunner().invoke(app, ["--home", str(home), "read", f"{site.home}item/2", "--json"])
        assert done.exit_code == 0, done.output
        [page] = [json.loads(text) for text in done.stdout.splitlines()]
        assert page["kind"] == "listing" and page["file"] == f"{site.home}item/2"
        assert page["listing"]["title"]["rule"] == "shop: listing.title[0]"
        assert site.paths()[0] == "/robots.txt"
        refused = CliRunner().invoke(app, ["--home", str(home), "read", "http://127.0.0.1:9/", "--json"])
    assert refused.exit_code == 1  # an inner address that no platform declares is not asked


def test_streams_have_their_own_part(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "stream.html").write_bytes(STREAM)
    [page] = read_saved(settings, tmp_path / "stream.html", "https://films.example/watch/5")
    assert page["listing"] == {} and page["stream"]["players"]["value"] == ["https://play.example/embed/5"]
    assert page["hops"][0]["role"] == "player"


def test_an_address_nobody_kept_is_taken_from_the_page(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "list.html").write_bytes(b'<link rel="canonical" href="https://lamps.example/lamps">' + LIST)
    [page] = read_saved(settings, tmp_path / "list.html", None)
    assert page["cards"][0]["url"]["value"] == "https://lamps.example/p/1"


def test_an_index_without_files_is_refused(tmp_path: Path) -> None:
    folder = lay(tmp_path / "pages", {}, "name,address\n")
    with pytest.raises(ConsoleError, match="no column file"):
        saved_pages(folder, None)
    assert saved_pages(tmp_path / "x.html", None) == [Saved(name="x.html", path=tmp_path / "x.html", url=None)]

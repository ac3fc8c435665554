"""Torrents: only hashes that can be, sizes as trackers mean them, rows without the advertisements between them."""

# ruff: noqa: E501 -- one row, one table and one feed a line

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.families import generic_platform
from crawler.extract.page import Page, Reading, read_page
from crawler.extract.torrents import info_hash, read_size
from store.records.listings import PageKind

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HASH = "DAFC8C076CA2F3ED376EEAE7C76A0D6BE2415C45"


def read(body: str, url: str = "https://tracker.example/search?q=x", kind: str = "text/html") -> Reading:
    page = Page(url=url, status=200, headers=(("Content-Type", kind),), body=body.encode(), fetched_at=NOW)
    return read_page(page, generic_platform(url))


def row(number: int, *, size: str = "1.5 GiB") -> str:
    return (
        f'<tr><td><a href="/t/{number}">Some film {number} 1080p</a></td><td><a href="magnet:?xt=urn:btih:{number:040x}&dn=x">'
        f"M</a></td><td>{size}</td><td>{number}0</td><td>{number}</td><td class=uploader>nobody</td></tr>"
    )


@pytest.mark.parametrize(
    ("url", "hashed"),
    [
        (f"magnet:?xt=urn:btih:{HASH}&dn=a", HASH.lower()),
        ("magnet:?xt=urn:btih:VKRAHC7NT26KFQYS2HE4H2HAETIOWQKO", "vkrahc7nt26kfqys2he4h2haetiowqko"),
        (f"magnet:?xt=urn:btih:{HASH}0", None),
        ("magnet:?xt=urn:btih:short", None),
        (f"https://files.example/torrent/{HASH}.torrent?x", HASH.lower()),
        ("https://files.example/torrent/film.torrent", None),
    ],
)
def test_a_hash_is_one_or_none(url: str, hashed: str | None) -> None:
    assert info_hash(url) == hashed


@pytest.mark.parametrize(
    ("text", "size"),
    [("700 MB", 734003200), ("1,5 GiB", 1610612736), ("1,024.0 KB", 1048576), ("12 bytes", 12), ("1,4 Го", None), ("4 GB/s", 4294967296), ("v2.0", None), ("", None), ("1.2.3 GB", None)],
)  # fmt: skip
def test_sizes_are_bytes(text: str, size: int | None) -> None:
    assert read_size(text) == size


@given(st.text(max_size=60))
def test_any_text_has_a_size_or_none(text: str) -> None:
    size = read_size(text)
    assert size is None or size >= 0


def test_rows_carry_swarm_and_size_and_advertisements_none() -> None:
    fake = '<tr><td><a href="https://ads.example/x">Some film Direct Download</a></td><td>1.5 GiB</td></tr>'
    reading = read(
        f"<table><tr><th>Name<th>DL<th>Size<th>SE<th>LE<th>ULed by</tr>{fake}{''.join(map(row, range(1, 5)))}</table>"
    )
    assert reading.kind is PageKind.TORRENT_RESULTS, reading.because
    first = reading.cards[0]
    assert len(reading.cards) == 4 and first.title is not None and first.title.value == "Some film 1 1080p"
    assert first.url == "https://tracker.example/t/1"
    said = [
        field.value if field else None for field in (first.size_bytes, first.seeders, first.leechers, first.uploader)
    ]
    assert said == [1610612736, 10, 1, "nobody"]
    assert first.way is not None and first.way.value.startswith("magnet:")


def test_a_list_without_magnets_is_told_by_sizes() -> None:
    rows = "".join(
        f'<tr><td><a href="/t/{n}">Film {n}</a></td><td>{n}.0 GB</td><td class="seeds">5</td><td class="leeches">2</td></tr>'
        for n in range(1, 6)
    )
    reading = read(f"<h1>Torrents</h1><table>{rows}</table>")
    assert reading.kind is PageKind.TORRENT_RESULTS and len(reading.cards) == 5


def test_one_work_in_three_qualities_is_no_list() -> None:
    links = "".join(f'<a href="magnet:?xt=urn:btih:{n:040x}">{n}080p</a>' for n in range(1, 4))
    assert read(f"<h1>Some film</h1><p>{links}</p>", "https://tracker.example/film/5").kind is PageKind.TORRENT


def test_an_impossible_hash_makes_no_torrent() -> None:
    assert read('<h1>Film</h1><a href="magnet:?xt=urn:btih:nothing">M</a>').kind is PageKind.NONE


ITEM = (
    "<item><title>Film {n}</title><link>https://tracker.example/t/{n}</link><pubDate>Fri, 15 May 2015 08:30:01 +0000</pubDate>"
    '<enclosure url="magnet:?xt=urn:btih:{n:040x}" type="application/x-bittorrent" length="0"/>'
    '<torznab:attr name="seeders" value="3"/><torznab:attr name="size" value="5412993028"/></item>'
)
FEED = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:torznab="http://torznab.com/schemas/2015/feed"><channel><title>A &nbsp; B</title>{}</channel></rss>'


def test_a_feed_is_a_list_of_torrents() -> None:
    for kind in ("application/rss+xml", "text/html"):
        reading = read(FEED.format("".join(ITEM.format(n=n) for n in range(1, 4))), kind=kind)
        assert reading.kind is PageKind.TORRENT_RESULTS and len(reading.cards) == 3
        card = reading.cards[0]
        assert card.seeders is not None and card.seeders.value == 3
        assert card.size_bytes is not None and card.size_bytes.value == 5412993028
        assert card.posted_at is not None and card.posted_at.value.year == 2015


def test_whole_entries_of_a_torn_feed_are_read_with_a_note() -> None:
    reading = read(FEED.format(ITEM.format(n=1) + "<item><title>Half"), kind="application/xml")
    assert len(reading.cards) == 1 and any("parse_incomplete" in note for note in reading.notes)


def test_a_merchant_feed_is_a_list_of_offers() -> None:
    items = "".join(
        f'<item><g:title xmlns:g="http://base.google.com/ns/1.0">Lamp {n}</g:title><link>https://lamps.example/p/{n}</link>'
        f'<g:price xmlns:g="http://base.google.com/ns/1.0">{n}9.00 EUR</g:price></item>'
        for n in range(1, 4)
    )
    reading = read(f"<rss><channel>{items}</channel></rss>", kind="text/xml")
    assert reading.kind is PageKind.RESULTS
    assert [str(card.price.value) for card in reading.cards if card.price] == ["19.00 EUR", "29.00 EUR", "39.00 EUR"]


REFUSED = {
    "error": '<error code="100" description="Incorrect user credentials"/>',
    "abilities": "<?xml version='1.0'?><caps><server/></caps>",
    "document type": '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "b">]><rss><channel>&a;</channel></rss>',
    "no XML": "<rss><channel><item>",
    "without entries": "<rss><channel/></rss>",
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_feed_that_is_none_says_why(reason: str) -> None:
    reading = read(REFUSED[reason], kind="application/xml")
    assert reading.kind is PageKind.NONE and reason in reading.because


def test_an_old_feed_may_name_its_document_type() -> None:
    head = '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.example/rss.dtd">'
    reading = read(head + FEED.format(ITEM.format(n=1)).partition("?>")[2], kind="text/xml")
    assert reading.kind is PageKind.TORRENT_RESULTS and len(reading.cards) == 1


def test_news_offer_nothing() -> None:
    reading = read(
        "<rss><channel><item><title>News</title><link>https://news.example/1</link></item></channel></rss>"
    )
    assert reading.kind is PageKind.INDEX and reading.cards == ()


def test_a_tracker_answers_in_json() -> None:
    body = '{"results": [{"groupName": "Film", "torrents": [{"torrentId": 5, "size": 100, "seeders": 2, "leechers": 0}]}]}'
    reading = read(body, kind="application/json")
    assert reading.kind is PageKind.TORRENT_RESULTS
    assert [(card.title.value, card.url) for card in reading.cards if card.title] == [("Film", None)]


def test_a_trackers_feed_is_a_list_of_torrents_whatever_its_links_are_called() -> None:
    items = "".join(
        f"<item><title>Some.Film.{n}.1080p</title><link>https://t.example/rssdownload.php?id={n}</link>"
        f"<size> Size: 0.5 GB</size><status> Status: {n} seeders and 0 leechers</status></item>"
        for n in range(1, 4)
    )
    head = '<rss version="0.91"><channel><title>T</title><description>a private tracker</description>'
    feed = f"{head}{items}</channel></rss>"
    reading = read(feed, "https://t.example/rss", "application/rss+xml")
    assert reading.kind is PageKind.TORRENT_RESULTS, reading.because
    said = [(c.way, c.size_bytes, c.seeders, c.leechers) for c in reading.cards]
    assert [tuple(seen.value for seen in row if seen) for row in said] == [
        (f"https://t.example/rssdownload.php?id={n}", 536870912, n, 0) for n in range(1, 4)
    ]

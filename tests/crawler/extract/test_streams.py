"""A stream page gives its title, its place in a series, and every way to the stream."""

# ruff: noqa: E501 -- one case a line

from __future__ import annotations

from crawler.extract.page import read_page
from store.records.fetches import FetchKind
from store.records.listings import PageKind
from tests.crawler.extract.pages_made import page, platform

TITLE_PAGE = """<html><head><title>The Long Night S02E05 (2019)</title></head><body><h1>The Long Night S02E05 (2019)</h1>
<a class="up" href="/u/bob">bob</a><ul class="mirrors"><li><a href="/go/1">Server 1</a></li><li><a href="https://rapidgator.net/f/1">Download</a></li></ul>
<iframe src="https://player.example/embed/77" allowfullscreen></iframe>
<iframe src="https://www.googletagmanager.com/ns.html?id=1"></iframe>
<div data-file="https:&#47;&#47;cdn.example/v/master.m3u8?t=1&amp;u=2"></div>
<script>var p = {sources: [{file: "https:\\/\\/cdn2.example\\/v\\/main.mpd"}, {file: '/local/list.m3u8'}]};</script>
<a href="magnet:?xt=urn:btih:DAFC8C076CA2F3ED376EEAE7C76A0D6BE2415C45&amp;dn=x">magnet</a></body></html>"""

RULES = {
    "title": {"css": "h1"},
    "season": {"css": "h1", "re": r"S(\d+)E"},
    "episode": {"css": "h1", "re": r"E(\d+)"},
    "year": {"css": "h1", "re": r"\((\d{4})\)"},
    "uploader": {"css": ".up"},
    "links": {"css": ".mirrors a", "attr": "href", "all": True},
}


def test_a_title_page_gives_every_way_to_the_stream() -> None:
    site = platform(kind="streaming", read={"stream": RULES})
    reading = read_page(page(TITLE_PAGE, "https://watch.example/t/5"), site, expected=FetchKind.TITLE_PAGE)
    fields = reading.fields
    assert reading.kind is PageKind.STREAM and fields is not None
    assert (
        fields.season is not None
        and fields.episode is not None
        and fields.year is not None
        and fields.uploader is not None
    )
    assert (fields.season.value, fields.episode.value, fields.year.value, fields.uploader.value) == (
        2,
        5,
        2019,
        "bob",
    )
    ways = {(stream.role, stream.url) for stream in fields.streams}
    assert ways == {
        ("manifest", "https://cdn.example/v/master.m3u8?t=1&u=2"),
        ("manifest", "https://cdn2.example/v/main.mpd"),
        ("manifest", "https://watch.example/local/list.m3u8"),
        ("player", "https://player.example/embed/77"),
        ("player", "https://watch.example/go/1"),
        ("file_host", "https://rapidgator.net/f/1"),
        ("magnet", "magnet:?xt=urn:btih:DAFC8C076CA2F3ED376EEAE7C76A0D6BE2415C45&dn=x"),
    }
    assert {(link.kind, link.url) for link in reading.links} == {
        (FetchKind.MANIFEST, url) for role, url in ways if role == "manifest"
    } | {(FetchKind.PLAYER, url) for role, url in ways if role == "player"}


def test_declared_players_replace_the_search_for_frames() -> None:
    site = platform(
        kind="streaming",
        read={"stream": {**RULES, "players": {"css": "iframe[src*=gtm], iframe[src*=embed]", "all": True}}},
    )
    reading = read_page(page(TITLE_PAGE), site, expected=FetchKind.PLAYER)
    assert reading.fields is not None
    assert next(s.url for s in reading.fields.streams if s.role == "player") == "https://player.example/embed/77"


def test_a_page_with_neither_title_nor_stream_is_none() -> None:
    site = platform(kind="streaming", read={"stream": RULES})
    assert (
        read_page(page("<html><body><p>Hello</p></body></html>"), site, expected=FetchKind.PLAYER).kind
        is PageKind.NONE
    )


def test_a_torrent_page_is_one() -> None:
    site = platform(kind="torrent", read={"stream": RULES})
    assert read_page(page(TITLE_PAGE), site, expected=FetchKind.LISTING).kind is PageKind.TORRENT

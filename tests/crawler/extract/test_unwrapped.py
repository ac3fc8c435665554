"""Ways to a stream that pages hide are found, and nothing is executed."""

# ruff: noqa: E501 -- one case a line

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.families import generic_platform
from crawler.extract.page import read_page
from crawler.extract.unwrapped import decode, unpack
from store.records.fetches import FetchKind
from tests.crawler.extract.pages_made import page

PACKED = "eval(function(p,a,c,k,e,d){while(c--)if(k[c])p=p.replace(new RegExp('\\\\b'+c.toString(a)+'\\\\b','g'),k[c]);return p}('0(\"1\").2({3:[{4:\"5://6.7/8/9.a\"}]});',11,11,'jwplayer|box|setup|sources|file|https|cdn|example|hls|master|m3u8'.split('|'),0,{}))"
MANIFEST = "https://cdn.example/hls/master.m3u8"
PLAYER = "https://player.example/embed/77"
HASH = "0123456789abcdef0123456789abcdef01234567"


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def ways(body: str) -> dict[str, list[str]]:
    url = "https://films.example/watch/5"
    html = f"<html><head><title>Watch Night train online</title></head><body><h1>Night train</h1>{body}</body></html>"
    reading = read_page(page(html, url), generic_platform(url), expected=FetchKind.TITLE_PAGE)
    found: dict[str, list[str]] = {}
    for way in reading.fields.streams if reading.fields is not None else ():
        found.setdefault(way.role, []).append(way.url)
    return found


@pytest.mark.parametrize(
    "body",
    [
        f"<script>{PACKED}</script>",
        f'<script>var s = atob("{b64(MANIFEST)}");</script>',
        f"<script>play(decodeURIComponent('{quote(MANIFEST, safe='')}'))</script>",
        '<script>var s = "' + "".join(f"\\x{ord(letter):02x}" for letter in MANIFEST) + '";</script>',
        '<script>var s = {"hls": "' + MANIFEST.replace("/", "\\u002F") + '"};</script>',
        '<div data-config="' + b64('{"src": "' + MANIFEST + '"}') + '"></div>',
    ],
)
def test_a_hidden_manifest_is_found(body: str) -> None:
    assert ways(body).get("manifest") == [MANIFEST]


@pytest.mark.parametrize(
    "body",
    [
        f'<li data-video="{PLAYER}">Server 1</li>',
        f'<li data-hash="{b64(PLAYER)}">Server 1</li>',
        f'<li data-frame="{b64(f"<iframe src={chr(34)}{PLAYER}{chr(34)}></iframe>")}">Server 1</li>',
        f'<iframe data-litespeed-src="{PLAYER}"></iframe>',
        f"<script>document.write('<iframe src=\"{PLAYER}\" allowfullscreen></iframe>')</script>",
        f'<script>var p = {{"embed_url": "{PLAYER.replace("/", chr(92) + "/")}"}};</script>',
        f'<script>var p = {{"playAddr": "{PLAYER.replace("/", chr(92) + "u002F")}"}};</script>',
    ],
)
def test_a_player_handed_to_a_script_is_found(body: str) -> None:
    assert PLAYER in ways(body).get("player", [])


def test_a_recording_named_in_a_script_is_a_player() -> None:
    assert ways('<script>setup({file: "https://cdn.example/f/1.mp4"})</script>') == {
        "player": ["https://cdn.example/f/1.mp4"]
    }


def test_magnets_and_files_are_found_where_they_hide() -> None:
    magnet = f"magnet:?xt=urn:btih:{HASH}&dn=x"
    body = f'<script>go("{b64(magnet)}")</script><a href="https://rapidgator.net/file/abc123/film.rar">Download</a><a href="https://news.example/mega">Mega</a>'
    assert ways(body) == {"magnet": [magnet], "file_host": ["https://rapidgator.net/file/abc123/film.rar"]}


def test_what_is_no_player_stays_out() -> None:
    body = '<div data-url="https://shop.example/list?page=2"></div><script>var c = {"src": "https://cdn.example/app.js", "image": "https://cdn.example/a.jpg"}; var a = "<iframe src=\\"https://doubleclick.net/embed/1\\">"</script>'
    assert ways(body) == {}


def test_packed_words_are_put_back_in_any_base() -> None:
    assert unpack("0 1 z", 36, 36, ["a", "", *["x"] * 33, "last"]) == "a 1 last"
    assert unpack("A", 62, 37, ["x"] * 36 + ["cap"]) == "cap"
    assert unpack("0", 99, 1, ["a"]) is None


def test_a_packed_bomb_stays_small() -> None:
    plain = unpack("0 " * 100_000, 10, 1, ["x" * 1_000])
    assert plain is not None and len(plain) <= 300_000


@given(st.text(max_size=200), st.integers(0, 99), st.lists(st.text(max_size=5), max_size=20))
def test_any_packed_body_is_text_or_none(body: str, base: int, words: list[str]) -> None:
    assert unpack(body, base, len(words), words) is None or base >= 2


@given(st.text(max_size=200))
def test_anything_decodes_or_is_none(text: str) -> None:
    decode(text)
    assert decode(b64("https://a.example/" + quote(text))) == "https://a.example/" + quote(text)

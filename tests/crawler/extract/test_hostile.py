"""No page, however made, stops the reader."""

# ruff: noqa: E501 -- one case a line

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.families import generic_platform
from crawler.extract.page import read_page
from store.records.codec import to_json
from store.records.fetches import FetchKind
from store.records.listings import PageKind
from tests.crawler.extract.pages_made import OFFER, RESULTS, page, platform

SHOP = platform()
GENERIC = generic_platform("https://shopnest.example/")
PIECES = [
    "<div>", "</div>", "<h1>", "</h1", "<script type='application/ld+json'>", "</script>", '{"@type":"Product","offers":{"price":', "1e999", "NaN", '"\\ud800"', "[[[[",
    "<a href='http://[x'>", "<img srcset=', 1x,,'>", "\x00", "\ud83d", "<p class=price>", "9" * 30, "€", "<table><tr><td>", "<!--", "-->", "<![CDATA[", "&#x110000;", "&#0;",
    "<div itemscope itemtype=Product itemprop=offers>", "<meta property=og:price:amount content=-1>", "<base href='javascript:1'>", "<html lang='\u202e'>", "<iframe src=x.m3u8>",
    "<input type=password>", "<select>", "<svg><title>", "<template>", "<noscript>", "1 2 3,4.5.6", "\u202e", "<s>", "<li><a href=/1>x</a>$1", "</html>",
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=40))
def test_no_soup_of_markup_raises(pieces: list[str]) -> None:
    body = "".join(pieces).encode("utf-8", "surrogatepass")
    for shop, expected in (
        (SHOP, FetchKind.LISTING),
        (SHOP, FetchKind.RESULTS),
        (SHOP, FetchKind.PLAYER),
        (GENERIC, None),
    ):
        reading = read_page(page(body), shop, expected=expected)
        if reading.fields is not None:
            to_json(reading.fields)


def test_five_hundred_damaged_pages_raise_nothing() -> None:
    chance = random.Random(7)
    for number in range(500):
        body = bytearray((OFFER if number % 2 else RESULTS).encode())
        for _ in range(chance.randrange(1, 12)):
            at = chance.randrange(len(body))
            match chance.randrange(4):
                case 0:
                    body[at] = chance.randrange(256)
                case 1:
                    del body[at : at + chance.randrange(40)]
                case 2:
                    body[at:at] = chance.choice(PIECES).encode("utf-8", "surrogatepass")
                case _:
                    body[at:at] = body[at : at + chance.randrange(200)]
        reading = read_page(page(bytes(body)), GENERIC if number % 3 else SHOP)
        assert reading.because


NESTED = {
    "open": "<div>" * 50_000 + "<h1>deep</h1>",
    "closed": "<div>" * 50_000 + "<h1>deep</h1>" + "</div>" * 50_000,
    "lists": "<ul><li>" * 25_000 + "<h1>deep</h1>",
    "scopes": "<div itemscope itemtype=x/Product itemprop=a>" * 7_000 + "<h1>deep</h1>",
    "attributes": "<h1>deep</h1><div " + " ".join(f"a{n}=1" for n in range(20_000)) + ">x</div>",
    "shallow": "<section>" * 300 + "<h1>deep</h1>",
}


@pytest.mark.parametrize("case", NESTED)
def test_a_title_is_not_hidden_by_depth_and_costs_no_time(case: str) -> None:
    start = time.process_time()
    reading = read_page(page(NESTED[case]), SHOP, expected=FetchKind.LISTING)
    assert time.process_time() - start < 2.0  # a quarter of a second on a quiet machine
    assert reading.fields is not None and reading.fields.title is not None and reading.fields.title.value == "deep"
    assert case in ("shallow", "scopes") or any(note.startswith("parse_incomplete") for note in reading.notes)


def test_deep_pages_are_read_without_rules_too() -> None:
    for case in (NESTED["open"], NESTED["scopes"]):
        read_page(page(case), GENERIC)


def test_numbers_and_letters_that_break_others_are_refused_or_cleaned() -> None:
    body = OFFER.replace('"price": 1299', '"price": NaN').replace("Canvas  bag", "Canvas \x00\u202e bag&#xd800;")
    reading = read_page(page(body), platform(), expected=FetchKind.LISTING)
    assert any(note.startswith("json-ld: not JSON: NaN") for note in reading.notes)
    assert reading.fields is not None and reading.fields.title is not None
    assert reading.fields.title.value.isprintable()
    huge = OFFER.replace('"gtin13": "4006381333931"', '"gtin13": 1' + "0" * 20)
    assert read_page(page(huge), platform(), expected=FetchKind.LISTING).kind is PageKind.LISTING


def test_a_large_page_is_read_by_rules_in_milliseconds() -> None:
    filler = "".join(
        f'<div class="row"><p>Lorem ipsum dolor sit amet {n} <a href="/x/{n}">more</a> and so on, at length and again</p></div>'
        for n in range(900)
    )
    large = page(OFFER.replace("</body>", filler + "</body>"))
    assert 90_000 < len(large.body) < 130_000
    read_page(large, SHOP, expected=FetchKind.LISTING)
    best = min(_seconds(large) for _ in range(15))
    assert best < 0.012  # 3 ms on a quiet machine; four times that is left for a busy one


def _seconds(large: object) -> float:
    start = time.process_time()
    read_page(large, SHOP, expected=FetchKind.LISTING)  # type: ignore[arg-type]  # a page
    return time.process_time() - start


@pytest.mark.real_data
def test_real_pages_cut_and_damaged_raise_nothing(real_data: Path) -> None:
    chance = random.Random(11)
    files = [file for file in sorted((real_data / "pages").rglob("*.html")) if file.stat().st_size < 100_000]
    for file in chance.sample(files, min(12, len(files))):
        body = bytearray(file.read_bytes())
        for _ in range(30):
            body[chance.randrange(len(body))] = chance.randrange(256)
        read_page(page(bytes(body[: chance.randrange(len(body))] if chance.random() < 0.5 else body)), GENERIC)

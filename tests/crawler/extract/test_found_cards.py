"""Lists of offers are found in whatever a shop builds them of, and each card says its own."""

# ruff: noqa: E501 -- one page a line

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.families import generic_platform
from crawler.extract.page import Page, Reading, read_page
from store.records.listings import PageKind
from tests.crawler.extract.pages_made import page


def read(body: str, url: str = "https://lamps.example/lamps?q=lamp") -> Reading:
    page = Page(
        url=url,
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        body=f"<html><head><title>Lamps</title></head><body><h1>Lamps</h1>{body}</body></html>".encode(),
        fetched_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    return read_page(page, generic_platform(url))


def each(card: str, count: int = 8) -> str:
    return "".join(card.replace("#", str(n)) for n in range(1, count + 1))


def rows(cell: str, across: int = 4, down: int = 2) -> str:
    cells = [cell.replace("#", str(n)) for n in range(1, across * down + 1)]
    return "".join(f"<tr>{''.join(cells[n : n + across])}</tr>" for n in range(0, len(cells), across))


CELL = '<td><a href="/p/#"><img src="/i/#.jpg"></a><br><a href="/p/#">Desk lamp #</a><br>$#5.00</td>'
TEMPLATE = each('<li><a href="/p/#"><img src="/i/#.jpg"></a><a href="/p/#">Desk lamp #</a><b>$#5.00</b></li>')
SHAPES = {
    "table of cells": f"<table>{rows(CELL)}</table>",
    "rows of divisions with classes of their own": "".join(f'<div class="r{chr(96 + n)}x{n}"><div><a href="/p/{n}"><img src="/i/{n}.jpg"> Desk lamp {n}</a><p>${n}5.00</p></div></div>' for n in range(1, 9)),
    "terms and definitions": f'<dl>{each("<dt><a href=/p/#>Desk lamp #</a></dt><dd><img src=/i/#.jpg> $#5.00</dd>")}</dl>',
    "two table rows a card": f'<table>{each("<tr><td><a href=/p/#>Desk lamp #</a></td></tr><tr><td>$#5.00 each</td></tr>")}</table>',
    "headings with what follows": each("<h3><a href=/p/#>Desk lamp #</a></h3><p>Good light.</p><p>$#5.00</p>"),
    "forms": each('<form action="/cart"><a href="/p/#"><img src="/i/#.jpg" alt="Desk lamp #"></a><h4>Desk lamp #</h4> $#5.00 <button>Buy</button></form>'),
    "links around all": each('<a href="/p/#"><img src="/i/#.jpg"><span>New</span><span>Desk lamp #</span><span>$#5.00</span></a>'),
    "a price in words": f'<ul>{each("<li><a href=/p/#>Desk lamp #</a> asking $#5.00, Berlin</li>")}</ul>',
    "a click": each("<div class=tile onclick=\"location.href='/p/#'\"><img src=/i/#.jpg><h4>Desk lamp #</h4><b>$#5.00</b></div>"),
    "a script template": f'<script type="text/template">{TEMPLATE}</script>',
    "a script template as JSON": '<script type="text/template">"' + TEMPLATE.replace('"', '\\"').replace("/", "\\/") + '"</script>',
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_cards_are_found_in_any_shape(shape: str) -> None:
    reading = read(SHAPES[shape])
    assert reading.kind is PageKind.RESULTS, reading.because
    assert [card.url for card in reading.cards] == [f"https://lamps.example/p/{n}" for n in range(1, 9)]
    assert [card.title.value if card.title else None for card in reading.cards] == [
        f"Desk lamp {n}" for n in range(1, 9)
    ]
    assert [str(card.price.value) if card.price else None for card in reading.cards] == [
        f"{n}5.00 USD" for n in range(1, 9)
    ]


def test_cards_that_only_a_script_follows_have_no_address() -> None:
    reading = read(each('<div class="tile" data-id="#"><img src="/i/#.jpg"><h4>Desk lamp #</h4><b>$#5.00</b></div>'))
    assert len(reading.cards) == 8 and {card.url for card in reading.cards} == {None}


TILE = '<li class="tile"><a href="/p/#"><img src="/i/#.jpg">Desk lamp #</a> <b class="price">$#5.00</b>{}</li>'


def test_a_card_says_more_than_name_and_price() -> None:
    more = '<del>$99.00</del><span class="seller">Sold by Ann</span><i aria-label="4.5 out of 5 stars"></i><em>Used</em><span class="location">Berlin</span><time datetime="2026-02-01">1 Feb</time>'
    card = read(f"<ul>{each(TILE.format(more))}</ul>").cards[0]
    said = (card.price_original, card.seller_name, card.rating, card.location)
    assert [str(field.value) if field else None for field in said] == ["99.00 USD", "Ann", "4.5", "Berlin"]
    assert card.condition is not None and card.posted_at is not None and card.posted_at.value.month == 2


def test_a_shortened_name_is_given_in_full() -> None:
    tile = '<li class="tile"><a href="/p/#" title="Desk lamp # with walnut foot"><img src="/i/#.jpg"><span>Desk lamp # wi…</span></a><b>$#5.00</b></li>'
    card = read(f"<ul>{each(tile)}</ul>").cards[0]
    assert card.title is not None and card.title.value == "Desk lamp 1 with walnut foot"


def test_paid_cards_are_marked_and_kept() -> None:
    tiles = each(TILE.format("")) + TILE.format("<span>Sponsored</span>").replace("#", "9")
    assert [card.sponsored for card in read(f"<ul>{tiles}</ul>").cards] == [False] * 8 + [True]


def test_filters_headings_and_placeholders_are_no_cards() -> None:
    filters = each("<li><a href='/lamps?max=#0'>Under $#0 (1#)</a></li>", 20)
    ghosts = '<li class="tile"><div class="ghost"></div></li>' * 5
    heading = '<li class="tile"><a href="/all">All our lamps</a></li>'
    reading = read(f"<ul class=refine>{filters}</ul><ul>{heading}{each(TILE.format(''))}{ghosts}</ul>")
    assert len(reading.cards) == 8


def test_an_unpriced_card_among_priced_ones_stays() -> None:
    sold = '<li class="tile"><a href="/p/9"><img src="/i/9.jpg">Desk lamp 9</a> <b class="price">Sold</b></li>'
    assert len(read(f"<ul>{each(TILE.format(''))}{sold}</ul>").cards) == 9


@pytest.mark.parametrize(
    "body",
    [
        "<p>No results for lamp.</p>",
        "<form><input name=q><select><option>Lamps $5</select></form>",
        '<div class="tile"></div>' * 9,
    ],
)
def test_a_search_without_results_has_no_cards(body: str) -> None:
    assert read(body).cards == ()


def test_words_of_an_address_do_not_make_it_an_action() -> None:
    tile = '<li><a href="/golf-cart-cover-review-#"><img src="/i/#.jpg">Golf cart cover #</a> $#5.00</li>'
    assert len(read(f"<ul>{each(tile)}</ul>").cards) == 8


@settings(max_examples=40)
@given(st.text(alphabet="<>/ adlitrp=\"'#$059.\n", max_size=300))
def test_cards_never_share_an_address(noise: str) -> None:
    reading = read(f"<ul>{each(TILE.format(''))}</ul>{noise}")
    urls = [card.url for card in reading.cards]
    assert len(urls) == len(set(urls)) and all(url is None or url.startswith("http") for url in urls)


def test_many_links_take_time_in_proportion() -> None:
    def seconds(count: int) -> float:
        body = "".join(f'<a href="/p/{n}">Lamp {n}</a> ${n % 90 + 1}.00<br>' for n in range(count))
        start = time.process_time()
        read(body)
        return time.process_time() - start

    assert seconds(4_000) < 10 * seconds(1_000) + 0.5


DOLLARS = "".join(
    f'<li><a href="/p/{n}"><img src="/i/{n}.jpg">Lamp number {n}</a> <b>$1{n}.00</b></li>' for n in range(5)
)


@pytest.mark.parametrize(
    ("host", "head", "currency"),
    [
        ("lamps.example", "", "USD"), ("lamps.com.au", "", "AUD"), ("lamps.co.nz", "", "NZD"), ("lamps.ca", "", "CAD"),
        ("lamps.com.mx", "", "MXN"), ("lamps.sg", "", "SGD"), ("lamps.com.hk", "", "HKD"),
        ("lamps.example", '<meta property="og:locale" content="en_AU">', "AUD"),
        ("lamps.example", '<script>Shopify.currency = {"active":"AUD","rate":"1.0"};</script>', "AUD"),
        ("lamps.com.au", '<meta property="og:price:currency" content="USD">', "USD"),
        ("lamps.com.au", '<script>var shop = {"currencyCode": "USD"};</script>', "USD"),
        ("lamps.example", '<script>var all = [{"currency": "AUD"}, {"currency": "CAD"}];</script>', "USD"),
    ],
)  # fmt: skip
def test_a_dollar_is_that_of_the_page(host: str, head: str, currency: str) -> None:
    html = (
        f"<html lang=en><head><title>Lamps</title>{head}</head><body><h1>Lamps</h1><ul>{DOLLARS}</ul></body></html>"
    )
    url = f"https://{host}/lamps"
    cards = read_page(page(html, url), generic_platform(url)).cards
    assert [card.price.value.currency for card in cards if card.price is not None] == [currency] * 5

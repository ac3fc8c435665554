"""A list that only the page's data spells gives cards as any other."""

# ruff: noqa: E501 -- one page a line

from __future__ import annotations

import json
from typing import Any

import pytest

from config.families import generic_platform
from crawler.extract.page import Reading, read_page
from store.records.fetches import FetchKind
from store.records.listings import PageKind
from tests.crawler.extract.pages_made import page

NUMBERS = range(1, 9)
LIST_ITEMS = [
    {
        "@type": "ListItem",
        "position": n,
        "item": {
            "@type": "Product",
            "name": f"Lamp number {n}",
            "url": f"/p/{n}",
            "image": f"/i/{n}.jpg",
            "offers": {"@type": "Offer", "price": f"{n}5.00", "priceCurrency": "EUR"},
        },
    }
    for n in NUMBERS
]
PLAIN = [
    {
        "product_name": f"Lamp number {n}",
        "productUrl": f"/p/{n}",
        "imageUrl": f"/i/{n}.jpg",
        "salePrice": float(f"{n}5"),
    }
    for n in NUMBERS
]
EDGES = [
    {
        "node": {
            "id": n,
            "title": f"Lamp number {n}",
            "url": f"https://lamps.example/p/{n}",
            "featuredImage": {"url": f"/i/{n}.jpg"},
            "price": {"amount": f"{n}5.00", "currencyCode": "EUR"},
        }
    }
    for n in NUMBERS
]


def read(
    script: str,
    body: str = '<div id="app"></div>',
    url: str = "https://lamps.example/lamps",
    expected: FetchKind | None = None,
) -> Reading:
    html = f'<html lang="en"><head><title>Lamps</title>{script}</head><body><h1>Lamps</h1>{body}</body></html>'
    return read_page(page(html, url), generic_platform(url), expected=expected)


def markup(value: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def state(value: Any) -> str:
    return f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(value)}</script>'


SOURCES = {
    "item list": markup({"@type": "ItemList", "itemListElement": LIST_ITEMS}),
    "catalogue": markup({"@type": "Store", "hasOfferCatalog": {"@type": "OfferCatalog", "itemListElement": [{"@type": "Offer", "itemOffered": part["item"]} for part in LIST_ITEMS]}}),
    "products": "".join(markup(part["item"]) for part in LIST_ITEMS),
    "state": state({"props": {"currency": "EUR", "search": {"results": PLAIN}}}),
    "edges": state({"data": {"products": {"edges": EDGES}}}),
    "assigned": f"<script>window.__STATE__ = {json.dumps({'currency': 'EUR', 'items': PLAIN})};</script>",
    "by id": state({"currency": "EUR", "products": {str(n): part for n, part in enumerate(PLAIN)}}),
    "within a string": state({"currency": "EUR", "dehydrated": json.dumps({"items": PLAIN})}),
}  # fmt: skip


@pytest.mark.parametrize("case", SOURCES)
def test_lists_in_data_alone_are_cards(case: str) -> None:
    reading = read(SOURCES[case])
    assert reading.kind is PageKind.RESULTS, reading.because
    assert [card.url for card in reading.cards] == [f"https://lamps.example/p/{n}" for n in NUMBERS]
    first = reading.cards[0]
    assert first.title is not None and first.price is not None and first.image is not None
    assert (first.title.value, str(first.price.value)) == ("Lamp number 1", "15.00 EUR")
    assert first.image.value == "https://lamps.example/i/1.jpg"
    assert first.title.rule == "lamps-example: results.title (in data)"


@pytest.mark.parametrize("case", ["state", "edges"])
def test_neither_front_pages_nor_articles_become_lists(case: str) -> None:
    assert read(SOURCES[case], url="https://lamps.example/").kind is PageKind.NONE
    article = markup({"@type": "NewsArticle", "headline": "Lamps"})
    assert read(SOURCES[case] + article, url="https://lamps.example/news/1").kind is PageKind.NONE
    assert read(SOURCES[case], url="https://lamps.example/", expected=FetchKind.RESULTS).kind is PageKind.RESULTS


def test_recommendations_in_data_are_no_list() -> None:
    assert read(state({"currency": "EUR", "recommendations": PLAIN})).kind is PageKind.NONE


def test_sight_is_believed_where_both_agree() -> None:
    tiles = "".join(
        f'<li><a href="/p/{n}"><img src="/i/{n}.jpg">Lamp number {n} in green</a> <b>{n}5.00 EUR</b></li>'
        for n in NUMBERS
    )
    reading = read(SOURCES["item list"], f"<ul>{tiles}</ul>")
    assert len(reading.cards) == 8 and reading.cards[0].title is not None
    assert reading.cards[0].title.value == "Lamp number 1 in green"


def test_data_that_lists_far_more_is_believed() -> None:
    tiles = "".join(
        f'<li><a href="/p/{n}"><img src="/i/{n}.jpg">Lamp number {n} in green</a> <b>{n}5.00 EUR</b></li>'
        for n in NUMBERS[:4]
    )
    assert len(read(SOURCES["item list"], f"<ul>{tiles}</ul>").cards) == 8


def test_a_page_beyond_the_limit_is_read_as_far_as_it_goes() -> None:
    tiles = "".join(
        f'<li><a href="/p/{n}"><img src="/i/{n}.jpg">Lamp number {n}</a> <b>{n}5.00 EUR</b></li>' for n in NUMBERS
    )
    reading = read("", f"<ul>{tiles}</ul>{'<!-- filler -->' * 560_000}")
    assert reading.kind is PageKind.RESULTS and len(reading.cards) == 8
    assert any(note.startswith("cut: a page of ") for note in reading.notes)

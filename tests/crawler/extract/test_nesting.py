"""Deep nesting hides nothing, and costs no more than its length."""

from __future__ import annotations

import time

import pytest

from config.families import generic_platform
from crawler.extract.document import Document
from crawler.extract.layout import MAX_NODES, Layout
from crawler.extract.page import Reading, read_page
from store.records.listings import PageKind
from tests.crawler.extract.pages_made import SEEN_AT, page

LEVELS = 5_000
OFFER = (
    '<div class="product"><h1>Walnut desk lamp with shade</h1><p class="price">$49.50</p>'
    '<form action="/cart/add"><button>Add to cart</button></form></div>'
)
LIST = "".join(
    f'<li class="product"><a href="/p/{n}"><img src="/{n}.jpg"><h3>Green tea number {n}</h3></a>'
    f'<span class="price">1{n},99 €</span></li>'
    for n in range(1, 9)
)


def read_within(tag: str, inner: str, levels: int = LEVELS) -> Reading:
    names = tag.split()
    opening, closing = "".join(f"<{n} class=x>" for n in names), "".join(f"</{n}>" for n in reversed(names))
    body = f"<title>Walnut desk lamp with shade</title>{opening * levels}{inner}{closing * levels}"
    url = "https://shop.example/goods/walnut-lamp"
    return read_page(page(f"<html lang=en><body>{body}</body></html>", url), generic_platform(url))


@pytest.mark.parametrize("tag", ["div", "span", "table tr td", "ul li", "blockquote", "font", "p"])
def test_an_offer_below_thousands_of_levels_is_read(tag: str) -> None:
    fields = read_within(tag, OFFER).fields
    assert fields is not None and fields.title is not None and fields.price is not None
    assert (fields.title.value, str(fields.price.value)) == ("Walnut desk lamp with shade", "49.50 USD")


@pytest.mark.parametrize("tag", ["div", "span", "ul li"])
def test_a_list_below_thousands_of_levels_is_read(tag: str) -> None:
    reading = read_within(tag, f"<ul>{LIST}</ul>")
    assert (reading.kind, len(reading.cards)) == (PageKind.RESULTS, 8)


def test_four_times_the_depth_costs_about_four_times_the_time() -> None:
    def seconds(levels: int) -> float:
        taken = []
        for _ in range(2):  # the better of two: other processes share the machine
            start = time.thread_time()
            read_within("span", OFFER, levels)
            taken.append(time.thread_time() - start)
        return min(taken)

    seconds(100)
    assert seconds(8_000) < 12 * seconds(2_000), "growing with the square of the depth makes it sixteen times"


def test_a_page_of_too_many_elements_says_that_it_was_cut() -> None:
    body = b"<body>" + b"<i>x</i>" * MAX_NODES
    document = Document(url="https://shop.example/", body=body, content_type=None, fetched_at=SEEN_AT)
    assert len(Layout(document).places) == MAX_NODES
    assert any(note.startswith(f"cut: {MAX_NODES} elements") for note in document.notes)

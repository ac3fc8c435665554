"""A stated total is told from other numbers of a page of results."""

# ruff: noqa: E501 -- several cases a line

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.document import Document
from crawler.extract.totals import find_total
from tests.crawler.extract.pages_made import SEEN_AT


def said(words: str, cards: int = 8) -> int | None:
    body = f"<html><body><h1>Lamps</h1>{words}</body></html>".encode()
    document = Document(
        url="https://lamps.example/s?q=x", body=body, content_type="text/html; charset=utf-8", fetched_at=SEEN_AT
    )
    found = find_total(document, cards)
    return found.count if found is not None else None


@pytest.mark.parametrize(
    ("words", "total"),
    [
        ("<p>1-24 of <b>318</b> results</p>", 318), ("<p>1-8 of over 1,000 results for lamps</p>", 1000),
        ("<p>Showing 1–12 of 31 results</p>", 31), ("<p>Artikel 1 - 8 von 1.074</p>", 1074),
        ("<p>Resultados 31 - 38 de 384</p>", 384), ("<p>Articoli da 1 a 9 di 40 totali</p>", 40),
        ("<p>1 284 annonces</p>", 1284), ("<span>4,007</span> <span>results</span>", 4007),
        ("<p>Найдено: 57</p>", 57), ("<p>全 318 件</p>", 318), ("<p>共 120 件商品</p>", 120), ("<p>Displaying 1 to 7 (of 17 products)</p>", 17),
    ],
)  # fmt: skip
def test_a_total_is_told_in_many_words(words: str, total: int) -> None:
    assert said(words) == total


@pytest.mark.parametrize(
    "words",
    [
        "<nav>12 items in the list</nav>", "<p>Your cart: 12 items</p>", "<p>24 products per page</p>", "<p>over 200 products with discounts</p>",
        "<p>3 results</p>", "<p>Radiator 85-87 / 525E</p>", "<p>$99 products</p>", "<p>1234 reviews</p>", "<p>no number</p>",
        "<div>1-8</div><div>" + "<p>of</p>" * 20 + "</div><div>318</div>",
    ],
)  # fmt: skip
def test_other_numbers_are_none(words: str) -> None:
    assert said(words) is None


@given(st.text(alphabet="0123456789 -of.,results件全共von", max_size=300))
def test_any_words_have_a_total_or_none(words: str) -> None:
    total = said(words)
    assert total is None or total > 0

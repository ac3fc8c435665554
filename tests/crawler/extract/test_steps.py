"""Steps change the words of a rule, and drop a word they can't read instead of guessing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.rule import Step
from crawler.extract.errors import BrokenRule
from crawler.extract.page import read_page
from crawler.extract.patterns import Fingerprints, compile_re, taken
from crawler.extract.rules import Word
from crawler.extract.steps import take_steps
from store.records.fetches import FetchKind
from tests.crawler.extract.pages_made import page, platform

CASES: list[tuple[Step, list[str], list[str]]] = [
    ("digits", ["Art. 12-34 b", "none"], ["1234"]),
    ("lower", ["InStock"], ["instock"]),
    ("unescape", ["Caf&eacute; &amp; bar"], ["Café & bar"]),
    ("unquote", ["https%3A%2F%2Fa.example%2F1"], ["https://a.example/1"]),
    ("base64", ["MzI5Ljk5", "!!"], ["329.99"]),
    ("hundredths", ["1999", "19.99", "free", "-5"], ["19.99", "-0.05"]),
    ("last", ["Home", "Shoes", "Boots"], ["Boots"]),
    ("joined", ["Home", " Shoes ", "", "Boots"], ["Home > Shoes > Boots"]),
]


@pytest.mark.parametrize(("step", "given_words", "left"), CASES, ids=[case[0] for case in CASES])
def test_each_step_does_what_it_says(step: Step, given_words: list[str], left: list[str]) -> None:
    words = [Word(text=text, where="b") for text in given_words]
    assert [word.text for word in take_steps(words, [step])] == left


@given(st.lists(st.text(max_size=40), max_size=5), st.lists(st.sampled_from([case[0] for case in CASES]), max_size=4))
def test_steps_take_whatever_a_page_says(texts: list[str], steps: list[Step]) -> None:
    assert len(take_steps([Word(text=text, where="b") for text in texts], steps)) <= len(texts)


def test_a_pattern_gives_its_first_group() -> None:
    assert taken(compile_re(r"/shop/(\d+)", "r"), "https://a.example/shop/77?x") == "77"
    assert taken(compile_re(r"/shop/\d+", "r"), "https://a.example/shop/77?x") == "/shop/77"
    assert taken(compile_re(r"(a)|b", "r"), "b") == ""
    assert taken(compile_re(r"x", "r"), "b") is None


@pytest.mark.parametrize("pattern", ["(", r"(?=a)", r"(a)\1", "(?:a{1000}){1000}"])
def test_what_cannot_be_matched_in_linear_time_is_no_pattern(pattern: str) -> None:
    with pytest.raises(BrokenRule, match="no regular expression of RE2"):
        compile_re(pattern, "shop: listing.title[0]")


def test_a_hostile_page_cannot_slow_a_pattern_down() -> None:
    pattern = compile_re(r"^(?:a+)+$", "r")
    assert taken(pattern, "a" * 19_000 + "!") is None  # Python's re needs longer than the universe's age


def test_fingerprints_are_found_in_one_pass() -> None:
    prints = Fingerprints((r"cdn\.shopify\.com", r"/wp-content/plugins/woocommerce/", r"body class=.\w+"))
    assert prints.found_in(b"<script src=//cdn.shopify.com/x.js><body class='wp'>") == {0, 2}
    assert Fingerprints(()).found_in(b"anything") == frozenset()


def test_an_element_that_two_selectors_match_is_one_hit() -> None:
    shop = platform(read={"listing": {"title": {"css": "h1, h1.name", "hits": 1}, "price": ".price"}})
    reading = read_page(
        page('<h1 class="name">Canvas bag</h1><b class="price">12 EUR</b>'), shop, expected=FetchKind.LISTING
    )
    assert reading.fields is not None
    assert reading.fields.title is not None

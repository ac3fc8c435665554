"""What a page's source bears traces of, and words by the dozen found in one pass."""

from __future__ import annotations

import pytest

from crawler.extract.nesting import tame
from crawler.extract.patterns import finder
from crawler.extract.presence import Trace, traces_in

BEARS = [
    ("eval(function(p,a,c,k,e,d){", Trace.PACKED),
    ('x = atob("aHR0cHM6Ly9wbGF5LmV4YW1wbGUv")', Trace.BASE64),
    ('"aHR0cHM6Ly9wbGF5LmV4YW1wbGUv"', Trace.BASE64),
    ("unescape('%3Ciframe%3E')", Trace.ESCAPED),
    ("?to=https%3A%2F%2Fhost.example%2F", Trace.ESCAPED),
    (r"'\x68\x74\x74\x70'", Trace.CODES),
    ("<iframe data-src='//p.example/e/1'>", Trace.HANDED),
    ("<li data-embed='//p.example/e/1'>", Trace.HANDED),
    ("<script type='text/template'>", Trace.TEMPLATE),
    ("'/live/index.M3U8'", Trace.MANIFEST),
    ("magnet:?xt=urn:btih:", Trace.MAGNET),
    ("сиды и раздачи", Trace.SWARM),
    ("<div data-product-options='[{", Trace.STATE),
    ("priceCurrency", Trace.CURRENCY),
]


@pytest.mark.parametrize(("text", "trace"), BEARS, ids=[f"{trace.name}-{n}" for n, (_, trace) in enumerate(BEARS)])
def test_what_a_page_holds_leaves_its_trace(text: str, trace: Trace) -> None:
    assert trace in traces_in(text)


def test_plain_prose_bears_no_trace() -> None:
    assert traces_in("<p>A chair of oak, 40 cm wide, for 12 €.</p>") == frozenset()


@pytest.mark.parametrize(
    ("words", "found"),
    [("nav", [0]), ("site-nav top", [0]), ("navel", None), ("unav", None), ("nav footer", [0, 1]), ("", None)],
)
def test_words_are_found_between_their_edges(words: str, found: list[int] | None) -> None:
    said = finder("(?<![a-z])nav(?![a-z])", "(?<![a-z])footer(?![a-z])")(words)
    assert (sorted(said) if said else said) == found


@pytest.mark.parametrize("chars", [59_990, 60_001, 200_000])
def test_one_long_attribute_is_no_attack(chars: int) -> None:
    markup = f"<p>a</p><div data-x='{'y' * chars}'>b</div>"
    assert tame(markup) == (markup, [])


def test_thousands_of_attributes_in_one_tag_are_dropped() -> None:
    markup, notes = tame("<p>a</p><div " + "a=1 " * 20_000 + ">b</div>")
    assert markup == "<p>a</p><div>b</div>"
    assert notes

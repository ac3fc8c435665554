"""Rules that fit no page are named before any page is fetched."""

from __future__ import annotations

from config.families import generic_platform
from crawler.extract.check import broken_rules
from tests.crawler.extract.pages_made import platform


def test_the_shipped_family_can_be_used_whole() -> None:
    assert broken_rules(generic_platform("https://shopnest.example/")) == ()


def test_every_broken_rule_is_named() -> None:
    shop = platform(
        read={
            "results": {"card": "li[", "link": {"css": "a", "re": "("}},
            "listing": {
                "title": ["h1", "h1["],
                "price": {"jsonld": "Product", "path": "a[[["},
                "sku": {"guess": "x"},
            },
            "stream": {"year": {"script": "script["}},
        }
    )
    named = {error.rule for error in broken_rules(shop)}
    assert named == {
        "shopnest: results.card",
        "shopnest: results.link[0]",
        "shopnest: listing.title[1]",
        "shopnest: listing.price[0]",
        "shopnest: listing.sku[0]",
        "shopnest: stream.year[0]",
    }

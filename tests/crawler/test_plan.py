"""Where a crawl begins, and what it says that it will cost."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from config.platform import Platform
from crawler.errors import NotLookable
from crawler.plan import page_url, plan, search_terms, seeds
from store.records.fetches import FetchKind


def platform(**changes: Any) -> Platform:
    """A marketplace with a search and one category."""
    look = {
        "search": "/s?q={term}&p={page}",
        "category": ["/c/watches?p={page}"],
        "pages": 3,
        **changes.pop("look", {}),
    }
    return Platform.model_validate(
        {
            "name": "shop",
            "kind": "marketplace",
            "home": "https://shop.example/",
            "reach": {"by": "crawl", "robots_read_on": date(2026, 11, 20)},
            "look": look,
        }
        | changes
    )


def test_terms_are_each_looked_for_once() -> None:
    """Whatever their case and spaces; in the order of marks, products, works, file."""
    terms = search_terms(["VALDORI", None, " "], ["Valdori  Tide", "valdori"], more=["replica tide"])
    assert terms == ["VALDORI", "Valdori Tide", "replica tide"]


def test_seeds_are_the_first_page_of_every_query_and_the_canary() -> None:
    """Terms are quoted for the address; the context keeps them as they are."""
    found = seeds(platform(expect={"canary": "/about"}), "r", ["Åke & Co"])
    assert [(each.kind, each.url) for each in found] == [
        (FetchKind.CANARY, "https://shop.example/about"),
        (FetchKind.RESULTS, "https://shop.example/s?q=%C3%85ke+%26+Co&p=1"),
        (FetchKind.RESULTS, "https://shop.example/c/watches?p=1"),
    ]
    assert found[1].context == {"term": "Åke & Co", "page": "1"}


def test_a_search_without_page_is_one_page() -> None:
    """And a first page may be numbered 0."""
    shop = platform(look={"search": "/s?q={term}", "category": [], "first_page": 0})
    assert [each.url for each in seeds(shop, "r", ["a"])] == ["https://shop.example/s?q=a"]
    assert page_url(shop, "/c?p={page}", 0) == "https://shop.example/c?p=0"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"reach": {"by": "import"}}, "reach.by"),
        ({"reach": {"by": "crawl"}}, "nobody has read its robots.txt"),
        ({"look": {"category": []}}, "no search term"),
    ],
)
def test_nowhere_to_look_is_said(changes: dict[str, Any], why: str) -> None:
    """Before a run is begun."""
    with pytest.raises(NotLookable, match=why):
        seeds(platform(**changes), "r", [])


def test_plan_says_hours_and_what_is_cut() -> None:
    """Two queries of three pages with 24 offers of five photos, every 3 seconds, under a budget of 500."""
    made = plan(platform(look={"max_fetches": 500}), ["VALDORI"])
    assert made.queries == ("VALDORI", "/c/watches?p={page}")
    assert (made.result_pages, made.fetches, made.hours) == (6, 500, 0.42)
    assert any("500" in sentence for sentence in made.cut)


@pytest.mark.parametrize(
    ("look", "fetches"),
    [
        ({}, 6 + 144 + 720 + 2),
        ({"photos": False}, 6 + 144 + 2),
        ({"open": "suspicious"}, 6 + 22 + 144 + 86 + 2),
        ({"open": "suspicious", "max_photos": 0}, 6 + 22 + 2),
    ],
    ids=["all", "without photos", "suspicious", "suspicious, without photos"],
)
def test_a_plan_counts_the_pages_that_are_opened(look: dict[str, Any], fetches: int) -> None:
    """Cards first: a photo a card, and of the offers whose pages are opened the others."""
    made = plan(platform(look=look), ["VALDORI"])
    assert made.fetches == pytest.approx(fetches, abs=1)
    assert any("suspicious" in sentence for sentence in made.cut) == (look.get("open") == "suspicious")

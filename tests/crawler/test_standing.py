"""Each state of a listing by its own sign; what cannot be told is never called gone."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime

import pytest

from config.platform import Platform
from crawler.extract.fields import FALLBACK_RULE
from crawler.extract.page import read_page
from crawler.extract.pages import Page, Reading
from crawler.plan import make_fetch
from crawler.standing import hidden_state, shown_item, shown_state
from store.records.fetches import FetchKind
from store.records.listings import Availability, ListingFields, ListingState, PageKind
from store.records.seen import Seen

SHOP = Platform.model_validate(
    {
        "name": "shop",
        "kind": "marketplace",
        "home": "https://shop.example/",
        "reach": {"by": "crawl", "robots_read_on": date(2026, 11, 20)},
        "look": {"category": ["/c/watches?p={page}"]},
        "read": {"listing": {"title": "h1.title", "price": {"css": ".price", "as": "money"}}},
        "gone": {"status": [404, 410], "text": ["No longer with us"]},
    }
)
ITEM = "https://shop.example/item/1"


def html(words: str) -> bytes:
    """A page that says this and nothing else."""
    return f"<html lang='en'><head><title>x</title></head><body><p>{words}</p></body></html>".encode()


CASES = [
    ("its own status", ITEM, 410, html("bye"), 0, ListingState.GONE, "410"),
    ("its own words", ITEM, 200, html("No longer with us"), 0, ListingState.GONE, "No longer with us"),
    ("to the front page", "https://shop.example/", 200, html("Welcome"), 1, ListingState.GONE, "the front page"),
    ("to its list", "https://shop.example/c/watches?p=1", 200, html("Watches"), 1, ListingState.GONE, "/c/watches"),
    ("to another page", "https://shop.example/help", 200, html("Help"), 1, ListingState.LAYOUT_CHANGED, "no offer"),
    ("a new layout", ITEM, 200, html("Something else"), 0, ListingState.LAYOUT_CHANGED, "no offer"),
    ("refused", ITEM, 403, html("No"), 0, ListingState.BLOCKED, "403"),
    ("a law", ITEM, 451, html("No"), 0, ListingState.GEO_FENCED, "451"),
    (
        "a fence",
        ITEM,
        200,
        html("Sorry, this item is not available in your country."),
        0,
        ListingState.GEO_FENCED,
        "",
    ),
    ("a German fence", ITEM, 200, html("In deinem Land nicht verfügbar"), 0, ListingState.GEO_FENCED, "nicht"),
    ("a broken server", ITEM, 500, html("oops"), 0, ListingState.UNREACHABLE, "500"),
    ("a wrong question", ITEM, 400, html("what"), 0, ListingState.UNKNOWN, "400"),
]


@pytest.mark.parametrize(
    ("url", "status", "body", "hops", "state", "why"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_each_state_has_its_own_sign(
    url: str, status: int, body: bytes, hops: int, state: ListingState, why: str
) -> None:
    """And a sentence that says which."""
    page = Page(url=url, status=status, headers=(), body=body, fetched_at=datetime(2026, 11, 22, tzinfo=UTC))
    fetch = dataclasses.replace(make_fetch("r", ITEM, FetchKind.LISTING, context={"item": "1"}), hops=hops)
    told, because = hidden_state(fetch, page, read_page(page, SHOP, expected=FetchKind.LISTING), SHOP)
    assert told is state
    assert why in because


@pytest.mark.parametrize(
    ("stock", "where", "state"),
    [
        (Availability.IN_STOCK, None, ListingState.LIVE),
        (Availability.LIMITED, None, ListingState.LIVE),
        (Availability.SOLD_OUT, None, ListingState.SOLD),
        (Availability.DISCONTINUED, None, ListingState.SOLD),
        (Availability.OUT_OF_STOCK, None, ListingState.PAUSED),
        (Availability.SOLD_OUT, "p (guessed)", ListingState.LIVE),
    ],
)
def test_stock_tells_sold_and_paused_but_a_guess_does_not(
    stock: Availability, where: str | None, state: ListingState
) -> None:
    """A wrong `sold` would let a copy pass."""
    seen = Seen(value=stock, raw=stock.value, rule="shop: listing.availability", where=where)
    assert shown_state(ListingFields(availability=seen))[0] is state
    assert shown_state(ListingFields())[0] is ListingState.LIVE


def test_a_card_names_the_offer_whose_page_does_not() -> None:
    """A page's own id comes first, then the card's; an address is held against an address."""

    def page(item: str, rule: str) -> Reading:
        id = Seen(value=item, raw=item, rule=rule)
        fields = ListingFields(platform_item_id=id)
        return Reading(kind=PageKind.LISTING, fields=fields, platform_item_id=item, because="x")

    own, by_address = page("7", "shop: listing.platform_item_id[0]"), page("url-77", FALLBACK_RULE)
    asked = {item: make_fetch("r", ITEM, FetchKind.LISTING, context={"item": item}) for item in ("1", "url-11")}
    unnamed = make_fetch("r", ITEM, FetchKind.LISTING)
    assert shown_item(own, asked["1"]) == "7"
    assert shown_item(by_address, asked["1"]) == "1"
    assert shown_item(by_address, asked["url-11"]) == shown_item(by_address, unnamed) == "url-77"
    nothing = Reading(kind=PageKind.GONE, because="x")
    assert (shown_item(nothing, asked["1"]), shown_item(nothing, unnamed)) == ("1", None)

"""A page about a seller is told from a list and from an offer, and gives the seller with their offers."""

from __future__ import annotations

import json

import pytest

from config.families import generic_platform
from console.reading import answer
from crawler.extract.page import Reading, read_page
from store.records.fetches import FetchKind
from store.records.listings import PageKind
from tests.crawler.extract.pages_made import page

SHOP = "https://kontor.example/seller/hedda-77"
GRID = "<ul>" + "".join(
    f'<li class="card"><a href="/item/{n}"><img src="/p/{n}.jpg"><b>Stool number {n}</b></a>'
    f'<i class="price">€{n}9.00</i></li>'
    for n in range(1, 9)
) + "</ul>"  # fmt: skip
ABOUT = "<p>Member since March 2019</p><p>99.2% positive feedback</p><p>1,204 items sold</p>"
IMPRINT = (
    "<h3>Business seller information</h3><p>Hedda Holz GmbH<br>Lindenweg 7<br>80331 München<br>VAT: DE136695976</p>"
)


def read(inner: str, url: str = SHOP, head: str = "", expected: FetchKind | None = None) -> Reading:
    head = f"<html lang='en'><head><title>Hedda Woodworks</title>{head}</head>"
    markup = f"{head}<body><h1>Hedda Woodworks</h1>{inner}</body></html>"
    return read_page(page(markup, url=url), generic_platform(url), expected=expected)


def test_a_shop_front_gives_the_seller_and_the_offers() -> None:
    reading = read(ABOUT + "<dl><dt>Location</dt><dd>Lund, Sweden</dd></dl>" + GRID)
    assert reading.kind is PageKind.SELLER and len(reading.cards) == 8
    seller = reading.seller
    assert seller is not None
    said = (seller.platform_seller_id, seller.name, seller.rating, seller.since, seller.sold_count, seller.location)
    assert [each.value if each else None for each in said] == [
        "hedda-77", "Hedda Woodworks", "99.2%", "March 2019", "1,204", "Lund, Sweden",
    ]  # fmt: skip
    assert seller.since is not None and seller.since.rule == "kontor-example: seller.since"
    assert seller.since.raw == "Member since March 2019" and seller.since.capture == "c1"


def test_a_profile_without_offers_is_a_seller_too() -> None:
    reading = read(ABOUT + IMPRINT)
    assert reading.kind is PageKind.SELLER and reading.cards == () and reading.seller is not None
    assert reading.seller.trader_name is not None and reading.seller.trader_name.value == "Hedda Holz GmbH"
    assert reading.seller.trader_vat is not None and reading.seller.trader_vat.value == "DE136695976"


def test_a_profile_page_s_markup_names_the_seller() -> None:
    person = {"@type": "ProfilePage", "mainEntity": {"@type": "Organization", "name": "Hedda Woodworks GmbH",
              "aggregateRating": {"ratingValue": 4.8}, "address": {"addressLocality": "Lund"},
              "description": "Stools, turned by hand."}}  # fmt: skip
    head = f'<script type="application/ld+json">{json.dumps(person)}</script>'
    reading = read("<p>About this shop</p>" + GRID, url="https://kontor.example/hedda", head=head)
    assert reading.kind is PageKind.SELLER and reading.seller is not None
    seller = reading.seller
    said = (seller.name, seller.rating, seller.location, seller.about, seller.platform_seller_id)
    assert [each.value if each else None for each in said] == [
        "Hedda Woodworks GmbH", "4.8", "Lund", "Stools, turned by hand.", None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("inner", "url", "kind"),
    [
        (GRID, "https://kontor.example/shop/women", PageKind.RESULTS),
        (GRID, SHOP, PageKind.RESULTS),
        (GRID + ABOUT, "https://kontor.example/search?q=stool", PageKind.RESULTS),
        ("<p>Please sign in to see more.</p>", "https://kontor.example/user/login", PageKind.NONE),
        (ABOUT, "https://kontor.example/news/hedda", PageKind.NONE),
    ],
    ids=["a department", "no words of a seller", "a search", "a door", "an article"],
)
def test_what_is_no_page_about_a_seller(inner: str, url: str, kind: PageKind) -> None:
    reading = read(inner, url=url)
    assert (reading.kind, reading.seller) == (kind, None)


def test_an_offer_of_a_seller_stays_an_offer() -> None:
    inner = '<p class="price">€40.00</p><img src="/p/1.jpg"><button>Add to cart</button>' + ABOUT
    product = {"@type": "Product", "name": "Hedda Woodworks", "offers": {"price": 40, "priceCurrency": "EUR"}}
    head = f'<script type="application/ld+json">{json.dumps(product)}</script>'
    assert read(inner, url="https://kontor.example/shop/hedda/stool-4711", head=head).kind is PageKind.LISTING


def test_what_was_fetched_as_a_list_stays_one() -> None:
    assert read(ABOUT + GRID, expected=FetchKind.RESULTS).kind is PageKind.RESULTS


def test_the_answer_of_marque_read_carries_the_seller() -> None:
    said = answer("page.html", read(ABOUT + GRID))
    assert (said["kind"], said["refusal"], len(said["cards"])) == ("seller", None, 8)
    assert said["seller"]["name"] == {
        "value": "Hedda Woodworks", "raw": "Hedda Woodworks", "rule": "kontor-example: seller.name",
        "where": "main heading",
    }  # fmt: skip

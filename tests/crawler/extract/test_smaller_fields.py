"""Each smaller field of an offer is read from a page nobody wrote rules for."""

from __future__ import annotations

import json

import pytest

from config.families import generic_platform
from crawler.extract.page import read_page
from store.records.listings import ListingFields
from tests.crawler.extract.pages_made import page

URL = "https://kontor.example/item/linen-shirt-4711.html"
PRODUCT = {
    "@type": "Product", "name": "Linen shirt", "productID": "4711", "mpn": "LS-40", "category": "Clothes > Shirts",
    "color": "White", "size": "M", "offers": {
        "@type": "Offer", "price": "40.00", "priceCurrency": "EUR", "inventoryLevel": {"value": 7},
        "seller": {"@type": "Person", "name": "Nils Weaving", "url": "https://kontor.example/u/nils",
                   "identifier": "n-7"},
        "availableAtOrFrom": {"name": "Lund"}, "validFrom": "2026-02-01",
        "shippingDetails": {"shippingRate": {"value": 4.5, "currency": "EUR"},
                            "shippingDestination": {"addressCountry": "SE"}}},
}  # fmt: skip


@pytest.fixture(scope="module")
def fields() -> ListingFields:
    head = (
        f'<script type="application/ld+json">{json.dumps(PRODUCT)}</script><link rel="canonical" href="/item/4711">'
    )
    body = "<h1>Linen shirt</h1><p class='price'>€40.00</p><p>1,204 sold</p><button>Add to cart</button>"
    markup = f"<html lang='sv'><head><title>Linen shirt</title>{head}</head><body>{body}</body></html>"
    read = read_page(page(markup, url=URL), generic_platform(URL)).fields
    assert read is not None
    return read


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("platform_item_id", "4711"),
        ("mpn", "LS-40"),
        ("category", "Clothes > Shirts"),
        ("colour", "White"),
        ("size", "M"),
        ("quantity", "7"),
        ("seller_name", "Nils Weaving"),
        ("seller_url", "https://kontor.example/u/nils"),
        ("seller_id", "n-7"),
        ("ships_from", "Lund"),
        ("shipping_price", "4.5 EUR"),
        ("sold_count", "1204"),
        ("posted_at", "2026-02-01 00:00:00+00:00"),
        ("language", "sv"),
        ("canonical_url", "https://kontor.example/item/4711"),
    ],
)
def test_a_field_is_read_with_its_origin(fields: ListingFields, field: str, value: str) -> None:
    seen = getattr(fields, field)
    assert seen is not None and str(seen.value) == value
    assert seen.rule.startswith(f"kontor-example: listing.{field}[") and seen.raw and seen.capture == "c1"


def test_where_an_offer_is_sent_is_read(fields: ListingFields) -> None:
    assert [seen.value for seen in fields.ships_to] == ["SE"]

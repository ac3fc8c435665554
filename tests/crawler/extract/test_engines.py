"""An undeclared page of a known engine is read by its family first; signs are data, and few signs are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.families import engines, generic_platform, read_as
from crawler.extract.check import broken_rules
from crawler.extract.document import Document
from crawler.extract.engines import shipped_signs
from crawler.extract.page import read_page
from store.records.fetches import FetchKind
from store.records.listings import PageKind
from tests.crawler.extract.pages_made import SEEN_AT, page, platform

SHOP = """<html><head><meta name="generator" content="WooCommerce 9.1"><title>Canvas bag - Loom</title></head>
<body class="product-template-default single single-product postid-77 woocommerce">
<header><span class="amount">0,00 &euro;</span></header>
<div id="product-77" class="product"><div class="summary"><h1 class="product_title entry-title">Canvas bag</h1>
<p class="price"><del><span class="amount">60,00 &euro;</span></del>
<ins><span class="amount">45,00 &euro;</span></ins></p>
<p class="stock in-stock">In stock</p></div></div>
<section class="related"><ul class="products"><li class="product">
<h2>Other bag</h2></li></ul></section></body></html>"""

CARDS = "".join(
    f'<li class="product post-{n}"><a class="woocommerce-LoopProduct-link" href="/product/bag-{n}/">'
    f'<img src="/{n}.jpg">'
    f'<h2 class="woocommerce-loop-product__title">Bag {n}</h2><span class="price">'
    f'<span class="amount">{n}9 &euro;</span></span></a>'
    f'<a class="add_to_cart_button" data-product_id="{n}">+</a></li>'
    for n in range(1, 5)
)
ARCHIVE = (
    '<html><head><link href="/wp-content/plugins/woocommerce/a.css"></head>'
    '<body class="archive woocommerce-shop woocommerce">'
    f'<ul class="products">{CARDS}</ul><a class="next page-numbers" href="/shop/page/2/">&rarr;</a></body></html>'
)
BASKET = SHOP.replace("single single-product postid-77", "woocommerce-cart")
POST = "<html><body><h1>Why I left WooCommerce</h1><p>woocommerce is a plugin.</p></body></html>"


def engine_of(markup: str) -> str | None:
    url = "https://loom.example/x"
    document = Document(url=url, body=markup.encode(), content_type="text/html", fetched_at=SEEN_AT)
    found = shipped_signs().engine_of(document, markup.encode())
    return None if found is None else found.name


def test_an_offer_of_a_known_engine_is_read_by_its_family() -> None:
    url = "https://loom.example/product/canvas-bag/"
    reading = read_page(page(SHOP, url=url), generic_platform(url))
    assert reading.kind is PageKind.LISTING
    assert reading.fields is not None
    assert (reading.fields.price, reading.fields.price_original) != (None, None)
    assert reading.fields.price is not None
    assert reading.fields.price.rule == "woocommerce: listing.price[0]"
    assert str(reading.fields.price.value.amount) == "45.00"
    assert reading.platform_item_id == "77"
    assert "woocommerce marks it" in reading.because


def test_a_field_the_family_does_not_read_falls_to_the_generic_one() -> None:
    url = "https://loom.example/product/canvas-bag/"
    fields = read_page(page(SHOP.replace("product_title entry-title", "x").replace('class="summary"', ""), url=url),
                       generic_platform(url)).fields  # fmt: skip
    assert fields is not None
    assert fields.title is not None
    assert fields.title.rule.startswith("generic: listing.title[")


def test_the_engine_s_cards_are_read_with_their_ids_and_next_page() -> None:
    url = "https://loom.example/shop/"
    reading = read_page(page(ARCHIVE, url=url), generic_platform(url))
    assert reading.kind is PageKind.RESULTS
    assert [card.platform_item_id for card in reading.cards] == ["1", "2", "3", "4"]
    assert reading.next_url == "https://loom.example/shop/page/2/"


def test_a_basket_offers_nothing_whatever_it_shows() -> None:
    url = "https://loom.example/cart/"
    assert read_page(page(BASKET, url=url), generic_platform(url)).kind is PageKind.NONE


@pytest.mark.parametrize(
    ("markup", "name"),
    [
        (SHOP, "woocommerce"),
        (ARCHIVE, "woocommerce"),
        (POST, None),
        ("<meta content='PrestaShop' name=generator>", "prestashop"),
        ('<link href="/static/oscar/a.css"><div class="basket-mini">', "django-oscar"),
        ('<link href="/static/oscar/a.css">', None),
        ("", None),
    ],
)
def test_few_signs_are_none(markup: str, name: str | None) -> None:
    assert engine_of(markup) == name


@pytest.mark.parametrize("name", sorted(engines()))
def test_every_family_can_be_used_whole(name: str) -> None:
    assert broken_rules(read_as(generic_platform("https://loom.example/"), name)) == ()
    recognise = engines()[name].recognise
    assert len(recognise.markup) + len(recognise.generator) >= recognise.need
    empty = Document(url="https://a.example/", body=b"<html>", content_type="text/html", fetched_at=SEEN_AT)
    for selector in (recognise.listing, recognise.results, recognise.nothing):
        assert selector is None or empty.select(selector, name) == []


MADE = Path(__file__).parent / "engine_pages"
"""The default markup of engines no page of which is at hand, as their documentation and themes have it."""

WANTED: dict[str, dict[str, str]] = {
    "magento2": {
        "title": "Canvas bag",
        "price": "45",
        "price_original": "60",
        "sku": "LOOM-1",
        "platform_item_id": "14",
        "images": "https://a.example/1.jpg",
    },
    "opencart": {
        "title": "Canvas bag",
        "price": "45.00",
        "platform_item_id": "40",
        "images": "https://a.example/image/1.jpg",
    },
    "shopware": {
        "title": "Canvas bag",
        "price": "45",
        "sku": "SW-1",
        "images": "https://a.example/1.jpg",
    },
    "osclass": {
        "title": "Canvas bag",
        "price": "45.00",
        "description": "Hardly worn.",
        "seller_name": "Kim",
    },
}


@pytest.mark.parametrize("name", sorted(WANTED))
def test_an_engine_s_default_markup_is_read_by_its_family(name: str) -> None:
    url = "https://a.example/canvas-bag"
    reading = read_page(page((MADE / f"{name}.html").read_bytes(), url=url), generic_platform(url))
    assert reading.kind is PageKind.LISTING
    assert reading.fields is not None
    for field, said in WANTED[name].items():
        seen = getattr(reading.fields, field)
        seen = seen[0] if isinstance(seen, tuple) else seen
        assert seen is not None, field
        assert str(getattr(seen.value, "amount", seen.value)) == said, field
        assert seen.rule.startswith(f"{name}: "), field


def test_a_link_site_s_players_are_read_by_its_family() -> None:
    url = "https://a.example/movies/tide/"
    reading = read_page(page((MADE / "dooplay.html").read_bytes(), url=url), generic_platform(url))
    assert reading.kind is PageKind.STREAM
    assert reading.fields is not None
    assert reading.fields.title is not None
    assert reading.fields.title.rule == "dooplay: stream.title[0]"
    assert "https://player.example/e/1" in {stream.url for stream in reading.fields.streams}


def test_a_path_is_looked_for_in_every_script_that_fits() -> None:
    shop = platform(read={"listing": {"title": {"script": "script[type='a/json']", "path": "offer.name"}}})
    scripts = '<script type="a/json">{"menu": 1}</script><script type="a/json">{"offer": {"name": "Bag"}}</script>'
    fields = read_page(page(f"<html>{scripts}</html>"), shop, expected=FetchKind.LISTING).fields
    assert fields is not None
    assert fields.title is not None
    assert fields.title.value == "Bag"


RELATED = (
    '<div class="product-layout"><div class="product-thumb"><h4><a href="/p2">Other rod</a></h4><p class="price">'
    '<span class="price-new">34,50€</span> <span class="price-old">39,90€</span></p></div></div>'
)


@pytest.mark.parametrize(
    "prices",
    [
        '<ul class="list-unstyled"><li><h2>42,90€</h2></li></ul>',
        '<span class="price-new">42,90€</span> <span class="price-old">50,00€</span>',
    ],
)
def test_the_price_of_a_related_offer_is_not_the_offers(prices: str) -> None:
    url = "https://rods.example/index.php?route=product/product&product_id=5"
    markup = (
        '<html><head><script src="catalog/view/javascript/common.js"></script></head><body class="product-product-5">'
        f'<div id="product-product"><div id="content"><h1>Long rod</h1>{prices}<div id="product">'
        '<input name="product_id" value="5"><button id="button-cart">Add to Cart</button></div>'
        f"<h3>Related</h3>{RELATED}</div></div></body></html>"
    )
    fields = read_page(page(markup, url=url), generic_platform(url)).fields
    assert fields is not None and fields.price is not None
    assert str(fields.price.value.amount) == "42.90"

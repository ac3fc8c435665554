"""Fields of offers on pages nobody wrote rules for: each page is the smallest of its kind."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.families import generic_platform
from crawler.extract.loose_json import values_in
from crawler.extract.page import Reading, read_page
from store.records.listings import Availability, Condition, PageKind
from tests.crawler.extract.pages_made import page

URL = "https://kontor.example/item/walnut-stool-4711.html"
WORDS = "Turned from one piece of walnut and oiled twice by hand before it leaves the shop."


def read(body: str, title: str = "Walnut stool", url: str = URL, head: str = "") -> Reading:
    markup = f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"
    return read_page(page(markup, url=url), generic_platform(url))


def offer(inner: str = "", price: str = '<p class="price">$40.00</p>', head: str = "") -> Reading:
    body = (
        f'<h1>Walnut stool</h1><img src="/p/stool.jpg" alt="Walnut stool">{price}<button>Add to cart</button>{inner}'
    )
    return read(body, head=head)


@pytest.mark.parametrize(
    "markup",
    [
        '<div class="seller-info">Sold by <a href="/seller/hedda">Hedda Woodworks</a></div>',
        "<p>Hosted by <a href='/users/show/77'>Hedda Woodworks</a></p>",
        "<table><tr><th>Anbieter</th><td>Hedda Woodworks</td></tr></table>",
        '<span itemprop="seller">Hedda Woodworks</span>',
    ],
)
def test_a_third_partys_name_is_the_seller(markup: str) -> None:
    fields = offer(markup).fields
    assert fields is not None and fields.seller_name is not None
    assert fields.seller_name.value == "Hedda Woodworks"


@pytest.mark.parametrize("words", ["Contact seller", "View profile", "96 items", "4.9 (231)"])
def test_words_that_name_nobody_are_no_seller(words: str) -> None:
    fields = offer(f'<div class="seller-info"><a href="/seller/hedda">{words}</a></div>').fields
    assert fields is not None and fields.seller_name is None


@pytest.mark.parametrize(
    "script",
    [
        '<script id="__NEXT_DATA__" type="application/json">{"props": {"product": {"name": "Walnut stool", "brand":'
        ' {"name": "Hedda"}, "sku": "ST-9", "price": 40, "inStock": false}}}</script>',
        "<script>dataLayer.push({event: 'view', ecommerce: {items: [{item_name: 'Walnut stool', item_brand: 'Hedda',"
        " sku: 'ST-9', price: '40.00', in_stock: false}]}});</script>",
        "<script>window.utag_data = {product_name: ['Walnut stool'], product_brand: ['Hedda'], product_sku: ['ST-9'],"
        " product_price: ['40.00'], product_in_stock: false}</script>",
    ],
)
def test_the_product_in_a_script_fills_what_the_page_does_not_show(script: str) -> None:
    fields = offer(script).fields
    assert fields is not None
    assert fields.brand_claimed is not None and fields.brand_claimed.value == "Hedda"
    assert fields.sku is not None and fields.sku.value == "ST-9"
    assert fields.availability is not None and fields.availability.value is Availability.OUT_OF_STOCK


def test_another_product_in_a_script_says_nothing_of_this_one() -> None:
    fields = offer('<script>var related = {"name": "Oak bench", "brand": "Anders", "price": 9}</script>').fields
    assert fields is not None and fields.brand_claimed is None


def test_structured_data_of_products_beside_the_offer_is_left_out() -> None:
    others = "".join(
        f'<script type="application/ld+json">{{"@type": "Product", "name": "Oak bench {n}",'
        f' "gtin13": "400638133393{n}", "offers": {{"price": "{n}.00", "priceCurrency": "USD"}}}}</script>'
        for n in range(1, 4)
    )
    fields = offer(others).fields
    assert fields is not None and fields.gtin is None
    assert fields.price is not None and str(fields.price.value.amount) == "40.00"


def test_of_two_bare_amounts_side_by_side_the_lower_is_asked() -> None:
    fields = offer(price="<div><span>$55.00</span> <span>$40.00</span></div>").fields
    assert fields is not None and fields.price is not None and fields.price_original is not None
    assert (str(fields.price.value.amount), str(fields.price_original.value.amount)) == ("40.00", "55.00")


@pytest.mark.parametrize("words", ["<span>$48.00 incl. VAT</span> <span>$40.00 excl. VAT</span>"])
def test_an_amount_without_tax_is_no_lowered_price(words: str) -> None:
    fields = offer(price=f"<div>{words}</div>").fields
    assert fields is not None and fields.price_original is None


def test_a_currency_in_an_element_of_its_own_belongs_to_its_amount() -> None:
    fields = offer(price='<p class="price"><b>SEK</b> <span class="price-now">400</span></p>').fields
    assert fields is not None and fields.price is not None and fields.price.value.currency == "SEK"


def test_a_sold_out_badge_beside_a_button_that_buys_is_idle() -> None:
    fields = offer('<span class="price__badge">Sold out</span>').fields
    assert fields is not None
    assert fields.availability is None or fields.availability.value is not Availability.SOLD_OUT


def test_a_stock_of_none_is_out_of_stock() -> None:
    fields = offer("<table><tr><th>Stock</th><td>0</td></tr></table>").fields
    assert fields is not None and fields.availability is not None
    assert fields.availability.value is Availability.OUT_OF_STOCK


@pytest.mark.parametrize(("said", "means"), [("good", Condition.USED), ("brand new", Condition.NEW)])
def test_a_labelled_grade_is_a_condition(said: str, means: Condition) -> None:
    fields = offer(f"<dl><dt>Condition</dt><dd>{said}</dd></dl>").fields
    assert fields is not None and fields.condition is not None and fields.condition.value is means


def test_prose_is_the_description_where_nothing_names_one() -> None:
    fields = offer(f"<div><p>{WORDS}</p></div>").fields
    assert fields is not None and fields.description is not None and fields.description.value == WORDS


def test_a_table_shop_without_headings_is_read_from_its_form() -> None:
    body = (
        '<form name="cart_quantity" action="/shop?action=add_product"><table><tr><td class="pageHeading">Walnut stool'
        '<br><span>[ST-9]</span></td><td class="pageHeading">$40.00</td></tr><tr><td><img src="images/stool.jpg"'
        ' alt="Walnut stool"></td></tr></table><input type="submit" value="Add to Cart"></form>'
    )
    reading = read(body, title="Kontor", url="https://kontor.example/catalog/product_info.php?products_id=9")
    assert reading.kind is PageKind.LISTING and reading.fields is not None and reading.fields.title is not None
    assert reading.fields.title.value == "Walnut stool"


def test_an_advertisement_that_calls_itself_an_article_is_an_offer() -> None:
    body = '<h1>Walnut stool <span class="price">$40</span></h1><p>condition: <b>good</b></p>'
    head = '<meta property="og:type" content="article">'
    assert read(body, url="https://corner.example/d/walnut-stool/73604355.html", head=head).kind is PageKind.LISTING


def test_a_sum_in_a_headline_is_no_price() -> None:
    body = f"<h1>Stool maker raises $8 million to turn walnut</h1><p>{WORDS}</p>"
    reading = read(
        body, title="Stool maker raises $8 million to turn walnut", url="https://paper.example/2020/walnut"
    )
    assert reading.kind is PageKind.NONE


def test_ways_to_reach_and_pay_a_seller_are_kept_as_addresses() -> None:
    reading = offer(
        '<p>Mail hedda@kontor.example, tel. <a href="tel:+46 8 123 456 78">call</a>,'
        ' <a href="https://wa.me/46812345678">chat</a>, 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa'
        " and 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb</p><script>ga('create', 'UA-12345-6')</script>"
    )
    assert reading.fields is not None
    assert {seen.value for seen in reading.fields.contacts} == {
        "mailto:hedda@kontor.example",
        "tel:+46812345678",
        "https://wa.me/46812345678",
        "bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
        "google-analytics:UA-12345-6",
    }


def test_breadcrumbs_give_the_category_without_both_ends() -> None:
    crumbs = '<div class="breadcrumb"><a>Home</a> › <a>Furniture</a> › <a>Stools</a> › Walnut stool</div>'
    fields = offer(crumbs).fields
    assert fields is not None and fields.category is not None and fields.category.value == "Furniture > Stools"


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="={}[]()\"':,;abp.price0123 \\\n", max_size=300))
def test_no_script_breaks_the_search_for_objects(script: str) -> None:
    for _ in values_in(script):
        pass

"""The versions of an offer are told apart, each with where it was read; what is no version gives none."""

from __future__ import annotations

import html
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.families import generic_platform
from crawler.extract.page import read_page
from crawler.extract.variants import draft_of
from store.records import codec
from store.records.fetches import FetchKind
from store.records.listings import Availability, ListingFields, Variant
from store.records.money import Money
from store.records.seen import Seen
from tests.crawler.extract.pages_made import page, platform

URL = "https://kontor.example/item/linen-shirt-4711.html"
FORTY = Money(amount=Decimal("40.00"), currency="EUR")


def variants(inner: str = "", head: str = "") -> tuple[Seen[Variant], ...]:
    """The versions that an ordinary offer with this on its page has."""
    markup = (
        f'<html lang="en"><head><title>Linen shirt</title>{head}</head><body><h1>Linen shirt</h1>'
        f'<img src="/p/shirt.jpg" alt="Linen shirt"><p class="price">€40.00</p>{inner}<button>Add to cart</button>'
        "</body></html>"
    )
    reading = read_page(page(markup, url=URL), generic_platform(URL))
    assert reading.fields is not None, reading.because
    return reading.fields.variants


def data(value: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def told(found: tuple[Seen[Variant], ...]) -> list[str]:
    return [str(each.value) for each in found]


GROUP = {
    "@type": "ProductGroup", "name": "Linen shirt", "productGroupID": "LS", "variesBy": ["https://schema.org/color"],
    "hasVariant": [
        {"@type": "Product", "name": f"Linen shirt - {colour} / {size}", "sku": f"LS-{colour[0]}{size}",
         "gtin13": "4006381333931", "color": colour, "size": size,
         "offers": {"@type": "Offer", "price": "40.00", "priceCurrency": "EUR",
                    "availability": "https://schema.org/" + ("InStock" if size == "S" else "OutOfStock")}}
        for colour, size in (("White", "S"), ("White", "M"), ("Navy", "S"))
    ],
}  # fmt: skip
WOO = [
    {"attributes": {"attribute_pa_color": "white", "attribute_pa_size": "s"}, "display_price": 40,
     "is_in_stock": True, "sku": "LS-WS", "variation_id": 11},
    {"attributes": {"attribute_pa_color": "navy", "attribute_pa_size": "m"}, "display_price": 42.5,
     "is_in_stock": False, "sku": "LS-NM", "variation_id": 12},
]  # fmt: skip
SHOPIFY = {
    "title": "Linen shirt", "price": 4000, "price_min": 4000, "compare_at_price": None,
    "options": [{"name": "Colour", "position": 1}, {"name": "Size", "position": 2}],
    "variants": [
        {"id": 1, "title": "White / S", "option1": "White", "option2": "S", "price": 4000, "sku": "LS-WS",
         "available": True, "requires_shipping": True, "barcode": "4006381333931"},
        {"id": 2, "title": "Navy / M", "option1": "Navy", "option2": "M", "price": 4250, "sku": "LS-NM",
         "available": False, "requires_shipping": True, "barcode": ""},
    ],
}  # fmt: skip
MAGENTO = {
    "[data-role=swatch-options]": {"Magento_Swatches/js/swatch-renderer": {"jsonConfig": {
        "attributes": {
            "93": {"code": "color", "label": "Colour", "options": [
                {"id": "50", "label": "White", "products": ["11"]},
                {"id": "51", "label": "Navy", "products": ["12"]}]},
            "144": {"code": "size", "label": "Size",
                    "options": [{"id": "1", "label": "S", "products": ["11", "12"]}]},
        },
        "optionPrices": {"11": {"finalPrice": {"amount": 40}}, "12": {"finalPrice": {"amount": 42.5}}},
        "sku": {"11": "LS-WS", "12": "LS-NS"}}}},
}  # fmt: skip


def test_a_product_group_gives_each_of_its_versions() -> None:
    found = variants(head=data(GROUP))
    assert told(found) == [
        "White / S; colour White, size S; sku LS-WS; gtin 4006381333931; in_stock; 40.00 EUR",
        "White / M; colour White, size M; sku LS-WM; gtin 4006381333931; out_of_stock; 40.00 EUR",
        "Navy / S; colour Navy, size S; sku LS-NS; gtin 4006381333931; in_stock; 40.00 EUR",
    ]
    assert found[2].rule.endswith("listing.variants[0]") and found[2].where == "jsonld hasVariant[2]"
    assert "Navy" in found[2].raw and found[2].capture == "c1"


def test_versions_that_name_their_group_are_its_versions() -> None:
    parts = [{**each, "inProductGroupWithID": "LS"} for each in GROUP["hasVariant"]]  # type: ignore[attr-defined]  # a list
    group = {"@type": "ProductGroup", "name": "Linen shirt", "productGroupID": "LS"}
    assert [each.value.attribute("colour") for each in variants(head=data([group, *parts]))] == [
        "White",
        "White",
        "Navy",
    ]


def test_several_offers_of_one_product_are_versions_by_name() -> None:
    offers = [{"@type": "Offer", "name": name, "price": price, "priceCurrency": "EUR", "sku": name[:2]}
              for name, price in (("Pack of 3", "5.29"), ("Six in a pack", "9.56"))]  # fmt: skip
    for wrapped in (
        offers,
        {"@type": "AggregateOffer", "lowPrice": "5.29", "priceCurrency": "EUR", "offers": offers},
    ):
        found = variants(head=data({"@type": "Product", "name": "Linen shirt", "offers": wrapped}))
        assert [(each.value.name, str(each.value.price)) for each in found] == [
            ("Pack of 3", "5.29 EUR"), ("Six in a pack", "9.56 EUR"),
        ]  # fmt: skip


def test_offers_of_several_sellers_are_no_versions() -> None:
    offers = [{"@type": "Offer", "price": price, "priceCurrency": "EUR", "sku": seller, "seller": {"name": seller}}
              for seller, price in (("Hedda", "40"), ("Nils", "41"))]  # fmt: skip
    assert variants(head=data({"@type": "Product", "name": "Linen shirt", "offers": offers})) == ()


def test_microdata_tells_versions_as_json_ld_does() -> None:
    offer = (
        '<div itemprop="offers" itemscope itemtype="https://schema.org/Offer">'
        '<meta itemprop="name" content="{0}"><meta itemprop="price" content="4{1}.00">'
        '<meta itemprop="priceCurrency" content="EUR"></div>'
    )
    inner = "".join(offer.format(name, n) for n, name in enumerate(("Short", "Long")))
    found = variants(
        f'<div itemscope itemtype="https://schema.org/Product"><i itemprop="name">Linen shirt</i>{inner}</div>'
    )
    assert told(found) == ["Short; 40.00 EUR", "Long; 41.00 EUR"]
    assert found[0].where == "microdata offers[0]"


def test_woocommerces_table_of_variations_is_read() -> None:
    found = variants(
        f'<form class="variations_form" data-product_variations="{html.escape(json.dumps(WOO))}"></form>'
    )
    assert told(found) == [
        "colour white, size s; sku LS-WS; in_stock; 40.00 EUR",
        "colour navy, size m; sku LS-NM; out_of_stock; 42.50 EUR",
    ]


def test_shopifys_product_object_is_read_in_hundredths() -> None:
    found = variants(f'<script type="application/json" data-product-json>{json.dumps(SHOPIFY)}</script>')
    assert [each.value.attributes for each in found] == [
        (("colour", "White"), ("size", "S")), (("colour", "Navy"), ("size", "M")),
    ]  # fmt: skip
    assert [str(each.value.price) for each in found] == ["40.00 EUR", "42.50 EUR"]
    assert [each.value.availability for each in found] == [Availability.IN_STOCK, Availability.OUT_OF_STOCK]
    assert [each.value.gtin for each in found] == ["4006381333931", None]


def test_a_single_default_version_is_none() -> None:
    one = {**SHOPIFY, "variants": [{"id": 1, "title": "Default Title", "option1": "Default Title", "price": 4000}]}
    assert variants(f"<script>var product = {json.dumps(one)};</script>") == ()


def test_magentos_attributes_name_the_products_behind_them() -> None:
    script = f'<script type="text/x-magento-init">{json.dumps(MAGENTO)}</script>'
    assert told(variants(script)) == [
        "colour White, size S; sku LS-WS; 40.00 EUR", "colour Navy, size S; sku LS-NS; 42.50 EUR",
    ]  # fmt: skip


def test_prestashops_combinations_carry_no_price_of_their_own() -> None:
    table = {
        "7": {"attributes_values": {"1": "S", "3": "White"}, "price": 0, "reference": "LS-S", "quantity": 3},
        "8": {"attributes_values": {"1": "M", "3": "White"}, "price": 2, "reference": "LS-M", "quantity": 0},
    }
    groups = [{"id_attribute_group": "1", "group": "Size"}, {"id_attribute_group": "3", "group": "Color"}]
    script = (
        f"<script>var combinations = {json.dumps(table)}; var attributesCombinations = {json.dumps(groups)};</script>"
    )
    assert told(variants(script)) == [
        "size S, colour White; sku LS-S; in_stock", "size M, colour White; sku LS-M; out_of_stock",
    ]  # fmt: skip


def test_a_table_of_dimensions_by_item_number_is_read() -> None:
    script = ('<script>var d = {"dimensionsDisplay": ["Size", "Color"], "dimensionValuesDisplayData": '
              '{"B0001": ["S", "White"], "B0002": ["M", "White"]}};</script>')  # fmt: skip
    assert told(variants(script)) == ["size S, colour White; sku B0001", "size M, colour White; sku B0002"]


@pytest.mark.parametrize(
    ("control", "expected"),
    [
        (
            '<label for="c">Farbe</label><select id="c" name="attribute_1"><option value="">Bitte wählen</option>'
            "<option>Weiß</option><option disabled>Marine</option></select>",
            ["colour Weiß", "colour Marine; out_of_stock"],
        ),
        (
            '<select name="size"><option>Select a size</option><option>S [In stock]</option><option>M (sold out)'
            "</option></select>",
            ["size S; in_stock", "size M; out_of_stock"],
        ),
        (
            '<select name="option[7]"><option value="1">Pack of two - €75.00</option><option value="2">'
            "One more sleeve (+€5.00)</option></select>",
            ["Pack of two; 75.00 EUR", "One more sleeve"],
        ),
        (
            '<fieldset><legend>Colour: White</legend><input type="radio" id="a" name="x-Colour"><label for="a">White'
            '</label><input type="radio" id="b" name="x-Colour"><label for="b">Navy</label></fieldset>',
            ["colour White", "colour Navy"],
        ),
        (
            '<div role="radiogroup" aria-label="Size"><button role="radio" aria-label="S"></button>'
            '<button role="radio" aria-disabled="true">M</button></div>',
            ["size S", "size M; out_of_stock"],
        ),
    ],
)
def test_controls_are_read_where_no_data_tells_versions(control: str, expected: list[str]) -> None:
    found = variants(control)
    assert told(found) == expected
    assert all(each.rule.endswith("listing.variants[2]") for each in found)


@pytest.mark.parametrize(
    "control",
    [
        '<select name="qty"><option>1</option><option>2</option></select>',
        '<select name="option_country"><option>Norway</option><option>Sweden</option></select>',
        '<select name="sort"><option>Price</option><option>Name</option></select>',
        '<select name="size"><option>Choose</option><option>One size</option></select>',
        '<input type="radio" name="rating" title="1"><input type="radio" name="rating" title="2">',
    ],
)
def test_choices_of_something_else_are_no_versions(control: str) -> None:
    assert variants(control) == ()


def test_data_is_believed_before_controls() -> None:
    control = '<select name="size"><option>XS</option><option>XL</option></select>'
    assert [each.value.attribute("size") for each in variants(control, head=data(GROUP))] == ["S", "M", "S"]


def test_a_platforms_own_rule_reads_whole_objects() -> None:
    rules = {"title": "h1", "variants": {"script": "window.shop", "path": "list", "all": True, "as": "variant"}}
    listed = '{"list": [{"sku": "1", "color": "red"}, {"sku": "2", "size": "L"}]}'
    body = f"<h1>Bag</h1><script>window.shop = {listed}</script>"
    read = platform(read={"unasked": "nothing", "listing": rules})
    fields = read_page(page(f"<html><body>{body}</body></html>"), read, expected=FetchKind.LISTING).fields
    assert fields is not None and told(fields.variants) == ["colour red; sku 1", "size L; sku 2"]


def test_versions_survive_the_store() -> None:
    fields = ListingFields(variants=variants(head=data(GROUP)))
    again = codec.from_json(ListingFields, json.loads(json.dumps(codec.to_json(fields))))
    assert again == fields and again.variants[0].value.price == FORTY


KEYS = ["name", "sku", "offers", "color", "options", "option1", "price", "attributes"]
INNER = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "value", "price"]), inner),
)


@given(st.dictionaries(st.sampled_from(KEYS), INNER))
@settings(max_examples=150, deadline=None)
def test_no_object_of_a_page_breaks_the_reader(value: dict[str, Any]) -> None:
    draft = draft_of(value, "x")
    assert draft is None or draft.is_told or draft.sku or draft.gtin

"""RDFa and microformats speak after JSON-LD and microdata, and say which they are."""

from __future__ import annotations

import pytest

from config.families import generic_platform
from crawler.extract.annotations import may_annotate
from crawler.extract.page import Reading, read_page
from store.records.listings import PageKind
from tests.crawler.extract.pages_made import page

URL = "https://kontor.example/item/linen-shirt-4711.html"
RDFA = """<div vocab="https://schema.org/" typeof="Product"><span property="name">Linen shirt</span>
<img property="image" src="/p/1.jpg"><span property="brand" typeof="Brand"><b property="name">Loom</b></span>
<meta property="gtin13" content="4006381333931"><span property="sku">LS-1</span>
<div property="offers" typeof="Offer"><span property="price" content="40.00">40</span>
<meta property="priceCurrency" content="EUR"><link property="availability" href="https://schema.org/InStock"></div>
<div property="aggregateRating" typeof="AggregateRating"><i property="ratingValue">4.5</i>
<i property="reviewCount">12</i></div></div>"""
GOOD_RELATIONS = """<div xmlns:gr="http://purl.org/goodrelations/v1#" typeof="schema:Product">
<span property="schema:name">Linen shirt</span><div rel="schema:offers"><div typeof="gr:Offering">
<div rel="gr:hasPriceSpecification"><div typeof="gr:UnitPriceSpecification"><span property="gr:hasCurrency"
content="EUR"></span><span property="gr:hasCurrencyValue" content="40.00">40</span></div></div></div></div></div>"""
H_PRODUCT = """<div class="h-product"><h2 class="p-name">Linen shirt</h2><img class="u-photo" src="/p/1.jpg" alt="">
<span class="p-brand h-card">Loom</span><data class="p-price" value="40.00">€40.00</data>
<span class="u-identifier">gtin13:4006381333931</span><div class="h-review-aggregate"><b class="p-average">4.5</b>
<b class="p-count">12</b></div></div>"""
H_PRODUCT_OLD = """<div class="hproduct"><span class="fn">Linen shirt</span><img class="photo" src="/p/1.jpg">
<span class="brand">Loom</span><span class="price">€40.00</span><span class="identifier">sku: LS-1</span></div>"""


def read(inner: str, head: str = "") -> Reading:
    head = f'<html lang="en"><head><title>Linen shirt</title>{head}</head>'
    markup = f"{head}<body><h1>Linen shirt</h1>{inner}</body></html>"
    return read_page(page(markup, url=URL), generic_platform(URL))


@pytest.mark.parametrize(
    ("markup", "layer"),
    [(RDFA, "rdfa"), (H_PRODUCT, "microformats"), (H_PRODUCT_OLD, "microformats"), (GOOD_RELATIONS, "rdfa")],
    ids=["rdfa", "h-product", "hproduct", "goodrelations"],
)
def test_a_price_that_only_annotations_state_is_read_from_them(markup: str, layer: str) -> None:
    reading = read(markup)
    assert reading.kind is PageKind.LISTING, reading.because
    assert reading.fields is not None and reading.fields.price is not None
    assert str(reading.fields.price.value) == "40.00 EUR"
    assert (reading.fields.price.where or "").startswith(layer)


def test_rdfa_gives_the_fields_of_a_product() -> None:
    fields = read(RDFA).fields
    assert fields is not None
    said = (fields.brand_claimed, fields.gtin, fields.sku, fields.rating, fields.reviews)
    assert [seen.value if seen else None for seen in said] == ["Loom", "4006381333931", "LS-1", "4.5", 12]
    assert fields.availability is not None and fields.images[0].value == "https://kontor.example/p/1.jpg"


def test_microformats_give_the_fields_of_a_product() -> None:
    fields = read(H_PRODUCT).fields
    assert fields is not None
    said = (fields.brand_claimed, fields.gtin, fields.rating, fields.reviews)
    assert [seen.value if seen else None for seen in said] == ["Loom", "4006381333931", "4.5", 12]
    old = read(H_PRODUCT_OLD).fields
    assert old is not None and old.sku is not None and old.sku.value == "LS-1"


def test_json_ld_speaks_first_and_the_other_is_kept_as_a_conflict() -> None:
    said = ('<script type="application/ld+json">{"@type": "Product", "name": "Linen shirt", "offers":'
            ' {"@type": "Offer", "price": 39, "priceCurrency": "EUR"}}</script>')  # fmt: skip
    reading = read(RDFA, head=said)
    assert reading.fields is not None and reading.fields.price is not None
    assert str(reading.fields.price.value) == "39 EUR" and (reading.fields.price.where or "").startswith("jsonld")
    conflict = next(each for each in reading.conflicts if each.field == "price")
    assert (conflict.chosen, conflict.other) == ("39 EUR", "40.00 EUR")


def test_a_product_shown_beside_the_offer_says_nothing_of_it() -> None:
    other = H_PRODUCT.replace("Linen shirt", "Oak table with drawers").replace("40.00", "900.00")
    fields = read(f'<p class="price">€40.00</p><button>Add to cart</button><img src="/p/s.jpg">{RDFA}{other}').fields
    assert fields is not None and fields.price is not None and str(fields.price.value) == "40.00 EUR"


def test_dublin_core_speaks_where_nothing_else_does() -> None:
    head = ('<meta name="DC.description" content="Woven in Flanders from long fibres."><meta name="dcterms.issued" '
            'content="2026-02-01">')  # fmt: skip
    fields = read('<p class="price">€40.00</p><img src="/p/s.jpg"><button>Add to cart</button>', head=head).fields
    assert fields is not None and fields.description is not None and fields.posted_at is not None
    assert fields.description.where == "meta dc.description" and fields.posted_at.value.year == 2026


def test_pages_without_signs_are_not_walked() -> None:
    assert not may_annotate('<div class="product" typeof="x">h-products</div>')
    assert may_annotate('<div class="h-product">') and may_annotate(
        '<div vocab="https://schema.org/" typeof="Product">'
    )


@pytest.mark.parametrize(
    "broken", ['<div typeof="schema:Product" property="x">' * 200, '<p class="h-product p-name">' * 200]
)
def test_annotations_within_annotations_end(broken: str) -> None:
    assert read(broken).because

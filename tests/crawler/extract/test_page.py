"""A page is read by its platform's rules, and says what it is when it is no offer."""

# ruff: noqa: E501 -- one case a line

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from crawler.extract.errors import BrokenRule
from crawler.extract.fields import FALLBACK_RULE
from crawler.extract.page import read_page
from store.records.fetches import FetchKind
from store.records.listings import Availability, PageKind
from store.records.money import Money
from tests.crawler.extract.pages_made import CARDS, HTML, LISTING_RULES, OFFER, RESULTS, page, platform

LISTING = FetchKind.LISTING


def test_every_field_knows_its_rule_its_words_and_its_capture() -> None:
    reading = read_page(page(OFFER), platform(), expected=LISTING)
    fields = reading.fields
    assert reading.kind is PageKind.LISTING
    assert reading.platform_item_id == "123"
    assert fields is not None and fields.title is not None and fields.price is not None
    assert (fields.title.value, fields.title.rule, fields.title.where) == (
        "Canvas bag",
        "shopnest: listing.title[0]",
        "h1",
    )
    assert fields.title.raw == "Canvas  bag"
    assert fields.price.value == Money(amount=Decimal(1299), currency="SEK")
    assert fields.price.capture == "c1"
    assert [seen.value for seen in fields.images] == ["https://shopnest.example/a.jpg", "https://img.example/b.jpg"]
    assert fields.seller_id is not None and fields.seller_id.value == "77"
    assert fields.availability is not None and fields.availability.value is Availability.IN_STOCK
    assert reading.notes == ()


def test_a_speaker_that_disagrees_is_noted_and_the_first_wins() -> None:
    reading = read_page(page(OFFER.replace('"price": 1299', '"price": 899')), platform(), expected=LISTING)
    assert reading.fields is not None and reading.fields.price is not None
    assert reading.fields.price.value.amount == 1299
    assert any(note.startswith("conflict: shopnest: listing.price[0]") for note in reading.notes)


@pytest.mark.parametrize("heads", ["", "<h1>A</h1><h1>B</h1>"])
def test_a_wrong_number_of_hits_reads_nothing_and_is_noted(heads: str) -> None:
    reading = read_page(page(OFFER.replace("<h1>Canvas  bag</h1>", heads)), platform(), expected=LISTING)
    assert reading.fields is None or reading.fields.title is None
    assert any(note.startswith("hits: shopnest: listing.title[0] expects 1") for note in reading.notes)


def test_without_an_id_rule_the_address_is_the_id_and_says_so() -> None:
    rules = {key: rule for key, rule in LISTING_RULES.items() if key != "platform_item_id"}
    shop = platform(read={"listing": rules})
    one = read_page(page(OFFER, "https://shopnest.example/item/5?utm_source=x&b=1&a=2"), shop, expected=LISTING)
    two = read_page(page(OFFER, "http://shopnest.example:80/item/5?a=2&b=1#top"), shop, expected=LISTING)
    assert one.platform_item_id == two.platform_item_id
    assert one.fields is not None and one.fields.platform_item_id is not None
    assert one.fields.platform_item_id.rule == FALLBACK_RULE


def test_cards_are_read_inside_their_card_only() -> None:
    reading = read_page(page(RESULTS, "https://shopnest.example/bags"), platform(), expected=FetchKind.RESULTS)
    assert reading.kind is PageKind.RESULTS
    assert reading.next_url == "https://shopnest.example/bags?page=2"
    assert [card.url for card in reading.cards][:1] == ["https://shopnest.example/item/1?utm_source=list"]
    assert [card.title.value for card in reading.cards if card.title] == ["Bag 1", "Bag 2", "Bag 3", "Bag 4"]
    assert [int(card.price.value.amount) for card in reading.cards if card.price] == [199, 299, 399, 499]
    assert [card.sponsored for card in reading.cards] == [False, True, False, False]


def test_results_without_a_card_are_results_without_cards() -> None:
    reading = read_page(page("<html><body><h1>Bags</h1></body></html>"), platform(), expected=FetchKind.RESULTS)
    assert (reading.kind, reading.cards) == (PageKind.RESULTS, ())


REFUSED: dict[str, tuple[dict[str, Any], str | bytes, PageKind]] = {
    "404": ({"status": 404}, OFFER, PageKind.GONE),
    "410": ({"status": 410}, OFFER, PageKind.GONE),
    "403": ({"status": 403}, OFFER, PageKind.WALL),
    "429": ({"status": 429}, OFFER, PageKind.WALL),
    "500": ({"status": 500}, OFFER, PageKind.NONE),
    "redirect": ({"status": 302}, OFFER, PageKind.NONE),
    "picture by type": ({"headers": (("content-type", "image/png"),)}, OFFER, PageKind.NONE),
    "picture by bytes": ({}, b"\x89PNG\r\n\x1a\n" + b"\x00" * 400, PageKind.NONE),
    "nothing": ({}, "  ", PageKind.NONE),
    "words of the platform": ({}, OFFER.replace("1 299:-", "This  item is no longer&nbsp;available"), PageKind.GONE),
    "log-in": ({}, "<html><body><h1>Sign in</h1><form><input type=password></form></body></html>", PageKind.WALL),
    "challenge": (
        {}, "<html><title>Just a moment...</title><body><p>Checking your browser</p><i class='cf-challenge'></i></body></html>",
        PageKind.WALL,
    ),
    "consent": ({}, "<html><body><h1>Before you continue</h1><button>Accept all</button></body></html>", PageKind.WALL),
    "torn in a tag": ({}, OFFER[:-60], PageKind.NONE),
    "torn in the text": ({}, OFFER[: OFFER.index("Strong")] , PageKind.NONE),
    "fewer bytes than promised": ({"headers": (*HTML, ("Content-Length", "9000"))}, OFFER[: OFFER.index("</body>")], PageKind.NONE),
    "error with status 200": ({}, "<html><body><h1>Internal Server Error</h1></body></html>", PageKind.NONE),
    "missing with status 200": ({}, "<html><body><h1>Page not found</h1></body></html>", PageKind.GONE),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("expected", [LISTING, None])
def test_a_page_without_an_offer_gives_no_fields(case: str, expected: FetchKind | None) -> None:
    changes, body, kind = REFUSED[case]
    reading = read_page(page(body, **changes), platform(), expected=expected)
    assert (reading.kind, reading.fields) == (kind, None)
    assert len(reading.because) > 10


def test_a_torn_page_is_noted_as_incomplete() -> None:
    reading = read_page(page(OFFER[:-60]), platform(), expected=LISTING)
    assert any(note.startswith("parse_incomplete") for note in reading.notes)


@pytest.mark.parametrize(
    "hidden",
    [
        "",
        '<p style="display:none">{}</p>',
        "<p hidden>{}</p>",
        "<template>{}</template>",
        "<script>var a='{}'</script>",
    ],
)
def test_an_offer_does_not_vanish_behind_words_nobody_sees(hidden: str) -> None:
    gone = "This item is no longer available"
    body = OFFER.replace("</body>", hidden.format(gone) + "</body>")
    assert read_page(page(body), platform(), expected=LISTING).kind is PageKind.LISTING


def test_an_offer_does_not_vanish_behind_its_sellers_own_words() -> None:
    body = OFFER.replace("two handles.", "two handles. This item is no longer available")
    assert read_page(page(body), platform(), expected=LISTING).kind is PageKind.LISTING


def test_a_login_box_in_the_frame_is_no_wall() -> None:
    body = OFFER.replace("<body>", "<body><form>Log in <input type=password></form>")
    assert read_page(page(body), platform(), expected=LISTING).kind is PageKind.LISTING


def test_a_page_of_cards_in_place_of_an_offer_is_none() -> None:
    body = f"<html><body><h1>Bags</h1><ul>{CARDS}</ul></body></html>".replace('class="price"', 'class="cost"')
    shop = platform(read={"listing": {**LISTING_RULES, "price": ".price"}, "results": {"card": "li.card"}})
    reading = read_page(page(body, "https://shopnest.example/bags"), shop, expected=LISTING)
    assert reading.kind is PageKind.NONE


@pytest.mark.parametrize(("body", "kind"), [(OFFER, PageKind.LISTING), (RESULTS, PageKind.RESULTS)])
def test_a_page_nobody_named_is_told_by_what_its_rules_read(body: str, kind: PageKind) -> None:
    assert read_page(page(body, "https://shopnest.example/x"), platform()).kind is kind


@pytest.mark.parametrize(
    "rule",
    [{"css": "h1["}, {"css": "h1", "re": "("}, {"jsonld": "Product", "path": "a[[["}, {"guess": "nonsense"}],
    ids=["css", "re", "path", "guess"],
)
def test_a_rule_that_fits_no_page_is_named(rule: dict[str, str]) -> None:
    shop = platform(read={"listing": {"title": rule}})
    with pytest.raises(BrokenRule, match=r"shopnest: listing\.title\[0\]"):
        read_page(page(OFFER), shop, expected=LISTING)


SOURCES = {
    "jsonld": ({"jsonld": "Product", "path": "name"}, "Canvas bag"),
    "jsonld of several types": ({"jsonld": "Book|Product", "path": "name"}, "Canvas bag"),
    "meta": ({"meta": "og:title"}, "From a meta"),
    "microdata": ({"microdata": "Product", "path": "offers.price"}, "12.50"),
    "script element": ({"script": "script#state", "path": "item.names[0]"}, "From JSON"),
    "assignment": ({"script": "window.__STATE__", "path": "item.brand"}, "Acme & Co"),
    "assignment parsed": ({"script": "window.PARSED", "path": "a"}, "b\"c"),
    "url": ({"url": r"/item/(\d+)"}, "123"),
    "value": ({"value": "fixed"}, "fixed"),
    "re": ({"css": ".text", "re": r"two (\w+)"}, "handles"),
}  # fmt: skip


@pytest.mark.parametrize("case", SOURCES)
def test_each_kind_of_rule_finds_its_place(case: str) -> None:
    extra = """<meta property="og:title" content="From a meta"><script id="state">{"item": {"names": ["From JSON",]}}</script>
    <script>var x = 1; window.__STATE__ = {item: {brand: 'Acme & Co', /* c */ off: undefined, n: !0,}}; f();</script>
    <script>window.PARSED = JSON.parse("{\\"a\\":\\"b\\\\\\"c\\"}");</script>
    <div itemscope itemtype="http://schema.org/Product"><div itemprop="offers" itemscope itemtype="http://schema.org/Offer">
    <meta itemprop="price" content="12.50"></div></div>"""
    rule, want = SOURCES[case]
    shop = platform(read={"listing": {"title": rule}})
    reading = read_page(page(OFFER.replace("</body>", extra + "</body>")), shop, expected=LISTING)
    assert reading.fields is not None and reading.fields.title is not None
    assert reading.fields.title.value == want


def test_an_unknown_word_for_stock_is_noted_and_stays_unknown() -> None:
    reading = read_page(page(OFFER.replace("http://schema.org/InStock", "maybe later")), platform(), expected=LISTING)
    assert reading.fields is not None and reading.fields.availability is None
    assert any(note.startswith("unknown word: availability 'maybe later'") for note in reading.notes)


def test_a_json_answer_is_read_by_script_rules() -> None:
    shop = platform(
        read={"listing": {"title": {"script": "*", "path": "item.name"}, "price": {"script": "*", "path": "item"}}}
    )
    answer = '{"item": {"name": "Canvas bag", "price": "12.50", "currency": "EUR"}}'
    reading = read_page(page(answer, headers=(("Content-Type", "application/json"),)), shop, expected=LISTING)
    assert reading.fields is not None and reading.fields.title is not None and reading.fields.price is not None
    assert str(reading.fields.price.value) == "12.50 EUR"


STREAM_RULES = {"title": "h1", "uploader": ".who"}


def test_fields_without_a_rule_are_read_as_on_any_site() -> None:
    only = platform(read={"listing": {"title": "h1", "price": ".nowhere"}})
    reading = read_page(page(OFFER), only, expected=LISTING)
    fields = reading.fields
    assert fields is not None and fields.title is not None and fields.gtin is not None
    assert fields.title.rule == "shopnest: listing.title[0]"
    assert fields.gtin.rule.startswith("generic: listing.gtin[")
    assert fields.price is None  # its rule was asked and is silent


def test_a_platform_may_leave_unasked_what_it_does_not_name() -> None:
    rules = {"unasked": "nothing", "listing": {"title": "h1"}}
    fields = read_page(page(OFFER), platform(read=rules), expected=LISTING).fields
    assert fields is not None and fields.title is not None
    assert fields.gtin is None and fields.price is None


def test_kinds_of_pages_without_rules_are_read_as_on_any_site() -> None:
    video = '<html><head><title>A night out</title><meta property="og:type" content="video.other"></head><body><h1>A night out</h1><p class=who>Anna</p><video src="/v/1.mp4"></video></body></html>'
    social = platform(kind="social", read={"stream": STREAM_RULES})
    for expected in (None, LISTING):
        reading = read_page(page(video), social, expected=expected)
        assert reading.kind is PageKind.STREAM, reading.because
        assert reading.because.startswith("shopnest has no rules for it; as a page of any site:")
        assert reading.fields is not None and reading.fields.uploader is not None
        assert reading.fields.uploader.rule == "shopnest: stream.uploader[0]"


def test_a_list_without_card_rules_is_read_as_on_any_site() -> None:
    tiles = "".join(
        f'<li><a href="/o/{n}"><img src="/{n}.jpg">Lamp number {n}</a> <b>$1{n}.00</b></li>' for n in range(8)
    )
    shop = platform(read={"listing": LISTING_RULES})
    for expected in (None, FetchKind.RESULTS):
        lamps = page(f"<html><body><h1>Lamps</h1><ul>{tiles}</ul></body></html>", "https://shopnest.example/lamps")
        reading = read_page(lamps, shop, expected=expected)
        assert reading.kind is PageKind.RESULTS and len(reading.cards) == 8, reading.because


def test_rules_that_were_asked_and_are_silent_are_not_replaced() -> None:
    shop = platform(read={"listing": {"title": "h1.gone", "price": ".gone"}})
    assert read_page(page(OFFER), shop, expected=LISTING).kind is PageKind.NONE

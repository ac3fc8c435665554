"""A page of a site nobody declared is told with care: markup alone makes no offer."""

# ruff: noqa: E501 -- one page a line

from __future__ import annotations

import pytest

from config.errors import MissingDeclaration
from config.families import GENERIC, generic_platform, load_family
from config.platform import PlatformKind
from crawler.extract.page import Reading, read_page
from store.records.fetches import FetchKind
from store.records.listings import PageKind
from tests.crawler.extract.pages_made import page

PRODUCT = '<script type="application/ld+json">{"@type": "Product", "name": "Walnut desk lamp", "offers": {"price": "49.50", "priceCurrency": "EUR"}}</script>'
MICRODATA = """<div itemscope itemtype="http://schema.org/Product"><h1 itemprop="name">Walnut desk lamp</h1><div itemprop="offers" itemscope itemtype="http://schema.org/Offer">
<span itemprop="price">49.50</span><meta itemprop="priceCurrency" content="EUR"><link itemprop="availability" href="http://schema.org/InStock"></div><img itemprop="image" src="/l.jpg"></div>"""
PLAIN = """<nav><a href="/">Home</a> <span>Gifts under $10</span></nav><h1>Walnut desk lamp with shade</h1><p>Item # WL-2201</p><p class="was"><del>$59.00</del></p>
<p class="price">$49<sup>50</sup></p><p class="stock">In stock</p><form action="/cart/add"><input name="qty" value="1"><button>Add to cart</button></form>
<img src="/img/lamp-large.jpg" alt="Walnut desk lamp" width="400"><div class="related"><a href="/p/2">Other lamp</a> $12.00</div>"""
LIST = "".join(
    f'<div class="tile{" last" if n == 8 else ""}"><a href="/p/{n}"><img src="/i/{n}.jpg"></a><h3><a href="/p/{n}">Lamp number {n}</a></h3><s>${n}9.00</s> <b>${n}5.00</b> <a href="/cart?add={n}">Add to cart</a></div>'
    for n in range(1, 9)
)
FRAME = '<html lang="en"><head><title>{title}</title>{head}</head><body>{body}</body></html>'


def read(
    body: str,
    url: str = "https://lamps.example/things/walnut-lamp",
    head: str = "",
    title: str = "Walnut desk lamp with shade",
    expected: FetchKind | None = None,
) -> Reading:
    return read_page(
        page(FRAME.format(title=title, head=head, body=body), url), generic_platform(url), expected=expected
    )


def test_markup_that_agrees_with_the_heading_makes_an_offer() -> None:
    for reading in (read("<h1>Walnut desk lamp</h1>", head=PRODUCT), read(MICRODATA)):
        assert reading.kind is PageKind.LISTING, reading.because
        assert reading.fields is not None and reading.fields.price is not None and reading.fields.title is not None
        assert (reading.fields.title.value, str(reading.fields.price.value)) == ("Walnut desk lamp", "49.50 EUR")


def test_a_page_without_markup_is_read_where_people_look() -> None:
    reading = read(PLAIN)
    fields = reading.fields
    assert reading.kind is PageKind.LISTING, reading.because
    assert fields is not None and fields.price is not None and fields.price_original is not None
    assert (str(fields.price.value), str(fields.price_original.value)) == ("49.50 USD", "59.00 USD")
    assert fields.sku is not None and fields.sku.value == "WL-2201"
    assert [seen.value for seen in fields.images][:1] == ["https://lamps.example/img/lamp-large.jpg"]
    assert fields.price.rule.startswith("lamps-example: listing.price[")


NO_OFFER = {
    "log-in": ("<h1>Sign in</h1><form><input type=password></form>", "https://lamps.example/account", PRODUCT, "Sign in"),
    "coupon": ("<h1>Coupons</h1><p>Save $5 today</p>", "https://lamps.example/coupons", PRODUCT, "Coupons"),
    "article": ("<h1>How lamps are made</h1><p>They cost $5 once.</p>", "https://lamps.example/news/1", '<script type="application/ld+json">{"@type": "NewsArticle"}</script>', "How lamps are made"),
    "home": (LIST, "https://lamps.example/", PRODUCT, "Lamps"),
    "reviews": ("<h1>Reviews of Walnut desk lamp</h1><p>Price: $49.50</p>", "https://lamps.example/product-reviews/5", PRODUCT, "Reviews of Walnut desk lamp"),
    "policy": ("<h1>Delivery</h1><p>Free over $50, else $5.00</p>", "https://lamps.example/delivery", "", "Delivery"),
}  # fmt: skip


@pytest.mark.parametrize("case", NO_OFFER)
def test_markup_elsewhere_makes_no_offer(case: str) -> None:
    body, url, head, title = NO_OFFER[case]
    reading = read(body, url, head, title)
    assert reading.kind in (PageKind.NONE, PageKind.WALL)
    assert reading.fields is None and reading.cards == ()


def test_alike_elements_are_cards() -> None:
    body = f'<h1>Lamps</h1><div class="list">{LIST}</div><div class="pager"><a href="?page=2">2</a><a href="?page=2">Next</a></div><div class="sidebar"><a href="/p/99">Best seller</a> $1.00</div>'
    reading = read(body, "https://lamps.example/lamps", title="Lamps")
    assert reading.kind is PageKind.RESULTS, reading.because
    assert [card.url for card in reading.cards] == [f"https://lamps.example/p/{n}" for n in range(1, 9)]
    assert [card.title.value for card in reading.cards if card.title][:2] == ["Lamp number 1", "Lamp number 2"]
    assert [str(card.price.value) for card in reading.cards if card.price][:2] == ["15.00 USD", "25.00 USD"]
    assert reading.next_url == "https://lamps.example/lamps?page=2"


def test_a_front_page_is_a_list_only_when_fetched_as_one() -> None:
    assert read(LIST, "https://lamps.example/", title="Lamps").kind is PageKind.NONE
    assert read(LIST, "https://lamps.example/", title="Lamps", expected=FetchKind.RESULTS).kind is PageKind.RESULTS


def test_a_player_makes_a_stream() -> None:
    body = '<h1>The Long Night S02E05</h1><iframe src="https://player.example/embed/7" allowfullscreen></iframe>'
    reading = read(body, "https://watch.example/x/5", title="Watch The Long Night S02E05 online free")
    assert reading.kind is PageKind.STREAM, reading.because
    assert reading.fields is not None and reading.fields.season is not None and reading.fields.season.value == 2
    assert [(stream.role, stream.url) for stream in reading.fields.streams] == [
        ("player", "https://player.example/embed/7")
    ]


def test_a_player_in_a_forum_makes_none() -> None:
    body = '<h1>Any good films?</h1><iframe src="https://player.example/embed/7" allowfullscreen></iframe>'
    assert read(body, "https://talk.example/threads/5", title="Any good films?").kind is PageKind.NONE


def test_magnets_make_torrents() -> None:
    links = "".join(f'<a href="magnet:?xt=urn:btih:{n:040x}">x</a>' for n in range(5))
    assert read(links, "https://t.example/search/x").kind is PageKind.TORRENT_RESULTS
    assert read(links[: links.index("</a>")] + "</a>", "https://t.example/t/1").kind is PageKind.TORRENT


@pytest.mark.parametrize(
    ("url", "name"),
    [("https://www.Shop-Nest.example:8080/x", "shop-nest-example"), ("file:///a/b.html", "unknown"), ("http://[::1]/", "1"), ("nonsense", "unknown"), ("http://[bad", "unknown"), ("https://übung.example/", "bung-example")],
)  # fmt: skip
def test_any_address_has_a_platform(url: str, name: str) -> None:
    platform = generic_platform(url, PlatformKind.STREAMING)
    assert (platform.name, platform.family, platform.kind) == (name, GENERIC, PlatformKind.STREAMING)


def test_an_unknown_family_is_named_with_the_nearest() -> None:
    with pytest.raises(MissingDeclaration, match="generic"):
        load_family("generik")


def test_an_offer_that_looks_like_none_is_believed_when_a_card_led_to_it() -> None:
    body, head = (
        "<p>49.50</p>",
        '<meta property="product:price:amount" content="49.50"><meta property="product:price:currency" content="EUR">',
    )
    url = "https://lamps.example/blog/walnut-lamp"
    assert read(body, url, head).kind is PageKind.NONE
    believed = read(body, url, head, expected=FetchKind.LISTING)
    assert believed.kind is PageKind.LISTING
    assert believed.fields is not None and str(believed.fields.price and believed.fields.price.value) == "49.50 EUR"


def test_a_page_fetched_as_a_player_is_read_as_one() -> None:
    reading = read(
        '<h1>x</h1><iframe src="https://p.example/embed/1"></iframe>',
        "https://a.example/go",
        expected=FetchKind.PLAYER,
    )
    assert reading.kind is PageKind.STREAM


@pytest.mark.parametrize(
    "words",
    [
        "<p>I paid $ {n}.50 for hide glue last year and it still holds, so try that before anything dearer.</p>",
        "<p>Valid on orders over $ {n}.00</p><button>Show code</button>",
        "<p>Mindestbestellwert {n},00 €</p>",
    ],
)
def test_a_list_that_only_speaks_of_amounts_offers_nothing(words: str) -> None:
    cards = "".join(
        f'<div class="row"><h3><a href="/u/{n}">Entry {n}</a></h3>{words.format(n=n)}</div>' for n in range(1, 9)
    )
    reading = read(
        f"<html><body><main><h1>What people say</h1>{cards}</main></body></html>", "https://a.example/said"
    )
    assert reading.kind is PageKind.NONE


def test_a_list_that_names_its_price_in_the_offers_name_is_one() -> None:
    cards = "".join(
        f'<div class="row"><a href="/ad/{n}.html">Blue bicycle in very good shape - ${n}5 (Harbour town)</a></div>'
        for n in range(1, 9)
    )
    reading = read(f"<html><body><main><h1>Bicycles</h1>{cards}</main></body></html>", "https://a.example/search?q=b")
    assert reading.kind is PageKind.RESULTS

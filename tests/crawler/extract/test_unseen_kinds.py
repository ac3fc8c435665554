"""Kinds of pages that no rule knows: what looks like the answer and is not, and what is one without any markup."""

# ruff: noqa: E501 -- one page a line

from __future__ import annotations

import pytest

from config.families import generic_platform
from crawler.extract.page import Reading, read_page
from store.records.listings import PageKind
from tests.crawler.extract.pages_made import page

FRAME = '<html lang="en"><head><title>{title}</title>{head}</head><body>{body}</body></html>'
NAME = "Walnut desk lamp with shade"
BUY = '<form action="/cart/add"><button>Add to cart</button></form>'
ARTICLE = '<meta property="og:type" content="article">'
PRODUCT = f'<script type="application/ld+json">{{"@type": "Product", "name": "{NAME}", "offers": {{"price": "49.50", "priceCurrency": "USD"}}}}</script>'


def read(
    body: str, *, head: str = "", title: str = NAME, url: str = "https://lamphouse.example/walnut-lamp/"
) -> Reading:
    return read_page(page(FRAME.format(title=title, head=head, body=body), url), generic_platform(url))


def offer(beside: str = "", head: str = "") -> Reading:
    return read(f'<h1>{NAME}</h1><p class="price">$49.50</p>{beside}{BUY}', head=head)


def cards(card: str) -> list[tuple[str | None, str | None]]:
    tiles = "".join(f'<li class="product">{card.replace("@", str(n))}</li>' for n in range(1, 9))
    reading = read(f'<h1>Teas</h1><ul class="grid">{tiles}</ul>', title="Teas", url="https://teas.example/c/teas")
    assert reading.kind is PageKind.RESULTS and len(reading.cards) == 8, reading.because
    return [(c.title.value if c.title else None, str(c.price.value) if c.price else None) for c in reading.cards]


def test_an_offer_that_open_graph_calls_an_article_is_an_offer() -> None:
    assert offer(head=ARTICLE).kind is PageKind.LISTING


def test_an_article_that_tells_what_things_cost_is_none() -> None:
    told = "<p>We paid $49.50 for it at a shop and were glad of it.</p><p>It stood beside others at $12 and $30.</p>"
    reading = read(f"<h1>How we chose a lamp</h1>{told}", head=ARTICLE, url="https://blog.example/2024/how-we-chose")
    assert reading.kind is PageKind.NONE


@pytest.mark.parametrize(
    ("banner", "title"),
    [
        ('<h1><a href="/">The House</a></h1>', f"{NAME} | The House"),
        ("<h1>Lamp House</h1>", f"Lamp House - {NAME}"),
        ("<h1>Lamp House</h1>", f"{NAME} - Lamp House"),
    ],
)
def test_a_site_that_puts_its_own_name_first_does_not_name_the_offer(banner: str, title: str) -> None:
    body = f'<div class="top">{banner}</div><div class="main"><h2>{NAME}</h2><p class="price">$49.50</p>{BUY}</div>'
    fields = read(body, title=title).fields
    assert fields is not None and fields.title is not None and fields.title.value == NAME


PICTURE = '<a href="/p/@"><img src="/@.jpg"><h3>Green tea number @</h3></a>'
MEASURED = {
    "before": '<span class="unit">2,60 € / 100 g</span><span class="price">1@,99 €</span>',
    "in one row": "<div class='prices'><span>(2,60 € pro 100 g)</span> <span>1@,99 €</span></div>",
    "inside": "<p>1@,99 € <small>Grundpreis: 26,00 €/kg</small></p>",
    "by class": '<p class="price-per-unit">0,45 €/oz</p><p class="price">1@,99 €</p>',
}


@pytest.mark.parametrize("prices", MEASURED.values(), ids=MEASURED)
def test_what_a_measure_comes_to_is_not_the_price(prices: str) -> None:
    assert cards(PICTURE + prices)[0] == ("Green tea number 1", "11.99 EUR")


def test_goods_sold_by_measure_keep_their_price() -> None:
    assert cards(PICTURE + '<span class="price">1@,99 €/m</span>')[0] == ("Green tea number 1", "11.99 EUR")


LABELLED = {
    "for screen readers": '<a href="/p/@"><img src="/@.jpg"><h3><span class="sr-only">Product name:</span> Green tea number @</h3></a>',
    "with a colon": '<img src="/@.jpg"><a href="/p/@"><span>Titel: </span>Green tea number @</a>',
    "a badge by class": '<img src="/@.jpg"><a href="/p/@"><span class="badge">Pro</span> Green tea number @</a>',
    "a badge on the picture": '<a href="/p/@"><div><img src="/@.jpg"><span>Pro</span></div><div>Green tea number @</div></a>',
}


@pytest.mark.parametrize("card", LABELLED.values(), ids=LABELLED)
def test_labels_and_badges_are_no_part_of_a_cards_title(card: str) -> None:
    assert cards(card + '<span class="price">1@,99 €</span>')[0] == ("Green tea number 1", "11.99 EUR")


def test_an_earlier_price_of_another_offer_is_not_this_ones() -> None:
    other = '<div class="bundle"><span class="price-old">$79.90</span> <span class="price-new">$69.50</span></div>'
    body = f"<h1>{NAME}</h1>{other}{BUY}<p>Turned by hand.</p>"
    fields = read(body, head=PRODUCT).fields
    assert fields is not None and fields.price is not None
    assert (str(fields.price.value), fields.price_original) == ("49.50 USD", None)


@pytest.mark.parametrize(
    "words",
    [
        "Reviews available", "Notify me when available", "Available colours: red, blue", "Gift wrapping available",
        "Also available in oak", "Available Sizes:", "Financing available", "Samples are available",
    ],
)  # fmt: skip
def test_words_about_other_things_say_nothing_of_stock(words: str) -> None:
    fields = offer(f"<p>{words}</p>").fields
    assert fields is not None and fields.availability is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("In stock, ships today", "in_stock"), ("Only 2 left", "limited"), ("Expédié sous 24h", "in_stock"),
        ("Skladem 5 ks", "in_stock"), ("Lieferbar in 2-3 Tagen", "in_stock"), ("Sold out", "sold_out"),
    ],
)  # fmt: skip
def test_words_about_stock_are_read(words: str, said: str) -> None:
    fields = offer(f"<p>{words}</p>").fields
    assert fields is not None and fields.availability is not None and fields.availability.value.value == said


FILM = "<div><span>2019</span> <span>1h 52min</span></div><p>Director: Ann Berg</p><p>Cast: Lo Sand, Mia Falk</p><p>A family waits for a letter through a winter that does not end.</p>"
EPISODES = "".join(f'<li><a href="/harbour-lights/{n}">Episode {n}</a></li>' for n in range(1, 9))


def test_title_year_length_and_cast_make_a_work() -> None:
    reading = read(
        f"<h1>The Long Winter (2019)</h1>{FILM}", title="The Long Winter", url="https://films.example/title/1"
    )
    assert reading.kind is PageKind.WORK, reading.because
    assert reading.fields is not None and reading.fields.year is not None and reading.fields.year.value == 2019
    assert reading.fields.duration_s is not None and reading.fields.duration_s.value == 112 * 60


def test_a_season_of_episodes_makes_a_work() -> None:
    body = f"<h1>Harbour Lights</h1><p>Season 1</p><p>2018 · Drama · 45 min</p><ul>{EPISODES}</ul>"
    assert read(body, title="Harbour Lights", url="https://shows.example/series/harbour").kind is PageKind.WORK


def test_a_player_beside_a_films_facts_makes_a_stream() -> None:
    player = '<iframe src="https://vid.example/e/abc123" allowfullscreen></iframe><ul><li>Server 1</li><li>Server 2</li></ul>'
    reading = read(
        f"<h1>The Long Winter 2019</h1>{player}", title="The Long Winter", url="https://kino.example/winter.html"
    )
    assert reading.kind is PageKind.STREAM, reading.because
    assert reading.fields is not None and [way.url for way in reading.fields.streams] == [
        "https://vid.example/e/abc123"
    ]


NO_WORK = {
    "guide": '<h1>Installing the package</h1><iframe src="https://video.example/embed/a" allowfullscreen></iframe><p>Wait for 5 min until it is done.</p><pre>make</pre>',
    "list of the year": '<h1>Best desks of 2024</h1><p>10 min read</p><iframe src="https://video.example/embed/a" allowfullscreen></iframe><p>We tried many.</p>',
    "event": "<h1>Spring fair 2024</h1><p>Country: Norway</p><p>2024</p><p>Doors open at noon, and the fair ends at six.</p>",
    "film on disc": f'<h1>The Long Winter (2019)</h1>{FILM}<p class="price">$12.00</p>{BUY}',
}


@pytest.mark.parametrize("body", NO_WORK.values(), ids=NO_WORK)
def test_what_shares_some_signs_is_no_work(body: str) -> None:
    reading = read(body, title="A page", url="https://site.example/pages/a")
    assert reading.kind not in (PageKind.WORK, PageKind.STREAM), reading.because

"""Small pages and platforms for the tests of reading."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from config.platform import Platform
from crawler.extract.page import Page

SEEN_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HTML = (("Content-Type", "text/html; charset=utf-8"),)

OFFER = """<html lang="sv"><head><title>Canvas bag</title>
<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [{"@type": ["Product"],
 "name": "Canvas bag", "gtin13": "4006381333931", "offers": {"@type": "Offer", "price": 1299, "priceCurrency": "SEK",
 "availability": "http://schema.org/InStock"}}]}</script></head>
<body><h1>Canvas  bag</h1><p class="price">1 299:-</p>
<div class="gallery"><img src="/a.jpg"><img data-src="//img.example/b.jpg" src="data:image/gif;base64,x"></div>
<p class="seller"><a href="/shop/77">Kalle</a></p><p class="text">Strong canvas, two handles.</p></body></html>"""

CARDS = "".join(
    f'<li class="card"><a class="name" href="/item/{n}?utm_source=list">Bag {n}</a><img src="/{n}.jpg">'
    f'<b class="price">{n}99 kr</b>{"<span>Sponsrad</span>" if n == 2 else ""}</li>'
    for n in range(1, 5)
)
RESULTS = f'<html><body><h1>Bags</h1><ul>{CARDS}</ul><a rel="next" href="?page=2">Next</a></body></html>'

LISTING_RULES: dict[str, Any] = {
    "title": {"css": "h1", "hits": 1},
    "price": [{"css": ".price", "as": "money"}, {"jsonld": "Product", "path": "offers.price"}],
    "images": {"css": ".gallery img", "all": True},
    "availability": {"jsonld": "Product", "path": "offers.availability"},
    "gtin": {"jsonld": "Product", "path": "gtin13"},
    "platform_item_id": {"url": r"/item/(\d+)"},
    "seller_id": {"css": ".seller a", "attr": "href", "re": r"/shop/(\d+)"},
    "description": ".text",
}
RESULTS_RULES: dict[str, Any] = {
    "card": "li.card", "link": "a.name", "title": "a.name", "price": ".price", "image": "img",
    "next": {"css": "a[rel=next]"},
}  # fmt: skip


def platform(kind: str = "marketplace", **changes: Any) -> Platform:
    """The platform `shopnest` in Sweden, with the rules above unless changed."""
    data: dict[str, Any] = {
        "name": "shopnest", "kind": kind, "home": "https://shopnest.example/", "countries": ["SE"],
        "read": {"unasked": "nothing", "listing": LISTING_RULES, "results": RESULTS_RULES},
        "gone": {"text": ["This item is no longer available"]},
    }  # fmt: skip
    return Platform.model_validate({**data, **changes})


def page(body: str | bytes, url: str = "https://shopnest.example/item/123", **changes: Any) -> Page:
    """A page fetched without trouble, unless changed."""
    data = body.encode() if isinstance(body, str) else body
    return Page(
        **{
            "url": url,
            "status": 200,
            "headers": HTML,
            "body": data,
            "fetched_at": SEEN_AT,
            "capture": "c1",
            **changes,
        }
    )

"""The offers that a page's data lists: ItemList and OfferCatalog in JSON-LD, arrays of products in scripts."""

from __future__ import annotations

import html
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from crawler.extract.addresses import absolute_url
from crawler.extract.document import Document, types_of
from crawler.extract.errors import UnreadableJson
from crawler.extract.loose_json import JsonValue, read_json
from crawler.extract.products import read_markup
from crawler.extract.state_fields import said_of
from crawler.extract.states import OTHERS, named_in, plain_key, roots, state_of, worth
from crawler.extract.text import clean_text

MIN_OFFERED = 3  # fewer are an offer and its variants as often as a list
MAX_OFFERED = 1_000  # as many as a list without data may have cards
MAX_OBJECTS = 20_000  # objects walked of one page, as for the page's own product
MAX_DEEP = 14  # levels of objects within one another

_LISTS = frozenset(("itemlist", "offercatalog", "searchresultspage", "collectionpage"))
_HELD = ("itemListElement", "mainEntity", "itemOffered", "offers", "hasPart")
_WRAPPED = ("node", "product", "item", "data", "source", "attributes", "listing", "hit")
_ADDRESSES = (
    "url", "href", "link", "permalink", "canonicalurl", "pageurl", "detailurl", "detailsurl", "seourl", "weburl",
    "producturl", "path", "uri", "urlpath", "id",
)  # fmt: skip
_CURRENCIES = ("currency", "currencyCode", "priceCurrency", "currency_code")
_ADDRESS = re.compile(r"^(?:https?:)?/{1,2}[^/\s]|^\.{0,2}/?[\w%~-]+(?:/[\w.%~-]+)+(?:\?\S*)?$|^[\w%~-]+\.html?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """One offer of a list in a page's data, in the data's own words."""

    name: str
    url: str | None  # None where the data names no address
    price: str  # with its currency where the data names one; empty where there is no amount
    image: str | None
    where: str


def offered(document: Document) -> tuple[Offered, ...]:
    """The longest list of offers in JSON-LD, else in the page's scripts; empty where there is none of three."""
    return document.once("offered", lambda: marked_up(document) or _in_scripts(document))


def marked_up(document: Document) -> tuple[Offered, ...]:
    """The longest list of offers in JSON-LD alone, which costs little where the page shows a list as well."""
    best: tuple[Offered, ...] = ()
    for item in document.jsonld:
        if types_of(item) & _LISTS:
            named = sorted(types_of(item) & _LISTS)[0]
            found = _made(document, _entries(item), f"jsonld {named}")
            if len(found) > len(best):
                best = found
    if not best:
        best = _made(document, read_markup(document).products, "jsonld product")
    return best if len(best) >= MIN_OFFERED else ()


def _entries(item: dict[str, Any]) -> Iterator[dict[str, Any]]:  # Any: JSON values
    """What a list holds, list items and offers unwrapped to what they are of."""
    layer: deque[tuple[Any, int]] = deque((item.get(key), 0) for key in _HELD)
    while layer:
        value, depth = layer.popleft()
        if isinstance(value, list):
            layer.extend((part, depth) for part in value[:MAX_OFFERED])
        elif isinstance(value, dict):
            inner = value.get("item") or value.get("itemOffered")
            if types_of(value) & _LISTS and depth < 2:
                layer.extend((value.get(key), depth + 1) for key in _HELD)
            elif isinstance(inner, dict):
                yield {"url": value.get("url"), **{k: v for k, v in value.items() if k == "price"}, **inner}
            else:
                yield {**value, "url": value.get("url") or inner}


def _in_scripts(document: Document) -> tuple[Offered, ...]:
    best: tuple[Offered, ...] = ()
    seen = 0
    for where, root in roots(document, worth):
        layer: deque[tuple[JsonValue, str | None, int]] = deque([(root, None, 0)])
        while layer and seen < MAX_OBJECTS:
            value, currency, depth = layer.popleft()
            seen += 1
            if depth > MAX_DEEP:
                continue
            if isinstance(value, str):
                try:
                    layer.append((read_json(value), currency, depth + 1))
                except UnreadableJson:
                    continue
                continue
            if isinstance(value, dict):
                named = (
                    said for key in _CURRENCIES if isinstance(said := value.get(key), str) and 0 < len(said) <= 5
                )
                currency = next(named, currency)
            parts = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
            objects = [part for part in parts[:MAX_OFFERED] if isinstance(part, dict)]
            if len(objects) >= max(MIN_OFFERED, len(best) + 1):
                found = _made(document, (_unwrapped(part) for part in objects), where, currency, priced=True)
                if len(found) > len(best) and 10 * len(found) >= 7 * len(objects):
                    best = found
                    continue
            layer.extend((inner, currency, depth + 1) for inner in _inner(value))
    return best if len(best) >= MIN_OFFERED else ()


def _inner(value: JsonValue) -> Iterator[JsonValue]:
    """The values inside one that may hold a list, those of recommendations left out."""
    if isinstance(value, list):
        yield from (part for part in value[:MAX_OFFERED] if isinstance(part, dict | list))
    elif isinstance(value, dict):
        for key, part in value.items():
            nested = isinstance(part, str) and len(part) > 200 and part[:1] in "{["
            if (isinstance(part, dict | list) or nested) and not OTHERS.search(plain_key(key)):
                yield part


def _unwrapped(part: dict[str, Any]) -> dict[str, Any]:  # Any: JSON values
    """What an edge, hit or row carries, where it carries one thing."""
    for key, inner in part.items():
        if isinstance(inner, dict) and plain_key(key.strip("_")) in _WRAPPED and named_in(part) is None:
            return {**part, **inner}
    return part


def _made(
    document: Document,
    items: Iterable[dict[str, Any]],  # Any: JSON values
    where: str,
    currency: str | None = None,
    *,
    priced: bool = False,
) -> tuple[Offered, ...]:
    """
    Offers of the objects that name themselves and an amount or a picture, each once; with `priced` an amount alone.
    """
    found: dict[tuple[str, str | None], Offered] = {}
    for item in items:
        name = named_in(item)
        said = clean_text(html.unescape(name), 300) if name is not None else ""
        if not said:
            continue
        own = next(
            (code for key in _CURRENCIES if isinstance(code := item.get(key), str) and len(code) <= 5), currency
        )
        state = state_of(item, where, own)
        prices, images = said_of(state, "price"), said_of(state, "images")
        if not (prices or (images and not priced)):
            continue
        url = _address(document, state.keys)
        image = absolute_url(document.base, images[0]) if images else None
        price = prices[0] if prices else ""
        found.setdefault((said, url), Offered(name=said, url=url, price=price, image=image, where=where))
        if len(found) >= MAX_OFFERED:
            break
    return tuple(found.values())


def _address(document: Document, keys: dict[str, Any]) -> str | None:  # Any: JSON values
    for key in _ADDRESSES:
        said = keys.get(key)
        if isinstance(said, dict):
            said = said.get("url") or said.get("path") or said.get("href")
        if isinstance(said, str) and len(said) <= 2_000 and _ADDRESS.match(said.strip()):
            return absolute_url(document.base, said.strip())
    return None

"""
RDFa and microformats as the same typed objects JSON-LD makes: what older shops and site builders annotate with.

RDFa Lite 1.1 in the vocabularies of schema.org, GoodRelations and data-vocabulary.org; h-product, h-review, h-listing
of microformats2 and their forerunners hproduct and hreview-aggregate. `@layer` says which it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.extract.addresses import absolute_url
from crawler.extract.patterns import compile_re

MAX_ITEMS = 1_000  # of one page
MAX_PARTS = 10_000
MAX_TEXT_CHARS = 20_000
MAX_LEVELS = 60  # from a property up to what it describes

_VOCABULARY = compile_re(
    r"(?i)schema\.org|purl\.org/goodrelations|data-vocabulary\.org|schema:|gr:|v:product", "rdfa"
)
# By Python's own engine, which searches for the first letters: half the time of RE2 on a whole page, and linear too.
_FORMAT = re.compile(r"h-?(?:product|listing|review)(?:-aggregate)?(?![\w-])")
_LINKS = {"a": "href", "link": "href", "area": "href", "img": "src", "source": "src", "video": "src", "audio": "src"}

# Classes of microformats and the schema.org property each stands for; of two for one, the first on the page.
_PROPERTIES = {
    "p-name": "name", "fn": "name", "u-photo": "image", "photo": "image", "p-brand": "brand", "brand": "brand",
    "p-price": "price", "price": "price", "p-description": "description", "e-description": "description",
    "e-content": "description", "description": "description", "p-category": "category", "category": "category",
    "u-identifier": "sku", "identifier": "sku", "p-identifier": "sku", "p-lister": "seller", "lister": "seller",
    "dt-listed": "datePosted", "p-locality": "availableAtOrFrom", "p-rating": "ratingValue", "average": "ratingValue",
    "rating": "ratingValue", "p-count": "reviewCount", "count": "reviewCount", "p-votes": "ratingCount",
    "votes": "ratingCount", "p-average": "ratingValue",
}  # fmt: skip
_ROOTS = {
    "h-product": "Product", "hproduct": "Product", "h-listing": "Product", "hlisting": "Product",
    "h-review": "AggregateRating", "h-review-aggregate": "AggregateRating", "hreview-aggregate": "AggregateRating",
}  # fmt: skip
_GOOD_RELATIONS = {
    "hasCurrencyValue": "price", "hasCurrency": "priceCurrency", "hasPriceSpecification": "priceSpecification",
}  # fmt: skip
_RATING = ("ratingValue", "reviewCount", "ratingCount")
_SIGNED = re.compile(r"\d.*[^\d\s.,]|[^\d\s.,].*\d")  # an amount with its currency
_CODE = re.compile(r"^\W*(?:urn:)?(sku|mpn|gtin-?(?:8|12|13|14)?|ean|upc|isbn)\W+(.+)$", re.IGNORECASE)


def may_annotate(text: str) -> bool:
    """Whether a page's source holds signs of either, before anything is walked."""
    return ("typeof=" in text and _VOCABULARY.search(text) is not None) or _FORMAT.search(text) is not None


def read_annotations(tree: LexborHTMLParser, base: str) -> Iterator[dict[str, Any]]:
    """Top-level objects in page order, RDFa before microformats. Any: text, objects, lists."""
    yield from _rdfa(tree, base)
    yield from _microformats(tree, base)


def _rdfa(tree: LexborHTMLParser, base: str) -> Iterator[dict[str, Any]]:
    """Source: RDFa Lite 1.1 (W3C, 2015): vocab, typeof, property, resource; `rel` as GoodRelations uses it."""
    scopes: dict[int, dict[str, Any]] = {}
    order: list[tuple[LexborNode, dict[str, Any]]] = []
    for node in tree.css("[typeof]")[:MAX_ITEMS]:
        types = [_bare(name) for name in (node.attributes.get("typeof") or "").split()]
        item: dict[str, Any] = {"@type": types, "@layer": "rdfa"}
        scopes[node.mem_id] = item
        order.append((node, item))
    if not scopes:
        return
    inner: set[int] = set()
    for node in tree.css("[property], [rel][typeof], [rel] > [typeof]")[:MAX_PARTS]:
        own = scopes.get(node.mem_id)
        attributes = node.attributes
        names = attributes.get("property") or attributes.get("rel") or ""
        if not names and own is not None and node.parent is not None:
            names = node.parent.attributes.get("rel") or ""
        owner = _owner(node, scopes)
        if owner is None or not names:
            continue
        value = own if own is not None else _said(node, base)
        if own is not None:
            inner.add(node.mem_id)
        for name in names.split()[:10]:
            if ":" not in name or name.split(":")[0].lower() not in ("og", "fb", "twitter", "article"):
                _add(owner, _bare(name), value)
    for node, item in order:
        if node.mem_id not in inner:
            yield item


def _bare(name: str) -> str:
    """A type or property without its vocabulary, GoodRelations' money in schema.org's words."""
    bare = re.split(r"[/#:]", name)[-1]
    return _GOOD_RELATIONS.get(bare, bare)


def _owner(node: LexborNode, scopes: dict[int, dict[str, Any]]) -> dict[str, Any] | None:
    above = node.parent
    for _ in range(MAX_LEVELS):
        if above is None:
            return None
        if above.mem_id in scopes:
            return scopes[above.mem_id]
        above = above.parent
    return None


def _add(owner: dict[str, Any], name: str, value: Any) -> None:  # Any: text or an object
    old = owner.get(name)
    if value in ("", None) or old == value:
        return
    if old is None:
        owner[name] = value
    elif isinstance(old, list):
        if len(old) < MAX_ITEMS and value not in old[:20]:
            old.append(value)
    else:
        owner[name] = [old, value]


def _said(node: LexborNode, base: str) -> str:
    attributes = node.attributes
    for name in ("content", "resource", "datetime"):
        said = attributes.get(name)
        if said:
            return said.strip()
    tag = node.tag or ""
    link = attributes.get(_LINKS.get(tag, ""))
    if link and (
        tag != "a" or not (node.text(deep=True) or "").strip() or "url" in (attributes.get("property") or "")
    ):
        return absolute_url(base, link) or link
    return " ".join((node.text(deep=True, separator=" ") or "")[:MAX_TEXT_CHARS].split())


def _microformats(tree: LexborHTMLParser, base: str) -> Iterator[dict[str, Any]]:
    """Source: microformats.org, h-product, h-listing, h-review; hproduct and hreview-aggregate before them."""
    roots = ", ".join(f".{name}" for name in _ROOTS)
    found = list({node.mem_id: node for node in tree.css(roots)}.values())[:MAX_ITEMS]
    items: dict[int, dict[str, Any]] = {}
    for node in found:
        names = (node.attributes.get("class") or "").split()
        kind = next(_ROOTS[name] for name in names if name in _ROOTS)
        items[node.mem_id] = {"@type": kind, "@layer": "microformats"}
    parts = ", ".join(f".{name}" for name in _PROPERTIES)
    for node in tree.css(parts)[:MAX_PARTS] if items else ():
        owner = _owner(node, items)
        if owner is None or node.mem_id in items:
            continue
        for name in (node.attributes.get("class") or "").split():
            meant = _PROPERTIES.get(name)
            if meant is not None and (meant == "image" or meant not in owner):
                _add(owner, meant, _formatted(node, meant, base))
    for node in found:
        item = items[node.mem_id]
        outer = _owner(node, items)
        if item["@type"] == "AggregateRating" and outer is not None:
            outer.setdefault("aggregateRating", item)
        elif outer is None:
            yield _as_product(item) if item["@type"] == "Product" else item


def _formatted(node: LexborNode, meant: str, base: str) -> Any:  # Any: text or an object
    if meant == "image":
        image = node if node.tag in ("img", "a", "source") else node.css_first("img")
        if image is None:
            return ""
        source = image.attributes.get("src") or image.attributes.get("href") or image.attributes.get("data-src") or ""
        return absolute_url(base, source) or ""
    own = node.attributes
    value = node.css_first(".value, .p-name, .fn, .org") or node
    carried = own.get("value") or (own.get("title") if node.tag == "abbr" else None) or own.get("datetime")
    shown = " ".join((value.text(deep=True, separator=" ") or "")[:MAX_TEXT_CHARS].split())
    return shown if not carried or (meant == "price" and _SIGNED.search(shown)) else carried


def _as_product(item: dict[str, Any]) -> dict[str, Any]:
    """A microformat's product with its price in an offer, its rating in one of its own, its code under its name."""
    price, seller = item.pop("price", None), item.pop("seller", None)
    if price is not None:
        item["offers"] = {"@type": "Offer", "price": price, **({"seller": {"name": seller}} if seller else {})}
    rating = {name: item.pop(name) for name in _RATING if name in item}
    if rating:
        item.setdefault("aggregateRating", {"@type": "AggregateRating", "@layer": "microformats", **rating})
    code = _CODE.match(item["sku"]) if isinstance(item.get("sku"), str) else None
    if code is not None:
        del item["sku"]
        name = code[1].lower().replace("-", "")
        item["gtin" if name in ("ean", "upc", "isbn") else name] = code[2].strip()
    return item

"""Which of the products that a page's structured data names the page is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from crawler.extract.document import Document, types_of
from crawler.extract.headings import heading, layout_of, overlap
from crawler.extract.text import clean_text, fold

PRODUCT_TYPES = frozenset((
    "product", "productgroup", "productmodel", "individualproduct", "someproducts", "vehicle", "car", "motorcycle",
    "softwareapplication", "mobileapplication", "apartment", "realestatelisting", "house", "singlefamilyresidence",
    "productcollection", "offering", "actualproductorserviceinstance", "productorservice",
))  # fmt: skip
OFFER_TYPES = frozenset(("offer", "aggregateoffer", "offer-aggregate"))
PRODUCT_OG = re.compile(r"^(og:|[a-z-]+:)?(product|product\.(item|group)|item|offer|listing)$", re.IGNORECASE)
MAX_COMPARED = 200  # products whose names are held against the page's heading


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """What the structured data of a page claims."""

    products: tuple[dict[str, Any], ...]  # each a product of its own, not a part of another. Any: JSON values
    offers: int  # how many of them name a price or an offer
    types: frozenset[str]
    og: str


def read_markup(document: Document) -> Markup:
    """The claims of JSON-LD, microdata and Open Graph, products counted once each."""
    return document.once("markup", lambda: _read_markup(document))


def _read_markup(document: Document) -> Markup:
    products: dict[str, dict[str, Any]] = {}
    types: set[str] = set()
    variants: set[int] = set()
    for item in (*document.jsonld, *document.microdata, *document.annotated):
        named = types_of(item)
        types |= named
        if not named & PRODUCT_TYPES or id(item) in variants:
            continue
        for key in ("hasVariant", "model", "isVariantOf"):
            parts = item.get(key)
            variants.update(id(part) for part in (parts if isinstance(parts, list) else [parts]))
        if not _is_reference(item):
            name = fold(clean_text(str(name_of(item) or item.get("url") or item.get("@id") or id(item)), 200))
            old = products.get(name)
            if old is None or (not has_offer(old) and has_offer(item)):
                products[name] = item
    found = tuple(products.values())
    og = next(iter(document.metas.get("og:type", ())), "").strip()
    return Markup(products=found, offers=sum(map(has_offer, found)), types=frozenset(types), og=og)


def has_offer(item: dict[str, Any]) -> bool:  # Any: JSON values
    """Whether a product of structured data names a price or an offer."""
    keys = ("offers", "offerDetails", "price", "lowPrice", "hasVariant", "hasPriceSpecification")
    return any(item.get(key) not in (None, "", [], {}) for key in keys)


def name_of(item: dict[str, Any]) -> str:  # Any: JSON values
    """The name of an object of structured data as clean text; empty where it has none."""
    name = item.get("name")
    if isinstance(name, list):
        name = next((part for part in name if isinstance(part, str) and part.strip()), "")
    if isinstance(name, dict):
        name = name.get("@value") or name.get("name") or ""
    return clean_text(name, 300) if isinstance(name, str) else ""


def _is_reference(item: dict[str, Any]) -> bool:
    """A product that is only pointed at, as the subject of a review."""
    return not any(item.get(key) for key in ("name", "offers", "image", "sku", "description", "hasVariant"))


def main_product(document: Document, markup: Markup) -> dict[str, Any] | None:  # Any: JSON values
    """The one product the page is about, by its markup; None when it is about none or several."""
    if not markup.products:
        return None
    single = len(markup.products) == 1
    said = PRODUCT_OG.match(markup.og) is not None
    named = heading(document)
    best: tuple[float, dict[str, Any]] | None = None
    for item in markup.products[:MAX_COMPARED]:
        alike = _likeness(document, name_of(item), single=single)
        if best is None or alike > best[0]:
            best = (alike, item)
    assert best is not None
    alike, item = best
    if single and alike < 0.3 and not (has_offer(item) and named is not None):
        return None
    if not single and (alike < 0.6 or (len(markup.products) > 4 and not has_offer(item))):
        return None
    if not single and len(markup.products) > 4 and not said and alike < 0.9:
        return None
    return item


def _likeness(document: Document, name: str, *, single: bool) -> float:
    """How much a product's name is what heading or title say, 0 to 1."""
    text = fold(name)
    if not text:
        return 0.0
    named = heading(document)
    title = fold(clean_text(layout_of(document).words(named, 2_000), 300)) if named is not None else ""
    whole = fold(clean_text(document.title or next(iter(document.metas.get("og:title", ())), ""), 400))
    alike = max(overlap(text, title), overlap(text, whole))
    return max(alike, overlap(title, text)) if single and title else alike


def focus(document: Document) -> None:
    """
    Leave of the structured data what speaks of the page's own product; the products shown beside it are dropped.

    The product that agrees with the heading comes first. Where several are named and none agrees, none is believed.
    """
    products = [
        item
        for item in (*document.jsonld, *document.microdata, *document.annotated)
        if types_of(item) & PRODUCT_TYPES and name_of(item)
    ]
    if not products:
        return
    names = {fold(name_of(item)) for item in products}
    scores = {name: _likeness(document, name, single=len(names) == 1) for name in list(names)[:MAX_COMPARED]}
    best = max(scores.values())
    if len(names) == 1 or (best < 0.3 and len(names) <= 2):
        kept = names
    elif best < 0.5:
        kept = set()
    else:
        first = max(scores, key=lambda name: (scores[name], len(name)))
        kept = {name for name in names if name == first or (len(first) >= 4 and (first in name or name in first))}
    own: set[int] = set()
    others: set[int] = set()
    for item in products:
        keep = fold(name_of(item)) in kept
        (own if keep else others).update(_parts(item))
    best_name = max(kept, key=lambda name: scores.get(name, 0.0)) if kept else ""

    def order(item: dict[str, Any]) -> int:  # Any: JSON values
        return 0 if types_of(item) & PRODUCT_TYPES and fold(name_of(item)) == best_name else 1

    document.jsonld = tuple(sorted((i for i in document.jsonld if id(i) in own or id(i) not in others), key=order))
    document.microdata = tuple(
        sorted((i for i in document.microdata if id(i) in own or id(i) not in others), key=order)
    )
    document.annotated = tuple(
        sorted((i for i in document.annotated if id(i) in own or id(i) not in others), key=order)
    )


def _parts(item: dict[str, Any]) -> set[int]:  # Any: JSON values
    """An object and those inside it, by identity; those that stand for other products are left out."""
    found: set[int] = set()
    layer: list[Any] = [item]
    while layer and len(found) < 5_000:
        value = layer.pop()
        if isinstance(value, list):
            layer.extend(value)
        elif isinstance(value, dict) and id(value) not in found:
            found.add(id(value))
            layer.extend(
                v
                for k, v in value.items()
                if isinstance(v, dict | list) and k not in ("isRelatedTo", "isSimilarTo", "isAccessoryOrSparePartFor")
            )
    return found

"""
What extruct reads of a page (JSON-LD, microdata, OpenGraph), in the shape of `marque read --json`.

The mapping is the obvious one and favours the peer: the first product found speaks, then the page's own metas.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any  # Any: structured data of any shape

import extruct  # type: ignore[import-untyped]  # it ships no types

SYNTAXES = ["json-ld", "microdata", "opengraph"]
PRODUCTS = {"Product", "ProductGroup", "IndividualProduct", "ProductModel", "Vehicle", "Car", "Book", "Offer"}
MEDIA = {"VideoObject", "Movie", "TVEpisode", "TVSeries", "MusicRecording", "MusicAlbum", "AudioObject"}


def read_embedded(body: bytes, url: str) -> dict[str, Any]:
    """The page by its structured data alone; what extruct raises is passed on."""
    data = extruct.extract(body, base_url=url or None, syntaxes=SYNTAXES, uniform=True, errors="ignore")
    metas: dict[str, Any] = {}
    for group in data.get("opengraph") or ():
        metas |= {key: value for key, value in group.items() if key not in metas}
    nodes = [node for syntax in ("json-ld", "microdata") for root in data.get(syntax) or () for node in _nodes(root)]
    products = [node for node in nodes if _types(node) & (PRODUCTS - {"Offer"})]
    media = next((node for node in nodes if _types(node) & MEDIA), None)
    items = [item for node in nodes if "ItemList" in _types(node) for item in _list(node.get("itemListElement"))]
    cards = [_card(item.get("item") if isinstance(item.get("item"), dict) else item) for item in items] or (
        [_card(product) for product in products] if len(products) > 1 else []
    )
    kind = "none"
    if len(products) == 1 or metas.get("@type") in ("product", "og:product") or metas.get("product:price:amount"):
        kind = "listing"
    elif len(cards) > 1:
        kind = "results"
    elif products:
        kind = "listing"
    elif media is not None or str(metas.get("@type", "")).startswith("video"):
        kind = "stream"
    fields = _fields(products[0] if products else media or {}, metas)
    return {"kind": kind, "listing": fields, "stream": fields, "cards": cards, "next_page": None, "hops": []}


def _fields(node: dict[str, Any], metas: dict[str, Any]) -> dict[str, Any]:
    offer = next((part for part in _list(node.get("offers")) if isinstance(part, dict)), {})
    nested = next((part for part in _list(offer.get("offers")) if isinstance(part, dict)), {})
    price = offer.get("price") or offer.get("lowPrice") or nested.get("price") or metas.get("product:price:amount")
    price = price or metas.get("og:price:amount")
    currency = offer.get("priceCurrency") or nested.get("priceCurrency") or metas.get("product:price:currency")
    currency = currency or metas.get("og:price:currency")
    images = [_word(image, "url", "contentUrl", "@id") for image in _list(node.get("image") or metas.get("og:image"))]
    said: dict[str, Any] = {
        "title": _word(node.get("name") or metas.get("og:title")),
        "price": None if price is None else {"amount": _amount(price), "currency": _word(currency)},
        "availability": _enum(offer.get("availability") or metas.get("product:availability")),
        "condition": (_enum(offer.get("itemCondition") or node.get("itemCondition")) or "").removesuffix(
            "_condition"
        ),
        "brand_claimed": _word(node.get("brand"), "name"),
        "sku": _word(node.get("sku") or offer.get("sku")),
        "gtin": _word(
            next((node[key] for key in ("gtin13", "gtin12", "gtin14", "gtin", "isbn") if key in node), None)
        ),
        "mpn": _word(node.get("mpn")),
        "seller_name": _word(offer.get("seller"), "name"),
        "images": [image for image in images if image],
        "description": _word(node.get("description") or metas.get("og:description")),
        "uploader": _word(node.get("author") or node.get("creator") or node.get("byArtist"), "name"),
        "streams": [str(node[key]) for key in ("embedUrl", "embedURL", "contentUrl") if node.get(key)],
    }
    return {name: {"value": value, "where": "embedded"} for name, value in said.items() if value}


def _card(node: dict[str, Any]) -> dict[str, Any]:
    fields = _fields(node, {})
    url = node.get("url") or node.get("@id") or _fields_url(node)
    return {name: fields[name] for name in ("title", "price") if name in fields} | {"url": _word(url, "@id", "url")}


def _fields_url(node: dict[str, Any]) -> Any:
    return next((part.get("url") for part in _list(node.get("offers")) if isinstance(part, dict)), None)


def _nodes(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, list):
        for part in data:
            yield from _nodes(part)
    elif isinstance(data, dict):
        yield data
        for key, part in data.items():
            if key in ("@graph", "mainEntity", "itemListElement", "item", "mainEntityOfPage"):
                yield from _nodes(part)


def _types(node: dict[str, Any]) -> set[str]:
    return {str(word).rsplit("/", 1)[-1].rsplit(":", 1)[-1] for word in _list(node.get("@type"))}


def _list(data: Any) -> list[Any]:
    return data if isinstance(data, list) else [] if data is None else [data]


def _word(data: Any, *keys: str) -> str | None:
    """The first string of it, looking under `keys` in nested values."""
    for part in _list(data):
        if isinstance(part, dict):
            part = next((part[key] for key in (*keys, "@value", "name") if part.get(key)), None)
            part = part[0] if isinstance(part, list) and part else part
        if isinstance(part, str | int | float) and str(part).strip():
            return str(part).strip()
    return None


def _amount(data: Any) -> str | None:
    text = (_word(data) or "").lstrip("$€£¥ ").replace(" ", "")
    return text.replace(",", "") if text.count(".") <= 1 else None


def _enum(data: Any) -> str | None:
    """`http://schema.org/InStock` as `in_stock`."""
    word = (_word(data, "@id") or "").rsplit("/", 1)[-1]
    parts = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in word)
    return parts.strip("_").replace(" ", "_") or None

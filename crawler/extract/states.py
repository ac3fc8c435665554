"""The product a page's scripts describe: in application state, analytics layers and data attributes of any shop."""

from __future__ import annotations

import html
import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from crawler.extract.document import Document
from crawler.extract.errors import UnreadableJson
from crawler.extract.headings import heading, layout_of, overlap
from crawler.extract.loose_json import JsonValue, read_json, values_in
from crawler.extract.memory import remembers
from crawler.extract.patterns import Pattern, compile_once, compile_re
from crawler.extract.presence import Trace
from crawler.extract.referenced import dereferenced, resolved
from crawler.extract.text import clean_text, fold

MAX_SCRIPT_CHARS = 3_000_000  # a page's own limit is 8 MiB; larger state than this holds libraries
MAX_OBJECTS = 20_000  # objects walked of one page; the largest real state seen has 9,000
MAX_ATTRIBUTES = 60  # data attributes read of one page: a list carries one a card
MAX_ATTRIBUTE_CHARS = 200_000
MIN_AGREEMENT = 0.75
"""How much of an object's name and the page's heading must be the same words. Chosen on real pages."""

WORTH = re.compile(r"price|amount|product|brand|\bsku\b", re.IGNORECASE)
worth = compile_re(r"(?i)price|amount|product|brand|\bsku\b", "state")
"""The same for whole scripts, where it is many times as quick."""
_ATTRIBUTE = re.compile(r"=(?P<quote>[\"'])\s?(?=[\[{])")
_ATTRIBUTE_NAME = re.compile(
    r"[\s:@][\w:.-]*(?:product|item|variation|offer|props|state|ecommerce|gtm|track|config|json|model|options)[\w:.-]*$",
    re.IGNORECASE,
)
_ROW = re.compile(r"^[0-9a-f]{1,4}:(?=[\[{])", re.MULTILINE)
_PREFIX = re.compile(r"^(?:product|prod|item|current|page|ec|ecomm|offer|article|variant)(?=[a-z]{3})")
_INNER = frozenset(("info", "details", "attributes", "core", "data", "basicinfo", "productinfo", "main", "base"))
_NAMES = frozenset((
    "name", "title", "displayname", "fullname", "label", "headline", "subject", "titulo", "nome", "nombre",
))  # fmt: skip
_SIGNS = frozenset((
    "price", "saleprice", "finalprice", "currentprice", "sellingprice", "unitprice", "baseprice", "listprice",
    "regularprice", "originalprice", "prices", "pricing", "priceinfo", "pricerange", "minprice", "lowprice", "sku",
    "brand", "vendor", "manufacturer", "offers", "variants", "instock", "availability", "stock", "gtin", "ean", "upc",
    "mpn", "itemcondition", "condition", "compareatprice", "specialprice", "pricevalue", "priceamount", "totalprice",
))  # fmt: skip
OTHERS = re.compile(
    r"related|recommend|similar|upsell|crosssell|viewed|suggest|breadcrumb|menu|navigation|impression"
)

VARIANT_KEYS = (
    "variants", "productVariants", "product_variants", "variations", "skus", "skuList", "variantList",
    "childProducts",
)  # fmt: skip
"""Under which keys an object of a script lists the versions of its product."""
_HOLDS = frozenset(VARIANT_KEYS)
MAX_HOLDERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantHolder:
    """An object of a script that lists versions of something."""

    value: dict[str, Any]  # Any: JSON values
    where: str
    currency: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductState:
    """An object that describes the page's product, its keys in lower case without marks and prefixes."""

    keys: dict[str, Any]  # Any: JSON values
    where: str
    currency: str | None  # named by an object around it
    cents: bool  # its amounts are whole hundredths, as Shopify's own product objects carry them
    agreement: float


def product_state(document: Document) -> ProductState | None:
    """The script object that agrees best with the page's heading or title; None when none does."""
    return document.once("product state", lambda: _product_state(document))


def variant_holders(document: Document) -> list[VariantHolder]:
    """The objects met on the way to the product's own that list versions of something."""
    return document.once("variant holders", list)


def _product_state(document: Document) -> ProductState | None:
    named = heading(document)
    title = fold(clean_text(layout_of(document).words(named, 1_000), 300)) if named is not None else ""
    whole = fold(clean_text(document.title, 400))
    gate = _gate(title or whole)
    if gate is None:
        return None
    path = fold(unquote(urlsplit(document.url).path))
    best: tuple[float, ProductState] | None = None
    agreements: dict[str, float] = {}
    seen = 0
    holders = variant_holders(document)
    for where, root in roots(document, gate):
        for value, around, currency, depth in _objects(root, gate):
            seen += 1
            if seen > MAX_OBJECTS:
                document.notes.append(f"state: cut at {MAX_OBJECTS} objects")
                return best[1] if best is not None else None
            if not value.keys().isdisjoint(_HOLDS) and len(holders) < MAX_HOLDERS:
                holders.append(VariantHolder(value=value, where=where, currency=currency))
            name = named_in(value)
            if name is None:
                continue
            agreement = agreements.get(name)
            if agreement is None:
                said = fold(clean_text(html.unescape(name), 300))
                agreement = agreements[name] = _alike(said, title, whole)
            if agreement < MIN_AGREEMENT:
                continue
            keys = _plain_keys(value, around)
            signs = len(_SIGNS & keys.keys())
            if not signs:
                continue
            words = [part for part in re.findall(r"\w+", fold(name)) if len(part) > 2]
            in_path = sum(part in path for part in words) / len(words) if words else 0.0
            score = 4.0 * agreement + 0.4 * min(signs, 6) + 0.5 * in_path - 0.05 * depth
            score += 1.0 * any(key in keys for key in ("price", "prices", "saleprice", "finalprice", "variants"))
            if best is None or score > best[0]:
                best = (score, _state(keys, where, currency, agreement))
    return best[1] if best is not None else None


def state_of(value: dict[str, Any], where: str, currency: str | None) -> ProductState:  # Any: JSON values
    """An object of a list of products, its keys made alike; it agrees with no heading."""
    return _state(_plain_keys(value, None), where, currency, 0.0)


def _state(keys: dict[str, Any], where: str, currency: str | None, agreement: float) -> ProductState:
    cents = "compareatprice" in keys and "pricemin" in keys and isinstance(keys.get("price"), int)
    return ProductState(keys=keys, where=where, currency=currency, cents=cents, agreement=agreement)


def _gate(title: str) -> Pattern | None:
    """
    What a script must hold to be worth reading: the longest word of the page's own name, plain or escaped.

    A page without a name lets none pass.
    """
    if not title:
        return None
    words = sorted(re.findall(r"[^\W_]{3,60}", title), key=lambda word: (word.isascii(), len(word)), reverse=True)
    if not words:
        return worth
    escaped = json.dumps(words[0])[1:-1]
    return compile_once("(?i)" + "|".join(map(re.escape, dict.fromkeys((words[0], escaped)))))


def named_in(value: dict[str, Any]) -> str | None:  # Any: JSON values
    """The name an object carries under one of its usual keys; None for objects without one."""
    for key, inner in value.items():
        if plain_key(key) in _NAMES:
            text = _said(inner)
            if text is not None and len(text) <= 400:
                return text
    return None


def _plain_keys(value: dict[str, Any], around: dict[str, Any] | None) -> dict[str, Any]:  # Any: JSON values
    """An object's keys made alike, with those of the objects that stand for a part of it."""
    keys: dict[str, Any] = {}
    for part in (value, around) if around is not None else (value,):
        for key, inner in part.items():
            plain = plain_key(key)
            keys.setdefault(plain, inner)
            if isinstance(inner, dict) and plain in _INNER:
                for name, deeper in inner.items():
                    keys.setdefault(plain_key(name), deeper)
    return keys


def _alike(said: str, title: str, whole: str) -> float:
    """How much a name and what the page calls its matter are the same words, 0 to 1."""
    if len(said) < 3:
        return 0.0
    if said == title:
        return 1.0
    if title:
        both = min(overlap(said, title), overlap(title, said))
        # A name of several words inside the heading is the heading without its attributes.
        part = 0.85 if len(said.split()) >= 3 and (said in title or (title in said and len(title) >= 8)) else 0.0
        return max(both, part)
    return 0.9 * overlap(said, whole) if len(said) >= 8 else 0.0


def roots(document: Document, gate: Pattern) -> Iterator[tuple[str, JsonValue]]:
    """Values that scripts and attributes hold, with where they stood."""
    left = MAX_SCRIPT_CHARS
    rows: list[str] = []
    for node in document.tree.css("script"):
        attributes = node.attributes
        kind = (attributes.get("type") or "").lower()
        if attributes.get("src") or "ld+json" in kind or "template" in kind or "html" in kind:
            continue
        text = node.text(deep=True)
        if len(text) < 30 or not gate.search(text) or not worth.search(text):
            continue
        left -= len(text)
        if left < 0:
            document.notes.append("state: scripts beyond the limit were left out")
            break
        name = f"script {attributes.get('id') or ''}".strip()
        if "json" in kind or text.lstrip()[:1] in "{[":
            try:
                read = read_json(text)
                yield name, _stores(read) if '"__ref"' in text else resolved(read)
                continue
            except UnreadableJson:
                pass
        if "__next_f" in text:
            rows.extend(
                value[1]
                for value in values_in(text)
                if isinstance(value, list) and len(value) == 2 and isinstance(value[1], str)
            )
            continue
        for value in values_in(text, WORTH):
            yield name, dereferenced(value) if '"__ref"' in text else value
    if rows:
        streamed = "".join(rows)
        for match in _ROW.finditer(streamed):
            end = streamed.find("\n", match.end())
            line = streamed[match.end() : end if end >= 0 else len(streamed)]
            if gate.search(line) and worth.search(line):
                try:
                    yield "script __next_f", read_json(line)
                except UnreadableJson:
                    continue
    read = 0
    text = document.text
    for found in _ATTRIBUTE.finditer(text) if Trace.STATE in document.traces else ():
        named = _ATTRIBUTE_NAME.search(text[max(0, found.start() - 60) : found.start()])
        end = text.find(found["quote"], found.end()) if named is not None else -1
        if named is None or not 20 < end - found.end() < MAX_ATTRIBUTE_CHARS:
            continue
        spelled = text[found.end() : end]
        if gate.search(spelled) and worth.search(spelled):
            read += 1
            if read > MAX_ATTRIBUTES:
                break
            try:
                yield f"attribute {named.group().strip()}", read_json(html.unescape(spelled))
            except UnreadableJson:
                continue


def _stores(value: JsonValue) -> JsonValue:
    """A script's value with the stores of objects that stand up to four levels down put together."""
    layer = [value]
    for _ in range(4):
        deeper: list[JsonValue] = []
        for part in layer:
            if isinstance(part, dict):
                if any(isinstance(k, str) and ":" in k and isinstance(v, dict) for k, v in part.items()):
                    dereferenced(part)
                else:
                    deeper.extend(inner for inner in part.values() if isinstance(inner, dict))
        layer = deeper
    return value


def _objects(
    root: JsonValue, gate: Pattern
) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None, str | None, int]]:
    """
    Objects below a value, outer first: each with the object it is a part of, the currency around it, and its depth.
    """
    layer: deque[tuple[JsonValue, dict[str, Any] | None, str | None, int]] = deque([(root, None, None, 0)])
    while layer:
        value, around, currency, depth = layer.popleft()
        if isinstance(value, list):
            layer.extend(
                (inner, None, currency, depth + 1) for inner in value[:500] if isinstance(inner, dict | list | str)
            )
        elif isinstance(value, str):
            # Application state is often JSON inside JSON.
            if len(value) > 60 and value[:1] in "{[" and depth < 12 and gate.search(value):
                try:
                    layer.append((read_json(value), None, currency, depth + 1))
                except UnreadableJson:
                    continue
        elif isinstance(value, dict):
            for key in ("currency", "currencyCode", "priceCurrency", "currency_code", "currencyIso"):
                said = value.get(key)
                said = said.get("code") if isinstance(said, dict) else said
                if isinstance(said, str) and 0 < len(said) <= 5:
                    currency = said
                    break
            yield value, around, currency, depth
            for key, inner in value.items():
                if isinstance(inner, dict | list) or (isinstance(inner, str) and len(inner) > 60):
                    plain = plain_key(key)
                    if not OTHERS.search(plain):
                        layer.append((inner, value if plain in _INNER else None, currency, depth + 1))


@remembers(5_000)
def plain_key(key: str) -> str:
    """`product_unit_price`, `productUnitPrice` and `Unit-Price` are all `unitprice`."""
    return _PREFIX.sub("", re.sub(r"[^a-z0-9]+", "", key[:60].lower()))


def _said(value: Any) -> str | None:  # Any: JSON values
    """A name: a text, the first of a list of one, or an object's own spelling of it."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("value") or value.get("name") or value.get("default") or value.get("text")
    return value if isinstance(value, str) and value.strip() else None

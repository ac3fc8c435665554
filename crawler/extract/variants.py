"""
The versions an offer comes in, as structured data, scripts or controls tell them apart.

Each reader gives drafts: words, not yet money or a closed set. What is no version of this offer gives none: offers of
several sellers, products shown beside it, choices of how many or where to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crawler.extract.document import Document, types_of
from crawler.extract.labels import label_names
from crawler.extract.products import PRODUCT_TYPES, name_of
from crawler.extract.state_fields import said_of
from crawler.extract.states import ProductState, plain_key
from crawler.extract.text import clean_text, fold

MAX_DRAFTS = 400  # looked at of one page; fields keep fewer
MAX_VALUE_CHARS = 60
MAX_NAME_CHARS = 120
AXES = frozenset(("colour", "size"))
_NOISE = frozenset((
    "attribute", "attributes", "attr", "pa", "option", "options", "product", "products", "item", "variant",
    "variation", "vwattr", "choose", "select", "sel", "pick", "please", "a", "an", "the", "your", "of",
    "available", "id", "list", "selector", "menu", "value", "super", "standard", "eu", "uk", "us", "wähle", "wählen",
    "bitte", "choisir", "choisissez", "elige", "seleccionar", "scegli", "kies", "wybierz", "välj",
))  # fmt: skip
"""Words around an attribute's name that mean nothing of it: `attribute_pa_color`, `Choose a size`."""
_SAID = ("color", "colour", "size", "material", "pattern", "style", "flavor", "flavour", "scent", "storage", "memory")
_VOID = frozenset(("default title", "default", "title", "standard title", "n/a", "none", "-"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One version in the page's own words."""

    name: str | None = None
    sku: str | None = None
    gtin: str | None = None
    price: str | None = None
    availability: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    where: str = ""

    @property
    def words(self) -> str:
        """What the page says of it, for `Seen.raw`."""
        told = (f"{name}: {value}" for name, value in self.attributes)
        return "; ".join(
            part for part in (self.name, *told, self.sku, self.gtin, self.price, self.availability) if part
        )

    @property
    def is_told(self) -> bool:
        """Whether more than a number or an amount tells it from the others."""
        return self.name is not None or bool(self.attributes)


def draft_of(
    value: dict[str, Any],  # Any: JSON values
    where: str,
    *,
    currency: str | None = None,
    axes: tuple[str, ...] = (),
    product: str = "",
) -> Draft | None:
    """
    The version that one object of structured data or of a script describes; None when it tells nothing.

    `axes` names what `option1` and its followers mean, `product` is the name of the whole, left out of a version's.
    """
    item = value.get("itemOffered")
    joined = {**item, **value} if isinstance(item, dict) else value
    keys: dict[str, Any] = {}
    for key, inner in joined.items():
        keys.setdefault(plain_key(str(key)), inner)
    hundredths = isinstance(keys.get("price"), int) and not {
        "publictitle",
        "inventorymanagement",
        "requiresshipping",
    }.isdisjoint(keys)
    state = ProductState(keys=keys, where=where, currency=currency, cents=hundredths, agreement=0.0)
    attributes = _attributes(joined, axes)
    name = _name(keys, product)
    if name is not None and any(name == said for _, said in attributes):
        name = None

    def first(field: str) -> str | None:
        words = said_of(state, field)
        return clean_text(words[0], MAX_VALUE_CHARS) or None if words else None

    draft = Draft(
        name=name,
        sku=first("sku"),
        gtin=first("gtin"),
        price=first("price"),
        availability=first("availability"),
        attributes=attributes,
        where=where,
    )
    return draft if draft.is_told or draft.sku or draft.gtin else None


def marked_up_variants(document: Document) -> list[Draft]:
    """Versions in JSON-LD, microdata or annotations: a ProductGroup's, a product's several offers."""
    layers = (("jsonld", document.jsonld), ("microdata", document.microdata), ("annotated", document.annotated))
    for layer, items in layers:
        found = apart(
            [
                draft
                for where, value, product in _versions(items)
                if (draft := draft_of(value, f"{layer} {where}", product=product))
            ]
        )
        if found:
            return found
    return []


def _versions(items: tuple[dict[str, Any], ...]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Objects that stand for one version, with where they stood and what the whole is called."""
    for item in items:
        if "productgroup" in types_of(item) or "hasVariant" in item:
            listed = _listed(item.get("hasVariant")) or _listed(item.get("model"))
            if len(listed) > 1:
                yield from ((f"hasVariant[{n}]", part, name_of(item)) for n, part in enumerate(listed))
                return
    alone = [item for item in items if "isVariantOf" in item or "inProductGroupWithID" in item]
    if len(alone) > 1:
        yield from ((f"isVariantOf[{n}]", part, "") for n, part in enumerate(alone))
        return
    for item in items:
        if types_of(item).isdisjoint(PRODUCT_TYPES):
            continue
        offers = _listed(item.get("offers"))
        if len(offers) == 1:
            offers = _listed(offers[0].get("offers")) or offers
        sellers = {fold(name_of(s)) for offer in offers for s in _listed(offer.get("seller")) if name_of(s)}
        if len(offers) > 1 and len(sellers) < 2:
            yield from ((f"offers[{n}]", part, name_of(item)) for n, part in enumerate(offers))
            return


def _listed(value: Any) -> list[dict[str, Any]]:  # Any: JSON values
    return [part for part in (value if isinstance(value, list) else [value]) if isinstance(part, dict)][:MAX_DRAFTS]


def apart(drafts: list[Draft]) -> list[Draft]:
    """Each version once; none where all say the same, or one is all there is."""
    told: dict[tuple[object, ...], Draft] = {}
    for draft in drafts[:MAX_DRAFTS]:
        told.setdefault((draft.name, draft.sku, draft.gtin, draft.attributes), draft)
    return list(told.values()) if len(told) > 1 else []


def _name(keys: dict[str, Any], product: str) -> str | None:
    """What a version is called beside the whole."""
    for key in ("publictitle", "title", "name", "label", "displayname", "skuname", "text"):
        said = keys.get(key)
        if isinstance(said, str) and said.strip():
            name = clean_text(said, MAX_NAME_CHARS)
            if product and fold(name).startswith(fold(product)) and len(name) > len(product):
                name = name[len(product) :].strip(" -–—/|:,·") or name
            return None if fold(name) in _VOID or fold(name) == fold(product) else name
    return None


def _attributes(value: dict[str, Any], axes: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Attributes by their name: those of schema.org, of lists of name and value, of numbered options."""
    found: dict[str, str] = {}
    for key in _SAID:
        put(found, key, value.get(key))
    for key in (
        "additionalProperty",
        "selectedOptions",
        "attributes",
        "options",
        "variationAttributes",
        "specs",
        "properties",
    ):
        inner = value.get(key)
        if isinstance(inner, dict):
            for name, said in list(inner.items())[:12]:
                put(found, re.sub(r"^(attribute_)?(pa_)?", "", str(name)), said)
        elif isinstance(inner, list):
            for place, part in enumerate(inner[:12]):
                if isinstance(part, dict):
                    named = part.get("name") or part.get("label") or part.get("code") or part.get("propertyID")
                    put(
                        found,
                        named if isinstance(named, str) else "",
                        part.get("value") or part.get("option") or part.get("values"),
                    )
                elif isinstance(part, str) and key == "options":
                    put(found, axes[place] if place < len(axes) else f"option {place + 1}", part)
    for place in range(1, 4):
        if f"option {place}" not in found and not (place <= len(axes) and axis_name(axes[place - 1]) in found):
            put(found, axes[place - 1] if place <= len(axes) else f"option {place}", value.get(f"option{place}"))
    return tuple(found.items())


def put(found: dict[str, str], name: str, said: Any) -> None:  # Any: JSON values
    """Keep one attribute under its plain name, the first to speak."""
    if isinstance(said, dict):
        said = said.get("name") or said.get("label") or said.get("value") or said.get("title")
    if isinstance(said, list):
        said = said[0] if len(said) == 1 else None
    if isinstance(said, bool) or not isinstance(said, str | int | float):
        return
    value = clean_text(re.sub(r"^https?://schema\.org/", "", str(said)), MAX_VALUE_CHARS)
    name = axis_name(name)
    if value and name and fold(value) not in _VOID:
        found.setdefault(name, value)


def axis_name(words: str) -> str:
    """
    `colour` or `size` where words mean it in any language known, else the words themselves, folded.

    The colour of a strap or a lining stays what it is: it is not the offer's.
    """
    plain = fold(clean_text(words.replace("_", " "), 40)).strip(" :*?")
    parted = re.sub(r"[\W_\d]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words[:80]))
    bare = " ".join(word for word in fold(parted).split() if word not in _NOISE)
    meant = (label_names(plain) | label_names(bare)) & AXES
    return sorted(meant)[0] if meant else plain

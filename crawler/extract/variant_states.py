"""The versions of an offer that a page's scripts spell: products with variants, and the tables of shop engines."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from crawler.extract.document import Document
from crawler.extract.errors import UnreadableJson
from crawler.extract.headings import heading, layout_of, overlap
from crawler.extract.loose_json import JsonValue, read_assigned, read_json
from crawler.extract.states import (
    MIN_AGREEMENT,
    VARIANT_KEYS,
    VariantHolder,
    named_in,
    product_state,
    variant_holders,
)
from crawler.extract.text import clean_text, fold
from crawler.extract.variants import MAX_DRAFTS, Draft, apart, draft_of, put

_SPELLED = re.compile(r"(?<![\w-])data-product_variations\s*=\s*(?P<quote>[\"'])(?=[\[{&])")
_MAGENTO_1 = re.compile(r"new Product\.Config\(\s*(?=\{)")


def variants_in_scripts(document: Document) -> list[Draft]:
    """Versions by what an engine leaves for its controls, else by the product that agrees with the heading."""
    text = document.text
    for sign, reads in (
        ("data-product_variations", _woocommerce),
        ("Config", _magento),
        ("combinations", _prestashop),
        ("dimensionValuesDisplayData", _dimensions),
    ):
        if sign in text:
            found = apart(list(reads(document)))
            if found:
                return found
    return _of_product(document)


def _of_product(document: Document) -> list[Draft]:
    """The versions of the product that agrees with the page's heading, by its own name or by theirs."""
    product_state(document)  # walks the scripts, and keeps what holds versions
    named = heading(document)
    title = fold(clean_text(layout_of(document).words(named, 1_000), 300)) if named is not None else ""
    title = title or fold(clean_text(document.title, 300))
    best: tuple[float, list[Draft]] | None = None
    for holder in variant_holders(document):
        versions = _objects(next(holder.value[key] for key in VARIANT_KEYS if key in holder.value))
        if len(versions) < 2:
            continue
        name = clean_text(named_in(holder.value) or "", 300)
        said = name or clean_text(str(named_in(versions[0]) or ""), 300)
        agreement = (
            min(overlap(fold(said), title), overlap(title, fold(said))) if name else overlap(title, fold(said))
        )
        if agreement < MIN_AGREEMENT or (best is not None and agreement <= best[0]):
            continue
        drafts = apart(list(_drafts(holder, versions, name)))
        if drafts:
            best = (agreement, drafts)
    return best[1] if best is not None else []


def _drafts(holder: VariantHolder, versions: list[dict[str, Any]], name: str) -> Iterator[Draft]:
    axes = tuple(_axes(holder.value.get("options") or holder.value.get("optionNames") or ()))
    for number, version in enumerate(versions):
        where = f"{holder.where} variants[{number}]"
        draft = draft_of(version, where, currency=holder.currency, axes=axes, product=name)
        if draft is not None:
            yield draft


def _objects(value: JsonValue) -> list[dict[str, Any]]:
    """A list of objects, in GraphQL's wrapping too, or the values of a table of them."""
    if isinstance(value, dict):
        inner = value.get("edges") or value.get("nodes") or value.get("items")
        value = inner if isinstance(inner, list) else list(value.values())
    if not isinstance(value, list):
        return []
    nodes = (part.get("node", part) if isinstance(part, dict) else part for part in value[:MAX_DRAFTS])
    return [part for part in nodes if isinstance(part, dict)]


def _axes(options: JsonValue) -> Iterator[str]:
    for part in options if isinstance(options, list | tuple) else ():
        said = part.get("name") if isinstance(part, dict) else part
        if isinstance(said, str):
            yield said


def _woocommerce(document: Document) -> Iterator[Draft]:
    """The table of variations that WooCommerce leaves in its form; a long one it fetches only when asked."""
    for match in _SPELLED.finditer(document.text):
        end = document.text.find(match["quote"], match.end())
        if end < 0:
            return
        try:
            listed = read_json(html.unescape(document.text[match.end() : end]))
        except UnreadableJson as error:
            document.notes.append(f"variants: {error}")
            return
        for number, value in enumerate(_objects(listed)):
            price = value.get("display_price")
            plain = {**value, "price": price} if price not in (None, "") else value
            draft = draft_of(plain, f"data-product_variations[{number}]")
            if draft is not None:
                yield draft


def _magento(document: Document) -> Iterator[Draft]:
    """Magento's table of attributes, whose options name the products behind them."""
    for script in document.scripts:
        match = _MAGENTO_1.search(script)
        try:
            if match is not None:
                table = read_assigned("_ = " + script[match.end() :], "_")
            elif "jsonConfig" in script:
                table = read_assigned(script, "jsonConfig")
            else:
                continue
        except UnreadableJson as error:
            document.notes.append(f"variants: {error}")
            continue
        if isinstance(table, dict):
            yield from _of_magento(table)
            return


def _of_magento(table: dict[str, Any]) -> Iterator[Draft]:
    attributes = table.get("attributes")
    products: dict[str, dict[str, str]] = {}
    for attribute in list(attributes.values())[:12] if isinstance(attributes, dict) else ():
        for option in (attribute.get("options") or [])[:MAX_DRAFTS] if isinstance(attribute, dict) else ():
            named = str(attribute.get("label") or attribute.get("code") or "")
            for product in (option.get("products") or [])[:MAX_DRAFTS] if isinstance(option, dict) else ():
                if len(products) < MAX_DRAFTS or str(product) in products:
                    put(products.setdefault(str(product), {}), named, option.get("label"))
    prices, skus = table.get("optionPrices"), table.get("sku") or table.get("skus")
    for product, told in products.items():
        priced = prices.get(product) if isinstance(prices, dict) else None
        final = priced.get("finalPrice") if isinstance(priced, dict) else None
        amount = final.get("amount") if isinstance(final, dict) else None
        said = {"price": amount, "sku": skus.get(product) if isinstance(skus, dict) else None}
        draft = draft_of({**said, "attributes": told}, f"jsonConfig products {product}")
        if draft is not None:
            yield draft


def _prestashop(document: Document) -> Iterator[Draft]:
    """PrestaShop's table of combinations, whose prices are differences and are left out."""
    for script in document.scripts:
        if "combinations" not in script or "attributes_values" not in script:
            continue
        try:
            table = read_assigned(script, "combinations")
        except UnreadableJson as error:
            document.notes.append(f"variants: {error}")
            continue
        groups = _prestashop_groups(script)
        for number, value in (table if isinstance(table, dict) else {}).items():
            said = value.get("attributes_values") if isinstance(value, dict) else None
            if not isinstance(said, dict):
                continue
            told = {groups.get(str(group), f"option {group}"): words for group, words in said.items()}
            left = value.get("quantity")
            stock = {"stock": left} if isinstance(left, int) else {}
            plain = {"reference": value.get("reference"), "ean13": value.get("ean13"), **stock, "attributes": told}
            draft = draft_of(plain, f"combinations.{number}")
            if draft is not None:
                yield draft
        return


def _prestashop_groups(script: str) -> dict[str, str]:
    """The names of the groups, by their number, where the script spells them."""
    try:
        table = read_assigned(script, "attributesCombinations")
    except UnreadableJson:
        return {}  # older themes leave the names to the controls alone
    return {
        str(part["id_attribute_group"]): str(part.get("group") or "")
        for part in _objects(table)
        if part.get("id_attribute_group") is not None
    }


def _dimensions(document: Document) -> Iterator[Draft]:
    """The table of dimensions by item number that a page of many versions carries for its twister."""
    for script in document.scripts:
        if "dimensionValuesDisplayData" not in script:
            continue
        try:
            table = read_assigned(script, "dimensionValuesDisplayData")
        except UnreadableJson as error:
            document.notes.append(f"variants: {error}")
            return
        try:
            labels = read_assigned(script, "dimensionsDisplay")
        except UnreadableJson:
            labels = []
        axes = tuple(_axes(labels))
        for number, said in list(table.items())[:MAX_DRAFTS] if isinstance(table, dict) else ():
            if isinstance(said, list):
                told = {(axes[n] if n < len(axes) else f"option {n + 1}"): words for n, words in enumerate(said[:8])}
                draft = draft_of({"sku": number, "attributes": told}, f"dimensionValuesDisplayData.{number}")
                if draft is not None:
                    yield draft
        return

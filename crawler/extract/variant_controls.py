"""The versions of an offer that its controls let a buyer choose: options of a select, radio buttons, swatches."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from crawler.extract.document import Document, node_text
from crawler.extract.labels import label_names
from crawler.extract.text import clean_text, fold
from crawler.extract.variants import (
    AXES,
    MAX_DRAFTS,
    MAX_NAME_CHARS,
    MAX_VALUE_CHARS,
    Draft,
    apart,
    axis_name,
)
from crawler.extract.words import read_availability

MAX_CONTROLS = 60  # selects and groups of buttons looked at on one page
_PLACEHOLDER = re.compile(
    r"^\W*($|(please )?(choose|select|pick)\b|bitte\b|wählen|auswählen|choisi|sélectionne|seleccion|elige|elija"
    r"|escolh|selecion|scegli|selezion|kies\b|maak een keuze|välj|vælg|velg|valitse|wybierz|zvol|vyberte|válassz"
    r"|alege|выберите|оберіть|seçin|選択|请选择|請選擇|선택|בחר|--)",
    re.IGNORECASE,
)
_CONTROL = re.compile(
    r"colou?r|size|variant|variation|option|attribut|group(_|\[)|^id\[|swatch|farbe|groesse|couleur|taille|talla"
    r"|taglia|kleur|maat|rozmiar|kolor|storlek",
    re.IGNORECASE,
)
_NOT_CONTROL = re.compile(
    r"qty|quantit|menge|anzahl|sort|order-?by|per-?_?page|limit|currenc|countr|lang|store|region|month|year|day|rating"
    r"|filter|categ|search|ship|deliver|payment|page|pickup|location|distance|sizechart|country",
    re.IGNORECASE,
)
_SOLD_OUT = re.compile(
    r"sold ?out|out of stock|unavailable|not available|ausverkauft|nicht (verfügbar|lieferbar)|épuisé|agotado"
    r"|esgotado|esaurito|uitverkocht|slutsåld|udsolgt|utsolgt|loppuunmyyty|wyprzedane|vyprodáno|elfogyott"
    r"|нет в наличии|売り切れ|缺货|품절",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"\s*(?P<mark>[-–—|:/]\s|\(\s*[+-]?|\[\s*[+-]?|\s[+-]\s?)?(?P<amount>[^\s\d(]{0,4}\s?\d[\d.,'\s]*\s?[^\s\d)]{0,4})[\])]?\s*$"
)
_BRACKETED = re.compile(r"\s*[\[(]([^\[\]()]{3,40})[\])]\s*$")
_CURRENT = re.compile(
    r"[$€£¥￥₹₽₩₺₴₪₫฿₱₦]|\b(usd|eur|gbp|chf|kr|sek|nok|dkk|pln|zł|kč|czk|ft|huf|lei|ron|руб|грн)\b", re.IGNORECASE
)


def shown_variants(document: Document) -> list[Draft]:
    """Versions that controls offer: options of a select, buttons one of which is to be chosen."""
    found: list[Draft] = []
    text = document.text
    if "<select" in text or "<SELECT" in text:
        for node in document.tree.css("select")[:MAX_CONTROLS]:
            found += _of_select(document, node)
    if not found and ('"radio"' in text or "=radio" in text):
        found = _of_radios(document)
    return apart(found)


def _of_select(document: Document, node: LexborNode) -> list[Draft]:
    attributes = node.attributes
    names = " ".join(attributes.get(key) or "" for key in ("name", "id", "class", "data-attribute_name"))
    if not _CONTROL.search(names) or _NOT_CONTROL.search(names) or "multiple" in attributes:
        return []
    axis = _axis(names, _label_of(document, node))
    drafts = []
    for number, option in enumerate(node.css("option")[:MAX_DRAFTS]):
        words = clean_text(option.text(deep=True), MAX_NAME_CHARS)
        own = option.attributes
        if own.get("value") == "" or _PLACEHOLDER.match(words):
            continue
        drafts.append(
            _shown(
                axis,
                words,
                f"select {attributes.get('name') or attributes.get('id')}[{number}]",
                off="disabled" in own,
            )
        )
    return drafts if len(drafts) > 1 else []


def _of_radios(document: Document) -> list[Draft]:
    """Groups of radio buttons, one of which is to be chosen; `role` speaks for buttons that are no inputs."""
    groups: dict[str, list[Draft]] = {}
    for node in document.tree.css('input[type="radio"], [role="radio"]')[:MAX_DRAFTS]:
        own = node.attributes
        group = own.get("name") or ""
        legend = _legend(node)
        if not (_CONTROL.search(group) or label_names(fold(legend).strip(" :*")) & AXES) or _NOT_CONTROL.search(
            group
        ):
            continue
        words = (
            own.get("aria-label")
            or own.get("title")
            or _label_of(document, node)
            or own.get("data-value")
            or own.get("value")
            or ""
        )
        words = clean_text(words or node.text(deep=True), MAX_NAME_CHARS)
        if not words or (words.isdigit() and not legend):
            continue
        axis = _axis(group, legend)
        off = "disabled" in own or own.get("aria-disabled") == "true"
        groups.setdefault(group or legend, []).append(_shown(axis, words, f"radio {group or legend}", off=off))
    return [draft for drafts in groups.values() if len(drafts) > 1 for draft in drafts]


def _shown(axis: str, words: str, where: str, *, off: bool) -> Draft:
    """A version by the words of its control: a price behind them is its own, one with a sign before it is added."""
    sold = off or _SOLD_OUT.search(words) is not None
    value, price, stock = words, None, None
    behind = _BRACKETED.search(words)
    if behind is not None and not sold and read_availability(behind[1]) is not None:
        value, stock = words[: behind.start()].strip() or words, behind[1]
        words = value
    trailing = _TRAILING.search(words)
    if trailing is not None and _CURRENT.search(trailing["amount"]):
        value = words[: trailing.start()].strip(" -–—|:,(") or words
        mark = (trailing["mark"] or "").strip()
        if not mark.endswith(("+", "(-", "[-")) and not trailing["amount"].startswith("+"):
            price = clean_text(trailing["amount"])
    if sold:
        value = _SOLD_OUT.sub("", value).strip(" -–—|:,()[]") or value
    value = clean_text(value, MAX_VALUE_CHARS)
    named = axis != ""
    return Draft(
        name=None if named else value,
        price=price,
        availability="OutOfStock" if sold else stock,
        attributes=((axis, value),) if named else (),
        where=where,
    )


def _axis(names: str, label: str) -> str:
    """What a control chooses: by its label, else by its own name; empty where neither says."""
    said = axis_name(label) if 0 < len(label) <= 40 else ""
    if said in AXES:
        return said
    parts = (part for name in names.split() for part in (name, name.rsplit("$", 1)[-1]))
    return next((axis for part in parts if (axis := axis_name(part)) in AXES), said)


def _label_of(document: Document, node: LexborNode) -> str:
    own = node.attributes
    said = own.get("aria-label") or own.get("data-attribute_label")
    if said:
        return clean_text(said, 80)
    id = own.get("id") or ""
    if re.fullmatch(r"[\w-]{1,80}", id):
        label = document.tree.css_first(f'label[for="{id}"]')
        if label is not None:
            return clean_text(label.text(deep=True) or label.attributes.get("title") or "", 80).strip(" :*")
    above = node.parent
    if above is not None and above.tag == "label":
        return clean_text(node_text(above, 200), 80).strip(" :*")
    return ""


def _legend(node: LexborNode) -> str:
    """What the group around a button is called."""
    above = node.parent
    for _ in range(6):
        if above is None or above.tag in ("body", "form", "main"):
            return ""
        said = above.attributes.get("aria-label") or above.attributes.get("data-option-name") or ""
        if above.tag == "fieldset" and not said:
            legend = above.css_first("legend")
            said = legend.text(deep=True) if legend is not None else ""
        if said:
            return clean_text(said, 60).split(":")[0].strip(" :*")
        above = above.parent
    return ""

"""Microdata as the same typed objects JSON-LD makes, so that one kind of rule reads both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.extract.addresses import absolute_url

MAX_ITEMS = 2_000  # scopes kept of one page
MAX_PROPERTIES = 20_000
MAX_TEXT_CHARS = 20_000

_LINKS = {"a": "href", "area": "href", "link": "href", "img": "src", "iframe": "src", "embed": "src", "source": "src"}
_LINKS |= {"audio": "src", "video": "src", "track": "src", "object": "data"}


def read_items(tree: LexborHTMLParser, base: str) -> Iterator[dict[str, Any]]:
    """
    Top-level items in page order: `@type` plus one key a property, nested items inside. Any: text, items, lists.

    Source: WHATWG HTML, section 5.2; `itemref` is not followed, no reader in the field data needed it.
    """
    scopes: dict[int, dict[str, Any]] = {}
    order: list[tuple[LexborNode, dict[str, Any]]] = []
    for node in tree.css("[itemscope]")[:MAX_ITEMS]:
        types = (node.attributes.get("itemtype") or "").split()
        item: dict[str, Any] = {"@type": types} if types else {}
        identifier = node.attributes.get("itemid")
        if identifier:
            item["@id"] = identifier
        scopes[node.mem_id] = item
        order.append((node, item))
    if not scopes:
        return
    known: dict[int, dict[str, Any] | None] = {}
    for node in tree.css("[itemprop]")[:MAX_PROPERTIES]:
        owner = _owner(node, scopes, known)
        if owner is None:
            continue
        own = scopes.get(node.mem_id)
        value: Any = own if own is not None else _value(node, base)
        if own is not None and not own.get("@type"):
            own.setdefault("name", node.text(deep=True)[:MAX_TEXT_CHARS].strip())
        if value == "":
            continue
        for name in (node.attributes.get("itemprop") or "").split()[:10]:
            _add(owner, name.rsplit("/", 1)[-1], value)
    for node, item in order:
        if node.attributes.get("itemprop") is None or _owner(node, scopes, known) is None:
            yield item


def _owner(
    node: LexborNode, scopes: dict[int, dict[str, Any]], known: dict[int, dict[str, Any] | None]
) -> dict[str, Any] | None:
    """The nearest scope above. `known` remembers the way up, so that deep pages are walked once."""
    passed: list[int] = []
    owner: dict[str, Any] | None = None
    above = node.parent
    while above is not None:
        place = above.mem_id
        if place in scopes:
            owner = scopes[place]
            break
        if place in known:
            owner = known[place]
            break
        passed.append(place)
        above = above.parent
    for place in passed:
        known[place] = owner
    return owner


def _add(owner: dict[str, Any], name: str, value: Any) -> None:
    old = owner.get(name)
    if old is None:
        owner[name] = value
    elif isinstance(old, list):
        if len(old) < MAX_ITEMS and value not in old[:20]:
            old.append(value)
    elif old != value:
        owner[name] = [old, value]


def _value(node: LexborNode, base: str) -> str:
    attributes = node.attributes
    content = attributes.get("content")
    if content is not None:  # on meta by the standard, on any element by custom
        return content.strip()
    tag = node.tag or ""
    if tag in _LINKS:
        href = attributes.get(_LINKS[tag]) or ""
        if tag == "a" and not href.startswith(("http", "/")):
            return (node.text(deep=True) or href).strip()[:MAX_TEXT_CHARS]
        return absolute_url(base, href) or href
    if tag in ("data", "meter"):
        return (attributes.get("value") or "").strip()
    if tag == "time" and attributes.get("datetime"):
        return (attributes["datetime"] or "").strip()
    return node.text(deep=True, separator=" ").strip()[:MAX_TEXT_CHARS]

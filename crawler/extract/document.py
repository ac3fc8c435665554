"""A page taken apart once: text, element tree, structured data, scripts and metas, each made when asked for."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from crawler.extract.addresses import absolute_url
from crawler.extract.annotations import may_annotate, read_annotations
from crawler.extract.charset import decode_body
from crawler.extract.errors import BrokenRule, UnreadableJson
from crawler.extract.loose_json import JsonValue, read_assigned, read_json
from crawler.extract.microdata import read_items
from crawler.extract.nesting import tame
from crawler.extract.patterns import remembered
from crawler.extract.presence import Trace, traces_in
from crawler.extract.templates import unfold

T = TypeVar("T")

MAXBLOCKS = 200  # JSON-LD elements on one page; the richest real page seen has 12
MAX_OBJECTS = 5_000  # typed objects kept of one page's structured data

SILENT = frozenset(("script", "style", "noscript", "template", "svg", "iframe", "select", "textarea", "head"))
BLOCK = frozenset((
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li",
    "main", "nav", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "ul", "option",
))  # fmt: skip
_hidden_style = remembered(r"(?i)display\s*:\s*none|visibility\s*:\s*hidden")


# Kana before Han: Japanese writes both.
_SCRIPTS = (
    ("[\u3040-\u30ff]", "ja"), ("[\uac00-\ud7af]", "ko"), ("[\u4e00-\u9fff]", "zh"), ("[\u0e00-\u0e7f]", "th"),
    ("[\u05d0-\u05ea]", "he"),
)  # fmt: skip


class Document:
    """One page's parts. Nothing here raises on what a page holds; what was cut or could not be read is in `notes`."""

    def __init__(self, *, url: str, body: bytes, content_type: str | None, fetched_at: datetime) -> None:
        self.url = url
        self.fetched_at = fetched_at
        self.notes: list[str] = []
        decoded = decode_body(body, content_type)
        if decoded.note:
            self.notes.append(decoded.note)
        self.text = decoded.text
        self._selected: dict[str, list[LexborNode]] = {}
        self._made: dict[str, Any] = {}  # Any: each maker knows its own type

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives, made once a page and kept under `name`."""
        if name not in self._made:
            self._made[name] = make()
        made: T = self._made[name]
        return made

    @cached_property
    def traces(self) -> frozenset[Trace]:
        """What the source can hold at all."""
        return traces_in(self.text)

    @cached_property
    def lower(self) -> str:
        """The page's text in lower case, for plain words looked for in it."""
        return self.text.lower()

    @cached_property
    def tree(self) -> LexborHTMLParser:
        """The element tree, of input made harmless first."""
        markup, notes = tame(unfold(self.text) if Trace.TEMPLATE in self.traces else self.text)
        self.notes.extend(notes)
        return LexborHTMLParser(markup)

    @cached_property
    def base(self) -> str:
        """What relative addresses are relative to."""
        node = self.tree.css_first("base[href]")
        href = (node.attributes.get("href") or "") if node is not None else ""
        return absolute_url(self.url, href) or self.url if href else self.url

    def select(self, selector: str, rule: str) -> list[LexborNode]:
        """Elements in page order, each selector searched once. Raises `BrokenRule` for an impossible selector."""
        found = self._selected.get(selector)
        if found is None:
            try:
                found = self.tree.css(selector)
            except (SelectolaxError, ValueError) as error:
                raise BrokenRule(rule, f"css {selector!r} is no CSS selector: {error}") from error
            self._selected[selector] = found
        return found

    @cached_property
    def metas(self) -> dict[str, list[str]]:
        """Contents of meta elements by their name, property or itemprop in lower case."""
        found: dict[str, list[str]] = {}
        for node in self.tree.css("meta"):
            attributes = node.attributes
            content = attributes.get("content")
            if content is None:
                continue
            for key in ("property", "name", "itemprop", "http-equiv"):
                name = attributes.get(key)
                if name:
                    found.setdefault(name.strip().lower(), []).append(content)
        return found

    @cached_property
    def as_json(self) -> JsonValue:
        """The whole body, where it is JSON and not a page; None where it is not."""
        start = self.text.lstrip()[:1]
        if start not in ("{", "["):
            return None
        try:
            return read_json(self.text)
        except UnreadableJson as error:
            self.notes.append(str(error))
            return None

    @cached_property
    def jsonld(self) -> tuple[dict[str, Any], ...]:
        """Typed objects of the page's JSON-LD, outer before inner. Any: JSON values."""
        roots: list[JsonValue] = []
        if self.as_json is not None:
            roots.append(self.as_json)
        elif "ld+json" in self.text:
            for node in self.tree.css('script[type*="ld+json"]')[:MAXBLOCKS]:
                text = node.text(deep=True)
                if not text.strip():
                    continue
                try:
                    roots.append(read_json(text))
                except UnreadableJson as error:
                    self.notes.append(f"json-ld: {error}")
        return self._typed(roots)

    @cached_property
    def microdata(self) -> tuple[dict[str, Any], ...]:
        """Typed objects of the page's microdata, outer before inner. Any: JSON-like values."""
        if "itemscope" not in self.text and "itemtype" not in self.text:
            return ()
        return self._typed(list(read_items(self.tree, self.base)))

    @cached_property
    def annotated(self) -> tuple[dict[str, Any], ...]:
        """Typed objects of the page's RDFa and microformats, outer before inner. Any: JSON-like values."""
        if not may_annotate(self.text):
            return ()
        return self._typed(list(read_annotations(self.tree, self.base)))

    def _typed(self, roots: list[JsonValue]) -> tuple[dict[str, Any], ...]:
        found: list[dict[str, Any]] = []
        layer = roots
        while layer:
            deeper: list[JsonValue] = []
            here = deque(layer)
            while here:
                value = here.popleft()
                if isinstance(value, list):
                    here.extendleft(reversed(value))  # a list and an @graph stand on the layer of what holds them
                elif isinstance(value, dict):
                    if "@type" in value:
                        found.append(value)
                    for key, inner in value.items():
                        if isinstance(inner, dict | list):
                            (here if key == "@graph" else deeper).append(inner)
                if len(found) >= MAX_OBJECTS or len(deeper) > 20 * MAX_OBJECTS:
                    self.notes.append(f"structured data: cut at {len(found)} objects")
                    return tuple(found)
            layer = deeper
        return tuple(found)

    @cached_property
    def scripts(self) -> tuple[str, ...]:
        """The text of inline scripts, in page order."""
        return tuple(text for node in self.tree.css("script") if (text := node.text(deep=True)).strip())

    def script_value(self, place: str, rule: str) -> JsonValue:
        """
        The JSON a `script` rule names: an element by CSS selector, or a variable (`window.X`) by its assignment.

        None when there is none; a note says when one is there and cannot be read.
        """
        if self.as_json is not None:
            return self.as_json
        if re.fullmatch(r"(?:window|self|globalThis|var|let|const)[.\s][\w$.]+|[A-Za-z_$][\w$]*(?:\.[\w$]+)+", place):
            name = re.sub(r"^(?:var|let|const)\s+", "", place)
            bare = name.split(".", 1)[1] if name.startswith(("window.", "self.", "globalThis.")) else name
            for script in self.scripts:
                if bare in script:
                    try:
                        return read_assigned(script, bare)
                    except UnreadableJson as error:
                        self.notes.append(f"{rule}: {error}")
            return None
        for node in self.select(place, rule):
            text = node.text(deep=True)
            try:
                return read_json(text)
            except UnreadableJson:
                try:
                    return read_assigned(text)
                except UnreadableJson as error:
                    self.notes.append(f"{rule}: {error}")
        return None

    @cached_property
    def title(self) -> str:
        """The text of the title element."""
        node = self.tree.css_first("title")
        return node.text(deep=True) if node is not None else ""

    @cached_property
    def language(self) -> str | None:
        """Two letters of the language the page claims, lower case."""
        node = self.tree.css_first("html")
        claimed = (node.attributes.get("lang") or node.attributes.get("xml:lang") or "") if node is not None else ""
        claimed = claimed or next(iter(self.metas.get("og:locale", ())), "")
        match = re.match(r"[A-Za-z]{2}(?![A-Za-z])", claimed.strip())
        return match.group().lower() if match else self._written_in()

    def _written_in(self) -> str | None:
        """The language that the title's script gives away; None for scripts of many languages."""
        sample = self.title[:200]
        return next((language for script, language in _SCRIPTS if re.search(script, sample)), None)

    @cached_property
    def region(self) -> str | None:
        """The country in the page's language tag (`en-CA`), upper case."""
        node = self.tree.css_first("html")
        claimed = (node.attributes.get("lang") or "") if node is not None else ""
        claimed = claimed if re.search(r"[-_]", claimed) else next(iter(self.metas.get("og:locale", ())), "")
        match = re.match(r"[A-Za-z]{2}[-_]([A-Za-z]{2})(?![A-Za-z])", claimed.strip())
        return match[1].upper() if match else None

    @cached_property
    def shown(self) -> str:
        """The words a reader sees, blocks apart by a blank; hidden elements left out."""
        body = self.tree.body
        return node_text(body) if body is not None else ""


def types_of(item: dict[str, Any]) -> frozenset[str]:
    """The schema.org types of an object in lower case, without the address in front. Any: JSON values."""
    said = item.get("@type")
    listed = said if isinstance(said, list) else [said]
    return frozenset(re.split(r"[/#:]", t)[-1].strip().lower() for t in listed[:20] if isinstance(t, str))


def hides(attributes: dict[str, str | None]) -> bool:
    """Whether an element's own attributes say that it is not shown."""
    if "hidden" in attributes:
        return True
    style = attributes.get("style")
    return bool(style and _hidden_style(style))


def node_text(node: LexborNode, limit: int = 400_000) -> str:
    """The words of an element as read: no script, style or hidden part; a blank wherever a block begins or ends."""
    return "".join(_pieces(node, limit))


def _pieces(node: LexborNode, limit: int) -> Iterator[str]:
    """Text pieces in order. Walks without recursion: pages nest deeper than Python's stack."""
    stack: list[LexborNode | str] = [node]
    while stack and limit > 0:
        item = stack.pop()
        if isinstance(item, str):
            yield item
            continue
        if item.is_text_node:
            text = item.text_content or ""
            limit -= len(text)
            yield text
            continue
        tag = item.tag
        if not item.is_element_node or (item is not node and (tag in SILENT or hides(item.attributes))):
            continue
        if tag in BLOCK:
            yield " "
            stack.append(" ")
        elif tag == "sup":
            yield "\u2009"  # a price's cents stand raised: kept apart, and told from a plain blank
        children = list(item.iter(include_text=True))
        stack.extend(reversed(children))

"""A page taken apart once: text, element tree, structured data, scripts and metas, each made when asked for."""

from __future__ import annotations

import re
from collections import Counter, deque
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


_SAMPLE_CHARS = 8_000
_LEAST_SMALL_WORDS = 3  # fewer are names and loan words
_SMALL_WORDS: dict[str, tuple[str, ...]] = {}
for _language, _listed in (
    ("en", "the and of for with your from our this are"),
    ("de", "der die das und für mit nicht den ist auf zum von inkl sie wir"),
    ("nl", "het een van voor niet met op zijn deze bij en wij uw de kopen"),
    ("fr", "le la les et des pour dans sur est avec votre nous du une"),
    ("es", "el los las para con por una del nuestro más su envío"),
    ("pt", "os as para com não dos das uma você mais nosso em do"),
    ("it", "il di per della con che gli sono del nel più una nostro"),
    ("pl", "się na do nie jest dla oraz przez od produkt w z i"),
    ("cs", "se na pro je od nebo zboží jsou při v a"),
    ("sk", "sa na pre je od alebo tovar sú pri v"),
    ("hu", "az és hogy nem egy vagy termék van a"),
    ("ro", "și pentru cu din este sau care la produs"),
    ("sv", "och att för med som är inte på av den"),
    ("da", "og til af med er ikke på den det vores"),
    ("nb", "og til av med er ikke på den det våre"),
    ("fi", "ja on ei tai myös sekä tuote"),
    ("tr", "ve bir için ile bu ürün da de"),
    ("id", "dan yang untuk dengan dari di ini kami"),
    ("hr", "je za i na od su se proizvod ili"),
    ("et", "ja on ei või toode meie"),
    ("lt", "ir su iš prekės arba yra"),
    ("lv", "un ar no vai preces ir"),
):
    for _word in _listed.split():
        _SMALL_WORDS[_word] = (*_SMALL_WORDS.get(_word, ()), _language)


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
    def written_in(self) -> str | None:
        """The language whose commonest small words the page shows most, told by sight; None where none leads."""
        words = re.findall(r"[^\W\d_]+", self.shown[:_SAMPLE_CHARS].lower())
        counted = Counter(language for word in words for language in _SMALL_WORDS.get(word, ()))
        leading = counted.most_common(2)
        if not leading or leading[0][1] < _LEAST_SMALL_WORDS:
            return None
        return leading[0][0] if len(leading) == 1 or leading[0][1] >= 1.5 * leading[1][1] else None

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

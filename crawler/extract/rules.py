"""Declared rules applied to one page: the first to speak gives the value, who disagrees stands in the notes."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import jmespath
from jmespath.exceptions import JMESPathError
from selectolax.lexbor import LexborNode

from config.rule import Rule
from crawler.extract.document import Document, node_text, types_of
from crawler.extract.errors import BrokenRule, UnreadableJson
from crawler.extract.guesses import guess
from crawler.extract.loose_json import JsonValue, read_json
from crawler.extract.pages import Conflict
from crawler.extract.patterns import compile_re, taken
from crawler.extract.steps import take_steps
from crawler.extract.text import LIMIT_CHARS, clean_text, clip_raw, fold
from crawler.extract.variants import Draft
from store.records.money import Money
from store.records.seen import Seen

T = TypeVar("T")

MAX_HITS = 2_000  # elements one rule looks at
MAX_SCRIPTS = 40  # of one selector, searched for a path; a Magento page has some twenty
MAX_CONFLICT_CHARS = 80  # of each value quoted in a note

_WHOLE = re.compile(r"\.variants\[")  # fields whose values are whole objects, which may bear no name
_IMPLIED = {"meta": "content", "input": "value", "data": "value", "meter": "value"}
_SOURCES = (
    "src",
    "data-src",
    "data-original",
    "data-lazy-src",
    "data-lazy",
    "data-image",
    "data-img",
    "srcset",
    "data-srcset",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What one place says, before it means anything."""

    text: str
    where: str
    item: dict[str, Any] | None = None  # the JSON object it stood in. Any: JSON values
    node: LexborNode | None = None  # the element it stood in
    value: JsonValue = None  # the JSON value itself, where it came from JSON
    draft: Draft | None = None  # of a version of the offer, where a guess found one


Reads = Callable[[Word], T | None]
"""Makes a value of a word, or None when the word means nothing of the kind."""


class RuleReader:
    """Applies the rules of one platform to one page and collects notes."""

    def __init__(self, document: Document, platform: str, capture: str | None) -> None:
        self.document = document
        self.platform = platform
        self.capture = capture
        self.notes: list[str] = []
        self.conflicts: list[Conflict] = []

    def first(
        self, place: str, rules: Iterable[Rule], reads: Reads[T], within: LexborNode | None = None
    ) -> Seen[T] | None:
        """
        The value of the first rule that speaks, or None.

        `place` names the field ("listing.price"). Later rules are asked too; one that says something else leaves a
        note. A guess is asked only when nothing else spoke.
        """
        found: Seen[T] | None = None
        for name, rule in self._named(place, rules):
            if found is not None and rule.guess is not None:
                break
            said = self._first_of(name, rule, reads, within)
            if said is None:
                continue
            if found is None:
                found = said
            elif not _agree(found.value, said.value):
                mine, other = (str(_plain(v))[:MAX_CONFLICT_CHARS] for v in (found.value, said.value))
                field = place.rpartition(".")[2]
                self.conflicts.append(
                    Conflict(field=field, chosen=mine, chosen_rule=found.rule, other=other, other_rule=said.rule)
                )
                self.notes.append(f"conflict: {found.rule} says {mine!r}, {said.rule} says {other!r}")
        return found

    def every(self, place: str, rules: Iterable[Rule], reads: Reads[T], limit: int = 100) -> tuple[Seen[T], ...]:
        """All values of the first rule that speaks, each once, at most `limit`; what was cut is noted."""
        for name, rule in self._named(place, rules):
            values: dict[object, Seen[T]] = {}
            cut = 0
            for word in self._words(name, rule, None):
                value = reads(word)
                if value is None or value in values:
                    continue
                if len(values) >= limit:
                    cut += 1
                    continue
                values[value] = self._seen(name, word, value)
                if not rule.all:
                    break
            if cut:
                self.notes.append(f"cut: {name} kept {limit} of {limit + cut}")
            if values:
                return tuple(values.values())
        return ()

    def _named(self, place: str, rules: Iterable[Rule]) -> Iterator[tuple[str, Rule]]:
        """Each rule under the name it has in `Seen.rule`, numbered within the platform or family it comes from."""
        numbers: Counter[str] = Counter()
        for rule in rules:
            owner = rule.family or self.platform
            yield f"{owner}: {place}[{numbers[owner]}]", rule
            numbers[owner] += 1

    def _first_of(self, name: str, rule: Rule, reads: Reads[T], within: LexborNode | None) -> Seen[T] | None:
        for word in self._words(name, rule, within):
            value = reads(word)
            if value is not None:
                return self._seen(name, word, value)
        return None

    def _seen(self, name: str, word: Word, value: T) -> Seen[T]:
        raw = word.text
        if not raw.strip() and word.node is not None:
            raw = address_in(word.node) or word.node.html or ""
        return Seen(value=value, raw=clip_raw(raw), rule=name, capture=self.capture, where=word.where[:300])

    def _words(self, name: str, rule: Rule, within: LexborNode | None) -> list[Word]:
        """What the rule finds, its regular expression already applied; nothing when the number of hits is wrong."""
        words = self._found(name, rule, within)
        if rule.hits is not None and len(words) != rule.hits:
            self.notes.append(f"hits: {name} expects {rule.hits}, found {len(words)}")
            return []
        if rule.re is not None:
            pattern = compile_re(rule.re, name)
            cut = ((word, taken(pattern, word.text)) for word in words)
            words = [
                Word(text=text, where=word.where, item=word.item, node=word.node)
                for word, text in cut
                if text is not None
            ]
        return take_steps(words, rule.then) if rule.then else words

    def _found(self, name: str, rule: Rule, within: LexborNode | None) -> list[Word]:
        if rule.css is not None:
            return self._by_css(name, rule.css, rule.attr, within)
        if rule.value is not None:
            return [Word(text=rule.value, where="value")]
        if rule.url is not None:
            said = taken(compile_re(rule.url, name), self.document.url)
            return [] if said is None else [Word(text=said, where="url")]
        if within is not None:
            return []  # the rest speaks of the page, not of one card on it
        if rule.meta is not None:
            return [
                Word(text=text, where=f"meta {rule.meta}") for text in self.document.metas.get(rule.meta.lower(), ())
            ]
        if rule.jsonld is not None:
            return self._by_type(name, rule.jsonld, rule.path, self.document.jsonld, "jsonld")
        if rule.microdata is not None:
            return self._by_type(name, rule.microdata, rule.path, self.document.microdata, "microdata")
        if rule.annotated is not None:
            return self._by_type(name, rule.annotated, rule.path, self.document.annotated, "annotated")
        if rule.script is not None:
            return self._by_script(name, rule.script, rule.path)
        if rule.guess is not None:
            return [
                Word(text=said.text, where=said.where, node=said.node, draft=said.draft)
                for said in guess(rule.guess, self.document, name)
            ]
        return []

    def _by_css(self, name: str, selector: str, attr: str | None, within: LexborNode | None) -> list[Word]:
        if within is None:
            nodes = self.document.select(selector, name)
        else:
            try:
                nodes = within.css(selector)
            except ValueError as error:
                raise BrokenRule(name, f"css {selector!r} is no CSS selector: {error}") from error
        if "," in selector:  # the parser gives an element once for each of the selectors it matches
            nodes = list({node.mem_id: node for node in nodes}.values())
        words = []
        for node in nodes[:MAX_HITS]:
            if attr is None:
                words.append(Word(text=element_text(node), where=selector, node=node))
            else:
                value = node.attributes.get(attr)
                if value is not None:
                    words.append(Word(text=value, where=f"{selector} @{attr}", node=node))
        return words

    def _by_script(self, name: str, place: str, path: str | None) -> list[Word]:
        """What the path finds in the script named, or in the first further one of that selector that holds it."""
        value = self.document.script_value(place, name)
        found = _search(value, path, name)
        if found is None and value is not None and self.document.as_json is None:
            for node in self.document.select(place, name)[1:MAX_SCRIPTS]:
                try:
                    value = read_json(node.text(deep=True))
                except UnreadableJson:
                    continue  # script_value notes what cannot be read, for the script that is meant
                found = _search(value, path, name)
                if found is not None:
                    break
        return _json_words(found, f"script {place} {path or ''}", value, whole=_WHOLE.search(name) is not None)

    def _by_type(
        self, name: str, types: str, path: str | None, objects: tuple[dict[str, Any], ...], kind: str
    ) -> list[Word]:
        wanted = {part.strip().lower() for part in types.split("|")}
        words: list[Word] = []
        whole = _WHOLE.search(name) is not None
        for item in objects:
            if wanted.isdisjoint(types_of(item)):
                continue
            found = _search(item, path, name)
            layer = item.get("@layer", kind)
            words.extend(_json_words(found, f"{layer} {types} {path or ''}".strip(), item, whole=whole))
            if len(words) > MAX_HITS:
                break
        return words


def element_text(node: LexborNode) -> str:
    """The words of an element, or what it carries instead of words (`content`, `value`)."""
    implied = _IMPLIED.get(node.tag or "")
    if implied is not None:
        return node.attributes.get(implied) or ""
    return node_text(node, 4 * LIMIT_CHARS).strip()


def address_in(node: LexborNode) -> str | None:
    """The address an element carries: a link's target, a picture's or player's source, lazily loaded ones too."""
    attributes = node.attributes
    tag = node.tag
    if tag in ("a", "link", "area"):
        return attributes.get("href")
    if tag == "meta":
        return attributes.get("content")
    for name in _SOURCES:
        value = attributes.get(name)
        if value and not value.startswith("data:") and "blank" not in value[-20:]:
            return widest(value) if "srcset" in name else value
    return (
        attributes.get("href")
        or attributes.get("content")
        or attributes.get("data-href")
        or attributes.get("data-url")
    )


def widest(srcset: str) -> str | None:
    """The address of the largest picture a `srcset` offers."""
    best: tuple[float, str] | None = None
    for part in re.split(r",\s+|,(?=https?:|//)", srcset.strip())[:50]:
        pieces = part.split()
        if not pieces:
            continue
        size = re.match(r"[\d.]+", pieces[1]) if len(pieces) > 1 else None
        width = float(size.group()) if size and size.group().count(".") < 2 and size.group() != "." else 1.0
        if best is None or width > best[0]:
            best = (width, pieces[0].strip(","))
    return best[1] if best else None


@lru_cache(maxsize=2_000)
def _compiled_path(path: str) -> Any:  # Any: jmespath has no types
    return jmespath.compile(path)


def compile_path(path: str, name: str) -> Any:  # Any: jmespath has no types
    """The JMESPath, compiled once. Raises `BrokenRule`."""
    try:
        return _compiled_path(path)
    except (JMESPathError, ValueError) as error:
        detail = str(error).splitlines()[0]
        raise BrokenRule(name, f"path {path!r} is no JMESPath: {detail}") from error


def _search(value: JsonValue, path: str | None, name: str) -> JsonValue:
    if path is None or value is None:
        return value
    compiled = compile_path(path, name)
    try:
        return compiled.search(value)
    except (JMESPathError, TypeError, ValueError, RecursionError):
        return None  # a function of the path met a value of another kind: the page does not say it


def _json_words(found: JsonValue, where: str, item: JsonValue, *, whole: bool = False) -> list[Word]:
    owner = item if isinstance(item, dict) else None
    words: list[Word] = []
    for value in found if isinstance(found, list) else [found]:
        if isinstance(value, list):
            value = next((inner for inner in value if inner not in (None, "", [], {})), None)
        text = _plain_text(_spelled(value))
        if text or (whole and isinstance(value, dict)):
            words.append(Word(text=text, where=where, item=owner, value=value))
        if len(words) >= MAX_HITS:
            break
    return words


def _plain_text(text: str) -> str:
    """Structured text without the entities and tags that generators leave in it."""
    if "&" in text and ";" in text:
        text = html.unescape(text)
    if "<" in text and re.search(r"</?[a-z][^<>]*>", text, re.IGNORECASE):
        text = re.sub(r"<[^<>]*>", " ", text)
    return text


def _spelled(value: JsonValue) -> str:
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value).lower()
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return format(value, ".15g") if isinstance(value, float) else str(value)
    if isinstance(value, dict):
        for key in ("name", "@value", "value", "url", "contentUrl", "@id", "price", "lowPrice"):
            inner = value.get(key)
            if isinstance(inner, str | int | float) and not isinstance(inner, bool) and inner != "":
                return _spelled(inner)
    return ""


def _plain(value: object) -> object:
    """A value as a note shows it."""
    return getattr(value, "value", None) if hasattr(value, "name") and hasattr(value, "value") else value


def _agree(one: object, other: object) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        a, b = fold(one), fold(other)
        # One spelling inside the other is the same statement, shorter: a title with its shop's name behind it.
        return a == b or (min(len(a), len(b)) >= 8 and (a in b or b in a))
    if isinstance(one, Money) and isinstance(other, Money):
        return one.amount == other.amount and one.currency == other.currency
    return one == other


def text_value(word: Word) -> str | None:
    """The word as clean text, or None when nothing is left."""
    return clean_text(word.text.replace("\u2009", " ")) or None

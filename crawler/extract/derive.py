"""
CSS rules drafted from pages whose values are known: the simplest selector that gives the same on every page.

Only what holds on all of the pages is given; a value that no short selector finds alone has no rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from config.rule import Rule
from crawler.extract.addresses import absolute_url, canonical_listing_url
from crawler.extract.document import Document
from crawler.extract.rules import address_in, element_text
from crawler.extract.text import clean_text

# Names that change from page to page or with the state of one element, and so name no place.
_UNSTABLE = re.compile(
    r"\d|^(?:active|first|last|odd|even|selected|current|open|show|lazy\w*|is-|js-|[a-z]$)|^.{40,}$"
)
_NAME = re.compile(r"^[A-Za-z][\w-]*$")
_MAX_ELEMENTS = 20_000  # of one page that are looked at
_MAX_LEVELS = 6  # how far above an element the other half of its selector may stand


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One page and what a field's words on it are: the text as read, or an absolute address."""

    document: Document
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCard:
    """A card of a page of results, as it was found without rules."""

    url: str
    title: str | None
    price: str | None
    image: str | None


def rule_for_text(pages: Sequence[Known]) -> Rule | None:
    """The rule whose first hit carries each page's words; one hit a page where that is so everywhere."""
    return _rule(pages, lambda node, _: clean_text(element_text(node)), attr=None)


def rule_for_address(pages: Sequence[Known], tags: tuple[str, ...]) -> Rule | None:
    """The rule whose first hit leads to each page's address: of pictures with `img`, of links with `a`."""

    def leads_to(node: LexborNode, document: Document) -> str:
        address = (address_in(node) or "") if node.tag in tags else ""
        return (absolute_url(document.base, address) or "") if address else ""

    return _rule(pages, leads_to, attr=None)


def _rule(pages: Sequence[Known], says: Callable[[LexborNode, Document], str], *, attr: str | None) -> Rule | None:
    if not pages:
        return None
    first, *others = pages
    for selector in _candidates_for(first, says):
        alone = True
        for page in (first, *others):
            hits = page.document.select(selector, "draft")
            if not hits or says(hits[0], page.document) != page.said:
                break
            alone = alone and len(hits) == 1
        else:
            return Rule(css=selector, attr=attr, hits=1 if alone else None)
    return None


def _candidates_for(page: Known, says: Callable[[LexborNode, Document], str]) -> Iterator[str]:
    """Selectors of the page's elements that say what is known, inner elements first."""
    carriers: list[LexborNode] = []
    body = page.document.tree.body
    for number, node in enumerate(body.traverse() if body is not None else ()):
        if number > _MAX_ELEMENTS:
            break
        if node.tag not in ("script", "style", "option") and says(node, page.document) == page.said:
            carriers.append(node)
    seen: set[str] = set()
    for node in reversed(carriers[-20:]):
        for selector in selectors_of(node):
            if selector not in seen:
                seen.add(selector)
                yield selector


def selectors_of(node: LexborNode) -> Iterator[str]:
    """Ways to name an element, the most telling first: its id, property and classes, then below those above it."""
    own = [*_names(node)]
    yield from own
    above = node.parent
    for _ in range(_MAX_LEVELS):
        if above is None or above.tag in ("body", "html", None):
            return
        for outer in _names(above):
            if outer != above.tag:
                for inner in [*own, node.tag or "*"]:
                    yield f"{outer} {inner}"
        above = above.parent


def _names(node: LexborNode) -> Iterator[str]:
    attributes = node.attributes
    tag = node.tag or "*"
    identity = attributes.get("id") or ""
    if _NAME.match(identity) and not _UNSTABLE.search(identity):
        yield f"#{identity}"
    itemprop = attributes.get("itemprop") or ""
    if _NAME.match(itemprop):
        yield f"{tag}[itemprop={itemprop}]"
    for name in stable_classes(node):
        yield f"{tag}.{name}"
    if tag == "h1":
        yield tag


def stable_classes(node: LexborNode) -> list[str]:
    """The classes of an element that are likely to be the same on another page."""
    classes = (node.attributes.get("class") or "").split()
    return [name for name in classes if _NAME.match(name) and not _UNSTABLE.search(name)]


def card_rules(document: Document, cards: Sequence[KnownCard]) -> dict[str, object] | None:
    """
    The `read.results` table that finds these cards: `card`, `link`, `title` and, where they hold, `price`, `image`.

    None where the cards' elements share no class, or a selector of it finds others too.
    """
    around = _around(document, cards)
    if len(around) < 2:
        return None
    for level in range(min(len(chain) for chain, _ in around)):
        elements = [(chain[level], card) for chain, card in around]
        table = _results_table(document, elements)
        if table is not None:
            return table
    return None


def _results_table(document: Document, elements: Sequence[tuple[LexborNode, KnownCard]]) -> dict[str, object] | None:
    """The table of rules where the cards are these elements; None where no class of theirs is theirs alone."""
    shared = set.intersection(*(set(stable_classes(node)) for node, _ in elements))
    tags = {node.tag for node, _ in elements}
    if len(tags) != 1:
        return None
    wanted = {canonical_listing_url(card.url) for _, card in elements}
    for name in sorted(shared):
        selector = f"{next(iter(tags))}.{name}"
        hits = document.select(selector, "draft")
        if len(hits) != len(elements):
            continue
        link = _inside(document, elements, lambda card: card.url, _address)
        if link is None or {canonical_listing_url(u) for node in hits if (u := _hit(document, node, link))} != wanted:
            continue
        table: dict[str, object] = {"card": selector, "link": {"css": link, "attr": "href"}}
        for field, said, says, attr in (
            ("title", lambda card: card.title, _words, None),
            ("title", lambda card: card.title, _attribute("title"), "title"),
            ("title", lambda card: card.title, _attribute("alt"), "alt"),
            ("price", lambda card: card.price, _words, None),
            ("image", lambda card: card.image, _address, None),
        ):
            inner = None if field in table else _inside(document, elements, said, says)
            if inner is not None:
                table[field] = inner if attr is None else {"css": inner, "attr": attr}
        return table if "title" in table else None
    return None


def _around(document: Document, cards: Iterable[KnownCard]) -> list[tuple[list[LexborNode], KnownCard]]:
    """For each card the elements around its first link that hold no other card's, the outermost first."""
    by_url = {canonical_listing_url(card.url): card for card in cards}
    found: dict[str, tuple[list[LexborNode], KnownCard]] = {}
    for link in document.select("a[href]", "draft"):
        url = absolute_url(document.base, link.attributes.get("href") or "")
        key = canonical_listing_url(url) if url is not None else ""
        if key not in by_url or key in found:
            continue
        chain = [link]
        while (above := chain[0].parent) is not None and above.tag not in ("body", "html"):
            inside = {
                canonical_listing_url(u)
                for other in above.css("a[href]")
                if (u := absolute_url(document.base, other.attributes.get("href") or "")) is not None
            }
            if len(inside & by_url.keys()) > 1:
                break
            chain.insert(0, above)
        found[key] = (chain, by_url[key])
    return list(found.values())


def _address(document: Document, node: LexborNode) -> str | None:
    address = address_in(node)
    return absolute_url(document.base, address) if address else None


def _words(_: Document, node: LexborNode) -> str | None:
    return clean_text(element_text(node)) or None


def _attribute(name: str) -> Callable[[Document, LexborNode], str | None]:
    return lambda _, node: clean_text(node.attributes.get(name) or "") or None


def _hit(document: Document, card: LexborNode, selector: str) -> str | None:
    return next((url for node in card.css(selector) if (url := _address(document, node)) is not None), None)


def _inside(
    document: Document,
    elements: Sequence[tuple[LexborNode, KnownCard]],
    said: Callable[[KnownCard], str | None],
    says: Callable[[Document, LexborNode], str | None],
) -> str | None:
    """The simplest selector whose first hit in every card says what is known of that card."""
    known = [(node, value) for node, card in elements if (value := said(card)) is not None]
    if len(known) < len(elements) / 2 or not known:
        return None
    card, value = known[0]
    carriers = [node for node in card.traverse() if node.is_element_node and says(document, node) == value]
    tried: set[str] = set()
    for node in reversed(carriers):
        own = [f"{node.tag}.{name}" for name in stable_classes(node)]
        above = node.parent
        outer = [f"{above.tag}.{name}" for name in stable_classes(above)] if above is not None else []
        tag = node.tag or "*"
        up = above.tag if above is not None and above.mem_id != card.mem_id else None
        for selector in [*own, *([f"{up} {tag}"] if up else []), *(f"{o} {tag}" for o in outer), tag]:
            if selector in tried:
                continue
            tried.add(selector)
            if all(_first_says(document, each, selector, says) == wanted for each, wanted in known):
                return selector
    return None


def _first_says(
    document: Document,
    card: LexborNode,
    selector: str,
    says: Callable[[Document, LexborNode], str | None],
) -> str | None:
    return next((text for node in card.css(selector) if (text := says(document, node)) is not None), None)

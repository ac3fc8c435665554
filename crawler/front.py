"""
What a front page leads to: offers on its shelves, words to search for, and departments to walk into.

People name a site by its front page, which is no list of its own: a few chosen offers, a search box, a menu. Pure:
a page in, addresses and words out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from config.families import generic_platform
from crawler.extract.addresses import absolute_url, canonical_listing_url
from crawler.extract.document import Document, node_text
from crawler.extract.page import read_page
from crawler.extract.pages import Card, Page
from crawler.saved import name_host
from store.records.fetches import FetchKind

_MENUS = (
    "nav a[href], [role=navigation] a[href], header a[href], aside a[href], "
    "[class*=menu] a[href], [class*=categor] a[href], [id*=menu] a[href], [id*=categor] a[href]"
)
_LEADS_ELSEWHERE = re.compile(
    r"log-?in|sign-?(in|up)|register|account|password|basket|cart|checkout|wishlist|help|faq|about|contact|terms"
    r"|privacy|impressum|imprint|cookie|blog|news|press|career|jobs|stores?-?(finder|locator)|sell(ing)?(/|$)|lang"
    r"|currency|\.(pdf|xml|rss|zip)$",
    re.IGNORECASE,
)
_LEAST_PICTURED = 3  # chosen: two pictures that lead alike are advertisements as often as a shelf
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """Ways on from a front page, each list in the page's order."""

    offers: tuple[str, ...]  # addresses of offers on its shelves
    terms: tuple[str, ...]  # words of their titles to search for, those that most titles share first
    departments: tuple[str, ...]  # addresses of its own menus


def front_of(page: Page) -> Front:
    """What the page leads to when it is read as a front page; empty lists where it shows nothing."""
    header = page.header("content-type")
    document = Document(url=page.url, body=page.body, content_type=header, fetched_at=page.fetched_at)
    shelves = read_page(page, generic_platform(page.url), expected=FetchKind.RESULTS).cards
    offers = {card.url: "" for card in shelves if card.url and not card.sponsored}
    terms = terms_of(shelves)
    if not offers:  # films cost nothing, so no amount tells them: pictures that lead to addresses of one kind do
        offers = _pictured(document)
        terms = _shared(offers.values())
    return Front(offers=tuple(offers), terms=terms, departments=_departments(document))


def terms_of(cards: tuple[Card, ...]) -> tuple[str, ...]:
    """Words of the cards' titles: those that most of them share first, then the longest, then the first."""
    return _shared(card.title.value for card in cards if card.title is not None)


def _shared(titles: Iterable[str]) -> tuple[str, ...]:
    counted: Counter[str] = Counter()
    for title in titles:
        counted.update(list(dict.fromkeys(word.lower() for word in _WORD.findall(title))))
    order = {word: place for place, word in enumerate(counted)}
    return tuple(sorted(counted, key=lambda word: (-counted[word], -len(word), order[word])))


def _pictured(document: Document) -> dict[str, str]:
    """Links around a picture, by address with their words: those of the commonest first part of the path."""
    kinds: dict[str, dict[str, str]] = {}
    for address, link in _own_links(document, "a[href]"):
        if link.css_first("img") is not None:
            part = urlsplit(address).path.split("/")[1]
            kinds.setdefault(part, {}).setdefault(address, node_text(link).strip())
    most = max(kinds.values(), key=len, default={})
    return most if len(most) >= _LEAST_PICTURED else {}


def _departments(document: Document) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for address, link in _own_links(document, _MENUS):
        if node_text(link).strip():
            found.setdefault(canonical_listing_url(address), address)
    return tuple(found.values())


def _own_links(document: Document, selector: str) -> Iterator[tuple[str, LexborNode]]:
    """Links that stay on the host and lead to something it may offer."""
    for link in document.select(selector, "front"):
        address = absolute_url(document.base, link.attributes.get("href") or "")
        if address is None or name_host(address) != name_host(document.url):
            continue
        parts = urlsplit(address)
        front = parts.path in ("", "/") and not parts.query
        if not front and not _LEADS_ELSEWHERE.search(f"{parts.path}?{parts.query}"):
            yield address, link

"""What stands where on a page: followable links, pictures, amounts and words, counted once for every list."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple
from urllib.parse import urlsplit

from crawler.extract.addresses import absolute_url, host_of
from crawler.extract.document import Document
from crawler.extract.headings import layout_of
from crawler.extract.layout import Layout, Place, Region, Struck
from crawler.extract.money import AMOUNT_WORDS
from crawler.extract.patterns import finder
from crawler.extract.prices import PriceSpot, price_spots

IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)$", re.IGNORECASE)
_acts = finder(
    r"(?i)^(?:#|javascript:|mailto:|tel:|sms:|data:|whatsapp:|skype:|fb-messenger:)"
    r"|add[-_]?(?:item[-_]?)?to[-_]?(?:cart|bag|basket|wish|list|comp|fav|quote|order)|addtocart|buy_?now"
    r"|action=(?:buy|add)|[?&](?:buy|add|cmd=add|do=add)[a-z_-]*=|wish_?-?list|favou?rites?/add|add-?favou?rite"
    r"|quick-?_?view|quickshop|javascript:"
    r"|[/?&=](?:shopping[-_]?|view[-_]?|my[-_]?|user[-_]?)?(?:cart|basket|checkout|compare|log-?_?in|sign-?_?in|register"
    r"|account)(?:\.\w{2,5})?(?:[/?&=#]|$)"
    r"|[/?&](?:write-?|product-?|customer-?)?(?:reviews?|ratings?|comments?|share|sharer)(?:[/?&=#.]|$)|/tag/"
    r"|[-_]reviews?(?:\.\w{2,5})?$|#.{0,12}(?:reviews?|ratings?|comments?)$"
)
_LONG_VALUE = re.compile(r"=[^&#=]{25,}")  # a token, in which any word may occur
_names_image = finder(r"(?i)\.(?:jpe?g|png|gif|webp|avif)")
_PASSED_ON = re.compile(
    r"(?<![a-z])(?:sharer?|intent|tweet|pin/create|dialog|doubleclick|adclick|adservices?|syndication|utm_medium=cpc)"
    r"(?![a-z])"
)
_SCRIPTED = re.compile(
    r"""location(?:\.href)?\s*=\s*['"]([^'"]{2,500})['"]|window\.open\(\s*['"]([^'"]{2,500})['"]"""
)
AMOUNT = re.compile(AMOUNT_WORDS)
may_say_amount = finder(AMOUNT_WORDS)
"""Whether words hold an `AMOUNT`, eight times as quick as asking the expression itself."""


class Span(NamedTuple):
    """Neighbouring elements that make one card; most cards are one element."""

    order: int  # of its first element
    end: int  # behind its last
    first: int  # its first text
    last: int  # behind its last

    def holds(self, order: int) -> bool:
        """Whether the element of that order stands in the card."""
        return self.order <= order < self.end


@dataclass(frozen=True, slots=True)
class Way:
    """A followable link: where it stands and where it leads."""

    order: int
    url: str
    own: bool  # it stays on the page's own site


class Tally:
    """The followable links, pictures, amounts and words of a page outside its frame, in page order."""

    def __init__(self, document: Document) -> None:
        layout = layout_of(document)
        self.layout = layout
        self._document = document
        framed = Region.FRAME
        self._images = [p.order for p in layout.places if p.region is not framed and _shows_picture(p)]
        spots = [s for s in price_spots(document) if s.struck is Struck.NO and s.place.region is not framed]
        self.spots = sorted(spots, key=lambda s: s.place.order)
        self._spot_orders = [spot.place.order for spot in self.spots]
        shown = [layout.places[text.inside].region is not framed for text in layout.texts]
        counts = (
            t.text.count(" ") + 1 if seen and len(t.text) > 2 else 0
            for t, seen in zip(layout.texts, shown, strict=True)
        )
        self._words = [0, *accumulate(counts)]
        self._amounts = [
            number
            for number, text in enumerate(layout.texts)
            if shown[number] and len(text.text) <= 300 and may_say_amount(text.text)
        ]

    @cached_property
    def ways(self) -> list[Way]:
        """The followable links outside the frame, in page order."""
        return _ways(self._document, self.layout)

    @cached_property
    def _way_orders(self) -> list[int]:
        return [way.order for way in self.ways]

    @cached_property
    def priced(self) -> int:
        """How many amounts the page shows at most, spelled by elements or in running words."""
        return len(self.spots) + len(self._amounts)

    def span_of(self, place: Place) -> Span:
        """The card that one element makes."""
        return Span(place.order, place.end, place.first, max(place.last, place.first))

    def ways_in(self, span: Span) -> list[Way]:
        """The links inside a card."""
        return self.ways[bisect_left(self._way_orders, span.order) : bisect_left(self._way_orders, span.end)]

    def spots_in(self, span: Span) -> list[PriceSpot]:
        """The amounts asked inside a card, as far as an element of their own spells them."""
        return self.spots[bisect_left(self._spot_orders, span.order) : bisect_left(self._spot_orders, span.end)]

    def amounts_in(self, span: Span) -> int:
        """How many amounts a card shows: those that elements spell, or those that stand in running words."""
        low, high = bisect_left(self._spot_orders, span.order), bisect_left(self._spot_orders, span.end)
        if high > low:
            return high - low
        return bisect_left(self._amounts, span.last) - bisect_left(self._amounts, span.first)

    def images_in(self, span: Span) -> int:
        """How many pictures a card shows."""
        return bisect_left(self._images, span.end) - bisect_left(self._images, span.order)

    def words_in(self, span: Span) -> int:
        """How many words a card shows."""
        return self._words[span.last] - self._words[span.first]


def _shows_picture(place: Place) -> bool:
    """Whether an element is a picture, or carries one as its background."""
    if place.tag == "img":
        return True
    attributes = place.attributes
    return bool(attributes) and (
        "url(" in (attributes.get("style") or "") or "data-bg" in attributes or "data-background-image" in attributes
    )


def tally_of(document: Document) -> Tally:
    """The page's tally, made once a page."""
    return document.once("tally", lambda: Tally(document))


def followable(document: Document, place: Place) -> str | None:
    """The absolute address a link leads to, where that can be an offer's page; None for what acts or stays here."""
    attributes = place.attributes
    if place.tag in ("a", "area"):
        href = attributes.get("href") or attributes.get("data-href") or ""
    else:
        href = (
            attributes.get("data-href") or attributes.get("data-link") or _scripted(attributes.get("onclick")) or ""
        )
        if href and not href.startswith(("/", "http", "./", "?")) and "/" not in href:
            return None
    href = href.strip()
    if not href or _acts(_LONG_VALUE.sub("=", href) if "=" in href else href):
        return None
    url = absolute_url(document.base, href)
    if url is None or (_names_image(url) and IMAGE_FILE.search(urlsplit(url).path)):
        return None
    if "#" in url and url.split("#", 1)[0] == document.url.split("#", 1)[0]:
        return None
    return url


def _scripted(onclick: str | None) -> str | None:
    if not onclick or ("location" not in onclick and "open(" not in onclick):
        return None
    match = _SCRIPTED.search(onclick[:2_000])
    return (match[1] or match[2]) if match else None


def _ways(document: Document, layout: Layout) -> list[Way]:
    found: list[Way] = []
    site = host_of(document.url).split(".")[-2:]
    for place in layout.places:
        attributes = place.attributes
        tag = place.tag
        if place.region is Region.FRAME or (
            tag not in ("a", "area")
            and not ("onclick" in attributes or "data-href" in attributes or "data-link" in attributes)
        ):
            continue
        url = followable(document, place)
        if url is None:
            continue
        own = site == [""] or host_of(url).split(".")[-2:] == site
        if own or not _PASSED_ON.search(url):
            found.append(Way(place.order, url, own))
    return found

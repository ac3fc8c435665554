"""Cards found without rules: elements built alike, each with a link of its own and an amount or a picture."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

from crawler.extract.addresses import absolute_url, host_of
from crawler.extract.document import Document
from crawler.extract.headings import layout_of
from crawler.extract.layout import Layout, Place, Region, Struck
from crawler.extract.prices import PriceSpot, price_spots

MIN_CARDS = 3  # fewer alike elements are a pair of columns as often as a page of results
MAX_LEVELS = 12  # how far above a link its card may stand

_COUNTED = re.compile(r"\d+|(?<![a-z])(first|last|odd|even|alt|active|selected|current|col|row|grid|item)(?![a-z])")
_STATES = re.compile(
    r"^(first|last|odd|even|alt|alternate|active|selected|current|hover|clearfix)([-_]?(item|row|child|col|column"
    r"|product))?$"
)
_CAROUSEL = re.compile(r"carousel|slider|swiper|slick|marquee|ticker")
IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)$", re.IGNORECASE)
NOT_ITEM = re.compile(
    r"#|add[-_]?to[-_]?|addtocart|buy_?now|action=(buy|add)|/cart|/basket|wishlist|wish-list|compare|review|/login"
    r"|/account|javascript:|mailto:|quick-?view|/tag/|rating|share",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Member:
    """One element that may be a card, with what was found inside it."""

    order: int
    links: Counter[str] = field(default_factory=Counter)
    prices: list[PriceSpot] = field(default_factory=list)
    images: int = 0
    words: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """Elements built alike: the cards of one list."""

    members: tuple[Place, ...]
    region: Region
    priced: int  # how many carry an amount
    pictured: int
    score: float


def find_blocks(document: Document) -> list[Block]:
    """Lists of cards, the page's main one first; empty when nothing repeats."""
    layout = layout_of(document)
    members = _members(document, layout)
    groups: dict[int, list[_Member]] = defaultdict(list)
    paths = _paths(layout)
    for order, member in members.items():
        groups[paths[order]].append(member)
    blocks = [block for group in groups.values() if (block := _block(layout, group)) is not None]
    blocks.sort(key=lambda b: -b.score)
    kept: list[Block] = []
    taken: set[int] = set()
    for block in blocks:
        inside = {above.order for m in block.members for above in layout.chain(m.order, 60)}
        if not any(m.order in taken for m in block.members) and inside.isdisjoint(taken):
            kept.append(block)
            taken.update(m.order for m in block.members)
    return kept


def _members(document: Document, layout: Layout) -> dict[int, _Member]:
    """What stands inside each element that holds a followable link, up to `MAX_LEVELS` above it."""
    members: dict[int, _Member] = {}
    host = host_of(document.url)

    def around(order: int) -> Iterator[_Member]:
        for place in layout.chain(order, MAX_LEVELS):
            if place.tag in ("body", "main"):
                return
            member = members.get(place.order)
            if member is None:
                member = members[place.order] = _Member(place.order)
            yield member

    for place in layout.places:
        tag = place.tag
        if place.region is Region.FRAME:
            continue
        if tag == "a":
            href = place.attributes.get("href") or ""
            if not href or NOT_ITEM.search(href):
                continue
            url = absolute_url(document.base, href)
            if (
                url is None
                or IMAGE_FILE.search(urlsplit(url).path)
                or (host and host_of(url).split(".")[-2:] != host.split(".")[-2:])
            ):
                continue
            for member in around(place.order):
                member.links[url] += 1
        elif tag == "img":
            for member in around(place.order):
                member.images += 1
    for spot in price_spots(document):
        if spot.struck is Struck.NO and spot.place.region is not Region.FRAME:
            for member in around(spot.place.order):
                member.prices.append(spot)
    for text in layout.texts:
        if layout.places[text.inside].region is not Region.FRAME and len(text.text) > 2:
            for member in around(text.inside):
                member.words += text.text.count(" ") + 1
    return {order: member for order, member in members.items() if member.links}


def _paths(layout: Layout) -> list[int]:
    """
    For each element a number that alike elements share: the tags and classes from the body down to what it stands in,
    counts and states left out, and its own tag. Siblings differ in classes; what they stand in tells lists apart.
    """
    full: list[int] = []
    own: list[int] = []
    for place in layout.places:
        above = full[place.above] if place.above is not None else 0
        full.append(hash((above, place.tag, _plain_class(place.attributes.get("class") or ""))))
        own.append(hash((above, place.tag)))
    return own


@lru_cache(maxsize=20_000)
def _plain_class(name: str) -> str:
    plain = {_COUNTED.sub("", part).strip("-_") for part in name.lower().split()[:6] if not _STATES.match(part)}
    return ".".join(sorted(filter(None, plain))[:2])


def _alike(layout: Layout, members: list[_Member]) -> list[_Member]:
    """The members without those that share no class with four in five of the others: a filter, an advertisement."""
    names = [set(_plain_class(layout.places[m.order].attributes.get("class") or "").split(".")) for m in members]
    counted = Counter(name for named in names for name in named if name)
    usual = {name for name, count in counted.items() if 5 * count >= 4 * len(members)}
    return [m for m, named in zip(members, names, strict=True) if named & usual] if usual else members


def _block(layout: Layout, group: list[_Member]) -> Block | None:
    own = []
    shared: Counter[str] = Counter()
    for member in group:
        shared.update(set(member.links))
    for member in group:
        # A link that stands in many cards ("add to list") names none of them.
        if any(shared[url] <= 2 for url in member.links) and (member.prices or member.images) and member.words >= 1:
            own.append(member)
    if len(own) < MIN_CARDS:
        return None
    own = _alike(layout, own)
    distinct = {min((u for u in m.links if shared[u] <= 2), key=lambda u: (-m.links[u], u)) for m in own}
    if len(distinct) < MIN_CARDS:
        return None
    priced = sum(1 for m in own if m.prices)
    pictured = sum(1 for m in own if m.images)
    crowded = sum(
        1 for m in own if len({u for u in m.links if shared[u] <= 2}) > 6 or len(m.prices) > 6 or m.words > 400
    )
    if crowded > len(own) / 2:
        return None
    outside = [layout.places[layout.places[m.order].above or 0] for m in own]
    region = Counter(place.region for place in outside).most_common(1)[0][0]
    full = sum(1 for m in own if m.prices and m.images)
    score = priced * 2.0 + pictured + full - 1.5 * (len(own) - len(distinct))
    score *= {Region.MAIN: 1.0, Region.RELATED: 0.35, Region.FRAME: 0.0}[region]
    if any(_CAROUSEL.search(place.name) for place in layout.chain(own[0].order, 6)):
        score *= 0.4  # a list that moves is an advertisement beside the page's own
        region = Region.RELATED
    # Of elements inside one another the outer holds the whole card.
    depth = len(layout.chain(own[0].order, 60))
    members = tuple(layout.places[m.order] for m in sorted(own, key=lambda m: m.order))
    return Block(members=members, region=region, priced=priced, pictured=pictured, score=score - depth * 0.01)

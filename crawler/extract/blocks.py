"""Cards found without rules: elements built alike, each with a link of its own and an amount or a picture."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from crawler.extract.document import Document
from crawler.extract.headings import layout_of
from crawler.extract.layout import Layout, Place, Region
from crawler.extract.memory import remembers
from crawler.extract.sequences import sequences
from crawler.extract.tally import Span, Tally, tally_of

MIN_CARDS = 3  # fewer alike elements are a pair of columns as often as a page of results
MIN_UNLINKED = 6  # without addresses: fewer pictures with amounts are one offer's variants
MAX_LEVELS = 20  # how far above a link its card may stand; 16 on real pages that nest their boxes
BARE_WEIGHT = 0.6  # of lists told by tags alone, which run together more easily. Chosen
FACET_WEIGHT = 0.2  # chosen: a short list of offers outdoes a long list of filters
MAX_MEMBERS = 3_000  # of one list looked at; the longest real list seen has 240
MAX_PARTS = 120  # elements of one card that are compared with those of others
MAX_WAYS = 60  # links in one element; a card of the real pages seen has at most 30, a column has hundreds

WHOLE = 0.005  # half of what a level of depth weighs: decides between equals and no more

_COUNTED = re.compile(r"\d+|(?<![a-z])(first|last|odd|even|alt|active|selected|current|col|row|grid|item)(?![a-z])")
_STATES = re.compile(
    r"^(first|last|odd|even|alt|alternate|active|selected|current|hover|clearfix)([-_]?(item|row|child|col|column"
    r"|product))?$"
)
_COUNT_BEHIND = re.compile(r"\(\s?\d[\d.,\s]*\)\W*$")
_CAROUSEL = re.compile(r"carousel|slider|swiper|slick|marquee|ticker")
_WEIGHTS = {Region.MAIN: 1.0, Region.RELATED: 0.35, Region.FRAME: 0.0}


@dataclass(frozen=True, slots=True)
class Block:
    """Elements built alike: the cards of one list."""

    members: tuple[Span, ...]
    region: Region
    priced: int  # how many carry an amount
    pictured: int
    score: float
    linked: bool = True  # False where only scripts lead to the offers


def find_blocks(document: Document) -> list[Block]:
    """Lists of cards, the page's main one first; empty when nothing repeats."""
    return document.once("blocks", lambda: _find_blocks(document))


def _find_blocks(document: Document) -> list[Block]:
    layout = layout_of(document)
    tally = tally_of(document)
    named, bare = _paths(layout)
    linked = _linked(tally)
    blocks: list[Block] = []
    for paths, weight in ((named, 1.0), (bare, BARE_WEIGHT)):
        grouped: dict[int, list[Span]] = defaultdict(list)
        for place in linked:
            grouped[paths[place.order]].append(tally.span_of(place))
        groups = [group for group in grouped.values() if len(group) >= MIN_CARDS]
        if paths is bare:
            groups = [group for group in groups if _is_scattered(group, named)]
        blocks.extend(block for group in groups if (block := _block(tally, group, weight)) is not None)
        whole = (block for group in sequences(tally, paths) if (block := _block(tally, group, weight)) is not None)
        # Where a card is two elements, one of them alone looks like as much: the link that buys stands in it.
        blocks.extend(replace(block, score=block.score + WHOLE) for block in whole)
    paths = named
    if not any(block.region is Region.MAIN and block.priced >= MIN_CARDS for block in blocks):
        blocks.extend(_unlinked(tally, paths))
    blocks.sort(key=lambda b: -b.score)
    kept: list[Block] = []
    taken: set[int] = set()
    for block in blocks:
        inside = {above.order for m in block.members for above in layout.chain(m.order, 60)}
        if not any(m.order in taken for m in block.members) and inside.isdisjoint(taken):
            kept.append(block)
            taken.update(m.order for m in block.members)
    return kept


def _is_scattered(group: list[Span], named: list[int]) -> bool:
    """Whether classes part a group into many small ones: then they number elements and tell no lists apart."""
    largest = max(Counter(named[span.order] for span in group).values())
    return 2 * largest < len(group)


def _unlinked(tally: Tally, paths: list[int]) -> Iterator[Block]:
    """Lists whose cards show picture and amount and carry no address, as where a script follows a click."""
    grouped: dict[int, list[Span]] = defaultdict(list)
    for place in _above(tally, (spot.place.order for spot in tally.spots)):
        grouped[paths[place.order]].append(tally.span_of(place))
    for group in grouped.values():
        members = [
            s for s in group if tally.images_in(s) and 0 < tally.amounts_in(s) <= 3 and tally.words_in(s) <= 200
        ]
        if len(members) < MIN_UNLINKED or 5 * len(members) < 4 * len(group):
            continue
        members = _similar(tally, members)
        layout = tally.layout
        outside = Counter(layout.places[layout.places[m.order].above or 0].region for m in members)
        region = outside.most_common(1)[0][0]
        score = 4.0 * len(members) * _WEIGHTS[region] - len(layout.chain(members[0].order, 60)) * 0.01
        count = len(members)
        yield Block(members=tuple(members), region=region, priced=count, pictured=count, score=score, linked=False)


def _linked(tally: Tally) -> list[Place]:
    """The elements that hold a followable link at most `MAX_LEVELS` below, in page order."""
    return _above(tally, (way.order for way in tally.ways))


def _above(tally: Tally, orders: Iterable[int]) -> list[Place]:
    """These elements and what they stand in, up to `MAX_LEVELS`, in page order."""
    places = tally.layout.places
    reach: dict[int, int] = {}  # levels still to climb above an element
    for order in orders:
        step: int | None = order
        for left in range(MAX_LEVELS, 0, -1):
            if step is None or reach.get(step, 0) >= left or places[step].tag in ("body", "main"):
                break
            reach[step] = left
            step = places[step].above
    return [places[order] for order in sorted(reach)]


def _paths(layout: Layout) -> tuple[list[int], list[int]]:
    """
    For each element two numbers that alike elements share: the tags and classes from the body down to what it stands
    in, counts and states left out, and its own tag; and the same without classes, where those tell nothing.

    Siblings differ in classes; what they stand in tells lists apart.
    """
    full: list[int] = []
    named: list[int] = []
    bare: list[int] = []
    for place in layout.places:
        above = full[place.above] if place.above is not None else 0
        full.append(hash((above, place.tag, _plain_class(place.attributes.get("class") or ""))))
        named.append(hash((above, place.tag)))
        bare.append(hash((bare[place.above] if place.above is not None else 0, place.tag)))
    return named, bare


@remembers(20_000)
def _plain_class(name: str) -> str:
    return ".".join(sorted(_class_names(" ".join(name.split()[:6])))[:2])


@remembers(20_000)
def _class_names(name: str) -> frozenset[str]:
    plain = {_COUNTED.sub("", part).strip("-_") for part in name.lower().split()[:20] if not _STATES.match(part)}
    return frozenset(filter(None, plain))


def _alike(layout: Layout, members: list[Span]) -> list[Span]:
    """The members without those that share no class with four in five of the others: a filter, an advertisement."""
    names = [_class_names(layout.places[m.order].attributes.get("class") or "") for m in members]
    counted = Counter(name for named in names for name in named if name)
    usual = {name for name, count in counted.items() if 5 * count >= 4 * len(members)}
    return [m for m, named in zip(members, names, strict=True) if named & usual] if usual else members


def _parts(layout: Layout, member: Span) -> set[tuple[str, str, int]]:
    """What a card is built of: each inner element by tag, class and how many of its kind come before it."""
    seen: Counter[tuple[str, str]] = Counter()
    parts = set()
    for place in layout.places[member.order + 1 : min(member.end, member.order + MAX_PARTS)]:
        kind = (place.tag, _plain_class(place.attributes.get("class") or ""))
        seen[kind] += 1
        parts.add((*kind, seen[kind]))
    return parts


def _similar(tally: Tally, members: list[Span]) -> list[Span]:
    """
    The members without those built otherwise: a heading, an advertisement or a filter among the cards.

    Built alike is what holds half of the elements that three in five members hold; where most cards show an amount,
    one that shows none must hold three in four.
    """
    shown = [m for m in members if tally.amounts_in(m) or tally.images_in(m)]
    built = {member.order: _parts(tally.layout, member) for member in members}
    counted = Counter(part for member in shown for part in built[member.order])
    usual = {part for part, count in counted.items() if 5 * count >= 3 * len(shown)}
    if not usual or 4 * len(shown) < 3 * len(members):
        members = shown  # with neither amount nor picture a few cards among many are still cards
    if not usual:
        return members
    mostly = 10 * sum(1 for m in shown if tally.amounts_in(m)) >= 7 * len(shown)
    kept = []
    for member in members:
        share = len(built[member.order] & usual) / len(usual)
        if share >= (0.75 if mostly and not tally.amounts_in(member) else 0.5):
            kept.append(member)
    return kept


def _is_facets(tally: Tally, members: list[Span]) -> bool:
    """Whether a list narrows the offers down: most of its entries end in a count, or are an amount and no more."""
    texts = tally.layout.texts
    narrowing = 0
    for member in members:
        words = " ".join(text.text for text in texts[member.first : member.last])[:200]
        bare = not tally.images_in(member) and len(re.findall(r"[^\W\d_]{2,}", words)) <= 3
        narrowing += bool(_COUNT_BEHIND.search(words)) or bare
    return 2 * narrowing > len(members)


def _block(tally: Tally, group: list[Span], weight: float) -> Block | None:
    group = group[:MAX_MEMBERS]
    ways = {span.order: tally.ways_in(span) for span in group}
    shared: Counter[str] = Counter()
    for span in group:
        shared.update({way.url for way in ways[span.order]})
    own: list[Span] = []
    for span in group:
        # A link that stands in many cards ("add to list") names none of them.
        named = any(shared[way.url] <= 2 for way in ways[span.order])
        if named and tally.words_in(span) and len(ways[span.order]) <= MAX_WAYS:
            own.append(span)
    if sum(1 for span in own if tally.amounts_in(span) or tally.images_in(span)) < MIN_CARDS:
        return None
    own = _similar(tally, _alike(tally.layout, own))
    if len(own) < MIN_CARDS:
        return None
    distinct: set[str] = set()
    crowded = priced = pictured = full = 0
    for span in own:
        counted = Counter(way.url for way in ways[span.order] if shared[way.url] <= 2)
        distinct.add(min(counted, key=lambda u: (-counted[u], u)))
        amounts, images = tally.amounts_in(span), tally.images_in(span)
        crowded += len(counted) > 6 or amounts > 6 or tally.words_in(span) > 400
        priced += amounts > 0
        pictured += images > 0
        full += amounts > 0 and images > 0
    if len(distinct) < MIN_CARDS or crowded > len(own) / 2:
        return None
    layout = tally.layout
    outside = [layout.places[layout.places[m.order].above or 0] for m in own]
    region = Counter(place.region for place in outside).most_common(1)[0][0]
    score = priced * 2.0 + pictured + full - 1.5 * (len(own) - len(distinct))
    score -= 0.5 * sum(1 for count in shared.values() if count == 2)  # cards cut in the wrong place share a link
    score *= _WEIGHTS[region] * weight * (FACET_WEIGHT if _is_facets(tally, own) else 1.0)
    if any(_CAROUSEL.search(place.name) for place in layout.chain(own[0].order, 6)):
        score *= 0.4  # a list that moves is an advertisement beside the page's own
        region = Region.RELATED
    # Of elements inside one another the outer holds the whole card.
    depth = len(layout.chain(own[0].order, 60))
    return Block(members=tuple(own), region=region, priced=priced, pictured=pictured, score=score - depth * 0.01)

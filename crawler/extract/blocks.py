"""Cards found without rules: elements built alike, each with a link of its own and an amount or a picture."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from crawler.extract.addresses import absolute_url, canonical_listing_url, host_of
from crawler.extract.cards import is_sponsored
from crawler.extract.document import Document, node_text
from crawler.extract.headings import layout_of
from crawler.extract.layout import Layout, Place, Region, Struck
from crawler.extract.pages import Card
from crawler.extract.prices import PriceSpot, price_spots
from crawler.extract.rules import RuleReader, Word, address_in
from crawler.extract.text import clean_text
from crawler.extract.values import PageValues
from store.records.money import Money
from store.records.seen import Seen

MIN_CARDS = 3  # fewer alike elements are a pair of columns as often as a page of results
MAX_LEVELS = 12  # how far above a link its card may stand

_COUNTED = re.compile(r"\d+|(?<![a-z])(first|last|odd|even|alt|active|selected|current|col|row|grid|item)(?![a-z])")
_STATES = re.compile(
    r"^(first|last|odd|even|alt|alternate|active|selected|current|hover|clearfix)([-_]?(item|row|child|col|column"
    r"|product))?$"
)
_CAROUSEL = re.compile(r"carousel|slider|swiper|slick|marquee|ticker")
_LINK_WORDS = re.compile(
    r"^\W*(more( info(rmation)?)?|(more |view |see |show )?details?|view( item| product| now)?|read more|quick "
    r"?view|shop now|buy( now)?|add to .{1,12}|info"
    r"|mehr( infos?)?|zum produkt|details ansehen|en savoir plus|voir( le produit)?|ver( más| mas| detalles| "
    r"producto)?|leer más|scopri( di più)?|dettagli"
    r"|meer info|lees meer|läs mer|les mer|læs mere|więcej|szczegóły|více|detail|viac|tovább|подробнее|купить"
    r"|details?»?)\W*$",
    re.IGNORECASE,
)
_SPOKEN_ONLY = re.compile(r"\s*(Opens in a new (window|tab)( or tab)?|New Listing(?=[A-Z]))\s*", re.IGNORECASE)
_TITLE_NAMES = re.compile(r"title|name|nom|desc|heading|titel|titre|caption|product")
_IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)$", re.IGNORECASE)
_NOT_ITEM = re.compile(
    r"#|add-?to|addtocart|/cart|/basket|wishlist|wish-list|compare|review|/login|/account|javascript:|mailto:"
    r"|quick-?view|/tag/|rating|share",
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
    groups: dict[str, list[_Member]] = defaultdict(list)
    paths: dict[int, str] = {}
    for order, member in members.items():
        groups[_path(layout, order, paths)].append(member)
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
            if place.node.tag in ("body", "main"):
                return
            member = members.get(place.order)
            if member is None:
                member = members[place.order] = _Member(place.order)
            yield member

    for place in layout.places:
        tag = place.node.tag
        if place.region is Region.FRAME:
            continue
        if tag == "a":
            href = place.node.attributes.get("href") or ""
            if not href or _NOT_ITEM.search(href):
                continue
            url = absolute_url(document.base, href)
            if (
                url is None
                or _IMAGE_FILE.search(urlsplit(url).path)
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


def _path(layout: Layout, order: int, paths: dict[int, str]) -> str:
    """The tags and classes from the body down, numbers and states left out: alike elements share it."""
    known = paths.get(order)
    if known is not None:
        return known
    steps: list[str] = []
    for place in layout.chain(order, 60):
        classes = (place.node.attributes.get("class") or "").lower().split()
        plain = {_COUNTED.sub("", part).strip("-_") for part in classes[:6] if not _STATES.match(part)}
        # Siblings differ in classes of state and count; what they stand in tells lists apart.
        kept = sorted(filter(None, plain))[:2] if 0 < len(steps) < 6 else []
        steps.append(f"{place.node.tag}.{'.'.join(kept)}")
    path = ">".join(steps)
    paths[order] = path
    return path


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
    # Of elements inside one another the outer holds the whole card.
    depth = len(layout.chain(own[0].order, 60))
    members = tuple(layout.places[m.order] for m in sorted(own, key=lambda m: m.order))
    return Block(members=members, region=region, priced=priced, pictured=pictured, score=score - depth * 0.01)


def cards_of(block: Block, document: Document, reader: RuleReader, values: PageValues) -> tuple[Card, ...]:
    """The cards of one block, each address once, in page order."""
    layout = layout_of(document)
    found: dict[str, Card] = {}
    shared: Counter[str] = Counter()
    links = {place.order: _links(place, document) for place in block.members}
    for own in links.values():
        shared.update({url for url, _ in own})
    spots = price_spots(document)
    inside: dict[int, list[PriceSpot]] = defaultdict(list)
    orders = {place.order for place in block.members}
    for spot in spots:
        for above in layout.chain(spot.place.order, 60):
            if above.order in orders:
                inside[above.order].append(spot)
                break
    for place in block.members:
        own = [(url, words) for url, words in links[place.order] if shared[url] <= 2]
        if not own:
            continue
        counted: Counter[str] = Counter()
        for url, words in own:
            counted[url] += 1 + (2 if len(words) >= 6 else 0)
        url = max(counted, key=lambda u: (counted[u], -[w for w, _ in own].index(u)))
        title = _title(place, url, own, reader)
        price = _price(inside[place.order], reader, values)
        image = _image(place, document, reader)
        card = Card(
            url=url, platform_item_id=None, title=title, price=price, image=image, sponsored=is_sponsored(place.node)
        )
        found.setdefault(canonical_listing_url(url), card)
    return tuple(found.values())


def _links(place: Place, document: Document) -> list[tuple[str, str]]:
    nodes = [place.node] if place.node.tag == "a" else []
    found = []
    for node in [*nodes, *place.node.css("a[href]")]:
        href = node.attributes.get("href") or ""
        url = None if _NOT_ITEM.search(href) else absolute_url(document.base, href)
        if url is not None and not _IMAGE_FILE.search(urlsplit(url).path):
            found.append((url, clean_text(node_text(node, 2_000), 500)))
    return found


def _title(place: Place, url: str, own: list[tuple[str, str]], reader: RuleReader) -> Seen[str] | None:
    candidates: list[tuple[float, str, str]] = []
    for node in place.node.css(
        "h1, h2, h3, h4, h5, h6, [itemprop=name], a[href], [class*=title], [class*=name], "
        "[class*=Title], [class*=Name], img[alt]"
    ):
        tag = node.tag or ""
        attributes = node.attributes
        name = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".lower()
        text = clean_text((attributes.get("alt") or "") if tag == "img" else node_text(node, 2_000), 500)
        longer = clean_text(attributes.get("title") or "", 500)
        cut = re.sub(r"[\s.\u2026]+$", "", text)  # shops shorten what the attribute says in full
        if cut and len(longer) > len(text) and longer.lower().startswith(cut.lower()):
            text = longer
        text = _SPOKEN_ONLY.sub("", text).strip()
        if len(text) < 2 or not re.search(r"[^\W\d_]{2}", text) or _LINK_WORDS.match(text):
            continue
        score = {"h1": 3.0, "h2": 3.0, "h3": 3.0, "h4": 2.5, "h5": 2.5, "h6": 2.0, "img": 0.8}.get(tag, 1.0)
        if attributes.get("itemprop") == "name":
            score += 3.0
        if _TITLE_NAMES.search(name):
            score += 1.0
        if tag == "a" and any(link == url and words == text for link, words in own):
            score += 1.5
        if re.search(r"[$€£]\s?\d|\d\s?[€$£]", text):
            score -= 2.0
        score += min(len(text), 60) / 60
        if len(text) > 200:
            score -= 1.5
        candidates.append((score, text, tag))
    if not candidates:
        return None
    score, text, tag = max(candidates, key=lambda c: c[0])
    return Seen(
        value=text, raw=text, rule=f"{reader.platform}: results.title (found)", capture=reader.capture, where=tag
    )


def _price(spots: list[PriceSpot], reader: RuleReader, values: PageValues) -> Seen[Money] | None:
    for spot in sorted(spots, key=lambda s: (-round(s.score), s.place.order)):
        if spot.struck is not Struck.NO:
            continue
        money = values.money(Word(text=spot.text, where=spot.place.name))
        if money is not None:
            return Seen(
                value=money,
                raw=spot.text[:500],
                rule=f"{reader.platform}: results.price (found)",
                capture=reader.capture,
                where=spot.place.name[:100],
            )
    return None


def _image(place: Place, document: Document, reader: RuleReader) -> Seen[str] | None:
    for node in place.node.css("img"):
        source = address_in(node)
        url = absolute_url(document.base, source or "")
        if url is not None:
            return Seen(
                value=url,
                raw=(source or "")[:500],
                rule=f"{reader.platform}: results.image (found)",
                capture=reader.capture,
                where="img",
            )
    return None

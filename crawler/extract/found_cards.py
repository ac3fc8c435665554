"""Cards read without rules: inside each element of a block the link, the title, the price asked and the picture."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from urllib.parse import urlsplit

from crawler.extract.addresses import absolute_url, canonical_listing_url
from crawler.extract.blocks import IMAGE_FILE, NOT_ITEM, Block
from crawler.extract.cards import is_sponsored
from crawler.extract.document import Document
from crawler.extract.headings import layout_of
from crawler.extract.layout import Layout, Place, Struck
from crawler.extract.pages import Card
from crawler.extract.prices import PriceSpot, price_spots
from crawler.extract.rules import RuleReader, Word, address_in
from crawler.extract.text import clean_text
from crawler.extract.values import PageValues
from store.records.money import Money
from store.records.seen import Seen

_LINK_WORDS = re.compile(
    r"^\W*(more( info(rmation)?)?|(more |view |see |show )?details?|view( item| product| now)?|read more"
    r"|quick ?view|shop now|buy( now)?|add to .{1,12}|info|mehr( infos?)?|zum produkt|details ansehen"
    r"|en savoir plus|voir( le produit)?|ver( más| mas| detalles| producto)?|leer más|scopri( di più)?|dettagli"
    r"|meer info|lees meer|läs mer|les mer|læs mere|więcej|szczegóły|více|detail|viac|tovább|подробнее|купить"
    r"|details?»?)\W*$",
    re.IGNORECASE,
)
_SPOKEN_ONLY = re.compile(r"\s*(Opens in a new (window|tab)( or tab)?|New Listing(?=[A-Z]))\s*", re.IGNORECASE)
_TITLE_NAMES = re.compile(r"(?<!sub)(?<!sub[-_])title|name|nom(?![a-z])|heading|titel|titre|caption")
_AMOUNT = re.compile(r"[$€£¥₹]\s?\d|\d\s?(?:[€$£₹]|kr|zł|Kč|Ft|руб)", re.IGNORECASE)
_RANKS = {"h1": 3.0, "h2": 3.0, "h3": 3.0, "h4": 2.5, "h5": 2.5, "h6": 2.0, "img": 0.8}
_MAX_SHARED = 2  # cards one address may stand in and still name one; in more it is a list's own link


def cards_of(block: Block, document: Document, reader: RuleReader, values: PageValues) -> tuple[Card, ...]:
    """The cards of one block, each address once, in page order."""
    layout = layout_of(document)
    links = {place.order: _links(layout, place, document) for place in block.members}
    shared: Counter[str] = Counter()
    for linked in links.values():
        shared.update({url for url, _ in linked})
    inside: dict[int, list[PriceSpot]] = defaultdict(list)
    for spot in price_spots(document):
        for above in layout.chain(spot.place.order, 60):
            if above.order in links:
                inside[above.order].append(spot)
                break
    found: dict[str, Card] = {}
    for place in block.members:
        own = [(url, words) for url, words in links[place.order] if shared[url] <= _MAX_SHARED]
        if not own:
            continue
        counted: Counter[str] = Counter()
        for url, words in own:
            counted[url] += 1 + (2 if len(words) >= 6 and not _LINK_WORDS.match(words) else 0)
        first = {url: -number for number, (url, _) in reversed(list(enumerate(own)))}
        url = max(counted, key=lambda u: (counted[u], first[u]))
        card = Card(
            url=url,
            platform_item_id=None,
            title=_title(layout, place, {words for link, words in own if link == url}, reader),
            price=_price(inside[place.order], reader, values),
            image=_image(layout, place, document, reader),
            sponsored=is_sponsored(place.node),
        )
        found.setdefault(canonical_listing_url(url), card)
    return tuple(found.values())


def _links(layout: Layout, card: Place, document: Document) -> list[tuple[str, str]]:
    """Followable addresses inside a card with the words of each link."""
    found = []
    for place in layout.places[card.order : card.end]:
        href = (place.attributes.get("href") or "") if place.tag == "a" else ""
        url = absolute_url(document.base, href) if href and not NOT_ITEM.search(href) else None
        if url is not None and not IMAGE_FILE.search(urlsplit(url).path):
            found.append((url, clean_text(layout.words(place, 2_000), 500)))
    return found


def _title(layout: Layout, card: Place, linked: set[str], reader: RuleReader) -> Seen[str] | None:
    """The words that name the offer: a heading, a name by markup, the words of its link, the picture's own."""
    best: tuple[float, str, str] | None = None
    for place in layout.places[card.order : card.end]:
        attributes = place.attributes
        named = attributes.get("itemprop") == "name"
        if not (named or place.tag == "a" or place.tag in _RANKS or _TITLE_NAMES.search(place.name)):
            continue
        text = (attributes.get("alt") or "") if place.tag == "img" else layout.words(place, 2_000)
        text = clean_text(text, 500)
        longer = clean_text(attributes.get("title") or "", 500)
        cut = re.sub(r"[\s.\u2026]+$", "", text)  # shops shorten what the attribute says in full
        if cut and len(longer) > len(text) and longer.lower().startswith(cut.lower()):
            text = longer
        text = _SPOKEN_ONLY.sub("", text).strip()
        if len(text) < 2 or not re.search(r"[^\W\d_]{2}", text) or _LINK_WORDS.match(text):
            continue
        score = _RANKS.get(place.tag, 1.0) + 3.0 * named + (1.0 if _TITLE_NAMES.search(place.name) else 0.0)
        if place.tag == "a" and text in linked:
            score += 1.5
        if place.last - place.first > 1 and _AMOUNT.search(text):
            score -= 2.5  # a whole card, not its name
        score += min(len(text), 60) / 60 - 1.5 * (len(text) > 200)
        if best is None or score > best[0]:
            best = (score, text, place.tag)
    for run in layout.texts[card.first : card.last]:
        if best is not None and best[0] >= 1.5:
            break
        if len(run.text.split()) >= 2 and not _AMOUNT.search(run.text) and not _LINK_WORDS.match(run.text):
            best = (1.5, clean_text(run.text, 500), layout.places[run.inside].tag)
    if best is None:
        return None
    rule = f"{reader.platform}: results.title (found)"
    return Seen(value=best[1], raw=best[1], rule=rule, capture=reader.capture, where=best[2])


def _price(spots: list[PriceSpot], reader: RuleReader, values: PageValues) -> Seen[Money] | None:
    rule = f"{reader.platform}: results.price (found)"
    shown = [spot for spot in spots if spot.struck is Struck.NO]
    named = [spot for spot in spots if spot.struck is Struck.NAMED]  # the only price of a card may be called regular
    for spot in sorted(shown or named, key=lambda s: (-round(s.score), s.place.order)):
        money = values.money(Word(text=spot.text, where=spot.place.name))
        if money is not None:
            where = spot.place.name[:100]
            return Seen(value=money, raw=spot.text[:500], rule=rule, capture=reader.capture, where=where)
    return None


def _image(layout: Layout, card: Place, document: Document, reader: RuleReader) -> Seen[str] | None:
    rule = f"{reader.platform}: results.image (found)"
    for place in layout.places[card.order : card.end]:
        source = address_in(place.node) if place.tag == "img" else None
        url = absolute_url(document.base, source) if source else None
        if url is not None and source is not None:
            return Seen(value=url, raw=source[:500], rule=rule, capture=reader.capture, where="img")
    return None

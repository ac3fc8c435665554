"""Cards read without rules: inside each card of a block the link, the title, the price asked and the picture."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from crawler.extract.addresses import absolute_url, canonical_listing_url, without_session
from crawler.extract.blocks import Block
from crawler.extract.card_details import read_details
from crawler.extract.cards import MAX_CARDS, says_sponsored
from crawler.extract.document import Document
from crawler.extract.headings import layout_of, says_buy
from crawler.extract.layout import Place, Struck, Text
from crawler.extract.offered import Offered
from crawler.extract.pages import Card
from crawler.extract.patterns import remembered
from crawler.extract.prices import PriceSpot, is_per_measure, price_spots
from crawler.extract.rules import RuleReader, Word, widest
from crawler.extract.tally import AMOUNT, Span, tally_of
from crawler.extract.text import clean_text, fold
from crawler.extract.values import PageValues
from crawler.extract.words import read_availability
from store.records.money import Money
from store.records.seen import Seen

T = TypeVar("T")

_LINK_WORDS = re.compile(
    r"^\W*(more( info(rmation)?)?|(more |view |see |show )?details?|view( item| product| now)?|read more"
    r"|quick ?view|shop now|buy( now)?|add to .{1,12}|info|mehr( infos?)?|zum (produkt|artikel|angebot|shop)"
    r"|details ansehen|en savoir plus|voir( le produit| l.offre)?|ver( más| mas| detalles| producto| oferta)?"
    r"|leer más|comprar|scopri( di più)?|dettagli|acquista|meer info|lees meer|bekijk.{0,12}|läs mer|köp|les mer"
    r"|læs mere|køb|więcej|szczegóły|zobacz|kup teraz|do koszyka|více|detail|koupit|viac|tovább|kosárba|подробнее"
    r"|купить|в корзину|details?»?|select options|choose options|sold out|saiba mais|ver mais|zoom|sale!?|new!?"
    r"|neu!?|nouveau|nuevo|\d+ (reviews?|bewertungen?|avis|opiniones))\W*$",
    re.IGNORECASE,
)
_SPOKEN_ONLY = re.compile(r"\s*(Opens in a new (window|tab)( or tab)?|New Listing(?=[A-Z]))\s*", re.IGNORECASE)
_TITLE_NAMES = re.compile(
    r"(?<!sub)(?<!sub[-_])title|name|(?<![a-z])nom(bre|e)?(?![a-z])|heading|titel|titre|titulo|nazwa|nazev|caption"
)
_RANKS = {"h1": 3.0, "h2": 3.0, "h3": 3.0, "h4": 2.5, "h5": 2.5, "h6": 2.0, "img": 0.8}
_MAX_SHARED = 2  # cards one address may stand in and still name one; in more it is a list's own link
_OFFERED = re.compile(
    r"promo|special|(?<![a-z])(sale|now|our price|jetzt|nur|aktion|angebot|oferta|ahora|agora|por|soldes|actuel|nu"
    r"|aanbieding|rea|tilbud|akce|akcia|akcija|offerta|ora|teraz)(?![a-z])|скидк|акци|сейчас|特価|特价|促销|할인",
    re.IGNORECASE,
)
_BADGE_CHARS = 25
_badge = remembered(
    r"(?<![a-z])(sr-?only|visually-?hidden|screen-?reader(-text)?|a11y|assistive|badge|chip|ribbon|sticker)(?![a-z])"
)
_BESIDE = 6  # elements between the price before and the price now
_LEAST_SHARE = Decimal("0.3")  # of the price before; a lower amount beside a price is postage or a saving. Chosen
_SOURCES = ("data-src", "data-original", "data-lazy-src", "data-lazy", "data-image", "data-img", "src")
_NO_PICTURE = re.compile(
    r"blank(?![a-z])|spacer|pixel|placeholder|loading|loader|1x1|transparent|\bstars?\b|rating|badge|icon|sprite|\.svg",
    re.IGNORECASE,
)


def cards_of(block: Block, document: Document, reader: RuleReader, values: PageValues) -> tuple[Card, ...]:
    """The cards of one block, each address once, in page order."""
    maker = _Maker(document, reader, values)
    shared: Counter[str] = Counter()
    for span in block.members:
        shared.update({way.url for way in maker.tally.ways_in(span)})
    found: dict[str, Card] = {}
    if len(block.members) > MAX_CARDS:
        reader.notes.append(f"cut: {len(block.members)} cards, {MAX_CARDS} read")
    for span in block.members[:MAX_CARDS]:
        card = maker.card(span, shared, linked=block.linked)
        if card is not None:
            found.setdefault(canonical_listing_url(card.url) if card.url else f"#{span.order}", card)
    return tuple(found.values())


def cards_offered(spelled: Sequence[Offered], reader: RuleReader, values: PageValues) -> tuple[Card, ...]:
    """The cards of a list that the page's data spells, each address once."""
    found: dict[str, Card] = {}
    for number, offer in enumerate(spelled[:MAX_CARDS]):

        def seen(field: str, value: T | None, raw: str, where: str = offer.where) -> Seen[T] | None:
            if value is None:
                return None
            rule = f"{reader.platform}: results.{field} (in data)"
            return Seen(value=value, raw=raw[:500], rule=rule, capture=reader.capture, where=where)

        price = values.money(Word(text=offer.price, where=offer.where)) if offer.price else None
        url = without_session(offer.url) if offer.url is not None else None
        card = Card(
            url=url,
            platform_item_id=None,
            title=seen("title", offer.name, offer.name),
            price=seen("price", price, offer.price),
            image=seen("image", offer.image, offer.image or ""),
            sponsored=False,
        )
        found.setdefault(canonical_listing_url(url) if url is not None else f"#{number}", card)
    return tuple(found.values())


def says_more(spelled: Sequence[Offered], cards: Sequence[Card]) -> bool:
    """Whether a list in the page's data holds most of the cards found by sight, and half as many again."""
    if 2 * len(spelled) < 3 * len(cards):
        return False
    named = {canonical_listing_url(offer.url) for offer in spelled if offer.url is not None}
    return 5 * sum(card.url is not None and canonical_listing_url(card.url) in named for card in cards) >= 3 * len(
        cards
    )


class _Maker:
    """Makes cards of the spans of one page."""

    def __init__(self, document: Document, reader: RuleReader, values: PageValues) -> None:
        self.document = document
        self.reader = reader
        self.values = values
        self.layout = layout_of(document)
        self.tally = tally_of(document)
        self.spots = sorted(price_spots(document), key=lambda s: s.place.order)
        self.spot_orders = [spot.place.order for spot in self.spots]

    def card(self, span: Span, shared: Counter[str], *, linked: bool) -> Card | None:
        """The card in a span; None where it carries no link of its own though the others do."""
        layout = self.layout
        words: dict[str, list[str]] = {}
        weighed: Counter[str] = Counter()
        ways = [way for way in self.tally.ways_in(span) if shared[way.url] <= _MAX_SHARED]
        stays = any(way.own for way in ways)
        for way in ways:
            if stays and not way.own:
                continue
            said = clean_text(layout.words(layout.places[way.order], 2_000), 500)
            words.setdefault(way.url, []).append(said)
            weighed[way.url] += 1 + (2 if len(said) >= 6 and not _LINK_WORDS.match(said) else 0)
        if not words and linked:
            return None
        url = max(words, key=lambda u: weighed[u]) if words else None  # of equals the first
        low, high = bisect_left(self.spot_orders, span.order), bisect_left(self.spot_orders, span.end)
        price, original = self._prices(span, self.spots[low:high])
        details = read_details(layout, span, self.reader, self.values)
        return Card(
            url=without_session(url) if url is not None else None,
            platform_item_id=None,
            title=self._title(span, set(words[url]) if url is not None else set(), url),
            price=price,
            price_original=original,
            image=self._image(span),
            seller_name=details.seller_name,
            rating=details.rating,
            condition=details.condition,
            location=details.location,
            posted_at=details.posted_at,
            sponsored=self._is_sponsored(span),
        )

    def _is_sponsored(self, span: Span) -> bool:
        for place in self.layout.places[span.order : span.end]:
            attributes = place.attributes
            marked = attributes.get("data-sponsored", "false") != "false" or "data-ad" in attributes
            if (
                marked
                or attributes.get("data-is-sponsored") == "true"
                or "sponsored" in (attributes.get("rel") or "")
            ):
                return True
        return any(says_sponsored(text.text) for text in self.layout.texts[span.first : span.last])

    def _title(self, span: Span, linked: set[str], url: str | None) -> Seen[str] | None:
        """The words that name the offer: a heading, a name by markup, the words of its link, the picture's own."""
        layout = self.layout
        best: tuple[float, str, str] | None = None
        longer: list[str] = []
        slug = set(re.findall(r"[^\W_]+", fold(unquote(urlsplit(url).path)))) if url is not None else set()
        ranks: dict[int, float] = {}  # of the heading or link an element stands in
        for place in layout.places[span.order : span.end]:
            attributes = place.attributes
            for name in ("title", "alt"):
                if len(attributes.get(name) or "") > 10:
                    longer.append(clean_text(attributes[name] or "", 500))
            inherited = ranks.get(place.above, 0.0) if place.above is not None else 0.0
            rank = _RANKS.get(place.tag, 1.0 if place.tag == "a" else 0.0)
            ranks[place.order] = max(rank + (1.5 if place.tag == "a" and rank else 0.0), inherited) - 0.5
            named = attributes.get("itemprop") == "name"
            called = bool(_TITLE_NAMES.search(place.name))
            leaf = inherited > 0.0 and place.last - place.first == 1
            if not (named or rank or called or leaf) or (leaf and self._is_label(place)):
                continue
            text = (attributes.get("alt") or "") if place.tag == "img" else self._named(place)
            text = _SPOKEN_ONLY.sub("", clean_text(text, 500)).strip()
            if len(text) < 2 or not re.search(r"[^\W\d_]{2}", text) or _LINK_WORDS.match(text):
                continue
            if place.tag in ("a", "button") and len(text) <= _BADGE_CHARS and says_buy(text):
                continue
            score = max(rank or 1.0, inherited if leaf else 0.0) + 3.0 * named + 1.0 * called
            if place.tag == "a" and text in linked:
                score += 1.5
            if place.last - place.first > 1 and (AMOUNT.search(text) or self._tells_stock(place)):
                score -= 2.5  # a whole card, not its name
            words = re.findall(r"[^\W_]+", fold(text))
            score += 1.5 * sum(word in slug for word in words) / len(words) if words else 0.0
            score += 1.0 * (place.tag != "img" and text in longer)
            score += min(len(text), 60) / 60 - 1.5 * (len(text) > 200) + 0.5 * (place.tag in ("strong", "b"))
            score -= 0.8 * ("·" in text or 3 * sum(map(str.isdigit, text)) > len(text))  # figures of the offer
            if best is None or score > best[0]:
                best = (score, text, place.tag)
        for run in layout.texts[span.first : span.last]:
            if best is not None and best[0] >= 1.5:
                break
            if len(run.text.split()) >= 2 and not AMOUNT.search(run.text) and not _LINK_WORDS.match(run.text):
                best = (1.5, clean_text(run.text, 500), layout.places[run.inside].tag)
        if best is None:
            return None
        rule = f"{self.reader.platform}: results.title (found)"
        text = _whole(best[1], longer)
        return Seen(value=text, raw=best[1], rule=rule, capture=self.reader.capture, where=best[2])

    def _named(self, place: Place) -> str:
        """An element's words without those that name no offer: a label for screen readers, a badge on the picture."""
        layout = self.layout
        if place.last - place.first < 2:
            return layout.words(place, 2_000)
        runs = layout.texts[place.first : place.last]
        kept = [run for run in runs if not self._is_beside(run, place)]
        if not kept or len(kept) == len(runs):
            return layout.words(place, 2_000)
        return "".join(part for run in kept for part in (run.gap or " ", run.text)).strip()[:2_000]

    def _tells_stock(self, place: Place) -> bool:
        """Whether one of the few runs of words inside an element says that the offer can or cannot be had."""
        runs = self.layout.texts[place.first : place.last]
        return len(runs) <= 6 and any(
            len(run.text) <= _BADGE_CHARS and read_availability(run.text) is not None for run in runs[1:]
        )

    def _is_label(self, place: Place) -> bool:
        """Whether an element of few words says of what kind the words beside it are, or is a badge."""
        if place.last - place.first != 1:
            return False
        words = self.layout.texts[place.first].text
        return len(words) <= _BADGE_CHARS and (words.endswith((":", "：")) or _badge(place.name))

    def _is_beside(self, run: Text, place: Place) -> bool:
        inside = self.layout.places[run.inside]
        if inside.order <= place.order or len(run.text) > _BADGE_CHARS:
            return False
        if self._is_label(inside):
            return True
        box = self.layout.places[inside.above] if inside.above is not None else inside
        pictured = (part.tag == "img" for part in self.layout.places[box.order : box.end])
        return box.order > place.order and box.last - box.first == 1 and any(pictured)

    def _prices(self, span: Span, spots: list[PriceSpot]) -> tuple[Seen[Money] | None, Seen[Money] | None]:
        """The amount asked, and the larger one that is struck beside it."""
        shown = [spot for spot in spots if spot.struck is Struck.NO]
        named = [spot for spot in spots if spot.struck is Struck.NAMED]  # the only price may be called regular
        asked: Seen[Money] | None = None
        for spot in self._likely(shown or named):
            asked = self._money("price", spot.text, spot.place)
            if asked is not None:
                break
        if asked is None:
            for run in self.layout.texts[span.first : span.last]:
                if len(run.text) <= 300 and (match := AMOUNT.search(run.text)) is not None:
                    around = run.text[max(0, match.start() - 12) : match.end() + 12]
                    asked = self._money("price", around, self.layout.places[run.inside])
                    if asked is not None:
                        break
        if asked is None:
            return None, None
        for spot in spots:
            if spot.struck is not Struck.NO and spot.amount > asked.value.amount:
                original = self._money("price_original", spot.text, spot.place)
                if original is not None and original.value.currency == asked.value.currency:
                    return asked, original
        return asked, None

    def _likely(self, spots: list[PriceSpot]) -> list[PriceSpot]:
        """
        The amounts of a card, the likeliest price first.

        Where two stand side by side and nothing tells them apart, the lower one behind the higher is asked now; so is
        one that is called an offer, before or behind.
        """
        whole = [spot for spot in spots if not is_per_measure(self.layout, spot)]
        ranked = sorted(whole or spots, key=lambda s: (-round(s.score), s.place.order))
        if len(ranked) < 2 or len({spot.amount for spot in ranked}) != 2:
            return ranked
        one, other = ranked[:2]
        offered = [_OFFERED.search(f"{self._before(spot)} {spot.text}") is not None for spot in (one, other)]
        beside = abs(other.place.order - one.place.order) <= _BESIDE and other.score >= one.score - 1.0
        bare = all(len(re.findall(r"[^\W\d_]", s.text)) <= 8 and "+" not in s.text for s in (one, other))
        lower = _LEAST_SHARE * one.amount <= other.amount < one.amount
        behind = one.place.order < other.place.order and bare
        if beside and lower and (behind or (offered[1] and not offered[0])):
            return [other, *(spot for spot in ranked if spot is not other)]
        return ranked

    def _before(self, spot: PriceSpot) -> str:
        first = spot.place.first
        said = self.layout.texts[first - 1].text if first else ""
        return said if len(said) <= 30 else ""

    def _money(self, field: str, text: str, place: Place) -> Seen[Money] | None:
        money = self.values.money(Word(text=text, where=place.name))
        if money is None:
            return None
        rule = f"{self.reader.platform}: results.{field} (found)"
        where = place.name[:100]
        return Seen(value=money, raw=text[:500], rule=rule, capture=self.reader.capture, where=where)

    def _image(self, span: Span) -> Seen[str] | None:
        """The first picture that is no star, badge or placeholder, in the largest size its element names."""
        spare: Seen[str] | None = None
        for place in self.layout.places[span.order : span.end]:
            source = _picture(place)
            url = absolute_url(self.document.base, source) if source else None
            if url is None or source is None:
                continue
            rule = f"{self.reader.platform}: results.image (found)"
            seen = Seen(value=url, raw=source[:500], rule=rule, capture=self.reader.capture, where=place.tag)
            if not _NO_PICTURE.search(source):
                return seen
            spare = spare or seen
        return spare


def _whole(text: str, longer: list[str]) -> str:
    """The name in full where an attribute spells what the shown words cut short."""
    cut = re.sub(r"[\s.\u2026]+$", "", text).lower()
    if not cut or text in longer:
        return text
    fuller = [
        said
        for said in longer
        if len(said) > len(cut) and said.lower().startswith(cut) and not says_buy(said[len(cut) :])
    ]
    return min(fuller, key=len) if fuller else text


def _picture(place: Place) -> str | None:
    """The address of the picture an element shows, lazily loaded ones and backgrounds too."""
    attributes = place.attributes
    if place.tag in ("img", "source"):
        for name in ("data-srcset", "srcset", "data-lazy-srcset"):
            value = attributes.get(name)
            if value and not value.startswith("data:"):
                return widest(value)
        for name in _SOURCES:
            value = attributes.get(name)
            if value and not value.startswith("data:") and "blank" not in value[-20:]:
                return value
        return None
    style = attributes.get("style")
    if style and "url(" in style:
        match = re.search(r"background[^;]*url\(\s*['\"]?([^'\")]{4,1000})", style)
        return match[1] if match else None
    return attributes.get("data-bg") or attributes.get("data-background-image")

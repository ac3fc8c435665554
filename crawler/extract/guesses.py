"""
Heuristics that a rule may name with `guess`, for pages nobody wrote rules for.

Each looks where people look: the main heading, the amount beside the buy button, the picture near both, the words
behind a label.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from crawler.extract.contacts import contacts
from crawler.extract.descriptions import headed_description, named_description, prose
from crawler.extract.details import (
    breadcrumbs,
    posted_shown,
    quantity_shown,
    shipping_shown,
    sold_shown,
    title_condition,
)
from crawler.extract.document import Document
from crawler.extract.errors import BrokenRule
from crawler.extract.headings import heading, layout_of, page_title
from crawler.extract.labels import code_in, labelled
from crawler.extract.layout import Layout, Place, Region, Struck
from crawler.extract.paging import find_next
from crawler.extract.pictures import pictures
from crawler.extract.playing import lengths, uploaders
from crawler.extract.prices import amounts_in, asked_price, price_spots
from crawler.extract.sellers import seller_id, seller_of
from crawler.extract.state_fields import FIELDS, state_words
from crawler.extract.stock import stock_shown
from crawler.extract.text import clean_text, fold
from crawler.extract.traders import TRADER_FIELDS, trader_details
from crawler.extract.variant_controls import shown_variants
from crawler.extract.variant_states import variants_in_scripts
from crawler.extract.variants import Draft, marked_up_variants
from crawler.extract.watched import watch_ways
from crawler.extract.words import read_condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """One thing a heuristic says."""

    text: str
    where: str
    node: LexborNode | None = None
    draft: Draft | None = None  # of a version of the offer


_BRACKETED = re.compile(r"\s*[\[(](?=\D*\d)[\w./-]{3,24}[\])]\s*")
_SIGNED_AMOUNT = re.compile(
    r"[$€£¥￥₹₽₩₺₴₪₫฿₱₦]|(?<![^\W\d_])(usd|eur|gbp|chf|kr|zł|kč|ft|lei|руб|р|грн|円|元|원)", re.IGNORECASE
)
_CODE_NAMES = {
    "sku": re.compile(
        r"(?<![a-z])(sku|item-?_?(code|no|num(ber)?|id)|product-?_?(code|no|num(ber)?|id)|artikel-?_?nr"
        r"|stock-?_?code)(?![a-z])"
    ),
    "mpn": re.compile(r"(?<![a-z])(mpn|model-?_?(no|num(ber)?)|part-?_?num(ber)?)(?![a-z])"),
}
_BRAND_NAMES = re.compile(
    r"(?<![a-z])(product-?_?)?(brand|manufacturer|designer|marke|hersteller|marque|marca|merk|producent|varumarke)"
    r"(-?_?(name|title|link|logo))?(?![a-z])"
)
_BRAND_PATH = re.compile(
    r"/(brands?|manufacturers?|designers?|marken?|hersteller|marques?|marcas?|merken|producent|znacka"
    r"|vyrobce)/[^/?#]+"
    r"|manufacturers?_id=\d",
    re.IGNORECASE,
)
_NO_BRAND = re.compile(
    r"^\W*(other|others|none|n/?a|unbranded|generic|no brand|does not apply|unknown|sonstige[rs]?|andere"
    r"|keine( angabe)?"
    r"|markenlos|autres?|sans marque|otr[oa]s?|sin marca|outr[oa]s?|sem marca|altr[oaie]|overige|anders|övrigt"
    r"|annet|muut"
    r"|inn[ey]|jin[áéý]|ostatní|egyéb|alte(le)?|друг(ой|ая|ое|ие)|нет|без бренда|інше|diğer|その他|其他|기타|אחר)\W*$"
)
_NOT_BRAND = re.compile(
    r"brand|all |more|view|shop|see |size|guide|alle |mehr|voir|ver |manufacturer|hersteller|[:$€£]"
)


def _guess_title(document: Document) -> list[Guess]:
    place = heading(document)
    if place is None:
        return []
    text = re.split(r"\s[>»›]\s", _own_words(layout_of(document), place))[-1]  # a trail may lead up to the name
    return [Guess(text=text, where=f"main heading {place.tag}")]


def _own_words(layout: Layout, place: Place) -> str:
    """A heading's words up to a price or a bracketed number that stands in an element of its own behind them."""
    whole = layout.words(place, 4_000)
    texts = layout.texts[place.first : place.last]
    for number, text in enumerate(texts[1:12], 1):
        apart = text.inside != texts[0].inside or text.inside != place.order
        priced = len(text.text) <= 24 and re.search(r"\d", text.text) and len(amounts_in(text.text)) == 1
        if apart and (_BRACKETED.fullmatch(text.text) or (priced and _SIGNED_AMOUNT.search(text.text))):
            head = "".join(part for t in texts[:number] for part in (t.gap, t.text)).strip()
            return head.rstrip(" -–—|:,") or whole
    return whole


def _guess_price(document: Document) -> list[Guess]:
    spot = asked_price(document)
    return [Guess(text=spot.text, where=_where(spot.place))] if spot is not None else []


def _guess_price_original(document: Document) -> list[Guess]:
    asked = asked_price(document)
    if asked is None:
        return []
    for spot in sorted(price_spots(document), key=lambda s: abs(s.place.order - asked.place.order)):
        near = abs(spot.place.order - asked.place.order) <= 45
        if (
            spot.struck is not Struck.NO
            and near
            and spot.amount > asked.amount
            and spot.place.region is asked.place.region
        ):
            return [Guess(text=spot.text, where=_where(spot.place))]
    return []


def _guess_availability(document: Document) -> list[Guess]:
    stock = stock_shown(document)
    if stock is None:
        return []
    return [Guess(text=stock.text, where=_where(stock.place) if stock.place is not None else stock.where)]


def _guess_condition(document: Document) -> list[Guess]:
    values = (
        value for value in labelled(document, "condition") if len(value) <= 40 and read_condition(value) is not None
    )
    found = [Guess(text=value, where="label") for value in values]
    said = title_condition(document) if not found else None
    return [Guess(text=said, where="main heading")] if said is not None else found[:1]


def _guess_brand(document: Document) -> list[Guess]:
    values = [
        value
        for value in labelled(document, "brand")
        if 1 < len(value) <= 50 and not re.search(r"[.!?]\s|https?:", value) and not _NO_BRAND.match(fold(value))
    ]
    if values:
        return [Guess(text=values[0], where="label")]
    layout = layout_of(document)
    named = heading(document)
    for place in layout.places:
        near = named is not None and -60 <= place.order - named.order <= 150
        if not near or place.region is not Region.MAIN or place.last - place.first > 2:
            continue
        href = place.attributes.get("href") or "" if place.tag == "a" else ""
        if _BRAND_NAMES.search(place.name) or (href and _BRAND_PATH.search(href)):
            text = layout.words(place, 80) or _alt_inside(layout, place)
            text = re.sub(
                r"^(by|brand|marke|marque|marca|merk)\b\s*:?\s*", "", clean_text(text, 60), flags=re.IGNORECASE
            )
            if 1 < len(text) <= 40 and len(text.split()) <= 5 and not _NOT_BRAND.search(fold(text)):
                return [Guess(text=text, where=_where(place))]
    return []


def _alt_inside(layout: Layout, place: Place) -> str:
    """The words that stand for the picture inside an element: a maker's emblem."""
    inside = (p for p in layout.places[place.order : place.end] if p.tag == "img")
    return next((alt for p in inside if (alt := p.attributes.get("alt"))), "")


def _guess_code(label: str) -> Callable[[Document], list[Guess]]:
    def read(document: Document) -> list[Guess]:
        codes = [code for value in labelled(document, label) if (code := code_in(value)) is not None]
        if codes:
            return [Guess(text=codes[0], where="label")]
        layout = layout_of(document)
        for place in layout.places:
            if place.region is Region.MAIN and place.end == place.order + 1 and _CODE_NAMES[label].search(place.name):
                code = code_in(layout.words(place, 60).lstrip("#№ "))
                if code is not None:
                    return [Guess(text=code, where=_where(place))]
        return []

    return read


def _guess_gtin(document: Document) -> list[Guess]:
    return [Guess(text=value, where="label") for value in labelled(document, "gtin")[:3]]


def _guess_seller(document: Document) -> list[Guess]:
    seller = seller_of(document)
    return [Guess(text=seller.name, where=f"{seller.where} (guessed)")] if seller is not None else []


def _guess_seller_url(document: Document) -> list[Guess]:
    seller = seller_of(document)
    url = seller.url if seller is not None else None
    return [Guess(text=url, where="link (guessed)")] if url is not None else []


def _guess_seller_id(document: Document) -> list[Guess]:
    seller = seller_of(document)
    said = seller_id(seller.url) if seller is not None and seller.url is not None else None
    return [Guess(text=said, where="link (guessed)")] if said is not None else []


def _guess_description(document: Document) -> list[Guess]:
    found = named_description(document)
    return [Guess(text=found.text, where=_where(found.place))] if found is not None else []


def _guess_headed(document: Document) -> list[Guess]:
    found = headed_description(document)
    return [Guess(text=found.text, where=f"under a heading in {_where(found.place)}")] if found is not None else []


def _guess_prose(document: Document) -> list[Guess]:
    found = prose(document)
    return [Guess(text=found.text, where=f"prose in {_where(found.place)}")] if found is not None else []


def _guess_next(document: Document) -> list[Guess]:
    found = find_next(document)
    return [Guess(text=found[0], where=found[1])] if found is not None else []


def _series(pattern: str) -> Callable[[Document], list[Guess]]:
    compiled = re.compile(pattern, re.IGNORECASE)

    def read(document: Document) -> list[Guess]:
        named = heading(document)
        spoken = layout_of(document).words(named, 500) if named is not None else ""
        for text in (
            spoken,
            document.title[:300],
            *document.metas.get("og:title", ())[:1],
            urlsplit(document.url).path,
        ):
            match = compiled.search(text)
            if match is not None:
                return [Guess(text=next(g for g in match.groups() if g), where="title")]
        return []

    return read


def _guess_uploader(document: Document) -> list[Guess]:
    marked = [Guess(text=value, where="label") for value in labelled(document, "uploader") if 1 < len(value) <= 60]
    return [*marked, *(Guess(text=name, where=where) for name, where in uploaders(document))][:1]


def _guess_duration(document: Document) -> list[Guess]:
    return [Guess(text=said, where=where) for said, where in islice(lengths(document), 3)]


def _from_state(field: str) -> Callable[[Document], list[Guess]]:
    def read(document: Document) -> list[Guess]:
        return [Guess(text=word, where=f"state {field}") for word in state_words(document, field)]

    return read


def _one(says: Callable[[Document], str | None], where: str) -> Callable[[Document], list[Guess]]:
    def read(document: Document) -> list[Guess]:
        said = says(document)
        return [Guess(text=said, where=f"{where} (guessed)")] if said is not None else []

    return read


def _behind(label: str) -> Callable[[Document], list[Guess]]:
    def read(document: Document) -> list[Guess]:
        values = [value for value in labelled(document, label) if len(value) <= 60 and re.search(r"\w", value)]
        return [Guess(text=value, where="label") for value in values[:1]]

    return read


def _guess_price_in_metas(document: Document) -> list[Guess]:
    """Twitter's product card names its amount in one of two unnamed slots."""
    metas = document.metas
    for slot in ("1", "2"):
        label = fold(next(iter(metas.get(f"twitter:label{slot}", ())), ""))
        said = next(iter(metas.get(f"twitter:data{slot}", ())), "")
        if re.search(r"pri(ce|x|s)|preis|precio|preço|prezzo|prijs|cena|цена", label) and re.search(r"\d", said):
            return [Guess(text=clean_text(said, 60), where=f"meta twitter:data{slot}")]
    return []


def _trader(name: str) -> Callable[[Document], list[Guess]]:
    """What the page says of the trader behind it, by one of `TRADER_FIELDS`."""
    return lambda document: [
        Guess(text=detail.text, where=detail.where) for detail in trader_details(document).get(name, ())
    ]


def _variants(reads: Callable[[Document], list[Draft]], *, told: bool = True) -> Callable[[Document], list[Guess]]:
    """The versions one layer tells; with `told` only where more than numbers and amounts tell them apart."""

    def find(document: Document) -> list[Guess]:
        drafts = reads(document)
        if told and not all(draft.is_told for draft in drafts):
            return []
        return [Guess(text=draft.words, where=draft.where, draft=draft) for draft in drafts]

    return find


def _where(place: Place) -> str:
    name = ".".join(place.name.split()[:2])
    return f"{place.tag}{'.' + name if name else ''} (guessed)"


_GUESSES: dict[str, Callable[[Document], list[Guess]]] = {
    "title": _guess_title,
    "page_title": lambda document: [Guess(text=page_title(document), where="title")],
    "price": _guess_price,
    "price_original": _guess_price_original,
    "availability": _guess_availability,
    "condition": _guess_condition,
    "brand": _guess_brand,
    "sku": _guess_code("sku"),
    "mpn": _guess_code("mpn"),
    "gtin": _guess_gtin,
    "seller": _guess_seller,
    "seller_url": _guess_seller_url,
    "seller_id": _guess_seller_id,
    "description": _guess_description,
    "description_headed": _guess_headed,
    "prose": _guess_prose,
    "images": lambda document: [Guess(text=url, where="img (guessed)") for url in pictures(document)],
    "next": _guess_next,
    "year": _series(r"[(\[. ]((?:19|20)\d\d)(?:[)\]. ]|$)"),
    "season": _series(
        r"\bs(\d{1,2})[ ._-]?e\d{1,3}\b|\b(\d{1,2})x\d{2}\b|\b(?:season|staffel|saison|temporada|stagione|seizoen"
        r"|säsong|sezon|série|сезон)[ ._-]*(\d{1,2})\b"
    ),
    "episode": _series(
        r"\bs\d{1,2}[ ._-]?e(\d{1,3})\b|\b\d{1,2}x(\d{2})\b|\b(?:episode|folge|épisode|episodio|aflevering|avsnitt"
        r"|odcinek|díl|серия|ep)[ ._-]*(\d{1,3})\b"
    ),
    "watch_links": lambda document: [
        Guess(text=way.url, where=f"link {way.words!r}") for way in watch_ways(document)
    ],
    "uploader": _guess_uploader,
    "duration": _guess_duration,
    "category": _one(breadcrumbs, "breadcrumbs"),
    "quantity": _one(quantity_shown, "text"),
    "sold_count": _one(sold_shown, "text"),
    "shipping_price": _one(shipping_shown, "text"),
    "posted_at": lambda document: [Guess(text=words, where="text") for words in posted_shown(document)],
    "ships_from": _behind("ships_from"),
    "ships_to": _behind("ships_to"),
    "colour": _behind("colour"),
    "size": _behind("size"),
    **{f"trader_{name}": _trader(name) for name in TRADER_FIELDS},
    "variants_marked_up": _variants(marked_up_variants),
    "variants_in_scripts": _variants(variants_in_scripts),
    "variants_shown": _variants(shown_variants),
    "variants_offered": _variants(marked_up_variants, told=False),
    "price_in_metas": _guess_price_in_metas,
    "contacts": lambda document: [
        Guess(text=contact.address, where=contact.where) for contact in contacts(document, document.region)
    ],
    **{f"state_{field}": _from_state(field) for field in FIELDS},
}


def guess(name: str, document: Document, rule: str) -> list[Guess]:
    """What the heuristic of that name says of the page, best first. Raises `BrokenRule` for a name nobody knows."""
    heuristic = _GUESSES.get(name)
    if heuristic is None:
        near = difflib.get_close_matches(name, _GUESSES, 1, 0.5)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise BrokenRule(rule, f"no guess named {name!r}{hint} (known: {', '.join(sorted(_GUESSES))})")
    return heuristic(document)

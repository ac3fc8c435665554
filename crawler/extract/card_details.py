"""The lesser things a card may say: who sells, how it is rated, in what condition, where and since when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from crawler.extract.layout import Layout, Place
from crawler.extract.rules import RuleReader, Word
from crawler.extract.tally import AMOUNT, Span
from crawler.extract.text import clean_text
from crawler.extract.values import PageValues
from crawler.extract.words import read_condition
from store.records.listings import Condition
from store.records.seen import Seen

MAX_CHARS = 80  # a longer run of words is a description

_SELLER_NAMES = re.compile(
    r"(?<![a-z])(seller|vendor|merchant|dealer|shop-?_?name|store-?_?name|sold-?_?by|verkaeufer|anbieter|vendeur"
    r"|vendedor|venditore|sprzedawca|prodejce|uploader|username)"
)
_SOLD_BY = re.compile(
    r"^\W*(?:sold by|seller|by seller|shop|verkäufer|verkauf(?:t)? (?:von|durch)|anbieter|vendu par|vendeur|vendido"
    r" por|vendedor|venduto da|venditore|verkocht door|verkoper|säljare|sælger|selger|sprzedawca|sprzedający"
    r"|prodejce|продавец|판매자|卖家|店铺)\s*[:：]?\s+(\S.{0,60})$",
    re.IGNORECASE,
)
_PLACE_NAMES = re.compile(
    r"(?<![a-z])(locations?|place|city|town|region|area|address|ort|standort|plz|lieu|ville|ciudad|ubicacion"
    r"|localidad|provincia|comune|citta|lugar|cidade|plats|sted|by|miasto|lokalizacja|mesto|lokalita|telepules"
    r"|hood)(?![a-z])"
)
_DATE_NAMES = re.compile(
    r"(?<![a-z])(date|time|posted|published|created|age|datum|fecha|data|datetime|timestamp|ago)"
)
_RATED = re.compile(
    r"(\d(?:[.,]\d+)?)\s*(?:/|out of|von|sur|de|su|van|av|af|z|из)\s*(?:5|10)(?!\d)(?:\s*(?:stars?|sterne\w*|étoiles"
    r"|estrellas|stelle))?|(?:rated|rating|bewertung|note)\s*:?\s*(\d(?:[.,]\d+)?)(?!\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a card says beside its name, address, price and picture; None was not said."""

    seller_name: Seen[str] | None
    rating: Seen[str] | None
    condition: Seen[Condition] | None
    location: Seen[str] | None
    posted_at: Seen[datetime] | None


def read_details(layout: Layout, span: Span, reader: RuleReader, values: PageValues) -> Details:
    """The lesser fields of one card, each from a named element or from words that leave no doubt."""
    seller: Seen[str] | None = None
    rating: Seen[str] | None = None
    condition: Seen[Condition] | None = None
    location: Seen[str] | None = None
    posted_at: Seen[datetime] | None = None

    def seen(name: str, value: object, raw: str, place: Place) -> Seen[object]:
        where = f"{place.tag}.{place.name}".strip(".")[:100]
        rule = f"{reader.platform}: results.{name} (found)"
        return Seen(value=value, raw=raw[:500], rule=rule, capture=reader.capture, where=where)

    for place in layout.places[span.order : span.end]:
        attributes = place.attributes
        if rating is None:
            said = _rated(attributes)
            if said is not None:
                rating = seen("rating", said, said, place)  # type: ignore[assignment]  # `said` is text
        named = place.name
        if posted_at is None and (place.tag == "time" or (named and _DATE_NAMES.search(named))):
            text = attributes.get("datetime") or clean_text(layout.words(place, 100), MAX_CHARS)
            moment = values.date(Word(text=text, where=place.name)) if 3 < len(text) <= 40 else None
            if moment is not None:
                posted_at = seen("posted_at", moment, text, place)  # type: ignore[assignment]  # a moment
        if not named or place.last - place.first > 4:
            continue
        if seller is None and _SELLER_NAMES.search(named):
            text = clean_text(layout.words(place, 200), MAX_CHARS)
            match = _SOLD_BY.match(text)
            text = match[1] if match else text
            if 1 < len(text) <= 60 and not AMOUNT.search(text):
                seller = seen("seller_name", text, text, place)  # type: ignore[assignment]  # text
        elif location is None and _PLACE_NAMES.search(named):
            text = clean_text(layout.words(place, 200), MAX_CHARS)
            if 1 < len(text) <= 60 and not AMOUNT.search(text):
                location = seen("location", text, text, place)  # type: ignore[assignment]  # text
    for run in layout.texts[span.first : span.last]:
        if len(run.text) > MAX_CHARS:
            continue
        place = layout.places[run.inside]
        if seller is None and (match := _SOLD_BY.match(run.text)) is not None:
            seller = seen("seller_name", clean_text(match[1]), run.text, place)  # type: ignore[assignment]  # text
        if condition is None and len(run.text) <= 30 and place.tag not in ("a", "h1", "h2", "h3", "h4"):
            state = read_condition(run.text)
            if state is not None:
                condition = seen("condition", state, run.text, place)  # type: ignore[assignment]  # a member
    return Details(seller_name=seller, rating=rating, condition=condition, location=location, posted_at=posted_at)


def _rated(attributes: dict[str, str | None]) -> str | None:
    """A rating that an element's attributes spell; None without."""
    if attributes.get("itemprop") == "ratingValue":
        return (attributes.get("content") or "")[:10].strip() or None
    for name in ("data-rating", "aria-label", "title", "data-score"):
        text = attributes.get(name)
        if not text or len(text) > 60:
            continue
        if name in ("data-rating", "data-score") and re.fullmatch(r"\d(?:[.,]\d+)?", text.strip()):
            return text.strip()
        match = _RATED.search(text)
        if match:
            return (match[1] or match[2]).replace(",", ".")
    return None

"""Amounts shown on a page, with how much each looks like the price asked."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal

from crawler.extract.document import Document, node_text
from crawler.extract.headings import buy_buttons, heading, layout_of
from crawler.extract.layout import Layout, Place, Region
from crawler.extract.money import MoneyHints, read_amounts
from crawler.extract.text import fold

_PRICE_NAMES = re.compile(
    r"pri(ce|x|s(?![a-z])|js)|preis|prec(io|o)|prezzo|(?<![a-z])cen[ay]|amount|hinta|kaina|цена|money"
    r"|(?<![a-z])ár(?![a-z])|cost(?!um|co)|valor"
)
_NOW_NAMES = re.compile(
    r"sale|now|current|final|our-?_?price|special|offer|actual|today|promo-?price|your-?price|main|deal|reduced"
    r"|discounted|selling"
)
_OTHER_AMOUNTS = re.compile(
    r"ship|deliver|versand|livraison|envío|env[ií]o|frakt|save|saving|rabat|discount|ersparnis|économi|ahorr|coupon"
    r"|voucher|gift|points?|deposit|per month|monthly|/ ?mo\b|"
    r"instal?l|finance|klarna|afterpay|affirm|tax|vat|subtotal|total|reward|loyalty|cashback|unit-?price|per-?unit"
    r"|grundpreis|base-?price|surcharge|member|tier|bulk|"
    r"warranty|protection|donat|shipping|free|over \$|orders|range|filter|option|variant"
)
_SIGNED = re.compile(
    r"[$€£¥￥₹₽₩₺₴₪₫฿₱₦]|(?<![a-z])(usd|eur|gbp|sek|nok|dkk|chf|pln|czk|huf|ron|aud|cad|nzd|inr|jpy|cny|rub|brl|mxn"
    r"|clp|cop|php|idr|sgd|hkd|zar|try|uah|kr|zł|"
    r"kč|ft|lei|лв|руб|р\.|р|грн|rs|rp|rm|円|元|원|tl|bs)(?![a-z])",
    re.IGNORECASE,
)
_ANY = MoneyHints(currency="QQQ")  # amounts are compared here, their currency is read later
_MAX_PRICE_CHARS = 70
MIN_SCORE = 4.0
"""Below it an amount has neither a price's name nor a place beside heading or button. Chosen on real pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSpot:
    """An amount somewhere on a page, with how much it looks like the price asked."""

    place: Place
    text: str
    amount: Decimal
    score: float
    struck: bool


def price_spots(document: Document) -> list[PriceSpot]:
    """Every shown amount that could be a price, best first."""
    return document.once("price spots", lambda: _price_spots(document))


def _price_spots(document: Document) -> list[PriceSpot]:
    layout = layout_of(document)
    named = heading(document)
    start = named.order if named is not None else None
    buttons = [place.order for place in buy_buttons(document) if place.region is Region.MAIN]
    candidates: dict[int, str] = {}
    for text in layout.texts:
        if len(text.text) <= 200 and any(map(str.isdigit, text.text)):
            place = layout.places[text.inside]
            for above in layout.chain(place.order, 4):
                if _PRICE_NAMES.search(above.name) or above.node.attributes.get("itemprop") in ("price", "lowPrice"):
                    whole = node_text(above.node, 400)
                    if len(whole.strip()) <= _MAX_PRICE_CHARS:
                        candidates.setdefault(above.order, whole)
                        break
            else:
                if _SIGNED.search(text.text) and len(text.text) <= _MAX_PRICE_CHARS:
                    candidates.setdefault(place.order, text.text)
                elif _SIGNED.search(text.text) is None and len(text.text) <= 12:
                    # The sign may stand in an element of its own, before or behind.
                    above = layout.places[place.above] if place.above is not None else place
                    whole = node_text(above.node, 200)
                    if len(whole.strip()) <= 30 and _SIGNED.search(whole):
                        candidates.setdefault(above.order, whole)
    spots = [spot for order, text in candidates.items() if (spot := _spot(layout, order, text, start, buttons))]
    holders = {above.order for spot in spots for above in layout.chain(spot.place.order, 12)[1:]}
    spots = [spot for spot in spots if spot.place.order not in holders]
    return sorted(spots, key=lambda spot: (-spot.score, spot.place.order))


def _spot(layout: Layout, order: int, text: str, start: int | None, buttons: list[int]) -> PriceSpot | None:
    amounts = read_amounts(re.sub(r"(\d)\s?\u2009\s?(\d{2})(?!\d)", r"\1.\2", text).replace("\u2009", " "), _ANY, 3)
    if not amounts:
        return None
    place = layout.places[order]
    names = " ".join(above.name for above in layout.chain(order, 4))
    score = 0.0
    if _PRICE_NAMES.search(names):
        score += 3.0
    if place.node.attributes.get("itemprop") in ("price", "lowPrice"):
        score += 3.0
    if _NOW_NAMES.search(names):
        score += 1.0
    if amounts[0].money.currency != "QQQ" or _SIGNED.search(text):
        score += 1.5
    if _OTHER_AMOUNTS.search(fold(f"{text} {names}")):
        score -= 3.0
    score -= {Region.MAIN: 0.0, Region.RELATED: 6.0, Region.FRAME: 9.0}[place.region]
    if start is not None:
        behind = order - start
        score += 4.0 * math.exp(-behind / 80) if behind >= 0 else 2.0 * math.exp(behind / 40)
    if buttons:
        score += 3.0 * math.exp(-min(abs(order - button) for button in buttons) / 60)
    if amounts[0].money.amount == 0:
        score -= 4.0
    return PriceSpot(place=place, text=text, amount=amounts[0].money.amount, score=score, struck=place.struck)


def asked_price(document: Document) -> PriceSpot | None:
    """The amount that looks most like the price asked; None when none looks enough like one."""
    return next((spot for spot in price_spots(document) if not spot.struck and spot.score >= MIN_SCORE), None)

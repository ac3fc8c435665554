"""
Heuristics that a rule may name with `guess`, for pages nobody wrote rules for.

Each looks where people look: the main heading, the amount beside the buy button, the picture near both.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from selectolax.lexbor import LexborNode

from crawler.extract.document import Document, node_text
from crawler.extract.errors import BrokenRule
from crawler.extract.layout import Layout, Place, Region
from crawler.extract.money import MoneyHints, read_amounts
from crawler.extract.text import clean_text, fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """One thing a heuristic says."""

    text: str
    where: str
    node: LexborNode | None = None


BUY_WORDS = re.compile(
    r"add(ed)? to (my )?(cart|bag|basket|trolley|shopping)|add to order|buy( it)? now|buy with|^buy$|place bid|in "
    r"den (waren|einkaufs)(korb|wagen)|jetzt kaufen|"
    r"ajouter au (panier|chariot)|acheter|añadir (al|a la|a mi) (carrit?o|cesta|bolsa)|agregar al carr|comprar|lo "
    r"quiero|aggiungi al|acquista|"
    r"adicionar ao carrinho|in (mijn )?winkel(wagen|mand)|in winkelmandje|lägg i|köp( nu)?$|læg i (kurv|indkøb)"
    r"|legg i (handle|kurv)|kjøp|"
    r"lisää ostoskoriin|(dodaj )?do koszyka|kup teraz|do koš[ií]ka|do košíku|kosárba|vásárlás|adaugă în co|в корзин"
    r"|купить|до кошика|купити|"
    r"sepete ekle|satın al|カートに|買い物かご|購入|加入购物|加入購物|立即购买|장바구니|구매|הוסף לסל|أضف"
)
BUY_NAMES = re.compile(
    r"add-?_?to-?_?(cart|bag|basket)|addcart|btn-?_?cart|buy-?_?(now|button|box|btn|it)|cart-?_?(button|btn|add)"
    r"|product-?form|single_add_to_cart|cart_quantity"
)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSpot:
    """An amount somewhere on a page, with how much it looks like the price asked."""

    place: Place
    text: str
    amount: Decimal
    score: float
    struck: bool


def layout_of(document: Document) -> Layout:
    """The page's layout, made once a page."""
    if document.layout is None:
        document.layout = Layout(document)
    layout = document.layout
    assert isinstance(layout, Layout)
    return layout


def heading(document: Document) -> Place | None:
    """
    The element that names the page's matter.

    Of several first-level headings the one that the title element repeats, else the first in the main part; with none
    the lower heading or other short element whose whole words the title element repeats.
    """
    layout = layout_of(document)
    title = fold(clean_text(document.title or next(iter(document.metas.get("og:title", ())), ""), 400))
    best: tuple[float, Place] | None = None
    for place in layout.places:
        tag = place.node.tag
        if tag not in ("h1", "h2", "h3") and not (
            "title" in place.name or "name" in place.name or tag in ("span", "div", "b", "strong", "p")
        ):
            continue
        if tag not in ("h1", "h2", "h3") and (len(title) < 4 or best is not None):
            continue
        if (
            tag not in ("h1", "h2", "h3")
            and place.node.first_child is not None
            and place.node.first_child.next is not None
        ):
            continue
        text = fold(clean_text(node_text(place.node, 2_000), 400))
        if len(text) < 2:
            continue
        said = _overlap(text, title)
        score = {"h1": 3.0, "h2": 0.3}.get(tag or "", 0.0) + 3.0 * said
        score -= {Region.MAIN: 0.0, Region.RELATED: 1.5, Region.FRAME: 2.0}[place.region]
        if tag not in ("h1", "h2", "h3") and said < 0.6:
            continue
        if best is None or score > best[0]:
            best = (score, place)
    return best[1] if best is not None and best[0] >= 1.5 else None


def _overlap(text: str, title: str) -> float:
    """How much of the heading's words the title element holds, 0 to 1; 1 when it holds them in one piece."""
    if not title:
        return 0.0
    if text in title:
        return 1.0 if len(text) >= 4 else 0.3
    words = set(re.findall(r"\w+", text))
    return len(words & set(re.findall(r"\w+", title))) / len(words) if words else 0.0


def buy_buttons(document: Document) -> list[Place]:
    """Shown buttons, links and form fields that put an offer in a basket."""
    layout = layout_of(document)
    found = []
    for place in layout.places:
        tag = place.node.tag
        if tag not in ("button", "input", "a", "form") or place.region is Region.FRAME:
            continue
        attributes = place.node.attributes
        if tag == "input" and (attributes.get("type") or "").lower() not in ("submit", "button", "image"):
            continue
        action = (attributes.get("action") or "") if tag == "form" else ""
        named = f"{place.name} {attributes.get('name') or ''} {action}".lower()
        words = ""
        if tag != "form":
            shown = attributes.get("value") if tag == "input" else node_text(place.node, 300)
            words = fold(f"{shown or ''} {attributes.get('title') or ''} {attributes.get('alt') or ''}")[:120].strip()
        if BUY_NAMES.search(named) or (words and BUY_WORDS.search(words)):
            found.append(place)
    return found


def price_spots(document: Document) -> list[PriceSpot]:
    """Every shown amount that could be a price, best first."""
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


def _guess_title(document: Document) -> list[Guess]:
    place = heading(document)
    if place is not None:
        return [Guess(text=node_text(place.node, 4_000), where=f"main heading {place.node.tag}", node=place.node)]
    return []


def _guess_price(document: Document) -> list[Guess]:
    spots = [spot for spot in price_spots(document) if not spot.struck and spot.score >= 4.0]
    return [Guess(text=spot.text, where=_where(spot.place), node=None) for spot in spots[:1]]


def _guess_price_original(document: Document) -> list[Guess]:
    spots = price_spots(document)
    asked = next((spot for spot in spots if not spot.struck and spot.score >= 4.0), None)
    if asked is None:
        return []
    for spot in sorted(spots, key=lambda s: abs(s.place.order - asked.place.order)):
        near = abs(spot.place.order - asked.place.order) <= 30
        if spot.struck and near and spot.amount > asked.amount and spot.place.region is asked.place.region:
            return [Guess(text=spot.text, where=_where(spot.place))]
    return []


def _where(place: Place) -> str:
    name = ".".join(place.name.split()[:2])
    return f"{place.node.tag}{'.' + name if name else ''} (guessed)"


_GUESSES: dict[str, Callable[[Document], list[Guess]]] = {
    "title": _guess_title,
    "price": _guess_price,
    "price_original": _guess_price_original,
}


def guess(name: str, document: Document, rule: str) -> list[Guess]:
    """What the heuristic of that name says of the page, best first. Raises `BrokenRule` for a name nobody knows."""
    heuristic = _GUESSES.get(name)
    if heuristic is None:
        raise BrokenRule(rule, f"no guess named {name!r} (known: {', '.join(sorted(_GUESSES))})")
    return heuristic(document)

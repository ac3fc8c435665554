"""Whether an offer can be had, as its page shows it: the stock line, the label, the words by the button."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.extract.document import Document
from crawler.extract.headings import buy_buttons, heading, layout_of
from crawler.extract.labels import labelled
from crawler.extract.layout import Place, Region
from crawler.extract.patterns import remembered
from crawler.extract.text import clean_text, fold, squash
from crawler.extract.words import read_availability
from store.records.listings import Availability

_NAMES = (
    r"stock|availab|inventory|dispon|dostep|dostup|(?<![a-z])lager|verf(ü|ue)gbar|lieferbar|voorraad|nalichie"
    r"|soldout|sold-out|delivery-?(time|status)|lieferzeit"
)
_NOT_STOCK = re.compile(
    r"available (in|as|for|with|from|at|on)(?! stock)|sold (by|in|per|as|separately)|\?"
    r"|(shipping|delivery|pick-?up|collection|financ(e|ing)|klarna|wrap(ping)?|installation|colou?rs?|sizes?|options?"
    r"|reviews?|ratings?|samples?|discounts?|vouchers?|support|warranty|download|manual|instructions?|methods?)"
    r" (is |are |now |also )?(not )?available"
    r"|(when|once|if|as soon as) (it.?s |it is )?(back |again )?(available|in stock)|also available"
    r"|(available|disponibles?|disponibili|disponíveis|verfügbare|lieferbare|beschikbare|dostępne|dostupné|доступные)"
    r" (colou?rs?|sizes?|options?|styles?|models?|variants?|versions?|formats?|quantit\w+|dates?|couleurs|tailles"
    r"|colores|tallas|cores|tamanhos|colori|taglie|farben|größen|kleuren|maten|rozmiary|kolory|velikosti|barvy|цвета"
    r"|размеры)"
)
_LEFT = re.compile(
    r"^\W*(only|just|nur noch|noch|plus que|quedan|solo quedan|restano|nog maar|zbývá|осталось) \d{1,3}\b"
)
_COUNTED = re.compile(r"(库存|庫存|在庫数?|재고)\W{0,3}[1-9]|^\W*(stock|bestand)\W{0,3}[1-9]\d{0,5}\W?\w{0,4}\W*$")
_STATES = re.compile(
    r"(?<![a-z])(in-?_?stock|out-?_?of-?_?stock|sold-?_?out|available|unavailable|not-?_?available)(?![a-z])"
)
_named = remembered(_NAMES)
_BADGES = re.compile(r"badge|price|label|sticker|ribbon|tag(?![a-z])")
_ABSENT = (Availability.SOLD_OUT, Availability.OUT_OF_STOCK)
_ALONE = frozenset((
    "instock", "outofstock", "soldout", "lagernd", "ausverkauft", "vorrätig", "vergriffen",
    "épuisé", "disponible", "agotado", "disponibile", "esaurito", "esgotado", "uitverkocht",
    "slutsåld", "udsolgt", "utsolgt", "loppuunmyyty", "varastossa", "skladem", "vyprodáno",
    "nedostupné", "dostupné", "raktáron", "elfogyott", "stokta", "tükendi", "tersedia",
    "habis", "במלאי", "אזל", "متوفر", "نفد", "在庫あり", "在庫なし", "売り切れ", "有货", "现货", "缺货", "품절",
    "διαθέσιμο", "налично", "продано",
))  # fmt: skip
"""Words that tell stock where they stand alone beside an offer; others do in a sentence."""
_ASKS = re.compile(
    r"^\W*(notify me( when (it'?s )?(available|back in stock))?|email me when( back)?( available| in stock)?"
    r"|back in stock alert"
    r"|join (the )?wait(ing )?list|benachrichtigen|prévenez-moi|m'avertir|avísame|avisarme|avise-me|avvisami"
    r"|houd mij op de hoogte"
    r"|meddela mig|powiadom o dostępności|hlídat dostupnost|сообщить о поступлении|уведомить о поступлении"
    r"|入荷通知|到货通知|재입고 알림)\W*$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What a page shows of stock, in its own words."""

    text: str
    where: str
    place: Place | None = None


def stock_shown(document: Document) -> Stock | None:
    """The words that tell whether the offer can be had; None where nothing shown does."""
    layout = layout_of(document)
    named = heading(document)
    start = named.order if named is not None else 0
    buttons = [place.order for place in buy_buttons(document) if place.region is Region.MAIN]
    for place in layout.places:
        if place.region is Region.MAIN and place.order >= start - 40 and _named(place.name):
            text = clean_text(layout.words(place, 600), 200)
            told = 2 < len(text) <= 80 and read_availability(text) is not None and not _NOT_STOCK.search(fold(text))
            if told and not _idle(document, place, text):
                return Stock(text=text, where="", place=place)
            state = (
                _STATES.search(place.name) if not text and place.tag in ("span", "i", "p", "div", "link") else None
            )
            if state is not None and place.order - start < 250:
                return Stock(text=re.sub(r"[-_]", " ", state.group()), where="name", place=place)
    for value in labelled(document, "availability"):
        if read_availability(value) is not None and not _NOT_STOCK.search(fold(value)):
            return Stock(text=value, where="label")
        if re.fullmatch(r"\d{1,6}( ?[^\W\d]{1,8}\.?)?", fold(value)):
            return Stock(text="out of stock" if value.lstrip("0")[:1] in ("", " ") else "in stock", where="label")
    asks = None
    for run in layout.texts:
        place = layout.places[run.inside]
        near = 0 <= place.order - start < 250 or any(abs(place.order - button) < 60 for button in buttons)
        if place.region is not Region.MAIN or not near or len(run.text) > 60:
            continue
        words = fold(run.text)
        if asks is None and _ASKS.match(words):
            asks = Stock(text="out of stock", where=f"asks to be told ({run.text[:40]!r})")
        if place.tag in ("a", "option", "label"):
            continue
        if len(run.text) <= 40 and _LEFT.match(words) and not _NOT_STOCK.search(words):
            return Stock(text="limited stock", where=f"says how few are left ({run.text!r})")
        if len(run.text) <= 30 and _COUNTED.search(words):
            return Stock(text="in stock", where=f"says how many there are ({run.text!r})")
        wordy = 2 <= len(run.text.split()) <= 8 or squash(run.text) in _ALONE
        told = wordy and read_availability(run.text) is not None and not _NOT_STOCK.search(words)
        if told and not _idle(document, place, run.text):
            return Stock(text=run.text, where="", place=place)
    return asks if not buttons else None


def _idle(document: Document, place: Place, text: str) -> bool:
    """Whether absence stands in a badge that the shop's style hides, beside a button that still buys."""
    if read_availability(text) not in _ABSENT:
        return False
    if not any(_BADGES.search(above.name) for above in layout_of(document).chain(place.order, 4)):
        return False
    return any(
        button.region is Region.MAIN and button.tag != "form" and "disabled" not in button.attributes
        for button in buy_buttons(document)
    )

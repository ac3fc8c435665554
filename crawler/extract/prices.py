"""Amounts shown on a page, with how much each looks like the price asked."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from decimal import Decimal

from crawler.extract.document import Document
from crawler.extract.headings import buy_buttons, heading, layout_of
from crawler.extract.layout import Layout, Place, Region, Struck, Text
from crawler.extract.money import DASHED, RUPEES, SYMBOLS, WORDS, Amount, MoneyHints, join_cents, read_amounts
from crawler.extract.patterns import finder, remembered
from crawler.extract.text import fold

_PRICE_NAMES = (
    r"pri(ce|x|s(?![a-z])|js)|preis|prec(io|o)|prezzo|(?<![a-z])cen[ay]|amount|hinta|kaina|цена|money"
    r"|(?<![a-z])ár(?![a-z])|cost(?:[^uc]|u(?:[^m]|$)|c(?:[^o]|$)|$)|valor"
    r"|importo|betrag|belopp|bel(ø|oe?)b(?![a-z])|kwota|harga|fiyat|(?<![a-z])prc(?![a-z])"
    r"|(?<![a-z])gia(?![a-z])|tarif(?![a-z])"
)
_NOW_NAMES = (
    r"sale|now|current|final|our-?_?price|special|offer|actual|today|promo-?price|your-?price|main|deal|reduced"
    r"|discounted|selling"
)
_OTHER_AMOUNTS = (
    r"ship|deliver|versand|livraison|envío|env[ií]o|frakt|save|saving|rabat|discount|ersparnis|économi|ahorr"
    r"|coupon|voucher|gift|points?|deposit|per month|monthly|/ ?mo\b|instal?l|finance|klarna|afterpay|affirm|tax"
    r"|vat|subtotal|total|reward|loyalty|cashback|unit-?price|per-?unit|grundpreis|base-?price|surcharge|member"
    r"|tier|bulk|warranty|protection|donat|shipping|free|over \$|orders|range|filter|option|variant|delv|postage"
    r"|(?<![a-z])porto(?![a-z])|bezorg|verzend|spediz|frete|flete|dostaw|doprav|wysył|toimitus|szállít|доставк"
    r"|кредит|рассрочк"
    r"|kargo|ongkir|vận chuyển|送料|运费|運費|郵資|배송|택배|적립|포인트|ポイント|积分|積分|المشحون|الشحن|משלוח"
    r"|taksit|rata(?![a-z])|raty|parcela|cuota|mensil|mensualit|monatl|m(ě|e)síčn|miesięczn|havi|в месяц|/ ?мес"
    r"|indirim|(?<![a-z])off(?![a-z])|rabatt|sconto|korting|sleva|zľava|zniżk|kedvezm|reducere|diskon|giảm"
    r"|折扣|優惠|쿠폰|할인쿠폰"
    r"|экономи|скидк|sparen|you save|besparing|bespar|spar(?![a-z])|risparm|economi[az]|oszczęd|ušetř|megtakar"
    r"|jamstv|pfand|kaution|caution|abholung|mindest|minimum|min\. |más de|a partire da \d|dès \d|ab \d+ ?€"
    r"|gewinn|punkte|bonus|бонус|балл|(?<![a-z])(mtl|emi|pix|boleto|rate)(?![a-z])"
    r"|(?<![a-z])(buy|take|order|ab|dès|vanaf|od|от|köp) \d+ (for|at|or more|pour|für|stück|stk|st|pcs|ks|szt|шт)"
)
_NET = (
    r"bez dph|excl?\.? ?(vat|tax|gst|btw|moms|mva|alv)|ex\.? ?(vat|tax|gst)|exkl\.? ?(moms|mwst)"
    r"|exc(luding)?\.? (vat|tax|gst)"
    r"|zzgl\.? ?(mwst|ust)|netto|hors tax|(^|\W)h\.?t\.?(\W|$)|s(in|em) (iva|imp)|iva escl|\+ ?iva|ohne mwst|plus vat"
    r"|\+ ?vat|eks(kl)?\.? ?mva|без ндс|без пдв|áfa nélkül|nettó|税抜|税别|稅前|税別|부가세 별도|kdv hariç"
    r"|\+ ?kdv|alv 0"
)
"""Words of an amount without the tax that a person pays on it."""
_SIGNED = (
    rf"(?i){SYMBOLS}|{DASHED}|(?<![^\W\d_]){WORDS}[\s:]{{0,2}}\d|\d[\s\pZ]{{0,3}}(?:-|,-)?\s?{WORDS}(?![^\W\d_])"
    rf"|^\W*{WORDS}\W*$|^\W*rs\W*$|{RUPEES}"
)
_priced = remembered(_PRICE_NAMES)
_signed = finder(_SIGNED)
_tells = finder(_PRICE_NAMES, _NOW_NAMES)
_other = finder(_OTHER_AMOUNTS)
_net = remembered(_NET)
_ANY = MoneyHints(currency="QQQ")  # amounts are compared here, their currency is read later
_MAX_PRICE_CHARS = 70
_EARLIER_WORDS = re.compile(
    r"^\W*(was|list( price)?|rrp|r\.r\.p\.?|msrp|m\.r\.p\.?|uvp|statt|compare( at)?|comp\.? value|reg(ular"
    r"|\.)?( price)?|retail( price)?|original(ly| price)?|old price|before|avant|antes|prima|ord\.?( pris)?"
    r"|(el |le |il |o |der |de |den )?(original price was|precio original era|prix (initial|d.origine) était"
    r"|prezzo originale era|preço original era|ursprüngliche[rn]? preis war|oorspronkelijke prijs was"
    r"|ursprungliga priset var"
    r"|pierwotna cena wynosiła|původní cena byla)"
    r"|prix (conseillé|barré|public)|precio (anterior|original)|(unser )?alter preis|adviesprijs|van|vejl\.?|før"
    r"|tidigare|stara cena|cena regularna|původní cena|běžná cena|doporučená cena|avp[¹²³]?|normalpreis|katalogpreis"
    r"|listenpreis|ladenpreis|neupreis|zamiast|старая цена|de|原価|定価|市场价"
    r"|market price|市场价格|市場價|定價|原價|参考価格|通常価格|希望小売価格|メーカー希望|소비자가|정가|정상가"
    r"|시중가|原价|专柜价"
    r"|eski fiyat|piyasa fiyat\w*|giá (gốc|cũ|thị trường)|harga (normal|asli|coret)|ราคาปกติ|κανονική|αρχική"
    r"|преди|бивша|стара"
    r"|звичайна ціна|кат\. цена|рек\. цена|régi ár|eredeti ár|katalógus|preț (vechi|de listă)|pvp|p\.v\.p\.?|listino"
    r"|anziché|invece di|au lieu de|prix de vente conseillé|antiguo|normalpris|veil\.?|veiledende|rek\.? ?pris"
    r"|ovh|norm(aal|ál)"
    r"|السعر (الأصلي|السابق|قبل)|מחיר (מקורי|רגיל|מחירון))(?!\w)(?!.*\b(now|sale|jetzt|nu|agora|ahora|por)\b)",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_CARRIED = re.compile(
    r"(送料(込み?|無料)|包邮|免運|무료 ?배송|배송비 ?포함|(free|incl(\.|udes|uding)?) (shipping|delivery|postage)"
    r"|(shipping|delivery|postage) (included|free)|inkl\.? versand|versandkostenfrei"
    r"|livraison (gratuite|offerte|incluse)|env[ií]o (gratis|incluido)|frete grátis|spedizione (gratuita|inclusa)"
    r"|gratis verzending|fri frakt|darmowa dostawa|doprava zdarma|бесплатная доставка)"
    r"(?!\W{0,3}(over|above|ab|from|for|on|ved|fra|dès|à partir|desde|a partir|od|от|на|при|su|sopra|boven"
    r"|vanaf|acima))",
    re.IGNORECASE,
)
"""Carriage that costs nothing more: such an amount is the price itself."""
_CARRIAGE = re.compile(
    r"^\s*\+|shipping|delivery|postage|versand|livraison|env[ií]o|frete|spedizion|verzend|frakt|dostaw|doprav|доставк"
    r"|送料|运费|運費|배송",
    re.IGNORECASE,
)
"""Words inside an amount's own element by which it is that of the carriage, whatever its class is called."""
_DASH = re.compile(r"\W*[-–—~～〜]\W*|\s*(to|bis|à|a|al|tot|til|till|do|до)\s*", re.IGNORECASE)
_BARE_NUMBER = re.compile(r"^\W*\d[\d\s.,'’]*\W*$")
_LABELLED = re.compile(
    r"^\W*(our |sale |kindle |your |now |special |unit |web |online |internet )?(price|preis|prix|precio|preço"
    r"|prezzo|prijs"
    r"|pris|cena|cena brutto|cena s dph|hinta|fiyat|цена|ціна|ár|价格|價格|価格|가격|מחיר|harga|giá|ราคา|τιμή"
    r"|السعر|قیمت|hind"
    r"|kaina|cijena|çmimi|narxi|бағасы|now|jetzt|nu|nur|só|solo|por|voor|für)\s*[:：]"
    r"|^\W*((our|sale|your|special|selling|web|online|current|member) price|unser preis|aktionspreis|endpreis"
    r"|verkaufspreis"
    r"|notre prix|prix (promo|net|ttc|de vente)|nuestro precio|precio (actual|oferta|final|web)"
    r"|il nostro prezzo|prezzo (scontato"
    r"|offerta|attuale)|onze prijs|actieprijs|nu voor|voor|vores pris|vår pris|vårt pris|tilbudspris|extrapris"
    r"|kampanjpris"
    r"|nasza cena|cena (promocyjna|aktualna|s dph|brutto|po slevě)|naše cena|akční cena|akciós ár|bruttó ár"
    r"|prețul nostru|наша цена"
    r"|цена со скидкой|цена сейчас|販売価格|特価|価格|売価|当店価格|本店售价|本店價|促销价|现价|售价|售價|特價"
    r"|판매가|판매가격|할인가|즉시할인가"
    r"|harga (jual|promo)|giá (bán|khuyến mãi)|satış fiyatı|indirimli fiyat|current bid|highest bid|högsta bud"
    r"|aktuelles gebot"
    r"|enchère actuelle|puja actual|aktualna cena|kup teraz|現在価格|即決価格|buy it now|asking price)\W*$",
    re.IGNORECASE,
)
_SUMS = re.compile(r"\b(million|billion|mio\.?|mrd\.?|bn|raised|raises|funding|salary|turnover|revenue)\b")
_TAXED = re.compile(
    r"vat|tax|gst|iva|tva|mwst|ust|netto|brutto|excl|incl|inkl|exkl|ttc|(?<![a-z])ht(?![a-z])|moms|dph|пдв|ндс|税"
    r"|each|per|pro|pack|from|ab|bis|up to|member|kg|100 ?(g|ml)|/"
)
_PRICE_WORDS = re.compile(
    r"\b(sale|now|price|only|our|your|special|offer|was|rrp|list|reg|jetzt|nur|statt|ahora|agora)\b"
)
_RIGHT_ABOVE = 4  # elements above the heading in which an amount is as near as one below it
_PAIR = 6  # elements between an earlier and a lowered price that no name tells apart
_STEEPEST = 6  # an earlier price is at most as many times the present one; above it they price different things
_MOST_LETTERS = 14  # beside an amount; more is a sentence that happens to hold one
_BESIDE = 14  # elements between an earlier price and the present one
_PER_MEASURE = re.compile(
    r"(?:/|(?<!\w)(?:per|pro|je|par|por|al|za|na|за)(?!\w))\s?(?:\d{1,4}\s?)?(?:mg|g|gr|gramm?|kg"
    r"|kilo(?:gramm?)?|ml|cl"
    r"|dl|l|lt|ltr|lit(?:er|re|ro)s?|m[23²³]?|cm|lfm|lfd\.? ?m|met(?:er|re|ro)s?|ft|foot|yd|yards?|oz|fl\.? ?oz|lbs?"
    r"|г|кг|мл|л|м)(?!\w)|/\s?\d{1,4}\s?(?:stk?|stück|pcs?|pieces?|tabl?|kaps|ks|szt|db|wl|шт)(?!\w)"
    r"|(?<!\w)\d{1,4}\s?(?:g|kg|ml|cl|l|m[²2]?|stk?|stück)\s?[=:](?!\w)|grundpreis|unit price|price per"
    r"|precio por|prezzo al|prix au|jämförpris|vergleichspreis|jmf"
)
MIN_SCORE = 4.0
"""Below it an amount has neither a price's name nor a place beside heading or button. Chosen on real pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSpot:
    """An amount somewhere on a page, with how much it looks like the price asked."""

    place: Place
    text: str
    amount: Decimal
    score: float
    struck: Struck


MAX_AMOUNTS = 4_000
"""Amounts considered on one page: ten times the most that stand on any saved real page; more is no page of a shop."""


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
        if len(text.text) <= 200 and _DIGIT.search(text.text):
            found = _candidate(layout, text)
            if found is not None:
                candidates.setdefault(*found)
            if len(candidates) >= MAX_AMOUNTS:
                document.notes.append(f"cut: amounts considered {MAX_AMOUNTS}")
                break
    spots = [spot for order, text in candidates.items() if (spot := _spot(layout, order, text, start, buttons))]
    # What a measure comes to may stand inside the element that spells the price itself.
    inner = (spot for spot in spots if not is_per_measure(layout, spot))
    holders: dict[int, str] = {}
    for spot in inner:
        for above in layout.chain(spot.place.order, 12)[1:]:
            holders.setdefault(above.order, spot.text)
    # Words that stand beside an inner element, and do not spell its amount, are an amount of their own.
    kept = [s for s in spots if s.place.order not in holders or _apart(layout, s, holders[s.place.order])]
    spots = _unstruck(layout, kept)
    spots = _lowered(layout, spots)
    return sorted(spots, key=lambda spot: (-spot.score, spot.place.order))


def _apart(layout: Layout, spot: PriceSpot, inner: str) -> bool:
    """Whether an amount is a run of words of its own in an element that holds another amount further in."""
    runs = layout.texts[spot.place.first : spot.place.last]
    own = any(run.inside == spot.place.order and run.text == spot.text for run in runs[:60])
    return own and inner not in spot.text


def _candidate(layout: Layout, text: Text) -> tuple[int, str] | None:
    """The smallest element around a number that spells an amount whole, with its words; None for other numbers."""
    place = layout.places[text.inside]
    if len(text.text) <= _MAX_PRICE_CHARS and _signed(text.text):
        best = (place.order, text.text)
        for above in layout.chain(place.order, 3):
            whole = layout.words(above, 200)
            # Cents may stand in an element of their own; two amounts are two prices.
            amounts = amounts_in(whole) if len(whole) <= 24 and above.struck is place.struck else []
            if len(amounts) != 1 or len(re.findall(r"[^\W\d_]", join_cents(whole).replace(amounts[0].raw, ""))) > 2:
                break
            best = (above.order, whole)
        return best
    if len(text.text) > _MAX_PRICE_CHARS:
        return None
    for level, above in enumerate(layout.chain(place.order, 4)):
        named = _priced(above.name) or above.attributes.get("itemprop") in ("price", "lowPrice")
        whole = layout.words(above, 400).strip()
        if len(whole) > _MAX_PRICE_CHARS:
            return None
        signed = _signed(whole)
        if (named and (signed or _BARE_NUMBER.match(whole))) or (signed and level <= 2 and len(whole) <= 30):
            return above.order, whole
    return None


def amounts_in(text: str) -> list[Amount]:
    """The amounts in words, raised cents joined to their units; currencies are not told apart here."""
    return read_amounts(join_cents(text), _ANY, 3)


def _unstruck(layout: Layout, spots: list[PriceSpot]) -> list[PriceSpot]:
    """Amounts only named as earlier ones, with no other amount beside them, are the price: shops leave such names."""
    shown = [spot for spot in spots if spot.struck is Struck.NO]
    orders = [spot.place.order for spot in sorted(shown, key=lambda s: s.place.order)]
    cleared = []
    for spot in spots:
        if spot.struck is Struck.NAMED:
            low = bisect_left(orders, spot.place.order - _BESIDE)
            beside = [o for o in orders[low:] if o <= spot.place.order + _BESIDE]
            around = {p.order for p in layout.chain(spot.place.order, 6)}
            if not any(around & {p.order for p in layout.chain(o, 6)} for o in beside):
                spot = replace(spot, struck=Struck.NO)
        cleared.append(spot)
    return cleared


def _lowered(layout: Layout, spots: list[PriceSpot]) -> list[PriceSpot]:
    """Of two bare amounts side by side that no name tells apart, the higher is the earlier price."""
    shown = [spot for spot in spots if spot.struck is Struck.NO and spot.score >= MIN_SCORE]
    if not shown or any(
        spot.struck is not Struck.NO and abs(spot.place.order - shown[0].place.order) <= _BESIDE for spot in spots
    ):
        return spots
    best = max(shown, key=lambda spot: spot.score)
    near = [
        spot
        for spot in spots
        if spot is not best
        and abs(spot.place.order - best.place.order) <= 2 * _PAIR
        and spot.place.region is best.place.region
        and spot.score > best.score - 5.0
        and _bare(layout, spot)
    ]
    if len(near) != 1 or abs(near[0].place.order - best.place.order) > _PAIR:
        return spots
    other = near[0]
    high, low = max(best, other, key=lambda s: s.amount), min(best, other, key=lambda s: s.amount)
    alike = _bare(layout, best) and best.place.tag == other.place.tag
    if not alike or not low.amount * _STEEPEST >= high.amount > low.amount:
        return spots
    if _spans(layout, best.place, other.place):
        return spots
    if not {p.order for p in layout.chain(best.place.order, 3)[1:]} & {
        p.order for p in layout.chain(other.place.order, 3)[1:]
    }:
        return spots
    swapped = {id(high): replace(high, struck=Struck.NAMED), id(low): replace(low, score=high.score + 0.1)}
    return [swapped.get(id(spot), spot) for spot in spots]


def _spans(layout: Layout, one: Place, other: Place) -> bool:
    """Whether two amounts are the ends of a range: by their markup, or by the dash between them."""
    if {one.attributes.get("itemprop"), other.attributes.get("itemprop")} & {"lowPrice", "highPrice"}:
        return True
    first, behind = sorted((one, other), key=lambda place: place.order)
    between = layout.texts[first.last : behind.first]
    return 0 < len(between) <= 2 and all(_DASH.fullmatch(text.text) for text in between)


def _bare(layout: Layout, spot: PriceSpot) -> bool:
    """Whether nothing but a price's own words stands with an amount."""
    before = _words_before(layout, spot.place, spot.text)
    words = fold(f"{before} {spot.text}")
    amounts = amounts_in(spot.text)
    if len(amounts) != 1 or _TAXED.search(words.replace(fold(amounts[0].raw), " ")):
        return False
    rest = _PRICE_WORDS.sub("", fold(spot.text.replace(amounts[0].raw, "")))
    return len(re.findall(r"[^\W\d_]", rest)) <= 3


def _spot(layout: Layout, order: int, text: str, start: int | None, buttons: list[int]) -> PriceSpot | None:
    amounts = amounts_in(text)
    if not amounts:
        return None
    place = layout.places[order]
    names = " ".join(above.name for above in layout.chain(order, 4))
    score = 0.0
    told = _tells(names) or ()
    if 0 in told:
        score += 3.0
    if place.attributes.get("itemprop") in ("price", "lowPrice"):
        score += 3.0
    if 1 in told:
        score += 1.0
    if _signed(text):
        score += 1.5
    before = _words_before(layout, place, text)
    said = _CARRIED.sub(" ", f"{before} {text}")
    if _other(fold(f"{said} {names}")):
        score -= 3.0
    if _CARRIAGE.search(_CARRIED.sub(" ", text)):
        score -= 2.5
    if _net(_beside(layout, place, text)):
        score -= 2.5
    letters = len(re.findall(r"[^\W\d_]", text)) - sum(len(re.findall(r"[^\W\d_]", a.raw)) for a in amounts)
    if letters > _MOST_LETTERS and not _LABELLED.search(text):
        score -= 2.0
    if _SUMS.search(fold(text)):
        score -= 5.0
    score -= {Region.MAIN: 0.0, Region.RELATED: 6.0, Region.FRAME: 9.0}[place.region]
    if start is not None:
        behind = order - start
        if behind >= -_RIGHT_ABOVE:
            score += 4.0 * math.exp(-max(behind, 0) / 80)
        else:
            score += 2.0 * math.exp(behind / 40)
    if buttons:
        score += 3.0 * math.exp(-min(abs(order - button) for button in buttons) / 60)
    if _LABELLED.search(text) or _LABELLED.search(before):
        score += 2.5
    if amounts[0].money.amount == 0:
        score -= 4.0
    struck = place.struck
    if struck is Struck.NO and (_EARLIER_WORDS.match(text) or _EARLIER_WORDS.match(before)):
        struck = Struck.NAMED
    amount = amounts[0].money.amount
    text = join_cents(text)
    if not _signed(text):
        text = _with_sign(layout, place, text)
    return PriceSpot(place=place, text=text, amount=amount, score=score, struck=struck)


def _with_sign(layout: Layout, place: Place, text: str) -> str:
    """An amount's words with the currency that stands in an element of its own just before or behind it."""
    before = layout.texts[place.first - 1] if place.first else None
    behind = layout.texts[place.last] if place.last < len(layout.texts) else None
    for other, order in ((before, 0), (behind, 1)):
        near = other is not None and abs(other.inside - place.order) <= 4
        if other is not None and near and len(other.text) <= 5 and _signed(other.text):
            return f"{text} {other.text}" if order else f"{other.text} {text}"
    return text


def _beside(layout: Layout, place: Place, text: str) -> str:
    """An amount's words and the few behind it, as "ex VAT" stands."""
    behind = layout.texts[place.last] if place.last < len(layout.texts) else None
    near = behind is not None and behind.inside - place.end <= 2 and len(behind.text) <= 24
    return fold(f"{text} {behind.text}" if behind is not None and near and not _DIGIT.search(behind.text) else text)


def _words_before(layout: Layout, place: Place, text: str) -> str:
    """The run of words shown just before an amount, where it is a label's length; empty otherwise."""
    own = next(
        (n for n in range(place.first, min(place.last, place.first + 4)) if layout.texts[n].text in text), place.first
    )
    if own and re.fullmatch(r"\W{1,3}|[A-Z]{2,3}\$?", layout.texts[own - 1].text):
        own -= 1  # the sign of the amount itself
    if own > 1 and _belongs_before(layout, own - 1, place):
        return ""
    before = layout.texts[own - 1].text if own else ""
    return before if len(before) <= 24 and not re.search(r"\d", before) else ""


def _belongs_before(layout: Layout, label: int, place: Place) -> bool:
    """Whether a label stands behind another amount, in an element with it: `19.99 ex VAT` before this one."""
    words, ahead = layout.texts[label], layout.texts[label - 1]
    if words.text.rstrip().endswith((":", "：")) or not _signed(ahead.text):
        return False
    return any(above.holds(ahead.inside) and not above.holds(place.order) for above in layout.chain(words.inside, 2))


def is_per_measure(layout: Layout, spot: PriceSpot) -> bool:
    """Whether an amount is that of a measure of the goods: of 100 g, of a metre."""
    behind = layout.texts[spot.place.last].text if spot.place.last < len(layout.texts) else ""
    beside = behind if behind.lstrip()[:1] == "/" and len(behind) <= 20 else ""
    before = _words_before(layout, spot.place, spot.text)
    return _PER_MEASURE.search(fold(f"{before} {spot.text} {beside}")) is not None


def asked_price(document: Document) -> PriceSpot | None:
    """The amount that looks most like the price asked; None when none looks enough like one."""
    layout = layout_of(document)
    spots = [spot for spot in price_spots(document) if spot.struck is Struck.NO and spot.score >= MIN_SCORE]
    best = next(iter(spots), None)
    if best is None or not is_per_measure(layout, best):
        return best
    # Goods sold by measure ask nothing else; others show what a measure comes to beside their price.
    beside = (spot for spot in spots if abs(spot.place.order - best.place.order) <= _BESIDE)
    return next((spot for spot in beside if not is_per_measure(layout, spot)), best)

"""The smaller facts beside an offer: how many, from and to where, what shipping costs, how many were sold, when."""

from __future__ import annotations

import re

from crawler.extract.document import Document, types_of
from crawler.extract.headings import heading, layout_of
from crawler.extract.labels import labelled
from crawler.extract.layout import Region
from crawler.extract.money import MoneyHints, read_amounts
from crawler.extract.text import clean_text, fold, squash
from crawler.extract.words import read_condition

MAX_CRUMBS = 8
_NEAR = 400  # elements behind the heading in which a sentence still speaks of the offer. Chosen.
_ANY = MoneyHints(currency="QQQ")  # whether there is an amount is asked here, its currency is read later

_CRUMBS = re.compile(r"bread-?_?crumb|(?<![a-z])crumbs?(?![a-z])|pathway|brotkrumen|fil-?ariane|migas|you-?are-?here")
_HOME = re.compile(
    r"^(home ?page|home|start(seite)?|accueil|inicio|in[ií]cio|hjem|hem|forside|etusivu|strona główna|domů|úvod"
    r"|főoldal|acasă"
    r"|главная|начало|головна|ana ?sayfa|ホーム|トップ|首页|首頁|홈"
    r"|you are here:?|sie sind hier:?|vous êtes ici:?|back|shop)$"
)
_QUANTITY = re.compile(
    r"(?:only |nur noch |plus que |noch |solo |quedan |restano |nog )?(\d{1,6}) (?:items?|units?|pcs|pieces?"
    r"|stück|stk|pezzi|pièces"
    r"|unidades|stuks|st|szt|ks|db|шт)?\.? ?(?:left|available|in stock|remaining|verfügbar|auf lager|vorrätig"
    r"|disponibles?"
    r"|en stock|disponibili|em estoque|op voorraad|i lager|på lager|dostępnych|skladem|в наличии)(?!\w)"
)
_SOLD = re.compile(
    r"(?:^|\s)(\d[\d.,]{0,9} ?[km]?)\+? (?:items? |units? |pieces? )?(?:sold|verkauft|vendus?|vendidos?|venduti"
    r"|verkocht|sålda|solgt"
    r"|sprzedan\w+|osób kupiło|продано|купили|orders)(?!\w)"
    r"|(?:sold|已售|销量|月销|販売数)[:：]? ?(\d[\d.,]{0,9} ?[kmw万]?)"
)
_POSTED = re.compile(
    r"^(this product was added to our catalog on|posted|listed|published|added|ad placed|date posted|eingestellt"
    r"|online seit|anzeige (vom|aufgegeben)"
    r"|publi[eé]e?"
    r"|mise en ligne|publicado|publicada|pubblicato|inserito|geplaatst|sinds|publicerad|inlagd|lagt ut|oprettet"
    r"|dodan[eoa]"
    r"|vloženo|přidáno|feladva|feltöltve|размещено|опубликовано|дата)(?!\w)"
)
_FREE_SHIPPING = re.compile(
    r"^\W*(free (standard |express |worldwide |uk |us |international )?(shipping|delivery|postage)( & returns)?"
    r"|kostenloser versand"
    r"|versandkostenfrei|gratisversand|livraison (gratuite|offerte)|envío gratis|frete grátis|spedizione gratuita"
    r"|gratis (verzending|frakt|fragt|levering)|fri frakt|darmowa (dostawa|wysyłka)|doprava zdarma"
    r"|бесплатная доставка"
    r"|送料無料|包邮|무료배송)\W*$"
)
_SHIPPING = re.compile(
    r"(shipping|delivery|postage|versand|livraison|envío|envio|spedizione|frete|verzend\w*|frakt|fragt|dostawa"
    r"|doprava"
    r"|доставка|送料|运费)(?: (?:cost|fee|from|only|costs|kosten))*\s*[:：+]?\s*(?=\D{0,4}\d)|^\+"
)
_FREE_WORDS = frozenset((
    "free", "gratis", "kostenlos", "gratuit", "gratuite", "grátis", "gratuita", "бесплатно", "zdarma", "無料",
))  # fmt: skip
_USED_TITLE = re.compile(
    r"(?<![\w-])(pre-?owned|second[- ]hand|refurbished|refurb|renewed|reconditioned|gebraucht|generalüberholt"
    r"|d'occasion"
    r"|reconditionné|segunda mano|reacondicionado|seminovo|ricondizionato|tweedehands|refurbished|begagnad"
    r"|begagnat|brugt"
    r"|brukt|käytetty|używan[yae]|bazar|použit[éýá]|használt|б/у|ikinci el|中古|二手|ジャンク|리퍼|중고|nwt|bnwt|bnib"
    r"|brand[- ]new"
    r"|neu ?(?:&|und|\+) ?ovp|neuwertig|fabrikneu|new with tags|new in box|für bastler|for parts)(?![\w-])"
)
_TITLE_MEANS = {
    "nwt": "new with tags", "bnwt": "new with tags", "bnib": "new in box", "neuwertig": "gebraucht",
    "bazar": "bazarový", "fabrikneu": "neu",
}  # fmt: skip


def breadcrumbs(document: Document) -> str | None:
    """The way from the front page to the offer, without both ends: `Garden > Chairs`; None where none is shown."""
    named = heading(document)
    title = squash(layout_of(document).words(named, 500)) if named is not None else ""
    for names in (_marked_crumbs(document), _shown_crumbs(document)):
        kept = [
            name
            for name in dict.fromkeys(clean_text(n, 80).strip(" >»›/|·:") for n in names)
            if re.search(r"\w", name) and not _HOME.match(fold(name))
        ]
        if kept and title and (squash(kept[-1]) in title or title in squash(kept[-1])):
            kept.pop()
        if kept and sum(map(len, kept)) <= 300:
            return " > ".join(kept[:MAX_CRUMBS])
    return None


def _marked_crumbs(document: Document) -> list[str]:
    for item in (*document.jsonld, *document.microdata):
        if "breadcrumblist" not in types_of(item):
            continue
        parts = item.get("itemListElement")
        names = []
        for part in parts if isinstance(parts, list) else [parts]:
            if not isinstance(part, dict):
                continue
            inner = part.get("item")
            name = part.get("name") or (inner.get("name") if isinstance(inner, dict) else None)
            if isinstance(name, str):
                names.append(name)
        if len(names) > 1:
            return names
    return []


def _shown_crumbs(document: Document) -> list[str]:
    layout = layout_of(document)
    for place in layout.places:
        if place.name and place.last - place.first > 1 and _CRUMBS.search(place.name):
            names = [text.text for text in layout.texts[place.first : place.last][:40]]
            names = [part for name in names for part in re.split(r"\s*[>»›]\s*|\s+/\s+", name)]
            if 1 < len([name for name in names if re.search(r"\w", name)]) <= 15:
                return names
    return []


def quantity_shown(document: Document) -> str | None:
    """How many are left, in the page's own words; None where it does not say."""
    for value in labelled(document, "quantity"):
        if re.match(r"\d{1,6}(?!\d|[.,]\d)", value):
            return value
    return _near(document, _QUANTITY)


def sold_shown(document: Document) -> str | None:
    """How many were sold, in the page's own words; None where it does not say."""
    for value in labelled(document, "sold_count"):
        if re.match(r"\d[\d.,]{0,9}\s?[kKmM万]?\+?$", value):
            return value
    return _near(document, _SOLD)


def posted_shown(document: Document) -> list[str]:
    """Words that may tell when the offer was put up, the likeliest first."""
    layout = layout_of(document)
    found = labelled(document, "posted_at")
    named = heading(document)
    start = named.order if named is not None else 0
    for number, text in enumerate(layout.texts):
        place = layout.places[text.inside]
        if place.region is Region.MAIN and len(text.text) <= 80 and _POSTED.match(fold(text.text)):
            following = layout.texts[number + 1].text if number + 1 < len(layout.texts) else ""
            found.extend((text.text, f"{text.text} {following}"[:110]))
    for place in layout.places:
        if place.tag == "time" and place.region is Region.MAIN and abs(place.order - start) <= _NEAR:
            found.append(place.attributes.get("datetime") or layout.words(place, 100))
    return found[:8]


def shipping_shown(document: Document) -> str | None:
    """What shipping costs, in the page's own words, `0` where it is free; None where it does not say."""
    layout = layout_of(document)
    for value in labelled(document, "shipping_price"):
        if _FREE_SHIPPING.match(f"{fold(value)} shipping") or fold(value) in _FREE_WORDS:
            return "0"
        if read_amounts(value, _ANY, 2) and re.search(r"[^\W\d_]|[$€£¥]", value) and len(value) <= 40:
            return value
    named = heading(document)
    start = named.order if named is not None else 0
    for text in layout.texts:
        place = layout.places[text.inside]
        if place.region is not Region.MAIN or not -20 <= place.order - start <= _NEAR or len(text.text) > 80:
            continue
        folded = fold(text.text)
        if _FREE_SHIPPING.match(folded):
            return "0"
        match = _SHIPPING.search(folded)
        if match is not None and match.group() != "+" and len(read_amounts(folded, _ANY, 3)) == 1:
            return text.text
    return None


def title_condition(document: Document) -> str | None:
    """The condition a heading itself names, as in "used" or "NWT"; None for headings that name none."""
    named = heading(document)
    if named is None:
        return None
    match = _USED_TITLE.search(fold(layout_of(document).words(named, 500)))
    if match is None:
        return None
    said = _TITLE_MEANS.get(match[1], match[1])
    return said if read_condition(said) is not None else None


def _near(document: Document, pattern: re.Pattern[str]) -> str | None:
    """The first group of a pattern in a short run of words behind the heading; None where it stands nowhere."""
    layout = layout_of(document)
    named = heading(document)
    start = named.order if named is not None else 0
    for text in layout.texts:
        place = layout.places[text.inside]
        if len(text.text) > 80 or place.region is not Region.MAIN or not -40 <= place.order - start <= _NEAR:
            continue
        match = pattern.search(fold(text.text))
        if match is not None:
            return next(group for group in match.groups() if group)
    return None

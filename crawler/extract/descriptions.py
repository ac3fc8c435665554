"""What a page says of its offer in sentences: the part named or headed as its description, else its longest prose."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.extract.document import Document
from crawler.extract.headings import heading, layout_of
from crawler.extract.layout import Layout, Place, Region
from crawler.extract.patterns import remembered
from crawler.extract.text import clean_text, fold

_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
SENTENCE_CHARS = 40  # a run of words this long is prose, not a label or a menu's entry
MIN_SENTENCES = 0.4  # of a headed part; one with less is a table of details
MIN_PROSE_CHARS = 50
MAX_CHARS = 12_000  # a longer part is the page itself
_NO_HEADING = ("a", "li", "option", "label", "button")
_TITLES = frozenset(("h1", "h2", "h3", "h4", "a", "button", "input"))
_HEADED_REACH = 400  # elements a heading's part may hold

_NAMES = (
    r"descri(pt|z|c)|beschreib|overview|product-?_?(detail|info|text|copy)|about-?_?(item|product)|popis|opis|leiras"
    r"|omschrijving|longdesc|short-?desc|feature-?bullet|kuvaus|beskriv|описан|detail-?_?(text|content|info)"
    r"|deskripsi|mo-?ta"
    r"|aciklama|opisanie|(product|item|goods|full|long|tab)-?_?desc(?![a-z])|excerpt|lot-?_?details"
)
_described = remembered(_NAMES)
_PLAIN_NAMES = re.compile(r"descri(pt|z|c)|beschreib|popis|opis|leiras|omschrijving|longdesc|kuvaus|beskriv|описан")
_HEADINGS = re.compile(
    r"^\W*((product |item |full |long |about this )?(description|details|overview|product information|item"
    r"|information)"
    r"|(produkt|artikel)?(beschreibung|information(en)?|details)|description( du produit)?|descriptif|descripci[oó]n"
    r"( del producto)?|descrizione( prodotto)?|descri[cç][aã]o( do produto)?|(product)?omschrijving|beschrijving"
    r"|(produkt)?beskrivning|(produkt)?beskrivelse|(tuote)?kuvaus|opis( produktu)?|popis( produktu)?|leírás|descriere"
    r"|описание( товара| объявления)?|опис( товару)?|ürün (açıklaması|bilgileri|detayları|özellikleri)"
    r"|açıklama|商品説明|商品の説明"
    r"|商品详情|商品描述|商品介紹|商品介绍|상품 ?(설명|정보|상세)|תיאור( המוצר)?|deskripsi( produk)?"
    r"|keterangan|mô tả( sản phẩm)?"
    r"|thông tin sản phẩm|รายละเอียด(สินค้า)?|περιγραφή|opis (proizvoda|izdelka)|aprašymas|apraksts|kirjeldus"
    r"|الوصف|وصف المنتج"
    r"|توضیحات|përshkrimi|(more )?about (this (item|product|listing|lot)|the (item|product))|lot details"
    r"|characteristics"
    r"|specifications? (and|&) description|подробности|о товаре|подробное описание|tavsif|сипаттама|bemutatás"
    r"|termékleírás"
    r"|description de l.annonce|détails du produit|beskrivelse av varen|annonsetekst|beschreibung des artikels)\W*$"
)

_POLICY = re.compile(
    r"this product was added|shipping|deliver(y|ed)|returns?\b|refund|payment|privacy|cookie|newsletter"
    r"|subscribe|testimonial"
    r"|customer service|warranty"
    r"|versand|lieferung|rückgabe|widerruf|zahlung|livraison|retour|paiement|envío|devolu|pago|spedizione|reso"
    r"|pagament"
    r"|wysyłk|zwrot|płatnoś|доставк|возврат|оплат|配送|返品|运费"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """The words of an offer's description and the element they stand in."""

    text: str
    place: Place


def named_description(document: Document) -> Description | None:
    """The part of the page that its names call the description; None where none is."""
    layout = layout_of(document)
    named = heading(document)
    best: tuple[float, Description] | None = None
    for place in layout.places:
        if place.region is not Region.MAIN or place.tag in _TITLES:
            continue
        marked = place.attributes.get("itemprop") == "description"
        if not marked and not _described(place.name):
            continue
        text = clean_text(layout.words(place, 30_000))
        if written_length(text) < 20:
            continue
        if not marked and not _PLAIN_NAMES.search(place.name) and _sentences(layout, place, text) < MIN_SENTENCES:
            continue  # "details" and "info" name tables as often as texts
        score = min(len(text), 3_000) / 1_000 + 3.0 * marked + 1.0 * ("descr" in place.name)
        score -= 4.0 * (len(text) > MAX_CHARS) + 1.5 * (named is not None and place.holds(named.order))
        score += 1.0 * _sentences(layout, place, text)
        if best is None or score > best[0]:
            best = (score, Description(text=text, place=place))
    return best[1] if best is not None else None


def _sentences(layout: Layout, place: Place, text: str) -> float:
    """How much of an element's words stand in sentences and not in scraps, 0 to 1."""
    told = sum(
        len(t.text) for t in layout.texts[place.first : place.last] if written_length(t.text) >= SENTENCE_CHARS
    )
    return min(told / max(len(text), 1), 1.0)


def written_length(text: str) -> int:
    """How long words would be in letters: a sign of Chinese or Japanese says what two or three letters do."""
    return len(text) + (3 * len(_DENSE.findall(text)) // 2 if not text.isascii() else 0)


def headed_description(document: Document) -> Description | None:
    """The part that stands under a heading such as `Description`; None where none does."""
    layout = layout_of(document)
    for text in layout.texts:
        place = layout.places[text.inside]
        if (
            place.region is not Region.MAIN
            or len(text.text) > 40
            or place.tag in ("a", "li", "option", "label", "button")
        ):
            continue
        if not _HEADINGS.match(fold(text.text)):
            continue
        for above in layout.chain(place.order, 4):
            if above.end - above.order > _HEADED_REACH:
                break
            body = clean_text(layout.words(above, 30_000))
            body = body[len(text.text) :].strip(" :") if body.startswith(text.text) else body
            if (
                written_length(body) >= MIN_PROSE_CHARS
                and len(body) <= MAX_CHARS
                and _sentences(layout, above, body) >= MIN_SENTENCES
            ):
                return Description(text=body, place=above)
    return None


def prose(document: Document) -> Description | None:
    """The smallest part behind the heading that holds most of the page's sentences; None where it holds few."""
    layout = layout_of(document)
    named = heading(document)
    start = named.order if named is not None else 0
    sums: dict[int, float] = {}
    for text in layout.texts:
        place = layout.places[text.inside]
        length = written_length(text.text)
        wordy = length >= SENTENCE_CHARS and place.order > start and place.region is Region.MAIN
        if not wordy or place.tag in ("a", "button", "label", "option", "h1", "h2", "h3", "th"):
            continue
        weight = 0.2 if _POLICY.search(fold(text.text)) else 1.0
        for above in layout.chain(place.order, 8):
            sums[above.order] = sums.get(above.order, 0.0) + weight * length
    fitting = {
        order: chars
        for order, chars in sums.items()
        if chars >= MIN_PROSE_CHARS and not (named is not None and layout.places[order].holds(start))
    }
    if not fitting:
        return None
    most = max(fitting.values())
    order = min((o for o, chars in fitting.items() if chars >= 0.8 * most), key=lambda o: -o)
    place = layout.places[order]
    text_inside = clean_text(layout.words(place, 30_000))
    return Description(text=text_inside, place=place) if len(text_inside) <= MAX_CHARS else None

"""How many offers a list says it has in all: told by "1-24 of 318", "318 results" and their like."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

from crawler.extract.document import Document
from crawler.extract.headings import layout_of
from crawler.extract.layout import Place, Region
from crawler.extract.text import clean_text

MAX_WORDS_CHARS = 160  # longer is a sentence that counts something else
MAX_TEXTS = 12  # runs of words in the element that states it
MAX_TOTAL = 1_000_000_000  # chosen: no list of offers is longer, and longer digits are identifiers

_NUMBER = r"(?:\d{1,3}(?:[.,\s'’]\d{3}){1,3}|\d{1,9})(?![\d%])(?![.,]\d)"
_ABOUT = (
    r"(?:(?:over|about|approximately|more than|roughly|über|etwa|ca\.?|mehr als|rund|plus de|environ|más de"
    r"|cerca de|mais de|oltre|circa|meer dan|ongeveer|över|mer än|over|ponad|około|přes|več kot|более|около|约|約"
    r"|超过)\s*)?"
)
_RANGE = re.compile(
    rf"(?<![\d.,$€£])(?P<first>{_NUMBER})\s*(?:[-–—~‐〜～]|to|bis|a|à|al|até|til|till|tot|do|по|до)\s*"
    rf"(?P<last>{_NUMBER})\s*[^\d|]{{0,24}}?(?:(?<![^\W\d_])(?:of|von|sur|de|di|van|af|av|z|ze|из|od|din|out of"
    rf"|insgesamt|total(?:e|es)?|i alt)(?![^\W\d_])|/|／|共|全|中)\s*(?:the |total |totaal |insgesamt |i alt )?"
    rf"{_ABOUT}(?P<total>{_NUMBER})(?![a-z])"
)
_THINGS = (
    r"results?|items?|products?|listings?|ads?|offers?|matches|hits|titles|auctions|articles?|records|entries|torrents"
    r"|ergebnisse?n?|artikeln?|produkten?|angebote?n?|anzeigen|treffer|inserate|résultats?|produits?|articles|annonces?"
    r"|offres|resultados?|productos?|artículos|anuncios?|artigos|produtos?|ofertas?|risultati|prodotti|articoli"
    r"|annunci|resultaten|producten|artikelen|advertenties|resultat|produkter|varor|annonser|træf|varer|treff"
    r"|tulosta|tuotetta|ilmoitusta|wyników|wyniki|produktów|produkty|ofert|ogłoszeń|výsledků|položek|produktů|inzerátů"
    r"|výsledkov|produktov|találat|termék|hirdetés|rezultate|produse|anunțuri|резултата|продукта|обяви|результат(?:ов|а)?"
    r"|товар(?:ов|а)?|объявлени[йея]|предложени[йея]|оголошень|товарів|sonuç|ürün|ilan|αποτελέσματα|προϊόντα|kết quả"
    r"|sản phẩm|hasil|produk|תוצאות|מוצרים|نتيجة|نتائج|منتج"
)
_COUNTED = re.compile(
    rf"(?<![\d.,$€£/:])(?P<total>{_NUMBER})\+?\s*(?:[^\W\d_]{{3,14}}\s+)?(?:{_THINGS})(?![^\W\d_])"
    rf"|(?:共|全|约|約|총|件中)\s*(?P<counted>{_NUMBER})\s*(?:件|个|個|개|款|条|筆|項|点)"
    rf"|(?P<bare>{_NUMBER})\s*(?:件|个结果|個結果|条结果|개의 (?:결과|상품))"
)
_NAMED = re.compile(
    r"(?<![^\W\d_])(?:(?:search )?results?|items?|products?|total(?:e|es)?|treffer|ergebnisse|anzahl|artikel"
    rf"|résultats?|resultados|risultati|resultaten|найдено|всего|znaleziono|nalezeno|celkem|found|gefunden)\W{{1,3}}{_ABOUT}"
    rf"(?P<total>{_NUMBER})"
)
_OTHER = re.compile(
    r"cart|basket|bag|wish|compare|warenkorb|panier|cesta|carrito|carrinho|carrello|winkelwagen|korg|kurv|koszyk|košík"
    r"|корзин|per page|pro seite|par page|por página|per pagina|reviews?|ratings?|sold|per sida|feedback|minimum"
    r"|limit|discount|rabatt|save|sale|free|worldwide|million"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A stated number of offers, and the words that state it."""

    count: int
    words: str
    where: str


def find_total(document: Document, cards: int) -> Total | None:
    """
    How many offers the page says its list has in all, with the words; None where it says nothing.

    `cards` is how many were read. A range within a total speaks first, then a number before the offers' name outside
    the page's frame; a number smaller than the cards counts something else.
    """
    layout = layout_of(document)
    said = [
        clean_text(text.text, MAX_WORDS_CHARS) if len(text.text) <= MAX_WORDS_CHARS else "" for text in layout.texts
    ]
    folded = [words.casefold() for words in said]
    whole = " ".join(folded)
    if not any(letter.isdecimal() for letter in whole):
        return None
    starts = [0, *accumulate(len(words) + 1 for words in folded)]

    def around(match: re.Match[str]) -> Place | None:
        """The innermost element that shows all of the match; None where only a large part of the page does."""
        first, last = bisect_right(starts, match.start()) - 1, bisect_right(starts, match.end() - 1) - 1
        step: int | None = layout.texts[first].inside
        while step is not None:
            place = layout.places[step]
            if place.last - place.first > MAX_TEXTS:
                return None
            if place.last > last:
                return place
            step = place.above
        return None

    def total(match: re.Match[str], place: Place, count: int) -> Total:
        name = place.name.split()
        return Total(count=count, words=match.group().strip(), where=f"{place.tag}{'.' + name[0] if name else ''}")

    for match in _RANGE.finditer(whole):
        low, high, count = (_number(match[name]) for name in ("first", "last", "total"))
        if 0 < low <= high <= count <= MAX_TOTAL and high - low < max(4 * cards, 12) and count >= cards // 2:
            place = around(match)
            if place is not None:
                return total(match, place, count)
    for match in (*_COUNTED.finditer(whole), *_NAMED.finditer(whole)):
        count = next((_number(group) for group in match.groups() if group), 0)
        if max(cards, 1) <= count <= MAX_TOTAL:
            place = around(match)
            if place is not None and place.region is Region.MAIN:
                words = layout.words(place, MAX_WORDS_CHARS)
                if len(words) < MAX_WORDS_CHARS and not _OTHER.search(words.casefold()):
                    return total(match, place, count)
    return None


def _number(spelled: str) -> int:
    return int(re.sub(r"\D", "", spelled))

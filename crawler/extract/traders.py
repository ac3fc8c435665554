"""
Who trades, as law makes sellers say: name, address, mail, telephone, tax and register numbers.

Read from structured data of the seller, then from the block that names itself so (an imprint, a market's trader
details), then from labelled lines anywhere. Where a third party sells, the page's foot speaks of somebody else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import Any

import phonenumbers

from crawler.extract.document import BLOCK, Document, types_of
from crawler.extract.headings import layout_of
from crawler.extract.layout import Region
from crawler.extract.patterns import compile_re
from crawler.extract.register_numbers import register_numbers, vat_number
from crawler.extract.sellers import seller_of
from crawler.extract.text import clean_text, fold

TRADER_FIELDS = ("name", "address", "mail", "phone", "vat", "numbers")
MAX_BLOCK_LINES = 30
MAX_LINE_CHARS = 300
MAX_NUMBERS = 6

# One search of the page's words decides whether its lines are looked at at all.
_SIGNS = compile_re(
    r"(?i)impressum|imprint|handelsregister|handelsregist|ust-?id|umsatzsteuer|\bvat[ :#.]|p\.? ?iva"
    r"|partita iva|\btva\b|siret"
    r"|siren\b|\brcs\b|r\.c\.s|\bbtw[ :.-]|\bkvk\b|\bnif\b|\bcif\b|c\.i\.f|\bnip\b|regon|\bcvr|org\.? ?n(r|umm)"
    r"|y-tunnus|\bičo|\bdič"
    r"|companies house|company (reg|no|number)|legal notice|mentions l|aviso legal|note legali|trader"
    r"|seller (info|details)"
    r"|business (seller|details|info|name|address)|verkäuferinfo|anbieterkennzeichnung|社会信用代码|营业执照"
    r"|ICP备|ICP证|特定商取引"
    r"|\bcnpj|\babn\b|инн\b|огрн|dane (firmy|sprzedawcy)|raison sociale|ragione sociale"
    r"|razón social",
    "trader signs",
)
_HEADING = re.compile(
    r"(impressum|imprint|legal notice|mentions légales|aviso legal|note legali|anbieterkennzeichnung"
    r"|angaben gemäß §? ?\d.{0,20}|trader(?:'s)? (details|information|identity)|(professional )?business (seller )?"
    r"(details|information)|(detailed )?seller(?:'s)? (information|details|legal information)|verkäuferinformationen?"
    r"|rechtliche informationen( des verkäufers)?|(angaben|informationen) zum (verkäufer|anbieter|händler)"
    r"|informations (sur le|du) vendeur( professionnel)?|coordonnées du vendeur|identité du vendeur"
    r"|informazioni (sul venditore|legali|aziendali)|dati (del venditore|aziendali)|información (del"
    r"|sobre el) vendedor"
    r"|datos (de la empresa|del vendedor)|verkopersinformatie|bedrijfsgegevens|säljarinformation|företagsinformation"
    r"|sælgeroplysninger|virksomhedsoplysninger|selgerinformasjon|dane (sprzedawcy|firmy)|informacje o sprzedawcy"
    r"|údaje o prodejci|特定商取引法に基づく表[記示]|商家信息|店铺资质|营业执照信息|판매자 정보)\s*:?"
)
_LABELS = {
    "name": r"firma|firmenname|handelsname|company(?: name)?|business name|trading name|trader(?: name)?|legal name"
    r"|raison sociale|dénomination sociale|ragione sociale|denominazione|razón social|denominación social"
    r"|bedrijfsnaam"
    r"|handelsnaam|företagsnamn|företag|virksomhed(?:snavn)?|nazwa firmy|firma spółki|公司名称|企业名称|商家名称"
    r"|会社名|販売業者|販売事業者名?|상호(?:명)?|наименование",
    "address": r"address|business address|registered (?:office|address)|trading address|anschrift|adresse"
    r"|geschäftsadresse"
    r"|postanschrift|siège(?: social)?|adresse (?:postale|professionnelle)|sede(?: legale)?|indirizzo"
    r"|domicilio(?: social)?"
    r"|dirección|adres|vestigingsadres|bezoekadres|adress|postadress|osoite|adres firmy|sídlo|地址|住所|所在地"
    r"|주소|адрес"
    r"|юридический адрес|endereço|morada",
}
_LABELLED = {
    name: re.compile(rf"(?:{words})\s*(?:[:：]\s*(?P<said>.*)|$)", re.IGNORECASE) for name, words in _LABELS.items()
}
_ANY_LABEL = re.compile(r"[\w .’'/()-]{2,40}[:：](\s|$)")
_TOWN = re.compile(
    r"(?<!\d)(?:[A-Z]{1,2}-)?(?:\d{4,6}|\d{3} \d{2}|\d{2}-\d{3}|\d{4}-\d{3}|\d{4} ?[A-Z]{2})\s+[^\W\d_][\w' .()-]+"
    r"|(?<![A-Z0-9])[A-Z]{1,2}\d[A-Z0-9]? ?\d[A-Z]{2}(?![A-Z0-9])|[〒]\s?\d{3}-?\d{4}"
)
_STREET = re.compile(r"[^\W\d_]{3}.*\d|\d.*[^\W\d_]{3}|P\.? ?O\.? Box", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,4}[a-z]{2,24}", re.IGNORECASE)
_PHONE = re.compile(
    r"(?:tel|phone|fon|mob|call|電話|电话|тел)\w*[^\w+(]{0,6}(\+?[\d(][\d ()/.-]{6,20}\d)|(\+\d[\d ()/.-]{7,20}\d)",
    re.IGNORECASE,
)
_NO_NAME = re.compile(r"@|https?:|www\.|^\W*\d|[:：]\s*$|^(home|contact|about|kontakt|address|name)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One thing the page says of the trader, and where."""

    text: str
    raw: str
    where: str


Details = dict[str, list[Detail]]
"""What a page says by each of `TRADER_FIELDS`; nothing under a name it does not say."""


def trader_details(document: Document) -> Details:
    """What the page says of the trader behind it, by each of `TRADER_FIELDS`."""
    return document.once("trader", lambda: _details(document))


def _details(document: Document) -> Details:
    found: Details = {}
    third = seller_of(document) is not None
    _of_markup(document, found, third=third)
    if _SIGNS.search(document.shown) is None:
        return found
    lines = _lines(document, with_frame=not third)
    start = next((n for n, line in enumerate(lines) if len(line) <= 60 and _HEADING.fullmatch(fold(line))), None)
    if start is not None:
        _of_block(lines[start + 1 : start + 1 + MAX_BLOCK_LINES], found, document.region)
    for number, line in enumerate(lines):
        _of_labels(lines, number, found)
        _numbers(line, "line", found, document.notes)
    return found


def _put(found: Details, name: str, text: str, raw: str, where: str) -> None:
    text = clean_text(text, 300).strip(" ,;|")
    kept = found.setdefault(name, [])
    if text and all(each.text != text for each in kept) and len(kept) < MAX_NUMBERS:
        kept.append(Detail(text=text, raw=raw, where=where))


def _of_markup(document: Document, found: Details, *, third: bool) -> None:
    """What structured data says of the seller, and where nobody else sells, of the organisation whose site it is."""
    sellers: list[Any] = []
    for item in (*document.jsonld, *document.microdata, *document.annotated):
        if item.get("seller") or item.get("offeredBy"):
            sellers.append(item.get("seller") or item.get("offeredBy"))
    if not third:
        kinds = {"organization", "onlinestore", "onlinebusiness", "store", "localbusiness", "corporation"}
        sellers += [
            item for item in (*document.jsonld, *document.microdata, *document.annotated) if types_of(item) & kinds
        ]
    for item in islice((each for each in sellers if isinstance(each, dict)), 10):
        said = {
            "name": item.get("legalName"),
            "address": _postal(item.get("address")),
            "mail": item.get("email"),
            "phone": item.get("telephone"),
        }
        tax = next((item[key] for key in ("vatID", "taxID") if isinstance(item.get(key), str)), None)
        if not any((said["name"], tax, item.get("address"))):
            continue  # a name alone is the seller's, which has its own field
        if said["name"] is None and isinstance(item.get("name"), str):
            said["name"] = item["name"]
        for name, value in said.items():
            if isinstance(value, str) and name not in found:
                _put(found, name, value.removeprefix("mailto:").removeprefix("tel:"), value, "structured data")
        number = vat_number(f"VAT {tax}") if tax is not None else None
        if number is not None and tax is not None:
            _put(found, "vat", number, tax, "structured data")


def _postal(address: Any) -> str | None:  # Any: JSON values
    if isinstance(address, list):
        address = address[0] if address else None
    if isinstance(address, dict):
        keys = ("streetAddress", "postalCode", "addressLocality", "addressRegion", "addressCountry")
        parts = [part.get("name") if isinstance(part, dict) else part for part in map(address.get, keys)]
        return ", ".join(part for part in parts if isinstance(part, str) and part.strip()) or None
    return address if isinstance(address, str) else None


def _lines(document: Document, *, with_frame: bool) -> list[str]:
    """The page's words line by line, as blocks and line breaks part them."""
    layout = layout_of(document)
    breaks = {end for place in layout.places if place.tag in BLOCK for end in (place.first, place.last)}
    lines: list[str] = []
    for number, text in enumerate(layout.texts):
        if not with_frame and layout.places[text.inside].region is Region.FRAME:
            continue
        if lines and number not in breaks and len(lines[-1]) < MAX_LINE_CHARS:
            lines[-1] += text.gap + text.text
        else:
            lines.append(text.text)
    return [line[:MAX_LINE_CHARS] for line in lines]


def _of_block(block: list[str], found: Details, country: str | None) -> None:
    """A block that names itself: the name stands first, then street and town."""
    first = next((n for n, line in enumerate(block[:6]) if 2 < len(line) <= 80 and not _ANY_LABEL.match(line)), None)
    town = next((n for n, line in enumerate(block[:12]) if _TOWN.search(line) and len(line) < 120), None)
    if first is not None and town is not None and first <= town and not _NO_NAME.search(block[first]):
        if first < town:
            _put(found, "name", block[first], block[first], "block")
            rest = [line for line in block[first + 1 : town] if _STREET.search(line) and not _ANY_LABEL.match(line)]
        else:
            rest = []
        after = block[town + 1 : town + 2]
        land = [line for line in after if re.fullmatch(r"[^\W\d_][^\W\d_ ]{3,20}", line)]
        if town > first:
            _put(
                found,
                "address",
                ", ".join([*rest, block[town], *land]),
                " / ".join(block[first + 1 : town + 1]),
                "block",
            )
    for line in block:
        mail, phone = _MAIL.search(line), _PHONE.search(line)
        if mail is not None and "mail" not in found:
            _put(found, "mail", mail.group().lower(), line, "block")
        if phone is not None and "phone" not in found and "fax" not in fold(line[: phone.start() + 3]):
            number = _number(phone[1] or phone[2], country)
            if number is not None:
                _put(found, "phone", number, line, "block")


def _number(spelled: str, country: str | None) -> str | None:
    """The telephone number in international form; None when no network could connect it."""
    try:
        parsed = phonenumbers.parse(spelled, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _of_labels(lines: list[str], number: int, found: Details) -> None:
    """A name or an address behind its label, in the same line or the next ones."""
    line = lines[number]
    if len(line) > 200:
        return
    for name, pattern in _LABELLED.items():
        if name in found:
            continue
        match = pattern.match(line)
        if match is None:
            continue
        said = (match["said"] or "").strip()
        if not said:
            behind = lines[number + 1 : number + (5 if name == "address" else 2)]
            stop = next((n for n, part in enumerate(behind) if _ANY_LABEL.match(part)), len(behind))
            town = next((n + 1 for n, part in enumerate(behind[:stop]) if _TOWN.search(part)), 0)
            said = ", ".join(behind[: town if name == "address" else min(stop, 1)])
        if name == "address" and not _TOWN.search(said):
            continue  # the word stands in forms and menus too
        if name == "name" and (match["said"] is None or _NO_NAME.search(said) or len(said) > 100):
            continue
        if said:
            _put(found, name, said, line if match["said"] else said, "label")


def _numbers(line: str, where: str, found: Details, notes: list[str]) -> None:
    """Tax and register numbers of one line; one whose check digits do not hold is noted."""
    if not re.search(r"\d{4}|\d[ .-]\d", line):
        return
    number = vat_number(line)
    if number is not None:
        _put(found, "vat", number, line, where)
    for said, raw, holds in register_numbers(line):
        if holds:
            _put(found, "numbers", said, raw, where)
        else:
            notes.append(f"trader: {raw[:60]!r} has wrong check digits")

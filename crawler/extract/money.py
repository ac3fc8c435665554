"""Amounts of money as people write them, with the currency they mean there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from price_parser.parser import parse_number

from store.records.money import Money

MAX_AMOUNT = Decimal(10) ** 12  # no single offer costs more in any currency; longer digits are identifiers

CODES = frozenset((
    "AED", "ALL", "AMD", "ARS", "AUD", "AZN", "BAM", "BDT", "BGN", "BHD", "BOB", "BRL", "BYN", "CAD", "CHF", "CLP",
    "CNY", "COP", "CRC", "CZK", "DKK", "DOP", "DZD", "EGP", "EUR", "GBP", "GEL", "GHS", "GTQ", "HKD", "HNL", "HRK",
    "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JOD", "JPY", "KES", "KRW", "KWD", "KZT", "LBP", "LKR", "MAD",
    "MDL", "MKD", "MMK", "MNT", "MOP", "MUR", "MXN", "MYR", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN",
    "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "SAR", "SEK", "SGD", "THB", "TND", "TRY", "TTD", "TWD",
    "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VES", "VND", "XAF", "XOF", "ZAR", "ZMW",
))  # fmt: skip

# Signs that mean one currency wherever they stand; longest first when matched.
_SIGNS = {
    "US$": "USD", "US $": "USD", "U$S": "USD", "AU$": "AUD", "AU $": "AUD", "A$": "AUD", "CA$": "CAD", "CDN$": "CAD",
    "C$": "CAD", "C $": "CAD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "NT$": "TWD", "MX$": "MXN", "MEX$": "MXN",
    "R$": "BRL", "RD$": "DOP", "CLP$": "CLP", "COL$": "COP", "$U": "UYU",
    "€": "EUR", "EURO": "EUR", "EUROS": "EUR", "ЕВРО": "EUR", "£": "GBP", "₽": "RUB", "РУБ": "RUB", "РУБ.": "RUB",
    "Р.": "RUB", "₴": "UAH", "ГРН": "UAH", "ГРН.": "UAH", "ZŁ": "PLN", "ZL": "PLN", "KČ": "CZK", "FT": "HUF",
    "ЛВ": "BGN", "ЛВ.": "BGN", "LEI": "RON", "₺": "TRY", "TL": "TRY", "₹": "INR", "RS.": "INR", "RS": "INR",
    "₩": "KRW", "원": "KRW", "円": "JPY", "元": "CNY", "CN¥": "CNY", "RMB": "CNY", "JP¥": "JPY", "₫": "VND",
    "VNĐ": "VND", "Đ": "VND", "฿": "THB", "บาท": "THB", "₪": "ILS", "ש\"ח": "ILS", "RM": "MYR", "RP": "IDR",
    "₱": "PHP", "₦": "NGN", "₵": "GHS", "₸": "KZT", "₾": "GEL", "₡": "CRC", "₲": "PYG", "BS": "BOB", "BS.": "BOB",
    "S/": "PEN", "S/.": "PEN", "SFR": "CHF", "SFR.": "CHF", "FR.": "CHF", "DIN": "RSD", "DIN.": "RSD", "ДИН": "RSD",
    "KN": "HRK", "DHS": "AED", "د.إ": "AED", "ر.س": "SAR", "KSH": "KES", "TK": "BDT", "৳": "BDT",
}  # fmt: skip

# Signs whose meaning depends on the country of the shop.
_BY_COUNTRY: dict[str, dict[str, str]] = {
    "$": {
        "US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "SG": "SGD", "HK": "HKD", "TW": "TWD", "MX": "MXN",
        "CL": "CLP", "CO": "COP", "AR": "ARS", "UY": "UYU", "DO": "DOP",
    },
    "¥": {"JP": "JPY", "CN": "CNY"},
    "￥": {"JP": "JPY", "CN": "CNY"},
    "KR": {"SE": "SEK", "NO": "NOK", "DK": "DKK", "IS": "ISK"},
    "R": {"ZA": "ZAR"},
    "₨": {"IN": "INR", "PK": "PKR", "LK": "LKR", "NP": "NPR"},
    "L": {"RO": "RON", "HN": "HNL"},
}  # fmt: skip
_ALONE = {"$": "USD", "¥": None, "￥": None, "KR": None, "R": "ZAR", "₨": "INR", "L": None}

COUNTRY_CURRENCY = {
    "SE": "SEK", "NO": "NOK", "DK": "DKK", "IS": "ISK", "PL": "PLN", "CZ": "CZK", "HU": "HUF", "RO": "RON",
    "BG": "EUR", "CH": "CHF", "LI": "CHF", "GB": "GBP", "UK": "GBP", "US": "USD", "CA": "CAD", "AU": "AUD",
    "NZ": "NZD", "JP": "JPY", "CN": "CNY", "KR": "KRW", "TW": "TWD", "HK": "HKD", "SG": "SGD", "IN": "INR",
    "ID": "IDR", "MY": "MYR", "TH": "THB", "VN": "VND", "PH": "PHP", "BR": "BRL", "MX": "MXN", "AR": "ARS",
    "CL": "CLP", "CO": "COP", "PE": "PEN", "BO": "BOB", "UY": "UYU", "ZA": "ZAR", "TR": "TRY", "RU": "RUB",
    "UA": "UAH", "KZ": "KZT", "IL": "ILS", "AE": "AED", "SA": "SAR", "EG": "EGP", "NG": "NGN", "KE": "KES",
    "MA": "MAD", "PK": "PKR", "BD": "BDT", "LK": "LKR", "RS": "RSD",
    **dict.fromkeys(
        ("AT", "BE", "CY", "DE", "EE", "ES", "FI", "FR", "GR", "HR", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PT",
         "SI", "SK"),
        "EUR",
    ),
}  # fmt: skip
"""The currency a country's shops ask in. Bulgaria and Croatia use the euro (2026 and 2023 on)."""

_LANGUAGE_COUNTRY = {
    "sv": "SE", "nb": "NO", "nn": "NO", "no": "NO", "da": "DK", "is": "IS", "ja": "JP", "zh": "CN", "pl": "PL",
    "cs": "CZ", "hu": "HU", "ro": "RO", "ko": "KR", "ru": "RU", "uk": "UA", "tr": "TR", "he": "IL", "th": "TH",
    "vi": "VN", "hi": "IN",
}  # fmt: skip

_NUMBER = (
    r"\d{1,3}(?:[ \u00a0\u202f'’.,٬]\d{2,3})+(?:[.,٫]\d{1,4})?(?!\d)|\d+(?:[.,٫]\d{1,4}(?!\d))?"
    r"|(?<!\d)[.,]\d{2}(?!\d)"
)
_SIGN_PART = "|".join(
    re.escape(sign).replace(r"\ ", r"\s?")
    for sign in sorted((*_SIGNS, *_BY_COUNTRY, *CODES), key=len, reverse=True)
    if sign not in ("L", "R")
)
_AMOUNT = re.compile(
    rf"(?:(?P<before>(?<![A-Za-zА-я])(?:{_SIGN_PART}|R(?=\s?\d)))[\s\u00a0:]{{0,3}})?"
    rf"(?P<number>{_NUMBER})(?P<dash>\s?,?[.:]?[-–—]{{1,2}}(?!\s?\d))?"
    rf"(?:[\s\u00a0]{{0,3}}(?P<after>(?:{_SIGN_PART})(?![A-Za-zА-яł\d])))?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"^\s*(?:-|–|—|~|to|bis|à|a|til|till|until|do|до|～|〜)\s*$", re.IGNORECASE)
_PER_CENT = re.compile(r"^\s*(%|percent|\bx\b|×)", re.IGNORECASE)
_MINUS = re.compile(r"(?:^|[^\s\d€$£.])\s*[-−]\s?$")
_FREE = re.compile(
    r"^\W*(free|gratis|kostenlos|gratuit|grátis|бесплатно|bezpłatnie|za darmo|zdarma|ingyenes|免费|無料|무료)\W*$",
    re.IGNORECASE,
)
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹０１２３４５６７８９．，", "012345678901234567890123456789.,")


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyHints:
    """What a page and its platform say about amounts that do not say it themselves."""

    currency: str | None = None  # where amounts carry none
    countries: tuple[str, ...] = ()  # ISO 3166, the likeliest first
    language: str | None = None  # two letters

    @property
    def country(self) -> str | None:
        """The country whose customs decide a sign of several meanings."""
        if self.countries:
            return self.countries[0]
        return _LANGUAGE_COUNTRY.get(self.language or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """One amount found in words."""

    money: Money
    raw: str
    spelled: bool  # the currency stood beside it


def currency_code(word: str, hints: MoneyHints) -> str | None:
    """The ISO 4217 code a sign, word or code means here, or None."""
    upper = re.sub(r"\s+", " ", word.strip().upper())
    if upper in CODES:
        return upper
    if upper in _SIGNS:
        return _SIGNS[upper]
    if upper.replace(" ", "") in _SIGNS:
        return _SIGNS[upper.replace(" ", "")]
    meanings = _BY_COUNTRY.get(upper)
    if meanings is None:
        return None
    if hints.currency in meanings.values():
        return hints.currency  # a page that names its currency knows better than its address
    for country in (*hints.countries, _LANGUAGE_COUNTRY.get(hints.language or "") or ""):
        if country in meanings:
            return meanings[country]
    return _ALONE[upper]


def join_cents(text: str) -> str:
    """The words with raised cents (behind U+2009, which `node_text` leaves) as decimals: `12 99` is 12.99."""
    return re.sub(r"(\d)[.,]?\s?\u2009\s?[.,]?(\d{2})(?!\d)", r"\1.\2", text).replace("\u2009", " ")


def read_amounts(text: str, hints: MoneyHints, limit: int = 8) -> list[Amount]:
    """Every amount in the text, in order, at most `limit`; those without any currency are left out."""
    found: list[Amount] = []
    text = text[:2_000].translate(_DIGITS)
    for match in _AMOUNT.finditer(text):
        amount = _amount(match, text, hints)
        if amount is not None:
            found.append(amount)
            if len(found) >= limit:
                break
    return found


def read_money(text: str, hints: MoneyHints) -> Money | None:
    """
    The amount asked for, as a shop's own words give it.

    The first amount with a currency beside it, else the first amount under the currency the hints give; of a range
    the low end. "Free" in any common language is no amount: None. None too where no currency can be known.
    """
    if _FREE.match(text):
        return None
    text = text[:2_000].translate(_DIGITS)
    matches = list(_AMOUNT.finditer(text))[:40]
    read = [(place, amount) for place, m in enumerate(matches) if (amount := _amount(m, text, hints)) is not None]
    if not read:
        return None
    place, amount = next(((p, a) for p, a in read if a.spelled), read[0])
    low = amount.money.amount
    # In "19 - 25 €" the sign stands once, behind both; in "€ 19 - 25" before both.
    for first, second in ((place - 1, place), (place, place + 1)):
        if first < 0 or second >= len(matches):
            continue
        if _RANGE.match(text[matches[first].end() : matches[second].start()]):
            other = read_number(matches[first if second == place else second]["number"])
            low = min(low, other) if other is not None else low
    return Money(amount=low, currency=amount.money.currency)


def read_number(text: str) -> Decimal | None:
    """A bare number as shops write it; None when there is none or it is no sensible amount."""
    digits = re.sub(r"[^\d.,٫٬]", "", text.replace("٫", ".").replace("٬", ","))
    if not digits or len(digits) > 40:
        return None
    if re.fullmatch(r"[.,]\d{2}", digits):
        digits = f"0{digits}"
    separator = _decimal_separator(digits)
    try:
        value: Decimal | None = parse_number(digits, decimal_separator=separator)
    except (InvalidOperation, ValueError):
        return None
    return value if value is not None and value.is_finite() and value < MAX_AMOUNT else None


def read_machine_number(text: str) -> Decimal | None:
    """A number as programs write it: `1299.000` is thirteen hundred less one, whatever the language."""
    text = text.strip()
    if re.fullmatch(r"-?\d{1,13}(\.\d{1,30})?", text) is None:
        return None
    value = Decimal(text)
    if value < 0 or value >= MAX_AMOUNT:
        return None
    return value


def _decimal_separator(digits: str) -> str | None:
    """The separator only where the digits alone leave it open: one separator with three digits behind it."""
    single = re.fullmatch(r"\d+([.,])(\d+)", digits)
    if single is None:
        return None
    mark, behind = single.groups()
    if len(behind) != 3:
        return mark if len(behind) <= 2 or len(behind) == 4 else None
    return None  # three digits behind one mark group thousands everywhere a shop asks whole or hundredths


def _amount(match: re.Match[str], text: str, hints: MoneyHints) -> Amount | None:
    if _PER_CENT.match(text[match.end("number") :]):
        return None
    start = match.start("number")
    if start and (text[start - 1].isalnum() or text[start - 1] in "#_/") and match["before"] is None:
        return None  # part of a word, a date or a code
    if _MINUS.search(text[max(0, match.start() - 8) : match.start()]):
        return None  # a reduction, not a price
    value = read_number(match["number"])
    if value is None:
        return None
    code = None
    for word in (match["before"], match["after"]):
        code = code or (currency_code(word, hints) if word else None)
    spelled = code is not None or match["before"] is not None or match["after"] is not None
    if code is None and match["dash"]:
        code = COUNTRY_CURRENCY.get(hints.country or "")
        spelled = code is not None
    code = code or hints.currency or COUNTRY_CURRENCY.get(hints.country or "")
    if code is None:
        return None
    return Amount(money=Money(amount=value, currency=code), raw=match.group().strip(), spelled=spelled)

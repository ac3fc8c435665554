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
    "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JOD", "JPY", "KES", "KGS", "KHR", "KRW", "KWD", "KZT", "LAK",
    "LBP", "LKR", "MAD", "MDL", "MKD", "MMK", "MNT", "MOP", "MUR", "MXN", "MYR", "NGN", "NIO", "NOK", "NPR", "NZD",
    "OMR", "PAB", "PEN", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "SAR", "SEK", "SGD", "THB", "TND",
    "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VES", "VND", "XAF", "XOF", "ZAR", "ZMW",
))  # fmt: skip

# Signs that mean one currency wherever they stand; longest first when matched.
_SIGNS = {
    "US$": "USD", "US $": "USD", "U$S": "USD", "AU$": "AUD", "AU $": "AUD", "A$": "AUD", "CA$": "CAD", "CDN$": "CAD",
    "C$": "CAD", "C $": "CAD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "NT$": "TWD", "MX$": "MXN", "MEX$": "MXN",
    "R$": "BRL", "RD$": "DOP", "CLP$": "CLP", "COL$": "COP", "$U": "UYU",
    "€": "EUR", "EURO": "EUR", "EUROS": "EUR", "ЕВРО": "EUR", "£": "GBP", "₽": "RUB",
    "₴": "UAH", "ГРН": "UAH", "ГРН.": "UAH", "ZŁ": "PLN", "ZL": "PLN", "KČ": "CZK", "FT": "HUF",
    "ЛВ": "BGN", "ЛВ.": "BGN", "LEI": "RON", "₺": "TRY", "TL": "TRY", "₹": "INR",
    "₩": "KRW", "원": "KRW", "円": "JPY", "元": "CNY", "CN¥": "CNY", "RMB": "CNY", "JP¥": "JPY", "₫": "VND",
    "VNĐ": "VND", "Đ": "VND", "฿": "THB", "บาท": "THB", "₪": "ILS", "ש\"ח": "ILS", "RM": "MYR", "RP": "IDR",
    "₱": "PHP", "₦": "NGN", "₵": "GHS", "₸": "KZT", "₾": "GEL", "₡": "CRC", "₲": "PYG", "BS": "BOB", "BS.": "BOB",
    "S/": "PEN", "S/.": "PEN", "SFR": "CHF", "SFR.": "CHF", "FR.": "CHF", "DIN": "RSD", "DIN.": "RSD", "ДИН": "RSD",
    "KN": "HRK", "DHS": "AED", "KSH": "KES", "KSHS": "KES", "TSH": "TZS", "USH": "UGX", "TK": "BDT", "৳": "BDT",
    "د.إ": "AED", "ر.س": "SAR", "ر.ق": "QAR", "ر.ع": "OMR", "د.ك": "KWD", "د.ب": "BHD", "د.م": "MAD", "د.ت": "TND",
    "د.ج": "DZD", "دج": "DZD", "د.أ": "JOD", "د.ع": "IQD", "ج.م": "EGP", "جنيه": "EGP", "ل.ل": "LBP",
    "РУБЛЕЙ": "RUB", "РУБЛЯ": "RUB", "ГРИВЕН": "UAH", "ТЕНГЕ": "KZT", "ТГ": "KZT", "ТГ.": "KZT", "СУМ": "UZS",
    "СЎМ": "UZS", "SO'M": "UZS", "SO‘M": "UZS", "SOʻM": "UZS", "СОМ": "KGS", "ЛАРИ": "GEL", "ლარი": "GEL",
    "֏": "AMD", "ДРАМ": "AMD", "₼": "AZN", "₮": "MNT", "៛": "KHR", "₭": "LAK", "ДЕН": "MKD", "ДЕН.": "MKD",
    "රු": "LKR", "රු.": "LKR", "GHC": "GHS", "GH₵": "GHS", "NTD": "TWD", "B/.": "PAB", "BS.F": "VES",
    "GS": "PYG", "GS.": "PYG", "YEN": "JPY", "LEU": "RON", "LEKË": "ALL", "ΕΥΡΩ": "EUR", "ЄВРО": "EUR",
    "EUROA": "EUR",
    "KČS": "CZK", "JP￥": "JPY", "KRW₩": "KRW",
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
    "L": {"RO": "RON", "HN": "HNL"},
    **{sign: {"IN": "INR", "PK": "PKR", "LK": "LKR", "NP": "NPR", "MU": "MUR"} for sign in ("₨", "RS", "RS.")},
    **{sign: {"IN": "INR", "NP": "NPR"} for sign in ("रु", "रु.", "रू", "रू.")},
    **{
        sign: {
            **dict.fromkeys(("SN", "CI", "BJ", "TG", "ML", "BF", "NE"), "XOF"),
            **dict.fromkeys(("CM", "GA", "CG", "TD", "CF", "GQ"), "XAF"),
        }
        for sign in ("FCFA", "F CFA", "CFA")
    },
    **{sign: {"MA": "MAD", "AE": "AED"} for sign in ("DH", "درهم")},
    **{sign: {"SA": "SAR", "QA": "QAR", "OM": "OMR", "IR": "IRR"} for sign in ("ريال", "﷼")},
    "DT": {"TN": "TND"}, "DA": {"DZ": "DZD"}, "KD": {"KW": "KWD"}, "BD": {"BH": "BHD"}, "QR": {"QA": "QAR"},
    "SR": {"SA": "SAR"}, "LE": {"EG": "EGP"}, "L.E": {"EG": "EGP"}, "JD": {"JO": "JOD"}, "P": {"PH": "PHP"},
    "Q": {"GT": "GTQ"}, "KM": {"BA": "BAM"}, "KC": {"CZ": "CZK"}, "Р": {"RU": "RUB", "BY": "BYN"},
    "РУБ": {"RU": "RUB", "BY": "BYN"}, "РУБ.": {"RU": "RUB", "BY": "BYN"}, "Р.": {"RU": "RUB", "BY": "BYN"},
}  # fmt: skip
_ALONE = {
    "$": "USD", "R": "ZAR", **dict.fromkeys(("₨", "RS", "RS.", "रु", "रु.", "रू", "रू."), "INR"),
    **dict.fromkeys(("FCFA", "F CFA"), "XOF"), **dict.fromkeys(("Р", "Р.", "РУБ", "РУБ."), "RUB"),
}  # fmt: skip
"""What such a sign means where the country is not known: what most shops that write it ask in; nothing for others."""
_BOUND = frozenset(("P", "Q", "KM", "KC", "LE", "L.E", "DA", "DT", "BD", "KD", "JD", "QR", "SR", "DH", "L", "R"))
"""Signs of so few letters that only a page of their own country means money by them."""

COUNTRY_CURRENCY = {
    "SE": "SEK", "NO": "NOK", "DK": "DKK", "IS": "ISK", "PL": "PLN", "CZ": "CZK", "HU": "HUF", "RO": "RON",
    "BG": "EUR", "CH": "CHF", "LI": "CHF", "GB": "GBP", "UK": "GBP", "US": "USD", "CA": "CAD", "AU": "AUD",
    "NZ": "NZD", "JP": "JPY", "CN": "CNY", "KR": "KRW", "TW": "TWD", "HK": "HKD", "SG": "SGD", "IN": "INR",
    "ID": "IDR", "MY": "MYR", "TH": "THB", "VN": "VND", "PH": "PHP", "BR": "BRL", "MX": "MXN", "AR": "ARS",
    "CL": "CLP", "CO": "COP", "PE": "PEN", "BO": "BOB", "UY": "UYU", "ZA": "ZAR", "TR": "TRY", "RU": "RUB",
    "UA": "UAH", "KZ": "KZT", "IL": "ILS", "AE": "AED", "SA": "SAR", "EG": "EGP", "NG": "NGN", "KE": "KES",
    "MA": "MAD", "PK": "PKR", "BD": "BDT", "LK": "LKR", "RS": "RSD", "NP": "NPR", "UZ": "UZS", "GE": "GEL",
    "AM": "AMD", "AZ": "AZN", "KG": "KGS", "MD": "MDL", "BY": "BYN", "MK": "MKD", "BA": "BAM", "AL": "ALL",
    "MN": "MNT", "KH": "KHR", "TN": "TND", "DZ": "DZD", "JO": "JOD", "QA": "QAR", "KW": "KWD", "BH": "BHD",
    "OM": "OMR", "IQ": "IQD", "PY": "PYG", "CR": "CRC", "GT": "GTQ", "DO": "DOP", "PA": "USD", "EC": "USD",
    "SV": "USD", "PR": "USD", "HN": "HNL", "NI": "NIO", "VE": "VES", "GH": "GHS", "TZ": "TZS", "UG": "UGX",
    "MU": "MUR", "SN": "XOF", "CI": "XOF", "CM": "XAF", "ZM": "ZMW",
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
    "vi": "VN", "hi": "IN", "id": "ID", "ms": "MY", "ka": "GE", "hy": "AM", "az": "AZ", "kk": "KZ", "uz": "UZ",
    "ky": "KG", "sr": "RS", "mk": "MK", "sq": "AL", "bn": "BD", "ur": "PK", "si": "LK", "ne": "NP", "km": "KH",
    "mn": "MN", "bg": "BG",
    # Of several countries that speak these, all or nearly all shops ask in one currency: the euro.
    "nl": "NL", "de": "DE", "it": "IT", "fi": "FI", "el": "GR", "sk": "SK", "sl": "SI", "et": "EE", "lv": "LV",
    "lt": "LT", "hr": "HR", "ca": "ES", "eu": "ES", "gl": "ES",
}  # fmt: skip

_NUMBER = (
    r"\d{1,3}(?:[ \u00a0\u202f'’.,٬]\d{2,3})+(?:[.,٫]\d{1,4})?(?!\d)|\d+(?:[.,٫]\d{1,4}(?!\d))?"
    r"|(?<!\d)[.,]\d{2}(?!\d)"
)
_LETTERED = sorted(
    {sign.rstrip(".") for sign in (*_SIGNS, *_BY_COUNTRY, *(CODES - {"ALL", "MOP", "BAM"})) if sign[-1:].isalpha()
     or sign[-2:-1].isalpha()} - _BOUND - {"RS"},
    key=len, reverse=True,
)  # fmt: skip
SYMBOLS = "[$€£¥￥₹₽₩₺₴₪₫฿₱₦₵₸₾₡₲₼₮៛₭֏৳₨﷼円元원]"
WORDS = "(?:" + "|".join(re.escape(word).replace(r"\ ", " ?") for word in _LETTERED) + r")\.?"
"""The signs of money, and the words that stand for one: to be had as one expression by RE2 and by Python alike."""
RUPEES = r"(?<![^\W\d_])rs\.?[\s:]{0,2}\d|\d\s{1,2}rs(?![^\W\d_])"
"""Rupees as letters: right behind a number they end the trade name of a bearing or a disc, as in `6204-2RS`."""
DASHED = r"\d\s?(?:[,.:]\s?[-–—]{1,2}|-[,.])(?:[^\d\w]|$)"
"""An amount whose missing hundredths are a dash, as in `19.–` and `1.234,-`."""
AMOUNT_WORDS = (
    rf"(?i){SYMBOLS}\s?\d|\d[\d.,'’]*\s?{SYMBOLS}|{DASHED}"
    rf"|(?<![^\W\d_]){WORDS}[\s:]{{0,2}}\d|\d[\d.,'’]*\s{{0,2}}(?:-|,-)?\s?{WORDS}(?![^\W\d_])|{RUPEES}"
)
"""A number with a sign of money beside it, somewhere in words."""

_SIGN_PART = "|".join(
    re.escape(sign).replace(r"\ ", r"\s?")
    for sign in sorted((*_SIGNS, *_BY_COUNTRY, *CODES), key=len, reverse=True)
    if sign not in _BOUND
)
_BOUND_PART = "|".join(sorted(map(re.escape, _BOUND - {"R"}), key=len, reverse=True))
_AMOUNT = re.compile(
    rf"(?:(?P<before>(?<![A-Za-zА-я])(?:{_SIGN_PART}|(?:R|{_BOUND_PART})\.?(?=\s?\d)))[\s\u00a0:]{{0,3}})?"
    rf"(?P<number>{_NUMBER})(?P<dash>\s?,?[.:]?[-–—]{{1,2}}(?!\s?\d))?"
    rf"(?:[\s\u00a0]{{0,3}}(?P<after>(?:{_SIGN_PART}|{_BOUND_PART})(?![A-Za-zА-яł\d])))?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"^\s*(?:-|–|—|~|to|bis|à|a|til|till|until|do|до|～|〜)\s*$", re.IGNORECASE)
_CODE_AHEAD = re.compile(r"\b(USD|CAD|AUD|NZD|HKD|SGD|TWD|MXN|CLP|COP|ARS)\s?$")
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
    upper = upper if upper in _BY_COUNTRY else upper.rstrip(".")
    meanings = _BY_COUNTRY.get(upper)
    if meanings is None:
        return None
    if hints.currency in meanings.values():
        return hints.currency  # a page that names its currency knows better than its address
    for country in (*hints.countries, _LANGUAGE_COUNTRY.get(hints.language or "") or ""):
        if country in meanings:
            return meanings[country]
    return _ALONE.get(upper)


def join_cents(text: str) -> str:
    """The words with raised cents (behind U+2009, which `node_text` leaves) as decimals: `12 99` is 12.99."""
    return re.sub(r"(\d)[.,]?[\s\u2009]*\u2009[.,\s\u2009]*(\d{2})(?!\d)", r"\1.\2", text).replace("\u2009", " ")


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
    if start and text[start - 1] == "-" and match["after"] and text[match.end("number")].isalpha():
        return None  # the end of a trade number, as in 6204-2RS
    if _MINUS.search(text[max(0, match.start() - 8) : match.start()]):
        return None  # a reduction, not a price
    value = read_number(match["number"])
    if value is None:
        return None
    code, words = None, [word for word in (match["before"], match["after"]) if word]
    if match["before"] == "$" and (ahead := _CODE_AHEAD.search(text[: match.start("before")])) is not None:
        words.insert(0, ahead[1])
    # "$12 CAD" and "CAD $12" say which dollars they mean.
    for word in sorted(words, key=lambda word: word.strip().upper() not in CODES):
        code = code or currency_code(word, hints)
    spelled = code is not None or any(word.strip(". ").upper() not in _BOUND for word in words)
    if code is None and match["dash"]:
        code = COUNTRY_CURRENCY.get(hints.country or "")
        spelled = code is not None
    code = code or hints.currency or COUNTRY_CURRENCY.get(hints.country or "")
    if code is None:
        return None
    return Amount(money=Money(amount=value, currency=code), raw=match.group().strip(), spelled=spelled)

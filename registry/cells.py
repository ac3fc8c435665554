"""
One cell's text as a typed value, or `BadCell` with what to write instead.

Pure: no file, no database, no clock. Readers take text that `clean` has passed.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TypeVar
from urllib.parse import urlsplit

from stdnum import ean, isan, isbn, ismn, issn
from stdnum.iso7064 import mod_37_36

from registry import vocabulary
from registry.errors import BadCell
from store.records.money import MINOR_DIGITS, Money
from store.records.products import ProductPrice
from store.records.works import LicenceWindow

E = TypeVar("E", bound=Enum)

MAX_CELL_CHARS = 20_000  # a goods list of a wide mark has about 10,000; more is a mistake or an attack
MAX_SHORT_CHARS = 300  # the width of a short text column in the ledger
MAX_VALUES = 500  # in one list cell; the widest real lists (sizes, GTINs of a line) stay far below

_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_LOOSE_DATE = re.compile(r"(\d{1,4})[./ -](\d{1,2})[./ -](\d{1,4})\.?")
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
_PLATFORM = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_EMAIL = re.compile(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\".]+(?:\.[^@\s<>,;\".]+)+")
_PHONE = re.compile(r"\+[0-9][0-9 ()./-]{4,28}[0-9]")
_EIDR = re.compile(r"10\.5240/((?:[0-9A-F]{4}-){5}[0-9A-Z])")
_ISRC = re.compile(r"[A-Z]{2}-?[A-Z0-9]{3}-?\d{2}-?\d{5}")  # ISO 3901: no check digit
_SCHEME = re.compile(r"([a-z][a-z0-9]{1,15}):(\S.{0,200})")
_PRICE = re.compile(r"([A-Za-z]{2})(?:@(\S+?))?:\s*(\S+)\s+([A-Za-z]{3})")
_AMOUNT = re.compile(r"\d{1,12}(?:\.\d{1,3})?")
_LICENCE = re.compile(r"([^:@\s]+)(?::([A-Za-z, ]*))?(?:@(\S*?)\.\.(\S*))?")
# Spreadsheets run text that begins so; a mark "@home" or a phone number "+46 (0)8 ..." is no formula.
_FORMULA = re.compile(r"[=＝].|[+＋@＠-].*[A-Za-z]\d*\s*[(!]|[+＋@＠-].*\|\s*'", re.DOTALL)
# Controls, half characters, and invisible ones that make two equal-looking names differ or turn the reading around.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\ufff9-\ufffd]"
)


def clean(text: str, *, formulas: bool) -> str:
    """
    The text in NFC with single blanks and none at the ends.

    `formulas`: whether the file is one that spreadsheets open, so that text they would run is refused.
    Raises `BadCell` for characters no name can hold.
    """
    if len(text) > MAX_CELL_CHARS:
        raise BadCell(f"{len(text):,} characters", f"shorten it to {MAX_CELL_CHARS:,}")
    unwanted = _UNWANTED.search(text)
    if unwanted:
        code = ord(unwanted.group())
        if code == 0xFFFD:
            raise BadCell("holds U+FFFD, a character lost in an earlier export", "type the cell anew")
        what = "half a character" if 0xD800 <= code <= 0xDFFF else "an invisible character"
        raise BadCell(f"holds {what}, U+{code:04X}", "type the cell anew")
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if formulas and _FORMULA.match(text):
        raise BadCell("looks like a formula", "write the value itself; text that must begin so goes in as JSON")
    return text


def read_text(text: str) -> str:
    """A long text, as it stands."""
    return text


def read_short(text: str) -> str:
    """A short text."""
    if len(text) > MAX_SHORT_CHARS:
        raise BadCell(f"{len(text)} characters", f"shorten it to {MAX_SHORT_CHARS}")
    return text


def read_ref(text: str) -> str:
    """A holder's own reference: a short text that fits into a list."""
    if "|" in text:
        raise BadCell("holds the character |, which joins lists", "use another character")
    if _SHORTENED.fullmatch(text):
        raise BadCell("a spreadsheet has shortened it", "format the column as text and type it anew")
    return read_short(text)


def read_date(text: str) -> date:
    """An ISO 8601 calendar date, `YYYY-MM-DD`, from 1800 to 2199."""
    match = _ISO_DATE.fullmatch(text)
    if match is None:
        raise BadCell("is no date in the form YYYY-MM-DD", _date_fix(text))
    year, month, day = (int(part) for part in match.groups())
    if not 1 <= month <= 12:
        raise BadCell(f"has no month {month}", "write month 01 to 12, as in YYYY-MM-DD")
    # 9999-12-31 and 0001-01-01 are how programs say "none"; an empty cell says it here.
    if not 1800 <= year <= 2199:
        raise BadCell(f"lies in the year {year}", "leave the cell empty where there is no date")
    days = calendar.monthrange(year, month)[1]
    if not 1 <= day <= days:
        raise BadCell(f"has no day {day}", f"{calendar.month_name[month]} {year} ends on {year}-{month:02}-{days}")
    return date(year, month, day)


def _date_fix(text: str) -> str:
    """What to write for a date in another form, with every reading it allows."""
    match = _LOOSE_DATE.fullmatch(text)
    if match is None:
        return "write it like 2026-03-31"
    first, middle, last = (int(part) for part in match.groups())
    if first > 31:
        readings = [(first, middle, last)]
    elif "." in text:
        readings = [(last, middle, first)]  # with dots the day comes first everywhere
    else:
        readings = [(last, middle, first), (last, first, middle)]
    found = []
    for year, month, day in readings:
        year += 2000 if year < 100 else 0
        if 1 <= month <= 12 and 1 <= day <= 31 and 1800 <= year <= 2199:
            days = calendar.monthrange(year, month)[1]
            if day > days:
                return f"{calendar.month_name[month]} {year} has {days} days; write it like {year}-{month:02}-{days}"
            found.append(f"{year}-{month:02}-{day:02}")
    return f"write {' or '.join(dict.fromkeys(found))}" if found else "write it like 2026-03-31"


def read_integer(low: int, high: int) -> Callable[[str], int]:
    """A reader of whole numbers from `low` to `high`."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 9) or not low <= int(text) <= high:
            raise BadCell("is not a whole number in range", f"write a number from {low} to {high}")
        return int(text)

    return read


def read_word(words: type[E]) -> Callable[[str], E]:
    """A reader of one closed set's words; case, blanks and hyphens aside."""

    def read(text: str) -> E:
        folded = text.casefold().replace(" ", "_").replace("-", "_")
        known = [word.value for word in words]
        if folded in known:
            return words(folded)
        near = vocabulary.nearest(folded, known)
        hint = f"did you mean {near!r}? " if near else ""
        raise BadCell("is not a word of this column", f"{hint}write one of {', '.join(known)}")

    return read


def read_country(text: str) -> str:
    """An ISO 3166-1 alpha-2 code."""
    code = text.upper()
    if code in vocabulary.countries():
        return code
    near = vocabulary.country_near(text)
    raise BadCell("is no ISO 3166 country code", f"write {near}" if near else "write two letters, such as SE")


def read_territory(text: str) -> str:
    """An ISO 3166-1 alpha-2 code, or EU."""
    return "EU" if text.upper() == "EU" else read_country(text)


def read_office(text: str) -> str:
    """A WIPO ST.3 code, also from an office's well-known short name."""
    code = vocabulary.office_code(text)
    if code is not None:
        return code
    near = vocabulary.office_near(text)
    hint = f"did you mean {near}? else " if near else ""
    raise BadCell(
        "is no office known by WIPO ST.3", f"{hint}write its code: EM for EUIPO, WO for WIPO, or the country's"
    )


def read_gtin(text: str) -> str:
    """A GTIN of 8, 12, 13 or 14 digits with its check digit. Source: GS1 General Specifications, section 7.9."""
    if _SHORTENED.fullmatch(text):
        raise BadCell("a spreadsheet has shortened the number", "format the column as text and type it anew")
    digits = text.replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdigit()):
        raise BadCell("is no GTIN", "write its digits only")
    if len(digits) not in (8, 12, 13, 14):
        fix = "write all 8, 12, 13 or 14 digits"
        if len(digits) in (9, 10, 11):
            fix += "; a spreadsheet drops zeros in front: format the column as text"
        raise BadCell(f"has {len(digits)} digits", fix)
    right = ean.calc_check_digit(digits[:-1])
    if right != digits[-1]:
        raise BadCell("has a wrong check digit", f"check every digit; if the others are right, the last is {right}")
    return digits


def read_email(text: str) -> str:
    """A mailbox."""
    if not _EMAIL.fullmatch(text):
        raise BadCell("is no e-mail address", "write it like rights@example.com")
    return read_short(text)


def read_phone(text: str) -> str:
    """A phone number with its country code."""
    if not _PHONE.fullmatch(text):
        raise BadCell("is no phone number with a country code", "write it like +46 8 555 0100")
    return text


def read_url(text: str) -> str:
    """An absolute http(s) URL without credentials."""
    try:
        parts = urlsplit(text)
        host, user = parts.hostname, parts.username
        parts.port  # noqa: B018 -- reading it is what checks it
    except ValueError as error:
        raise BadCell(f"is no URL ({error})", "write it like https://example.com/page") from error
    if parts.scheme not in ("http", "https") or not host or user is not None or " " in text:
        raise BadCell("is no absolute http(s) URL without credentials", "write it like https://example.com/page")
    return text


def read_platform(text: str) -> str:
    """A platform's name as its declaration spells it."""
    name = text.casefold()
    if not _PLATFORM.fullmatch(name):
        raise BadCell("is no platform name", "write the name that `marque platforms list` shows")
    return name


def read_identifier(text: str) -> str:
    """`scheme:value`, with the check digit checked where the scheme has one that is known here."""
    scheme, separator, value = text.partition(":")
    match = _SCHEME.fullmatch(f"{scheme.strip().casefold()}{separator}{value.strip()}")
    if match is None:
        raise BadCell("names no scheme", "write it like isbn:9780306406157 or imdb:tt0111161")
    scheme, value = match.groups()
    checks: dict[str, Callable[[str], object]] = {
        "isbn": isbn.is_valid, "issn": issn.is_valid, "ismn": ismn.is_valid, "isan": isan.is_valid,
        "eidr": _is_eidr, "gtin": _is_gtin, "isrc": _ISRC.fullmatch,
    }  # fmt: skip
    if scheme in checks and not checks[scheme](value):
        raise BadCell(f"is no valid {scheme.upper()}", "check its length and its check digit")
    return f"{scheme}:{value}"


def _is_eidr(value: str) -> bool:
    """`10.5240/` and twenty digits of base 16 with a check character (ISO 7064, Mod 37,36)."""
    match = _EIDR.fullmatch(value.upper())
    return match is not None and bool(mod_37_36.is_valid(match[1].replace("-", "")))


def _is_gtin(value: str) -> bool:
    return value.isdigit() and len(value) in (8, 12, 13, 14) and bool(ean.is_valid(value))


def read_price(text: str) -> ProductPrice:
    """`SE:12900 SEK`, or `SE@2026-01-01:12900 SEK` for the price from that day on."""
    match = _PRICE.fullmatch(text)
    if match is None:
        raise BadCell("is no price", "write it like SE:12900 SEK or SE@2026-01-01:12900.50 SEK")
    country, from_day, amount, currency = match.groups()
    currency = currency.upper()
    if currency not in vocabulary.currencies():
        near = vocabulary.nearest(currency, vocabulary.currencies())
        raise BadCell(f"{currency} is no currency in use", f"did you mean {near}?" if near else "write its ISO code")
    if not _AMOUNT.fullmatch(amount):
        raise BadCell(f"{amount} is no amount", "write digits, with a point before the decimals: 12900.50")
    digits = MINOR_DIGITS.get(currency, 2)
    if len(amount.partition(".")[2].rstrip("0")) > digits:
        raise BadCell(f"{currency} has {digits} decimals", "round the amount")
    money = Money(amount=Decimal(amount), currency=currency)
    if money.minor == 0:
        raise BadCell("is a price of nothing", "leave out the country where no price is known")
    return ProductPrice(
        country=read_country(country),
        # By its minor units, so that 12900 and 12900.00 are the same record.
        price=Money.from_minor(money.minor, currency),
        from_date=read_date(from_day) if from_day else None,
    )


def read_licence(text: str) -> LicenceWindow:
    """`PLATFORM`, with `:SE,NO` where it holds only there, with `@FROM..UNTIL` where it holds only then."""
    match = _LICENCE.fullmatch(text)
    if match is None:
        raise BadCell("is no licence", "write it like filmhamn:SE,NO@2026-01-01..2026-12-31")
    platform, territories, start, end = match.groups()
    window = LicenceWindow(
        platform=read_platform(platform),
        territories=tuple(
            dict.fromkeys(read_territory(part.strip()) for part in (territories or "").split(",") if part.strip())
        ),
        valid_from=read_date(start) if start else None,
        valid_until=read_date(end) if end else None,
    )
    if window.valid_from and window.valid_until and window.valid_until < window.valid_from:
        raise BadCell("ends before it begins", "exchange the two dates")
    return window

"""Words into values: what the text of a place means as money, address, date, number or one of a closed set."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import urlsplit

from config.platform import Platform
from crawler.extract.addresses import FETCHABLE, absolute_url, host_of
from crawler.extract.checksums import is_gtin
from crawler.extract.dates import read_date
from crawler.extract.document import Document
from crawler.extract.money import (
    CODES,
    COUNTRY_CURRENCY,
    MoneyHints,
    currency_code,
    join_cents,
    read_machine_number,
    read_money,
    read_number,
)
from crawler.extract.presence import Trace
from crawler.extract.register_numbers import vat_number
from crawler.extract.rules import Word, address_in, text_value
from crawler.extract.text import clean_text
from crawler.extract.variants import Draft, draft_of
from crawler.extract.words import read_availability, read_condition
from store.records.listings import Availability, Condition, Variant
from store.records.money import Money

M = TypeVar("M", Availability, Condition)

MAX_INTEGER = 2**53  # above it is an identifier, not a count; JSON and SQLite keep it exactly

_MAX_STATED = 200  # of one page; a list may name it on every card
_STATED = re.compile(
    r"urrency(?:[_-]?(?:[cC]ode|[iI]so(?:[cC]ode)?))?\\?[\"']?\s*[:=]\s*"
    r"(?:\{\s*\\?[\"'](?:active|code|iso_?code)\\?[\"']\s*:\s*)?\\?[\"']([A-Z]{3})\\?[\"']"
)

# Amount metas and the meta that names their currency.
_CURRENCY_METAS = {
    "product:price:amount": "product:price:currency",
    "product:sale_price:amount": "product:sale_price:currency",
    "product:original_price:amount": "product:original_price:currency",
    "og:price:amount": "og:price:currency",
    "og:price:standard_amount": "og:price:currency",
    "twitter:data1": "",
    "price": "pricecurrency",
}
_TLD_COUNTRY = {"uk": "GB", "eu": None, "io": None, "co": None, "tv": None, "me": None, "ag": None, "in": "IN"}
_AMOUNT_KEYS = ("price", "lowPrice", "amount", "value", "minPrice", "highPrice")
_THOUSANDS = re.compile(r"(\d)[kK]\b")


class PageValues:
    """Meanings of words on one page, with the page's own language and money."""

    def __init__(self, document: Document, platform: Platform, notes: list[str]) -> None:
        self.document = document
        self.platform = platform
        self.notes = notes
        self.hints = money_hints(document, platform)

    def text(self, word: Word) -> str | None:
        """Clean text; None when nothing is left."""
        return text_value(word)

    def url(self, word: Word, schemes: tuple[str, ...] = FETCHABLE) -> str | None:
        """An absolute address; an element without `attr` gives the one it carries."""
        text = word.text
        if word.node is not None and "@" not in word.where:
            text = address_in(word.node) or ""
        elif isinstance(word.value, dict):
            text = next(
                (str(word.value[k]) for k in ("contentUrl", "url", "@id") if isinstance(word.value.get(k), str)), ""
            )
        elif "srcset" in word.where[-14:]:
            text = text.split(",")[-1].split()[0] if text.strip() else ""
        return absolute_url(self.document.base, text, schemes)

    def money(self, word: Word) -> Money | None:
        """An amount with its currency, which may stand beside it in structured data; None when either is missing."""
        if word.item is not None:
            return self._structured(word, word.item)
        text = join_cents(word.text)
        hints = self.hints
        machine = read_machine_number(text)
        if machine is not None:
            code = self._beside(word) or hints.currency or COUNTRY_CURRENCY.get(hints.country or "")
            if word.node is None or "@" in word.where or word.node.tag in ("meta", "data", "input"):
                return self._known(machine, code, word)
        if machine is not None and word.node is not None:
            code = self._beside(word)
            if code is not None:
                hints = MoneyHints(currency=code, countries=hints.countries, language=hints.language)
        found = read_money(clean_text(text), hints)
        if found is None and re.search(r"\d", text) and len(text) < 60:
            number = read_number(text)
            if number is not None and not hints.currency:
                self.notes.append(f"money: {clean_text(text)[:40]!r} names no currency ({word.where})")
        return found

    def _structured(self, word: Word, item: dict[str, Any]) -> Money | None:  # Any: JSON values
        source = word.value if isinstance(word.value, dict) else None
        said = (
            next((source[k] for k in _AMOUNT_KEYS if source.get(k) not in (None, "")), None) if source else word.text
        )
        if isinstance(said, list):
            said = said[0] if said else None
        if said is None or isinstance(said, bool | dict):
            return None
        text = format(said, ".15g") if isinstance(said, float) else str(said).strip()
        code = None
        for holder in (source, _holder(item, word.value), item):
            code = code or (currency_of(holder, self.hints) if holder is not None else None)
        number = read_machine_number(text)
        if number is None:
            spelled = read_money(
                text, self.hints if code is None else MoneyHints(currency=code, countries=self.hints.countries)
            )
            if spelled is not None:
                return spelled
            number = read_number(text)
        code = code or self.hints.currency or COUNTRY_CURRENCY.get(self.hints.country or "")
        return self._known(number, code, word)

    def _known(self, number: Decimal | None, code: str | None, word: Word) -> Money | None:
        if number is None:
            return None
        if code is None:
            self.notes.append(f"money: {clean_text(word.text)[:40]!r} names no currency ({word.where})")
            return None
        return Money(amount=number, currency=code)

    def _beside(self, word: Word) -> str | None:
        """The currency that goes with an amount in a meta or a microdata property."""
        if word.where.startswith("meta "):
            name = _CURRENCY_METAS.get(word.where.removeprefix("meta ").lower(), "")
            return next(
                (c for text in self.document.metas.get(name, ()) if (c := currency_code(text, self.hints))), None
            )
        above = word.node
        for _ in range(4):
            above = above.parent if above is not None else None
            if above is None or above.tag in ("body", "html"):
                break
            named = above.css_first("[itemprop=priceCurrency], [data-currency], [itemprop=currency]")
            if named is not None:
                attributes = named.attributes
                said = attributes.get("content") or attributes.get("data-currency") or named.text(deep=True)
                return currency_code(said or "", self.hints)
        return None

    def integer(self, word: Word) -> int | None:
        """A count: `1,234 sold` is 1234, `2.5k` is 2500."""
        text = clean_text(word.text)
        short = re.search(r"(\d+(?:[.,]\d+)?)\s?([kKmM])(?![\w])", text)
        if short:
            value = Decimal(short[1].replace(",", ".")) * (1_000 if short[2] in "kK" else 1_000_000)
            return int(value)
        match = re.search(r"\d{1,3}(?:[ ,.\u00a0'’]\d{3})+(?!\d)|\d+", text)
        if match is None:
            return None
        digits = re.sub(r"\D", "", match.group())
        return int(digits) if len(digits) <= 16 and int(digits) <= MAX_INTEGER else None

    def variant(self, word: Word, currency: str | None = None) -> Variant | None:
        """
        One version of the offer: what a guess drafted, an object of the page's data, or a control's words.

        `currency` is that of the offer's own price, for amounts of versions that name none.
        """
        draft = word.draft
        if draft is None and isinstance(word.value, dict):
            draft = draft_of(word.value, word.where)
        elif draft is None:
            name = clean_text(word.text, 120)
            draft = Draft(name=name) if name else None
        if draft is None:
            return None
        number = read_machine_number(draft.price) if draft.price else None
        price = Money(amount=number, currency=currency) if number is not None and currency else None
        if price is None and draft.price:
            price = self.money(Word(text=draft.price, where=draft.where))
        stock = read_availability(draft.availability) if draft.availability else None
        return Variant(
            name=draft.name,
            sku=draft.sku,
            gtin=self.gtin(Word(text=draft.gtin, where=draft.where)) if draft.gtin else None,
            price=price,
            availability=stock,
            attributes=draft.attributes,
        )

    def year(self, word: Word) -> int | None:
        """A year of four digits, from 1870, when films began, to two years from now."""
        for digits in re.findall(r"(?<!\d)(?:18[7-9]\d|19\d\d|20\d\d)(?!\d)", word.text[:500]):
            if int(digits) <= self.document.fetched_at.year + 2:
                return int(digits)
        return None

    def seconds(self, word: Word) -> int | None:
        """A length in seconds: a number, `1:02:03`, `PT1H2M3S`, or `1 h 2 min`."""
        return read_seconds(clean_text(word.text))

    def date(self, word: Word) -> datetime | None:
        """A moment in UTC; an element's own `datetime` goes before its words."""
        text = clean_text(word.text)
        if word.node is not None and "@" not in word.where:
            text = word.node.attributes.get("datetime") or word.node.attributes.get("title") or text
            own = self._date(text)
            return own if own is not None else self._date(clean_text(word.text))
        return self._date(text)

    def _date(self, text: str) -> datetime | None:
        return read_date(
            text,
            self.document.fetched_at,
            language=self.hints.language,
            country=next(iter(self.hints.countries), None),
        )

    def availability(self, word: Word) -> Availability | None:
        """One of the closed set; an unknown word leaves a note."""
        return self._member(word, read_availability, "availability")

    def condition(self, word: Word) -> Condition | None:
        """One of the closed set; an unknown word leaves a note."""
        return self._member(word, read_condition, "condition")

    def _member(self, word: Word, reads: Callable[[str], M | None], field: str) -> M | None:
        text = clean_text(word.text)
        if not text and word.node is not None:
            text = clean_text(word.node.attributes.get("href") or word.node.attributes.get("content") or "")
        if not text:
            return None
        found = reads(text)
        if found is None and len(text) <= 80:
            self.notes.append(f"unknown word: {field} {text!r}")
        return found

    def gtin(self, word: Word) -> str | None:
        """A trade item number as printed: the digits of one (8, 10, 12, 13 or 14) that carry their check digit."""
        text = clean_text(word.text)
        digits = re.sub(r"[\s-]", "", re.sub(r"^\D*?(?=\d)", "", text))
        if not re.fullmatch(r"[0-9]{8}|[0-9]{9}[0-9Xx]|[0-9]{12,14}", digits):
            return None
        if not is_gtin(digits):
            self.notes.append(f"gtin: {digits!r} has a wrong check digit ({word.where})")
            return None
        return digits

    def vat(self, word: Word) -> str | None:
        """A number for value added tax with its country in front, where its check digits hold."""
        return vat_number(clean_text(word.text, 200)) or vat_number(f"VAT {clean_text(word.text, 200)}")

    def language(self, word: Word) -> str | None:
        """A language tag's first part in lower case."""
        match = re.match(r"[A-Za-z]{2,3}(?![A-Za-z])", word.text.strip())
        return match.group().lower() if match else None


def _holder(item: dict[str, Any], value: Any) -> dict[str, Any] | None:
    """The object inside `item` that holds `value` as a price. Any: JSON values."""
    layer: list[Any] = [item]
    for _ in range(6):  # offers, priceSpecification and a list or two lie between
        deeper: list[Any] = []
        for part in layer:
            if isinstance(part, list):
                deeper.extend(part)
            elif isinstance(part, dict):
                if any(part.get(key) == value for key in _AMOUNT_KEYS):
                    return part
                deeper.extend(v for v in part.values() if isinstance(v, dict | list))
        layer = deeper[:500]
    return None


def currency_of(holder: dict[str, Any], hints: MoneyHints) -> str | None:
    """The currency an object of structured data names, itself or in its first offer. Any: JSON values."""
    layer: list[Any] = [holder]
    for _ in range(4):
        deeper: list[Any] = []
        for part in layer:
            if isinstance(part, list):
                deeper.extend(part[:3])
                continue
            if not isinstance(part, dict):
                continue
            for key in ("priceCurrency", "currency", "pricecurrency", "currencyCode"):
                said = part.get(key)
                said = said[0] if isinstance(said, list) and said else said
                if isinstance(said, str) and (code := currency_code(said, hints)):
                    return code
            deeper.extend(
                v for k, v in part.items() if isinstance(v, dict | list) and k in ("offers", "priceSpecification")
            )
        layer = deeper
    return None


def money_hints(document: Document, platform: Platform) -> MoneyHints:
    """What the platform declares of money, then what the page's address and language suggest."""
    language = platform.language or document.language
    countries = list(platform.countries)
    host = host_of(document.url)
    tld = host.rsplit(".", 1)[-1] if "." in host else ""
    by_host = _TLD_COUNTRY[tld] if tld in _TLD_COUNTRY else tld.upper() if len(tld) == 2 else None
    path = re.match(r"/(?:[a-z]{2}[-_])?([a-z]{2})(?:/|$)", urlsplit(document.url).path)
    for country in (
        by_host,
        document.region,
        path[1].upper() if path and path[1] in ("us", "gb", "ca", "au") else None,
    ):
        if country and country not in countries and country in COUNTRY_CURRENCY:
            countries.append(country)
    currency = platform.read.listing.currency
    if currency is None:
        metas = document.metas
        for name in ("product:price:currency", "og:price:currency", "pricecurrency", "currency"):
            for said in metas.get(name, ()):
                code = currency_code(said, MoneyHints(countries=tuple(countries), language=language))
                if code is not None:
                    return MoneyHints(currency=code, countries=tuple(countries), language=language)
        currency = _stated_in_scripts(document)
    if currency is None and not countries and language in (None, "en"):
        language = document.written_in or language  # templates claim English, and old pages nothing
    return MoneyHints(currency=currency, countries=tuple(countries), language=language)


def _stated_in_scripts(document: Document) -> str | None:
    """The one currency that the page's scripts and markup name; None where they name several or none."""
    if Trace.CURRENCY not in document.traces:
        return None
    said = {match[1] for match in islice(_STATED.finditer(document.text), _MAX_STATED)}
    return said.pop() if len(said) == 1 and said <= CODES else None


def read_seconds(text: str) -> int | None:
    """A length in seconds from a number, a clock, ISO 8601 or common words; None when it is none or above a week."""
    text = text.strip()[:60]
    total: int | None = None
    iso = re.fullmatch(
        r"P(?:(\d{1,3})D)?T?(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})(?:\.\d+)?S)?", text, re.IGNORECASE
    )
    clock = re.search(r"(?<!\d)(?:(\d{1,3}):)?(\d{1,3}):(\d{2})(?!\d)", text)
    if iso and any(iso.groups()):
        days, hours, minutes, seconds = (int(part or 0) for part in iso.groups())
        total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    elif re.fullmatch(r"\d{1,7}(?:\.\d+)?", text):
        total = int(float(text))
    elif clock:
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        total = (hours * 60 + minutes) * 60 + seconds
    else:
        words = re.search(
            r"(?=\d)(?:(\d{1,3})\s?h\w*\.?)?\s*(?:(\d{1,4})\s?m\w*\.?)?\s*(?:(\d{1,5})\s?s\w*\.?)?", text
        )
        if words and any(words.groups()):
            hours, minutes, seconds = (int(part or 0) for part in words.groups())
            total = (hours * 60 + minutes) * 60 + seconds
    return total if total is not None and 0 < total <= 7 * 86_400 else None

"""Points in time as listings write them: ISO, a language's own months, and words like "yesterday"."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from functools import cache

from babel.dates import get_month_names

from crawler.extract.text import fold

LONGEST_CHARS = 120  # a date with its label; longer text is prose and may name any number of dates
_EARLIEST = 1990  # before the first marketplace; an earlier year is some other number

LANGUAGES = (
    "en", "de", "fr", "es", "it", "pt", "nl", "sv", "nb", "da", "fi", "pl", "cs", "sk", "hu", "ro", "bg", "ru", "uk",
    "tr", "el", "hr", "sl", "lt", "lv", "et", "id", "vi", "he", "ar",
)  # fmt: skip

_MONTH_FIRST_COUNTRIES = ("US", "PH")

# Days back, in words. A weekday or an hour behind it does not change the day.
_DAY_WORDS = {
    0: "today|just now|heute|gerade eben|aujourd'hui|à l'instant|hoy|oggi|hoje|vandaag|idag|i dag|tänään|dzisiaj"
    "|dziś|dnes|ma|astăzi|azi|сегодня|сьогодні|днес|bugün|σήμερα|danas|今日|今天|오늘|היום|اليوم",
    1: "yesterday|gestern|hier|ayer|ieri|ontem|gisteren|igår|i går|eilen|wczoraj|včera|tegnap|вчера|вчора|dün|χθες"
    "|jučer|昨日|昨天|어제|אתמול|أمس",
    2: "day before yesterday|vorgestern|avant-hier|anteayer|l'altro ieri|anteontem|eergisteren|i förrgår|i forgårs"
    "|toissapäivänä|przedwczoraj|předevčírem|tegnapelőtt|позавчера|一昨日|前天|그저께",
}

_UNITS: tuple[tuple[str, timedelta], ...] = (
    (
        "seconds?|secs?|sekunden?|secondes?|segundos?|secondi?|seconden|sekunder?|sekund[ay]?|секунд[уы]?|秒|초",
        timedelta(seconds=1),
    ),
    (
        "minutes?|mins?|minuten?|minutos?|minut[oi]|minuter|minutter|min|minut[ay]?|минут[уы]?|хвилин[иу]?|分钟|分|분",
        timedelta(minutes=1),
    ),
    (
        "hours?|hrs?|h|std|stunden?|heures?|horas?|or[ae]|uur|uren|timm(?:e|ar)|timer?|tuntia?|godzin[yę]?|godz"
        "|hodin[ay]?|órája|óra|час(?:а|ов)?|годин[иу]?|saat|小时|小時|時間|시간",
        timedelta(hours=1),
    ),
    (
        "days?|d|tag(?:en?)?|jours?|j|d[ií]as?|giorn[oi]|dag(?:en|ar|e)?|dg|päivää?|dni|dzień|dn[yůí]|den|napja"
        "|nap|zile?|день|дн(?:я|ей|ів)|gün|天|日|일",
        timedelta(days=1),
    ),
    (
        "weeks?|wks?|wochen?|semaines?|semanas?|settiman[ae]|we(?:ek|ken)|veck(?:a|or)|uger?|uker?|viikkoa?"
        "|tydzień|tygodni[ea]?|týdn[yů]|týden|hete|недел[юиь]|тижн[іяв]+|hafta|周|週間|주",
        timedelta(weeks=1),
    ),
    (
        "months?|mos?|monat(?:en?)?|mois|mes(?:es)?|mes[ei]|meses|maand(?:en)?|månad(?:er)?|måned(?:er)?|kuukautta"
        "|miesi[ąę]c[ye]?|miesięcy|měsíc[eů]?|hónapja|месяц(?:а|ев)?|місяц[іяв]+|ay|个月|ヶ月|개월",
        timedelta(days=30),
    ),
    (
        "years?|yrs?|jahr(?:en?)?|ans?|années?|años?|ann[oi]|anos?|jaar|år|vuotta|rok(?:u|y)?|lata?|let|éve"
        "|год(?:а)?|лет|р[оі]к[иів]*|yıl|年|년",
        timedelta(days=365),
    ),
)
_AGO = (
    "ago|vor|il y a|hace|fa|há|atrás|geleden|sedan|siden|för|for|sitten|temu|przed|před|ezelőtt|acum|назад|тому"
    "|önce|πριν|前|전|לפני|منذ"
)
_ONE = r"a|an|one|einem?|einer|une?|uno|uma?|un'|een|en|ett|et"
_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?:Z|[+-]\d{2}:?\d{2})?)?", re.IGNORECASE
)
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})[:.](\d{2})(?::(\d{2}))?\s*([ap]\.?m\.?)?(?![\d.])", re.IGNORECASE)
_NUMERIC = re.compile(r"(?<!\d)(\d{1,4})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{2,4})(?!\d)")
_ASIAN = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]?")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")


def read_date(
    text: str, fetched_at: datetime, *, language: str | None = None, country: str | None = None
) -> datetime | None:
    """
    The moment the text names, aware and in UTC; None when it names none or one that cannot be.

    Words like "yesterday" and "3 days ago" count back from `fetched_at`, a date without a year is the last such day
    before it. Day stands before month unless the country says otherwise. A time without a zone is read as UTC.
    """
    text = text.strip()
    if not text or len(text) > LONGEST_CHARS:
        return None
    found = _iso(text) or _epoch(text) or _relative(text, fetched_at)
    found = found or _calendar(text, fetched_at, language, country) or _mail(text)
    if found is None or not _EARLIEST <= found.year <= fetched_at.year + 2:
        return None
    return found


def _aware(moment: datetime) -> datetime | None:
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _iso(text: str) -> datetime | None:
    match = _ISO.search(text)
    if match is None:
        return None
    try:
        return _aware(datetime.fromisoformat(re.sub(r"\s(?=[+Z-])", "", match.group())))
    except (ValueError, OverflowError):
        return None


def _epoch(text: str) -> datetime | None:
    if _EPOCH.fullmatch(text) is None:
        return None
    seconds = int(text) if len(text) == 10 else int(text) / 1000
    return datetime.fromtimestamp(seconds, UTC)


def _mail(text: str) -> datetime | None:
    """`Mon, 02 Mar 2026 09:00:00 GMT` and its kin, which carry a weekday and a zone."""
    if not re.match(r"(?:mon|tue|wed|thu|fri|sat|sun)", text, re.IGNORECASE):
        return None
    try:
        return _aware(parsedate_to_datetime(text[:40]))
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _alone(word: str) -> str:
    """The word standing alone; scripts written without blanks have no such edge."""
    return re.escape(word) if word[0] >= "\u3000" else rf"(?<!\w){re.escape(word)}(?!\w)"


@cache
def _relative_patterns() -> tuple[tuple[re.Pattern[str], int], ...]:
    return tuple(
        (re.compile("|".join(_alone(fold(word)) for word in words.split("|"))), days)
        for days, words in sorted(_DAY_WORDS.items(), reverse=True)
    )


@cache
def _ago_patterns() -> tuple[tuple[re.Pattern[str], timedelta], ...]:
    patterns = []
    for words, length in _UNITS:
        count = rf"(?P<n>\d{{1,4}}|{_ONE})\s*(?:{words})(?!\w)"
        before = rf"(?:^|\W)(?:{_AGO})\s+(?:ca\.?\s+|about\s+|etwa\s+|over\s+)?{count}"
        behind = rf"(?:^|\W){count.replace('<n>', '<m>')}\.?\s*(?:{_AGO})(?!\w)"
        patterns.append((re.compile(f"(?:{before}|{behind})"), length))
    return tuple(patterns)


def _relative(text: str, base: datetime) -> datetime | None:
    folded = fold(text)
    for pattern, length in _ago_patterns():
        match = pattern.search(folded)
        if match is not None:
            number = match["n"] or match["m"]
            try:
                return (base - length * (int(number) if number.isdigit() else 1)).astimezone(UTC)
            except OverflowError:
                return None
    for day_pattern, days in _relative_patterns():
        if day_pattern.search(folded):
            day = (base - timedelta(days=days)).date()
            clock = _clock(folded)
            return datetime.combine(day, clock or time(0), UTC)
    return None


def _clock(text: str) -> time | None:
    match = _CLOCK.search(text)
    if match is None:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    half = (match[4] or "").replace(".", "").lower()
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


@cache
def _months(language: str) -> dict[str, int]:
    """Month names of one language, long and short, as they stand alone and in a date."""
    names: dict[str, int] = {}
    for width in ("wide", "abbreviated"):
        for context in ("format", "stand-alone"):
            for number, name in get_month_names(width, context=context, locale=language).items():
                plain = fold(name).rstrip(".")
                if not plain.isdigit() and len(plain) >= 3:
                    names.setdefault(plain, number)
    return names


def _calendar(text: str, base: datetime, language: str | None, country: str | None) -> datetime | None:
    folded = fold(text)
    day = _asian(folded) or _numeric(folded, language, country) or _named(folded, base, language)
    if day is None:
        return None
    rest = _NUMERIC.sub(" ", folded)
    return datetime.combine(day, _clock(rest) or time(0), UTC)


def _date(year: int, month: int, day: int) -> date | None:
    if year < 100:
        year += 2000
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _asian(text: str) -> date | None:
    match = _ASIAN.search(text)
    return _date(*map(int, match.groups())) if match else None


def _numeric(text: str, language: str | None, country: str | None) -> date | None:
    match = _NUMERIC.search(text)
    if match is None:
        return None
    first, mark, second, third = match.groups()
    if len(first) == 4:
        return _date(int(first), int(second), int(third)) if len(third) <= 2 else None
    if len(first) == 3 or len(third) == 3:
        return None
    month_first = mark == "/" and (country in _MONTH_FIRST_COUNTRIES or (country is None and language == "en"))
    orders = [(int(second), int(first)), (int(first), int(second))]  # (month, day)
    for month, day in reversed(orders) if month_first else orders:
        found = _date(int(third), month, day)
        if found is not None:
            return found
    return None


def _named(text: str, base: datetime, language: str | None) -> date | None:
    wanted = (language, *LANGUAGES) if language in LANGUAGES else LANGUAGES
    words = re.findall(r"[^\W\d_]{3,}", text)
    if not words or not re.search(r"\d", text):
        return None
    for tongue in dict.fromkeys(filter(None, wanted)):
        months = _months(tongue)
        for word in words:
            month = months.get(word)
            if month is None:
                continue
            found = _around(text, word, month, base)
            if found is not None:
                return found
    return None


def _around(text: str, word: str, month: int, base: datetime) -> date | None:
    """The day beside a month's name, with a year where one stands there."""
    name = re.escape(word) + r"\.?"
    for pattern in (
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:\.|st|nd|rd|th|er|º|°)?\s*(?:de\s+"
        rf"|of\s+)?{name}(?:\s+de(?:l)?)?,?\s*(?P<y>\d{{4}})?(?!\d|:)",
        rf"{name}\s*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|:)(?:,?\s*(?P<y>\d{{4}}))?(?!\d|:)",
    ):
        match = re.search(pattern, text)
        if match is None:
            continue
        if match["y"]:
            return _date(int(match["y"]), month, int(match["d"]))
        this_year = _date(base.year, month, int(match["d"]))
        if this_year is not None and this_year > base.date() + timedelta(days=1):
            return _date(base.year - 1, month, int(match["d"]))
        return this_year
    return None

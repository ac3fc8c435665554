"""How values look on a page: the menu, moments, days, numbers, and the template environment that knows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import jinja2
from babel.core import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent
from markupsafe import Markup

from console.access import STAFF, AccessTable, may
from console.web import words
from console.web.assets import Assets
from console.web.words import mark
from store.records.accounts import Account
from store.records.ids import short_id
from store.records.money import Money

TEMPLATES = Path(__file__).parent / "templates"

MENU: tuple[tuple[str, str], ...] = (
    ("/", mark("Today")),
    ("/review", mark("Review")),
    ("/determinations", mark("Determinations")),
    ("/findings", mark("Findings")),
    ("/listings", mark("Listings")),
    ("/cases", mark("Cases")),
    ("/notices", mark("Notices")),
    ("/batches", mark("Batches")),
    ("/instruments", mark("Instruments")),
    ("/tips", mark("Tips")),
    ("/crawls", mark("Crawls")),
    ("/runs", mark("Runs")),
    ("/sites", mark("Sites")),
    ("/rights", mark("Rights")),
    ("/analytics", mark("Figures")),
    ("/quality", mark("Quality")),
    ("/webhooks", mark("Webhooks")),
    ("/keeping", mark("Kept")),
    ("/accounts", mark("Accounts")),
)
"""The menu in the order of the work; an entry shows where the table of routes lets the reader in."""

# Where the menu draws a line: the day's work, what it is about, the house.
_APART = frozenset({"/findings", "/crawls"})
_BELONGS = (
    ("/findings/", "/review"),  # one finding is a step of review, however one came to it
    ("/references/", "/rights"),
    ("/captures/", "/runs"),
    ("/holds", "/instruments"),
    ("/sellers/", "/listings"),
    ("/pictures/", "/findings"),
)
"""Pages whose menu entry their own address does not begin with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuEntry:
    """One link of the menu."""

    path: str
    label: str
    is_here: bool
    is_apart: bool  # the first of a group, with a line above it


MENUS: dict[str, tuple[tuple[str, str], ...]] = {
    "staff": MENU,
    "platform": (("/", mark("Batches")),),
    "holder": (
        ("/", mark("Register")),
        ("/digest", mark("Digest")),
        ("/rights", mark("Rights")),
        ("/determinations", mark("Determinations")),
        ("/notices", mark("Notices")),
    ),
}
"""What each door offers."""


def menu(account: Account | None, path: str, entrance: str = "staff", table: AccessTable = STAFF) -> list[MenuEntry]:
    """The links this account may follow."""
    if account is None:
        return []
    entries = []
    home = next((entry for start, entry in _BELONGS if path.startswith(start)), path)
    for target, label in MENUS.get(entrance, ()):
        access = table.access_to("GET", target)
        if access is not None and may(account, access):
            is_here = home == target or (target != "/" and home.startswith(target + "/"))
            entries.append(
                MenuEntry(path=target, label=words.gettext(label), is_here=is_here, is_apart=target in _APART)
            )
    return entries


def _locale() -> Locale:
    return _parsed(words.spoken())


@cache
def _parsed(language: str) -> Locale:
    return Locale.parse("en" if language == words.PSEUDO else language)


def _time(at: datetime | date, text: str) -> Markup:
    # translate="no" says that this is a value, not a word of ours; it also tells a browser's translator.
    return Markup('<time datetime="{}" translate="no">{}</time>').format(at.isoformat(), text)


def moment(at: datetime | None) -> Markup:
    """A moment in UTC, to the minute."""
    if at is None:
        return Markup("–")
    return _time(at, format_datetime(at, "d MMM y, HH:mm 'UTC'", locale=_locale()))


def day(on: date | None) -> Markup:
    """A calendar day."""
    return Markup("–") if on is None else _time(on, format_date(on, "d MMM y", locale=_locale()))


@jinja2.pass_context
def away(context: jinja2.runtime.Context, at: datetime) -> Markup:
    """How far a moment is, in the reader's language: "in 3 hours", "2 days ago", and within a minute "now"."""
    length = at - context["here"].desk.clock()
    if abs(length) < timedelta(minutes=1):
        return _time(at, words.gettext("now"))
    return _time(at, format_timedelta(length, add_direction=True, locale=_locale(), threshold=0.95))


def span(length: timedelta) -> str:
    """A length of time in words."""
    return format_timedelta(length, locale=_locale(), threshold=0.95)


def number(value: float | Decimal) -> str:
    """A number with its groups of three."""
    return format_decimal(value, locale=_locale())


def percent(value: float) -> str:
    """A share from 0 to 1 as a percentage."""
    return format_percent(value, format="#,##0.#%", locale=_locale())


def money(value: Money) -> str:
    """An amount with its currency."""
    return format_currency(value.amount, value.currency, locale=_locale())


def _say(message: str, **values: object) -> Markup:
    """A sentence in the reader's language, its values escaped."""
    if not values:
        return _whole(words.spoken(), message)
    return Markup(words.gettext(message)) % values  # noqa: S704 -- a catalogue of ours; values are escaped


@lru_cache(maxsize=8192)  # the desk's words in a few languages; a page has a hundred of them
def _whole(language: str, message: str) -> Markup:
    del language  # a part of the key
    return Markup(words.gettext(message)) % {}  # noqa: S704 -- a catalogue of ours


def _say_of(one: str, many: str, num: int, **values: object) -> Markup:
    """The same for a count, which stands in the sentence as `num`."""
    return Markup(words.ngettext(one, many, num)) % {"num": num, **values}  # noqa: S704 -- as above


@cache
def make_templates(assets: Assets) -> jinja2.Environment:
    """The template environment: always escaping, strict about names, translating in the request's language."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # looking whether a file changed costs each page a twentieth of its time
    )
    translations: Any = environment  # Any: the i18n extension adds its methods at run time
    translations.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)
    environment.filters.update(
        moment=moment,
        day=day,
        away=away,
        span=span,
        number=number,
        percent=percent,
        money=money,
        short=short_id,
    )
    # Ours instead of the extension's own, which look through the context twice for each word of a page.
    environment.globals.update(_=_say, gettext=_say, ngettext=_say_of)
    environment.globals.update(static=assets.address, spoken=words.spoken)
    return environment

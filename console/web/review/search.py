"""The one search box, and what a list is narrowed to: both live in the address, so that every list can be shared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from urllib.parse import urlencode

from sqlalchemy import Connection, Select, func, literal, or_, select
from sqlalchemy.sql.elements import ColumnElement

from console.web.errors import Refused
from console.web.review.seeing import sees_everything
from console.web.words import gettext as _
from store.db import tables
from store.db.errors import TooManyWords
from store.db.review import ReviewItems
from store.db.rights import Rights
from store.db.rows import record_of
from store.db.words import FREQUENT, Term, bears, gtin_word, newest_bearing, terms_of
from store.records.findings import Band
from store.records.listings import Listing
from store.records.review import Standing
from store.records.scope import Scope

KEYS = ("seller", "item", "hash", "gtin", "platform", "right")
LONGEST = 300  # of a search; a title has no more
MOST_WORDS = 12
SHORTEST_HASH = 8  # hex digits: enough to tell a hundred thousand pictures apart
_HASH = re.compile(r"[0-9a-f]{8,64}")
_TERM = re.compile(
    r'(?P<key>[A-Za-z]+):(?:"(?P<said>[^"]*)"?|(?P<value>[^\s"]*))|"(?P<quoted>[^"]*)"?|(?P<bare>[^\s"]+)'
)


class UnreadableSearch(Refused):
    """The box holds what cannot be searched for; the message says how to write it."""

    status = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What was typed, taken apart."""

    words: tuple[str, ...] = ()  # as typed; one that ends in * stands for every word that begins so
    seller: str | None = None
    item: str | None = None  # the platform's id of the offer
    hash: str | None = None
    gtin: str | None = None
    platform: str | None = None
    right: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list is narrowed to. Empty words narrow nothing."""

    q: str = ""
    platform: str = ""
    right: str = ""  # Right id
    seller: str = ""  # Seller id
    product: str = ""  # Product id
    standing: str = ""
    band: str = ""

    def address(self, path: str, **changed: str) -> str:
        """The address of the list so narrowed."""
        values = {name: getattr(self, name) for name in _NAMES} | changed
        asked = urlencode({name: value for name, value in values.items() if value})
        return f"{path}?{asked}" if asked else path

    @property
    def asked(self) -> str:
        """The part of an address behind the question mark."""
        return self.address("").lstrip("?")


def read_filters(values: Mapping[str, str]) -> Filters:
    """Filters from an address; what is no known word of a closed set narrows nothing."""
    given = {field.name: values.get(field.name, "").strip()[:LONGEST] for field in fields(Filters)}
    if given["standing"] not in {each.value for each in Standing}:
        given["standing"] = ""
    if given["band"] not in {each.value for each in Band}:
        given["band"] = ""
    return Filters(**given)


def parse_query(text: str) -> Query:
    """
    What somebody typed: `seller:88001 item:4711 hash:9f2c… gtin:… platform:shopnest right:R-1 "model:x" repl* watch`.

    Words are those of titles, each of them; in quotation marks a colon is part of a word. Raises `UnreadableSearch`
    for a field that is none, with the nearest one, for a field without a value and for one that is asked for twice.
    """
    words: list[str] = []
    keyed: dict[str, str] = {}
    for match in _TERM.finditer(text[:LONGEST]):
        if match["key"] is None:
            words += (match["quoted"] or match["bare"] or "").split()
            continue
        key, value = match["key"], (match["said"] or match["value"] or "").strip()
        name = key.lower()
        if name not in KEYS:
            raise UnreadableSearch(_unknown(key, value))
        if not value:
            raise UnreadableSearch(_("%(field)s: has no value behind it.") % {"field": name})
        if keyed.get(name, value) != value:
            raise UnreadableSearch(_("%(field)s: stands twice; a list is narrowed to one.") % {"field": name})
        keyed[name] = value.lower() if name in ("hash", "platform") else value
    return Query(words=tuple(words)[:MOST_WORDS], **keyed)


def _unknown(key: str, value: str) -> str:
    near = get_close_matches(key.lower(), KEYS, n=1, cutoff=0.5)
    said = {"field": key, "known": " ".join(f"{each}:" for each in KEYS), "near": f"{near[0]}:" if near else ""}
    text = _("There is no field %(field)s:. Known are %(known)s.") % said
    if near:
        text += " " + _("Is %(near)s meant?") % said
    return (
        text
        + " "
        + _("To search for the words themselves, put them in quotation marks: %(words)s")
        % {"words": f'"{key}:{value}"'}
    )


def read_terms(connection: Connection, query: Query) -> list[Term]:
    """The words of a search and its trade number, the rarest first. Raises `UnreadableSearch`."""
    try:
        terms = terms_of(connection, query.words, exact=[gtin_word(query.gtin)] if query.gtin else [])
    except TooManyWords as error:
        text = _("More than %(most)s words begin with %(beginning)s. Add a letter.")
        raise UnreadableSearch(text % {"most": error.most, "beginning": error.beginning}) from error
    return terms


def conditions(
    connection: Connection, scope: Scope, filters: Filters, *, whole: bool = False
) -> list[ColumnElement[bool]]:
    """
    What `filters` ask of the desk's list, or of the `whole` of it where it is counted rather than paged.

    A name that nothing bears gives a condition that nothing meets.
    """
    item = tables.review_item
    found = [item.c[name] == value for name in _NAMES if name != "q" and (value := getattr(filters, name))]
    if not filters.q:
        return found
    query = parse_query(filters.q)
    if query.platform:
        found.append(item.c.platform == query.platform)
    if query.right:
        found.append(item.c.right.in_(right_ids(connection, scope, query.right)))
    if query.seller:
        found.append(item.c.seller.in_(seller_ids(connection, query.seller, query.platform)))
    if query.item:
        found.append(item.c.listing.in_(select(tables.listing.c.id).where(_is_item(query.item))))
    if query.hash:
        found.append(_shows(connection, item.c.listing, query.hash, whole=whole))
    return found + bears(item.c.listing, read_terms(connection, query), whole=whole)


def seller_ids(connection: Connection, word: str, platform: str | None) -> list[str]:
    """Accounts by our id or the platform's; a name is a personal value and cannot be searched."""
    seller = tables.seller
    statement = select(seller.c.id).where(or_(seller.c.id == word, seller.c.platform_seller_id == word))
    if platform:
        statement = statement.where(seller.c.platform == platform)
    return list(connection.execute(statement.limit(100)).scalars())


def showing(word: str) -> Select[tuple[str]]:
    """The listings that show a photo whose digest begins so. Raises `UnreadableSearch` where nothing begins so."""
    if not _HASH.fullmatch(word):
        text = _("hash: takes %(least)s to 64 hex digits of a picture's SHA-256.")
        raise UnreadableSearch(text % {"least": SHORTEST_HASH})
    image = tables.listing_image
    # "g" follows every hex digit: a range, so that the index is walked from one end to the other.
    return select(image.c.listing).where(image.c.sha256 >= word, image.c.sha256 < word + "g")


def _shows(connection: Connection, column: ColumnElement[str], word: str, *, whole: bool) -> ColumnElement[bool]:
    """Whether a listing shows the photo: a rare photo gives its listings, of a frequent one each row is asked."""
    shown = showing(word)
    counted = select(func.count()).select_from(shown.limit(FREQUENT).subquery())
    if whole or int(connection.execute(counted).scalar_one()) < FREQUENT:
        return column.in_(shown)
    return shown.where(tables.listing_image.c.listing == column).exists()


def find_listings(
    connection: Connection, scope: Scope, query: Query, *, after: str | None = None, limit: int
) -> list[Listing]:
    """Listings in sight that the search asks for, the newest first, from below `after` on."""
    table, item = tables.listing, tables.review_item
    also: list[ColumnElement[bool]] = []
    if not sees_everything(scope) or query.right:
        mine = select(item.c.listing).where(*ReviewItems(connection, scope).narrowed())
        if query.right:
            mine = mine.where(item.c.right.in_(right_ids(connection, scope, query.right)))
        also.append(table.c.id.in_(mine))
    if query.platform:
        also.append(table.c.platform == query.platform)
    if query.seller:
        also.append(table.c.seller.in_(seller_ids(connection, query.seller, query.platform)))
    if query.item:
        also.append(_is_item(query.item))
    if query.hash:
        also.append(table.c.id.in_(showing(query.hash)))
    terms = read_terms(connection, query)
    statement = select(table)
    newest: ColumnElement[str] = table.c.id
    if terms and terms[0].count >= FREQUENT and (query.seller or query.item or query.hash):
        # Few bear the key, many the word: each of those is asked. What is no plain column is not walked along an
        # index, which would pass over a million listings to find the few.
        borne = tables.listing_word
        for term in terms:
            asked = select(literal(1)).where(borne.c.word.in_(term.words), borne.c.listing == table.c.id)
            also.append(asked.exists())
        statement, newest = statement.where(*also), table.c.id.concat("")
    elif terms:
        of_word = tables.listing_word.c.listing
        inside = [select(literal(1)).where(table.c.id == of_word, *also).correlate(tables.listing_word).exists()]
        ids = newest_bearing(connection, terms, before=after, also=inside if also else [], limit=limit)
        statement = statement.where(table.c.id.in_(ids))
    else:
        statement = statement.where(*also)
    if after:
        statement = statement.where(table.c.id < after)
    rows = connection.execute(statement.order_by(newest.desc()).limit(limit))
    return [record_of(Listing, row) for row in rows]


def _is_item(word: str) -> ColumnElement[bool]:
    return or_(tables.listing.c.platform_item_id == word, tables.listing.c.id == word)


def right_ids(connection: Connection, scope: Scope, word: str) -> list[str]:
    """Rights in scope by the holder's name of them, or by our id."""
    rights = Rights(connection, scope).by_refs([word])
    return [right.id for right in rights.values()] or [word]


_NAMES = tuple(field.name for field in fields(Filters))

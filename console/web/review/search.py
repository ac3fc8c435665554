"""The one search box, and what a list is narrowed to: both live in the address, so that every list can be shared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from sqlalchemy import Connection, or_, select
from sqlalchemy.sql.elements import ColumnElement

from store.db import tables
from store.db.review import fold_words
from store.db.rights import Rights
from store.records.findings import Band
from store.records.review import Standing
from store.records.scope import Scope

KEYS = ("seller", "hash", "gtin", "platform", "right")
LONGEST = 300  # of a search; a title has no more
MOST_WORDS = 12
SHORTEST_HASH = 8  # hex digits: enough to tell a hundred thousand pictures apart
_HASH = re.compile(r"[0-9a-f]{8,64}")
_TERM = re.compile(r'(?:(?P<key>[a-z]+):)?(?:"(?P<quoted>[^"]*)"|(?P<bare>\S+))')


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What was typed, taken apart. A key that is not known is a word like any other."""

    words: tuple[str, ...] = ()
    seller: str | None = None
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
        values = {field.name: getattr(replace(self, **_known(changed)), field.name) for field in fields(self)}
        values |= {name: value for name, value in changed.items() if name not in values}
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
    """What somebody typed: `seller:88001 hash:9f2c… gtin:… platform:shopnest right:R-1 "two words" more`."""
    words: list[str] = []
    keyed: dict[str, str] = {}
    for match in _TERM.finditer(text[:LONGEST]):
        key, value = match["key"], match["quoted"] if match["quoted"] is not None else match["bare"]
        if key in KEYS and value:
            keyed[key] = value.lower() if key in ("hash", "platform") else value
        else:
            # The text as typed, without quotation marks: "model:x" is searched as it stands.
            words.append(f"{key}:{value}" if key else value)
    return Query(words=tuple(word for word in words if word)[:MOST_WORDS], **keyed)


def conditions(connection: Connection, scope: Scope, filters: Filters) -> list[ColumnElement[bool]]:
    """What `filters` ask of the desk's list. A name that nothing bears gives a condition that nothing meets."""
    item = tables.review_item
    query = parse_query(filters.q)
    found: list[ColumnElement[bool]] = []
    for name in ("platform", "right", "seller", "product", "standing", "band"):
        if value := getattr(filters, name):
            found.append(item.c[name] == value)
    if query.platform:
        found.append(item.c.platform == query.platform)
    if query.right:
        rights = Rights(connection, scope).by_refs([query.right])
        found.append(item.c.right.in_([right.id for right in rights.values()] or [query.right]))
    if query.seller:
        found.append(item.c.seller.in_(seller_ids(connection, query.seller, query.platform)))
    if query.gtin:
        found.append(item.c.gtin == query.gtin)
    if query.hash:
        found.append(hash_condition(query.hash))
    found += [item.c.words.contains(fold_words(word), autoescape=True) for word in query.words]
    return found


def seller_ids(connection: Connection, word: str, platform: str | None) -> list[str]:
    """Accounts by our id or the platform's; a name is a personal value and cannot be searched."""
    seller = tables.seller
    statement = select(seller.c.id).where(or_(seller.c.id == word, seller.c.platform_seller_id == word))
    if platform:
        statement = statement.where(seller.c.platform == platform)
    return list(connection.execute(statement.limit(100)).scalars())


def hash_condition(word: str) -> ColumnElement[bool]:
    """Findings whose main photo, or any photo, has a digest that begins so."""
    item, image = tables.review_item, tables.listing_image
    if not _HASH.fullmatch(word):
        return item.c.photo == word  # nothing has such a digest
    # "g" follows every hex digit: a range, so that the index is walked from one end to the other.
    listings = select(image.c.listing).where(image.c.sha256 >= word, image.c.sha256 < word + "g")
    return item.c.listing.in_(listings)


def _known(values: Mapping[str, str]) -> dict[str, str]:
    names = {field.name for field in fields(Filters)}
    return {name: value for name, value in values.items() if name in names}

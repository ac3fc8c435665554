"""
What names a person in captured text is left out until somebody gives a reason to look.

Known values (names, pages, contacts that were read from the capture, and the account's own) are opened on the
server only to be found in the text; mail addresses and telephone numbers are found by their shape.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from html.entities import codepoint2name
from typing import Any
from urllib.parse import quote, quote_plus

from sqlalchemy import Connection, select

from store.db import tables
from store.db.personal import Sealer, open_values

MASK = "••••••"
SHORTEST = 3  # letters of a name that is looked for: shorter ones stand in every other word
MOST_SOURCES = 60  # looks and accounts of one capture: a result page names some dozens
MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
# With its country's code, or a leading nought: prices, years and ids of items have neither; days look otherwise.
PHONE = re.compile(
    r"(?<![\w.,-])(?!\d{1,2}[./-]\d{1,2}[./-]\d{2,4}(?!\d))\(?(?:\+|00?)(?:[\s./()-]{0,3}\d){7,13}(?![\w-])"
)


CONTACT = re.compile(rf"{MAIL.pattern}|(?<![\w.,-])\+(?:[\s./()-]{{0,3}}\d){{7,14}}(?![\w-])")
"""Ways to reach somebody that no registration number or code of goods is taken for: a plus leads neither."""


def mask_contacts(text: str) -> str:
    """The text without mail addresses and international telephone numbers."""
    return CONTACT.sub(MASK, text)


def mask(text: str, words: Iterable[str]) -> str:
    """The text without these words, whatever their case, and without mail addresses and telephone numbers."""
    asked = {word for word in words if len(word) >= SHORTEST}
    known = sorted({spelling for word in asked for spelling in _spellings(word)}, key=len, reverse=True)
    if known:
        text = re.sub("|".join(map(re.escape, known)), MASK, text, flags=re.IGNORECASE)
    return PHONE.sub(MASK, MAIL.sub(MASK, text))


def _spellings(word: str) -> Iterator[str]:
    """A word as a page's source may write it: plain, in markup, in a script, in an address."""
    yield word
    yield html.escape(word)
    yield "".join(f"&{codepoint2name[ord(sign)]};" if ord(sign) in codepoint2name else sign for sign in word)
    yield word.encode("ascii", "xmlcharrefreplace").decode()
    yield json.dumps(word)[1:-1]
    yield quote(word)
    yield quote_plus(word)


def words_of_capture(connection: Connection, sealer: Sealer, capture: str) -> set[str]:
    """The personal values that were read from a capture, and those of the accounts whose offers it shows."""
    look, listing = tables.observation, tables.listing
    rows = connection.execute(
        select(look.c.id, listing.c.seller)
        .join(listing, listing.c.id == look.c.listing)
        .where(look.c.capture == capture)
        .limit(MOST_SOURCES)
    ).all()
    subjects = {("observation", row.id) for row in rows} | {("seller", row.seller) for row in rows if row.seller}
    return words_of(connection, sealer, subjects)


def words_of(connection: Connection, sealer: Sealer, subjects: Iterable[tuple[str, str]]) -> set[str]:
    """The personal values of these subjects (kind and id), as words to be looked for."""
    found: set[str] = set()
    for kind, subject in subjects:
        for value in open_values(connection, sealer, kind, subject).values():
            for said in _said(value):
                found |= {said, said.partition(":")[2]} if said.startswith(("mailto:", "tel:")) else {said}
    return {word.strip() for word in found}


def _said(value: Any) -> Iterator[str]:  # Any: JSON values
    """The values of a look as the page says them: not their rules, places and captures."""
    match value:
        case str():
            yield value
        case {"value": said, **more}:
            yield from _said(said)
            yield from _said(more.get("raw"))
        case list():
            for part in value:
                yield from _said(part)

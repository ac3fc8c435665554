"""
Words of titles: how a text is taken apart, kept and found again.

One table of words serves SQLite and PostgreSQL alike, written in the transaction of the look that read the title. A
listing keeps the words of every title it bore: who renames an offer does not hide it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, literal, select
from sqlalchemy.sql.elements import ColumnElement

from store.db import tables
from store.db.errors import TooManyWords
from store.db.rows import ROWS_A_WRITE, insert_into

WORD_CHARS = 40  # a longer run is no word anybody types; its beginning finds it
MOST_BEGINNING = 64  # words of one beginning: 5 ms to find them
FREQUENT = 2000  # listings of one term: up to here they are taken one by one in a few milliseconds
# Counted up to here, some 5 ms; a list of 100,000 that is read whole takes less time from so many listings of a word
# than by asking each of its rows (measured: 40 ms beside 250).
WIDE = 25_000
LAST = "\U0010ffff"  # follows every letter
WORDS_A_TITLE = 100  # a title of 300 letters has sixty; of Chinese, two letters each, some more
_RUN = re.compile(r"[^\W_]+")
# Han, kana, Hangul syllables need no space between words, nor do Thai, Lao, Khmer and Burmese.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\uac00-\ud7a3]+"
)


def fold(text: str) -> str:
    """A text as it is searched: compatible letters made one, no accents, no difference of case."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return unicodedata.normalize("NFC", bare)


def title_words(text: str) -> list[str]:
    """
    The different words of a text, folded, in the order they stand: runs of letters and digits.

    Scripts without spaces give every two neighbouring letters, so that a name inside a longer run is found.
    """
    found: dict[str, None] = {}
    for run in _RUN.findall(fold(text)):
        at = 0
        for match in _UNSPACED.finditer(run):
            _add(found, run[at : match.start()])
            letters = match[0]
            pairs = [letters[n : n + 2] for n in range(len(letters) - 1)] or [letters]
            found.update(dict.fromkeys(pairs))
            at = match.end()
        _add(found, run[at:])
    return list(found)[:WORDS_A_TITLE]


def _add(found: dict[str, None], run: str) -> None:
    if run:
        found[run[:WORD_CHARS]] = None


def gtin_word(text: str) -> str:
    """A trade number as it is kept among the words: digits alone, fourteen of them; a colon is in no word."""
    digits = re.sub(r"\D", "", text)
    return "gtin:" + (digits.zfill(14) if digits else fold(text))[: WORD_CHARS - 5]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What of one look at a listing is searched for."""

    listing: str  # Listing id
    title: str = ""
    gtin: str = ""


def keep_words(connection: Connection, looks: Iterable[Look]) -> None:
    """Keep the words of looks; a word kept already stays as it is."""
    found: set[tuple[str, str]] = set()
    for look in looks:
        found.update((word, look.listing) for word in title_words(look.title))
        if look.gtin:
            found.add((gtin_word(look.gtin), look.listing))
    rows = sorted(found)  # in the order of the key, so that neighbours are written together
    statement = insert_into(connection.dialect.name, tables.listing_word).on_conflict_do_nothing()
    for start in range(0, len(rows), ROWS_A_WRITE):
        lot = rows[start : start + ROWS_A_WRITE]
        connection.execute(statement, [{"word": word, "listing": listing} for word, listing in lot])


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One thing a title must bear: one of these words. A whole word has one, a beginning as many as begin so."""

    words: tuple[str, ...]
    count: int  # listings that bear one, counted up to `WIDE`


def terms_of(connection: Connection, typed: Iterable[str], *, exact: Iterable[str] = ()) -> list[Term]:
    """
    What was typed, and `exact` words as they are kept, as terms, the rarest first.

    `beginning*` stands for every word that begins so. What holds no letter and no digit asks for a word that no
    title bears. Raises `TooManyWords`.
    """
    terms: dict[tuple[str, ...], Term] = {}
    for word in exact:
        terms[(word,)] = Term(words=(word,), count=_count(connection, (word,)))
    for text in typed:
        words = title_words(text) or [text]
        begins = words[-1] if text.endswith("*") else None
        for word in words:
            some = _beginning(connection, word) if word == begins else (word,)
            terms[some] = Term(words=some, count=_count(connection, some))
    return sorted(terms.values(), key=lambda term: term.count)


def bears(column: ColumnElement[str], terms: Sequence[Term], *, whole: bool = False) -> list[ColumnElement[bool]]:
    """
    Conditions on a column of listing ids, one a term.

    A rare term gives its listings, so that the list is made from them; of a frequent one each row of the list is
    asked whether it bears it. Neither way round is quick for both (measured: DECISIONS.md, words of titles). What is
    rare depends on how much of the list is read: a page of it, or the `whole`.
    """
    word = tables.listing_word
    rare = WIDE if whole else FREQUENT
    found: list[ColumnElement[bool]] = []
    for at, term in enumerate(terms):
        if at == 0 and term.count < rare:
            found.append(column.in_(select(word.c.listing).where(_one_of(term))))
        else:
            found.append(select(literal(1)).where(_one_of(term), word.c.listing == column).exists())
    return found


def newest_bearing(
    connection: Connection,
    terms: Sequence[Term],
    *,
    before: str | None = None,
    also: Iterable[ColumnElement[bool]] = (),
    limit: int,
) -> list[str]:
    """
    Listing ids that bear every term, the newest first, up to `limit`; `also` are conditions on the id found.

    The listings of the rarest term are walked from the newest on, so that a page costs what it shows.
    """
    word = tables.listing_word
    first, *others = terms
    found: set[str] = set()
    for driver in first.words:
        statement = select(word.c.listing).where(word.c.word == driver, *also)
        if before is not None:
            statement = statement.where(word.c.listing < before)
        for term in others:
            other = word.alias()
            statement = statement.where(
                select(literal(1)).where(other.c.word.in_(term.words), other.c.listing == word.c.listing).exists()
            )
        found.update(connection.execute(statement.order_by(word.c.listing.desc()).limit(limit)).scalars())
    return sorted(found, reverse=True)[:limit]


def _one_of(term: Term) -> ColumnElement[bool]:
    return tables.listing_word.c.word.in_(term.words)


def _count(connection: Connection, words: Sequence[str]) -> int:
    rows = select(literal(1)).where(tables.listing_word.c.word.in_(words)).limit(WIDE)
    return int(connection.execute(select(func.count()).select_from(rows.subquery())).scalar_one())


def _beginning(connection: Connection, beginning: str) -> tuple[str, ...]:
    """The words that begin so, one look into the index each: the listings between them are passed over."""
    word = tables.listing_word.c.word
    found: list[str] = []
    at = select(func.min(word)).where(word >= beginning, word < beginning + LAST)
    while (here := connection.execute(at).scalar_one()) is not None:
        found.append(here)
        if len(found) > MOST_BEGINNING:
            raise TooManyWords(beginning, MOST_BEGINNING)
        at = select(func.min(word)).where(word > here, word < beginning + LAST)
    return tuple(found) or (beginning,)

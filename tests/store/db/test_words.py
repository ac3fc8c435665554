from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from store.db import tables
from store.db.errors import TooManyWords
from store.db.session import Database, migrate
from store.db.words import (
    FREQUENT,
    MOST_BEGINNING,
    WORD_CHARS,
    WORDS_A_TITLE,
    Look,
    gtin_word,
    keep_words,
    newest_bearing,
    terms_of,
    title_words,
)
from store.evidence.vault import Vault
from tests import factories as make

TITLES = {
    "a": "AURELIA Solaris, replica 1:1",
    "b": "Solaris strap",
    "c": "Solar charger",
    "d": "パテック腕時計 solaris",
}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ångström-Watch  1:1", ["angstrom", "watch", "1"]),
        ("ＳＯＬＡＲＩＳ ﬁne", ["solaris", "fine"]),
        ("腕時計 x", ["腕時", "時計", "x"]),
        ("腕", ["腕"]),
        ("iphone腕時計case", ["iphone", "腕時", "時計", "case"]),
        ("Straße", ["strasse"]),
        ("100% !!", ["100"]),
        ("", []),
    ],
)
def test_a_title_is_taken_apart_as_people_type_it(text: str, words: list[str]) -> None:
    assert title_words(text) == words


@settings(deadline=None, max_examples=80)
@given(st.text(max_size=400))
def test_whatever_a_title_holds_its_words_are_few_short_and_their_own_words(text: str) -> None:
    words = title_words(text)
    assert len(words) <= WORDS_A_TITLE
    assert all(0 < len(word) <= WORD_CHARS for word in words)
    assert all(title_words(word) == [word] for word in words)


def test_a_trade_number_is_found_however_it_is_written() -> None:
    assert {gtin_word(text) for text in ("4006381333931", "04006381333931", "4 006381 333931")} == {
        "gtin:04006381333931"
    }
    assert len(gtin_word("x" * 99)) <= WORD_CHARS


@pytest.fixture
def filled(database: Database) -> Database:
    with database.write() as connection:
        keep_words(connection, [Look(listing=id, title=title) for id, title in TITLES.items()])
    return database


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        (["solaris"], ["d", "b", "a"]),
        (["SOLAR*"], ["d", "c", "b", "a"]),
        (["solar*", "strap"], ["b"]),
        (["腕時"], ["d"]),
        (["nothing"], []),
        (["%"], []),
        (["replica", "strap"], []),
    ],
)
def test_listings_are_found_by_words_and_by_beginnings(filled: Database, typed: list[str], ids: list[str]) -> None:
    with filled.read() as connection:
        terms = terms_of(connection, typed)
        assert newest_bearing(connection, terms, limit=9) == ids
        walked, before = [], None
        while page := newest_bearing(connection, terms, before=before, limit=1):
            walked += page
            before = page[-1]
        assert walked == ids


def test_an_offer_that_is_renamed_is_found_by_either_name(filled: Database) -> None:
    with filled.write() as connection:
        keep_words(connection, [Look(listing="b", title="Leather band")] * 2)
    with filled.read() as connection:
        for word in ("strap", "leather"):
            assert newest_bearing(connection, terms_of(connection, [word]), limit=9) == ["b"]


def test_a_beginning_of_too_many_words_is_refused_and_says_what_to_do(filled: Database) -> None:
    title = " ".join(f"zz{n}" for n in range(MOST_BEGINNING + 1))
    with filled.write() as connection:
        keep_words(connection, [Look(listing="e", title=title)])
    with filled.read() as connection:
        with pytest.raises(TooManyWords, match="add a letter"):
            terms_of(connection, ["zz*"])
        assert newest_bearing(connection, terms_of(connection, ["zz64*"]), limit=9) == ["e"]


def test_counts_stop_where_a_word_is_frequent(database: Database) -> None:
    with database.write() as connection:
        keep_words(connection, [Look(listing=f"{n:05d}", title="watch") for n in range(FREQUENT + 5)])
    with database.read() as connection:
        (term,) = terms_of(connection, ["watch"])
        assert term.count == FREQUENT + 5
        assert newest_bearing(connection, [term], limit=2) == [f"{FREQUENT + 4:05d}", f"{FREQUENT + 3:05d}"]


def test_a_filled_ledger_gets_its_words_and_can_go_back(database: Database, vault: Vault) -> None:
    make.store_scene(database, vault, make.goods_scene(1, "AURELIA Solaris replica"))
    with database.read() as connection:
        before = {(row.word, row.listing) for row in connection.execute(select(tables.listing_word))}
    assert {word for word, _ in before} >= {"aurelia", "solaris", "replica"}
    migrate_to(database, "r0002")
    migrate(database)
    with database.read() as connection:
        assert {(row.word, row.listing) for row in connection.execute(select(tables.listing_word))} == before


def migrate_to(database: Database, revision: str) -> None:
    """Take the schema back to a revision."""
    from alembic import command

    from store.db.session import _config

    with database.write() as connection:
        config = _config(database.url)
        config.attributes["connection"] = connection
        command.downgrade(config, revision)

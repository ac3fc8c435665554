"""Everything a page says passes one gate."""

from __future__ import annotations

import sqlite3
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.text import LIMIT_CHARS, RAW_CHARS, clean_text, clip_raw

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=300)


@given(ANY_TEXT)
def test_clean_text_can_be_stored_and_shown(text: str) -> None:
    clean = clean_text(text)
    clean.encode("utf-8")
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in clean)
    assert not any(0x202A <= ord(c) <= 0x202E or 0x2066 <= ord(c) <= 0x2069 for c in clean)
    assert clean == clean.strip() and "  " not in clean and len(clean) <= LIMIT_CHARS
    assert clean_text(clean) == clean
    with sqlite3.connect(":memory:") as database:
        assert database.execute("select ?, length(?)", (clean, clean)).fetchone() == (clean, len(clean))
    database.close()


def test_what_reorders_letters_becomes_visible() -> None:
    assert clean_text("abc\u202egpj.exe") == "abc<U+202E>gpj.exe"


def test_direction_marks_of_honest_pages_go() -> None:
    assert clean_text("\u200fשלום\u200e") == "שלום"


def test_letters_are_composed() -> None:
    assert clean_text("e\u0301") == "é"


@given(ANY_TEXT)
def test_raw_words_can_be_stored(text: str) -> None:
    raw = clip_raw(text)
    raw.encode("utf-8")
    assert "\x00" not in raw and len(raw) <= RAW_CHARS


def test_megabytes_are_clipped() -> None:
    assert len(clean_text("x" * 5_000_000)) == LIMIT_CHARS

"""Hostile words pass through every form without becoming a formula, a tag, a link or a trick of direction."""

from __future__ import annotations

import csv
import io
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.formats.page import shorten_ids
from reports.formats.pictures import data_uri, suffix_of
from reports.formats.plain import defang, plain
from reports.formats.table import FORMULA_STARTS, safe_cell, write_table
from reports.formats.urls import write_urls
from tests import factories as make

HOSTILE = (
    '=HYPERLINK("http://evil.example";"x")',
    "<script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>",
    "\u202etxt.exe\u202c",
    "a\x00b",
    "+1+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1+1",
    "zero\u200bwidth", "\ud800", "line\u2028break", "{{ 7*7 }}", "{% raw %}",
)  # fmt: skip


class Tags(HTMLParser):
    """Counts what a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def is_formula(cell: str) -> bool:
    """What a spreadsheet would run."""
    return cell.startswith(FORMULA_STARTS) or cell.lstrip().startswith(FORMULA_STARTS)


@given(st.one_of(st.text(), st.sampled_from(HOSTILE)))
def test_no_cell_starts_a_formula_and_none_hides_a_letter(text: str) -> None:
    cell = safe_cell(text)
    assert not is_formula(cell)
    assert not any(unicodedata.category(letter) in ("Cc", "Cf", "Cs") for letter in cell)


def test_a_table_reads_back_as_it_was_written() -> None:
    data = write_table(["title", "price"], [(text, 1) for text in HOSTILE] + [(None, 'a"b,c\n')])
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert len(rows) == len(HOSTILE) + 2
    assert all(len(row) == 2 and not any(is_formula(cell) for cell in row) for row in rows)
    assert rows[-1] == ["", 'a"b,c']


@given(st.text(), st.integers(5, 50))
def test_plain_words_are_one_visible_line_of_bounded_length(text: str, limit: int) -> None:
    shown = plain(text, limit)
    assert len(shown) <= limit
    assert not any(unicodedata.category(letter)[0] == "C" for letter in shown)
    assert "\n" not in shown


def test_hidden_letters_are_shown_not_dropped() -> None:
    assert plain("a\x00b\u202e") == "a⟨U+0000⟩b⟨U+202E⟩"
    assert plain("  two\n lines ") == "two lines"
    assert plain("x" * 10, 5) == "xxxx…"


def test_a_defanged_address_is_no_link() -> None:
    assert defang("https://shop.example/item/1.html") == "hxxps://shop[.]example/item/1.html"


def test_the_url_list_is_one_absolute_address_a_line_each_once() -> None:
    urls = ["https://a.example/1", "https://a.example/2", "https://a.example/1"]
    assert write_urls(urls) == b"https://a.example/1\nhttps://a.example/2\n"


@pytest.mark.parametrize("url", ["/item/1", "ftp://a.example/1", "https://a.example/1\nhttps://b.example/", ""])
def test_the_url_list_refuses_what_would_break_it(url: str) -> None:
    with pytest.raises(ValueError, match="absolute"):
        write_urls([url])


def test_a_picture_is_drawn_anew_small_and_without_metadata() -> None:
    uri = data_uri(make.photo(3, 900))
    assert uri is not None and uri.startswith("data:image/jpeg;base64,")
    assert b"Exif" not in uri.encode() and len(uri) < 120_000
    assert uri == data_uri(make.photo(3, 900)), "the same picture gives the same bytes"


@pytest.mark.parametrize("data", [b"", b"<svg onload=alert(1)>", b"\xff\xd8\xff" + b"0" * 50, make.photo(1)[:200]])
def test_bytes_that_are_no_picture_are_not_shown(data: bytes) -> None:
    assert data_uri(data) is None


def test_file_endings_follow_the_bytes_never_the_name() -> None:
    assert suffix_of(make.photo(1)) == "jpg"
    assert suffix_of(b"\x89PNG\r\n\x1a\n....") == "png"
    assert suffix_of(b"<html>") == "bin"


def test_ids_are_shortened_for_the_eye_only() -> None:
    assert shorten_ids(f"decision {make.an_id('decision', 7)}") == "decision 00000007"
    assert shorten_ids("a" * 64) == "a" * 16 + "…"
    assert shorten_ids("R-AUR-14, 018100114") == "R-AUR-14, 018100114"

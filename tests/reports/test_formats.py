"""Hostile words pass through every form without becoming a formula, a tag, a link or a trick of direction."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import unicodedata
import uuid
from html.parser import HTMLParser

import pytest
import xarf
from hypothesis import given
from hypothesis import strategies as st

from reports.errors import UnwritableReport
from reports.formats.page import shorten_ids
from reports.formats.pictures import data_uri, suffix_of
from reports.formats.plain import defang, plain
from reports.formats.table import FORMULA_STARTS, safe_cell, write_table
from reports.formats.urls import write_urls
from reports.formats.works import ListedWork, write_works
from reports.formats.xarf import (
    DESCRIPTION_CHARS,
    EXHIBIT_BYTES,
    EXHIBITS,
    Contact,
    Exhibit,
    Link,
    Mark,
    Report,
    report_id,
    write_report,
)
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


def listed(number: int, copies: int) -> ListedWork:
    """One work with some copies."""
    return ListedWork(
        name=f"Film {number}",
        details=("movie, 2021",),
        authorised_url=f"https://holder.example/{number}",
        copies=tuple(f"https://copies.example/{number}/{copy}" for copy in range(copies)),
    )


def read_works(data: bytes) -> dict[str, list[str]]:
    """The list read by its own grammar: authorised address to copies."""
    found: dict[str, list[str]] = {}
    address = ""
    for line in data.decode().splitlines():
        if line.startswith("# http"):
            address = line[2:]
            found[address] = []
        elif not line.startswith("# "):
            found[address].append(line)
    return found


def test_a_list_of_works_reads_back_as_it_was_written() -> None:
    works = [listed(1, 3), listed(2, 1)]
    (data,) = write_works(works)
    assert data.startswith(b"# Work: Film 1\n# About: movie, 2021\n# https://holder.example/1\nhttps://copies")
    assert read_works(data) == {work.authorised_url: list(work.copies) for work in works}


@given(st.lists(st.integers(1, 12), min_size=1, max_size=5), st.integers(200, 900))
def test_a_list_of_works_keeps_its_size_and_loses_nothing(counts: list[int], most: int) -> None:
    works = [listed(number, count) for number, count in enumerate(counts)]
    files = write_works(works, most)
    assert all(len(data) <= most for data in files)
    assert [url for data in files for urls in read_works(data).values() for url in urls] == [
        url for work in works for url in work.copies
    ]


def test_a_list_of_works_is_split_one_byte_over_its_size_and_not_before() -> None:
    (whole,) = write_works([listed(1, 2)])
    assert write_works([listed(1, 2)], len(whole)) == (whole,)
    assert len(write_works([listed(1, 2)], len(whole) - 1)) == 2
    with pytest.raises(ValueError, match="bytes"):
        write_works([listed(1, 1)], 20)


@pytest.mark.parametrize("url", ["/x", "https://a.example/1\n# https://e.example", "https://a.example/\u202e"])
def test_a_list_of_works_refuses_an_address_that_would_break_it(url: str) -> None:
    for work in (
        ListedWork(name="x", authorised_url=url, copies=("https://a.example/",)),
        ListedWork(name="x", authorised_url="https://a.example/", copies=(url,)),
    ):
        with pytest.raises(ValueError, match="absolute"):
            write_works([work])


def report(**more: object) -> Report:
    """A counterfeit on a host."""
    values: dict[str, object] = {
        "item_id": make.an_id("item"),
        "claim": "counterfeit",
        "url": "https://shop.example/item/1",
        "site_name": "shop",
        "observed_at": make.NOW,
        "holder": Contact(org="Aurelia SA", email="rights@aurelia.example"),
        "sender": Contact(org="Office", email="notices@office.example"),
        "sentences": ("It bears the mark.", "It says that it is a copy."),
        "statement": "The notice in words.",
        "looked_at": True,
        "mark": Mark(
            words="AURELIA",
            registration_number="018100114",
            territories=("EU",),
            nice_classes=(14,),
            goods="a watch",
            holder_site="https://aurelia.example/",
        ),
        **more,
    }
    return Report(**values)  # type: ignore[arg-type]  # values of several kinds, checked when the report is written


def test_each_claim_becomes_a_report_of_its_kind_that_the_formats_own_reader_takes() -> None:
    elsewhere = (Link(url="https://stream.example/v.m3u8", kind="streaming_link"),)
    kinds = {
        "content/brand_infringement": report(),
        "copyright/copyright": report(claim="image_copied", mark=None, work_title="Photo F-1"),
        "copyright/link_site": report(claim="pirated_copy", mark=None, work_title="Film", links=elsewhere),
    }
    for kind, each in kinds.items():
        data = json.loads(write_report(each))
        assert f"{data['category']}/{data['type']}" == kind
        read = xarf.parse(data)
        assert not read.errors and read.report is not None
        assert "_internal" not in data
        assert write_report(each) == write_report(each)
    stream = json.loads(write_report(report(claim="pirated_copy", mark=None, work_title="Film")))
    assert (stream["type"], stream["infringement_type"]) == ("copyright", "streaming")


def test_a_report_has_the_same_uuid_of_version_4_for_the_same_item() -> None:
    made = uuid.UUID(report_id(make.an_id("item")))
    assert made.version == 4 and made.variant == uuid.RFC_4122
    assert report_id(make.an_id("item")) == str(made)
    assert len({report_id(make.an_id("item", n)) for n in range(100)}) == 100


def test_a_report_keeps_to_the_formats_limits() -> None:
    def evidence_of(*sizes: int) -> list[int]:
        shown = tuple(Exhibit(description="x" * 900, content_type="text/plain", body=b"x" * size) for size in sizes)
        return [each["size"] for each in json.loads(write_report(report(exhibits=shown)))["evidence"][1:]]

    assert evidence_of(*[1] * (EXHIBITS - 1)) == [1] * (EXHIBITS - 1)
    assert evidence_of(*[1] * EXHIBITS) == [1] * (EXHIBITS - 1), "the statement is the first"
    assert evidence_of(EXHIBIT_BYTES + 1, EXHIBIT_BYTES) == [EXHIBIT_BYTES]
    fits = "x" * (DESCRIPTION_CHARS - len(" More in the first piece of evidence."))
    assert json.loads(write_report(report(sentences=(fits,))))["description"] == fits
    cut = json.loads(write_report(report(sentences=("It is a copy.", fits))))["description"]
    assert cut == "It is a copy. More in the first piece of evidence."
    one = json.loads(write_report(report(statement="words")))["evidence"][0]
    assert base64.b64decode(one["payload"]) == b"words"
    assert one["hash"] == f"sha256:{hashlib.sha256(b'words').hexdigest()}"


@pytest.mark.parametrize(
    "wrong",
    [
        {"mark": None},
        {"url": "https://a.example/1\nX: y"},
        {"mark": Mark(words=None, registration_number=None, territories=(), nice_classes=(99,), goods="x",
                      holder_site="https://aurelia.example/")},
    ],
)  # fmt: skip
def test_a_report_the_format_would_refuse_is_not_written(wrong: dict[str, object]) -> None:
    with pytest.raises(UnwritableReport, match="does not fit its format"):
        write_report(report(**wrong))


def test_a_draft_says_so_in_the_report() -> None:
    data = json.loads(write_report(report(watermark="DRAFT")))
    assert data["description"].startswith("DRAFT.") and "state:draft" in data["tags"]

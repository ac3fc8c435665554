"""Sheets to fill portals in from: every asked element with its value, as text to copy, and nothing that runs."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader

from config.profile import Element
from reports.fill_in import WORDS
from reports.formats.fill_in import Field, FillIn, ItemPart, NoticePart, write_fill_in
from store.records.findings import InfringementClass
from tests import factories as make
from tests.golden.regenerate import GOLDEN

SHEETS = sorted(GOLDEN.glob("batches/*/fill-in.pdf"))


def words_of(data: bytes) -> str:
    """What stands on a sheet, in one line."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())


@pytest.mark.parametrize("path", SHEETS, ids=[path.parent.name for path in SHEETS])
def test_the_sheet_names_every_element_that_its_portal_asks(path: Path) -> None:
    profile = make.profile(path.parent.name)
    told = words_of(path.read_bytes())
    of_others = {Element.WORK, Element.WORK_AUTHORISED, Element.EXCEPTIONS}  # asked of claims of copyright
    passed = of_others if InfringementClass.COUNTERFEIT in profile.classes else {Element.HOLDER_SITE}
    assert all(WORDS[element] in told for element in profile.required if element in WORDS.keys() - passed)
    assert all(statement.text in told for statement in profile.statements if statement.lang == "en")


def test_one_golden_sheet_word_for_word() -> None:
    told = words_of((GOLDEN / "batches" / "amazon-report" / "fill-in.pdf").read_bytes())
    assert told == (GOLDEN / "fill-in-amazon-report.txt").read_text().strip()


def test_a_portal_profile_has_a_sheet() -> None:
    portals = [name for name in make.SHIPPED_PROFILES if make.profile(name).channel == "portal"]
    assert {path.parent.name for path in SHEETS} >= set(portals) - {"url-list"}


HOSTILE = '#eval("1") *bold* `x` $y$ \\ [b] @label <tag> // \u202e \u4e2d Ω Я €'


def test_hostile_words_are_only_words_and_no_letter_is_lost_without_a_word() -> None:
    item = ItemPart(label="1-1", fields=(Field(name="Title", value=HOSTILE),))
    part = NoticePart(number=1, fields=(), statements=(HOSTILE,), signed="J", items=(item,))
    sheet = FillIn(batch=1, title=HOSTILE, recipient="R", platform="p", watermark=None, made="now", notices=(part,))
    made = write_fill_in(sheet, made_at=make.NOW)
    told = words_of(made)
    shown = '#eval("1") *bold* `x` $y$ \\ [b] @label <tag> // [U+202E] [U+4E2D] Ω Я €'
    assert told.count(shown) == 3
    assert made == write_fill_in(sheet, made_at=make.NOW), "the same values, the same bytes"
    assert made != write_fill_in(replace(sheet, watermark="DRAFT"), made_at=make.NOW)

"""Templates keep what makes crawled text harmless: nothing marked safe, nothing inline, every form with its token."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from console.web.showing import TEMPLATES

PAGES = sorted(TEMPLATES.rglob("*.html"))
PYTHON = sorted(TEMPLATES.parent.rglob("*.py"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_marks_nothing_safe_and_holds_nothing_inline(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe|autoescape\s+false|Markup\(", text), "crawled text must stay escaped"
    assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=\s*[\"']", text), "the content policy refuses it"
    assert not re.search(r"<script(?![^>]*\ssrc=)", text), "the content policy refuses it"
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.DOTALL):
        assert 'name="csrf_token"' in form, form[:80]


CATALOGUED = {"words.gettext(message", "words.ngettext(one, many, num"}
"""What a template's own words become: a catalogue holds them, and their values are escaped as they are filled in."""


def test_markup_is_made_only_from_constants() -> None:
    for path in PYTHON:
        for made in re.findall(r"Markup\(([^)]*)", path.read_text(encoding="utf-8")):
            if made in CATALOGUED:
                continue
            assert re.fullmatch(r"\s*['\"][^{}]*(\{\}[^{}]*)*['\"]", made), f"{path.name}: Markup({made})"

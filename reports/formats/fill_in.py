"""
A sheet to fill a portal's form in from: each element that the recipient asks, with its value.

It is a PDF with real text, so that a person copies from it or types from paper; what its fonts cannot draw is shown
by code point, and stands as it is in `items.csv`. The words are data to the template and can run nothing. The same
values give the same bytes.
"""

from __future__ import annotations

import dataclasses
import json
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from reports.formats.plain import plain

TEMPLATE = Path(__file__).parents[1] / "forms" / "fill_in.typ"
VALUE_CHARS = 8000  # chosen: more than any form takes
DRAWN = ("LATIN", "GREEK", "CYRILLIC", "DIGIT", "SPACE", "NO-BREAK SPACE")
"""What the fonts that the typesetter brings can draw, by the beginning of a letter's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One element as the form asks for it."""

    name: str
    value: str  # empty: nothing is known, and a line is left to write on


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPart:
    """One listing."""

    label: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePart:
    """One notice: what is said once, the words to tick, and its listings."""

    number: int
    fields: tuple[Field, ...]
    statements: tuple[str, ...]
    signed: str
    items: tuple[ItemPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FillIn:
    """The whole sheet."""

    batch: int
    title: str
    recipient: str
    platform: str
    watermark: str | None
    made: str
    notices: tuple[NoticePart, ...]


def write_fill_in(sheet: FillIn, *, made_at: datetime) -> bytes:
    """The sheet as PDF, tagged for screen readers."""
    import typst  # slow to load, and most commands write no sheet

    data = json.dumps(_drawable(dataclasses.asdict(sheet)), ensure_ascii=True, sort_keys=True)
    made: bytes = typst.compile(
        _template(),
        sys_inputs={"data": data},
        format="pdf",
        ignore_system_fonts=True,
        timestamp=int(made_at.timestamp()),
    )
    return made


@cache
def _template() -> bytes:
    return TEMPLATE.read_bytes()


def _drawable(value: object) -> object:
    match value:
        case dict():
            return {name: _drawable(each) for name, each in value.items()}
        case list() | tuple():
            return [_drawable(each) for each in value]
        case str():
            return "".join(_shown(letter) for letter in plain(value, VALUE_CHARS))
        case _:
            return value


@cache
def _shown(letter: str) -> str:
    if letter.isascii():
        return letter
    if letter in "⟨⟩":  # what `plain` puts around a number
        return "[" if letter == "⟨" else "]"
    if unicodedata.category(letter)[0] in "PS" and ord(letter) < 0x2200:
        return letter
    return letter if unicodedata.name(letter, "").startswith(DRAWN) else f"[U+{ord(letter):04X}]"

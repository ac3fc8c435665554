"""
One side of a comparison of goods, read once: words, model numbers, numbers with their units, brand and price.

    describe(title=..., brand=..., description=..., price=...) -> Described
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from anyascii import anyascii

MAX_LETTERS = 2_000  # of a description: what follows repeats it, and the time for one pair stays bounded

_COLOURS = Path(__file__).parent.parent / "colours.toml"
_COMPOUND = re.compile(r"[a-z0-9]+(?:[-./_'][a-z0-9]+)*")
_PIECE = re.compile(r"[a-z0-9]+")
_NUMBER = re.compile(r"(?<![a-z0-9.])(\d{1,5}(?:[.,]\d{1,3})?)(?![0-9.]*\d)")
_MEASURE = re.compile(
    r"(?<![a-z0-9.])(\d{1,5}(?:[.,]\d{1,3})?)\s?-?(mm|cm|m|inch|in|ft|oz|lb|kg|g|gb|mb|tb|mp|megapixels?|mpx|w|watts?|v|"
    r"volts?|mah|hz|ghz|mhz|ml|cl|l|x|p|fps|pack|pcs|pc|users?|channel|ch|port|ports|cups?|cu|btu|dpi|ppm|disc|cd|"
    r"yd|yr|year|years|quart|qt|series|gen|gang|pair|sheets?|degree|['\"″′])(?![a-z0-9])"
)
_UNITS = {
    "inch": "in",
    "'": "in",
    '"': "in",
    "″": "in",
    "′": "in",
    "megapixel": "mp",
    "megapixels": "mp",
    "mpx": "mp",
    "watt": "w",
    "watts": "w",
    "volt": "v",
    "volts": "v",
    "user": "users",
    "channel": "ch",
    "ports": "port",
    "cup": "cups",
    "years": "year",
    "yr": "year",
    "sheet": "sheets",
    "pc": "pcs",
}
# Years, versions and editions take part as numbers, not as models.
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)$")
_ABOUT = re.compile(r"\d{1,2}(?:-[a-z]{4,})+")
_MODEL_LETTERS = 4  # letters and digits a model number has at least (chosen: shorter ones are sizes and versions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """Goods as one page or one registered product describes them."""

    title: str  # folded: lower case Latin letters
    words: tuple[str, ...]  # of the title, in order
    models: frozenset[str]  # letters and digits of what looks like a model or part number
    joined: frozenset[str]  # single words and runs of two or three, written together: where a model may hide
    numbers: frozenset[str]  # plain numbers, versions and roman numerals of the title
    measures: frozenset[tuple[str, str]]  # (unit, value)
    brand: str | None  # folded words of the maker, where the page states one
    text: tuple[str, ...]  # words of the title, brand and description together
    colours: frozenset[str]  # families of colours.toml that the title may mean
    price: float | None  # in one currency for both sides; None where it is not stated or not comparable


def fold_plain(text: str) -> str:
    """Lower-case Latin letters, whatever script or accents the text has."""
    return anyascii(text).lower()


def describe(
    *,
    title: str,
    brand: str | None = None,
    description: str | None = None,
    numbers: Iterable[str] = (),
    price: float | None = None,
) -> Described:
    """Read one side; `numbers` are model or part numbers that a field of their own states."""
    plain = fold_plain(title)
    words = tuple(_PIECE.findall(plain))
    stated = [squeeze(fold_plain(number)) for number in numbers]
    maker = " ".join(_PIECE.findall(fold_plain(brand or ""))) or None
    said = _PIECE.findall(fold_plain((description or "")[:MAX_LETTERS]))
    measured = _measures(plain)
    return Described(
        title=" ".join(words),
        words=words,
        models=frozenset(_models(plain, measured)) | {number for number in stated if number},
        joined=frozenset(_runs(words)) | frozenset(stated),
        numbers=frozenset(_numbers(plain, words)),
        measures=measured,
        brand=maker,
        text=(*words, *((maker or "").split()), *said),
        colours=_colours(words),
        price=price if price and price > 0 else None,
    )


def squeeze(text: str) -> str:
    """Only the letters and digits."""
    return "".join(_PIECE.findall(text))


def _models(plain: str, measured: frozenset[tuple[str, str]]) -> Iterable[str]:
    amounts = {value + unit for unit, value in measured}
    for compound in _COMPOUND.findall(plain):
        for part in {compound, *re.split(r"[./_']", compound)}:
            model = squeeze(part)
            digits = sum(char.isdigit() for char in model)
            if len(model) < _MODEL_LETTERS or not digits or model in amounts or _ORDINAL.match(model):
                continue
            if digits == len(model) and (len(model) < 5 or "." in part):
                continue
            if _ABOUT.fullmatch(part):  # "4-channel", "4-channel-receiver"
                continue
            yield model


@lru_cache(maxsize=1)
def _colour_words() -> dict[str, frozenset[str]]:
    """Families of each colour word, folded as everything here is."""
    found: dict[str, set[str]] = {}
    for family, names in tomllib.loads(_COLOURS.read_text("utf-8")).items():
        for name in names:
            found.setdefault(" ".join(_PIECE.findall(fold_plain(name))), set()).add(family)
    return {name: frozenset(families) for name, families in found.items()}


def _colours(words: tuple[str, ...]) -> frozenset[str]:
    known = _colour_words()
    pairs = (" ".join(words[at : at + 2]) for at in range(len(words) - 1))
    return frozenset(family for said in (*words, *pairs) for family in known.get(said, ()))


def _runs(words: tuple[str, ...]) -> Iterable[str]:
    for at in range(len(words)):
        for length in (1, 2, 3):
            run = "".join(words[at : at + length])
            if len(run) >= _MODEL_LETTERS:
                yield run


def _numbers(plain: str, words: tuple[str, ...]) -> Iterable[str]:
    for number in _NUMBER.findall(plain):
        yield _value(number)
    for word in words:
        if word in _ROMAN:
            yield _ROMAN[word]
        elif (ordinal := _ORDINAL.match(word)) is not None:
            yield ordinal[1]
        elif len(word) <= 4 and word[:-1].isalpha() and word[-1].isdigit():  # "cs3", "v2": a version
            yield word[-1]


def _measures(plain: str) -> frozenset[tuple[str, str]]:
    return frozenset((_UNITS.get(unit, unit), _value(value)) for value, unit in _MEASURE.findall(plain))


def _value(number: str) -> str:
    plain = number.replace(",", ".")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain.lstrip("0") or "0"

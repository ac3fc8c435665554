"""
Labelled pairs of goods in the layout that public product-matching sets share.

A line holds two records and a label, parted by tabs: `COL title VAL ... COL price VAL ...<TAB>...<TAB>1`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from matching.products.described import Described, describe
from matching.products.errors import BadPairs

_FIELD = re.compile(r"COL (\w+) VAL ?")
_LANGUAGE = re.compile(r'"@[A-Za-z]{2}(?:-[A-Za-z]{2})?')  # how web tables mark a text's language
_TITLES = ("title", "name")
_BRANDS = ("brand", "manufacturer")
_NUMBERS = ("mpn", "modelno", "gtin", "sku")
# Each set stands in a folder of its own; larger variants of one set hold the smaller ones.
_SIZES = (".medium", ".small", "")


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two descriptions, and whether they are of one product."""

    left: Described
    right: Described
    same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSet:
    """One labelled set: what to learn from, and what to report on."""

    name: str
    train: tuple[LabelledPair, ...]
    held_out: tuple[LabelledPair, ...]  # its test part where there is one, else its valid part
    digest: str  # of the training file


def read_sets(folder: Path) -> list[PairSet]:
    """
    Every set of labelled pairs under `folder`, one folder each, in the order of their names.

    Where a set has a test part, its valid part is learned from too. Raises `BadPairs`.
    """
    found = []
    for each in sorted(path for path in folder.iterdir() if path.is_dir()):
        for size in _SIZES:
            train, valid, test = (each / f"{part}.txt{size}" for part in ("train", "valid", "test"))
            if train.is_file() and (valid.is_file() or test.is_file()):
                found.append(_read_set(each.name, train, valid if valid.is_file() else None, test))
                break
    return found


def _read_set(name: str, train: Path, valid: Path | None, test: Path) -> PairSet:
    known: dict[str, Described] = {}
    learned = read_pairs(train, known)
    if test.is_file():
        held_out = read_pairs(test, known)
        learned += read_pairs(valid, known) if valid is not None else []
    else:
        assert valid is not None  # one of the two is there
        held_out = read_pairs(valid, known)
    digest = hashlib.sha256(train.read_bytes()).hexdigest()
    return PairSet(name=name, train=tuple(learned), held_out=tuple(held_out), digest=digest)


def read_pairs(path: Path, known: dict[str, Described] | None = None) -> list[LabelledPair]:
    """The pairs of one file; `known` keeps records that stand in several pairs. Raises `BadPairs`."""
    seen = {} if known is None else known

    def side(text: str) -> Described:
        if text not in seen:
            seen[text] = read_side(text)
        return seen[text]

    pairs = []
    for number, line in enumerate(path.read_text("utf-8", "replace").split("\n"), 1):
        if not line.strip():
            continue
        parts = line.rstrip("\r").split("\t")
        if len(parts) != 3:
            raise BadPairs(path, number, f"holds {len(parts)} columns")
        if parts[2].strip() not in ("0", "1"):
            raise BadPairs(path, number, f"its label is {parts[2][:20]!r}")
        pairs.append(LabelledPair(side(parts[0]), side(parts[1]), parts[2].strip() == "1"))
    return pairs


def read_side(text: str) -> Described:
    """One record, `COL name VAL value ...`; fields of other names belong to its description."""
    parts = _FIELD.split(text)[1:]
    fields = {name: value.strip() for name, value in zip(parts[::2], parts[1::2], strict=True)}
    title = next((fields[name] for name in _TITLES if fields.get(name)), "")
    brand = next((fields[name] for name in _BRANDS if fields.get(name)), None)
    rest = [value for name, value in fields.items() if name not in (*_TITLES, *_BRANDS, *_NUMBERS, "price") and value]
    return describe(
        title=_plain(title),
        brand=_plain(brand) if brand else None,
        description=_plain(" ".join(rest)),
        numbers=[fields[name] for name in _NUMBERS if fields.get(name)],
        price=_price(fields.get("price", "")),
    )


def _plain(text: str) -> str:
    return _LANGUAGE.sub(" ", text).replace('"', " ")


def _price(text: str) -> float | None:
    match = re.search(r"\d+(?:\.\d+)?", text)
    return float(match[0]) if match else None

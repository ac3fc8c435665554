"""Real titles and real names out of the real input, for planting and for innocence."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

_WDC_TITLE = re.compile(r'COL title VAL\s+"([^"]+)"')
_NAME = re.compile(r"COL (?:name|title) VAL ([^\t]*?) COL ")
MIN_TITLE = 12  # letters; shorter ones are rests of a broken row


def half_of(text: str) -> int:
    """Which half of the data a text belongs to: 0 to choose by, 1 to report. By its digest, so it never moves."""
    return hashlib.sha256(text.casefold().encode()).digest()[0] & 1


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV file's rows."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_titles(folder: Path) -> list[str]:
    """Every distinct listing title of the real input, shortest rests left out, in a fixed order."""
    found = dict.fromkeys(" ".join(title.split()) for title in _titles(folder))
    return sorted(title for title in found if len(title) >= MIN_TITLE)


def _titles(folder: Path) -> Iterator[str]:
    for row in rows(folder / "listings" / "shopee-products.csv"):
        yield row["title"]
    for row in rows(folder / "listings" / "labelled.csv"):
        yield row["title"]
    mercado = (folder / "listings" / "brand-protection-2017" / "gbp_mercadoLibre.txt").read_text("utf-8", "replace")
    yield from re.findall(r"^Listing Title: (.+)$", mercado, re.MULTILINE)
    for path in sorted((folder / "text").glob("*/*.txt*")):
        pattern = _WDC_TITLE if path.parent.name.startswith("wdc") else _NAME
        yield from pattern.findall(path.read_text("utf-8", "replace"))


def read_names(folder: Path) -> list[str]:
    """Every distinct real name: brands with their other names, software and shop marks, film titles."""
    brands = rows(folder / "ref" / "brands" / "nsi_brands.csv")
    icons = json.loads((folder / "ref" / "brands" / "simple-icons.json").read_text("utf-8"))
    values = json.loads((folder / "ref" / "brands" / "zyte_brand_values.json").read_text("utf-8"))
    films = json.loads((folder / "ref" / "works" / "movies-2010s.json").read_text("utf-8"))
    listed: Iterable[str] = chain(
        *([row["display_name"], *row["aliases"].split("|")] for row in brands),
        *([icon["title"], *icon.get("aliases", {}).get("aka", [])] for icon in icons),
        (value["value"] or "" for value in values),
        (film["title"] for film in films),
    )
    clean = (" ".join(name.split()) for name in listed)
    distinct = {name.casefold(): name for name in clean if 2 <= len(name) <= 40 and any(map(str.isalnum, name))}
    return sorted(distinct.values(), key=lambda name: (hashlib.sha256(name.encode()).digest(), name))

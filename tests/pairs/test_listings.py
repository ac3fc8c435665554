"""
What real listings say: the words of copies, and the names of real brands in titles nobody wrote for us.

The promises are about the odd rows. Corrections of the word lists came from the even rows of the labelled file; the
Shopee rows were read whole when short names were made stricter, so theirs is a guard and no unseen test.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from matching.candidates import build_index
from matching.compare import match
from matching.names import Name, NameIndex, NameKind
from matching.pair import Place
from matching.signals.replica_words import find_declared
from matching.wording import read_wording
from store.records.findings import Band
from store.records.listings import ListingFields
from tests.matching.registered import POLICY, conditions, look_at, mark, seen, snapshot_of

pytestmark = pytest.mark.real_data

CLASSES = {
    "clothes": (25,),
    "sports": (25, 28),
    "electronics": (9,),
    "optician": (9,),
    "cosmetics": (3,),
    "jewelry": (14,),
    "bag": (18,),
    "toys": (28,),
}


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV file's rows."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_sellers_who_declare_a_copy_are_heard_and_honest_ones_are_not(real_data: Path) -> None:
    labelled = rows(real_data / "listings" / "labelled.csv")
    brands = {row["brand"] for row in labelled if row["brand"]}
    index = NameIndex(Name(text=brand, kind=NameKind.MARK, right=brand) for brand in sorted(brands))
    heard: Counter[tuple[str, bool]] = Counter()
    for row in labelled[1::2]:
        said = False
        for place, text in ((Place.TITLE, row["title"]), (Place.DESCRIPTION, row["text"])):
            wording = read_wording(text)
            names = [(hit.first, hit.last) for hit in index.find(wording)]
            said = said or bool(find_declared(wording, place, names))
        heard[row["label"], said] += 1
    declared = heard["counterfeit_declared", True] / sum(n for (label, _), n in heard.items() if "declared" in label)
    honest = heard["honest", True] + heard["honest_lookalike", True]
    assert declared >= 0.97, heard
    assert honest <= 1, heard


def test_real_brands_in_real_titles_never_make_a_notice_and_seldom_a_review(real_data: Path) -> None:
    rights = [
        mark(name, CLASSES.get(row["category"], ()), id=f"right-{number}-{place}")
        for number, row in enumerate(rows(real_data / "ref" / "brands" / "nsi_brands.csv"))
        for place, name in enumerate([row["display_name"], *filter(None, row["aliases"].split("|"))])
    ]
    index = build_index(snapshot_of(rights=rights), {})
    bands: Counter[Band | None] = Counter()
    listed = rows(real_data / "listings" / "shopee-products.csv")[1::2]
    order = [Band.SILENT, Band.REVIEW, Band.NOTICE]
    for row in listed:
        fields = ListingFields(
            title=seen(row["title"]),
            description=seen(row["Product Description"] or None),
            brand_claimed=seen(row["brand"] or None),
        )
        matched = match(
            [look_at(row["title"], fields=fields)], index, POLICY, conditions(), lambda _sha256, _view: None
        )
        bands[max((each.finding.band for each in matched), key=order.index, default=None)] += 1
    assert bands[Band.NOTICE] == 0
    assert bands[Band.REVIEW] / len(listed) <= 0.05, bands

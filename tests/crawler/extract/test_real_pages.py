"""Saved pages of real sites, read without any rule of their own, held against hand-made labels."""

# ruff: noqa: E501 -- one case a line

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crawler.extract.gold import measure

LARGEST_BYTES = 90_000  # the smaller half, for the sake of seconds; `python -m tests.crawler.extract.gold` reads all

# A little under what was reached when this was written; a change that loses more than that loses pages.
FLOORS = {
    "kind listing": 0.9, "kind results": 0.9, "kind stream": 1.0, "kind none": 1.0, "kind torrent_results": 1.0,
    "title": 0.95, "price": 0.95, "currency": 0.95, "price_original": 0.85, "availability": 0.8, "condition": 0.8, "brand": 0.5,
    "sku": 0.8, "image first": 0.95, "description": 0.8, "cards count": 0.93, "card first": 0.93, "card last": 0.93, "card title": 0.95,
    "card price": 0.95, "next page": 0.95, "stream way": 1.0,
}  # fmt: skip


@pytest.mark.real_data
@pytest.mark.slow
def test_real_pages_are_read_as_well_as_before(real_data: Path) -> None:
    score = measure(real_data / "pages", LARGEST_BYTES)
    print(score.table())  # noqa: T201 -- shown when the test fails or is asked to speak
    assert score.counts["crashes"]["wrong"] == 0
    assert score.counts["false listings"]["wrong"] == 0
    under = {name: round(score.share(name), 2) for name, floor in FLOORS.items() if score.share(name) < floor}
    assert under == {}

"""Saved pages of real sites, read without any rule of their own, held against hand-made labels."""

# ruff: noqa: E501 -- one case a line

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crawler.extract.gold import measure

LARGEST_BYTES = 130_000  # the smaller half, for the sake of seconds; `python -m tests.crawler.extract.gold` reads all

# A little under what was reached when this was written; a change that loses more than that loses pages.
FLOORS = {
    "kind listing": 0.88, "kind results": 0.88, "kind stream": 0.7, "kind work": 0.7, "kind none": 0.94, "kind torrent_results": 1.0,
    "title": 0.93, "price": 0.94, "currency": 0.97, "price_original": 0.7, "availability": 0.78, "condition": 0.7, "brand": 0.75, "sku": 0.75,
    "image first": 0.95, "description": 0.82, "cards count": 0.85, "card title": 0.9, "card price": 0.95, "next page": 0.9, "stream way": 0.8,
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

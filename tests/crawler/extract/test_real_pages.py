"""Saved pages of real sites, read without any rule of their own, held against hand-made labels."""

# ruff: noqa: E501 -- one case a line

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config.settings import load_settings
from console.reading import read_saved
from tests.crawler.extract.gold import Outcome, judge, labelled_pages, lay_out

CRAWLER = Path(__file__).parents[3] / "crawler"
LARGEST_BYTES = 90_000  # the smaller half, for the sake of seconds; `python -m tests.benchmarks reading` reads all

# A little under what was reached when this was written; a change that loses more than that loses pages.
FLOORS = {
    "kind listing": 0.9, "kind results": 0.9, "kind stream": 1.0, "kind none": 1.0, "kind torrent_results": 1.0,
    "title": 0.93, "price": 0.9, "price and currency": 0.9, "price_original": 0.85, "availability": 0.75, "condition": 0.7, "brand": 0.5,
    "sku": 0.75, "main image": 0.9, "description": 0.8, "cards near": 0.9, "cards exact": 0.85, "first card": 0.9, "last card": 0.85, "card title": 0.9,
    "card price": 0.85, "next page": 0.9, "stream way": 0.5, "no false listing": 1.0,
}  # fmt: skip

# Sites named by a plain word, which means something else where it stands.
PLAIN_WORDS = {"archive", "brief", "calendars", "classifieds", "file", "item", "music", "open", "telegram", "well"}
WIDGETS = {"instagram"}  # hosts of frames that stand on pages of everyone and are no players


@pytest.mark.real_data
@pytest.mark.slow
def test_real_pages_are_read_as_well_as_before(real_data: Path, tmp_path: Path) -> None:
    folder = real_data / "pages"
    pages = [page for page in labelled_pages(folder) if (folder / page.file).stat().st_size <= LARGEST_BYTES]
    settings = load_settings(tmp_path / "home", environ={})
    read = {page["file"]: page for page in read_saved(settings, lay_out(folder, pages, tmp_path / "pages"), None)}
    counts: dict[str, Counter[Outcome]] = {}
    for verdict in (verdict for page in pages for verdict in judge(page.gold, read[page.file])):
        counts.setdefault(verdict.measure, Counter())[verdict.outcome] += 1
        if verdict.outcome not in (Outcome.RIGHT, Outcome.SILENT):
            print(verdict)  # noqa: T201 -- shown when the test fails or is asked to speak
    shares = {
        name: counted[Outcome.RIGHT] / max(1, counted.total() - counted[Outcome.SILENT] - counted[Outcome.INVENTED])
        for name, counted in counts.items()
    }
    assert {name: round(shares[name], 2) for name, floor in FLOORS.items() if shares[name] < floor} == {}


@pytest.mark.real_data
def test_the_reader_names_no_site_of_the_real_pages(real_data: Path) -> None:
    """What is known of one site stands in its declaration; the reader learns from none by name."""
    with (real_data / "pages" / "index.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    hosts = {urlsplit(row["url"]).hostname or "" for row in rows} | {row["platform"] for row in rows}
    # Of a host the longest label names the site: "item.shop.com.br" is of "shop", give or take a short name.
    names = (
        {max(host.lower().removeprefix("www.").split("."), key=len) for host in hosts if host} - PLAIN_WORDS - WIDGETS
    )
    assert len(names) > 50
    said = re.compile(rf"(?<![a-z0-9])({'|'.join(sorted(map(re.escape, names)))})(?![a-z0-9-])", re.I)
    found = [
        f"{path.relative_to(CRAWLER.parent)}:{number}: {match[0]}"
        for path in sorted(CRAWLER.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for match in said.finditer(line)
    ]
    assert found == []

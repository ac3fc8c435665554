"""
Pages in the manner of many engines and countries, read whole without a rule of their own.

`kinds/` holds pages made for this by hand: tables of old shops, carts of many countries, advertisements, auctions,
lists of few and of many cards, lists that only scripts spell, film links, torrents, and pages that offer nothing.
Their labels are of the shape that saved pages have, and every label is asked. They were written before the reader
met them; what then failed was mended by kind.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.families import generic_platform
from console.reading import answer
from crawler.extract.page import Page, read_page
from tests.crawler.extract.gold import Labelled, Outcome, judge, labelled_pages
from tests.crawler.extract.pages_made import SEEN_AT

FOLDER = Path(__file__).parent / "kinds"
PAGES = labelled_pages(FOLDER)


@pytest.mark.parametrize("saved", PAGES, ids=[page.file.removesuffix(".html") for page in PAGES])
def test_every_label_of_the_page_is_read(saved: Labelled) -> None:
    body = (FOLDER / saved.file).read_bytes()
    page = Page(url=saved.url, status=None, headers=(), body=body, fetched_at=SEEN_AT)
    said = json.loads(json.dumps(answer(saved.file, read_page(page, generic_platform(saved.url)))))
    failed = [v for v in judge(saved.gold, said) if v.outcome not in (Outcome.RIGHT, Outcome.SILENT)]
    assert not failed, "\n".join(f"{v.measure}: {v.outcome.value}, wants {v.wanted}, got {v.got}" for v in failed)


def test_no_page_is_left_without_a_label() -> None:
    assert {page.file for page in PAGES} == {file.name for file in FOLDER.glob("*.html")}

"""Hostile words in every crawled field stay words in a real browser; the full count is `make prove NAME=xss`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.console.web.browser.hostile import hostile_words
from tests.faults.xss import is_unreadable, prove

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

SAMPLE = 8  # of 1,000; each on six pages of its own and every list


def test_nothing_runs_on_any_page_that_shows_hostile_words(browser: Browser, tmp_path: Path) -> None:
    result = prove(browser, tmp_path, count=SAMPLE)
    assert result.is_clean, result


def test_the_words_are_many_different_and_the_same_for_a_seed() -> None:
    words = hostile_words(1000, 5)
    assert len(set(words)) == 1000
    assert words == hostile_words(1000, 5)
    assert words != hostile_words(1000, 6)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/review?q=plattform%3Ashopnest", True),
        ("/review?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E", False),
        ("/listings?q=javascript%3Aalert(1)", True),
        ("/findings?platform=javascript%3Aalert(1)", False),
        ("/", False),
    ],
)
def test_only_a_search_nobody_can_read_may_answer_400(path: str, expected: bool) -> None:
    assert is_unreadable(path) is expected

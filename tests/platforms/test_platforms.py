"""
Every platform and family reads its saved pages as expected; one without a page fails.

A case is a folder below the platform's name: `source.json`, `expected.json`, and `page.html` unless it belongs to
somebody else, whom `source.json` then names. New cases are saved by `marque platforms new` and proved by
`marque platforms check`.
"""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from config.declarations import Declarations, load_declarations
from config.families import GENERIC, engines, generic_platform
from config.platform import Platform
from config.settings import load_settings
from crawler.proof import SHIPPED_CASES, Case, cases_by_platform, prove
from exercise.drafts import PLATFORMS as EXERCISE

ROOT = Path(__file__).parents[2]
REAL = Path(os.environ.get("MARQUE_REAL_DATA", ROOT.parent / "shared" / "data")) / "pages"
CASES = cases_by_platform([SHIPPED_CASES], REAL if REAL.exists() else None)
ALL = [case for cases in CASES.values() for case in cases]

UNSEEN = {"dooplay", "magento2", "opencart", "osclass", "shopware"}
"""Engines no page of which is at hand to save: they need PHP or a service of their own to run, and the real pages
hold none that their family reads whole. Their rules are tried on tests/crawler/extract/engine_pages alone."""


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Declarations:
    return load_declarations(load_settings(tmp_path_factory.mktemp("home"), environ={}))


def platform_of(case: Case, shipped: Declarations) -> Platform:
    """A shipped platform, one of the exercise world, or a site nobody declared that gives its engine away."""
    if case.platform in EXERCISE:
        text = (ROOT / "exercise" / "declarations" / f"{case.platform}.toml").read_text(encoding="utf-8")
        blanks = {"@BASE@": "http://127.0.0.1:1", "@CATEGORIES@": "", "@PAGES@": "3", "@MIN_CARDS@": "1"}
        for name, value in blanks.items():
            text = text.replace(name, value)
        return Platform.model_validate(tomllib.loads(text))
    return shipped.platforms.get(case.platform) or generic_platform(case.url)


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.platform}/{case.name}")
def test_a_saved_page_is_read_as_expected(case: Case, shipped: Declarations) -> None:
    proof = prove(case, platform_of(case, shipped))
    if case.absent is not None:
        pytest.skip(case.absent)
    assert [(h.field, h.found, h.expected, h.rule) for h in proof.held if not h.right] == []
    assert case.checked_by_hand, "compare expected.json with the page, then say so in source.json"


def test_every_shipped_platform_and_engine_has_its_cases(shipped: Declarations) -> None:
    wanted = {*shipped.platforms, *EXERCISE, *(set(engines()) - UNSEEN)} - {GENERIC}
    assert shipped.broken == {}
    assert wanted - set(CASES) == set()
    assert set(CASES) - wanted == set(), "cases of a platform that is not there"


def test_a_platform_says_on_which_pages_its_rules_hold(shipped: Declarations) -> None:
    for name, platform in shipped.platforms.items():
        told = Counter({(page.kind, page.year): page.pages for page in platform.read_on})
        held = Counter((case.expected["kind"], case.year) for case in CASES.get(name, []))
        assert told == held, name


def test_a_platform_nobody_read_the_robots_of_is_not_crawled(shipped: Declarations) -> None:
    for name, platform in shipped.platforms.items():
        assert platform.reach.by != "crawl" or platform.reach.robots_read_on is not None, name
        assert platform.notify.profile in shipped.profiles, name
        assert platform.notify.basis, name

"""A seeded sample of the proof that `make prove NAME=crawl_kills` runs in full."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.crawl_kills import kill_crawl


@pytest.mark.slow
def test_killed_crawl_loses_nothing_and_is_never_complete_too_early(tmp_path: Path) -> None:
    """Two kills on a small shop; every offer, look, photo and capture is there once in the end."""
    crawl = kill_crawl(seed=7, items=120, kills=2, folder=tmp_path)
    assert crawl.clean, crawl
    assert crawl.kills, crawl

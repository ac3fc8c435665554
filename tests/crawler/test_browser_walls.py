"""An open page reaches nothing inside: sixty spellings, every carrier, and each layer with the others taken away."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import Counter
from pathlib import Path

import pytest

from config.settings import Settings
from crawler.footing import Footing, footing
from tests.faults.browser_walls import FEW, HOME, HOSTS, Canary, open_hostile

pytestmark = pytest.mark.browser


@pytest.fixture
def stands_on(tmp_path: Path, chromium: str) -> Footing:
    """What the browser stands on here."""
    return footing(Settings(home=tmp_path, database_url="sqlite://", contact=None, browser_path=Path(chromium)))


@pytest.mark.parametrize(
    ("is_guarded", "has_flags", "has_wall", "hosts"),
    [
        pytest.param(True, True, True, HOSTS, id="as crawled"),
        pytest.param(True, False, False, FEW, id="the guard alone"),
        pytest.param(False, True, False, FEW, id="no way out alone"),
        pytest.param(False, False, True, FEW, id="the network namespace alone"),
    ],
)
def test_no_spelling_by_any_carrier_reaches_the_canary(
    tmp_path: Path, stands_on: Footing, is_guarded: bool, has_flags: bool, has_wall: bool, hosts: tuple[str, ...]
) -> None:
    """Nothing connects, whichever layer stands alone; the guard has seen every carrier try."""
    if has_wall and not stands_on.wall:
        pytest.skip("no network namespace can be had here")
    canary = Canary(hosts)
    try:
        stands = stands_on if has_wall else dataclasses.replace(stands_on, wall=())
        parts, let_out = asyncio.run(
            open_hostile(tmp_path / "browser", stands, canary, is_guarded=is_guarded, has_flags=has_flags)
        )
    finally:
        canary.close()
    assert canary.hits == []
    if is_guarded:
        assert all(url.startswith(f"{HOME}to/") for url in let_out) and len(let_out) == len(canary.spellings())
        refused = Counter(tuple(line.split(" ")[1:3]) for line in parts.notes if line.startswith("refused"))
        tried = {kind for _, kind in refused}
        assert {"image", "script", "document", "stylesheet", "fetch", "xhr", "ping", "redirect"} <= tried, refused
        assert parts.moves


def test_the_canary_is_reached_without_any_layer(tmp_path: Path, stands_on: Footing) -> None:
    """So that silence above means something."""
    canary = Canary(FEW)
    try:
        bare = dataclasses.replace(stands_on, wall=())
        asyncio.run(open_hostile(tmp_path / "browser", bare, canary, is_guarded=False, has_flags=False))
    finally:
        canary.close()
    assert canary.hits

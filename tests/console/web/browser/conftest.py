"""One browser a module: a running one holds the thread's event loop, which tests elsewhere need free."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.console.web.browser.serving import Served, open_browser, serve
from tests.console.web.conftest import Now

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A headless browser."""
    with open_browser(chromium) as opened:
        yield opened


@pytest.fixture
def served(fresh_home: Path, tmp_path: Path, now: Now) -> Iterator[Served]:
    """The desk on a workspace of the test's own."""
    with serve(Path(shutil.copytree(fresh_home, tmp_path / "served")), now) as listening:
        yield listening


@pytest.fixture(scope="module")
def shared(fresh_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One desk for a module's tests that leave nothing behind."""
    with serve(Path(shutil.copytree(fresh_home, tmp_path_factory.mktemp("shared") / "home")), Now()) as listening:
        yield listening

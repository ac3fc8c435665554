"""The interface for programs on a ledger of two holders, and keys of every kind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from store.records.doors import Entrance
from tests.console.web.conftest import Now
from tests.console.web.platform.conftest import batched_home, open_door
from tests.console.web.two_holders import Side, two_holders

__all__ = ["batched_home"]

PLATFORM = """\
name = "shopnest"
kind = "marketplace"
home = "http://127.0.0.1:8041/"
countries = ["SE", "NO"]
[reach]
by = "import"
[notify]
profile = "eu-dsa-16"
"""


@pytest.fixture(scope="module")
def world(fresh_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FastAPI, Side, Side]]:
    """The interface on a ledger of two holders; a test takes it as the one before left it."""
    home = Path(shutil.copytree(fresh_home, tmp_path_factory.mktemp("api") / "home"))
    (home / "platforms" / "shopnest.toml").write_text(PLATFORM)
    made = open_door(home, Now(), Entrance.API)
    with TestClient(made):
        own, other = two_holders(made.state.desk)
        yield made, own, other


@pytest.fixture
def batched(batched_home: Path, tmp_path: Path, now: Now) -> Iterator[FastAPI]:
    """The interface on a workspace whose first batch has left."""
    made = open_door(Path(shutil.copytree(batched_home, tmp_path / "home")), now, Entrance.API)
    with TestClient(made):
        yield made

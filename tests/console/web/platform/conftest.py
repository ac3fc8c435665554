"""A workspace whose first notice, of two items, has left in a batch, made once; each test gets a copy of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from config.settings import load_settings
from console.web.app import create_app
from console.web.limits import RateLimit
from store.records.doors import Entrance
from tests.console.web.conftest import QUICK, Now, open_desk
from tests.console.web.notices.office import Office
from tests.console.web.platform.recipient import Recipient


@pytest.fixture(scope="session")
def batched_home(fresh_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace; never opened again."""
    home = Path(shutil.copytree(fresh_home, tmp_path_factory.mktemp("batched") / "home"))
    app = open_desk(home, Now())
    with TestClient(app):
        office = Office(app, 2)
        for step in (office.prepare, office.approve, office.sign, office.export):
            step()
    return home


def open_door(home: Path, now: Now, entrance: Entrance) -> FastAPI:
    """An outer door of the workspace at `home`."""
    limit = RateLimit(now, strangers_per_minute=60_000, accounts_per_minute=60_000)
    return create_app(load_settings(home, {}), clock=now, hasher=QUICK, limit=limit, entrance=entrance)


@pytest.fixture
def door(batched_home: Path, tmp_path: Path, now: Now) -> Iterator[FastAPI]:
    """The platform desk, open on a copy of the workspace."""
    made = open_door(Path(shutil.copytree(batched_home, tmp_path / "home")), now, Entrance.PLATFORM)
    with TestClient(made):
        yield made


@pytest.fixture
def recipient(door: FastAPI) -> Recipient:
    """A browser at the platform that has opened the batch."""
    made = Recipient(door)
    made.open(1)
    return made

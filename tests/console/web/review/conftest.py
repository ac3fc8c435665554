"""The same fresh ledger and desk as everywhere, copied from one that was made once: a copy takes milliseconds."""

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
from console.workspace import create_workspace
from store.db.session import Database
from tests.console.web.conftest import QUICK, SETUP, Now
from tests.ledgers import new_ledger


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace and an empty ledger, never opened again."""
    folder = tmp_path_factory.mktemp("review")
    create_workspace(load_settings(folder / "home", {}))
    with Database(f"sqlite:///{folder / 'marque.db'}") as made:
        new_ledger(made)
    return folder


@pytest.fixture
def database(made_once: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty database with the whole schema."""
    shutil.copy(made_once / "marque.db", tmp_path / "marque.db")
    with Database(f"sqlite:///{tmp_path / 'marque.db'}") as opened:
        yield opened


@pytest.fixture
def app(made_once: Path, tmp_path: Path, now: Now) -> Iterator[FastAPI]:
    """The desk, open."""
    shutil.copytree(made_once / "home", tmp_path / "home")
    limit = RateLimit(now, strangers_per_minute=60_000, accounts_per_minute=60_000)
    settings = load_settings(tmp_path / "home", {})
    made = create_app(settings, clock=now, setup_token=SETUP, hasher=QUICK, limit=limit)
    with TestClient(made):
        yield made

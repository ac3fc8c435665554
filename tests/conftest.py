"""
Fixtures every test may use.

How they are chosen: a test gets a real database and a real vault in a temporary folder, a clock it can read from,
and ids it can predict; nothing of Marque is replaced by a mock. Real input lies beside the checkout and is found
by `real_data`; where it is absent the test is skipped and says so.
"""

from __future__ import annotations

import os

# One thread a process, before numpy loads: on busy cores its own threads cost 50 times what they save (measured).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest

from config.settings import load_settings
from crawler.footing import find_chromium
from store.db.session import Database
from store.evidence.vault import Vault
from tests import warm_crawls as warm
from tests.clusters import REQUIRED, Cluster, find_programs, running_cluster
from tests.ledgers import lay_out, new_ledger

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

# A deadline is a timed assertion: where every core is busy an example of 12 ms took 800.
hypothesis.settings.register_profile("marque", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("marque")


def real_data_folder() -> Path | None:
    """The folder of real input: `MARQUE_REAL_DATA`, else beside the checkout, else None."""
    named = os.environ.get("MARQUE_REAL_DATA")
    folder = Path(named) if named else Path(__file__).parents[2] / "shared" / "data"
    return folder if folder.is_dir() else None


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--postgres`: every test that asks for a `database` gets one of a PostgreSQL server of its own."""
    parser.addoption("--postgres", action="store_true", help="give tests PostgreSQL instead of SQLite")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which real input the tests used, however quiet the run is."""
    folder = real_data_folder()
    terminalreporter.write_line(f"real input: {folder or 'none, so tests on real pages were skipped'}")


@pytest.fixture(scope="session", autouse=True)
def warm_crawls() -> Iterator[None]:
    """Crawls start from one process that has loaded the crawler: loading it was a third of the tests' CPU."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("crawler.run.subprocess", warm.STARTING)
        yield


@pytest.fixture(scope="session", autouse=True)
def workspaces_laid_out() -> Iterator[None]:
    """New workspaces get a copy of the schema; tests/store/db makes it by its revisions."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("console.workspace.migrate", lay_out)
        yield


@pytest.fixture
def real_data() -> Path:
    """The folder of real input; skips where there is none."""
    folder = real_data_folder()
    if folder is None:
        pytest.skip("no real input: set MARQUE_REAL_DATA, or lay it at ../shared/data")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is, looked up as the product does; skips without one, fails where one is required."""
    found = find_chromium(load_settings("unused", dict(os.environ)))
    if found is None:
        reason = "no Chromium: install chromium-headless-shell, or set MARQUE_BROWSER"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """A clock that moves one second each time it is read."""
    now = START - timedelta(seconds=1)

    def tick() -> datetime:
        nonlocal now
        now += timedelta(seconds=1)
        return now

    return tick


@pytest.fixture
def ids() -> Callable[[], str]:
    """Ids that count up, in the shape of a UUIDv7."""
    number = 0

    def give() -> str:
        nonlocal number
        number += 1
        return f"00000000-0000-7000-8000-{number:012d}"

    return give


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL server of this process's own; skips without its programs, fails where they are required."""
    programs = find_programs()
    if programs is None:
        reason = "no PostgreSQL server programs: install postgresql (Debian), nothing needs to be started"
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with running_cluster(programs) as cluster:
        yield cluster


@pytest.fixture
def database(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database with the whole schema; on PostgreSQL where the run says so."""
    if request.config.getoption("--postgres"):
        with Database(request.getfixturevalue("postgres").new_ledger()) as opened:
            yield opened
        return
    with Database(f"sqlite:///{tmp_path / 'marque.db'}") as opened:
        new_ledger(opened)
        yield opened


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    """An empty vault."""
    with Vault(tmp_path / "vault") as opened:
        yield opened

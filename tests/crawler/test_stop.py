"""What ends a crawl from outside: a signal, a parent that is gone, a full disk; and Scrapy's own commands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.settings import Settings as ScrapySettings
from sqlalchemy import func, select

from config.settings import Settings
from crawler.loader import PlatformLoader
from crawler.run import Job, child_command, crawl
from store.db.runs import Runs
from store.db.session import Database
from store.db.tables import fetch, listing
from store.records.runs import Run, RunState
from store.records.scope import EVERYTHING
from tests.crawler.site import Answer, Site, declare, shop
from tests.faults.crawl_kills import begin_shop
from tests.ledgers import new_ledger

ROOT = Path(__file__).parents[2]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty workspace."""
    settings = Settings(home=tmp_path, database_url=f"sqlite:///{tmp_path / 'marque.db'}", contact=None)
    with Database(settings.database_url) as database:
        new_ledger(database)
    return settings


def started(settings: Settings, *options: str) -> tuple[Run, subprocess.Popen[bytes]]:
    """A crawl's own process, begun as `crawl` begins it."""

    run = begin_shop(settings)
    command = [*child_command(settings, Job(run=run, platform="shop")), *options]
    with (settings.home / "child.log").open("ab") as log:
        environment = settings.child_environment()
        return run, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, cwd=ROOT, env=environment)


def state_of(settings: Settings, run: str) -> Run:
    """How the run stands."""
    with Database(settings.database_url) as database, database.read() as connection:
        found = Runs(connection, EVERYTHING).get(run)
    assert found is not None
    return found


def asked(site: Site, answers: int) -> None:
    """Wait until the site was asked so often."""
    until = time.monotonic() + 60
    while len(site.asked) < answers and time.monotonic() < until:
        time.sleep(0.005)


def left(settings: Settings, state: str) -> int:
    """Fetches in a state."""
    with Database(settings.database_url) as database, database.read() as connection:
        statement = select(func.count()).select_from(fetch).where(fetch.c.state == state)
        return int(connection.execute(statement).scalar_one())


@pytest.mark.slow
def test_a_stopped_crawl_is_interrupted_and_goes_on(settings: Settings) -> None:
    """By a signal, or because nobody listens any more; nothing stays leased, nothing is asked twice."""
    with Site(shop(150)) as site:
        declare(settings.home, site)
        for how in ("signal", "orphan"):
            run, child = started(settings)
            asked(site, len(site.asked) + 40)
            if how == "signal":
                child.send_signal(signal.SIGTERM)
            assert child.stdout is not None
            child.stdout.close()
            assert child.wait(60) == 0
            assert state_of(settings, run.id).state is RunState.INTERRUPTED
            assert left(settings, "leased") == 0 and left(settings, "pending") > 0
        (again,) = crawl(settings, ["shop"])
        assert (again.id, again.state) == (run.id, RunState.COMPLETE)
        paths = site.paths()
        assert len(paths) == len(set(paths))


@pytest.mark.slow
def test_a_full_disk_ends_the_crawl_and_loses_nothing(settings: Settings) -> None:
    """The message says what to do; with room again the same command ends it."""
    with Site(shop(60)) as site:
        good = site.pages["*"]
        assert callable(good)
        # Random bytes do not compress, so the file size limit below is met soon.
        site.pages["*"] = lambda path, count: (
            Answer(body=b"\x89PNG\r\n\x1a\n" + os.urandom(60_000), kind="image/png")
            if path.startswith("/photo/")
            else good(path, count)
        )
        declare(settings.home, site)

        run = begin_shop(settings)
        command = child_command(settings, Job(run=run, platform="shop"))
        limit = "import resource,sys,runpy; resource.setrlimit(resource.RLIMIT_FSIZE,(700_000,700_000));"
        code = f"{limit} import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); sys.argv=['run']+sys.argv[1:];"
        code += "runpy.run_module('crawler.run', run_name='__main__')"
        done = subprocess.run(
            [sys.executable, "-c", code, *command[3:]],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "run the same command again" in done.stderr + str(state_of(settings, run.id).alarms), done.stderr
        assert state_of(settings, run.id).state in (RunState.INTERRUPTED, RunState.RUNNING)
        (again,) = crawl(settings, ["shop"])
        assert (again.id, again.state) == (run.id, RunState.COMPLETE), again
        with Database(settings.database_url) as database, database.read() as connection:
            assert connection.execute(select(func.count()).select_from(listing)).scalar_one() == 60


@pytest.mark.slow
def test_scrapys_own_commands_work(settings: Settings) -> None:
    """`list` names the platform files, `crawl -O` writes what was committed."""
    with Site(shop(25)) as site:
        declare(settings.home, site)
        loader = PlatformLoader(ScrapySettings({"MARQUE_HOME": str(settings.home)}))
        assert "shop" in loader.list()
        assert loader.find_by_request(Request(site.home)) == ["shop"]
        out = settings.home / "out.jsonl"
        command = [sys.executable, "-m", "scrapy", "crawl", "shop", "-a", "terms=tide|crown", "-O", str(out)]
        environment = {**os.environ, "MARQUE_HOME": str(settings.home)}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        assert len(out.read_text().splitlines()) == 25
    with Database(settings.database_url) as database, database.read() as connection:
        (run,) = Runs(connection, EVERYTHING).find()
    assert run.state is RunState.COMPLETE

"""Several processes crawl one run: the living keep their leases, the dead lose them at once."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import func, select

from config.settings import Settings
from crawler.attendance import Attendance, is_attended
from crawler.run import Job, child_command, crawl
from store.db.runs import Runs
from store.db.session import Database
from store.db.tables import capture, fetch, listing
from store.records.runs import RunState
from store.records.scope import EVERYTHING
from tests.crawler.site import Site, declare, shop
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


def test_the_dead_are_told_from_the_living(tmp_path: Path) -> None:
    """Also a process that was killed outright."""
    mine = Attendance.enter(tmp_path, "run", "machine/1/aaa")
    other = Attendance.enter(tmp_path, "run", "machine/2/bbb")
    assert (mine.dead(), mine.is_alone()) == ([], False)
    code = (
        "import sys, os; from pathlib import Path; from crawler.attendance import Attendance;"
        f"Attendance.enter(Path({str(tmp_path)!r}), 'run', 'machine/3/ccc'); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert mine.dead() == ["machine/3/ccc"]
    mine.bury("machine/3/ccc")
    assert mine.dead() == []
    other.owes = False
    other.leave()
    other.leave()
    assert mine.is_alone()
    assert mine.dead() == [], "it gave everything back"
    third = Attendance.enter(tmp_path, "run", "machine/4/ddd")
    third.leave()
    assert mine.dead() == ["machine/4/ddd"], "it still held something"
    assert is_attended(tmp_path, "run")
    mine.leave()
    assert not is_attended(tmp_path, "run")


@pytest.mark.slow
def test_two_processes_work_one_run_and_ask_no_host_too_early(settings: Settings) -> None:
    """One of them is killed halfway; the other takes up what it held, long before its leases end."""
    delay_s = 0.03
    with Site(shop(60)) as site:
        declare(settings.home, site, delay_s=delay_s)
        run = begin_shop(settings)
        command = child_command(settings, Job(run=run, platform="shop"))
        environment = settings.child_environment()
        with (settings.home / "child.log").open("ab") as log:
            children = [
                subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log)
                for _ in range(2)
            ]
            until = time.monotonic() + 60
            while len(site.asked) < 50 and time.monotonic() < until:
                time.sleep(0.005)
            children[0].kill()
            for child in children:
                child.communicate(timeout=120)
        assert children[1].returncode == 0, (settings.home / "child.log").read_text()[-2000:]
        asked = sorted(at for at, _ in site.asked)
        gaps = [later - earlier for earlier, later in pairwise(asked)]
        paths = Counter(path for _, path in site.asked)
    with Database(settings.database_url) as database, database.read() as connection:
        ended = Runs(connection, EVERYTHING).get(run.id)
        owners = connection.execute(select(func.count()).select_from(fetch).where(fetch.c.state == "leased")).scalar()
        seen = connection.execute(select(func.count()).select_from(listing)).scalar()
        captured = connection.execute(select(capture.c.url_requested)).scalars().all()
    assert ended is not None and ended.state is RunState.COMPLETE, ended
    assert (seen, owners) == (60, 0)
    assert len(captured) == len(set(captured)), "no page is kept twice"
    assert sum(count - 1 for count in paths.values()) <= 1, "a host with a delay has one lease out, so one is lost"
    early = [gap for gap in gaps if gap < delay_s * 0.5]  # half: the server's log has the jitter of two busy cores
    assert len(early) <= len(gaps) * 0.02, early
    assert crawl(settings, ["shop"])[0].id != run.id, "that run is over"

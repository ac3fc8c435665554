"""The worker answers what is due with a real crawl, once, and goes on with what a killed worker left."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from config.settings import load_settings
from console.cli import app
from console.scheduling import read_event, read_season, timer_units
from crawler.errors import BadSchedule
from store.db.session import Database
from store.db.tables import run as run_table
from store.db.tables import schedule as schedule_table
from tests.crawler.site import Site, declare, shop

RUN = CliRunner()
ROOT = Path(__file__).parents[2]


def marque(home: Path, *words: str, code: int = 0) -> Any:
    """What a command prints as JSON."""
    result = RUN.invoke(app, ["--home", str(home), *words, "--json"], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def overdue(home: Path) -> None:
    """Let every schedule be due since yesterday."""
    with Database(load_settings(home, {}).database_url) as database, database.write() as connection:
        connection.execute(schedule_table.update().values(due_at=datetime.now(UTC) - timedelta(days=1)))


def crawls(home: Path) -> list[Any]:
    """Runs of crawls, oldest first."""
    with Database(load_settings(home, {}).database_url) as database, database.read() as connection:
        statement = select(run_table).where(run_table.c.kind == "crawl").order_by(run_table.c.started_at)
        return list(connection.execute(statement).all())


@pytest.mark.slow
def test_a_killed_workers_crawl_is_finished_by_the_next_and_made_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    marque(home, "init")
    site = Site(shop(40))
    try:
        declare(home, site, "shop")
        words = ["schedules", "add", "shop", "--cron", "0 4 * * *", "--zone", "Europe/Oslo", "--by", "Jane Roe"]
        assert marque(home, *words)["id"] == marque(home, *words)["id"], "the same again changes nothing"
        assert marque(home, "worker", "--once") == [], "nothing is due yet"
        overdue(home)
        environment = load_settings(home, {}).child_environment()
        command = [sys.executable, "-m", "console.cli", "worker", "--once"]
        first = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while len(site.asked) < 15 and time.monotonic() < until:
            time.sleep(0.005)
        first.kill()
        first.wait(30)
        assert len(crawls(home)) == 1
        with Database(load_settings(home, {}).database_url) as database, database.write() as connection:
            # As if the lease had ended: the test does not wait for it.
            connection.execute(schedule_table.update().values(lease_until=datetime.now(UTC)))
        (done,) = marque(home, "worker", "--once")
        (run,) = crawls(home)
        assert (done["run"]["id"], done["run"]["state"]) == (run.id, "complete")
        assert done["run"]["counts"]["listings"] == 40
        assert marque(home, "worker", "--once") == [], "answered once, a whole day of downtime too"
        assert len(crawls(home)) == 1
        offers = Counter(path for _, path in site.asked if path.startswith("/item/"))
        assert len(offers) == 40
        assert marque(home, "schedules", "list")[0]["last_run"] == run.id
    finally:
        site.close()


def test_a_crawl_that_cannot_begin_is_said_and_stops_no_other(tmp_path: Path) -> None:
    home = tmp_path / "home"
    marque(home, "init")
    site = Site(shop(2))
    declare(home, site, "shop")
    marque(home, "schedules", "add", "shop", "--cron", "0 4 * * *", "--by", "Jane Roe")
    site.close()
    (home / "platforms" / "shop.toml").unlink()
    overdue(home)
    (done,) = marque(home, "worker", "--once", code=1)
    assert done["run"] is None
    assert "shop" in done["because"]


def test_seasons_and_events_are_read_as_people_write_them() -> None:
    season = read_season("shop", "christmas=11-15..12-26=0 */6 * * *")
    assert (season.name, season.first, season.last, season.cron) == ("christmas", "11-15", "12-26", "0 */6 * * *")
    event = read_event("shop", "final=2026-12-01T18:00..2026-12-01T22:00=5", "Europe/Oslo")
    assert event.begins_at == datetime(2026, 12, 1, 17, tzinfo=UTC)
    for wrong in ("final", "final=2026-12-01=5", "final=x..y=5", "final=2026-12-01T18:00..2026-12-01T22:00=often"):
        with pytest.raises(BadSchedule, match=r"write it like"):
            read_event("shop", wrong, "UTC")


def test_the_timer_names_the_workspace() -> None:
    units = timer_units(Path("/srv/marque home"))
    assert '--home "/srv/marque home" worker --once' in units["marque-worker.service"]
    assert "Persistent=true" in units["marque-worker.timer"]

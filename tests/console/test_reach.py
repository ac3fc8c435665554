"""What `marque platforms list` says of a platform's last healthy run."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from typer.testing import CliRunner

from config.settings import load_settings
from console.cli import app
from store.db.runs import Runs
from store.db.session import Database
from store.records.runs import Run, RunKind, RunState
from store.records.scope import EVERYTHING


def a_run(
    day: int, kind: RunKind = RunKind.CRAWL, state: RunState = RunState.COMPLETE, platform: str = "amazon"
) -> Run:
    return Run(
        id=f"r{day}", kind=kind, platform=platform, state=state, code_version="x", config_digest="0" * 64,
        started_at=datetime(2026, 3, day, 9, tzinfo=UTC), ended_at=datetime(2026, 3, day, 10, tzinfo=UTC),
    )  # fmt: skip


def listed(home: Path, *runs: Run) -> dict[str, object]:
    """What the list says of one platform of a fresh workspace with these runs."""
    assert CliRunner().invoke(app, ["--home", str(home), "init"]).exit_code == 0
    with Database(load_settings(home, {}).database_url) as database, database.write() as connection:
        for run in runs:
            Runs(connection, EVERYTHING).add(run)
    said = json.loads(CliRunner().invoke(app, ["--home", str(home), "platforms", "list", "--json"]).stdout)
    entry: dict[str, object] = next(each for each in said if each["name"] == "amazon")
    return entry


def test_the_last_healthy_run_is_the_last_complete_crawl_of_the_platform(tmp_path: Path) -> None:
    """Neither one that was unfit, a tip, nor a crawl of another platform counts."""
    runs = (a_run(1), a_run(2), a_run(3, state=RunState.UNFIT), a_run(4, kind=RunKind.TIP), a_run(5, platform="ebay"))
    said = listed(tmp_path, *runs)
    assert said["last_healthy_run"] == "2026-03-02T10:00:00+00:00"
    assert (said["supported"], said["missing"]) == (True, [])


def test_a_platform_whose_runs_were_all_unfit_was_never_healthy(tmp_path: Path) -> None:
    said = listed(tmp_path, a_run(1, state=RunState.UNFIT), a_run(2, state=RunState.BLOCKED))
    assert (said["last_healthy_run"], said["missing"]) == (None, ["a healthy run"])
    shown = CliRunner().invoke(app, ["--home", str(tmp_path), "platforms", "list"], terminal_width=300).output
    assert "never" in shown

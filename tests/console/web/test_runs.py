"""Runs are seen while they run: a real crawl of one site and a real match, with the desk open beside them."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from config.settings import load_settings
from console.demo import POLICY, lay_out
from console.pipeline import crawl_platforms, match_listings
from console.web.desk import Desk
from console.web.progress import progress_of, view_run
from console.workspace import open_workspace
from exercise.serve import serve
from exercise.world import build_world
from registry.intake import import_records
from store.db import tables
from store.db.runs import Runs
from store.records.accounts import Role
from store.records.ids import new_id, utc_now
from store.records.runs import Run, RunKind, RunState
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.console.web.conftest import Browser, Now, SignIn, add_account, browser_of, open_desk
from tests.console.web.worlds import busy_day

SITE = "kvarter"


@dataclass
class Seen:
    """What a reader saw of one run: how much was done, of how much, in which order."""

    steps: list[tuple[int, int]]
    pages: list[str]

    @property
    def midway(self) -> list[tuple[int, int]]:
        """The steps at which some was done and some was left."""
        return [(done, total) for done, total in self.steps if 0 < done < total]


@pytest.fixture
def workshop(fresh_home: Path, tmp_path: Path) -> Iterator[Path]:
    """A workspace with a small registry, beside one small site that answers on loopback."""
    home = Path(shutil.copytree(fresh_home, tmp_path / "home"))
    world = build_world(3, innocents=30, planted=8, traps_each=1)
    with serve(world) as served:
        lay_out(world, served.sites, tmp_path / "brought")
        inputs = tmp_path / "brought" / "inputs"
        shutil.copytree(inputs / "platforms", home / "platforms", dirs_exist_ok=True)
        # Every page opened, so that the match has work of its own: where cards are judged first, the crawl compares.
        for file in (home / "platforms").glob("*.toml"):
            file.write_text(file.read_text("utf-8").replace('open = "suspicious"', 'open = "all"'), encoding="utf-8")
        (home / "policy.toml").write_text(POLICY, encoding="utf-8")
        with open_workspace(load_settings(home, {})) as workspace:
            for kind in ("rights", "products", "works", "references"):
                source = inputs / "registry" / (kind if kind == "references" else f"{kind}.csv")
                import_records(
                    kind,
                    workspace.database,
                    workspace.vault,
                    source,
                    dry_run=False,
                    clock=utc_now,
                    new_id=new_id,
                    by="test",
                )
        yield home


def watch(officer: Browser, desk: Desk, kind: RunKind, work: Callable[[], object]) -> Seen:
    """Do the work in a thread of its own, and look at its run again and again until it has ended."""
    seen = Seen(steps=[], pages=[])
    working = threading.Thread(target=work)
    working.start()
    address = ""
    while working.is_alive():
        if not address:
            with desk.workspace.database.read() as connection:
                found = Runs(connection, EVERYTHING).find(tables.run.c.kind == kind.value)
            address = f"/live/runs/{found[0].id}" if found else ""
            continue
        piece = officer.get(address)
        assert piece.status_code == 200
        said = re.search(r"([\d,]+) of ([\d,]+) (?:known pages|looks compared)", piece.text)
        assert said is not None
        if 'hx-trigger="every 2s"' in piece.text:
            done, total = (int(number.replace(",", "")) for number in said.groups())
            if not seen.steps or seen.steps[-1] != (done, total):
                seen.steps.append((done, total))
                seen.pages.append(officer.get("/live/runs").text)
        working.join(0.05)
    return seen


def test_a_crawl_and_a_match_are_seen_midway_and_the_page_rests_when_they_end(
    workshop: Path, now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.run.LOOKS_A_LOT", 1)
    monkeypatch.setattr("matching.run.TELL_EVERY", timedelta(0))
    now.at = utc_now()
    app = open_desk(workshop, now)
    with TestClient(app), open_workspace(load_settings(workshop, {})) as apart:
        desk: Desk = app.state.desk
        officer = browser_of(app, add_account(desk, "Ann Key", Role.OFFICER))
        crawl = watch(officer, desk, RunKind.CRAWL, lambda: crawl_platforms(apart, [SITE], lambda *_: None))
        assert crawl.midway, crawl.steps
        # The last may have been asked for in the moment of the end.
        assert all('hx-get="/live/runs"' in page for page in crawl.pages[:-1])
        match = watch(officer, desk, RunKind.MATCH, lambda: match_listings(apart, lambda *_: None))
        assert match.midway, match.steps
        assert match.midway == sorted(match.midway)
        rows = {run.kind: run for run in find_runs(desk)}
        assert {kind: run.state for kind, run in rows.items()} == dict.fromkeys(
            (RunKind.CRAWL, RunKind.MATCH), RunState.COMPLETE
        )
        for kind, words in ((RunKind.CRAWL, "Read last"), (RunKind.MATCH, "Found last")):
            page = officer.get(f"/runs/{rows[kind].id}").text
            assert "hx-trigger" not in page, "nothing is asked for again once it has ended"
            assert words in page
            assert officer.get(f"/live/runs/{rows[kind].id}").status_code == 200
        assert "hx-trigger" not in officer.get("/runs").text


def find_runs(desk: Desk) -> list[Run]:
    with desk.workspace.database.read() as connection:
        return Runs(connection, EVERYTHING).find()


def test_a_run_says_what_it_left_out(desk: Desk, signed_in: SignIn) -> None:
    ids = busy_day(desk)
    with desk.workspace.database.write() as connection:
        for number, (state, reason, context) in enumerate(
            (
                ("failed", "robots", {}),
                ("failed", "http_404", {}),
                ("pending", None, {}),
                ("done", None, {"cut": "7"}),
                ("done", None, {"cut": "5"}),
            )
        ):
            connection.execute(
                tables.fetch.insert().values(
                    run=ids["run"],
                    fingerprint=f"{number:064d}",
                    url=f"http://x/{number}",
                    host="http://x:80",
                    kind="results",
                    depth=0,
                    priority=0,
                    state=state,
                    attempts=1,
                    hops=0,
                    context=context,
                    reason=reason,
                )
            )
        run = Runs(connection, EVERYTHING).get(ids["run"])
        assert run is not None
        view = view_run(connection, run, None)
    assert {(cut.kind, cut.name, cut.count) for cut in view.cuts} == {
        ("failed", "robots", 1),
        ("failed", "http_404", 1),
        ("links", "", 12),
        ("left", "", 1),
    }
    page = signed_in(Role.AUDITOR).get(f"/runs/{ids['run']}").text
    for words in ("robots.txt does not allow it", "http 404", "links beyond", "not fetched when it ended"):
        assert words in page, words
    assert "title was read on 36% of 2441 listings" in page


def test_a_match_counts_what_it_was_due(desk: Desk) -> None:
    run = make.run(5, kind=RunKind.MATCH, state=RunState.RUNNING, counts={"due": 40, "looks": 25, "waiting": 3})
    with desk.workspace.database.read() as connection:
        progress = progress_of(connection, run)
    assert (progress.done, progress.left, progress.total, progress.unit) == (25, 12, 37, "looks")


def test_a_reader_of_one_holder_sees_no_run(app: FastAPI, desk: Desk, signed_in: SignIn) -> None:
    ids = busy_day(desk)
    own = signed_in(Role.OFFICER, holder=ids["holder"])
    for path in ("/runs", "/live/runs", f"/runs/{ids['run']}", f"/live/runs/{ids['run']}"):
        assert own.get(path).status_code == 404, path
    assert signed_in(Role.OFFICER).get(f"/live/runs/{ids['run']}").status_code == 200

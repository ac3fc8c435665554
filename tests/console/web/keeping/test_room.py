"""The page of what is kept: what goes, what is needed and why, and holds; it belongs to the unit alone."""

from __future__ import annotations

from datetime import timedelta

from fastapi import FastAPI

from console.retaining import add_hold, purge_if_due, purge_state, release_hold
from console.web.desk import Desk
from store.db import tables
from store.records.accounts import Role
from store.records.keeping import HoldKind
from tests import factories as make
from tests.console.web.conftest import Browser, add_account, browser_of


def quiet(_done: int, _total: int | None, _what: str) -> None:
    """Nobody watches."""


def test_what_goes_and_what_is_held_and_why_is_told_to_the_unit(app: FastAPI) -> None:
    desk: Desk = app.state.desk
    make.store_scene(desk.workspace.database, desk.workspace.vault, make.goods_scene())
    officer = browser_of(app, add_account(desk, "Jane Roe", Role.OFFICER))
    hold = add_hold(desk.workspace, HoldKind.CASE, "1", reason="suit 7 O 31", by="Ann Poe")
    page = officer.get("/keeping").text
    for word in ("non_matches", "suit 7 O 31", "Ann Poe", 'href="/cases/1"', "legal hold"):
        assert word in page, word
    lines = officer.get("/keeping.json").json()["keeping"]
    assert {"what": "held", "why": "suit 7 O 31", "by": "Ann Poe"}.items() <= lines[-1].items()
    assert [line["count"] for line in lines if line["why"] == "legal hold"] == [1]
    release_hold(desk.workspace, hold.id, by="Ann Poe")
    assert "of a case,1" in officer.get("/keeping.csv").text.replace('"', "")
    narrowed: Browser = browser_of(app, add_account(desk, "Holder", Role.REVIEWER, holder=make.an_id("party")))
    assert "belongs to the unit" in narrowed.get("/keeping").text
    assert narrowed.get("/keeping.json").json()["keeping"] == []


def test_the_worker_forgets_once_a_day_whatever_runs(app: FastAPI) -> None:
    workspace = app.state.desk.workspace
    make.store_scene(workspace.database, workspace.vault, make.goods_scene())
    now = make.NOW + timedelta(days=4000)
    with workspace.database.read() as connection:
        assert purge_state(connection, now).is_due
    with workspace.database.write() as connection:
        connection.execute(tables.run.update().values(state="running", started_at=now - timedelta(hours=2)))
        connection.execute(tables.case.update().values(state="closed"))
    done = purge_if_due(workspace, by="marque", told=quiet, clock=lambda: now)
    assert done is not None and done.is_done and done.digests
    assert purge_if_due(workspace, by="marque", told=quiet, clock=lambda: now + timedelta(hours=23)) is None
    again = purge_if_due(workspace, by="marque", told=quiet, clock=lambda: now + timedelta(hours=25))
    assert again is not None and again.digests == ()

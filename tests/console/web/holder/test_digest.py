"""The daily digest: one's own findings only, each once with its reason, and written as mail once a day."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from cases.decisions import decide
from console.digesting import write_due, write_mails
from store.db import tables
from store.records.accounts import Role
from store.records.cases import RejectReason, Verdict
from store.records.doors import Entrance
from store.records.ids import new_id
from tests.console.web.conftest import Now
from tests.console.web.holder.test_portal import Holder
from tests.console.web.platform.conftest import open_door
from tests.console.web.two_holders import Side, two_holders


@pytest.fixture
def world(fresh_home: Path, tmp_path: Path, now: Now) -> Iterator[tuple[FastAPI, Side, Side]]:
    made = open_door(Path(shutil.copytree(fresh_home, tmp_path / "home")), now, Entrance.HOLDER)
    with TestClient(made):
        yield (made, *two_holders(made.state.desk))


def test_a_day_shows_ones_own_findings_and_why_some_were_dismissed(
    world: tuple[FastAPI, Side, Side], now: Now
) -> None:
    app, own, other = world
    desk = app.state.desk
    database = desk.workspace.database
    with database.read() as connection:
        found_at = connection.execute(tables.review_item.select()).first().found_at
    found_on = found_at.date()
    now.at = found_at + timedelta(hours=3)
    browser = Holder(app, Role.HOLDER_EXPERT, holder=own.holder)

    def lines(day: str = f"?day={found_on}") -> list[tuple[str, str, str]]:
        # A browser anew: days pass, and sessions end.
        rows = Holder(app, Role.HOLDER_EXPERT, holder=own.holder).get(f"/digest.json{day}").json()["lines"]
        return [(row["change"], row["finding"], row["because"]) for row in rows]

    ((change, finding, because),) = lines()
    assert (change, finding) == ("new", own.finding) and because
    for path in ("/digest", "/digest.csv", f"/digest?day={found_on}"):
        page = browser.get(path)
        assert page.status_code == 200
        assert [mark for mark in other.marks if mark in page.text] == [], path
    assert browser.get("/digest?day=never").status_code == 404
    assert lines(f"?day={found_on - timedelta(days=1)}") == []

    now.move(days=1)
    for each in (own.finding, other.finding):
        decide(
            database,
            [each],
            Verdict.REJECT,
            by="Eve Reviewer",
            clock=now,
            ids=new_id,
            reason=RejectReason.GENUINE_RESALE,
            note="box and papers shown",
        )
    assert lines(f"?day={now().date()}") == [("dismissed", own.finding, "genuine resale: box and papers shown")]
    assert lines() == [], "what was dismissed is new no longer"

    folder = write_mails(desk.workspace, now().date())
    assert folder is not None
    mails = {path.stem: message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.iterdir()}
    assert set(mails) == {own.holder, other.holder}
    text = mails[own.holder].get_content()
    assert "genuine resale: box and papers shown" in text
    assert [mark for mark in other.marks if mark in text] == []
    assert write_mails(desk.workspace, now().date()) is None, "a day is written once"
    now.move(days=1)
    assert write_due(desk.workspace, now=now()) is None, "yesterday's are there"
    now.move(days=1)
    assert write_due(desk.workspace, now=now()) is not None, "a day on which nothing happened is settled too"

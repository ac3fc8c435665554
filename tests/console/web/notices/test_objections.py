"""Objections on the desk: answered once, by somebody else than who approved, and told to the platform."""

from __future__ import annotations

from fastapi import FastAPI

from store.db import tables
from store.db.follow_ups import FollowUps
from store.records.accounts import Role
from store.records.scope import EVERYTHING
from tests.console.web.conftest import SignIn
from tests.console.web.two_holders import two_holders

WHY = "The page sells what the holder never made."


def test_an_objection_is_answered_on_its_page(signed_in: SignIn, app: FastAPI) -> None:
    own, other = two_holders(app.state.desk)
    with app.state.desk.workspace.database.write() as connection:
        connection.execute(tables.outcome.update().values(status=None))
    browser = signed_in(Role.OFFICER, holder=own.holder)
    page = browser.get("/objections").text
    assert "Your answer" in page and other.objection not in page
    assert [each["id"] for each in browser.get("/objections.json").json()["objections"]] == [own.objection]
    refused = browser.submit(f"/objections/{own.objection}/answer", response="sue", because=WHY)
    assert refused.status_code == 409 and "accept or reject" in refused.text
    done = browser.submit(f"/objections/{own.objection}/answer", response="reject", because=WHY)
    assert done.status_code == 303
    assert WHY in browser.get("/objections").text and "Your answer" not in browser.get("/objections").text
    with app.state.desk.workspace.database.read() as connection:
        assert FollowUps(connection, EVERYTHING).unsealed() == []

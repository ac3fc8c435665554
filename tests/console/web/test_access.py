"""Every route, every role, one's own scope, another's, and nobody: the table decides, and nothing else lets in."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from console.access import ROUTES, Access, may, scope_of
from console.web.desk import Desk
from store.db.parties import Parties
from store.records.accounts import Account, Role
from store.records.ids import new_id
from store.records.scope import EVERYTHING
from tests.conftest import START
from tests.console.web.conftest import Browser, Now, SignIn
from tests.factories import party

LET_IN = {200, 201, 204, 303, 304, 400, 404, 409, 422}  # the page answered, whatever it found
VALUES = {"{name}": "marque.css", "{number}": "1", "{id}": new_id(), "{kind}": "outcome"}


def _address(access: Access) -> str:
    parts = []
    for part in access.path.split("/"):
        parts.append(VALUES.get(part, new_id() if part.startswith("{") else part))
    return "/".join(parts)


def _ask(browser: Browser, access: Access) -> int:
    path = _address(access)
    if access.method == "GET":
        return int(browser.get(path).status_code)
    return int(browser.request(access.method, path, data={"csrf_token": browser.token}).status_code)


@pytest.mark.parametrize("role", [None, *Role], ids=lambda role: role.value if role else "stranger")
def test_the_matrix_of_routes_and_roles_holds_no_surprise(app: FastAPI, signed_in: SignIn, role: Role | None) -> None:
    surprises = []
    browser = Browser(app) if role is None else signed_in(role)
    for access in ROUTES:
        if access.path in ("/logout", "/account/sessions", "/account/password"):
            continue  # they end the session; tested by themselves
        if access.method == "POST" and access.path in ("/login", "/step-up"):
            continue  # they answer a wrong code like a stranger; tested by themselves
        status = _ask(browser, access)
        expected = access.is_open or (role is not None and role in access.roles)
        refused = 401 if role is None else 403
        if expected != (status in LET_IN) or (not expected and status != refused):
            surprises.append((access.method, access.path, role, status))
    assert surprises == []


def _account(*roles: Role, **more: str) -> Account:
    return Account(id=new_id(), name="A", roles=roles, created_at=START, **more)


def test_an_account_without_roles_may_open_only_what_is_open() -> None:
    assert {access.path for access in ROUTES if may(_account(), access)} == {a.path for a in ROUTES if a.is_open}


def test_an_outsider_without_a_holder_sees_nothing() -> None:
    for role in (Role.HOLDER_EXPERT, Role.RECIPIENT):
        assert scope_of(_account(role)).holder == "nobody"
    assert scope_of(_account(Role.HOLDER_EXPERT, holder="h")).holder == "h"
    assert scope_of(_account(Role.OFFICER)).holder is None
    assert scope_of(_account(Role.OFFICER, compartment="aurora")).compartment == "aurora"


def test_only_few_pages_are_open() -> None:
    opened = sorted({access.path for access in ROUTES if access.is_open})
    assert opened == [
        "/healthz",
        "/login",
        "/metrics",
        "/openapi.json",
        "/readyz",
        "/setup",
        "/static/{name}",
        "/welcome",
    ]


def test_polling_does_not_keep_an_abandoned_browser_signed_in(signed_in: SignIn, now: Now) -> None:
    browser = signed_in(Role.OFFICER)
    for _ in range(4):
        now.move(minutes=4)
        last = browser.get("/live/runs").status_code
    assert last == 401


def test_walking_ids_finds_nothing_of_others(desk: Desk, signed_in: SignIn) -> None:
    with desk.workspace.database.write() as connection:
        Parties(connection, EVERYTHING).put([party(2)])
    browser = signed_in(Role.OFFICER, holder=party(2).id)
    for path in ("/live/runs/" + new_id(), "/runs", "/live/runs"):
        assert browser.get(path).status_code == 404
    assert browser.submit(f"/answers/outcome/{new_id()}/read").status_code == 404

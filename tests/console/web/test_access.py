"""Every route, every role, one's own scope, another's, and nobody: the table decides, and nothing else lets in."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote
from uuid import UUID

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from console.access import ROUTES, Access, access_to, may, scope_of
from store.db.decisions import Decisions
from store.records.accounts import Account, Role
from store.records.ids import new_id
from store.records.scope import EVERYTHING
from tests.conftest import START
from tests.console.web.conftest import Browser, Now, SignIn, add_account, browser_of, open_desk
from tests.console.web.two_holders import FORMS, OBJECTS, SEARCHES, Side, nobodys, two_holders

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
        "/calendar/{token}",
        "/healthz",
        "/login",
        "/metrics",
        "/openapi.json",
        "/readyz",
        "/setup",
        "/sign-in/oidc",
        "/sign-in/oidc/back",
        "/static/{name}",
        "/welcome",
    ]


def test_polling_does_not_keep_an_abandoned_browser_signed_in(signed_in: SignIn, now: Now) -> None:
    browser = signed_in(Role.OFFICER)
    for _ in range(4):
        now.move(minutes=4)
        last = browser.get("/live/runs").status_code
    assert last == 401


# --- objects: one's own, another's, nobody's ------------------------------------------------------------

UNIT_OWNED = {"/sites/{domain}", "/runs/{run}", "/live/runs/{id}", "/runs/{run}/replay", "/webhooks/{message}/replay"}
UNIT_OWNED |= {"/crawls/schedules/{schedule}/{act}", "/crawls/permissions/{permission}/{act}"}
UNIT_OWNED |= {"/webhooks/addresses/{webhook}/{act}"}
"""Runs and sites span holders, so that a narrowed reader sees none, not even those looked at for their own rights."""

REGISTER = {"/rights/{right}", "/references/{reference}"}
"""A compartment keeps cases apart, not the register of rights: the unit's own people look up any right there."""

UNSEALED = {"/batches/{number}/page", "/batches/{number}/batch.zip"}
"""The batches here have no folder; that their own readers get them is tested with sealed ones."""

OTHERS_NEVER_NAMED = ("/step-up", "/login", "/setup", "/welcome", "/accounts", "/account")
"""They show accounts and sessions, never a record; the admin who makes accounts chooses among all holders."""

IDS_WALKED = 200  # half of them guessed, half neighbours; a thousand find as little, and take ten seconds


def _with_object(access: Access) -> bool:
    return "{" in access.path and not access.path.startswith(("/accounts/", "/static/"))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, fresh_home: Path) -> Iterator[tuple[FastAPI, Side, Side]]:
    """One desk with two holders for the whole matrix; a test takes it as the one before left it."""
    made = open_desk(Path(shutil.copytree(fresh_home, tmp_path_factory.mktemp("matrix") / "home")), Now())
    with TestClient(made):
        own, other = two_holders(made.state.desk)
        yield made, own, other


def _reader(app: FastAPI, role: Role, **more: str) -> Browser:
    return browser_of(app, add_account(app.state.desk, f"{role.value} {new_id()[-8:]}", role, **more))


def _answer(browser: Browser, access: Access, one: Side) -> tuple[int, str]:
    """Status and page, without what is different each time: request id, and the address asked for."""
    path = OBJECTS[access.path](one) if "{" in access.path else access.path
    answer = browser.get(path) if access.method == "GET" else browser.submit(path, **FORMS[access.path](one))
    text = answer.text.replace(answer.headers["x-request-id"], "REQUEST").replace(path, "ADDRESS")
    return answer.status_code, text


def test_every_route_with_an_object_has_one_to_ask_for() -> None:
    asked = {access.path for access in ROUTES if "{" in access.path and not access.path.startswith("/accounts/")}
    assert asked - set(OBJECTS) == set(), "routes without an object: add them to tests/console/web/two_holders.py"
    sent = {access.path for access in ROUTES if access.method == "POST" and _with_object(access)}
    assert sent - set(FORMS) == set(), "forms without their fields: add them to tests/console/web/two_holders.py"


@pytest.mark.parametrize("narrowed_by", ["holder", "compartment"])
@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_what_is_anothers_answers_exactly_like_what_is_not_there(
    world: tuple[FastAPI, Side, Side], role: Role, narrowed_by: str
) -> None:
    app, own, other = world
    scope = {narrowed_by: getattr(own, narrowed_by)}
    if role is Role.HOLDER_EXPERT:
        scope["holder"] = own.holder
    if role is Role.RECIPIENT:
        scope["platform"] = "shopnest"
    browser = _reader(app, role, **scope)
    surprises = []
    for access in ROUTES:
        if not _with_object(access) or role not in access.roles:
            continue
        if "holder" not in scope and access.path in REGISTER:
            continue
        anothers, nobody = _answer(browser, access, other), _answer(browser, access, nobodys())
        if anothers != nobody or nobody[0] != 404:
            surprises.append((access.method, access.path, "another's", anothers[0], nobody[0]))
        if any(mark in anothers[1] for mark in other.marks):
            surprises.append((access.method, access.path, "names another's", anothers[0], 0))
        mine = _answer(browser, access, own)[0]
        if (access.path not in UNSEALED and (mine == 404) != (access.path in UNIT_OWNED)) or mine in (401, 403):
            surprises.append((access.method, access.path, "own", mine, 0))
    assert surprises == []


def test_an_outsider_without_a_holder_gets_nothing_of_anybody(world: tuple[FastAPI, Side, Side]) -> None:
    app, own, _other = world
    for role in (Role.HOLDER_EXPERT, Role.RECIPIENT):
        browser = _reader(app, role)
        for access in ROUTES:
            if _with_object(access) and role in access.roles:
                assert _answer(browser, access, own)[0] == 404, (access.path, role)


@pytest.mark.parametrize("narrowed_by", ["holder", "compartment"])
def test_no_list_search_or_count_names_what_is_anothers(world: tuple[FastAPI, Side, Side], narrowed_by: str) -> None:
    app, own, other = world
    named = []
    for role in (Role.OFFICER, Role.HOLDER_EXPERT):
        more = {narrowed_by: getattr(own, narrowed_by)}
        if role is Role.HOLDER_EXPERT:
            more["holder"] = own.holder
        browser = _reader(app, role, **more)
        for access in ROUTES:
            if access.method != "GET" or "{" in access.path or role not in access.roles:
                continue
            if access.path in OTHERS_NEVER_NAMED or ("holder" not in more and access.path.startswith("/rights")):
                continue
            asked = ["", *(search(other) for search in SEARCHES)] if access.path in SEARCHED else [""]
            for query in asked:
                text = browser.get(access.path + query).text
                # What was typed into the box stands in the box.
                typed = unquote(query)
                named += [
                    (role, access.path, query, mark) for mark in other.marks if mark in text and mark not in typed
                ]
    assert named == []


SEARCHED = {
    "/review",
    "/findings.json",
    "/listings",
    "/listings.csv",
}


def test_a_whole_units_reader_sees_both_holders(world: tuple[FastAPI, Side, Side]) -> None:
    app, own, other = world
    browser = _reader(app, Role.AUDITOR)
    for access in ROUTES:
        if access.method != "GET" or not _with_object(access) or Role.AUDITOR not in access.roles:
            continue
        if access.path in UNSEALED:
            continue
        for one in (own, other):
            assert _answer(browser, access, one)[0] == 200, access.path
        assert _answer(browser, access, nobodys())[0] == 404, access.path


@pytest.mark.parametrize("scope", ["another's", "nobody's"])
def test_no_form_reaches_through_a_finding_in_a_bundle(world: tuple[FastAPI, Side, Side], scope: str) -> None:
    app, own, other = world
    browser = _reader(app, Role.REVIEWER, holder=own.holder)
    out = other if scope == "another's" else nobodys()
    both = [FORMS["/review/together"](each)["seen"][0] for each in (own, out)]
    answer = browser.submit("/review/together", seen=both, reject="parody")
    assert answer.status_code == 404
    with app.state.desk.workspace.database.read() as connection:
        assert Decisions(connection, EVERYTHING).of_findings([other.finding]) == {}


def test_walking_ids_finds_nothing_of_others(world: tuple[FastAPI, Side, Side]) -> None:
    app, own, other = world
    browser = _reader(app, Role.OFFICER, holder=own.holder)
    chance = random.Random(4)
    kinds = ("findings", "listings", "sellers", "captures", "rights", "references", "picture")
    found = []
    for number in range(IDS_WALKED):
        near = f"{other.finding[:-8]}{number:08d}" if number % 2 else str(UUID(int=chance.getrandbits(128)))
        path = f"/{kinds[number % len(kinds)]}/{near}"
        if browser.get(path, headers={"accept": "application/json"}).status_code != 404:
            found.append(path)
    for number in range(2, 12):
        found += [
            f"/{kind}/{number}"
            for kind in ("cases", "notices", "batches")
            if browser.get(f"/{kind}/{number}").status_code != 404
        ]
    assert found == []


STILL_TO_COME = ("/api/findings", "/api/cases")


@pytest.mark.parametrize("path", ["/review", "/cases", "/rights", "/batches", *STILL_TO_COME])
def test_named_addresses_are_shut_to_strangers_and_say_no_more_than_others(
    world: tuple[FastAPI, Side, Side], path: str
) -> None:
    app, own, _other = world
    assert Browser(app).get(path).status_code == 401
    for role in Role:
        status = _reader(app, role, holder=own.holder).get(path).status_code
        access = access_to("GET", path)
        expected = 404 if access is None else 200 if role in access.roles else 403
        assert status == expected, (path, role)

"""Signing in with the account of one's office: only a linked subject, only a whole and fresh token, only once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from joserfc.jwk import ECKey
from starlette.testclient import TestClient

from config.settings import load_settings
from console.errors import NotFound, Unanswerable
from console.web.app import create_app
from console.web.desk import Desk
from console.web.limits import RateLimit
from console.web.membership import Members
from console.web.oidc.identities import link, unlink
from store.db import tables
from store.db.audit import AuditTrail
from store.records.accounts import Account, Role
from store.records.doors import Entrance
from store.records.ids import new_id
from store.records.scope import EVERYTHING
from tests.console.web.conftest import QUICK, Browser, Now, add_account
from tests.console.web.oidc.issuer import CLIENT, SECRET, Issuer, issuing

JANE = "Jane Roe"


@dataclass
class Office:
    """A desk that knows the issuer, and Jane, who is linked there."""

    app: FastAPI
    issuer: Issuer
    now: Now
    jane: Account

    @property
    def desk(self) -> Desk:
        found: Desk = self.app.state.desk
        return found

    def leave(self, browser: Browser, next: str = "/cases") -> dict[str, str]:
        """To the issuer, and what the browser brings back."""
        gone = browser.get(f"/sign-in/oidc?next={next}")
        assert gone.status_code == 303, gone.text
        return self.issuer.authorize(gone.headers["location"])

    def come(self, browser: Browser, brought: dict[str, str]) -> Any:
        return browser.get("/sign-in/oidc/back", params=brought)

    def sign_in(self, browser: Browser | None = None) -> Any:
        browser = browser or Browser(self.app)
        return self.come(browser, self.leave(browser))


@pytest.fixture(scope="module")
def home(fresh_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(fresh_home, tmp_path_factory.mktemp("oidc") / "home"))


@pytest.fixture(scope="module")
def opened(home: Path) -> Iterator[Office]:
    """One desk and one issuer for all tests; each has the state it needs."""
    now = Now()
    with issuing(now) as issuer, pytest.MonkeyPatch.context() as patched:
        patched.setenv("MARQUE_OIDC_SECRET", SECRET)
        environ = {"MARQUE_OIDC_ISSUER": issuer.base, "MARQUE_OIDC_CLIENT": CLIENT}
        limit = RateLimit(now, strangers_per_minute=60_000, accounts_per_minute=60_000)
        app = create_app(load_settings(home, environ), clock=now, hasher=QUICK, limit=limit)
        with TestClient(app):
            jane = add_account(app.state.desk, JANE, Role.OFFICER)
            link(app.state.desk.workspace, JANE, issuer.base, issuer.subject, by="Ann", clock=now, ids=new_id)
            yield Office(app, issuer, now, jane)


@pytest.fixture
def office(opened: Office) -> Office:
    opened.issuer.claims, opened.issuer.lies, opened.issuer.subject = {}, {}, "248289761001"
    if hasattr(opened.app.state, "provider"):
        opened.app.state.provider.known.clear()  # what a lying description left
    return opened


def test_a_linked_person_comes_in_where_they_wanted_to_and_still_owes_a_fresh_code(office: Office) -> None:
    browser = Browser(office.app)
    assert 'href="/sign-in/oidc?next=/"' in browser.get("/login").text
    page = office.sign_in(browser)
    assert page.status_code == 200 and 'content="0; url=/cases"' in page.text
    cookies = page.headers.get_list("set-cookie")
    assert any("SameSite=Strict" in each and each.startswith("marque=") for each in cookies)
    assert JANE in browser.get("/account").text
    fresh = browser.get("/accounts")
    assert fresh.status_code == 403
    asked = browser.submit("/notices/export")
    assert asked.status_code == 403 and "fresh one-time code" in asked.text
    with office.desk.workspace.database.read() as connection:
        acts = [act.action for act in AuditTrail(connection, EVERYTHING).of_subject(office.jane.id)]
    assert acts[-1] == "sign_in_by_issuer"


HOSTILE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a nonce of another sign-in": ({"nonce": "f" * 64}, {}),
    "no nonce": ({"nonce": None}, {}),
    "another issuer": ({"iss": "http://127.0.0.1:1"}, {}),
    "another audience": ({"aud": "another client"}, {}),
    "an audience beside ours": ({"aud": [CLIENT, "another client"], "azp": CLIENT}, {}),
    "another authorised party": ({"azp": "another client"}, {}),
    "no subject": ({"sub": None}, {}),
    "an empty subject": ({"sub": ""}, {}),
    "a subject that is a number": ({"sub": 248289761001}, {}),
    "an unknown subject": ({"sub": "2482897610010"}, {}),
    "a subject in other letters": ({"sub": "248289761001 "}, {}),
    "expired": ({"exp": 1}, {}),
    "of tomorrow": ({"iat": 4_000_000_000}, {}),
    "without an end": ({"exp": None}, {}),
    "alg none": ({}, {"sign": "none"}),
    "signed with our own secret": ({}, {"sign": "ours"}),
    "signed by another key of the same name": ({}, {"sign": "another"}),
    "edited after it was signed": ({}, {"sign": "edited"}),
    "a description of another issuer": ({}, {"description": {"issuer": "http://127.0.0.1:1"}}),
    "an address inside the description in the clear": (
        {},
        {"description": {"token_endpoint": "http://login.example/token"}},
    ),
    "an issuer without S256": ({}, {"description": {"code_challenge_methods_supported": ["plain"]}}),
    "an issuer that fails": ({}, {"status": 500}),
    "an issuer that redirects": ({}, {"status": 302}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_token_that_is_not_whole_or_not_ours_lets_nobody_in(office: Office, name: str) -> None:
    browser = Browser(office.app)
    brought = office.leave(browser)
    office.issuer.claims, office.issuer.lies = HOSTILE[name]
    office.app.state.provider.known.clear()
    page = office.come(browser, brought)
    assert page.status_code == 401 and "did not sign you in" in page.text
    assert "nonce" not in page.text and "subject" not in page.text, "why is said in the log alone"
    assert browser.get("/cases").status_code == 401


def test_a_way_back_works_once_in_the_browser_that_began_it_and_in_time(office: Office) -> None:
    browser, stranger = Browser(office.app), Browser(office.app)
    brought = office.leave(browser)
    assert office.come(stranger, brought).status_code == 401, "a state that was overheard"
    office.leave(stranger)
    assert office.come(stranger, brought).status_code == 401, "in another browser's cookie"
    assert office.come(browser, brought).status_code == 200, "and it is not used up by that"
    browser = Browser(office.app)
    brought = office.leave(browser)
    assert office.come(browser, {**brought, "state": "made-up"}).status_code == 401
    assert office.come(browser, {**brought, "iss": "https://evil.example"}).status_code == 401
    brought = office.leave(browser)
    assert office.come(browser, {"state": brought["state"], "error": "access_denied"}).status_code == 401
    brought = office.leave(browser)
    assert office.come(browser, brought).status_code == 200
    browser.get("/logout")
    assert office.come(Browser(office.app), brought).status_code == 401, "replayed"
    late = Browser(office.app)
    brought = office.leave(late)
    office.now.move(minutes=11)
    assert office.come(late, brought).status_code == 401
    other = Browser(office.app)
    first, second = office.leave(other), office.leave(other)
    mixed = office.come(other, {**second, "code": first["code"]})
    assert mixed.status_code == 401, "a code of another try fails by its challenge"


def test_the_ledger_holds_nothing_that_signs_in(office: Office) -> None:
    browser = Browser(office.app)
    brought = office.leave(browser)
    with office.desk.workspace.database.read() as connection:
        rows = str(connection.execute(tables.sign_in_try.select()).all())
    carried = browser.cookies["marque-oidc"]
    assert brought["state"] not in rows and carried not in rows


def test_a_changed_key_is_fetched_anew(office: Office) -> None:
    office.sign_in()
    office.issuer.key = ECKey.generate_key("P-256", {"kid": "two", "use": "sig"})
    assert office.sign_in().status_code == 200


def test_a_closed_account_and_one_whose_person_never_joined_stay_shut(office: Office) -> None:
    desk, by = office.desk, {"by": "Ann", "clock": office.now, "ids": new_id}
    closed = add_account(desk, "Closed Carl", Role.OFFICER)
    Members(desk.workspace, **by).invite("Never Nora", [Role.OFFICER])
    for name, subject in (("Closed Carl", "carl"), ("Never Nora", "nora")):
        link(desk.workspace, name, office.issuer.base, subject, **by)
    Members(desk.workspace, **by).disable(closed.id)
    for subject in ("carl", "nora"):
        office.issuer.subject = subject
        assert office.sign_in().status_code == 401, subject


def test_a_person_links_and_unlinks_and_no_subject_opens_two_accounts(office: Office) -> None:
    desk, by = office.desk, {"by": "Ann", "clock": office.now, "ids": new_id}
    add_account(desk, "Kim Lee", Role.REVIEWER)
    first = link(desk.workspace, "Kim Lee", office.issuer.base, "kim", **by)
    assert link(desk.workspace, "Kim Lee", office.issuer.base, "kim", **by) == first
    with pytest.raises(Unanswerable):
        link(desk.workspace, JANE, office.issuer.base, "kim", **by)
    with pytest.raises(NotFound):
        link(desk.workspace, "Nobody", office.issuer.base, "nobody", **by)
    office.issuer.subject = "kim"
    browser = Browser(office.app)
    assert office.sign_in(browser).status_code == 200
    assert unlink(desk.workspace, "Kim Lee", **by) == 1
    assert browser.get("/cases").status_code == 401, "signed out everywhere"
    assert office.sign_in().status_code == 401


@pytest.mark.parametrize("next", ["//evil.example", "https://evil.example/", "/\\evil.example", "%0d%0aset-cookie:x"])
def test_nobody_is_led_elsewhere_afterwards(office: Office, next: str) -> None:
    browser = Browser(office.app)
    page = office.come(browser, office.leave(browser, next))
    assert 'content="0; url=/"' in page.text


def test_it_is_off_unless_an_issuer_is_set(passer_by: Browser, home: Path) -> None:
    assert "sign-in/oidc" not in passer_by.get("/login").text
    for path in ("/sign-in/oidc", "/sign-in/oidc/back?code=x&state=y"):
        assert passer_by.get(path).status_code == 404


def test_the_holders_portal_takes_it_too(office: Office, home: Path) -> None:
    environ = {"MARQUE_OIDC_ISSUER": office.issuer.base, "MARQUE_OIDC_CLIENT": CLIENT}
    app = create_app(load_settings(home, environ), clock=office.now, hasher=QUICK, entrance=Entrance.HOLDER)
    with TestClient(app):
        gone = Browser(app).get("/sign-in/oidc")
    assert gone.status_code == 303 and urlsplit(gone.headers["location"]).path == "/authorize"

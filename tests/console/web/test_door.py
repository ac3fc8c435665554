"""Whatever is asked, by whomever: the door lets in only whom the table names, and says little to the others."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from console.access import ROUTES, access_to
from console.web.desk import safe_path
from console.web.door import CONTENT_POLICY
from store.records.accounts import Role
from tests.console.web.conftest import Browser, Now, SignIn

SHUT = ["/", "/review", "/cases", "/cases/1", "/rights", "/batches", "/api/findings", "/api/cases", "/nothing-here"]


def test_every_route_is_in_the_table_and_every_row_has_its_route(app: FastAPI) -> None:
    listed = {(access.method, access.path) for access in ROUTES}
    routed = {
        (method, route.path)
        for route in app.router.routes
        for method in (getattr(route, "methods", None) or ())
        if method != "HEAD"
    }
    assert routed - listed == set(), "routes nobody decided about: add them to console/access.py"
    assert listed - routed == set(), "rows of console/access.py that lead nowhere"
    assert len(ROUTES) == len(listed), "a route stands twice in the table"


def test_a_route_outside_the_table_is_refused_to_everyone(app: FastAPI, signed_in: SignIn, stranger: Browser) -> None:
    @app.get("/forgotten")
    def forgotten() -> str:
        return "secret"

    # FastAPI adds to the same list the door reads.
    assert access_to("GET", "/forgotten") is None
    assert stranger.get("/forgotten").status_code == 401
    for role in Role:
        answer = signed_in(role).get("/forgotten")
        assert (answer.status_code, "secret" in answer.text) == (403, False)


@pytest.mark.parametrize("path", SHUT)
def test_a_stranger_gets_the_same_answer_for_what_is_there_and_what_is_not(passer_by: Browser, path: str) -> None:
    assert passer_by.get(path).status_code == 401
    assert passer_by.get(path, headers={"accept": "application/json"}).json().keys() == {"error", "request"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json", "/login", "/static/marque.css"])
def test_machines_and_strangers_find_the_open_pages(passer_by: Browser, path: str) -> None:
    assert passer_by.get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/healthz", "/login", "/cases", "/static/marque.css", "/static/nothing", "/x%0d%0ay"]
)
def test_every_answer_carries_the_policy(passer_by: Browser, path: str) -> None:
    answer = passer_by.get(path)
    assert answer.headers["content-security-policy"] == CONTENT_POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:9", "127.0.0.1:8741.evil.example", "", "localhost"])
def test_another_host_is_refused(passer_by: Browser, host: str) -> None:
    assert passer_by.get("/healthz", headers={"host": host}).status_code == 400


def test_a_form_without_its_token_is_refused(app: FastAPI, signed_in: SignIn) -> None:
    browser = signed_in(Role.OFFICER)
    other = signed_in(Role.OFFICER)
    for fields in ({}, {"csrf_token": ""}, {"csrf_token": "0" * 64}, {"csrf_token": other.token}):
        assert browser.post("/logout", data=fields).status_code == 403
    assert browser.post("/logout", headers={"x-csrf-token": other.token}).status_code == 403
    assert browser.submit("/logout").status_code == 303


ELSEWHERE = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:1"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
]


def test_a_form_from_another_site_is_refused_even_with_the_token(signed_in: SignIn) -> None:
    browser = signed_in(Role.OFFICER)
    for headers in ELSEWHERE:
        answer = browser.post("/logout", data={"csrf_token": browser.token}, headers=headers)
        assert answer.status_code == 403, headers


def test_a_body_beyond_the_limit_is_refused(signed_in: SignIn) -> None:
    browser = signed_in(Role.OFFICER)
    assert browser.submit("/logout", note="x" * 70_000).status_code == 413


def test_an_idle_session_ends_and_so_does_a_long_one(signed_in: SignIn, now: Now) -> None:
    browser = signed_in(Role.OFFICER)
    now.move(minutes=14)
    assert browser.get("/step-up").status_code == 200
    now.move(minutes=14)
    assert browser.get("/step-up").status_code == 200
    now.move(minutes=16)
    assert browser.get("/step-up").status_code == 401
    busy = signed_in(Role.OFFICER)
    for _ in range(51):
        now.move(minutes=14)
        assert busy.get("/step-up").status_code == 200
    now.move(minutes=14)
    assert busy.get("/step-up").status_code == 401


HOSTILE_PATHS = [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example/",
    "/ok\r\nSet-Cookie: a=b",
    "/ok\nx",
    "javascript:alert(1)",
    "/a\tb",
    "/\u2028x",
    "",
    None,
    "evil",
    "/a\\b",
]


@pytest.mark.parametrize("path", HOSTILE_PATHS, ids=repr)
def test_no_address_leads_out_of_the_desk_or_into_a_header(path: str | None) -> None:
    assert safe_path(path) == "/"


def test_a_path_of_ours_is_followed() -> None:
    assert safe_path("/cases/4?page=2#x") == "/cases/4?page=2#x"

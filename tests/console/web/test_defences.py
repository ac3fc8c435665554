"""What an attacker sends: other methods, ends of headers, other hosts' words, bodies too long or too slow."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from urllib.parse import quote

import anyio
import pytest
from annotated_types import Ge, Le
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.types import Message

from config.settings import load_settings
from console.access import FORM_BYTES, ROUTES
from console.web import bodies
from console.web.app import PAGES_OF, create_app
from console.web.limits import RateLimit
from store.records.accounts import Role
from store.records.doors import Entrance
from tests.console.web.conftest import QUICK, Browser, Now, add_account, browser_of, open_desk
from tests.console.web.two_holders import FORMS, OBJECTS, Side, two_holders

ENDS = ("\r\nx-evil: 1", "\nx-evil: 1", "\r\n\r\n<script>", "\u2028x-evil: 1", "\x00")
FORWARDED = {
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "https",
    "x-forwarded-for": "10.0.0.9",
    "x-forwarded-prefix": "/evil",
    "forwarded": "host=evil.example;proto=https",
    "x-original-url": "/accounts",
    "x-rewrite-url": "/accounts",
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, fresh_home: Path) -> Iterator[tuple[FastAPI, Side, Browser]]:
    """A desk with something to see, and somebody in every role at once."""
    made = open_desk(Path(shutil.copytree(fresh_home, tmp_path_factory.mktemp("defences") / "home")), Now())
    with TestClient(made):
        own, _other = two_holders(made.state.desk)
        yield made, own, browser_of(made, add_account(made.state.desk, "Ann Key", *EVERY_STAFF_ROLE))


EVERY_STAFF_ROLE = tuple(role for role in Role if role not in (Role.HOLDER_EXPERT, Role.RECIPIENT))


def test_a_form_cannot_be_sent_by_a_link(filled: tuple[FastAPI, Side, Browser]) -> None:
    _app, own, browser = filled
    read = {access.path for access in ROUTES if access.method == "GET"}
    for access in ROUTES:
        if access.method == "POST" and access.path not in read:
            path = OBJECTS[access.path](own) if access.path in OBJECTS else access.path.replace("{id}", own.finding)
            answer = browser.get(path, params={"csrf_token": browser.token, **FORMS.get(path, lambda _: {})(own)})
            assert answer.status_code in (404, 405, 422), path  # 422: it reads as the number of something


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "CONNECT", "MOVE"])
def test_other_methods_reach_nothing(filled: tuple[FastAPI, Side, Browser], method: str) -> None:
    app, own, browser = filled
    for path in ("/logout", "/review", f"/findings/{own.finding}/undo"):
        token = {"x-csrf-token": browser.token}
        assert browser.request(method, path, headers=token).status_code in (403, 404, 405), path
        assert Browser(app).request(method, path).status_code == 401
    assert browser.get("/").status_code == 200


def test_no_header_or_field_makes_one_method_another(filled: tuple[FastAPI, Side, Browser]) -> None:
    _app, _own, browser = filled
    names = ("x-http-method-override", "x-http-method", "x-method-override")
    override = dict.fromkeys(names, "POST")
    assert browser.get("/logout", params={"_method": "POST"}, headers=override).status_code == 405
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize("end", ENDS, ids=repr)
def test_no_input_ends_a_header(filled: tuple[FastAPI, Side, Browser], end: str) -> None:
    app, own, browser = filled
    evil = f"/x{end}"
    asked = quote(evil)
    answers = [
        browser.get(f"/login?next={asked}"),
        browser.get(f"/step-up?next={asked}"),
        browser.submit("/step-up", code="1", next=evil),
        browser.get(f"/review?q=%22{asked}%22&after={asked}&platform={asked}"),
        browser.get(f"/review/next?q=%22{asked}%22&seller={asked}"),
        browser.get(f"/findings.csv?q=%22{asked}%22&after={asked}"),
        browser.get(f"/listings.json?q=%22{asked}%22"),
        browser.get(f"/cases.csv?state={asked}&platform={asked}"),
        browser.get(f"/picture/{own.photo}?side=240&box={asked}"),
        browser.get(f"/captures/{asked}/body"),
        browser.submit(f"/findings/{own.finding}/undo?q=%22{asked}%22"),
        Browser(app).get(f"/{asked}"),
        Browser(app).submit("/login", name=evil, password=evil, next=evil),
    ]
    for answer in answers:
        assert answer.status_code < 500
        assert "x-evil" not in answer.headers
        for name, value in answer.headers.items():
            assert not any(sign in value for sign in "\r\n\x00\u2028"), (name, value)
        location = answer.headers.get("location", "/")
        assert location.startswith("/")
        assert not location.startswith("//")


def test_what_a_stranger_forwards_is_not_believed(filled: tuple[FastAPI, Side, Browser]) -> None:
    app, _own, browser = filled
    page = browser.get("/review", headers=FORWARDED)
    assert page.status_code == 200
    assert "evil" not in page.text + str(page.headers)
    assert Browser(app).get("/accounts", headers=FORWARDED).status_code == 401
    assert browser.get("/review", headers={"host": "evil.example"}).status_code == 400


def test_a_forwarded_address_does_not_escape_the_rate(tmp_path: Path, fresh_home: Path, now: Now) -> None:
    home = Path(shutil.copytree(fresh_home, tmp_path / "home"))
    limit = RateLimit(now, strangers_per_minute=10)
    made = create_app(load_settings(home, {}), clock=now, hasher=QUICK, limit=limit)
    with TestClient(made):
        stranger = Browser(made)
        answers = [stranger.get("/login", headers={"x-forwarded-for": f"10.0.0.{n}"}).status_code for n in range(12)]
    assert answers.count(200) == 5
    assert set(answers[5:]) == {429}


def test_nothing_personal_is_kept_by_a_cache(filled: tuple[FastAPI, Side, Browser]) -> None:
    _app, own, browser = filled
    for access in ROUTES:
        if access.method != "GET" or access.path == "/static/{name}":
            continue
        path = OBJECTS[access.path](own) if "{" in access.path else access.path
        kept = browser.get(path).headers["cache-control"]
        assert kept == "no-store" or (access.path == "/picture/{sha256}" and kept.startswith("private")), path


def test_a_body_of_unknown_length_is_cut_off_where_the_route_ends(filled: tuple[FastAPI, Side, Browser]) -> None:
    _app, _own, browser = filled
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 40 * FORM_BYTES:
            sent += 1024
            yield b"x" * 1024

    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert browser.post("/logout", content=endless(), headers=headers).status_code == 413
    for length in ("-1", "1e9", "99999999999999999999", "12, 12"):
        answer = browser.post("/logout", content=b"a=1", headers={**headers, "content-length": length})
        assert answer.status_code == 413, length
    assert browser.get("/").status_code == 200


def test_a_body_that_trickles_is_given_up(
    filled: tuple[FastAPI, Side, Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, _own, browser = filled
    monkeypatch.setattr(bodies, "FORM_S", 0.05)
    sent: list[Message] = []
    trickled = 0

    async def receive() -> Message:
        nonlocal trickled
        trickled += 1
        await anyio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/logout",
        "raw_path": b"/logout",
        "query_string": b"",
        "scheme": "http",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8741),
        "http_version": "1.1",
        "root_path": "",
        "headers": [
            (b"host", b"127.0.0.1:8741"),
            (b"cookie", f"marque={browser.cookies['marque']}".encode()),
            (b"content-type", b"application/x-www-form-urlencoded"),
        ],
        "state": {},
    }

    async def ask() -> None:
        with anyio.fail_after(5):
            await app(scope, receive, send)

    anyio.run(ask)
    assert sent[0]["status"] == 413
    assert 1 < trickled < 60
    assert browser.get("/").status_code == 200


def test_two_cookies_of_one_name_are_both_refused(filled: tuple[FastAPI, Side, Browser]) -> None:
    app, _own, browser = filled
    good = browser.cookies["marque"]
    for line in (f"marque={good}; marque=planted", f"marque=planted; marque={good}"):
        pair = Browser(app).get("/review", headers={"cookie": line}).status_code
        assert pair in (200, 401)
    assert (
        Browser(app).get("/review", headers=[("cookie", f"marque={good}"), ("cookie", "marque=x")]).status_code == 401
    )


@pytest.mark.parametrize("number", [10**9, 2**31, 2**63, 10**40, 0, -1])
def test_a_number_nothing_has_is_not_there(filled: tuple[FastAPI, Side, Browser], number: int) -> None:
    """Also one that no column of a database can hold."""
    _app, _own, browser = filled
    for access in ROUTES:
        if access.method == "GET" and "{number}" in access.path and not access.needs_step_up:
            path = access.path.replace("{number}", str(number))
            assert browser.get(path).status_code in (404, 422), path


@pytest.mark.parametrize("entrance", list(PAGES_OF), ids=lambda entrance: entrance.value)
def test_no_route_takes_a_number_without_bounds(entrance: Entrance) -> None:
    """What pydantic lets through, a database may not hold; both ends are said."""
    routes = [route for name in PAGES_OF[entrance] for route in import_module(name).router.routes]
    assert routes
    for route in routes:
        taken = [*route.dependant.path_params, *route.dependant.query_params, *route.dependant.body_params]
        for field in taken:
            if field.field_info.annotation in (int, int | None, float, float | None):
                bounds = {type(each) for each in field.field_info.metadata}
                assert bounds >= {Ge, Le}, (route.path, field.name)


PATHS = {access.path for access in ROUTES}
WILD = ("9" * 40, "\u00b2", "0001-01-01T00:00:00+23:00", "\x00")


@pytest.mark.parametrize("value", WILD, ids=ascii)
def test_no_list_stumbles_over_what_its_address_says(filled: tuple[FastAPI, Side, Browser], value: str) -> None:
    _app, _own, browser = filled
    names = ("after", "before", "from", "case", "at", "since", "until", "holder", "state", "platform", "right", "by")
    for access in ROUTES:
        if access.method == "GET" and f"{access.path}.json" in PATHS:
            answer = browser.get(access.path, params=dict.fromkeys(names, value))
            assert answer.status_code == 400 if value == "\x00" else answer.status_code < 500, access.path

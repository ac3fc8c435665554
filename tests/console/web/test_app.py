"""How the desk behaves as a server: addresses, cookies, failures, logs, rates, and its two commands."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from typer.testing import CliRunner

from config.settings import load_settings
from console.cli import app as command_line
from console.errors import NoWorkspace
from console.web.app import create_app
from console.web.errors import BadAddress
from console.web.limits import KEPT, RateLimit
from console.web.logs import JsonLines
from store.records.accounts import Role
from tests.console.web.conftest import QUICK, Browser, Now, SignIn

SECRET = "Anna Lindqvist, +46 70 555 01 10"


@pytest.mark.parametrize("origin", ["http://desk.example", "http://10.0.0.1:8741", "ftp://127.0.0.1", "desk", ""])
def test_plain_http_beyond_this_machine_is_refused(tmp_path: Path, origin: str) -> None:
    with pytest.raises(BadAddress, match="in the clear"):
        create_app(load_settings(tmp_path, {}), origin=origin)


def test_a_folder_that_is_no_workspace_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoWorkspace, match="marque init"):
        create_app(load_settings(tmp_path / "nowhere", {}))


def test_behind_tls_the_cookie_is_bound_to_the_host(fresh_home: Path) -> None:
    made = create_app(load_settings(fresh_home, {}), origin="https://desk.example", hasher=QUICK)
    with TestClient(made, base_url="https://desk.example") as browser:
        answer = browser.get("/login")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-marque=")
        assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
        assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
        assert browser.get("/login", headers={"host": "127.0.0.1"}).status_code == 400


def test_a_failure_is_logged_and_says_nothing_to_the_outside(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> None:
        raise RuntimeError(SECRET)

    app.add_api_route("/metrics", broken)
    app.router.routes.insert(0, app.router.routes.pop())  # before the page of that address
    with caplog.at_level(logging.INFO, logger="marque.desk"):
        answer = Browser(app).get("/metrics")
    assert answer.status_code == 500
    lines = [JsonLines().format(record) for record in caplog.records if record.name == "marque.desk"]
    assert SECRET not in answer.text + "".join(lines)
    failed = [json.loads(line) for line in lines if json.loads(line)["event"] == "request failed"]
    assert [line["error"] for line in failed] == ["RuntimeError"]
    assert answer.headers["x-request-id"] == failed[0]["request"]
    assert answer.headers["x-request-id"] in answer.text


def test_a_log_line_holds_neither_address_nor_query_nor_name(
    passer_by: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="marque.desk"):
        passer_by.get("/login", params={"next": f"/findings?q={SECRET}"})
        passer_by.submit("/login", name=SECRET, password=SECRET, code="1")
        passer_by.get(f"/{SECRET}")
    lines = [JsonLines().format(record) for record in caplog.records if record.name == "marque.desk"]
    assert len(lines) == 3
    assert all(part not in "".join(lines) for part in ("Lindqvist", "555", "127.0.0.1", "testclient"))
    assert [json.loads(line)["route"] for line in lines] == ["/login", "/login", "none"]
    assert json.loads(lines[0]).keys() >= {"at", "level", "event", "request", "method", "status", "ms"}


def test_a_log_line_never_carries_an_errors_message() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    log = logging.Logger("test")  # of its own, so that no other handler hears it
    log.addHandler(handler)
    try:
        raise ValueError(SECRET)
    except ValueError:
        log.exception("failed", extra={"run": "r-1"})
    line = json.loads(stream.getvalue())
    assert (line["error"], line["run"], line["event"], SECRET in stream.getvalue()) == (
        "ValueError",
        "r-1",
        "failed",
        False,
    )


def test_whoever_asks_too_often_waits(now: Now) -> None:
    limit = RateLimit(now, strangers_per_minute=60, accounts_per_minute=600)
    assert [limit.wait_s("a", is_account=False) for _ in range(31)] == [0] * 30 + [1]
    assert limit.wait_s("b", is_account=False) == 0
    assert limit.wait_s("a", is_account=True) == 0, "an account has its own bucket"
    now.move(seconds=2)
    assert limit.wait_s("a", is_account=False) == 0


def test_many_addresses_fill_no_memory(now: Now) -> None:
    limit = RateLimit(now)
    for number in range(KEPT + 50):
        limit.wait_s(str(number), is_account=False)
    assert len(limit._buckets) == KEPT


def test_a_rate_beyond_the_limit_answers_429(fresh_home: Path, now: Now) -> None:
    made = create_app(
        load_settings(fresh_home, {}), clock=now, hasher=QUICK, limit=RateLimit(now, strangers_per_minute=4)
    )
    with TestClient(made):
        browser = Browser(made)
        answers = [browser.get("/login") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_metrics_count_by_route_and_never_by_address(signed_in: SignIn) -> None:
    browser = signed_in(Role.OFFICER)
    browser.get("/runs")
    browser.get("/secret-thing")
    text = browser.get("/metrics").text
    assert 'marque_requests_total{method="GET",route="/runs",status="200"} 1.0' in text
    assert "secret-thing" not in text
    assert 'marque_request_seconds_bucket{le="0.3",route="/runs"}' in text


def test_readiness_says_what_is_broken(app: FastAPI, passer_by: Browser) -> None:
    assert passer_by.get("/readyz").json() == {
        "status": "ok",
        "checks": {"database": "ok", "vault": "ok", "disk": "ok"},
    }
    app.state.desk.workspace.vault.close()
    broken = Browser(app).get("/readyz")
    assert (broken.status_code, broken.json()["checks"]["vault"]) == (503, "VaultClosed")


def test_accounts_are_made_and_shut_from_the_command_line(fresh_home: Path, tmp_path: Path) -> None:
    home = str(tmp_path / "home")

    def run(*words: str) -> object:
        done = CliRunner().invoke(command_line, ["--home", home, *words, "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    run("init")
    made = run("accounts", "add", "Jane Roe", "--role", "officer", "--role", "approver")
    assert isinstance(made, dict)
    assert made["link"].startswith("http://127.0.0.1:8741/welcome?token=")
    listed = run("accounts", "list")
    assert listed == [{"id": made["id"], "name": "Jane Roe", "roles": ["officer", "approver"], "state": "invited"}]
    assert run("accounts", "disable", "jane roe") == {"name": "Jane Roe", "state": "disabled"}

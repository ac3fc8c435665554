"""Every line of the desk's log can be read by a program, names its request and its run, and nobody else."""

from __future__ import annotations

import json
import logging

import pytest
from fastapi import FastAPI

from console.web.desk import Desk
from console.web.logs import JsonLines
from store.db.personal import keep_values
from store.records.accounts import Role
from tests.console.web.conftest import Browser, SignIn
from tests.console.web.two_holders import two_holders

PERSON = "Nils Ångström"
TYPED = "nils@example.org"


@pytest.fixture
def written(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The log, formatted as `marque serve` writes it, from every part of the program."""
    caplog.handler.setFormatter(JsonLines())
    caplog.set_level(logging.WARNING, logger="httpx2")  # the test's own browser, which logs what it asks for
    caplog.set_level(logging.INFO)
    return caplog


def test_whatever_a_page_logs_carries_the_id_that_its_answer_carries(
    app: FastAPI, stranger: Browser, written: pytest.LogCaptureFixture
) -> None:
    def busy() -> dict[str, str]:
        logging.getLogger("store.evidence").warning("vault index rebuilt", extra={"reason": "torn"})
        return {}

    app.add_api_route("/healthz", busy)
    app.router.routes.insert(0, app.router.routes.pop())
    with written.at_level(logging.INFO):
        first, second = (stranger.get("/healthz").headers["x-request-id"] for _ in range(2))
    texts = written.text.splitlines()
    by_event = {(line["event"], line["request"]) for line in map(json.loads, texts) if "request" in line}
    for id in (first, second):
        assert {("vault index rebuilt", id), ("request", id)} <= by_event
    assert first != second


def test_a_stage_that_a_person_starts_is_logged_with_its_run(
    desk: Desk, signed_in: SignIn, written: pytest.LogCaptureFixture
) -> None:
    own, _other = two_holders(desk)
    officer = signed_in(Role.OFFICER)
    answer = officer.submit(f"/cases/{own.case}/notice")
    stages = [line for line in map(json.loads, written.text.splitlines()) if line["event"] == "stage ended"]
    assert [(line["request"], line["stage"], line["state"]) for line in stages] == [
        (answer.headers["x-request-id"], "notices", "complete")
    ]
    runs = officer.get("/runs.json").json()["runs"]
    assert stages[0]["run"] in {run["run"] for run in runs}


def test_no_line_holds_a_person(
    app: FastAPI, desk: Desk, signed_in: SignIn, written: pytest.LogCaptureFixture
) -> None:
    own, _other = two_holders(desk)
    with desk.workspace.database.write() as connection:
        keep_values(connection, [desk.workspace.sealer.seal("seller", own.seller, "seller_name", PERSON)])
    officer = signed_in(Role.OFFICER)
    assert PERSON in officer.submit(f"/sellers/{own.seller}/reveal", reason=f"to write to {TYPED}").text
    for path in (f"/review?q={TYPED}", f"/sellers/{own.seller}", f"/{PERSON}", f"/findings?q=nobody:{TYPED}"):
        officer.get(path)
    officer.submit(f"/findings/{own.finding}/decide", seen="broken", note=TYPED)
    officer.submit("/login", name=PERSON, password=TYPED, code="1")
    text = written.text
    lines = [json.loads(line) for line in text.splitlines()]
    assert len(lines) >= 7
    assert [line for line in lines if not {"at", "level", "event", "from", "request"} <= line.keys()] == []
    for part in (PERSON, "Nils", TYPED, "example.org", "testclient", "officer-"):
        assert part not in text, part

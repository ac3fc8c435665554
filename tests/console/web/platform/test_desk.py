"""The platform desk: what a batch shows, and that an answer by form or by sheet is entered once, with a receipt."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from console.outer_access import TABLES
from reports.answers.sheet import HEADS
from store.db.audit import AuditTrail
from store.db.notices import Notices
from store.db.outcomes import Outcomes
from store.records.accounts import Role
from store.records.doors import Entrance
from store.records.ledger import AuditEntry
from store.records.notices import Notice, NoticeState
from store.records.outcomes import Outcome
from store.records.scope import EVERYTHING
from tests.console.web.conftest import Browser, Now, add_account, browser_of, open_desk
from tests.console.web.platform.recipient import COOKIE, Recipient
from tests.faults import big_sheet


def _outcomes(recipient: Recipient) -> list[Outcome]:
    with recipient.desk.workspace.database.read() as connection:
        return Outcomes(connection, EVERYTHING).find()


def _notice(recipient: Recipient) -> Notice:
    with recipient.desk.workspace.database.read() as connection:
        found = Notices(connection, EVERYTHING).numbered(1)
    assert found is not None
    return found


def _acts(recipient: Recipient) -> list[AuditEntry]:
    with recipient.desk.workspace.database.read() as connection:
        return AuditTrail(connection, EVERYTHING).of_subject(_notice(recipient).id)


def _receipt(browser: Recipient, answer: Any) -> dict[str, Any]:
    assert answer.status_code == 303, answer.text
    assert browser.get(answer.headers["location"]).status_code == 200
    found: dict[str, Any] = browser.get(answer.headers["location"] + ".json").json()
    return found


def test_every_route_is_in_the_table_and_every_row_has_its_route(door: FastAPI) -> None:
    table = TABLES[Entrance.PLATFORM]
    listed = {(access.method, access.path) for access in table}
    routed = {
        (method, route.path)
        for route in door.router.routes
        for method in (getattr(route, "methods", None) or ())
        if method != "HEAD"
    }
    assert routed == listed and len(table) == len(listed)


def test_a_stranger_gets_the_same_answer_for_what_is_there_and_what_is_not(door: FastAPI) -> None:
    stranger = Recipient(door)
    for path in ("/", "/batches/1", "/batches/7", "/login", "/findings", "/metrics", "/openapi.json"):
        answer = stranger.get(path)
        assert (answer.status_code, "link in the notice" in answer.text) == (401, True), path


def test_a_session_of_the_review_desk_opens_nothing_here_and_a_link_nothing_there(
    door: FastAPI, recipient: Recipient, now: Now
) -> None:
    staff = open_desk(recipient.desk.workspace.settings.home, now)
    with TestClient(staff):
        officer = browser_of(staff, add_account(staff.state.desk, "Olaf", Role.OFFICER))
        assert officer.get("/batches/1").status_code == 200
        assert Recipient(door, officer.cookies["marque"]).get("/batches/1").status_code == 401
        assert Browser(staff, recipient.cookies[COOKIE]).get("/batches/1").status_code == 401


def test_a_batch_shows_items_right_reasons_and_what_speaks_against(recipient: Recipient) -> None:
    page = recipient.get("/batches/1").text
    assert page.count('class="finding-row"') == 2 and "to answer" in page
    item = recipient.get("/batches/1/items/1-1").text
    notice = _notice(recipient)
    for words in (notice.items[0].url, "As protected", "What speaks against it", "Territories", notice.signatory):
        assert str(words) in item
    assert recipient.get("/batches/1/items/1-9").status_code == 404
    assert recipient.get("/batches/1?q=no-such-title").text.count('class="finding-row"') == 0


def test_the_list_as_json_and_table_holds_the_same_lines(recipient: Recipient) -> None:
    rows = recipient.get("/batches/1.json").json()["items"]
    table = list(csv.DictReader(io.StringIO(recipient.get("/batches/1.csv").text)))
    assert [row["item"] for row in rows] == [row["item"] for row in table] == ["1-1", "1-2"]
    assert [cell for row in table for cell in row.values() if cell[:1] in tuple("=+-@\t")] == []


def test_an_answer_is_entered_once_with_a_receipt_and_the_notice_counts_as_sent(
    recipient: Recipient, now: Now
) -> None:
    now.move(hours=2)
    fields = {"answer": "removed", "note": "", "platform_case": "T-1"}
    receipt = _receipt(recipient, recipient.submit("/batches/1/items/1-1", **fields))
    assert receipt["counts"] == {"entered": 1}
    now.move(minutes=3)
    again = _receipt(recipient, recipient.submit("/batches/1/items/1-1", **fields))
    assert again["counts"] == {"known": 1}
    (outcome,) = _outcomes(recipient)
    assert outcome.status is not None
    assert (outcome.status.value, outcome.action, outcome.platform_case_id) == ("actioned", "content_removed", "T-1")
    assert _notice(recipient).state is NoticeState.SENT
    assert "acted on" in recipient.get("/batches/1?state=done").text
    entered, sent = _acts(recipient)[-2:]
    assert (entered.action, sent.action) == ("enter_outcome", "send_notice")
    assert entered.actor.startswith("shopnest by link")


def test_a_refusal_needs_one_of_the_closed_reasons(recipient: Recipient, now: Now) -> None:
    now.move(hours=2)
    path = "/batches/1/items/1-2"
    for fields in (
        {},
        {"answer": "nonsense"},
        {"answer": "kept"},
        {"answer": "kept", "reason": "because"},
        {"answer": "kept", "reason": "other"},
    ):
        answer = recipient.submit(path, **fields)
        assert (answer.status_code, 'role="alert"' in answer.text) == (400, True), fields
    assert _outcomes(recipient) == []
    _receipt(recipient, recipient.submit(path, answer="kept", reason="authorised", note="sells for them"))
    (outcome,) = _outcomes(recipient)
    assert outcome.explanation == "authorised: sells for them"


def _sheet(recipient: Recipient, word: str, at: str) -> bytes:
    lines = list(csv.DictReader(io.StringIO(recipient.get("/batches/1/answers.csv").text)))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, HEADS)
    writer.writeheader()
    writer.writerows([{**line, "answer": word, "decided_at": at} for line in lines])
    return out.getvalue().encode()


def test_the_filled_sheet_answers_everything_and_handed_in_twice_it_changes_nothing(
    recipient: Recipient, now: Now
) -> None:
    now.move(hours=2)
    data = _sheet(recipient, "removed", now().isoformat())
    files = {"file": ("answers.csv", data, "text/csv")}
    assert _receipt(recipient, recipient.submit("/batches/1/answers", files=files))["counts"] == {"entered": 2}
    before = _outcomes(recipient)
    assert _receipt(recipient, recipient.submit("/batches/1/answers", files=files))["counts"] == {"known": 2}
    assert _outcomes(recipient) == before
    other = data.replace(b'"1-', b'"2-').replace(b"\n1-", b"\n2-")
    receipt = _receipt(
        recipient, recipient.submit("/batches/1/answers", files={"file": ("a.csv", other, "text/csv")})
    )
    assert {line["code"] for line in receipt["lines"]} == {"not_ours"}


@pytest.mark.parametrize("data", [b"", b"\x00\x01", b"PK\x03\x04 not a sheet", b"a,b\r\n1,2\r\n", b"\xff\xfe\x00"])
def test_what_is_no_sheet_is_refused_in_words(recipient: Recipient, data: bytes) -> None:
    answer = recipient.submit("/batches/1/answers", files={"file": ("answers.csv", data, "text/csv")})
    assert (answer.status_code, 'role="alert"' in answer.text) == (400, True)
    assert _outcomes(recipient) == []


def test_the_package_passes_the_verifier_that_the_desk_hands_out(recipient: Recipient, tmp_path: Path) -> None:
    page = recipient.get("/batches/1/evidence").text
    assert "pass" in page and "verify.py" in page
    for path in ("/batches/1/batch.zip", "/verify.py", "/keys.json"):
        (tmp_path / path.rsplit("/", 1)[-1]).write_bytes(recipient.get(path).content)
    done = subprocess.run(
        [sys.executable, "-I", "verify.py", "batch.zip", "--keys", "keys.json", "--json"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout)["verdict"] == "PASS"


def test_a_folder_that_is_not_as_sealed_is_not_shown(recipient: Recipient, door: FastAPI) -> None:
    folder = recipient.desk.workspace.settings.out / "batches" / "0001-shopnest"
    body = (folder / "batch.json").read_bytes()
    (folder / "batch.json").write_bytes(body.replace(b"shopnest", b"shopnext", 1))
    assert recipient.get("/batches/1").status_code == 409
    (folder / "batch.json").write_bytes(body)
    assert recipient.get("/batches/1").status_code == 200
    table = folder / "items.csv"
    table.write_bytes(b"changed")
    assert recipient.get("/batches/1/batch.zip").status_code == 409
    assert "fails" in recipient.get("/batches/1/evidence").text


def test_evidence_is_handed_out_as_bytes_and_only_what_the_batch_holds(recipient: Recipient) -> None:
    folder = recipient.desk.workspace.settings.out / "batches" / "0001-shopnest"
    name = sorted(path.name for path in (folder / "evidence").iterdir())[0]
    answer = recipient.get(f"/batches/1/files/{name}")
    assert answer.content == (folder / "evidence" / name).read_bytes()
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    for strange in ("manifest.json", "..%2Fmanifest.json", "%2e%2e/batch.json", "x"):
        assert recipient.get(f"/batches/1/files/{strange}").status_code == 404
    assert recipient.get(f"/batches/1/picture/{'0' * 64}").status_code == 404


def test_a_big_sheet_leaves_every_item_where_it_says_and_again_changes_nothing(batched_home: Path) -> None:
    tally = big_sheet.run(250, 7, batched_home)
    assert (tally.wrong_states, tally.changed_by_second) == (0, 0), tally
    assert tally.first.get("entered", 0) > 200 and tally.second.keys() <= {"known", "refused"}

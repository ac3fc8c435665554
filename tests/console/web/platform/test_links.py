"""A link opens its one batch, once, until it ends; whatever was changed, used, taken back or lent opens nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st

from console.errors import Unanswerable
from console.linking import MOST_LINKS, revoke_links
from reports.answers.links import read_link, write_link
from store.db import tables
from store.db.rows import upsert
from store.records.ids import new_id
from tests import factories as make
from tests.console.web.conftest import Now
from tests.console.web.platform.recipient import COOKIE, Recipient

KEY = b"k" * 32
UNTIL = make.NOW + timedelta(days=14)
ID = "01980000-0000-7000-8000-000000000001"


def test_a_link_says_its_batch_itself_and_its_end() -> None:
    claim = read_link(KEY, write_link(KEY, batch=12, link=ID, expires_at=UNTIL))
    assert claim is not None
    assert (claim.batch, claim.link, claim.expires_at) == (12, ID, UNTIL)


def test_every_changed_letter_makes_a_link_worthless() -> None:
    token = write_link(KEY, batch=12, link=ID, expires_at=UNTIL)
    for place, letter in enumerate(token):
        other = "1" if letter != "1" else "2"
        assert read_link(KEY, token[:place] + other + token[place + 1 :]) is None, place
    assert read_link(b"q" * 32, token) is None
    for changed in (token + "A", token[:-1], token.replace(".", "-"), f" {token}", f"{token}\n", token.upper(), ""):
        assert changed == token or read_link(KEY, changed) is None


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=120))
def test_whatever_is_no_link_reads_as_none(text: str) -> None:
    assert read_link(KEY, text) is None


def test_looking_at_a_link_uses_nothing_up_and_opening_it_works_once(door: FastAPI) -> None:
    first, second = Recipient(door), Recipient(door)
    token = first.link()
    for browser in (first, second, first):
        page = browser.get(f"/open/{token}")
        assert page.status_code == 200 and 'id="open"' in page.text
        assert browser.get("/batches/1").status_code == 401
    planted = first.cookies[COOKIE]
    assert first.submit(f"/open/{token}").status_code == 303
    assert first.cookies[COOKIE] != planted, "the cookie of a stranger never opens anything"
    assert Recipient(door, planted).get("/batches/1").status_code == 401
    assert first.get("/batches/1").status_code == 200
    replayed = second.submit(f"/open/{token}")
    assert (replayed.status_code, "already" in replayed.text) == (410, True)
    assert second.get("/batches/1").status_code == 401
    assert first.get(f"/open/{token}").headers["location"] == "/batches/1", "its own browser finds back"


def test_a_link_that_has_ended_or_was_taken_back_opens_nothing_and_shuts_what_it_opened(
    door: FastAPI, now: Now
) -> None:
    held, fresh = Recipient(door), Recipient(door)
    held.open()
    token = fresh.link()
    revoke_links(held.desk.workspace, 1, link=None, by="Ann", clock=now, ids=new_id)
    assert held.get("/batches/1").status_code == 401
    assert fresh.submit(f"/open/{token}").status_code == 410
    held.open()
    token = fresh.link(days=13)
    now.move(days=14)
    assert held.get("/batches/1").status_code == 401
    gone = fresh.submit(f"/open/{token}")
    assert (gone.status_code, "ended" in gone.text) == (410, True)


def test_a_link_to_one_batch_opens_no_other(door: FastAPI, recipient: Recipient) -> None:
    workspace = recipient.desk.workspace
    with workspace.database.write() as connection:
        row = dict(connection.execute(tables.batch.select()).mappings().one())
        other = {**row, "id": new_id(), "number": 2}
        upsert(connection, tables.batch, [other], ["id"])
    pages = ("", ".json", ".csv", "/evidence", "/batch.zip", "/answers.csv", "/items/1-1", f"/receipts/{new_id()}")
    for page in pages:
        assert recipient.get(f"/batches/2{page}").status_code == recipient.get(f"/batches/9{page}").status_code == 404
    assert recipient.submit("/batches/2/items/1-1", answer="removed").status_code == 404
    assert recipient.submit("/batches/2/colleague").status_code == 404
    # A valid link whose number was changed is another's, and no link at all.
    token = recipient.link(1)
    assert Recipient(door).submit("/open/2" + token[1:]).status_code == 410
    # One whose ledger row was moved to another batch no longer agrees with what was signed.
    with workspace.database.write() as connection:
        connection.execute(tables.batch_link.update().values(batch=other["id"]))
    assert Recipient(door).submit(f"/open/{token}").status_code == 410


def test_a_browser_keeps_every_batch_it_opened(door: FastAPI, recipient: Recipient) -> None:
    recipient.open(1)
    assert recipient.get("/batches/1").status_code == 200
    assert recipient.get("/").headers["location"] == "/batches/1"


def test_a_colleague_gets_a_link_of_their_own(door: FastAPI, recipient: Recipient) -> None:
    page = recipient.submit("/batches/1/colleague").text
    token = page.split("/open/")[1].split("<")[0]
    second = Recipient(door)
    assert second.submit(f"/open/{token}").status_code == 303
    assert second.get("/batches/1").status_code == 200


def test_links_end_within_bounds_and_cannot_fill_the_ledger(recipient: Recipient, now: Now) -> None:
    workspace = recipient.desk.workspace
    for days in (0, -1, 91):
        with pytest.raises(Unanswerable):
            recipient.link(days=days)
    for _ in range(MOST_LINKS - 1):
        recipient.link()
    with pytest.raises(Unanswerable, match="revoke"):
        recipient.link()
    assert len(revoke_links(workspace, 1, link=None, by="Ann", clock=now, ids=new_id)) == MOST_LINKS
    recipient.link()


def test_a_form_from_elsewhere_answers_nothing(recipient: Recipient) -> None:
    for path in ("/batches/1/items/1-1", "/batches/1/answers", "/batches/1/colleague"):
        assert recipient.post(path, data={"answer": "removed"}).status_code == 403
        strange = {"origin": "https://elsewhere.example"}
        data = {"csrf_token": recipient.token, "answer": "removed"}
        assert recipient.post(path, data=data, headers=strange).status_code == 403

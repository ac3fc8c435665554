"""A sealed batch at the desk: the verifier's word on it now, its ZIP, and who sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI

from reports.parcel import pack
from store.db import tables
from store.db.batches import Batches
from store.db.outbox import Outbox
from store.db.rows import row_of
from store.evidence.seal import published_keys
from store.evidence.verify import Verdict, verify
from store.records.accounts import Role
from store.records.ids import new_id
from store.records.outbox import OutboxEntry, OutboxState
from store.records.outcomes import Outcome, OutcomeKind, OutcomeStatus
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.console.web.conftest import Now, SignIn
from tests.console.web.notices.office import PLATFORM, Office


@pytest.fixture
def office(app: FastAPI) -> Office:
    """An office whose first notice has left in a batch."""
    made = Office(app)
    for step in (made.prepare, made.approve, made.sign, made.export):
        step()
    return made


def _folder(office: Office) -> Path:
    return office.desk.workspace.settings.out / "batches" / "0001-shopnest"


def test_the_zip_is_the_same_each_time_and_the_verifier_takes_it(office: Office, tmp_path: Path) -> None:
    first, again = (office.officer.get("/batches/1/batch.zip") for _ in range(2))
    assert first.status_code == 200
    assert first.content == again.content
    assert 'filename="0001-shopnest.zip"' in first.headers["content-disposition"]
    target = tmp_path / "batch.zip"
    target.write_bytes(first.content)
    assert verify(target, published_keys(office.desk.workspace.settings.keys)).verdict is Verdict.PASS
    assert b"".join(pack(_folder(office))) == first.content


def test_every_check_is_named_and_every_file_has_its_digest(office: Office) -> None:
    page = office.officer.get("/batches/1").text
    for name in ("Structure", "List of files", "No file more, none less", "Digests", "Signature", "Signer"):
        assert name in page
    for path in _folder(office).rglob("*"):
        if path.is_file():
            assert make.sha(path.read_bytes()) in page, path.name
    assert "Not queued for delivery" in page and 'href="/notices/1"' in page


def test_a_folder_that_is_not_as_sealed_says_so_and_is_not_handed_out(office: Office) -> None:
    folder, aside = _folder(office), _folder(office).with_name("aside")
    table = folder / "items.csv"
    body = table.read_bytes()
    more = folder / "more.txt"
    harms: tuple[tuple[str, Callable[[], object], Callable[[], object]], ...] = (
        (">changed<", lambda: table.write_bytes(b"something else"), lambda: table.write_bytes(body)),
        (">missing<", table.unlink, lambda: table.write_bytes(body)),
        (">not in the list<", lambda: more.write_bytes(b"more"), more.unlink),
        ("The folder can't be read", lambda: folder.rename(aside), lambda: aside.rename(folder)),
    )
    for words, harm, mend in harms:
        harm()
        page = office.officer.get("/batches/1")
        assert page.status_code == 200
        assert words in page.text and "not what was sealed" in page.text and 'id="download"' not in page.text
        assert office.officer.get("/batches/1/batch.zip").status_code == 409
        mend()
        assert 'id="download"' in office.officer.get("/batches/1").text


def test_exporting_from_the_list_takes_what_is_signed_and_nothing_twice(app: FastAPI) -> None:
    office = Office(app)
    for step in (office.prepare, office.approve, office.sign):
        step()
    assert 'id="export-signed"' in office.officer.get("/notices").text
    answers = [office.officer.submit("/notices/export") for _ in range(2)]
    assert [answer.headers["location"] for answer in answers] == ["/batches/1", "/batches"]
    assert len(office.officer.get("/batches.json").json()["batches"]) == 1
    assert 'id="export-signed"' not in office.officer.get("/notices").text


def test_the_state_of_the_delivery_stands_beside_the_batch(office: Office) -> None:
    batch = office.officer.get("/batches.json").json()["batches"][0]
    assert batch["outbox"] == []
    with office.desk.workspace.database.write() as connection:
        id = connection.execute(tables.batch.select()).first()
        assert id is not None
        connection.execute(
            tables.outbox.insert().values(
                id=new_id(),
                batch=id.id,
                idempotency_key="d" * 64,
                state="held",
                queued_at=office.desk.clock(),
                attempts=2,
            )
        )
    assert "held for a person" in office.officer.get("/batches/1").text
    assert "held for a person" in office.page()
    assert "shopnest" in office.officer.get("/batches.csv").text


def test_a_narrowed_reader_sees_a_batch_only_if_all_of_it_is_theirs(office: Office, signed_in: SignIn) -> None:
    other = make.party(2)
    with office.desk.workspace.database.write() as connection:
        connection.execute(tables.party.insert().values(**row_of(other, tables.party)))
    own = signed_in(Role.OFFICER, holder=office.notice().holder)
    stranger = signed_in(Role.OFFICER, holder=other.id)
    for path in ("/batches/1", "/batches/1/page", "/batches/1/batch.zip"):
        assert own.get(path).status_code == 200, path
        assert stranger.get(path).status_code == 404, path
    assert stranger.get("/batches.json").json()["batches"] == []
    with office.desk.workspace.database.write() as connection:
        connection.execute(tables.batch.update().values(notices=[office.notice().id, new_id()]))
    assert own.get("/batches/1").status_code == 404


def test_the_zip_asks_for_a_role_and_a_fresh_code(office: Office, signed_in: SignIn, now: Now) -> None:
    takes = {Role.OFFICER, Role.APPROVER, Role.SIGNATORY, Role.AUDITOR}
    for role in Role:
        assert signed_in(role).get("/batches/1/batch.zip").status_code == (200 if role in takes else 403), role
    now.move(minutes=11)
    answer = office.officer.get("/batches/1/batch.zip")
    assert (answer.status_code, answer.headers["location"]) == (303, "/step-up?next=/batches/1/batch.zip")


DELIVERY = """
[notify.delivery]
by = "portal"
to = "http://127.0.0.1:8041/report"
"""


def _declare_delivery(office: Office) -> None:
    (office.desk.workspace.settings.platforms / "shopnest.toml").write_text(PLATFORM + DELIVERY)


def _stand(office: Office, state: OutboxState, because: str) -> OutboxEntry:
    """A delivery of the first batch that stands so."""
    with office.desk.workspace.database.write() as connection:
        batch = Batches(connection, EVERYTHING).numbered(1)
        assert batch is not None
        entry = OutboxEntry(
            id=new_id(),
            batch=batch.id,
            idempotency_key="k" * 64,
            state=state,
            attempts=3,
            queued_at=office.desk.clock(),
            because=because,
        )
        connection.execute(tables.outbox.insert(), row_of(entry, tables.outbox))
    return entry


def _delivery(office: Office) -> OutboxEntry:
    with office.desk.workspace.database.read() as connection:
        (found,) = Outbox(connection, EVERYTHING).find()
    return found


def test_a_batch_says_why_it_is_not_queued(office: Office) -> None:
    page = office.officer.get("/batches/1").text
    assert "declares no way of delivery" in page and 'id="queue"' not in page
    _declare_delivery(office)
    assert 'id="queue"' in office.officer.get("/batches/1").text
    refused = office.officer.submit("/batches/1/queue")
    assert refused.status_code == 409 and "verif" in refused.text, "nobody verified the profile"


def test_a_batch_is_held_until_an_hour_by_a_clock_that_is_named(office: Office, now: Now) -> None:
    _declare_delivery(office)
    policy = office.desk.workspace.settings.home / "policy.toml"
    policy.write_text(f"exercise = true\n{policy.read_text()}")
    day = f"{now() + timedelta(days=9):%Y-%m-%d}"
    queue = "/batches/1/queue"
    for wrong in (
        {"not_before": "soon"},
        {"not_before": f"{day}T09:00", "zone": "Mars/Olympus"},
        {"not_before": f"{now() - timedelta(days=1):%Y-%m-%dT%H:%M}"},
    ):
        assert office.officer.submit(queue, **wrong).status_code == 422, wrong
    assert 'name="not_before"' in office.officer.get("/batches/1").text
    assert office.officer.submit(queue, not_before=f"{day}T09:00", zone="Asia/Tokyo").status_code == 303
    entry = _delivery(office)
    assert entry.not_before is not None and entry.not_before.isoformat() == f"{day}T00:00:00+00:00"
    for path in ("/batches/1", "/batches"):
        page = office.officer.get(path).text
        assert f"waits until {day} 09:00 Asia/Tokyo ({day} 00:00:00 UTC)" in page, path
    (line,) = office.officer.get("/batches.json").json()["batches"]
    assert line["not_before"] == [f"{day}T00:00:00+00:00"]


def test_what_is_held_is_shown_with_why_and_a_person_settles_it(office: Office) -> None:
    entry = _stand(office, OutboxState.HELD, "the platform answered 401")
    for path in ("/batches/1", "/notices/1", "/cases/1"):
        page = office.officer.get(path).text
        assert "held for a person" in page, path
    assert "the platform answered 401" in office.officer.get("/batches/1").text
    reader = office.person("Abe Audit", Role.AUDITOR)
    assert 'id="settle"' not in reader.get("/batches/1").text
    assert reader.submit("/batches/1/settle", entry=entry.id, found="missing").status_code == 403
    nothing = office.officer.submit("/batches/1/settle", entry=entry.id, found="arrived", receipt="  ")
    assert nothing.status_code == 409 and "receipt" in nothing.text
    assert _delivery(office).state is OutboxState.HELD
    done = office.officer.submit("/batches/1/settle", entry=entry.id, found="arrived", receipt=" R-77 ")
    assert done.status_code == 303
    assert (_delivery(office).state, _delivery(office).receipt) == (OutboxState.ACCEPTED, "R-77")
    assert "R-77" in office.officer.get("/batches/1").text and "R-77" in office.officer.get("/batches").text
    again = office.officer.submit("/batches/1/settle", entry=entry.id, found="missing")
    assert again.status_code == 409, "what is settled waits for nobody"
    assert _delivery(office).state is OutboxState.ACCEPTED


def test_what_did_not_arrive_leaves_again_and_the_form_names_the_delivery_it_was_about(office: Office) -> None:
    entry = _stand(office, OutboxState.UNKNOWN, "the answer was lost")
    assert office.officer.submit("/batches/1/settle", entry=new_id(), found="missing").status_code == 409
    assert office.officer.submit("/batches/1/settle", entry=entry.id, found="missing").status_code == 303
    assert (_delivery(office).state, _delivery(office).attempts) == (OutboxState.READY, 0)


def test_answers_stand_beside_the_notice_in_its_batch_and_case(office: Office) -> None:
    notice = office.notice()
    with office.desk.workspace.database.write() as connection:
        for number, status in enumerate((OutcomeStatus.ACTIONED, OutcomeStatus.ACTIONED, None)):
            said = Outcome(
                id=make.an_id("outcome", number),
                notice=notice.id,
                kind=OutcomeKind.DECISION,
                status_raw="word",
                status=status,
                received_at=office.desk.clock(),
                raw_sha256="0" * 64,
            )
            connection.execute(tables.outcome.insert(), row_of(said, tables.outcome))
    for path in ("/batches/1", "/cases/1"):
        page = office.officer.get(path).text
        assert 'removed <span translate="no">2</span>' in page, path
        assert "1 word we do not know" in page, path

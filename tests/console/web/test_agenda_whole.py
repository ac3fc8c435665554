"""Nothing that has a time or an open state is missing from the first page: every column of the schema is judged."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Date, Table
from starlette.testclient import TestClient

from config.returns import Returns
from console.web import dues
from console.web.agenda import Agenda, gather
from console.web.desk import Desk
from store.db import tables
from store.db.columns import UtcDateTime
from store.db.review import ReviewItems
from store.db.rows import row_of
from store.db.session import Database
from store.records.accounts import Account, Role
from store.records.ids import new_id
from store.records.scope import EVERYTHING
from store.records.uploads import Upload
from tests import factories as make
from tests.conftest import START
from tests.console.web.conftest import Now, SignIn, open_desk
from tests.console.web.worlds import busy_day

STATE_WORDS = ("state", "status", "standing", "verdict", "our_response", "second_approver")

ON_THE_AGENDA = {
    "deadline.due_at",
    "deadline.state",
    "deadline.ended_at",
    "counter_notice.response_due",
    "counter_notice.our_response",
    "counter_notice.received_at",
    "follow_up.at",
    "follow_up.told_at",
    "outcome.received_at",
    "outcome.status",
    "outbox.state",
    "outbox.lease_until",
    "outbox.queued_at",
    "run.state",
    "run.started_at",
    "host.breaker_until",
    "right.expires_on",
    "right.status",
    "right.status_checked_on",
    "mandate.valid_until",
    "mandate.revoked_on",
    "seller_rule.valid_until",
    "reference.valid_until",
    "reference.withdrawn_on",
    "work.licences",
    "schedule.due_at",
    "schedule.lease_until",
    "upload.state",
    "upload.at",
    "upload.lease_until",
    "authority.expires_at",
    "authority.approved_at",
    "authority.second_approver",
    "authority.revoked_at",
    "notice.state",
    "notice.approved_at",
    "notice.signed_at",
    "case.state",
    "review_item.standing",
    "blind_review.verdict",
    "blind_review.answered_at",
    "account.invited_until",
    "account.disabled_at",
    "instrument.state",
    "instrument.drafted_at",
    "instrument.approved_at",
    "instrument.keeps_until",
    "webhook_message.state",
    "tip.state",
    "tip.at",
    "webhook_message.settled_at",
    "webhook.revoked_at",
    "webhook.paused_at",
    "waiting_letter.since",
}
"""Columns that the first page is made from; each has its case below."""

PASSED_OVER = {
    "past": {
        # When something was: it ends nothing and waits for nobody.
        *("mandate.valid_from", "right.filed_on", "right.registered_on", "seller_rule.valid_from"),
        *("reference.valid_from", "snapshot.made_at", "run.ended_at", "host.robots_at", "capture.fetched_at"),
        *("seller.first_seen", "seller.last_seen", "listing.first_seen", "listing.last_seen"),
        *(
            "observation.observed_at",
            "recheck.judged_at",
            "comparison.compared_at",
            "finding.found_at",
            "finding.updated_at",
        ),
        *("case.opened_at", "decision.at", "determination.at", "known_answer.at", "blind_review.assigned_at"),
        *("notice.drafted_at", "notice_item.observed_at", "batch.created_at", "site.looked_at", "opt_out.at"),
        *(
            "audit_entry.at",
            "schedule.entered_at",
            "schedule.last_due",
            "authority.entered_at",
            "authority.not_before",
            "account.created_at",
            "reveal.at",
        ),
        *("answer_read.at", "review_item.found_at", "review_item.decided_at", "session.started_at"),
        *(
            "capture_seal.captured_from",
            "capture_seal.captured_to",
            "capture_seal.sealed_at",
            "time_token.stamped_at",
        ),
        *("stream_hop.named_at", "host.robots_had_at", "outbox.settled_at", "outcome.decided_at"),
        *(
            "validator.kept_at",
            "tombstone.at",
            "purchase_event.at",
            "purchase_event.entered_at",
            "legal_hold.at",
            "legal_hold.released_at",
        ),
        *("batch_link.made_at", "batch_link.opened_at", "batch_link.revoked_at", "answer_receipt.at"),
        *("upload.ended_at", "letter.at"),
        *("identity.linked_at", "sign_in_try.at"),
        *("webhook.made_at", "webhook_message.made_at", "tip.decided_at"),
        *("api_key.made_at", "api_key.revoked_at", "api_reply.at"),
        *("budget_release.at", "budget_release.seconded_at"),
        *("deadline.starts_at", "deadline.opens_at", "deadline.stepped_at"),
        *("counter_notice.objected_at", "counter_notice.responded_at", "counter_notice.filed_on"),
        *("instrument.issued_at", "takedown_hold.placed_at", "takedown_hold.lifted_at"),
        *("product.launched_on", "product.ended_on"),  # of the goods, not of anybody's work
    },
    "of a machine": {
        # The stages see to these themselves, within minutes.
        *("fetch.state", "fetch.not_before", "fetch.lease_until", "host.next_at", "host.robots_status"),
        *("outbox.not_before", "recipient.next_at", "review_hold.until", "session.seen_at", "session.ends_at"),
        *("session.stepped_up_at", "session.revoked_at", "login_attempt.last_at", "login_attempt.blocked_until"),
        *("capture.status", "capture_seal.next_at"),
        "api_reply.status",
        *(
            "waiting_letter.next_at",
            "webhook_message.next_at",
            "webhook_message.lease_until",
            "webhook_message.status",
            "tip.lease_until",
        ),
    },
    "a key that ends as its maker chose": {
        # Whoever needs a further link or key asks for one; nothing of the unit's own work waits for it.
        *("batch_link.expires_at", "api_key.expires_at"),
    },
    "of the thing looked at": {"listing.state", "observation.state"},  # told by the run that saw it
    "an answer that was given": {"decision.verdict", "capture.robots_verdict", "seller_rule.standing"},
    "told to nobody whom it stops": {"takedown_hold.until"},  # /holds, for whoever keeps them
    "written by nothing yet": {
        # No stage writes a row of these; the first that does brings its line here.
        *("operation.agreed_at", "operation.state"),
    },
}
"""Columns that look like a time or a state, and why the first page does without them."""


def name_of(table: Table, column: Column[Any]) -> str:
    return f"{table.name}.{column.name}"


def test_every_time_and_state_of_the_schema_is_on_the_first_page_or_passed_over_for_a_reason() -> None:
    found = {
        name_of(table, column)
        for table in tables.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, UtcDateTime | Date) or column.name.endswith(STATE_WORDS)
    }
    told = set().union(*PASSED_OVER.values())
    assert found - ON_THE_AGENDA - told == set(), "a new time or state: show it on the first page, or say why not"
    assert (ON_THE_AGENDA - {"work.licences"}) | told <= found, "this column is gone"
    assert not ON_THE_AGENDA & told


def _soon(desk: Desk) -> Any:
    return desk.clock().date() + timedelta(days=5)


def put(desk: Desk, table: Table, **values: Any) -> None:
    with desk.workspace.database.write() as connection:
        connection.execute(table.insert().values(**values))


def change(desk: Desk, table: Table, **values: Any) -> None:
    with desk.workspace.database.write() as connection:
        connection.execute(table.update().values(**values))


def rule(desk: Desk) -> None:
    put(
        desk,
        tables.seller_rule,
        id=new_id(),
        holder=make.an_id("party"),
        platform="bazario",
        platform_seller_id="4",
        standing="authorised",
        rights=[],
        products=[],
        territories=[],
        valid_until=_soon(desk),
    )


def permission(desk: Desk, **more: Any) -> None:
    values = {
        "id": new_id(),
        "case_number": "17 C 4",
        "legal_basis": "law",
        "scope": [],
        "issuer": "court",
        "second_approver": "B",
        "not_before": START,
        "expires_at": desk.clock() + timedelta(days=10),
        "entered_by": "A",
        "entered_at": START,
        "approved_at": START,
    }
    put(desk, tables.authority, **{**values, **more})


def schedule(desk: Desk, **more: Any) -> None:
    values = {
        "id": new_id(),
        "platform": "bazario",
        "cron": "0 4 * * *",
        "zone": "UTC",
        "terms": [],
        "seasons": [],
        "events": [],
        "priority": 0,
        "urgency": 0,
        "enabled": True,
        "entered_by": "A",
        "entered_at": START,
        "due_at": desk.clock() - timedelta(hours=2),
    }
    put(desk, tables.schedule, **{**values, **more})


def upload(desk: Desk, **more: Any) -> None:
    """A sheet handed in two hours ago; times count from now."""
    more = {name: desk.clock() + each if isinstance(each, timedelta) else each for name, each in more.items()}
    at = desk.clock() - timedelta(hours=2)
    made = Upload(id=new_id(), holder=make.an_id("party"), by="A", kind="products", is_trial=False, rows=9, at=at)
    put(desk, tables.upload, **{**row_of(made, tables.upload), **more})


def licence(desk: Desk) -> None:
    window = {"platform": "filmhamn", "territories": [], "valid_from": None, "valid_until": _soon(desk).isoformat()}
    work = make.work(holder=make.an_id("party"), rights=())
    row = make.row_of(work, tables.work)
    put(desk, tables.work, **{**row, "licences": [window]})


def host(desk: Desk) -> None:
    until = desk.clock() + timedelta(hours=1)
    put(desk, tables.host, host="http://x:80", delay_s=1.0, breaker_until=until, failures=9)


def invited(desk: Desk) -> None:
    values = {"id": new_id(), "name": "New", "name_folded": "new", "roles": ["reviewer"], "totp_step": 0}
    until = desk.clock() + timedelta(days=2)
    put(desk, tables.account, **values, invitation_sha256="f" * 64, invited_until=until, created_at=desk.clock())


def blind(desk: Desk) -> None:
    put(
        desk,
        tables.blind_review,
        finding=make.an_id("finding"),
        reviewer="B",
        kind="second",
        expected="confirm",
        assigned_at=START,
    )


def needs_holder(desk: Desk) -> None:
    change(desk, tables.review_item, standing="needs_holder")


def run_that(state: str, kind: str = "crawl", **more: Any) -> Callable[[Desk], None]:
    def act(desk: Desk) -> None:
        at = more.get("started_at", timedelta(0)) + desk.clock()
        values = {"code_version": "1", "config_digest": "e" * 64, "counts": {}, "alarms": more.get("alarms", [])}
        put(desk, tables.run, id=new_id(), kind=kind, platform="bazario", state=state, started_at=at, **values)

    return act


def dead_message(desk: Desk, **more: Any) -> None:
    at = desk.clock()
    hook = {"id": new_id(), "name": "Their desk", "url": "https://a.example/", "events": [], "read_to": 0}
    put(desk, tables.webhook, **{**hook, "made_by": "A", "made_at": at, **more})
    message = {"id": new_id(), "webhook": hook["id"], "event": "notice.state", "source": "x", "body": "{}"}
    put(desk, tables.webhook_message, **message, state="dead", attempts=8, made_at=at, settled_at=at)


CASES: dict[str, tuple[Callable[[Desk], Any], Callable[[Agenda], Any], Any]] = {
    "a clock": (lambda d: None, lambda a: a.clocks[0].kind, "clock_notice"),
    "a missed clock": (
        lambda d: change(d, tables.deadline, state="missed", due_at=d.clock() - timedelta(days=2)),
        lambda a: len(a.clocks),
        3,
    ),
    "a missed clock that was ended late": (
        lambda d: change(
            d, tables.deadline, state="missed", due_at=d.clock() - timedelta(days=2), ended_at=d.clock()
        ),
        lambda a: a.clocks,
        (),
    ),
    "a time of the platform's that ran out": (
        lambda d: change(
            d, tables.deadline, state="missed", holder="recipient", due_at=d.clock() - timedelta(days=2)
        ),
        lambda a: {due.kind for due in a.clocks},
        {"clock_theirs_over"},
    ),
    "a clock that is met": (lambda d: change(d, tables.deadline, state="met"), lambda a: a.clocks, ()),
    "an objection": (lambda d: None, lambda a: a.counter_notices[0].name, "authorised"),
    "an objection answered": (
        lambda d: change(d, tables.counter_notice, our_response="reject"),
        lambda a: a.counter_notices,
        (),
    ),
    "an answer": (lambda d: None, lambda a: a.answers[0].name, "Removed"),
    "an answer without a word of ours": (
        lambda d: change(d, tables.outcome, status=None),
        lambda a: a.answers[0].tone.value,
        "warn",
    ),
    **{
        f"a delivery {state}": (
            lambda d, state=state: change(d, tables.outbox, state=state),
            lambda a: [due.kind for due in a.held],
            [f"delivery_{state}"],
        )
        for state in ("ready", "rejected", "unknown", "held")
    },
    "a delivery broken off": (
        lambda d: change(d, tables.outbox, state="sending", lease_until=d.clock() - timedelta(hours=1)),
        lambda a: [due.kind for due in a.held],
        ["delivery_sending"],
    ),
    "a delivery under way": (
        lambda d: change(d, tables.outbox, state="sending", lease_until=d.clock() + timedelta(hours=1)),
        lambda a: a.held,
        (),
    ),
    "a delivery that arrived": (lambda d: change(d, tables.outbox, state="accepted"), lambda a: a.held, ()),
    **{
        f"a run {state}": (run_that(state), lambda a, state=state: has(a.platforms, f"run_{state}"), True)
        for state in ("unfit", "blocked", "failed", "interrupted", "budget_exhausted")
    },
    "a match that failed": (run_that("failed", "match"), lambda a: has(a.platforms, "run_failed"), True),
    "a run that never ended": (
        run_that("running", started_at=-timedelta(hours=7)),
        lambda a: has(a.platforms, "run_stalled"),
        True,
    ),
    "a run with an alarm": (
        run_that("complete", alarms=["the canary is gone"]),
        lambda a: has(a.platforms, "run_alarm"),
        True,
    ),
    "a schedule nobody answers": (
        lambda d: schedule(d),
        lambda a: has(a.platforms, "schedule_overdue"),
        True,
    ),
    "a schedule that is being answered": (
        lambda d: schedule(d, lease_until=d.clock() + timedelta(minutes=1)),
        lambda a: has(a.platforms, "schedule_overdue"),
        False,
    ),
    "a schedule whose worker died": (
        lambda d: schedule(d, lease_until=d.clock() - timedelta(minutes=1)),
        lambda a: has(a.platforms, "schedule_overdue"),
        True,
    ),
    **{
        f"an upload {what}": (
            lambda d, more=more: upload(d, **more),
            lambda a: has(a.platforms, "upload_overdue"),
            expected,
        )
        for what, more, expected in (
            ("nobody takes", {}, True),
            ("whose worker died", {"lease_until": -timedelta(minutes=1)}, True),
            ("that is being taken in", {"lease_until": timedelta(minutes=1)}, False),
            ("handed in just now", {"at": -timedelta(minutes=1)}, False),
            ("that was taken in", {"state": "done"}, False),
        )
    },
    "a schedule paused": (
        lambda d: schedule(d, enabled=False),
        lambda a: has(a.platforms, "schedule_overdue"),
        False,
    ),
    "a host left alone": (host, lambda a: has(a.platforms, "host"), True),
    "a right that ends": (lambda d: None, lambda a: has(a.expiring, "right"), True),
    "a right cancelled": (
        lambda d: change(d, tables.right, status="cancelled"),
        lambda a: has(a.expiring, "right"),
        False,
    ),
    "a register asked long ago": (
        lambda d: change(d, tables.right, office="EM", status_checked_on=START.date() - timedelta(days=4000)),
        lambda a: has(a.expiring, "register"),
        True,
    ),
    "a mandate that ends": (lambda d: None, lambda a: has(a.expiring, "mandate"), True),
    "a mandate revoked": (
        lambda d: change(d, tables.mandate, revoked_on=START.date()),
        lambda a: has(a.expiring, "mandate"),
        False,
    ),
    "an authorisation that ends": (rule, lambda a: has(a.expiring, "authorisation"), True),
    "a reference that ends": (
        lambda d: change(d, tables.reference, valid_until=_soon(d)),
        lambda a: has(a.expiring, "reference"),
        True,
    ),
    "a reference withdrawn": (
        lambda d: change(d, tables.reference, valid_until=_soon(d), withdrawn_on=START.date()),
        lambda a: has(a.expiring, "reference"),
        False,
    ),
    "a licence that ends": (licence, lambda a: has(a.expiring, "licence"), True),
    "a permission that ends": (permission, lambda a: has(a.expiring, "permission"), True),
    "a permission one person entered": (
        lambda d: permission(d, second_approver=None, approved_at=None),
        lambda a: has(a.expiring, "permission_open"),
        True,
    ),
    "a permission revoked": (
        lambda d: permission(d, revoked_at=START),
        lambda a: has(a.expiring, "permission"),
        False,
    ),
    **{
        f"a tip {state}": (
            lambda d, state=state: put(
                d, tables.tip, id=new_id(), url="https://a.example/", by="A", via="api", at=START, state=state
            ),
            lambda a, state=state: has(a.waiting, f"tips_{state}"),
            state != "dismissed",
        )
        for state in ("open", "failed", "dismissed")
    },
    "a message no receiver took": (
        dead_message,
        lambda a: [(due.kind, due.number) for due in a.held if due.name == "Their desk"],
        [("webhook_dead", 1)],
    ),
    "a message of a webhook that was ended": (
        lambda d: dead_message(d, revoked_at=d.clock()),
        lambda a: has(a.held, "webhook_dead"),
        False,
    ),
    "a receiver that wants no more": (
        lambda d: dead_message(d, paused_at=d.clock(), paused_because="410"),
        lambda a: [(due.kind, due.detail) for due in a.held if due.name == "Their desk"],
        [("webhook_gone", "410")],
    ),
    "a webhook that somebody paused": (
        lambda d: dead_message(d, paused_at=d.clock(), paused_by="Ann", paused_because="it moves"),
        lambda a: [due.kind for due in a.held if due.name == "Their desk"],
        ["webhook_paused"],
    ),
    "a case": (lambda d: None, lambda a: a.cases, {"ready": 1}),
    "a notice to approve": (lambda d: None, lambda a: [due.kind for due in a.waiting], ["notice_ready"]),
    "data kept for a request": (lambda d: None, lambda a: has(a.expiring, "preserved"), True),
    "data kept for a request that was followed": (
        lambda d: change(d, tables.instrument, followed_by="AZ 9/26"),
        lambda a: has(a.expiring, "preserved"),
        False,
    ),
    **{
        f"an instrument {state}": (
            lambda d, state=state: change(d, tables.instrument, state=state),
            lambda a, state=state: has(a.waiting, f"instrument_{state}"),
            state != "withdrawn",
        )
        for state in ("draft", "approved", "withdrawn")
    },
    "a notice to sign": (
        lambda d: change(d, tables.notice, state="approved", approved_at=START),
        lambda a: [due.kind for due in a.waiting],
        ["notice_approved"] * 2,
    ),
    "a notice to export": (
        lambda d: change(d, tables.notice, state="approved", signatory="S", signed_at=START),
        lambda a: [due.kind for due in a.waiting],
        ["notice_signed"] * 2,
    ),
    "a notice refused": (lambda d: change(d, tables.notice, state="refused"), lambda a: a.notices, {"refused": 2}),
    "a notice that left without a clock": (
        lambda d: change(d, tables.notice, state="batched"),
        lambda a: a.without_clock,
        1,
    ),
    "a finding that needs the holder": (needs_holder, lambda a: (a.words_waited_for, a.words_given), (1, 0)),
    "a blind look": (blind, lambda a: a.blind, 1),
    "somebody asked in": (invited, lambda a: has(a.expiring, "invitation"), True),
    "somebody asked in and shut out": (
        lambda d: (invited(d), change(d, tables.account, disabled_at=START)),
        lambda a: has(a.expiring, "invitation"),
        False,
    ),
}


def has(part: tuple[dues.Due, ...], kind: str) -> bool:
    return any(due.kind == kind for due in part)


def agenda_of(desk: Desk) -> Agenda:
    account = Account(id=new_id(), name="A", roles=(Role.OFFICER, Role.ADMIN), created_at=START)
    workspace = desk.workspace
    with workspace.database.read() as connection:
        return gather(connection, account, EVERYTHING, workspace.declarations, workspace.settings.keys, desk.clock())


@pytest.fixture(scope="module")
def busy(fresh_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A busy day, made once."""
    app = open_desk(Path(shutil.copytree(fresh_home, tmp_path_factory.mktemp("busy") / "home")), Now())
    with TestClient(app):
        busy_day(app.state.desk)
        yield app.state.desk


@pytest.fixture
def apart(busy: Desk, tmp_path: Path) -> Iterator[Desk]:
    """The same day in a database of the test's own."""
    with busy.workspace.database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql(f"VACUUM INTO '{tmp_path / 'marque.db'}'")
    with Database(f"sqlite:///{tmp_path / 'marque.db'}") as database:
        yield replace(busy, workspace=replace(busy.workspace, database=database))


@pytest.mark.parametrize("name", CASES)
def test_it_is_on_the_first_page(apart: Desk, name: str) -> None:
    act, look, expected = CASES[name]
    act(apart)
    assert look(agenda_of(apart)) == expected


def test_letters_that_wait_are_told_while_their_mailbox_is_declared(apart: Desk) -> None:
    at = "imaps://office@mail.example/INBOX"
    letter = {"validity": 1, "tries": 2, "because": "it broke", "since": START, "next_at": START}
    for uid in (1, 2):
        put(apart, tables.waiting_letter, id=new_id(), mailbox=at, uid=uid, **letter)
    answers = Returns(by="imap", at=at, senders=("mail.example",), key_env="MARQUE_KEY_TEST")
    platform = make.platform()
    platform = platform.model_copy(update={"notify": platform.notify.model_copy(update={"answers": answers})})
    with apart.workspace.database.read() as connection:
        (due,) = dues.waiting_letters(connection, make.declarations(platforms=(platform,)))
        assert (due.kind, due.detail, due.number, due.at) == ("letters_wait", at, 2, START)
        assert dues.waiting_letters(connection, make.declarations()) == ()


def test_the_page_draws_every_line_and_counts_what_it_does_not_list(
    desk: Desk, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dues, "SHOWN", 1)
    ids = busy_day(desk)
    for act in (rule, licence, permission, host, blind, run_that("budget_exhausted"), run_that("failed", "match")):
        act(desk)
    permission(desk, second_approver=None, approved_at=None)
    change(desk, tables.reference, valid_until=_soon(desk))
    change(desk, tables.outbox, state="ready")
    needs_holder(desk)
    page = signed_in(Role.OFFICER, Role.ADMIN).get("/")
    assert page.status_code == 200
    for words in (
        "and 2 more",
        "waits to be handed over: nothing sends it by itself",
        "budget was used up",
        "left alone after repeated failures",
        "authorisation ends",
        "licence ends",
        "waits for the second person",
        "goes out of use",
        "Blind looks handed out",
    ):
        assert words in page.text, words
    with desk.workspace.database.read() as connection:
        assert ReviewItems(connection, EVERYTHING).get(ids["finding"]) is not None


def test_what_is_said_to_be_written_by_nothing_is_written_by_nothing() -> None:
    unwritten = {name.partition(".")[0] for name in PASSED_OVER["written by nothing yet"]}
    assert unwritten == {"operation"}
    root = Path(tables.__file__).parents[2]
    for package in ("registry", "crawler", "matching", "cases", "reports", "console"):
        for file in (root / package).rglob("*.py"):
            text = file.read_text("utf-8")
            assert not any(f"tables.{name}" in text for name in unwritten), f"{file.name} uses it: show it on Today"

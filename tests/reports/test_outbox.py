"""Deliveries: each arrives at most once, whatever the platform answers and whoever dies; none is forgotten."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from config.delivery import Delivery
from config.policy import EvidencePolicy
from exercise.recipient.ledger import Recipient
from exercise.recipient.web import ServedRecipient
from reports.errors import NotWaiting, NoWay
from reports.outbox import TRIES, Office, carry_next, next_due, settle_by_hand, take_back
from reports.sending import queue_delivery
from reports.signing import recall
from reports.transports.mail import relay
from reports.transports.ways import ways
from store.db.audit import AuditTrail
from store.db.errors import TakenOver
from store.db.notices import Notices
from store.db.outbox import Outbox
from store.db.outcomes import Outcomes
from store.db.session import Database
from store.evidence.seal import published_keys
from store.evidence.vault import Vault
from store.records.notices import NoticeState
from store.records.outbox import OutboxEntry, OutboxState
from store.records.outcomes import OutcomeKind, OutcomeStatus
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.faults import outbox as proof
from tests.reports.test_run import Desk

HOUR = timedelta(hours=1)


class Post:
    """One sealed and queued batch, the office that carries it, and a clock that can be put forward."""

    def __init__(self, desk: Desk, delivery: Delivery, not_before: datetime | None = None, **more: Any) -> None:
        platform = make.platform()
        notify = platform.notify.model_copy(update={"delivery": delivery})
        self.declared = make.declarations(platforms=(platform.model_copy(update={"notify": notify}),))
        self.desk, self.later = desk, timedelta(0)
        desk.add(make.goods_scene(1))
        desk.prepare()
        desk.approve_all()
        (self.batch,) = desk.export()
        act: dict[str, Any] = {"by": "Ann", "clock": self.now, "ids": desk.ids, "not_before": not_before}
        queue_delivery(desk.database, self.declared, self.batch.id, **act)
        values = {
            "secret": {"MARQUE_KEY_TEST": "k"}.get,
            "user_agent": "Marque",
            "relay": None,
            "read_s": 0.3,
            **more,
        }
        self.way = ways(home=desk.home, clock=self.now, **values)

    def now(self) -> datetime:
        return make.NOW + HOUR + self.later

    def office(self, owner: str = "one", **more: Any) -> Office:
        values: dict[str, Any] = {
            "database": self.desk.database,
            "vault": self.desk.vault,
            "declarations": self.declared,
            "home": self.desk.home,
            "keys": published_keys(self.desk.home / "keys"),
            "way": self.way,
            "clock": self.now,
            "ids": self.desk.ids,
            "owner": owner,
        }
        return Office(**{**values, **more})

    def carry(self, later: timedelta = timedelta(0)) -> OutboxEntry | None:
        self.later += later
        carried = carry_next(self.office())
        return carried.entry if carried else None

    def entry(self) -> OutboxEntry:
        with self.desk.database.read() as connection:
            (entry,) = Outbox(connection, EVERYTHING).of_batch(self.batch.id)
        return entry

    def notice_states(self) -> set[NoticeState]:
        return {notice.state for notice in self.desk.notices()}

    def settle(self, **said: Any) -> OutboxEntry:
        return settle_by_hand(
            self.desk.database,
            self.desk.vault,
            self.batch.number,
            by="Ann",
            clock=self.now,
            ids=self.desk.ids,
            **{"receipt": None, **said},
        )


@pytest.fixture
def desk(database: Database, vault: Vault, clock: Any, ids: Any, tmp_path: Path) -> Desk:
    return Desk(database, vault, clock, ids, tmp_path)


class Fated(Recipient):
    """A recipient whose next requests meet what the test names."""

    def __init__(self, *fate: str | None, repeats: Any = "same_key", **more: Any) -> None:
        super().__init__(repeats=repeats, stall_s=0.6, **more)
        self.fate = list(fate)

    def fault(self) -> str | None:
        super().fault()
        return self.fate.pop(0) if self.fate else None


@pytest.fixture
def served() -> Iterator[Callable[[Recipient], ServedRecipient]]:
    opened: list[ServedRecipient] = []

    def serve(recipient: Recipient) -> ServedRecipient:
        opened.append(ServedRecipient(recipient).__enter__())
        return opened[-1]

    yield serve
    for each in opened:
        each.__exit__(None, None, None)


def by_api(base: str, repeats: str = "same_key", **more: Any) -> Delivery:
    look_up = f"{base}/batches/{{key}}" if repeats == "look_up" else None
    values = {"by": "api", "to": f"{base}/batches", "repeats": repeats, "look_up": look_up, "per_minute": 6000}
    return Delivery.model_validate({**values, **more})


def test_an_accepted_batch_is_sent_with_its_receipt_and_the_answer_kept(desk: Desk, served: Any) -> None:
    recipient = Fated()
    post = Post(desk, by_api(served(recipient).base))
    entry = post.carry()
    assert entry is not None and entry.state is OutboxState.ACCEPTED and entry.receipt == "R-000001"
    assert entry.answer_sha256 is not None and b"R-000001" in desk.vault.get(entry.answer_sha256)
    assert post.notice_states() == {NoticeState.SENT}
    with desk.database.read() as connection:
        (notice,) = Notices(connection, EVERYTHING).find()
        (answer,) = Outcomes(connection, EVERYTHING).of_notice(notice.id)
        acts = [act.action for act in AuditTrail(connection, EVERYTHING).of_subject(notice.id)]
    assert (answer.kind, answer.status, answer.platform_case_id) == (
        OutcomeKind.ACK,
        OutcomeStatus.RECEIVED,
        "R-000001",
    )
    assert acts[-2:] == ["send_notice", "enter_outcome"]
    assert post.carry(HOUR) is None and next_due(post.office()) is None
    assert recipient.entered[entry.idempotency_key].items == post.batch.item_count


@pytest.mark.parametrize(
    "fault",
    ["error_before", "error_after", "drop_before", "drop_after", "stall_after", "garbage_after", "cut", "late"],
)
@pytest.mark.parametrize("repeats", ["same_key", "look_up"])
def test_a_lost_answer_is_waited_out_and_the_batch_arrives_once(
    desk: Desk, served: Any, fault: str, repeats: str
) -> None:
    recipient = Fated(fault, repeats=repeats, late_s=0.0)
    post = Post(desk, by_api(served(recipient).base, repeats, settles_s=600))
    first = post.carry()
    assert first is not None and first.state is OutboxState.UNKNOWN and first.because
    assert post.carry(timedelta(seconds=599)) is None, "left alone while its own queue may still enter it"
    for _ in range(3):
        post.carry(timedelta(seconds=2))
    assert post.entry().state is OutboxState.ACCEPTED
    assert [entered.times for entered in recipient.entered.values()] == [1]
    assert recipient.entered[post.entry().idempotency_key].receipt == post.entry().receipt


@pytest.mark.parametrize("fault", ["error_after", "drop_before", "stall_after"])
def test_where_nobody_can_be_asked_a_person_looks_and_nothing_leaves_again(
    desk: Desk, served: Any, fault: str
) -> None:
    recipient = Fated(fault, repeats="neither")
    post = Post(desk, by_api(served(recipient).base, "neither", settles_s=60))
    post.carry()
    held = post.carry(HOUR)
    assert held is not None and held.state is OutboxState.HELD and "not known whether it arrived" in str(held.because)
    assert post.carry(HOUR) is None and recipient.asked == 1
    with pytest.raises(NotWaiting, match="receipt"):
        post.settle(arrived=True, receipt=" ")
    if fault == "drop_before":
        assert post.settle(arrived=False).state is OutboxState.READY
        again = post.carry()
        assert again is not None and again.state is OutboxState.ACCEPTED
    else:
        assert post.settle(arrived=True, receipt="R-000001").state is OutboxState.ACCEPTED
        assert post.notice_states() == {NoticeState.SENT}
    with pytest.raises(NotWaiting, match="waits for a person"):
        post.settle(arrived=True, receipt="R-1")
    assert [entered.times for entered in recipient.entered.values()] == [1]


def test_a_busy_platform_is_left_alone_as_long_as_it_asks(desk: Desk, served: Any) -> None:
    post = Post(desk, by_api(served(Fated("busy", busy_s=90)).base))
    first = post.carry()
    assert first is not None and first.state is OutboxState.READY and "429" in str(first.because)
    assert post.carry(timedelta(seconds=89)) is None
    done = post.carry(timedelta(seconds=1))
    assert done is not None and done.state is OutboxState.ACCEPTED and done.attempts == 2


def test_no_connection_is_tried_again_later_and_at_last_shown_to_a_person(desk: Desk) -> None:
    with ServedRecipient(Fated()) as closed:
        address = closed.base
    post = Post(desk, by_api(address))
    seen_lately = EvidencePolicy(recheck_h=1e3)  # else its offers would be looked at again between the tries
    post.declared = replace(post.declared, policy=post.declared.policy.model_copy(update={"evidence": seen_lately}))
    states = []
    for _ in range(TRIES):
        entry = post.carry(timedelta(hours=5))
        assert entry is not None
        states.append(entry.state)
    assert states == [OutboxState.READY] * (TRIES - 1) + [OutboxState.HELD]
    assert "no connection" in str(post.entry().because)


def test_what_the_platform_declines_is_not_sent_again(desk: Desk, served: Any) -> None:
    recipient = Fated()
    post = Post(desk, by_api(served(recipient).base).model_copy(update={"to": served(recipient).base + "/elsewhere"}))
    entry = post.carry()
    assert (
        entry is not None and entry.state is OutboxState.REJECTED and "batches go to /batches" in str(entry.because)
    )
    assert post.carry(HOUR) is None and post.notice_states() == {NoticeState.BATCHED}


def test_a_wrong_key_waits_for_a_person_and_a_missing_one_for_the_installation(desk: Desk, served: Any) -> None:
    recipient = Fated(token="other")
    base = served(recipient).base
    post = Post(desk, by_api(base, key_env="MARQUE_KEY_TEST"))
    entry = post.carry()
    assert entry is not None and entry.state is OutboxState.HELD and "401" in str(entry.because)
    with pytest.raises(NoWay, match="MARQUE_KEY_NOWHERE"):
        post.way(by_api(base, key_env="MARQUE_KEY_NOWHERE"))


def test_a_recall_before_it_leaves_keeps_it_here(desk: Desk, served: Any) -> None:
    recipient = Fated()
    post = Post(desk, by_api(served(recipient).base))
    (notice,) = desk.notices()
    recall(desk.database, notice.id, by="Ann", because="the wrong seller", clock=post.now, ids=desk.ids)
    entry = post.carry()
    assert entry is not None and entry.state is OutboxState.WITHDRAWN and "recalled" in str(entry.because)
    assert recipient.asked == 0 and post.carry(HOUR) is None


def test_a_recall_after_a_lost_answer_is_held_for_a_person(desk: Desk, served: Any) -> None:
    post = Post(desk, by_api(served(Fated("drop_after")).base))
    post.carry()
    (notice,) = desk.notices()
    recall(desk.database, notice.id, by="Ann", because="the wrong seller", clock=post.now, ids=desk.ids)
    entry = post.carry(2 * HOUR)
    assert entry is not None and entry.state is OutboxState.HELD and "may have arrived" in str(entry.because)


def test_what_is_queued_for_a_later_hour_leaves_then_and_not_before(desk: Desk, served: Any) -> None:
    recipient = Fated()
    post = Post(desk, by_api(served(recipient).base), not_before=make.NOW + 4 * HOUR)
    assert post.entry().because == f"waits until {make.NOW + 4 * HOUR:%Y-%m-%d %H:%M:%S} UTC, as Ann said"
    assert next_due(post.office()) == make.NOW + 4 * HOUR
    assert post.carry() is None and post.carry(2 * HOUR) is None and not recipient.asked
    entry = post.carry(HOUR)
    assert entry is not None and entry.state is OutboxState.ACCEPTED and entry.because is None


def test_an_hour_that_has_passed_keeps_nothing_back(desk: Desk, served: Any) -> None:
    post = Post(desk, by_api(served(Fated()).base), not_before=make.NOW)
    assert post.entry().not_before is None and post.entry().because is None


def test_a_folder_that_changed_does_not_leave(desk: Desk, served: Any) -> None:
    recipient = Fated()
    post = Post(desk, by_api(served(recipient).base))
    (desk.folder(post.batch) / "items.csv").write_bytes(b"changed")
    entry = post.carry()
    assert entry is not None and entry.state is OutboxState.HELD and "not what was sealed" in str(entry.because)
    assert recipient.asked == 0


def test_a_carrier_that_died_leaves_an_unknown_delivery_and_its_late_word_counts_nothing(
    desk: Desk, served: Any
) -> None:
    recipient = Fated()
    post = Post(desk, by_api(served(recipient).base, settles_s=60))
    with desk.database.write() as connection:
        pauses = {"shopnest": timedelta(0)}
        taken = Outbox(connection, EVERYTHING).claim("dead", post.now(), post.now() + timedelta(minutes=5), pauses)
    assert taken is not None
    assert post.carry(timedelta(minutes=4)) is None
    assert post.carry(timedelta(minutes=2)) is None and post.entry().state is OutboxState.UNKNOWN
    with pytest.raises(TakenOver), desk.database.write() as connection:
        Outbox(connection, EVERYTHING).settle(taken, replace(taken.entry, state=OutboxState.READY), None)
    done = post.carry(timedelta(minutes=2))
    assert done is not None and done.state is OutboxState.ACCEPTED
    assert take_back(post.office()) == 0


def test_two_carriers_never_hold_one_delivery(desk: Desk, served: Any) -> None:
    post = Post(desk, by_api(served(Fated()).base))
    with desk.database.write() as connection:
        outbox, until = Outbox(connection, EVERYTHING), post.now() + HOUR
        assert outbox.claim("one", post.now(), until, {"shopnest": timedelta(0)}) is not None
        assert outbox.claim("two", post.now(), until, {"shopnest": timedelta(0)}) is None


def test_a_folder_takes_a_batch_whole_and_once(desk: Desk) -> None:
    post = Post(desk, Delivery(by="folder", to="handed", repeats="same_key"))
    missing = post.carry()
    assert missing is not None and missing.state is OutboxState.HELD and "has to exist" in str(missing.because)
    (desk.home / "handed").mkdir()
    post.settle(arrived=False)
    entry = post.carry(timedelta(minutes=1))
    assert entry is not None and entry.state is OutboxState.ACCEPTED
    (file,) = (desk.home / "handed").iterdir()
    assert file.name == entry.receipt and file.name.startswith(f"{post.batch.number}-shopnest-")


def test_a_portal_is_a_persons_work(desk: Desk) -> None:
    post = Post(desk, Delivery(by="portal", to="https://portal.example/report"))
    entry = post.carry()
    assert entry is not None and entry.state is OutboxState.HELD
    assert "upload" in str(entry.because) and post.batch.path in str(entry.because)
    assert post.settle(arrived=True, receipt="CASE 1").state is OutboxState.ACCEPTED


class Box:
    """A relay that answers as told and keeps what it takes."""

    def __init__(self, rcpt: str = "250 OK", data: str = "250 OK") -> None:
        self.rcpt, self.data, self.kept = rcpt, data, list[Any]()

    async def handle_RCPT(  # noqa: N802 -- the server names it so
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 -- as above
        self.kept.append(envelope)
        if self.data == "hang up":
            session.peer = None
            server.transport.abort()
            return "250 OK"
        return self.data


@pytest.mark.parametrize(
    ("box", "state"),
    [
        (Box(), OutboxState.ACCEPTED),
        (Box(rcpt="550 no such box"), OutboxState.HELD),
        (Box(rcpt="450 busy"), OutboxState.READY),
        (Box(data="554 refused"), OutboxState.REJECTED),
        (Box(data="451 later"), OutboxState.READY),
        (Box(data="hang up"), OutboxState.UNKNOWN),
    ],
    ids=["taken", "no box", "busy", "refused", "later", "hung up"],
)
def test_mail_leaves_once_and_says_what_the_relay_said(desk: Desk, box: Box, state: OutboxState) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        delivery = Delivery(by="mail", to="notices@shopnest.example", sender="office@unit.example")
        post = Post(desk, delivery, relay=relay("127.0.0.1", port, user=None, secret=None, is_here=True))
        entry = post.carry()
    finally:
        controller.stop()
    assert entry is not None and entry.state is state
    if state is OutboxState.ACCEPTED:
        (kept,) = box.kept
        assert entry.receipt == f"<{entry.idempotency_key}@unit.example>"
        assert entry.receipt.encode() in kept.content and b"[EXERCISE]" in kept.content
        assert kept.rcpt_tos == ["notices@shopnest.example"]


def test_no_relay_is_tried_again(desk: Desk) -> None:
    def nobody() -> smtplib.SMTP:
        raise ConnectionRefusedError("refused")

    post = Post(desk, Delivery(by="mail", to="a@b.example", sender="office@unit.example"), relay=nobody)
    entry = post.carry()
    assert entry is not None and entry.state is OutboxState.READY and "no relay" in str(entry.because)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"by": "api", "to": "http://platform.example/in"}, "https"),
        ({"by": "api", "to": "https://me:secret@platform.example/in"}, "credentials"),
        ({"by": "mail", "to": "a@b.example"}, "sender"),
        ({"by": "mail", "to": "a@b.example, c@d.example", "sender": "x@y.example"}, "one mail address"),
        ({"by": "api", "to": "https://p.example/in", "repeats": "look_up"}, "look_up"),
        ({"by": "portal", "to": "https://p.example", "repeats": "same_key"}, "cannot tell"),
    ],
)
def test_a_delivery_that_could_not_be_trusted_does_not_load(wrong: dict[str, str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Delivery.model_validate(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("repeats", ["same_key", "look_up", "neither"])
def test_killed_carriers_double_nothing_and_forget_nothing(repeats: str) -> None:
    found = proof.run(3, 8, seed=7, repeats=repeats, faults_share=0.05)
    assert found.is_sound, found
    assert found.kills >= 1 and found.deliveries == 8

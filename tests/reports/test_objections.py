"""An objection is heard: entered once, decided by a named person, and what follows reaches the platform."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cases.decisions import current_decision
from cases.history import acted_on
from config.delivery import Delivery
from config.platform import Notify
from config.policy import Policy
from reports.answers.sheet import NAME
from reports.budget.gate import admit, records, release, stopped_notices
from reports.budget.standing import Budget
from reports.clocks.keeping import keep_clocks
from reports.errors import NoRelease, NotAnAnswer, NothingToTakeBack, NotOurDoor, SamePerson, UnknownObjection
from reports.follow_ups import enter_told, seal_follow_ups
from reports.objections import answer_objection, enter_objection
from reports.outbox import Office, way_of
from reports.parcel import Parcel
from reports.sending import queue_delivery
from reports.signing import recall
from reports.taking_back import withdraw
from reports.transports.mail import MailTransport
from store.db.deadlines import Deadlines
from store.db.decisions import Decisions
from store.db.follow_ups import FollowUps
from store.db.listings import Listings
from store.db.notices import Notices
from store.db.outcomes import CounterNotices
from store.evidence.seal import load_key, published_keys
from store.evidence.verify import Verdict as Check
from store.evidence.verify import verify
from store.records.cases import Verdict
from store.records.deadlines import DeadlineState
from store.records.follow_ups import Fault, FollowUpKind
from store.records.ids import new_id
from store.records.notices import BatchKind, Notice, NoticeState
from store.records.outcomes import CounterReason, Response
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.faults.answers import Bureau, filled

WHY = "The account is on the list of sellers since May."


@pytest.fixture
def bureau(tmp_path: Path) -> Iterator[Bureau]:
    made = Bureau(tmp_path)
    at = make.NOW + timedelta(minutes=1)
    assert made.bring_at(made.sheets[0][0], "removed", at)
    yield made
    made.close()


def first(bureau: Bureau) -> Notice:
    with bureau.database.read() as connection:
        found = Notices(connection, EVERYTHING).find()
    item = bureau.sheets[0][0]["item_id"]
    return next(notice for notice in found if item in {each.id for each in notice.items})


def object_to(bureau: Bureau, document: bytes = b"letter", **more: Any) -> str:
    notice, item = first(bureau), bureau.sheets[0][0]["item_id"]
    values: dict[str, Any] = {
        "document": document,
        "reason": CounterReason.AUTHORISED,
        "objected_at": make.NOW + timedelta(minutes=2),
        "by": "Ann",
        "clock": bureau.clock,
        "ids": new_id,
    }
    entered = enter_objection(
        bureau.database,
        bureau.vault,
        bureau.declared,
        notice.id,
        item,
        **{**values, **more},
    )
    return entered.id


def answer(
    bureau: Bureau, objection: str, response: Response, by: str = "Ben", because: str = WHY, **more: Any
) -> None:
    answer_objection(
        bureau.database, bureau.declared, objection, response, by=by, because=because,
        clock=bureau.clock, ids=new_id, **more,
    )  # fmt: skip


def test_an_accepted_objection_takes_the_item_back_everywhere(bureau: Bureau, tmp_path: Path) -> None:
    objection = object_to(bureau)
    assert object_to(bureau) == objection, "the same document again"
    answer(bureau, objection, Response.ACCEPT)
    item = bureau.sheets[0][0]["item_id"]
    notice = first(bureau)
    with bureau.database.read() as connection:
        [word] = FollowUps(connection, EVERYTHING).find()
        finding = next(each.finding for each in notice.items if each.id == item)
        decision = current_decision(Decisions(connection, EVERYTHING).of_findings([finding])[finding])
        [record] = [
            r for r in records(connection, bureau.declared, now=bureau.clock()) if r.platform == notice.platform
        ]
    assert (word.kind, word.fault, word.item, word.counter) == (
        FollowUpKind.RESTORE,
        Fault.AUTHORISED,
        item,
        objection,
    )
    assert decision is not None and decision.verdict is Verdict.REJECT, "or the next run would ask for it again"
    assert record.stand.tally.reversed == 1 and record.stand.tally.upheld == 0
    with pytest.raises(NotAnAnswer, match="Ben answered it already"):
        answer(bureau, objection, Response.REJECT)

    key = load_key(tmp_path / "keys", at=bureau.clock())
    [batch] = seal_follow_ups(
        bureau.database, out=tmp_path / "out", key=key, by="Ben", clock=bureau.clock, ids=new_id
    )
    assert (
        seal_follow_ups(bureau.database, out=tmp_path / "out", key=key, by="Ben", clock=bureau.clock, ids=new_id)
        == []
    )
    folder = tmp_path / batch.path
    assert verify(folder, published_keys(tmp_path / "keys")).verdict is Check.PASS
    [said] = json.loads((folder / "follow-ups.json").read_bytes())["follow_ups"]
    assert (said["our_item_id"], said["kind"]) == (item, "restore") and "put it back" in said["asked"]
    assert not (folder / NAME).exists() and b"<script" not in (folder / "index.html").read_bytes()
    assert queue_delivery(bureau.database, bureau.declared, batch.id, by="Ben", clock=bureau.clock, ids=new_id)
    with bureau.database.write() as connection:
        enter_told(connection, batch, receipt="R-7", by="marque", clock=bureau.clock, ids=new_id)
    with bureau.database.read() as connection:
        [told] = FollowUps(connection, EVERYTHING).find()
    assert (told.receipt, told.told_at is not None) == ("R-7", True)


def test_words_that_follow_leave_by_a_way_that_can_carry_them(bureau: Bureau, tmp_path: Path) -> None:
    answer(bureau, object_to(bureau), Response.ACCEPT)
    key = load_key(tmp_path / "keys", at=bureau.clock())
    [batch] = seal_follow_ups(
        bureau.database, out=tmp_path / "out", key=key, by="Ben", clock=bureau.clock, ids=new_id
    )
    mailed = Delivery(by="mail", to="ip@platform.example", sender="office@unit.example")
    notices = Delivery(by="api", to="https://platform.example/notices", body="vero")

    def office(delivery: Delivery, follow_ups: Delivery | None = None) -> Office:
        platform = bureau.declared.platforms[batch.platform]
        notify = platform.notify.model_copy(update={"delivery": delivery, "follow_ups": follow_ups})
        named = {batch.platform: platform.model_copy(update={"notify": notify})}
        return Office(
            database=bureau.database, vault=bureau.vault, declarations=replace(bureau.declared, platforms=named),
            home=tmp_path, keys=published_keys(tmp_path / "keys"), clock=bureau.clock, ids=new_id, owner="test",
            way=lambda chosen: MailTransport(chosen, connect=lambda: pytest.fail("no"), clock=bureau.clock),
        )  # fmt: skip

    assert way_of(office(mailed), replace(batch, kind=BatchKind.NOTICES), notices) is notices
    assert way_of(office(notices, mailed), batch, notices) is mailed
    stays = way_of(office(notices), batch, notices)
    assert isinstance(stays, str) and "no word that follows them" in stays and batch.path in stays
    reports = mailed.model_copy(update={"body": "xarf"})
    assert way_of(office(reports), batch, reports) == mailed, "to the same mailbox, as they were sealed"
    parcel = Parcel(
        key="a" * 64, number=batch.number, platform=batch.platform, profile=batch.profile, watermark=None,
        manifest_sha256=batch.manifest_sha256, notices=(1,), item_count=1, folder=tmp_path / batch.path, follows=True,
    )  # fmt: skip
    said = MailTransport(mailed, connect=lambda: pytest.fail("no"), clock=bureau.clock).compose(parcel)
    assert isinstance(said, EmailMessage) and said["Subject"] == "On notice(s) 1: 1 item(s)"
    body = said.get_body()
    assert body is not None and "what is taken back" in body.get_content()
    assert [each.get_content_type() for each in said.iter_attachments()] == ["application/zip"]
    with pytest.raises(ValidationError, match="as they are sealed"):
        Notify(follow_ups=reports)


def test_an_objection_is_refused_where_it_cannot_be_one(bureau: Bureau) -> None:
    with pytest.raises(NotOurDoor, match="nothing of this one was kept"):
        object_to(bureau, direct=True)
    with pytest.raises(NotAnAnswer, match="no element of the profile"):
        object_to(bureau, elements=["signature"])
    undecided = bureau.sheets[0][1]["item_id"]
    with pytest.raises(NotAnAnswer, match="cannot follow"):
        enter_objection(
            bureau.database, bureau.vault, bureau.declared, first(bureau).id, undecided, document=b"x",
            reason=CounterReason.OTHER, objected_at=make.NOW, by="Ann", clock=bureau.clock, ids=new_id,
        )  # fmt: skip
    objection = object_to(bureau)
    with pytest.raises(NotAnAnswer, match="accept or reject"):
        answer(
            bureau, objection, Response.SUE, court="Svea hovrätt", court_number="T 1-26", filed_on=date(2026, 3, 4)
        )
    with pytest.raises(NotAnAnswer, match="at least 20 letters"):
        answer(bureau, objection, Response.ACCEPT, because="yes")
    with pytest.raises(NotAnAnswer, match="name of a person"):
        answer(bureau, objection, Response.ACCEPT, by="marque")
    with pytest.raises(UnknownObjection):
        answer(bureau, new_id(), Response.ACCEPT)
    notice = first(bureau)
    with pytest.raises(SamePerson, match="approved or signed"):
        answer(bureau, objection, Response.REJECT, by=str(notice.approved_by))


def test_a_rejected_objection_is_answered_in_words_and_changes_no_finding(bureau: Bureau) -> None:
    at = make.NOW + timedelta(minutes=3)
    assert bureau.bring_at(bureau.sheets[0][0], "counter_notice", at)
    with bureau.database.read() as connection:
        [counter] = CounterNotices(connection, EVERYTHING).find()
    assert (counter.item, counter.objected_at) == (bureau.sheets[0][0]["item_id"], at)
    assert object_to(bureau, b"the document", objected_at=at) == counter.id, "the document tells of the same one"
    answer(bureau, counter.id, Response.REJECT)
    with bureau.database.read() as connection:
        [word] = FollowUps(connection, EVERYTHING).find()
    assert (word.kind, word.fault, word.because) == (FollowUpKind.UPHOLD, None, WHY)
    assert first(bureau).state is NoticeState.SENT


def test_what_is_withdrawn_is_counted_and_a_recall_reaches_every_item(bureau: Bureau) -> None:
    notice = first(bureau)
    acted, open_one, last = (line["item_id"] for line in bureau.sheets[0])
    more: dict[str, Any] = {
        "fault": Fault.GENUINE,
        "by": "Ben",
        "because": "the maker's list was wrong",
        "clock": bureau.clock,
        "ids": new_id,
    }
    with pytest.raises(NothingToTakeBack, match="no item of it"):
        withdraw(bureau.database, notice.id, items=[new_id()], **more)
    made = withdraw(bureau.database, notice.id, items=[acted, open_one], **more)
    assert {word.item: word.kind for word in made} == {acted: FollowUpKind.RESTORE, open_one: FollowUpKind.WITHDRAW}
    assert withdraw(bureau.database, notice.id, items=[acted], **more) == []
    assert first(bureau).state is NoticeState.SENT, "one item still stands"
    later = make.NOW + timedelta(hours=1)
    recall(bureau.database, notice.id, by="Ben", because="the rest was wrong too", clock=lambda: later, ids=new_id)
    with bureau.database.read() as connection:
        words = FollowUps(connection, EVERYTHING).find()
    assert {word.item for word in words} == {acted, open_one, last} and first(bureau).state is NoticeState.RECALLED
    keep_clocks(bureau.database, bureau.declared, clock=bureau.clock, ids=new_id)
    with bureau.database.read() as connection:
        states = {each.kind: each.state for each in Deadlines(connection, EVERYTHING).of_notice(notice.id)}
    assert states["dsa_decision"] is DeadlineState.VOID


def test_a_used_up_budget_stops_sending_until_two_people_release_a_day(bureau: Bureau) -> None:
    lines = bureau.sheets[0]
    at = make.NOW + timedelta(minutes=2)
    for line in lines[1:]:
        assert bureau.bring_at(line, "kept", at)
    assert bureau.take(filled(lines[0], "reinstated", at)) or True
    bureau.bring_at(lines[0], "reinstated", at + timedelta(minutes=1))
    notice = first(bureau)
    strict = replace(bureau.declared, policy=Policy())

    def now() -> datetime:
        return at + timedelta(hours=1)

    with bureau.database.read() as connection:
        [record] = [r for r in records(connection, strict, now=now()) if r.platform == notice.platform]
        held = stopped_notices(connection, strict, [notice], now())
        admitted, kept = admit(connection, strict, [replace(notice, approved_by="Cy")], now=now())
    assert (record.stand.tally.refused, record.stand.tally.reversed) == (2, 1)
    assert record.stand.budget is Budget.STOPPED and [each.code for each in held] == ["BUDGET-1"]
    assert admitted == [] and "budget release" in kept[0].way
    asked: dict[str, Any] = {"because": "found the wrong reference and withdrew it", "clock": now, "ids": new_id}
    with pytest.raises(NoRelease, match="at least 20 letters"):
        release(bureau.database, notice.platform, record.account, by="Ann", because="ok", clock=now, ids=new_id)
    release(bureau.database, notice.platform, record.account, by="Ann", **asked)
    with pytest.raises(NoRelease, match="second person"):
        release(bureau.database, notice.platform, record.account, by="ann", **asked)
    release(bureau.database, notice.platform, record.account, by="Ben", **asked)
    with bureau.database.read() as connection:
        assert stopped_notices(connection, strict, [notice], now()) == []
        assert admit(connection, strict, [replace(notice, approved_by="Cy")], now=now())[0] != []
        assert stopped_notices(connection, strict, [notice], now() + timedelta(days=1)) != [], "for that day"


def test_what_was_acted_on_speaks_against_the_account_until_it_is_taken_back(bureau: Bureau) -> None:
    notice = first(bureau)
    item = next(each for each in notice.items if each.id == bureau.sheets[0][0]["item_id"])
    with bureau.database.read() as connection:
        listing = Listings(connection, EVERYTHING).get(item.listing)
        assert listing is not None and listing.seller is not None
        assert acted_on(connection, [listing.seller, "nobody"]) == {listing.seller: frozenset({listing.id})}
    withdraw(
        bureau.database, notice.id, items=[item.id], fault=Fault.GENUINE, by="Ann Reviewer",
        because="the account is on the list", clock=bureau.clock, ids=new_id,
    )  # fmt: skip
    with bureau.database.read() as connection:
        assert acted_on(connection, [listing.seller]) == {}

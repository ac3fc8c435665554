"""Clocks follow what happened: begun once, ended by what ends them, moved by the recipient's own date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar

from reports.clocks.events import events_of
from reports.clocks.feed import of_notice, write_calendar
from reports.clocks.keeping import Kept, keep_clocks, set_due, take_step
from reports.clocks.ladder import next_of
from reports.clocks.planning import plan_clocks
from reports.errors import NoStep, NoSuchDeadline
from store.db.deadlines import Deadlines
from store.records.deadlines import Deadline, DeadlineState, Holder
from store.records.findings import InfringementClass
from store.records.ids import new_id
from store.records.notices import Notice, NoticeItem, NoticeState
from store.records.outcomes import CounterNotice, CounterReason, Outcome, OutcomeKind, OutcomeStatus, Response
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.faults.answers import Bureau, filled

START = make.NOW


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bureau]:
    made = Bureau(tmp_path_factory.mktemp("bureau"))
    yield made
    made.close()


class Wait:
    """A clock that is set by hand."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def keep(bureau: Bureau, at: datetime) -> Kept:
    return keep_clocks(bureau.database, bureau.declared, clock=Wait(at), ids=new_id)


def step(bureau: Bureau, deadline: Deadline, because: str, at: datetime) -> Deadline:
    database, declared = bureau.database, bureau.declared
    return take_step(database, declared, deadline.id, by="Ann", because=because, clock=Wait(at), ids=new_id)


def standing(bureau: Bureau) -> dict[str, Deadline]:
    with bureau.database.read() as connection:
        return {each.kind: each for each in Deadlines(connection, EVERYTHING).nearest()}


def test_the_course_of_a_notice_begins_and_ends_its_clocks(bureau: Bureau, tmp_path: Path) -> None:
    del tmp_path
    lines = bureau.sheets[0]
    at = bureau.clock() + timedelta(minutes=1)
    assert keep(bureau, at) == Kept(), "nothing was answered: nobody knows that it arrived"
    bureau.take(filled(lines[0], "received", at))
    begun = keep(bureau, at)
    assert begun.begun == 2 and keep(bureau, at) == Kept(), "again, nothing"
    clocks = standing(bureau)
    assert clocks["dsa_receipt"].state is DeadlineState.MET
    decision = clocks["dsa_decision"]
    assert (decision.state, decision.holder, decision.basis) == (DeadlineState.RUNNING, Holder.RECIPIENT, "memory")
    assert "chosen here" in decision.counted and "Article 16" in decision.source

    # The platform stays silent: its patience runs out, and the ladder opens step by step.
    late = decision.due_at + timedelta(hours=1)
    with pytest.raises(NoStep, match="is open from"):
        step(bureau, decision, "asked by mail 12", at)
    assert keep(bureau, late).missed == 1
    profile = bureau.declared.profiles["eu-dsa-16"]
    following = next_of(standing(bureau)["dsa_decision"], profile, late)
    assert following is not None and following.act == "remind"
    step(bureau, decision, "asked by mail 12", late)
    with pytest.raises(NoStep, match="coordinator, is open from"):
        step(bureau, decision, "asked by mail 12", late)

    # All items are decided, one of them refused: the clock ends late, and the complaint's begins.
    for number, word in enumerate(("removed", "kept", "removed")[: len(lines)]):
        assert bureau.bring_at(lines[number], word, late + timedelta(minutes=number))
    keep(bureau, late + timedelta(hours=1))
    clocks = standing(bureau)
    assert clocks["dsa_decision"].state is DeadlineState.MISSED and clocks["dsa_decision"].ended_at is not None
    complaint = clocks["dsa_complaint"]
    assert (complaint.holder, complaint.item) == (Holder.SENDER, lines[1]["item_id"])
    step(bureau, complaint, "complaint no. 4", late + timedelta(days=1))
    assert standing(bureau)["dsa_complaint"].state is DeadlineState.MET
    assert keep(bureau, late + timedelta(days=1)) == Kept()


def test_the_recipients_own_date_outweighs_the_count(bureau: Bureau) -> None:
    other = bureau.sheets[1][0]
    at = bureau.clock() + timedelta(days=20)
    assert bureau.bring_at(other, "received", at)
    keep(bureau, at)
    with bureau.database.read() as connection:
        clock = Deadlines(connection, EVERYTHING).running()[0]
    due = at + timedelta(days=2)
    with pytest.raises(NoSuchDeadline, match="at least 10 letters"):
        set_due(bureau.database, clock.id, due_at=due, by="Ann", because="so", clock=Wait(at), ids=new_id)
    with pytest.raises(NoSuchDeadline, match="no clock"):
        set_due(
            bureau.database, new_id(), due_at=due, by="Ann", because="case 12 says so", clock=Wait(at), ids=new_id
        )
    set_due(
        bureau.database, clock.id, due_at=due, by="Ann", because="due_date of case 12", clock=Wait(at), ids=new_id
    )
    keep(bureau, at)
    with bureau.database.read() as connection:
        again = Deadlines(connection, EVERYTHING).get(clock.id)
    assert again is not None and (again.due_at, again.set_by) == (due, "Ann")


def notice(profile: str, items: int = 2) -> Notice:
    named = make.an_id("notice")
    made = tuple(
        NoticeItem(
            id=make.an_id("item", n), notice=named, finding=make.an_id("finding", n), listing=make.an_id("look", n),
            url=f"https://shop.example/item/{n}", platform_item_id=str(n), title=f"AURELIA replica {n}",
            infringement_class=InfringementClass.COUNTERFEIT, grounds=(), explanation="It says so.", against="",
            observed_at=START, captures=(), idempotency_key=make.sha(str(n).encode()),
        )
        for n in range(1, items + 1)
    )  # fmt: skip
    return Notice(
        id=named, number=4, case=make.an_id("case"), platform="shopnest", profile=profile, profile_version=1,
        regime=profile, right=make.an_id("right"), holder=make.an_id("party"), language="en", state=NoticeState.SENT,
        items=made, drafted_at=START, legal_basis="Article 16",
    )  # fmt: skip


def said(number: int, item: str | None, status: OutcomeStatus, at: datetime, action: str | None = None) -> Outcome:
    return Outcome(
        id=make.an_id("outcome", number), notice=make.an_id("notice"), item=item, kind=OutcomeKind.DECISION,
        status_raw=status.value, status=status, action=action, received_at=at, decided_at=at, raw_sha256="a" * 64,
    )  # fmt: skip


def plan(asked: Notice, happened: list[Outcome], counters: list[CounterNotice], now: datetime) -> dict[str, Deadline]:
    profile = make.profile(asked.profile)
    found = plan_clocks(asked, profile, events_of(asked, happened, counters, []), [], now=now, ids=new_id)
    return {each.kind: each for each in found}


def test_a_mercado_libre_report_runs_for_the_seller_then_for_us() -> None:
    asked = notice("mercado-libre", 1)
    item = asked.items[0].id
    friday = datetime(2026, 10, 2, 15, tzinfo=UTC)
    paused = said(1, item, OutcomeStatus.UNDER_REVIEW, friday, "paused")
    clocks = plan(asked, [paused], [], friday)
    assert set(clocks) == {"bpp_seller"} and clocks["bpp_seller"].due_at.date().isoformat() == "2026-10-07"
    handed_in = friday + timedelta(days=1)
    objected = said(2, item, OutcomeStatus.COUNTER_NOTICED, handed_in, "paused")
    counter = CounterNotice(
        id=new_id(), notice=asked.id, item=item, reason=CounterReason.AUTHORISED, received_at=handed_in,
        objected_at=handed_in, raw_sha256="b" * 64,
    )  # fmt: skip
    clocks = plan(asked, [paused, objected], [counter], handed_in)
    assert clocks["bpp_seller"].state is DeadlineState.MET
    ours = clocks["bpp_member"]
    assert (ours.subject, ours.due_at) == (counter.id, handed_in + timedelta(days=3))
    for days, state in ((2, DeadlineState.MET), (4, DeadlineState.MISSED)):
        answered = replace(
            counter, our_response=Response.REJECT, responded_by="Ann", responded_at=handed_in + timedelta(days=days)
        )
        assert plan(asked, [paused, objected], [answered], handed_in)["bpp_member"].state is state


def test_what_asks_does_not_answer_itself_and_silence_is_nobodys_answer() -> None:
    asked = notice("ebay-vero", 1)
    item = asked.items[0].id
    clocks = plan(asked, [said(1, item, OutcomeStatus.CLARIFICATION_REQUESTED, START)], [], START)
    assert clocks["vero_clarify"].state is DeadlineState.RUNNING
    later = [
        said(1, item, OutcomeStatus.CLARIFICATION_REQUESTED, START),
        said(2, item, OutcomeStatus.UNDER_REVIEW, START + timedelta(hours=5)),
    ]
    assert plan(asked, later, [], START)["vero_clarify"].state is DeadlineState.MET
    over = plan(asked, later[:1], [], START + timedelta(days=9))["vero_clarify"]
    assert (over.state, over.ended_at) == (DeadlineState.MISSED, None)


def test_a_notice_of_several_items_is_decided_when_the_last_of_them_is() -> None:
    asked = notice("eu-dsa-16", 2)
    one, two = (item.id for item in asked.items)
    first = [said(1, one, OutcomeStatus.ACTIONED, START)]
    assert plan(asked, first, [], START)["dsa_decision"].state is DeadlineState.RUNNING
    both = [*first, said(2, two, OutcomeStatus.ACTIONED, START + timedelta(days=1))]
    decided = plan(asked, both, [], START)["dsa_decision"]
    assert (decided.state, decided.ended_at) == (DeadlineState.MET, START + timedelta(days=1))


def test_the_feed_is_a_calendar_that_names_nobody() -> None:
    asked = notice("us-dmca-512", 1)
    counter = CounterNotice(
        id=make.an_id("counter"), notice=asked.id, item=asked.items[0].id, reason=CounterReason.FAIR_USE,
        received_at=START, raw_sha256="b" * 64,
    )  # fmt: skip
    clocks = plan(asked, [], [counter], START)
    profile = make.profile("us-dmca-512")
    entries = [of_notice(each, 4, "filmhamn", next_of(each, profile, START)) for each in clocks.values()]
    data = write_calendar(entries, now=START)
    assert data == write_calendar(reversed(entries), now=START)
    assert all(len(line) <= 75 for line in data.split(b"\r\n")) and b"\n" not in data.replace(b"\r\n", b"")
    read = Calendar.from_ical(data)
    todos = list(read.walk("VTODO"))
    assert read["version"] == "2.0" and read["prodid"] and not read.errors
    assert [str(todo["uid"]) for todo in todos] == [
        f"{c.id}@marque" for c in sorted(clocks.values(), key=lambda c: c.due_at)
    ]
    ours = next(todo for todo in todos if "ours" in str(todo["summary"]))
    assert ours.decoded("due") == clocks["dmca_action"].due_at and len(list(ours.walk("VALARM"))) == 1
    assert b"512(g)(2)(C)" in data.replace(b"\r\n ", b"")
    events = list(Calendar.from_ical(write_calendar(entries, now=START, shape="event")).walk("VEVENT"))
    assert len(events) == len(todos) and all(not event.errors for event in events)
    for word in (asked.items[0].url, asked.items[0].title, asked.holder):
        assert word.encode() not in data.replace(b"\r\n ", b"")

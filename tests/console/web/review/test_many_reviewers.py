"""Several people at once: nobody is handed what another has before them, nothing is lost, nothing counts twice."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import timedelta
from threading import Condition, Thread, current_thread

import pytest
from fastapi import FastAPI
from sqlalchemy import Connection

from cases.errors import ChangedMeanwhile, NotUndoable
from console.web.desk import Desk
from console.web.review import deciding
from console.web.review.queue import place_of, read_place, token
from console.web.review.search import Filters
from store.db.holds import ReviewHolds
from store.db.review import ReviewItems
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.accounts import Role
from store.records.cases import RejectReason, Verdict
from store.records.ids import new_id
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.benchmarks.desk import fill
from tests.benchmarks.reviewers import Door, InHand, Shown, Table, Told, reckon, summed, together, work
from tests.console.web.conftest import Now, add_account, browser_of
from tests.console.web.review.stock import scenes_of, stock

OPEN = Filters(standing="open")
START = deciding.Walk(filters=OPEN, place=None)
REVIEWERS = 8
STEPS = 12  # of each, undone and contested ones among them


class PlainDoor:
    """One reviewer by plain calls: what the pages do, without drawing them."""

    def __init__(self, desk: Desk, name: str) -> None:
        self.desk = desk
        self.database = desk.workspace.database
        self.name = name
        self.at = ""

    def first(self) -> Shown | None:
        """The first of the queue."""
        self.at = ""
        return self._next()

    def decide(self, shown: Shown, verdict: tuple[str, str]) -> tuple[bool, Shown | None]:
        """Enter it and go on from there."""
        kind, value = verdict
        reason = RejectReason(value) if kind == "reject" else None
        with self.database.read() as connection:
            place = deciding.place_after(connection, EVERYTHING, shown.finding)
        try:
            found = deciding.enter(
                self.database,
                EVERYTHING,
                deciding.read_seen([shown.seen]),
                Verdict.REJECT if reason else Verdict(value),
                by=self.name,
                clock=self.desk.clock,
                ids=new_id,
                reason=reason,
                walk=deciding.Walk(filters=OPEN, place=place),
            )
        except ChangedMeanwhile:
            return False, None
        self.at = str(place)
        return True, self._shown(found) if found else None

    def undo(self, finding: str) -> tuple[bool, Shown | None]:
        """Take one's own back."""
        try:
            deciding.take_back(self.database, EVERYTHING, finding, by=self.name, clock=self.desk.clock, ids=new_id)
        except NotUndoable:
            return False, None
        return True, self._shown(finding, is_again=True)

    def _next(self) -> Shown | None:
        place = read_place(self.at)
        walk = deciding.Walk(filters=OPEN, place=place)
        found = deciding.next_step(self.database, EVERYTHING, walk, reviewer=self.name, clock=self.desk.clock)
        return self._shown(found) if found else None

    def _shown(self, finding: str, *, is_again: bool = False) -> Shown | None:
        with self.database.read() as connection:
            ((item, blind),) = ReviewItems(connection, EVERYTHING).with_looks([finding], self.name)
            holder = ReviewHolds(connection).holder((item.case, item.twin), self.desk.clock())
        if item.decision and not blind:
            return None  # somebody who went for it decided it on the way: its page has no form
        return Shown(
            finding=finding,
            seen=f"{finding}~{item.comparison}~{'' if blind else item.decision or ''}",
            is_anothers=is_again and holder != self.name,
        )


class Turns:
    """Who goes on: one thread at a time, chosen by chance before each transaction, so that a seed repeats a run."""

    def __init__(self, names: Iterable[str], seed: int) -> None:
        self.chance = random.Random(seed)
        self.going = set(names)
        self.waiting: set[str] = set()
        self.turn: str | None = None
        self.changed = Condition()

    def wait(self, name: str) -> None:
        """Give the turn away and return when it comes again."""
        with self.changed:
            self.waiting.add(name)
            self._choose()
            assert self.changed.wait_for(lambda: self.turn == name, timeout=30)
            self.turn = None
            self.waiting.discard(name)

    def leave(self, name: str) -> None:
        """Take no more turns."""
        with self.changed:
            self.going.discard(name)
            self._choose()

    def _choose(self) -> None:
        if self.turn is None and self.waiting and self.waiting == self.going:
            self.turn = self.chance.choice(sorted(self.waiting))
            self.changed.notify_all()


class Interleaved(Database):
    """A database whose transactions are taken in the order that `Turns` says."""

    def __init__(self, url: str, turns: Turns) -> None:
        super().__init__(url)
        self.turns = turns

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One reading transaction, when it is this thread's turn."""
        self.turns.wait(current_thread().name)
        with super().read() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One writing transaction, when it is this thread's turn."""
        self.turns.wait(current_thread().name)
        with super().write() as connection:
            yield connection


def interleave(desk: Desk, seed: int, *, people: int, steps: int) -> list[Told]:
    """So many people work at once, their transactions in an order that the seed chooses; what each was told."""
    names = [f"Person {seed} {number}" for number in range(people)]
    turns, table = Turns(names, seed), Table()
    all_told = [Told(reviewer=name) for name in names]
    with Interleaved(desk.workspace.database.url, turns) as database:
        one = replace(desk, workspace=replace(desk.workspace, database=database))

        def go(told: Told, number: int) -> None:
            try:
                chance = random.Random(seed * 1000 + number)
                work(PlainDoor(one, told.reviewer), told, table, chance, goes_on=lambda n: n < steps, pause_s=0)
            except Exception as error:  # noqa: BLE001 -- the thread's one boundary; the test sees the fault
                told.fault = repr(error)
            finally:
                turns.leave(told.reviewer)

        threads = [Thread(target=go, args=(told, n), name=told.reviewer) for n, told in enumerate(all_told)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return all_told


def test_eight_people_at_once_lose_nothing_and_count_nothing_twice(desk: Desk) -> None:
    assert fill(desk, 2000) == 200
    doors: dict[str, Door] = {f"Reviewer {n}": PlainDoor(desk, f"Reviewer {n}") for n in range(REVIEWERS)}
    told, _ = together(doors, goes_on=lambda number: number < STEPS, pause_s=0, seed=3)
    with desk.workspace.database.read() as connection:
        found = reckon(connection, told)
    assert found.faults == ()
    assert (found.lost, found.unasked, found.twice, found.handed_twice) == (0, 0, 0, 0)
    assert found.entered >= REVIEWERS * STEPS - found.refused
    assert found.refused > 0, "somebody went for what another had, and one of the two was told"


@pytest.mark.parametrize("seed", range(4))
def test_whatever_the_order_of_transactions_nobody_is_handed_what_another_has(desk: Desk, seed: int) -> None:
    fill(desk, 1000)
    told = interleave(desk, seed, people=5, steps=8)
    with desk.workspace.database.read() as connection:
        found = reckon(connection, told)
    assert found.faults == ()
    assert (found.lost, found.unasked, found.twice, found.handed_twice) == (0, 0, 0, 0)


def test_a_finding_in_two_hands_at_one_moment_is_counted_and_one_handed_on_is_not(desk: Desk) -> None:
    ann, bo = Told(reviewer="Ann"), Told(reviewer="Bo")
    ann.handed = [InHand(finding="f1", since=1, until=3), InHand(finding="f2", since=3, until=9)]
    bo.handed = [InHand(finding="f1", since=3, until=4), InHand(finding="f2", since=8)]
    with desk.workspace.database.read() as connection:
        assert reckon(connection, [ann, bo]).handed_twice == 1


def test_two_spells_of_work_are_summed_without_forgetting_anything() -> None:
    one = Told(
        reviewer="Ann",
        entered=Counter("a"),
        undone=Counter("b"),
        handed=[InHand(finding="f", since=1)],
        refused=2,
        steps_ms=[3.0],
        fault="x",
    )
    both = summed(one, one)
    assert {each.name for each in fields(Told) if not getattr(both, each.name)} == set()
    assert (both.entered["a"], both.undone["b"], len(both.handed), both.refused, both.steps_ms) == (
        2,
        2,
        2,
        4,
        [3.0, 3.0],
    )


def test_what_is_taken_back_is_in_the_same_hand_again_at_once(database: Database, vault: Vault, now: Now) -> None:
    stock(database, vault, scenes_of(2))
    first = deciding.next_step(database, EVERYTHING, START, reviewer="Ann", clock=now)
    assert first is not None
    with database.read() as connection:
        item = ReviewItems(connection, EVERYTHING).get(first)
    assert item is not None
    seen = deciding.read_seen([token(item)])
    deciding.enter(
        database, EVERYTHING, seen, Verdict.UNSURE, by="Ann", clock=now, ids=new_id, walk=deciding.Walk(
            filters=OPEN, place=place_of(item)
        )
    )  # fmt: skip
    deciding.take_back(database, EVERYTHING, first, by="Ann", clock=now, ids=new_id)
    assert deciding.next_step(database, EVERYTHING, START, reviewer="Bo", clock=now) != first


def test_an_offer_in_hand_is_passed_over_with_its_copies_until_it_is_let_go(
    database: Database, vault: Vault, now: Now
) -> None:
    stock(database, vault, [*scenes_of(3, same_photo=True), *scenes_of(1, start=9)])

    def step(reviewer: str) -> str | None:
        return deciding.next_step(database, EVERYTHING, START, reviewer=reviewer, clock=now)

    ann, bo = step("Ann"), step("Bo")
    assert ann is not None
    assert bo is not None
    copies = {make.an_id("finding", n) for n in (1, 2, 3)}
    assert len({ann in copies, bo in copies}) == 2, "one has the offer and its copies, the other has the other"
    assert step("Cy") is None
    assert step("Ann") == ann
    now.at += deciding.HOLD + timedelta(seconds=1)
    assert step("Cy") in {ann, bo}


def test_of_two_who_take_one_offer_one_gets_it(database: Database, now: Now) -> None:
    until = now() + deciding.HOLD
    with database.write() as connection:
        holds = ReviewHolds(connection)
        assert holds.take("Ann", ("c", "t"), now(), until)
        assert not holds.take("Bo", ("c", "t"), now(), until)
        assert holds.take("Ann", ("c", "t"), now(), until)
        assert holds.take("Ann", ("c", "u"), now(), until)
        assert holds.take("Bo", ("c", "t"), now(), until), "Ann went on"
        assert holds.holder(("c", "t"), now()) == "Bo"
        holds.let_go("Bo")
        assert holds.holder(("c", "t"), now()) is None


def test_who_opens_what_another_has_before_them_is_told(app: FastAPI, desk: Desk) -> None:
    stock(desk.workspace.database, desk.workspace.vault, scenes_of(1))
    ann, bo = (browser_of(app, add_account(desk, name, Role.REVIEWER)) for name in ("Ann Key", "Bo Lund"))
    path = f"/findings/{make.an_id('finding')}"
    assert "open now" not in ann.get(path).text
    page = bo.get(path).text
    assert "Another person has this offer open now" in page
    assert "Ann Key" in page
    assert "open now" not in ann.get(path).text


@pytest.fixture
def desk(app: FastAPI) -> Desk:
    """What the pages stand on."""
    found: Desk = app.state.desk
    return found

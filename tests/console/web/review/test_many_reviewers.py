"""Several people at once: nobody is handed what another has before them, nothing is lost, nothing counts twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi import FastAPI

from cases.errors import ChangedMeanwhile, NotUndoable
from console.web.desk import Desk
from console.web.review import deciding
from console.web.review.queue import read_place
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
from tests.benchmarks.reviewers import Door, Shown, reckon, together
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
        return True, self._shown(finding, is_open=True)

    def _next(self) -> Shown | None:
        place = read_place(self.at)
        walk = deciding.Walk(filters=OPEN, place=place)
        found = deciding.next_step(self.database, EVERYTHING, walk, reviewer=self.name, clock=self.desk.clock)
        return self._shown(found) if found else None

    def _shown(self, finding: str, *, is_open: bool = False) -> Shown | None:
        with self.database.read() as connection:
            ((item, blind),) = ReviewItems(connection, EVERYTHING).with_looks([finding], self.name)
        if is_open:
            return Shown(finding=finding, seen=f"{finding}~{item.comparison}~")
        if item.decision and not blind:
            return None  # somebody who went for it decided it on the way: its page has no form
        return Shown(finding=finding, seen=f"{finding}~{item.comparison}~{'' if blind else item.decision or ''}")


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

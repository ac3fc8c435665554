from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Thread

import pytest

from cases.decisions import Sight
from cases.errors import ChangedMeanwhile, NotTogether, NotUndoable, WrongReason
from console.web.review import deciding
from console.web.review.queue import queue_page, surroundings, twins_of
from console.web.review.search import Filters
from store.db.decisions import Decisions
from store.db.review import BlindReviews, KnownAnswers, ReviewItems
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.cases import RejectReason, Verdict
from store.records.ids import new_id, utc_now
from store.records.review import BlindKind, KnownAnswer, Standing
from store.records.scope import EVERYTHING, Scope
from tests import factories as make
from tests.console.web.review.stock import compare_anew, of_another_seller, scenes_of, stock

OPEN = Filters(standing="open")
START = deciding.Walk(filters=OPEN, place=None)


def sight(*numbers: int, decision: str | None = None) -> dict[str, Sight]:
    return {
        make.an_id("finding", n): Sight(comparison=make.an_id("comparison", n), decision=decision) for n in numbers
    }


def enter(database: Database, seen: dict[str, Sight], verdict: Verdict, by: str = "Ann", **more: object) -> None:
    deciding.enter(database, EVERYTHING, seen, verdict, by=by, clock=utc_now, ids=new_id, **more)  # type: ignore[arg-type]  # a test's own shape of the call


def standing(database: Database, number: int) -> Standing:
    with database.read() as connection:
        item = ReviewItems(connection, EVERYTHING).get(make.an_id("finding", number))
    assert item is not None
    return item.standing


def count(database: Database) -> int:
    with database.read() as connection:
        return Decisions(connection, EVERYTHING).count()


def test_a_verdict_moves_the_finding_out_of_the_queue_and_undo_brings_it_back(
    database: Database, vault: Vault
) -> None:
    stock(database, vault, scenes_of(2))
    enter(database, sight(1), Verdict.CONFIRM)
    assert standing(database, 1) is Standing.CONFIRM
    with database.read() as connection:
        assert [row.item.finding for row in queue_page(connection, EVERYTHING, OPEN).rows] == [
            make.an_id("finding", 2)
        ]
    deciding.take_back(database, EVERYTHING, make.an_id("finding", 1), by="Ann", clock=utc_now, ids=new_id)
    assert standing(database, 1) is Standing.OPEN
    assert count(database) == 2, "an undoing is a further entry"


def test_nobody_takes_back_what_another_decided(database: Database, vault: Vault) -> None:
    stock(database, vault, scenes_of(1))
    enter(database, sight(1), Verdict.CONFIRM)
    with pytest.raises(NotUndoable):
        deciding.take_back(database, EVERYTHING, make.an_id("finding", 1), by="Bo", clock=utc_now, ids=new_id)


def test_a_finding_compared_anew_is_not_decided_on_what_was_seen_before(database: Database, vault: Vault) -> None:
    stock(database, vault, scenes_of(1))
    compare_anew(database, 1)
    with pytest.raises(ChangedMeanwhile):
        enter(database, sight(1), Verdict.CONFIRM)
    assert count(database) == 0


def test_of_two_who_decide_at_once_one_is_told(database: Database, vault: Vault) -> None:
    stock(database, vault, scenes_of(1))
    told: list[str] = []

    def go(by: str) -> None:
        try:
            enter(database, sight(1), Verdict.CONFIRM, by)
        except ChangedMeanwhile as changed:
            told.append(changed.why)

    threads = [Thread(target=go, args=(name,)) for name in ("Ann", "Bo", "Cy")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(told), count(database)) == (2, 1)


def test_the_same_form_sent_twice_counts_once(database: Database, vault: Vault) -> None:
    stock(database, vault, scenes_of(1))
    enter(database, sight(1), Verdict.REJECT, reason=RejectReason.PARODY)
    with pytest.raises(ChangedMeanwhile):
        enter(database, sight(1), Verdict.REJECT, reason=RejectReason.PARODY)
    assert count(database) == 1


def test_a_rejection_needs_a_reason_of_the_closed_list(database: Database, vault: Vault) -> None:
    stock(database, vault, scenes_of(1))
    with pytest.raises(WrongReason):
        enter(database, sight(1), Verdict.REJECT)


@pytest.mark.parametrize(
    ("scenes", "verdict", "goes"),
    [
        pytest.param(scenes_of(3, same_photo=True), Verdict.CONFIRM, True, id="one account, one photo: confirm"),
        pytest.param(scenes_of(2), Verdict.CONFIRM, False, id="one account, two photos: no confirm"),
        pytest.param(scenes_of(2), Verdict.UNSURE, True, id="one account: unsure"),
        pytest.param(
            [scenes_of(1)[0], of_another_seller(scenes_of(2, same_photo=True)[1], 2)],
            Verdict.CONFIRM,
            False,
            id="two accounts, one photo: no confirm",
        ),
        pytest.param(
            [scenes_of(1)[0], of_another_seller(scenes_of(2)[1], 2)], Verdict.REJECT, True, id="two accounts: reject"
        ),
        pytest.param(
            [scenes_of(1)[0], of_another_seller(scenes_of(2)[1], 2)],
            Verdict.NEEDS_HOLDER,
            False,
            id="two accounts: no question",
        ),
        pytest.param(scenes_of(25, same_photo=True), Verdict.CONFIRM, True, id="25 at once"),
        pytest.param(scenes_of(26, same_photo=True), Verdict.CONFIRM, False, id="26 at once"),
    ],
)
def test_what_may_go_together(
    database: Database, vault: Vault, scenes: list[make.Scene], verdict: Verdict, goes: bool
) -> None:
    stock(database, vault, scenes)
    seen = sight(*range(1, len(scenes) + 1))
    reason = RejectReason.NOT_OUR_PRODUCT if verdict is Verdict.REJECT else None
    if goes:
        enter(database, seen, verdict, reason=reason)
        assert count(database) == len(scenes)
    else:
        with pytest.raises(NotTogether):
            enter(database, seen, verdict, reason=reason)
        assert count(database) == 0


def test_one_changed_finding_stops_the_whole_act(database: Database, vault: Vault) -> None:
    stock(database, vault, scenes_of(3, same_photo=True))
    compare_anew(database, 2)
    with pytest.raises(ChangedMeanwhile):
        enter(database, sight(1, 2, 3), Verdict.CONFIRM)
    assert count(database) == 0


def test_copies_of_one_offer_are_one_row_and_are_passed_over(database: Database, vault: Vault) -> None:
    stock(database, vault, [*scenes_of(3, same_photo=True), *scenes_of(1, start=9)])
    with database.read() as connection:
        page = queue_page(connection, EVERYTHING, OPEN)
        assert sorted(len(row.twins) for row in page.rows) == [0, 2]
        assert page.total == 4
        first = page.rows[0].item
        place = deciding.place_after(connection, EVERYTHING, first.finding)
        assert place is not None
        near = surroundings(connection, EVERYTHING, OPEN, place, reviewer="Ann", now=utc_now(), did=first.finding)
        assert (near.before, near.after) == (None, page.rows[1].item.finding)
        assert (near.left, near.did) == (4, first.title)
        collapsed = next(row.item for row in page.rows if row.twins)
        assert len(twins_of(connection, EVERYTHING, collapsed)) == 2


def test_pages_walk_through_everything_once(database: Database, vault: Vault) -> None:
    stock(database, vault, scenes_of(7))
    found: list[str] = []
    after = None
    with database.read() as connection:
        while True:
            page = queue_page(connection, EVERYTHING, OPEN, after=after, limit=3)
            found += [row.item.finding for row in page.rows]
            after = page.next
            if after is None:
                break
    assert sorted(found) == [make.an_id("finding", n) for n in range(1, 8)]


def test_a_reader_of_another_holder_sees_and_decides_nothing(database: Database, vault: Vault) -> None:
    stock(database, vault, scenes_of(1))
    other = Scope(holder=make.an_id("party", 2), compartment=None)
    with database.read() as connection:
        assert queue_page(connection, other, OPEN).rows == ()
    with pytest.raises(Exception, match="no finding"):
        deciding.enter(database, other, sight(1), Verdict.CONFIRM, by="Ann", clock=utc_now, ids=new_id)


def test_every_twentieth_step_is_a_known_answer_and_it_decides_nothing(
    database: Database, vault: Vault, clock: Callable[[], datetime]
) -> None:
    stock(database, vault, scenes_of(24))
    enter(database, sight(24), Verdict.CONFIRM, "Chief")
    known = KnownAnswer(
        finding=make.an_id("finding", 24), expected=Verdict.CONFIRM, because="bought", by="Chief", at=clock()
    )
    with database.write() as connection:
        KnownAnswers(connection, EVERYTHING).put([known], keys=("finding",))
    shown = []
    place, step = None, None
    for _ in range(22):
        step = deciding.next_step(
            database, EVERYTHING, deciding.Walk(filters=OPEN, place=place), reviewer="Ann", clock=clock
        )
        assert step is not None
        shown.append(step)
        number = int(step[-8:])
        enter(database, sight(number), Verdict.REJECT, reason=RejectReason.PARODY)
    assert shown.count(known.finding) == 1
    assert shown[19] == known.finding, "the twentieth step"
    assert standing(database, 24) is Standing.CONFIRM, "what stood still stands"
    with database.read() as connection:
        (look,) = BlindReviews(connection, EVERYTHING).answered(BlindKind.KNOWN)
    assert (look.verdict, look.expected) == (Verdict.REJECT, Verdict.CONFIRM)


def test_a_second_look_is_given_once_and_can_be_answered_again(
    database: Database, vault: Vault, clock: Callable[[], datetime]
) -> None:
    stock(database, vault, scenes_of(13))
    enter(database, sight(13), Verdict.CONFIRM, "Bo")
    for number in range(1, 10):
        enter(database, sight(number), Verdict.UNSURE)
    finding = make.an_id("finding", 13)
    assert deciding.next_step(database, EVERYTHING, START, reviewer="Ann", clock=clock) == finding
    assert deciding.next_step(database, EVERYTHING, START, reviewer="Ann", clock=clock) == finding, "still due"
    enter(database, sight(13), Verdict.REJECT, reason=RejectReason.PARODY)
    deciding.take_back(database, EVERYTHING, finding, by="Ann", clock=clock, ids=new_id)
    enter(database, sight(13), Verdict.CONFIRM)
    with database.read() as connection:
        (look,) = BlindReviews(connection, EVERYTHING).answered(BlindKind.SECOND)
    assert (look.first_by, look.verdict) == ("Bo", Verdict.CONFIRM)
    assert count(database) == 10, "the ledger holds the ten that were decided in earnest"

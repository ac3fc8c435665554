"""The ledger of decisions: appended, undone by a further entry, never changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.decisions import MOST_CONFIRMED_AT_ONCE, check_together, current_decision, decide, history, undo
from cases.errors import NotTogether, NotUndoable, UnknownDecision, UnknownFinding, WrongReason
from store.db.audit import AuditTrail
from store.db.cases import Cases
from store.db.decisions import Decisions
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.cases import CaseState, Decision, RejectReason, Verdict
from store.records.findings import Band, InfringementClass
from store.records.scope import EVERYTHING, Scope
from tests import factories as make

Tick = Callable[[], datetime]
Ids = Callable[[], str]
FINDING = make.an_id("finding")


@pytest.fixture
def undecided(database: Database, vault: Vault) -> Database:
    make.store_scene(database, vault, make.goods_scene(), decided=False)
    with database.write() as connection:
        Cases(connection, EVERYTHING).add(make.case(state=CaseState.OPEN))
    return database


def _state(database: Database) -> CaseState:
    with database.read() as connection:
        case = Cases(connection, EVERYTHING).get(make.an_id("case"))
    assert case is not None
    return case.state


def _current(database: Database) -> Decision | None:
    with database.read() as connection:
        return current_decision(Decisions(connection, EVERYTHING).of_findings([FINDING]).get(FINDING, ()))


def test_a_confirmation_makes_the_case_ready_and_undoing_opens_it_again(
    undecided: Database, clock: Tick, ids: Ids
) -> None:
    (made,) = decide(undecided, [FINDING], Verdict.CONFIRM, by="Ann", clock=clock, ids=ids)
    assert _state(undecided) is CaseState.READY and _current(undecided) == made
    undo(undecided, made.id, by="Ben", clock=clock, ids=ids)
    assert _state(undecided) is CaseState.OPEN and _current(undecided) is None


def test_undoing_brings_back_the_decision_before(undecided: Database, clock: Tick, ids: Ids) -> None:
    (first,) = decide(undecided, [FINDING], Verdict.UNSURE, by="Ann", clock=clock, ids=ids)
    (second,) = decide(
        undecided, [FINDING], Verdict.REJECT, by="Ann", clock=clock, ids=ids, reason=RejectReason.GENUINE_RESALE
    )
    assert _current(undecided) == second
    undo(undecided, second.id, by="Ann", clock=clock, ids=ids)
    assert _current(undecided) == first


def test_nothing_is_lost_every_entry_stays_with_its_act(undecided: Database, clock: Tick, ids: Ids) -> None:
    (made,) = decide(undecided, [FINDING], Verdict.CONFIRM, by="Ann", clock=clock, ids=ids)
    undo(undecided, made.id, by="Ben", clock=clock, ids=ids)
    with undecided.read() as connection:
        assert Decisions(connection, EVERYTHING).count() == 2
        acts = AuditTrail(connection, EVERYTHING).of_subject(FINDING)
    assert [(act.actor, act.action) for act in acts] == [("Ann", "decide_finding"), ("Ben", "undo_decision")]
    assert history(undecided, FINDING) == [
        "2026-03-02 09:00 UTC Ann: decide_finding confirm",
        "2026-03-02 09:00 UTC Ben: undo_decision confirm",
    ]


def test_an_undoing_is_not_undone_and_nothing_twice(undecided: Database, clock: Tick, ids: Ids) -> None:
    (made,) = decide(undecided, [FINDING], Verdict.CONFIRM, by="Ann", clock=clock, ids=ids)
    entry = undo(undecided, made.id, by="Ann", clock=clock, ids=ids)
    for id in (made.id, entry.id):
        with pytest.raises(NotUndoable):
            undo(undecided, id, by="Ann", clock=clock, ids=ids)
    with pytest.raises(UnknownDecision):
        undo(undecided, make.an_id("nothing"), by="Ann", clock=clock, ids=ids)


@pytest.mark.parametrize(
    ("verdict", "reason", "note"),
    [
        (Verdict.REJECT, None, None),
        (Verdict.CONFIRM, RejectReason.PARODY, None),
        (Verdict.REJECT, RejectReason.OTHER, None),
        (Verdict.REJECT, RejectReason.OTHER, "  "),
    ],
)
def test_a_rejection_and_only_a_rejection_has_a_reason(
    undecided: Database, clock: Tick, ids: Ids, verdict: Verdict, reason: RejectReason | None, note: str | None
) -> None:
    with pytest.raises(WrongReason):
        decide(undecided, [FINDING], verdict, by="Ann", clock=clock, ids=ids, reason=reason, note=note)
    assert _current(undecided) is None


def test_an_unknown_finding_stops_the_whole_act(undecided: Database, clock: Tick, ids: Ids) -> None:
    with pytest.raises(UnknownFinding):
        decide(undecided, [FINDING, "no such id"], Verdict.UNSURE, by="Ann", clock=clock, ids=ids)
    assert _current(undecided) is None


def test_another_holders_finding_is_out_of_reach(undecided: Database, clock: Tick, ids: Ids) -> None:
    foreign = Scope(holder=make.an_id("party", 2), compartment=None)
    with pytest.raises(UnknownFinding):
        decide(undecided, [FINDING], Verdict.UNSURE, by="Ann", clock=clock, ids=ids, scope=foreign)


def test_confirmations_go_together_only_in_one_case_of_one_class_fit_for_notice() -> None:
    findings = [make.finding(number) for number in (1, 2)]
    case = make.case(findings=tuple(f.id for f in findings))
    check_together(Verdict.CONFIRM, findings, [case])
    check_together(Verdict.REJECT, [make.finding(1), make.finding(2, band=Band.REVIEW)], [])
    for wrong in (
        [findings[0], make.finding(2, band=Band.REVIEW)],
        [findings[0], make.finding(2, infringement_class=InfringementClass.IMAGE_COPIED)],
        [findings[0], make.finding(2, infringement_class=None)],
        [findings[0], make.finding(3)],
    ):
        with pytest.raises(NotTogether):
            check_together(Verdict.CONFIRM, wrong, [case])
    unfit = make.finding(2, infringement_class=None)
    with pytest.raises(NotTogether, match=rf"counterfeit: {findings[0].id[-8:]}; nothing yet: {unfit.id[-8:]}"):
        check_together(Verdict.CONFIRM, [findings[0], unfit], [case])
    many = [make.finding(number) for number in range(MOST_CONFIRMED_AT_ONCE + 1)]
    with pytest.raises(NotTogether, match="at most"):
        check_together(Verdict.CONFIRM, many, [make.case(findings=tuple(f.id for f in many))])


@given(st.lists(st.tuples(st.sampled_from(list(Verdict)), st.booleans()), max_size=10))
def test_what_stands_is_the_latest_that_was_not_undone(acts: list[tuple[Verdict, bool]]) -> None:
    ledger: list[Decision] = []
    stack: list[Decision] = []
    for number, (verdict, takes_back) in enumerate(acts, 1):
        at = make.NOW + timedelta(seconds=number)
        if takes_back and stack:
            ledger.append(make.decision(number, verdict=verdict, at=at, undoes=stack.pop().id))
        else:
            entry = make.decision(number, verdict=verdict, at=at)
            ledger.append(entry)
            stack.append(entry)
    assert current_decision(reversed(ledger)) == (stack[-1] if stack else None)

"""The stage opens, fills and closes cases, and never on the word of an unfit run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from cases.decisions import decide
from cases.run import build_cases, decide_by_exercise_policy
from config.errors import MissingDeclaration, UnsafeDeclaration
from config.policy import Policy
from store.db import tables
from store.db.cases import Cases
from store.db.rows import row_of, upsert
from store.db.runs import Runs
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.cases import EXERCISE_POLICY, Case, CaseState, Verdict
from store.records.findings import Band
from store.records.runs import RunState
from store.records.scope import EVERYTHING
from tests import factories as make

Tick = Callable[[], datetime]
Ids = Callable[[], str]


def _cases(database: Database) -> list[Case]:
    with database.read() as connection:
        return Cases(connection, EVERYTHING).find()


def _set_finding(database: Database, number: int, band: Band) -> None:
    with database.write() as connection:
        row = row_of(make.finding(number, band=band), tables.finding)
        upsert(connection, tables.finding, [row], ["id"])


def _set_run(database: Database, number: int, state: RunState) -> None:
    with database.write() as connection:
        Runs(connection, EVERYTHING).put([make.run(number, state=state)])


@pytest.fixture
def two_found(database: Database, vault: Vault) -> Database:
    for number in (1, 2):
        make.store_scene(database, vault, make.goods_scene(number), decided=False)
    return database


def test_building_again_changes_nothing(two_found: Database, clock: Tick, ids: Ids) -> None:
    declared = make.declarations()
    first = build_cases(two_found, declared, clock=clock, ids=ids)
    assert first.state is RunState.COMPLETE and first.counts["cases_opened"] == 1
    before = _cases(two_found)
    again = build_cases(two_found, declared, clock=clock, ids=ids)
    assert (again.counts["cases_opened"], again.counts["cases_changed"], again.counts["cases_closed"]) == (0, 0, 0)
    assert _cases(two_found) == before
    assert before[0].number == 1 and len(before[0].findings) == 2 and before[0].priority > 0


@pytest.mark.parametrize("number", [1, 2], ids=["crawl", "match"])
def test_an_unfit_run_opens_no_case(two_found: Database, clock: Tick, ids: Ids, number: int) -> None:
    _set_run(two_found, number, RunState.UNFIT)
    run = build_cases(two_found, make.declarations(), clock=clock, ids=ids)
    assert run.counts["findings_unfit"] == 2 and _cases(two_found) == []


def test_an_unfit_run_neither_empties_nor_closes_a_case(two_found: Database, clock: Tick, ids: Ids) -> None:
    build_cases(two_found, make.declarations(), clock=clock, ids=ids)
    before = _cases(two_found)
    _set_run(two_found, 1, RunState.UNFIT)
    for number in (1, 2):
        _set_finding(two_found, number, Band.SILENT)
    build_cases(two_found, make.declarations(), clock=clock, ids=ids)
    assert [case.findings for case in _cases(two_found)] == [case.findings for case in before]
    assert [case.state for case in _cases(two_found)] == [CaseState.OPEN]


def test_a_case_closes_when_nothing_of_it_is_left(two_found: Database, clock: Tick, ids: Ids) -> None:
    build_cases(two_found, make.declarations(), clock=clock, ids=ids)
    for number in (1, 2):
        _set_finding(two_found, number, Band.SILENT)
    run = build_cases(two_found, make.declarations(), clock=clock, ids=ids)
    assert run.counts["cases_closed"] == 1
    assert [case.state for case in _cases(two_found)] == [CaseState.CLOSED]


def test_a_new_finding_reopens_a_notified_case(two_found: Database, clock: Tick, ids: Ids) -> None:
    _set_finding(two_found, 2, Band.SILENT)
    build_cases(two_found, make.declarations(), clock=clock, ids=ids)
    (case,) = _cases(two_found)
    with two_found.write() as connection:
        Cases(connection, EVERYTHING).put([replace(case, state=CaseState.NOTIFIED)])
    build_cases(two_found, make.declarations(), clock=clock, ids=ids)
    assert [c.state for c in _cases(two_found)] == [CaseState.NOTIFIED]
    _set_finding(two_found, 2, Band.REVIEW)
    build_cases(two_found, make.declarations(), clock=clock, ids=ids)
    assert [c.state for c in _cases(two_found)] == [CaseState.OPEN]


def test_the_exercise_policy_confirms_notices_and_leaves_doubt_to_people(
    two_found: Database, clock: Tick, ids: Ids
) -> None:
    _set_finding(two_found, 2, Band.REVIEW)
    build_cases(two_found, make.declarations(), clock=clock, ids=ids)
    made = decide_by_exercise_policy(two_found, make.declarations(), clock=clock, ids=ids)
    assert [(d.finding, d.by) for d in made] == [(make.an_id("finding", 1), EXERCISE_POLICY)]
    assert [case.state for case in _cases(two_found)] == [CaseState.READY]
    assert decide_by_exercise_policy(two_found, make.declarations(), clock=clock, ids=ids) == []


def test_the_exercise_policy_respects_a_persons_word(two_found: Database, clock: Tick, ids: Ids) -> None:
    build_cases(two_found, make.declarations(), clock=clock, ids=ids)
    decide(two_found, [make.an_id("finding", 1)], Verdict.UNSURE, by="Ann", clock=clock, ids=ids)
    made = decide_by_exercise_policy(two_found, make.declarations(), clock=clock, ids=ids)
    assert [d.finding for d in made] == [make.an_id("finding", 2)]


@pytest.mark.parametrize(
    "declared",
    [
        make.declarations(exercise=False),
        make.declarations(platforms=(make.platform(home="https://shop.example/", manners={"delay_s": 3.0}),)),
        make.declarations(platforms=(make.platform(), make.platform("other", home="http://192.0.2.1/", manners={}))),
        make.declarations(broken={"platforms/x.toml": MissingDeclaration("platform", "x", [], None)}),
        replace(make.declarations(), platforms={}),
        replace(make.declarations(), policy=Policy()),
    ],
    ids=["no exercise", "outside", "one outside", "one unread", "no platform", "shipped policy"],
)
def test_nothing_is_confirmed_without_a_person_outside_an_exercise(
    two_found: Database, clock: Tick, ids: Ids, declared: make.Declarations
) -> None:
    build_cases(two_found, declared, clock=clock, ids=ids)
    with pytest.raises(UnsafeDeclaration):
        decide_by_exercise_policy(two_found, declared, clock=clock, ids=ids)

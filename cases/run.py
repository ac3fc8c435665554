"""The stage: reads findings, opens and fills cases, and leaves a `Run`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import Connection, or_, select

from cases.decisions import case_state, current_decision, enter_decision, settle_cases
from cases.determinations import apply_determinations
from cases.group import Group, group_findings
from cases.history import acted_on, sold
from cases.priority import Priority, rank_case
from config.declarations import Declarations
from config.errors import UnsafeDeclaration
from config.settings import code_version
from store.db import tables
from store.db.audit import act_of
from store.db.cases import Cases
from store.db.decisions import Decisions
from store.db.determinations import Determinations
from store.db.findings import Findings
from store.db.listings import Listings
from store.db.products import Products
from store.db.runs import Runs
from store.db.session import Database
from store.records.cases import EXERCISE_POLICY, Case, CaseState, Decision, Verdict
from store.records.findings import Band, Finding
from store.records.ids import Clock, NewId
from store.records.runs import Run, RunKind, RunState
from store.records.scope import EVERYTHING, Scope

# Chosen: well under the 500 rows a transaction may write, each case being a row and an act.
CASES_A_WRITE = 100

T = TypeVar("T")


def _lots(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def unfit_findings(connection: Connection) -> frozenset[str]:
    """
    Findings whose latest comparison, or the look it compares, comes from a run that ended unfit.

    A broken reading rule makes listings seem to come and go; nothing is opened on its word.
    """
    finding, comparison, observation = tables.finding, tables.comparison, tables.observation
    unfit = select(tables.run.c.id).where(tables.run.c.state == RunState.UNFIT.value)
    statement = (
        select(finding.c.id)
        .join(comparison, comparison.c.id == finding.c.comparison)
        .join(observation, observation.c.id == comparison.c.observation)
        .where(or_(comparison.c.run.in_(unfit), observation.c.run.in_(unfit)))
    )
    return frozenset(connection.execute(statement).scalars())


def build_cases(
    database: Database,
    declarations: Declarations,
    *,
    clock: Clock,
    ids: NewId,
    snapshot_digest: str | None = None,
    scope: Scope = EVERYTHING,
) -> Run:
    """
    Put every finding of band review or notice into the case of its right, account and platform.

    Running it again changes nothing. Findings of an unfit run join no case; those already in one stay. The run's
    counts are `findings`, `cases_opened`, `cases_changed`, `cases_closed`, `findings_unfit`.
    """
    run = Run(
        id=ids(),
        kind=RunKind.CASES,
        state=RunState.RUNNING,
        started_at=clock(),
        code_version=code_version(),
        config_digest=declarations.digest,
        snapshot_digest=snapshot_digest,
    )
    with database.write() as connection:
        Runs(connection, scope).add(run)
    with database.read() as connection:
        unfit = unfit_findings(connection)
        cases = Cases(connection, scope).find()
        held = {finding for case in cases for finding in case.findings}
        found = Findings(connection, scope).find()
        decisions = Decisions(connection, scope).of_findings(finding.id for finding in found)
        latest = Determinations(connection, scope).latest(finding.id for finding in found)
        findings = apply_determinations((f for f in found if f.id not in unfit or f.id in held), latest)
        listings = {listing.id: listing for listing in Listings(connection, scope).each()}
        products = Products(connection, scope).by_ids(f.product for f in findings if f.product)
        by_id = {finding.id: finding for finding in findings}
        before = acted_on(connection, {listing.seller for listing in listings.values() if listing.seller})
        pieces = sold(connection, by_id)
    kept = frozenset(decisions) | (unfit & held)
    groups = group_findings(findings, listings, cases, decided=kept)
    counts = Counter(
        findings=len(found), findings_unfit=len(unfit - held), cases_opened=0, cases_changed=0, cases_closed=0
    )
    for lot in _lots(groups, CASES_A_WRITE):
        with database.write() as connection:
            repository = Cases(connection, scope)
            for group in lot:
                members = [by_id[id] for id in group.findings]
                known = [products[f.product] for f in members if f.product in products]
                rank = rank_case(
                    members,
                    known,
                    acted_on=before.get(group.key.seller, frozenset()),
                    sold=sum(pieces.get(id, 0) for id in group.findings),
                )
                counts[_write_case(repository, group, rank, decisions, run, clock=clock, ids=ids)] += 1
    del counts["cases_kept"]
    ended = replace(run, state=RunState.COMPLETE, ended_at=clock(), counts=dict(counts))
    with database.write() as connection:
        Runs(connection, scope).put([ended])
    return ended


def _write_case(
    repository: Cases,
    group: Group,
    rank: Priority,
    decisions: dict[str, list[Decision]],
    run: Run,
    *,
    clock: Clock,
    ids: NewId,
) -> str:
    """Open, change or close one case as its group says; gives the name of what was done, for counting."""
    old = group.case
    if old is None:
        case = Case(
            id=ids(),
            number=repository.next_number(),
            right=group.key.right,
            holder=group.key.holder,
            platform=group.key.platform,
            seller=group.key.seller or None,
            state=case_state(group.findings, decisions),
            findings=group.findings,
            priority=rank.score,
            reasons=rank.reasons,
            opened_at=clock(),
        )
        done, action = "cases_opened", "open_case"
    elif not group.findings:
        case = replace(old, state=CaseState.CLOSED)
        done, action = "cases_closed", "close_case"
    elif group.changed or (rank.score, rank.reasons) != (old.priority, old.reasons):
        grown = bool(set(group.findings) - set(old.findings))
        # What joins a notified case has not been decided yet, so the case asks for a person again.
        state = old.state if old.state is CaseState.NOTIFIED and not grown else case_state(group.findings, decisions)
        case = replace(old, findings=group.findings, priority=rank.score, reasons=rank.reasons, state=state)
        done, action = "cases_changed", "change_case"
    else:
        return "cases_kept"
    act = act_of(
        "marque",
        action,
        "case",
        case.id,
        clock=clock,
        ids=ids,
        detail={"run": run.id, "findings": str(len(case.findings))},
    )
    repository.write([case], act)
    return done


def check_exercise(declarations: Declarations) -> None:
    """
    Raise `UnsafeDeclaration` unless approval without a person is allowed here.

    It is allowed only where the policy says `exercise = true` and every platform is known to be on loopback.
    """
    if not declarations.policy.exercise:
        raise UnsafeDeclaration("policy.toml", "exercise is not true, so that only a person may confirm a finding")
    outside = sorted(name for name, platform in declarations.platforms.items() if not platform.is_loopback)
    unread = sorted(file for file in declarations.broken if file.startswith("platforms/"))
    if outside or unread or not declarations.platforms:
        names = ", ".join([*outside, *unread]) or "no platform at all"
        raise UnsafeDeclaration("policy.toml", f"exercise = true, but {names} is not known to be on loopback")


def decide_by_exercise_policy(
    database: Database, declarations: Declarations, *, clock: Clock, ids: NewId, scope: Scope = EVERYTHING
) -> list[Decision]:
    """
    Confirm every finding of band notice that nobody has decided; leave band review to people.

    Raises `UnsafeDeclaration` outside an exercise. A finding that was compared anew since is confirmed anew.
    """
    check_exercise(declarations)
    with database.read() as connection:
        cases = [
            case
            for case in Cases(connection, scope).in_state(CaseState.OPEN, CaseState.READY)
            if case.platform in declarations.platforms
        ]
        wanted = {id for case in cases for id in case.findings}
        latest = Determinations(connection, scope).latest(wanted)
        found = apply_determinations((f for f in Findings(connection, scope).each() if f.id in wanted), latest)
        findings = [finding for finding in found if finding.band is Band.NOTICE]
        standing = Decisions(connection, scope).of_findings(wanted)
    due = [finding for finding in findings if _is_due(finding, current_decision(standing.get(finding.id, ())))]
    made = []
    for lot in _lots(due, CASES_A_WRITE):
        with database.write() as connection:
            for finding in lot:
                decision = Decision(
                    id=ids(),
                    finding=finding.id,
                    comparison=finding.comparison,
                    verdict=Verdict.CONFIRM,
                    by=EXERCISE_POLICY,
                    at=clock(),
                )
                enter_decision(connection, scope, decision, ids=ids)
                made.append(decision)
            settle_cases(connection, scope, cases, {finding.id for finding in lot})
    return made


def _is_due(finding: Finding, standing: Decision | None) -> bool:
    if standing is None:
        return True
    return standing.by == EXERCISE_POLICY and standing.comparison != finding.comparison

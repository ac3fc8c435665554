"""
The ledger of decisions: people confirm or reject findings, and take it back by a further entry.

Nothing is ever changed. What stands is what `current_decision` reads out of the entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from cases.errors import ChangedMeanwhile, NotTogether, NotUndoable, UnknownDecision, UnknownFinding, WrongReason
from store.db import tables
from store.db.audit import AuditTrail, act_of
from store.db.cases import Cases
from store.db.decisions import Decisions
from store.db.findings import Findings
from store.db.review import ReviewItems
from store.db.rows import row_of, upsert
from store.db.session import Database
from store.records.cases import Case, CaseState, Decision, RejectReason, Verdict
from store.records.findings import Band, Finding
from store.records.ids import Clock, NewId, short_id
from store.records.scope import EVERYTHING, Scope

# Chosen: one screen of findings; a person who confirms more at once has not looked.
MOST_CONFIRMED_AT_ONCE = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a person had before them when they decided: the comparison, and the decision that stood, if one did."""

    comparison: str
    decision: str | None = None


def current_decision(decisions: Iterable[Decision]) -> Decision | None:
    """What stands of a finding's decisions: the latest that was not undone; None if none does."""
    entries = sorted(decisions, key=lambda decision: (decision.at, decision.id))
    undone = {entry.undoes for entry in entries if entry.undoes is not None}
    standing = [entry for entry in entries if entry.undoes is None and entry.id not in undone]
    return standing[-1] if standing else None


def check_reason(verdict: Verdict, reason: RejectReason | None, note: str | None) -> None:
    """Raise `WrongReason` unless a rejection, and only a rejection, has a reason; `other` needs words too."""
    if verdict is Verdict.REJECT and reason is None:
        known = ", ".join(r.value for r in RejectReason)
        raise WrongReason(f"a rejection names its reason, so that it can be counted; one of {known}")
    if verdict is not Verdict.REJECT and reason is not None:
        raise WrongReason(f"reason {reason.value} goes with a rejection, not with {verdict.value}")
    if reason is RejectReason.OTHER and not (note or "").strip():
        raise WrongReason("reason other needs a note that says which")


def check_together(verdict: Verdict, findings: Sequence[Finding], cases: Iterable[Case]) -> None:
    """
    Raise `NotTogether` unless one act may cover these findings.

    Rejections, doubts and questions may go together freely. Confirmations accuse, so they go together only within
    one case, for one class of infringement, where each finding alone is fit for a notice, and one screen at most.
    """
    if verdict is not Verdict.CONFIRM or len(findings) <= 1:
        return
    if len(findings) > MOST_CONFIRMED_AT_ONCE:
        raise NotTogether(f"{len(findings)} confirmations", f"confirm at most {MOST_CONFIRMED_AT_ONCE} at once")
    claims: dict[str, list[str]] = {}
    for finding in findings:
        claim = finding.infringement_class.value if finding.infringement_class is not None else "nothing yet"
        claims.setdefault(claim, []).append(short_id(finding.id))
    if len(claims) > 1 or "nothing yet" in claims:
        said = "; ".join(f"{claim}: {', '.join(ids)}" for claim, ids in sorted(claims.items()))
        raise NotTogether(
            f"what they claim ({said})", "confirm each claim on its own, and what claims nothing one by one"
        )
    doubtful = [short_id(finding.id) for finding in findings if finding.band is not Band.NOTICE]
    if doubtful:
        raise NotTogether(f"{', '.join(doubtful)} need a look of their own", "confirm those one by one")
    wanted = {finding.id for finding in findings}
    if not any(wanted <= set(case.findings) for case in cases):
        raise NotTogether("they belong to several cases", "confirm within one case")


def check_sight(
    findings: Iterable[Finding], seen: Mapping[str, Sight], decisions: Mapping[str, Sequence[Decision]]
) -> None:
    """Raise `ChangedMeanwhile` unless each finding still is what the person had before them."""
    for finding in findings:
        sight = seen.get(finding.id)
        standing = current_decision(decisions.get(finding.id, ()))
        if sight is None or sight.comparison != finding.comparison:
            raise ChangedMeanwhile(finding.id, "it was compared anew, so that its signs may differ")
        if (standing.id if standing else None) != sight.decision:
            by = f"{standing.by} decided {standing.verdict.value}" if standing else "the decision was taken back"
            raise ChangedMeanwhile(finding.id, by)


def decide(
    database: Database,
    findings: Iterable[str],
    verdict: Verdict,
    *,
    by: str,
    clock: Clock,
    ids: NewId,
    reason: RejectReason | None = None,
    note: str | None = None,
    seen: Mapping[str, Sight] | None = None,
    scope: Scope = EVERYTHING,
) -> list[Decision]:
    """
    Enter one verdict on each of these findings, with its act, in one transaction.

    `seen` says what the person had before them, by finding; where that is no longer so, nothing is entered.
    A case with a confirmed finding becomes ready. Raises `WrongReason`, `UnknownFinding`, `NotTogether` and
    `ChangedMeanwhile`.
    """
    check_reason(verdict, reason, note)
    with database.write() as connection:
        return decide_within(
            connection,
            findings,
            verdict,
            by=by,
            clock=clock,
            ids=ids,
            reason=reason,
            note=note,
            seen=seen,
            scope=scope,
        )


def decide_within(
    connection: Connection,
    findings: Iterable[str],
    verdict: Verdict,
    *,
    by: str,
    clock: Clock,
    ids: NewId,
    reason: RejectReason | None = None,
    note: str | None = None,
    seen: Mapping[str, Sight] | None = None,
    scope: Scope = EVERYTHING,
) -> list[Decision]:
    """What `decide` does, in the caller's writing transaction; whoever calls it has asked `check_reason` before."""
    wanted = list(dict.fromkeys(findings))
    found = _findings(connection, scope, wanted)
    ledger = Decisions(connection, scope).of_findings(wanted)
    if seen is not None:
        check_sight(found, seen, ledger)
    cases = Cases(connection, scope).of_findings(found)
    check_together(verdict, found, cases)
    made = []
    for finding in found:
        decision = Decision(
            id=ids(),
            finding=finding.id,
            comparison=finding.comparison,
            verdict=verdict,
            reason=reason,
            note=note,
            by=by,
            at=clock(),
        )
        enter_decision(connection, scope, decision, ids=ids, before=ledger.get(finding.id, ()))
        made.append(decision)
    stood = [current_decision(ledger.get(id, ())) for id in wanted]
    # Only what accuses, or takes an accusation back, moves a case; the ledger of the whole case is seldom needed.
    if verdict is Verdict.CONFIRM:
        settle_cases(connection, scope, cases, set(wanted), state=CaseState.READY)
    elif any(decision is not None and decision.verdict is Verdict.CONFIRM for decision in stood):
        settle_cases(connection, scope, cases, set(wanted))
    return made


def undo(
    database: Database, decision: str, *, by: str, clock: Clock, ids: NewId, scope: Scope = EVERYTHING
) -> Decision:
    """
    Take back one decision by a further entry; the earlier one that it hid stands again.

    Raises `UnknownDecision` and `NotUndoable`.
    """
    with database.write() as connection:
        return undo_within(connection, decision, by=by, clock=clock, ids=ids, scope=scope)


def undo_within(
    connection: Connection, decision: str, *, by: str, clock: Clock, ids: NewId, scope: Scope = EVERYTHING
) -> Decision:
    """What `undo` does, in the caller's writing transaction."""
    ledger = Decisions(connection, scope)
    old = ledger.get(decision)
    if old is None:
        raise UnknownDecision(decision)
    if old.undoes is not None:
        raise NotUndoable(decision, "it is itself an undoing")
    if ledger.first(ledger.table.c.undoes == decision) is not None:
        raise NotUndoable(decision, "it was undone already")
    found = _findings(connection, scope, [old.finding])
    entry = replace(old, id=ids(), by=by, at=clock(), note=None, undoes=decision)
    enter_decision(connection, scope, entry, ids=ids)
    settle_cases(connection, scope, Cases(connection, scope).of_findings(found), {old.finding})
    return entry


def enter_decision(
    connection: Connection,
    scope: Scope,
    decision: Decision,
    *,
    ids: NewId,
    before: Sequence[Decision] | None = None,
) -> None:
    """Append one decision with its act, in the caller's transaction; `before` are the finding's earlier ones."""
    act = act_of(
        decision.by,
        "undo_decision" if decision.undoes else "decide_finding",
        "finding",
        decision.finding,
        clock=lambda: decision.at,
        ids=ids,
        detail={"decision": decision.id, "verdict": decision.verdict.value},
    )
    ledger = Decisions(connection, scope)
    ledger.append(decision, act)
    entries = ledger.of_findings([decision.finding])[decision.finding] if before is None else [*before, decision]
    standing = current_decision(entries)
    ReviewItems(connection, scope).settle(decision.finding, standing)


def settle_cases(
    connection: Connection,
    scope: Scope,
    cases: Iterable[Case],
    touched: set[str],
    *,
    state: CaseState | None = None,
) -> None:
    """
    Bring the state of the cases that hold these findings in line with what stands.

    `state` is what they now have, where that is known without reading. The act is the decision's own: no entry
    beside it. Notified and closed cases keep their state.
    """
    for case in cases:
        if case.state not in (CaseState.OPEN, CaseState.READY) or not touched & set(case.findings):
            continue
        now = state or case_state(case.findings, Decisions(connection, scope).of_findings(case.findings))
        if now is not case.state:
            upsert(connection, tables.case, [row_of(replace(case, state=now), tables.case)], ["id"])


def case_state(findings: Iterable[str], decisions: Mapping[str, Sequence[Decision]]) -> CaseState:
    """Ready where at least one finding stands confirmed, open otherwise."""
    for finding in findings:
        standing = current_decision(decisions.get(finding, ()))
        if standing is not None and standing.verdict is Verdict.CONFIRM:
            return CaseState.READY
    return CaseState.OPEN


def _findings(connection: Connection, scope: Scope, wanted: Sequence[str]) -> list[Finding]:
    rows = Findings(connection, scope)
    found = []
    for id in wanted:
        finding = rows.get(id)
        if finding is None:
            raise UnknownFinding(id)
        found.append(finding)
    return found


def history(database: Database, finding: str, *, scope: Scope = EVERYTHING) -> list[str]:
    """Who decided what of a finding and when, as sentences in order."""
    with database.read() as connection:
        if Findings(connection, scope).get(finding) is None:
            raise UnknownFinding(finding)
        acts = AuditTrail(connection, scope).of_subject(finding)
    return [
        f"{act.at:%Y-%m-%d %H:%M} UTC {act.actor}: {act.action} {act.detail.get('verdict', '')}".rstrip()
        for act in acts
    ]

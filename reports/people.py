"""Who may stand behind a notice: drafter, approver and signatory apart, or one person alone under its own limits."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from cases.decisions import current_decision
from config.policy import ReviewPolicy
from reports.errors import OwnWork, SamePerson
from store.db.audit import AuditTrail
from store.db.decisions import Decisions
from store.records.notices import Notice
from store.records.scope import EVERYTHING, Scope

SHIPPED_REVIEW = ReviewPolicy()
"""What holds unless the policy says otherwise: whoever prepares does not approve, whoever approves does not sign."""

OWN = "own_work"
"""Detail of the approval of somebody's own work, by which the day's number is counted."""


def folded(name: str) -> str:
    """A name as two of them are compared."""
    return name.strip().casefold()


def check_approver(
    connection: Connection, notice: Notice, by: str, scope: Scope, review: ReviewPolicy, now: datetime
) -> bool:
    """
    Whether the approval is of the person's own work, which only an office of one may do.

    Raises `SamePerson` where somebody else has to approve, and `OwnWork` where an office of one has to wait.
    """
    did, since = _own_work(connection, notice, by, scope)
    if did is None:
        return False
    if review.people >= 2:
        raise SamePerson(notice.number, by, did)
    ready = since + timedelta(hours=review.own_after_h)
    if now < ready:
        raise OwnWork(notice.number, by, f"it may be approved from {ready:%Y-%m-%d %H:%M} UTC on, with a fresh eye")
    trail = AuditTrail(connection, EVERYTHING)
    day = trail.find(
        trail.table.c.action == "approve_notice",
        trail.table.c.actor == by,
        trail.table.c.at > now - timedelta(days=1),
    )
    done = sum(act.detail.get(OWN) == "yes" for act in day)
    if done >= review.own_a_day:
        raise OwnWork(notice.number, by, f"{done} of their own were approved within a day, and {done} is the limit")
    return True


def _own_work(connection: Connection, notice: Notice, by: str, scope: Scope) -> tuple[str | None, datetime]:
    """What of the notice is this person's own, and since when; None where another stands behind it already."""
    me = folded(by)
    drafts = [act for act in AuditTrail(connection, scope).of_subject(notice.id) if act.action == "draft_notice"]
    findings = [item.finding for item in notice.items if not item.refusals]
    decisions = Decisions(connection, scope).of_findings(findings)
    standing = [each for finding in findings if (each := current_decision(decisions.get(finding, ()))) is not None]
    last = max([notice.drafted_at, *(each.at for each in standing)])
    if me in {folded(act.actor) for act in drafts}:
        return "drafted it", last
    if standing and {folded(each.by) for each in standing} == {me}:
        return "confirmed every finding in it", last
    return None, last


def check_second_person(connection: Connection, notice: Notice, by: str, scope: Scope) -> None:
    """Raise `SamePerson` where `by` drafted the notice, or alone confirmed every finding it complains of."""
    did, _ = _own_work(connection, notice, by, scope)
    if did is not None:
        raise SamePerson(notice.number, by, did)


def check_signatory(connection: Connection, notice: Notice, by: str, scope: Scope, review: ReviewPolicy) -> None:
    """Raise `SamePerson` where the signatory approved the notice, or under three people prepared it."""
    if review.people >= 2 and notice.approved_by is not None and folded(notice.approved_by) == folded(by):
        raise SamePerson(notice.number, by, "approved it")
    if review.people >= 3:
        check_second_person(connection, notice, by, scope)

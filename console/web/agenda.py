"""
What the day asks for: everything that can be lost by not being looked at, gathered from the ledger in one reading.

Each `Due` says what it is, by when, and the next step. What a reader may not see is not gathered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, func, or_, select

from config.declarations import Declarations
from console.web.notices.listing import SIGNED, state_of
from store.db import tables
from store.records.accounts import Account, Role
from store.records.findings import Band
from store.records.notices import NoticeState
from store.records.outbox import OutboxState
from store.records.review import Standing
from store.records.runs import RunKind, RunState
from store.records.scope import EVERYTHING, Scope

CLOCKS_AHEAD = timedelta(days=4)  # the shortest answer a marketplace gives its sellers, seen in facts: 4 days
EXPIRY_STEPS = (7, 30, 90)  # days: now or never, this month, renew in time
EXPIRED_SHOWN = timedelta(days=30)  # what ran out lately is still told
ACCURACY_FLOOR = 0.90  # quoted: below it Alibaba's IPP closes the fast lane; Amazon's Project Zero asks 0.99
ACCURACY_FEW = 20  # fewer answers say nothing of a rate
SHOWN = 50  # of one kind; the rest is counted


class Tone(Enum):
    """How much a line presses."""

    BAD = "bad"
    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One line: a thing, the time it has, and where to go on."""

    kind: str  # e.g. "clock": the template says the words
    tone: Tone
    name: str  # what it is called
    detail: str = ""
    at: datetime | None = None
    on: date | None = None
    subject: str = ""  # id of the record
    number: int | None = None  # of a notice or batch
    case: int | None = None  # number of the case it belongs to


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How a platform answered what was sent to it."""

    platform: str
    decided: int
    accepted: int
    last_at: datetime

    @property
    def share(self) -> float:
        """Accepted of decided, 0 to 1."""
        return self.accepted / self.decided

    @property
    def headroom(self) -> int:
        """How many more rejections, with nothing else, until the floor; 0: it is reached."""
        most = int(self.accepted / ACCURACY_FLOOR + 1e-9)
        return max(0, most - self.decided)

    @property
    def tone(self) -> Tone:
        """Bad under the floor, a warning close to it or while there are few answers."""
        if self.share < ACCURACY_FLOOR:
            return Tone.BAD
        return Tone.WARN if self.headroom < 3 or self.decided < ACCURACY_FEW else Tone.INFO


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """Everything the first page shows."""

    clocks: tuple[Due, ...] = ()
    counter_notices: tuple[Due, ...] = ()
    answers: tuple[Due, ...] = ()
    waiting: tuple[Due, ...] = ()  # notices that wait for somebody's hand
    held: tuple[Due, ...] = ()
    platforms: tuple[Due, ...] = ()
    declarations: tuple[Due, ...] = ()
    expiring: tuple[Due, ...] = ()
    accuracy: tuple[Accuracy, ...] = ()
    queue: Mapping[tuple[str, str], int] | None = None  # (band, standing) -> findings; None: not for this reader
    cases: Mapping[str, int] | None = None
    notices: Mapping[str, int] | None = None

    @property
    def pressing(self) -> int:
        """How many lines are bad."""
        parts = (self.clocks, self.counter_notices, self.held, self.platforms, self.declarations, self.expiring)
        return sum(due.tone is Tone.BAD for part in parts for due in part)


READS = frozenset({Role.OFFICER, Role.REVIEWER, Role.APPROVER, Role.SIGNATORY, Role.AUDITOR, Role.HOLDER_EXPERT})
RUNS_IT = READS - {Role.HOLDER_EXPERT} | {Role.ADMIN}


def gather(
    connection: Connection, account: Account, scope: Scope, declarations: Declarations, now: datetime
) -> Agenda:
    """The agenda of one reader at `now`."""
    reads = not READS.isdisjoint(account.roles)
    runs_it = not RUNS_IT.isdisjoint(account.roles) and scope.holder is None
    return Agenda(
        clocks=_clocks(connection, scope, now) if reads else (),
        counter_notices=_counter_notices(connection, scope, now) if reads else (),
        answers=_answers(connection, scope) if reads else (),
        waiting=_waiting(connection, scope) if reads else (),
        held=_held(connection) if reads and scope == EVERYTHING else (),
        platforms=_platforms(connection, declarations, now) if runs_it else (),
        declarations=_declarations(declarations) if runs_it else (),
        expiring=_expiring(connection, scope, now.date()) if reads else (),
        accuracy=_accuracy(connection, scope) if reads else (),
        queue=_queue(connection, scope) if reads else None,
        cases=_by_state(connection, scope, tables.case) if reads else None,
        notices=_notices_by_state(connection, scope) if reads else None,
    )


def _clocks(connection: Connection, scope: Scope, now: datetime) -> tuple[Due, ...]:
    clock, notice, counter = tables.deadline, tables.notice, tables.counter_notice
    statement = (
        select(clock, notice.c.number, notice.c.platform, tables.case.c.number.label("case_number"))
        .outerjoin(counter, counter.c.id == clock.c.subject)
        .outerjoin(notice, notice.c.id == func.coalesce(counter.c.notice, clock.c.subject))
        .outerjoin(tables.case, tables.case.c.id == notice.c.case)
        .where(clock.c.state == "running", clock.c.due_at <= now + CLOCKS_AHEAD)
        .order_by(clock.c.due_at)
        .limit(SHOWN)
    )
    if scope != EVERYTHING:
        notices = _in_scope(select(notice.c.id), scope)
        counters = select(tables.counter_notice.c.id).where(tables.counter_notice.c.notice.in_(notices))
        rights, mandates = select(tables.right.c.id), select(tables.mandate.c.id)
        if scope.holder is not None:
            rights = rights.where(tables.right.c.holder == scope.holder)
            mandates = mandates.where(tables.mandate.c.grantor == scope.holder)
        seen = {"notice": notices, "counter_notice": counters, "right": rights, "mandate": mandates}
        mine = [and_(clock.c.subject_kind == kind, clock.c.subject.in_(ids)) for kind, ids in seen.items()]
        statement = statement.where(or_(*mine))
    found = []
    for row in connection.execute(statement):
        left = row.due_at - now
        tone = Tone.BAD if left <= timedelta(days=1) else Tone.WARN
        found.append(
            Due(
                kind=f"clock_{row.subject_kind}",
                tone=tone,
                name=row.kind,
                detail=row.platform or row.regime,
                at=row.due_at,
                subject=row.subject,
                number=row.number,
                case=row.case_number,
            )
        )
    return tuple(found)


def _counter_notices(connection: Connection, scope: Scope, now: datetime) -> tuple[Due, ...]:
    counter, notice = tables.counter_notice, tables.notice
    statement = (
        select(counter, notice.c.number, notice.c.platform, tables.case.c.number.label("case_number"))
        .join(notice, notice.c.id == counter.c.notice)
        .join(tables.case, tables.case.c.id == notice.c.case)
        .where(counter.c.our_response.is_(None))
        .order_by(counter.c.response_due.nulls_last(), counter.c.id)
        .limit(SHOWN)
    )
    rows = connection.execute(_in_scope(statement, scope)).all()
    return tuple(
        Due(
            kind="counter_notice",
            tone=Tone.BAD if row.response_due and row.response_due - now <= CLOCKS_AHEAD else Tone.WARN,
            name=row.reason,
            detail=row.platform,
            at=row.response_due,
            subject=row.id,
            number=row.number,
            case=row.case_number,
        )
        for row in rows
    )


def _answers(connection: Connection, scope: Scope) -> tuple[Due, ...]:
    outcome, notice, read = tables.outcome, tables.notice, tables.answer_read
    seen = select(read.c.subject).where(read.c.subject_kind == "outcome")
    statement = (
        select(outcome, notice.c.number, notice.c.platform, tables.case.c.number.label("case_number"))
        .join(notice, notice.c.id == outcome.c.notice)
        .join(tables.case, tables.case.c.id == notice.c.case)
        .where(outcome.c.id.not_in(seen))
        .order_by(outcome.c.received_at, outcome.c.id)
        .limit(SHOWN)
    )
    rows = connection.execute(_in_scope(statement, scope)).all()
    return tuple(
        Due(
            kind="answer",
            # A word of the platform's that we have no word for needs a person.
            tone=Tone.WARN if row.status is None or row.kind in ("clarification", "bounce") else Tone.INFO,
            name=row.status_raw,
            detail=row.platform,
            at=row.received_at,
            subject=row.id,
            number=row.number,
            case=row.case_number,
        )
        for row in rows
    )


HANDS = {
    NoticeState.DRAFT.value: Tone.WARN,
    NoticeState.READY.value: Tone.WARN,
    NoticeState.APPROVED.value: Tone.WARN,
    SIGNED: Tone.INFO,
}
"""Where a notice waits for a person: to mend, approve, sign or export it."""


def _waiting(connection: Connection, scope: Scope) -> tuple[Due, ...]:
    """Notices that wait for somebody's hand, the longest waiting first: evidence grows old."""
    notice = tables.notice
    states = [state for state in HANDS if state != SIGNED]
    statement = (
        select(notice, tables.case.c.number.label("case_number"))
        .join(tables.case, tables.case.c.id == notice.c.case)
        .where(notice.c.state.in_(states))
        .order_by(notice.c.drafted_at, notice.c.number)
        .limit(SHOWN)
    )
    rows = connection.execute(_in_scope(statement, scope)).all()
    return tuple(
        Due(
            kind=f"notice_{state}",
            tone=HANDS[state],
            name=row.platform,
            at=row.drafted_at,
            subject=row.id,
            number=row.number,
            case=row.case_number,
        )
        for row in rows
        for state in [state_of(row.state, row.signatory)]
    )


def _notices_by_state(connection: Connection, scope: Scope) -> dict[str, int]:
    notice = tables.notice
    signed = notice.c.signatory.is_not(None)
    statement = select(notice.c.state, signed.label("signed"), func.count().label("n")).group_by(
        notice.c.state, signed
    )
    found: dict[str, int] = {}
    for row in connection.execute(_in_scope(statement, scope)):
        state = state_of(row.state, "signed" if row.signed else None)
        found[state] = found.get(state, 0) + int(row.n)
    return found


def _held(connection: Connection) -> tuple[Due, ...]:
    box, batch = tables.outbox, tables.batch
    waiting = (OutboxState.HELD.value, OutboxState.UNKNOWN.value, OutboxState.REJECTED.value)
    statement = (
        select(box.c.id, box.c.state, box.c.queued_at, batch.c.number, batch.c.platform)
        .join(batch, batch.c.id == box.c.batch)
        .where(box.c.state.in_(waiting))
        .order_by(box.c.queued_at)
        .limit(SHOWN)
    )
    return tuple(
        Due(
            kind=f"delivery_{row.state}",
            tone=Tone.BAD if row.state == OutboxState.REJECTED.value else Tone.WARN,
            name=row.platform,
            at=row.queued_at,
            subject=row.id,
            number=row.number,
        )
        for row in connection.execute(statement)
    )


_TROUBLE = (RunState.UNFIT, RunState.BLOCKED, RunState.FAILED, RunState.INTERRUPTED)
STALLED = timedelta(hours=6)  # chosen: a polite crawl of one platform writes its end well before


def _platforms(connection: Connection, declarations: Declarations, now: datetime) -> tuple[Due, ...]:
    run = tables.run
    newest = select(func.max(run.c.id)).where(run.c.kind == RunKind.CRAWL.value).group_by(run.c.platform)
    rows = connection.execute(select(run).where(run.c.id.in_(newest)).order_by(run.c.platform)).all()
    found = []
    for row in rows:
        state = RunState(row.state)
        stalled = state is RunState.RUNNING and now - row.started_at > STALLED
        if state in _TROUBLE or stalled:
            kind = "run_stalled" if stalled else f"run_{state.value}"
            tone = Tone.WARN if state is RunState.INTERRUPTED or stalled else Tone.BAD
            detail = row.alarms[0] if row.alarms else ""
            found.append(
                Due(kind=kind, tone=tone, name=row.platform or "", detail=detail, at=row.started_at, subject=row.id)
            )
    looked = {row.platform for row in rows}
    never = sorted(set(declarations.platforms) - looked)
    found += [Due(kind="run_never", tone=Tone.INFO, name=name) for name in never]
    return tuple(found)


def _declarations(declarations: Declarations) -> tuple[Due, ...]:
    return tuple(
        # The message begins with the whole path; the file's name in front of it is enough.
        Due(kind="declaration", tone=Tone.BAD, name=file, detail=str(error).rpartition(f"{file}: ")[2])
        for file, error in sorted(declarations.broken.items())
    )


def expiry_tone(left_days: int) -> Tone:
    """How much an end in so many days presses."""
    now, month, _ = EXPIRY_STEPS
    return Tone.BAD if left_days <= now else Tone.WARN if left_days <= month else Tone.INFO


def _expiring(connection: Connection, scope: Scope, today: date) -> tuple[Due, ...]:
    right, mandate, party = tables.right, tables.mandate, tables.party
    last, first = today + timedelta(days=EXPIRY_STEPS[-1]), today - EXPIRED_SHOWN
    rights = (
        select(right.c.id, right.c.right_ref, right.c.mark_text, right.c.expires_on, party.c.legal_name)
        .join(party, party.c.id == right.c.holder)
        .where(right.c.expires_on.between(first, last), right.c.status.in_(("active", "pending", "opposed")))
    )
    mandates = (
        select(mandate.c.id, mandate.c.agent, mandate.c.valid_until, party.c.legal_name)
        .join(party, party.c.id == mandate.c.grantor)
        .where(mandate.c.valid_until.between(first, last), mandate.c.revoked_on.is_(None))
    )
    if scope.holder is not None:
        rights = rights.where(right.c.holder == scope.holder)
        mandates = mandates.where(mandate.c.grantor == scope.holder)
    found = [
        Due(
            kind="right",
            tone=expiry_tone((row.expires_on - today).days),
            name=row.mark_text or row.right_ref,
            detail=row.legal_name,
            on=row.expires_on,
            subject=row.id,
        )
        for row in connection.execute(rights)
    ]
    found += [
        Due(
            kind="mandate",
            tone=expiry_tone((row.valid_until - today).days),
            name=row.legal_name,
            detail=row.agent,
            on=row.valid_until,
            subject=row.id,
        )
        for row in connection.execute(mandates)
    ]
    return tuple(sorted(found, key=lambda due: (due.on or today, due.kind, due.name)))


ACCEPTED = ("accepted", "removed", "partly_removed")
REJECTED = ("rejected", "reinstated")


def _accuracy(connection: Connection, scope: Scope) -> tuple[Accuracy, ...]:
    outcome, notice = tables.outcome, tables.notice
    statement = (
        select(
            notice.c.platform, outcome.c.status, func.count().label("n"), func.max(outcome.c.received_at).label("at")
        )
        .join(notice, notice.c.id == outcome.c.notice)
        .where(outcome.c.status.in_((*ACCEPTED, *REJECTED)))
        .group_by(notice.c.platform, outcome.c.status)
    )
    found: dict[str, Accuracy] = {}
    for row in connection.execute(_in_scope(statement, scope)):
        before = found.get(row.platform)
        found[row.platform] = Accuracy(
            platform=row.platform,
            decided=(before.decided if before else 0) + row.n,
            accepted=(before.accepted if before else 0) + (row.n if row.status in ACCEPTED else 0),
            last_at=max(before.last_at, row.at) if before else row.at,
        )
    return tuple(sorted(found.values(), key=lambda each: (each.share, each.platform)))


def _queue(connection: Connection, scope: Scope) -> dict[tuple[str, str], int]:
    item = tables.review_item
    statement = select(item.c.band, item.c.standing, func.count().label("n")).group_by(item.c.band, item.c.standing)
    if scope.holder is not None:
        statement = statement.where(item.c.holder == scope.holder)
    if scope.compartment is not None:
        statement = statement.where(item.c.compartment == scope.compartment)
    rows = connection.execute(statement)
    return {(Band(row.band).value, Standing(row.standing).value): int(row.n) for row in rows}


def _by_state(connection: Connection, scope: Scope, table: Table) -> dict[str, int]:
    statement = select(table.c.state, func.count().label("n")).group_by(table.c.state)
    if scope.holder is not None:
        statement = statement.where(table.c.holder == scope.holder)
    if scope.compartment is not None and "compartment" in table.c:
        statement = statement.where(table.c.compartment == scope.compartment)
    return {row.state: int(row.n) for row in connection.execute(statement)}


def _in_scope(statement: Select[Any], scope: Scope) -> Select[Any]:  # Any: columns of each query
    """The statement, which joins notices, narrowed to those the reader sees."""
    notice, case = tables.notice, tables.case
    if scope.holder is not None:
        statement = statement.where(notice.c.holder == scope.holder)
    if scope.compartment is not None:
        inside = select(case.c.id).where(case.c.compartment == scope.compartment)
        statement = statement.where(notice.c.case.in_(inside))
    return statement

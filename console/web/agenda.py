"""
What the day asks for: everything that can be lost by not being looked at, gathered from the ledger in one reading.

Each `Due` says what it is, by when, and the next step. What a reader may not see is not gathered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, Table, func, or_, select

from config.declarations import Declarations
from console.web.dues import (
    Due,
    Tone,
    accuracy,
    answers,
    came_back,
    clocks,
    counter_notices,
    held,
    instruments,
    notices_by_state,
    tips,
    untold,
    waiting,
    waiting_letters,
    without_clock,
)
from console.web.endings import in_order, invitations, preserved, registry_endings, unit_endings
from reports.budget.gate import Record
from reports.budget.standing import Budget
from store.db import tables
from store.db.review import ReviewItems
from store.records.accounts import Account, Role
from store.records.findings import Band
from store.records.review import Standing
from store.records.runs import RunKind, RunState
from store.records.scope import EVERYTHING, Scope
from store.records.uploads import UploadState


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
    came_back: tuple[Due, ...] = ()  # acted on by the platform, and seen there since
    untold: tuple[Due, ...] = ()  # taken back or answered, and not with the platform yet
    accuracy: tuple[Record, ...] = ()
    queue: Mapping[tuple[str, str], int] | None = None  # (band, standing) -> findings; None: not for this reader
    cases: Mapping[str, int] | None = None
    notices: Mapping[str, int] | None = None
    without_clock: int | None = None  # notices that left and of which nobody knows when they arrived
    words_waited_for: int | None = None  # findings without the holder's word yet
    words_given: int | None = None  # findings with it, still to be decided by a reviewer
    blind: int | None = None  # blind looks handed out and not answered

    @property
    def pressing(self) -> int:
        """How many lines are bad."""
        parts = (
            self.clocks,
            self.counter_notices,
            self.untold,
            self.held,
            self.platforms,
            self.declarations,
            self.expiring,
        )
        stopped = sum(each.stand.budget is Budget.STOPPED for each in self.accuracy)
        return stopped + sum(due.tone is Tone.BAD for part in (*parts, self.expiring) for due in part)


READS = frozenset({Role.OFFICER, Role.REVIEWER, Role.APPROVER, Role.SIGNATORY, Role.AUDITOR, Role.HOLDER_EXPERT})
RUNS_IT = READS - {Role.HOLDER_EXPERT} | {Role.ADMIN}
MEASURES = frozenset({Role.OFFICER, Role.AUDITOR, Role.ADMIN})


def gather(
    connection: Connection, account: Account, scope: Scope, declarations: Declarations, keys: Path, now: datetime
) -> Agenda:
    """The agenda of one reader at `now`; `keys` is the workspace's folder of keys."""
    reads = not READS.isdisjoint(account.roles)
    runs_it = not RUNS_IT.isdisjoint(account.roles) and scope.holder is None
    measures = not MEASURES.isdisjoint(account.roles) and scope == EVERYTHING
    ending = registry_endings(connection, scope, declarations, now.date()) if reads else []
    ending += preserved(connection, scope, now.date()) if reads else []
    ending += unit_endings(connection, declarations, keys, now) if runs_it and scope == EVERYTHING else []
    ending += invitations(connection, now) if Role.ADMIN in account.roles else []
    return Agenda(
        clocks=clocks(connection, scope, now) if reads else (),
        counter_notices=counter_notices(connection, scope, now) if reads else (),
        answers=answers(connection, scope) if reads else (),
        waiting=(*tips(connection, scope), *instruments(connection, scope), *waiting(connection, scope))
        if reads
        else (),
        held=(*held(connection, now), *waiting_letters(connection, declarations))
        if reads and scope == EVERYTHING
        else (),
        platforms=_platforms(connection, declarations, now) if runs_it else (),
        declarations=_declarations(declarations) if runs_it else (),
        expiring=tuple(in_order(ending)),
        came_back=came_back(connection, scope) if reads else (),
        untold=untold(connection, scope) if reads else (),
        accuracy=accuracy(connection, scope, declarations, now) if reads else (),
        queue=_queue(connection, scope) if reads else None,
        cases=_by_state(connection, scope, tables.case) if reads else None,
        notices=notices_by_state(connection, scope) if reads else None,
        without_clock=without_clock(connection, scope) if reads else None,
        words_waited_for=_words(connection, scope, given=False) if reads else None,
        words_given=_words(connection, scope, given=True) if reads else None,
        blind=_blind(connection) if measures else None,
    )


_TROUBLE = {
    RunState.UNFIT: Tone.BAD,
    RunState.BLOCKED: Tone.BAD,
    RunState.FAILED: Tone.BAD,
    RunState.INTERRUPTED: Tone.WARN,
    RunState.BUDGET_EXHAUSTED: Tone.WARN,  # what was left out was not looked at
}
OVERDUE = timedelta(hours=1)  # chosen: a worker that runs answers within minutes
STALLED = timedelta(hours=6)  # chosen: a polite crawl of one platform writes its end well before


def _platforms(connection: Connection, declarations: Declarations, now: datetime) -> tuple[Due, ...]:
    run = tables.run
    newest = select(func.max(run.c.id)).group_by(run.c.kind, run.c.platform)
    rows = connection.execute(select(run).where(run.c.id.in_(newest)).order_by(run.c.platform, run.c.kind)).all()
    found = []
    for row in rows:
        state = RunState(row.state)
        stalled = state is RunState.RUNNING and now - row.started_at > STALLED
        if state in _TROUBLE or stalled or row.alarms:
            kind = "run_stalled" if stalled else f"run_{state.value}" if state in _TROUBLE else "run_alarm"
            tone = _TROUBLE.get(state, Tone.WARN)
            detail = row.alarms[0] if row.alarms else ""
            name = row.platform or row.kind
            found.append(Due(kind=kind, tone=tone, name=name, detail=detail, at=row.started_at, subject=row.id))
    host = tables.host
    resting = select(host.c.host, host.c.breaker_until).where(host.c.breaker_until > now).order_by(host.c.host)
    found += [
        Due(kind="host", tone=Tone.WARN, name=row.host, at=row.breaker_until) for row in connection.execute(resting)
    ]
    schedule = tables.schedule
    overdue = select(schedule).where(schedule.c.enabled, schedule.c.due_at < now - OVERDUE, _is_free(schedule, now))
    found += [
        Due(kind="schedule_overdue", tone=Tone.BAD, name=row.platform, detail=row.cron, at=row.due_at)
        for row in connection.execute(overdue.order_by(schedule.c.due_at))
    ]
    upload = tables.upload
    left = select(upload.c.kind, upload.c.at).where(
        upload.c.state == UploadState.WAITING.value, upload.c.at < now - OVERDUE, _is_free(upload, now)
    )
    found += [
        Due(kind="upload_overdue", tone=Tone.BAD, name=row.kind, at=row.at)
        for row in connection.execute(left.order_by(upload.c.at))
    ]
    looked = {row.platform for row in rows if row.kind == RunKind.CRAWL.value}
    # A platform that is read from exports or not at all is nobody's omission.
    crawled = {name for name, platform in declarations.platforms.items() if platform.reach.by in ("crawl", "api")}
    never = sorted(crawled - looked)
    found += [Due(kind="run_never", tone=Tone.INFO, name=name) for name in never]
    return tuple(found)


def _is_free(table: Table, now: datetime) -> ColumnElement[bool]:
    """Nobody has it in hand; whoever died with it has it no more."""
    return or_(table.c.lease_until.is_(None), table.c.lease_until <= now)


def _declarations(declarations: Declarations) -> tuple[Due, ...]:
    return tuple(
        # The message begins with the whole path; the file's name in front of it is enough.
        Due(kind="declaration", tone=Tone.BAD, name=file, detail=_said(file, error))
        for file, error in sorted(declarations.broken.items())
    )


def _said(file: str, error: Exception) -> str:
    lines = [line.strip() for line in str(error).rpartition(f"{file}: ")[2].splitlines()]
    return "; ".join(line for line in lines if line)


def _queue(connection: Connection, scope: Scope) -> dict[tuple[str, str], int]:
    item = tables.review_item
    statement = select(item.c.band, item.c.standing, func.count().label("n")).group_by(item.c.band, item.c.standing)
    if scope.holder is not None:
        statement = statement.where(item.c.holder == scope.holder)
    if scope.compartment is not None:
        statement = statement.where(item.c.compartment == scope.compartment)
    rows = connection.execute(statement)
    return {(Band(row.band).value, Standing(row.standing).value): int(row.n) for row in rows}


def _words(connection: Connection, scope: Scope, *, given: bool) -> int:
    """Findings that need the holder, with the expert's word or without."""
    item, word = tables.review_item, tables.determination
    items = ReviewItems(connection, scope)
    said = select(word.c.finding).where(word.c.finding == item.c.finding).exists()
    return items.count(item.c.standing == Standing.NEEDS_HOLDER.value, said if given else ~said)


def _blind(connection: Connection) -> int:
    look = tables.blind_review
    open_looks = select(func.count()).select_from(look).where(look.c.verdict.is_(None))
    return int(connection.execute(open_looks).scalar_one())


def _by_state(connection: Connection, scope: Scope, table: Table) -> dict[str, int]:
    statement = select(table.c.state, func.count().label("n")).group_by(table.c.state)
    if scope.holder is not None:
        statement = statement.where(table.c.holder == scope.holder)
    if scope.compartment is not None and "compartment" in table.c:
        statement = statement.where(table.c.compartment == scope.compartment)
    return {row.state: int(row.n) for row in connection.execute(statement)}

"""
Keeps the clocks in the ledger in step with what happened: begun, ended and missed as the events say.

Run as often as wanted: the same ledger gives the same rows. A person may enter the recipient's own date, which
outweighs any count, and take the steps of the ladder.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, select

from config.declarations import Declarations
from config.profile import Profile
from reports.clocks.events import STEP_TAKEN, events_of
from reports.clocks.ladder import ladder_of
from reports.clocks.planning import plan_clocks
from reports.errors import NoStep, NoSuchDeadline
from store.db import tables
from store.db.audit import AuditTrail, act_of
from store.db.by_ref import in_lots
from store.db.deadlines import Deadlines
from store.db.follow_ups import FollowUps
from store.db.notices import Notices
from store.db.outcomes import CounterNotices, Outcomes
from store.db.session import Database
from store.records.deadlines import Deadline, DeadlineState
from store.records.follow_ups import FollowUp
from store.records.ids import Clock, NewId
from store.records.ledger import AuditEntry
from store.records.notices import Notice, NoticeState
from store.records.outcomes import CounterNotice, Outcome
from store.records.scope import EVERYTHING, Scope

R = TypeVar("R", Outcome, CounterNotice, FollowUp, Deadline)

MARQUE = "marque"
ROWS_A_WRITE = 200  # each clock is a row, and every write has its act
LEFT = (NoticeState.BATCHED, NoticeState.SENT, NoticeState.RECALLED)
SHORTEST_REASON = 10  # letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a refresh changed."""

    begun: int = 0
    ended: int = 0
    missed: int = 0
    moved: int = 0  # counted anew
    undeclared: tuple[str, ...] = ()  # profiles that notices name and nobody declares: their clocks stand still


def keep_clocks(
    database: Database, declarations: Declarations, *, clock: Clock, ids: NewId, notices: Iterable[str] | None = None
) -> Kept:
    """
    Bring the clocks of every notice that left into step, or of those of these ids; says what changed.

    Raises `UnknownJurisdiction` where a profile counts by holidays that nobody knows.
    """
    changed, before, undeclared = list[Deadline](), dict[str, Deadline](), set[str]()
    now = clock()
    with database.read() as connection:
        wanted = list(notices) if notices is not None else _with_answers(connection)
        for lot in in_lots(wanted):
            for notice, outcomes, counters, acts, words, standing in _courses(connection, lot):
                profile = declarations.profiles.get(notice.profile)
                if profile is None:
                    undeclared.add(notice.profile)
                    continue
                happened = events_of(notice, outcomes, counters, acts, words)
                before |= {each.id: each for each in standing}
                changed += plan_clocks(notice, profile, happened, standing, now=now, ids=ids)
    for start in range(0, len(changed), ROWS_A_WRITE):
        _write(database, changed[start : start + ROWS_A_WRITE], clock=clock, ids=ids)
    return _told(changed, before, undeclared)


def _write(database: Database, changed: Sequence[Deadline], *, clock: Clock, ids: NewId) -> None:
    """Write clocks together with their act; one that another process began meanwhile is left to the next look."""
    with database.write() as connection:
        deadlines = Deadlines(connection, EVERYTHING)
        table = tables.deadline
        known = {
            (row.event_id, row.kind): row.id
            for lot in in_lots({each.event_id for each in changed})
            for row in connection.execute(
                select(table.c.id, table.c.event_id, table.c.kind).where(table.c.event_id.in_(lot))
            )
        }
        mine = [each for each in changed if known.get((each.event_id, each.kind), each.id) == each.id]
        due = {each.subject: each for each in mine if each.subject_kind == "counter_notice"}
        if mine:
            detail = {"clocks": str(len(mine))}
            act = act_of(MARQUE, "keep_clocks", "deadline", mine[0].id, clock=clock, ids=ids, detail=detail)
            deadlines.write(mine, act)
        _tell_counters(connection, due.values())


def _tell_counters(connection: Connection, deadlines: Iterable[Deadline]) -> None:
    """An objection shows by when it must be answered, where that time is ours."""
    table = tables.counter_notice
    for deadline in deadlines:
        if deadline.holder.value == "sender":
            connection.execute(
                table.update().where(table.c.id == deadline.subject).values(response_due=deadline.due_at)
            )


def _told(changed: Sequence[Deadline], before: dict[str, Deadline], undeclared: set[str]) -> Kept:
    begun = sum(each.id not in before for each in changed)
    ended = sum(each.ended_at is not None for each in changed)
    missed = sum(each.state is DeadlineState.MISSED and each.ended_at is None for each in changed)
    moved = sum(each.id in before and before[each.id].due_at != each.due_at for each in changed)
    return Kept(begun=begun, ended=ended, missed=missed, moved=moved, undeclared=tuple(sorted(undeclared)))


def _with_answers(connection: Connection) -> list[str]:
    """Notices for which a clock can run: they left, and something was said to them."""
    notice, outcome = tables.notice, tables.outcome
    answered = select(outcome.c.notice).distinct()
    statement = select(notice.c.id).where(
        notice.c.state.in_([state.value for state in LEFT]), notice.c.id.in_(answered)
    )
    return list(connection.execute(statement.order_by(notice.c.number)).scalars())


def _courses(
    connection: Connection, ids: Sequence[str]
) -> list[tuple[Notice, list[Outcome], list[CounterNotice], list[AuditEntry], list[FollowUp], list[Deadline]]]:
    said = _by_notice(Outcomes(connection, EVERYTHING).find(tables.outcome.c.notice.in_(ids)))
    objected = _by_notice(CounterNotices(connection, EVERYTHING).find(tables.counter_notice.c.notice.in_(ids)))
    words = _by_notice(FollowUps(connection, EVERYTHING).find(tables.follow_up.c.notice.in_(ids)))
    standing = _by_notice(Deadlines(connection, EVERYTHING).find(tables.deadline.c.notice.in_(ids)))
    trail = tables.audit_entry
    acts: dict[str, list[AuditEntry]] = {}
    wanted = trail.c.action.in_((STEP_TAKEN, "recall_notice"))
    for act in AuditTrail(connection, EVERYTHING).find(trail.c.subject.in_(ids), wanted):
        acts.setdefault(act.subject, []).append(act)
    notices = Notices(connection, EVERYTHING).find(tables.notice.c.id.in_(ids))
    return [
        (
            n,
            said.get(n.id, []),
            objected.get(n.id, []),
            acts.get(n.id, []),
            words.get(n.id, []),
            standing.get(n.id, []),
        )
        for n in notices
    ]


def _by_notice(records: Iterable[R]) -> dict[str, list[R]]:
    found: dict[str, list[R]] = {}
    for record in records:
        found.setdefault(record.notice, []).append(record)
    return found


def set_due(
    database: Database,
    deadline: str,
    *,
    due_at: datetime,
    by: str,
    because: str,
    clock: Clock,
    ids: NewId,
    scope: Scope = EVERYTHING,
) -> Deadline:
    """
    Enter the recipient's own date, which outweighs any count; `because` says where it stands.

    Raises `NoSuchDeadline` where no running clock has that id, or the words are too few.
    """
    with database.write() as connection:
        deadlines = Deadlines(connection, scope)
        old = _running(deadlines, deadline)
        words = _words(deadline, because)
        new = replace(old, due_at=due_at, set_by=by, set_because=words, state=_by_time(due_at, clock()))
        detail = {"deadline": old.id, "kind": old.kind, "due_at": due_at.isoformat(), "because": words}
        deadlines.write([new], act_of(by, "set_due", "notice", old.notice, clock=clock, ids=ids, detail=detail))
        if new.subject_kind == "counter_notice":
            _tell_counters(connection, [new])
    return new


def take_step(
    database: Database,
    declarations: Declarations,
    deadline: str,
    *,
    by: str,
    because: str,
    clock: Clock,
    ids: NewId,
    scope: Scope = EVERYTHING,
) -> Deadline:
    """
    A person took the next step of the ladder; `because` names what was sent and its reference.

    Raises `NoSuchDeadline`, and `NoStep` where the profile names none, or not yet.
    """
    with database.write() as connection:
        deadlines = Deadlines(connection, scope)
        old = _running(deadlines, deadline)
        words = _words(deadline, because)
        profile: Profile | None = declarations.profiles.get(old.regime)
        steps = ladder_of(old, profile)[old.steps :] if profile is not None else ()
        now = clock()
        if not steps:
            raise NoStep(old.kind, "every declared step was taken")
        step, on = steps[0]
        if now < on:
            raise NoStep(old.kind, f"the next step, {step.act}, is open from {on:%Y-%m-%d %H:%M} UTC on")
        new = replace(old, steps=old.steps + 1, stepped_at=now)
        detail = {"deadline": old.id, "kind": old.kind, "act": step.act, "item": old.item or "", "because": words}
        deadlines.write([new], act_of(by, STEP_TAKEN, "notice", old.notice, clock=clock, ids=ids, detail=detail))
    keep_clocks(database, declarations, clock=clock, ids=ids, notices=[old.notice])
    return new


def _running(deadlines: Deadlines, id: str) -> Deadline:
    found = deadlines.get(id)
    if found is None or found.ended_at is not None or found.state is DeadlineState.VOID:
        raise NoSuchDeadline(id)
    return found


def _words(deadline: str, because: str) -> str:
    words = " ".join(because.split())
    if len(words) < SHORTEST_REASON:
        raise NoSuchDeadline(deadline, f"say in at least {SHORTEST_REASON} letters where it stands")
    return words


def _by_time(due_at: datetime, now: datetime) -> DeadlineState:
    return DeadlineState.MISSED if now > due_at else DeadlineState.RUNNING

"""
What others wait for, or answered: clocks, counter-notices, answers, deliveries, and how platforms took our notices.

Each `Due` says what it is, by when, and the next step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select

from config.declarations import Declarations
from console.web.notices.listing import SIGNED, state_of
from reports.budget.gate import Record, records
from reports.budget.standing import Budget
from store.db import tables
from store.db.instruments import Instruments
from store.db.tips import Tips
from store.records.instruments import InstrumentState
from store.records.notices import NoticeState
from store.records.outbox import OutboxState
from store.records.scope import EVERYTHING, Scope
from store.records.tips import TipState
from store.records.webhooks import MessageState

CLOCKS_AHEAD = timedelta(days=4)  # the shortest answer a marketplace gives its sellers, seen in facts: 4 days
MISSED_SHOWN = timedelta(days=30)  # what was missed lately is still told
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


def clocks(connection: Connection, scope: Scope, now: datetime) -> tuple[Due, ...]:
    """Clocks that end within four days, ran out, or were missed lately; the nearest first."""
    clock, notice, counter = tables.deadline, tables.notice, tables.counter_notice
    statement = (
        select(clock, notice.c.number, notice.c.platform, tables.case.c.number.label("case_number"))
        .outerjoin(counter, counter.c.id == clock.c.subject)
        .outerjoin(notice, notice.c.id == func.coalesce(clock.c.notice, counter.c.notice, clock.c.subject))
        .outerjoin(tables.case, tables.case.c.id == notice.c.case)
        .where(
            or_(
                and_(clock.c.state == "running", clock.c.due_at <= now + CLOCKS_AHEAD),
                and_(clock.c.state == "missed", clock.c.ended_at.is_(None), clock.c.due_at >= now - MISSED_SHOWN),
            )
        )
        .order_by(clock.c.due_at)
    )
    if scope != EVERYTHING:
        notices = in_scope(select(notice.c.id), scope)
        counters = select(tables.counter_notice.c.id).where(tables.counter_notice.c.notice.in_(notices))
        rights, mandates = select(tables.right.c.id), select(tables.mandate.c.id)
        if scope.holder is not None:
            rights = rights.where(tables.right.c.holder == scope.holder)
            mandates = mandates.where(tables.mandate.c.grantor == scope.holder)
        seen = {"notice": notices, "counter_notice": counters, "right": rights, "mandate": mandates}
        mine = [and_(clock.c.subject_kind == kind, clock.c.subject.in_(ids)) for kind, ids in seen.items()]
        statement = statement.where(or_(*mine))
    rows, more = _some(connection, statement)
    found = []
    for row in rows:
        left = row.due_at - now
        # A time of others that runs out is a step for us to take, not a right that is lost.
        ours = row.holder in (None, "sender")
        tone = Tone.BAD if ours and left <= timedelta(days=1) else Tone.WARN
        found.append(
            Due(
                kind=f"clock_{row.subject_kind}"
                if ours
                else "clock_theirs_over"
                if left < timedelta(0)
                else "clock_theirs",
                tone=tone,
                name=row.kind.replace("_", " "),
                detail=row.platform or row.regime,
                at=row.due_at,
                subject=row.subject,
                number=row.number,
                case=row.case_number,
            )
        )
    return (*found, *more)


def counter_notices(connection: Connection, scope: Scope, now: datetime) -> tuple[Due, ...]:
    """Objections of the accused that nobody answered."""
    counter, notice = tables.counter_notice, tables.notice
    statement = (
        select(counter, notice.c.number, notice.c.platform, tables.case.c.number.label("case_number"))
        .join(notice, notice.c.id == counter.c.notice)
        .join(tables.case, tables.case.c.id == notice.c.case)
        .where(counter.c.our_response.is_(None))
        .order_by(counter.c.response_due.nulls_last(), counter.c.id)
    )
    rows, more = _some(connection, in_scope(statement, scope))
    found = tuple(
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
    return (*found, *more)


def answers(connection: Connection, scope: Scope) -> tuple[Due, ...]:
    """What platforms answered and nobody read."""
    outcome, notice, read = tables.outcome, tables.notice, tables.answer_read
    seen = select(read.c.subject).where(read.c.subject_kind == "outcome")
    statement = (
        select(outcome, notice.c.number, notice.c.platform, tables.case.c.number.label("case_number"))
        .join(notice, notice.c.id == outcome.c.notice)
        .join(tables.case, tables.case.c.id == notice.c.case)
        .where(outcome.c.id.not_in(seen))
        .order_by(outcome.c.received_at, outcome.c.id)
    )
    rows, more = _some(connection, in_scope(statement, scope))
    found = tuple(
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
    return (*found, *more)


def held(connection: Connection, now: datetime) -> tuple[Due, ...]:
    """Deliveries that do not go on without a person: held, rejected, unknown, not begun, or broken off."""
    box, batch = tables.outbox, tables.batch
    done = (OutboxState.ACCEPTED, OutboxState.SENDING, OutboxState.WITHDRAWN)
    waiting = [state.value for state in OutboxState if state not in done]
    broken_off = and_(
        box.c.state == OutboxState.SENDING.value, or_(box.c.lease_until.is_(None), box.c.lease_until < now)
    )
    statement = (
        select(box.c.id, box.c.state, box.c.queued_at, batch.c.number, batch.c.platform)
        .join(batch, batch.c.id == box.c.batch)
        .where(or_(box.c.state.in_(waiting), broken_off))
        .order_by(box.c.queued_at)
    )
    rows, more = _some(connection, statement)
    found = tuple(
        Due(
            kind=f"delivery_{row.state}",
            tone=Tone.BAD if row.state == OutboxState.REJECTED.value else Tone.WARN,
            name=row.platform,
            at=row.queued_at,
            subject=row.id,
            number=row.number,
        )
        for row in rows
    )
    return (*found, *more, *_untold_webhooks(connection), *_paused_webhooks(connection))


def _untold_webhooks(connection: Connection) -> tuple[Due, ...]:
    """Receivers that did not take what they were to be told."""
    message, hook = tables.webhook_message, tables.webhook
    statement = (
        select(hook.c.id, hook.c.name, func.count().label("n"), func.min(message.c.settled_at).label("since"))
        .join(hook, hook.c.id == message.c.webhook)
        .where(message.c.state == MessageState.DEAD.value, hook.c.revoked_at.is_(None), hook.c.paused_at.is_(None))
        .group_by(hook.c.id, hook.c.name)
        .order_by(hook.c.id)
    )
    return tuple(
        Due(kind="webhook_dead", tone=Tone.WARN, name=row.name, at=row.since, subject=row.id, number=row.n)
        for row in connection.execute(statement)
    )


def _paused_webhooks(connection: Connection) -> tuple[Due, ...]:
    """Those who are told nothing for now: because they want no more, or as somebody said and may have forgotten."""
    hook = tables.webhook
    waits = select(hook).where(hook.c.paused_at.is_not(None), hook.c.revoked_at.is_(None)).order_by(hook.c.id)
    return tuple(
        Due(
            kind="webhook_gone" if row.paused_by is None else "webhook_paused",
            tone=Tone.WARN if row.paused_by is None else Tone.INFO,
            name=row.name,
            detail=row.paused_because,
            at=row.paused_at,
            subject=row.id,
        )
        for row in connection.execute(waits)
    )


def waiting_letters(connection: Connection, declarations: Declarations) -> tuple[Due, ...]:
    """Letters that could not be taken in from mailboxes that are still declared: one line a mailbox."""
    letter = tables.waiting_letter
    answers = [each.notify.answers for each in declarations.platforms.values()]
    boxes = {each.at for each in answers if each is not None and each.by == "imap"}
    statement = (
        select(letter.c.mailbox, func.count().label("n"), func.min(letter.c.since).label("since"))
        .where(letter.c.mailbox.in_(sorted(boxes)))
        .group_by(letter.c.mailbox)
        .order_by(letter.c.mailbox)
    )
    return tuple(
        Due(kind="letters_wait", tone=Tone.WARN, name="", detail=row.mailbox, at=row.since, number=row.n)
        for row in connection.execute(statement)
    )


def tips(connection: Connection, scope: Scope) -> tuple[Due, ...]:
    """Tips that nobody has judged, and those that could not be looked at: one line a state."""
    repository = Tips(connection, scope)
    table = repository.table
    states = (TipState.OPEN.value, TipState.FAILED.value)
    statement = (
        select(table.c.state, func.count().label("n"), func.min(table.c.at).label("since"))
        .where(*repository.narrowed(), table.c.state.in_(states))
        .group_by(table.c.state)
        .order_by(table.c.state)
    )
    return tuple(
        Due(kind=f"tips_{row.state}", tone=Tone.WARN, name="", at=row.since, number=row.n)
        for row in connection.execute(statement)
    )


HANDS = {
    NoticeState.DRAFT.value: Tone.WARN,
    NoticeState.READY.value: Tone.WARN,
    NoticeState.APPROVED.value: Tone.WARN,
    SIGNED: Tone.INFO,
}
"""Where a notice waits for a person: to mend, approve, sign or export it."""


def waiting(connection: Connection, scope: Scope) -> tuple[Due, ...]:
    """Notices that wait for somebody's hand, the longest waiting first: evidence grows old."""
    notice = tables.notice
    states = [state for state in HANDS if state != SIGNED]
    statement = (
        select(notice, tables.case.c.number.label("case_number"))
        .join(tables.case, tables.case.c.id == notice.c.case)
        .where(notice.c.state.in_(states))
        .order_by(notice.c.drafted_at, notice.c.number)
    )
    rows, more = _some(connection, in_scope(statement, scope))
    found = tuple(
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
    return (*found, *more)


def instruments(connection: Connection, scope: Scope) -> tuple[Due, ...]:
    """Orders, requests and referrals that wait for an approver or a signatory; what still lacks a part does not."""
    table = tables.instrument
    states = (InstrumentState.DRAFT.value, InstrumentState.APPROVED.value)
    found = [each for each in Instruments(connection, scope).find(table.c.state.in_(states)) if not each.missing]
    lines = [
        Due(
            kind=f"instrument_{each.state.value}",
            tone=Tone.WARN,
            name=each.form,
            at=each.approved_at or each.drafted_at,
            subject=each.id,
            number=each.number,
        )
        for each in found[:SHOWN]
    ]
    more = [Due(kind="more", tone=Tone.INFO, name="", number=len(found) - SHOWN)] if len(found) > SHOWN else []
    return (*lines, *more)


def notices_by_state(connection: Connection, scope: Scope) -> dict[str, int]:
    """How many notices stand where; approved ones that are signed count as signed."""
    notice = tables.notice
    signed = notice.c.signatory.is_not(None)
    statement = select(notice.c.state, signed.label("signed"), func.count().label("n")).group_by(
        notice.c.state, signed
    )
    found: dict[str, int] = {}
    for row in connection.execute(in_scope(statement, scope)):
        state = state_of(row.state, "signed" if row.signed else None)
        found[state] = found.get(state, 0) + int(row.n)
    return found


def without_clock(connection: Connection, scope: Scope) -> int:
    """
    Notices in a batch or sent for which nothing tells when the platform had them.

    No clock runs for them and no answer was entered, so that nobody will be reminded.
    """
    notice, clock, outcome = tables.notice, tables.deadline, tables.outcome
    left = (NoticeState.BATCHED.value, NoticeState.SENT.value)
    timed = select(clock.c.id).where(clock.c.subject_kind == "notice", clock.c.subject == notice.c.id).exists()
    answered = select(outcome.c.id).where(outcome.c.notice == notice.c.id).exists()
    statement = select(func.count()).select_from(notice).where(notice.c.state.in_(left), ~timed, ~answered)
    return int(connection.execute(in_scope(statement, scope)).scalar_one())


def _some(connection: Connection, statement: Select[Any]) -> tuple[Sequence[Row[Any]], tuple[Due, ...]]:
    """The first rows, and a line that counts the rest where there are more: nothing is passed over silently."""
    rows = connection.execute(statement.limit(SHOWN + 1)).all()
    if len(rows) <= SHOWN:
        return rows, ()
    ids = statement.order_by(None).with_only_columns(statement.selected_columns[0]).subquery()
    total = int(connection.execute(select(func.count()).select_from(ids)).scalar_one())
    return rows[:SHOWN], (Due(kind="more", tone=Tone.WARN, name="", number=total - SHOWN),)


def untold(connection: Connection, scope: Scope) -> tuple[Due, ...]:
    """What was taken back or answered, and the platform does not have yet: a wrong accusation does harm each hour."""
    word, notice = tables.follow_up, tables.notice
    statement = (
        select(word, notice.c.number)
        .join(notice, notice.c.id == word.c.notice)
        .where(word.c.told_at.is_(None))
        .order_by(word.c.at, word.c.id)
    )
    rows, more = _some(connection, in_scope(statement, scope))
    found = tuple(
        Due(
            kind="follow_up",
            tone=Tone.BAD if row.kind in ("withdraw", "restore", "court") else Tone.WARN,
            name=row.kind,
            detail=row.platform,
            at=row.at,
            subject=row.id,
            number=row.number,
        )
        for row in rows
    )
    return (*found, *more)


def came_back(connection: Connection, scope: Scope) -> tuple[Due, ...]:
    """Items that a platform acted on and that the latest look saw there: not removed, or back."""
    look, item, notice = tables.recheck, tables.notice_item, tables.notice
    word, outcome = tables.follow_up, tables.outcome
    newest = select(func.max(look.c.id)).where(look.c.purpose == "removal").group_by(look.c.listing)
    settled = select(word.c.id).where(word.c.item == item.c.id).exists()
    put_back = select(outcome.c.id).where(outcome.c.item == item.c.id, outcome.c.status == "reinstated").exists()
    statement = (
        select(look.c.id, look.c.judged_at, item.c.title, notice.c.number, notice.c.platform)
        .join(item, item.c.listing == look.c.listing)
        .join(notice, notice.c.id == item.c.notice)
        .where(
            look.c.id.in_(newest),
            look.c.presence.in_(("present", "changed")),
            notice.c.state == NoticeState.SENT.value,
            ~settled,
            ~put_back,
        )
        .order_by(look.c.judged_at.desc())
    )
    rows, more = _some(connection, in_scope(statement, scope))
    found = tuple(
        Due(
            kind="came_back",
            tone=Tone.WARN,
            name=row.title,
            detail=row.platform,
            at=row.judged_at,
            subject=row.id,
            number=row.number,
        )
        for row in rows
    )
    return (*found, *more)


def accuracy(connection: Connection, scope: Scope, declarations: Declarations, now: datetime) -> tuple[Record, ...]:
    """How each platform took what was sent to it, the most endangered first; of a compartment nothing is told."""
    if scope.compartment is not None:
        return ()  # a share tells of what lies outside it
    order = (Budget.STOPPED, Budget.FEW, Budget.FREE)
    found = records(connection, declarations, now=now, scope=scope)
    return tuple(sorted(found, key=lambda each: (order.index(each.stand.budget), each.stand.headroom, each.platform)))


def in_scope(statement: Select[Any], scope: Scope) -> Select[Any]:  # Any: columns of each query
    """The statement, which joins notices, narrowed to those the reader sees."""
    notice, case = tables.notice, tables.case
    if scope.holder is not None:
        statement = statement.where(notice.c.holder == scope.holder)
    if scope.compartment is not None:
        inside = select(case.c.id).where(case.c.compartment == scope.compartment)
        statement = statement.where(notice.c.case.in_(inside))
    return statement

"""Clocks of notices for verbs and pages: brought into step, listed with the next act, written as a calendar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, or_, select
from sqlalchemy.sql.elements import ColumnElement

from config.instrument_form import InstrumentForm
from config.profile import Profile
from console.errors import NotFound
from console.workspace import Workspace
from reports.clocks.feed import Shape, of_instrument, of_notice, write_calendar
from reports.clocks.keeping import Kept, keep_clocks
from reports.clocks.ladder import Next, next_of
from store.db import tables
from store.db.by_ref import in_lots
from store.db.deadlines import Deadlines
from store.db.instruments import Instruments
from store.records.deadlines import Deadline, DeadlineState
from store.records.ids import Clock, new_id, utc_now
from store.records.scope import EVERYTHING, Scope

OVER_SHOWN = timedelta(days=90)  # a clock that ran out and that nobody ended stays so long in the calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockLine:
    """One clock as it is listed."""

    deadline: Deadline
    number: int  # of the notice
    platform: str
    next: Next | None
    overdue: bool

    @property
    def cells(self) -> dict[str, Any]:  # Any: JSON values
        """Plain values, by the heads of the list."""
        clock = self.deadline
        return {
            "id": clock.id,
            "notice": self.number,
            "platform": self.platform,
            "kind": clock.kind,
            "holder": clock.holder.value,
            "state": clock.state.value,
            "overdue": self.overdue,
            "starts_at": clock.starts_at.isoformat(),
            "opens_at": clock.opens_at.isoformat() if clock.opens_at else None,
            "due_at": clock.due_at.isoformat(),
            "ended_at": clock.ended_at.isoformat() if clock.ended_at else None,
            "next": self.next.act if self.next else None,
            "next_on": self.next.on.isoformat() if self.next else None,
            "what": self.next.what if self.next else None,
            "steps": clock.steps,
            "counted": clock.counted,
            "source": clock.source,
            "basis": clock.basis,
            "regime": clock.regime,
            "item": clock.item,
            "set_by": clock.set_by,
        }


HEADS = (
    "id",
    "notice",
    "platform",
    "kind",
    "holder",
    "state",
    "overdue",
    "starts_at",
    "opens_at",
    "due_at",
    "ended_at",
    "next",
    "next_on",
    "what",
    "steps",
    "counted",
    "source",
    "basis",
    "regime",
    "item",
    "set_by",
)


def refresh(workspace: Workspace, *, clock: Clock = utc_now) -> Kept:
    """Bring every clock into step with what happened."""
    return keep_clocks(workspace.database, workspace.declarations, clock=clock, ids=new_id)


def clock_lines(
    connection: Connection,
    profiles: Mapping[str, Profile],
    *,
    now: datetime,
    scope: Scope = EVERYTHING,
    ended: bool = False,
    where: Iterable[ColumnElement[bool]] = (),
    limit: int | None = None,
) -> list[ClockLine]:
    """Clocks that run or ran out without an end, the nearest first; with `ended` the others as well."""
    table = tables.deadline
    conditions = list(where)
    if not ended:
        open_still = and_(table.c.state == DeadlineState.MISSED.value, table.c.ended_at.is_(None))
        conditions.append(or_(table.c.state == DeadlineState.RUNNING.value, open_still))
    deadlines = Deadlines(connection, scope).nearest(*conditions, limit=limit)
    notices = _notices(connection, {each.notice for each in deadlines})
    return [
        ClockLine(
            deadline=each,
            number=notices[each.notice][0],
            platform=notices[each.notice][1],
            next=next_of(each, profiles.get(each.regime), now),
            overdue=each.ended_at is None and each.state is not DeadlineState.VOID and now > each.due_at,
        )
        for each in deadlines
    ]


def _notices(connection: Connection, ids: Iterable[str]) -> dict[str, tuple[int, str]]:
    notice = tables.notice
    return {
        row.id: (row.number, row.platform)
        for lot in in_lots(ids)
        for row in connection.execute(
            select(notice.c.id, notice.c.number, notice.c.platform).where(notice.c.id.in_(lot))
        )
    }


def calendar_of(
    connection: Connection,
    profiles: Mapping[str, Profile],
    forms: Mapping[str, InstrumentForm],
    *,
    now: datetime,
    scope: Scope = EVERYTHING,
    shape: Shape = "todo",
) -> bytes:
    """The iCalendar feed of what a reader sees: what runs, and what ran out lately; requests to preserve among it."""
    recent = tables.deadline.c.due_at >= now - OVER_SHOWN
    lines = clock_lines(connection, profiles, now=now, scope=scope, where=[recent])
    entries = [of_notice(line.deadline, line.number, line.platform, line.next) for line in lines]
    for kept in Instruments(connection, scope).running():
        form = forms.get(kept.form)
        entry = of_instrument(kept, form.keeps if form else None, now)
        if entry is not None and entry.due_at >= now - OVER_SHOWN:
            entries.append(entry)
    return write_calendar(entries, now=now, shape=shape)


def clock_id(workspace: Workspace, beginning: str) -> str:
    """The id of the one clock that an id's beginning or end names. Raises `NotFound`."""
    table = tables.deadline
    with workspace.database.read() as connection:
        fits = or_(
            table.c.id == beginning,
            table.c.id.like(f"{_plain(beginning)}%"),
            table.c.id.like(f"%{_plain(beginning)}"),
        )
        found = [each.id for each in Deadlines(connection, EVERYTHING).find(fits)]
    if len(found) != 1:
        raise NotFound("clock", beginning, "`marque deadlines list --json` shows their ids")
    return found[0]


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum() or letter == "-")

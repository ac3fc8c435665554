"""
Clocks as an iCalendar feed (RFC 5545) that a calendar subscribes to: one entry a clock, the same UID each time.

`todo` writes VTODO with DUE, as the standard means it; `event` writes VEVENT with an alarm, for calendars that show
nothing else of a subscription. No entry names a seller, a holder or a listing: feeds travel.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from reports.clocks.ladder import Next
from store.records.deadlines import Deadline, DeadlineState, Holder

if TYPE_CHECKING:
    from icalendar import Component

Shape = Literal["todo", "event"]
PRODID = "-//Marque//Clocks of notices//EN"
REFRESH = timedelta(hours=4)  # chosen: clocks are days long
ALARM = timedelta(days=1)  # before an end that is ours
_WHO = {
    Holder.SENDER: "ours",
    Holder.RECIPIENT: "the platform's",
    Holder.SELLER: "the seller's",
    Holder.DISPUTE_BODY: "the dispute body's",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One clock with what a calendar shows of it."""

    deadline: Deadline
    number: int  # of the notice
    platform: str
    next: Next | None


def write_calendar(entries: Iterable[Entry], *, now: datetime, shape: Shape = "todo") -> bytes:
    """The feed as `now` finds the clocks, by the time they end."""
    from icalendar import Calendar, Event, Todo  # its import is felt at the command line

    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Marque")
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    for entry in sorted(entries, key=lambda each: (each.deadline.due_at, each.deadline.id)):
        calendar.add_component(_component(Todo() if shape == "todo" else Event(), entry, now, shape))
    return bytes(calendar.to_ical())


def _component(part: Component, entry: Entry, now: datetime, shape: Shape) -> Component:
    from icalendar import Alarm

    deadline = entry.deadline
    part.add("uid", f"{deadline.id}@marque")
    part.add("dtstamp", now)
    part.add("sequence", deadline.steps)
    if shape == "todo":
        part.add("due", deadline.due_at)
        part.add("status", "NEEDS-ACTION")
    else:
        part.add("dtstart", deadline.due_at)
        part.add("dtend", deadline.due_at + timedelta(minutes=15))
        part.add("transp", "TRANSPARENT")
    part.add("summary", _summary(entry))
    part.add("description", _description(entry))
    part.add("categories", [_WHO[deadline.holder], entry.platform])
    part.add("priority", 1 if deadline.holder is Holder.SENDER else 5)
    if deadline.holder is Holder.SENDER and deadline.state is DeadlineState.RUNNING:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", _summary(entry))
        alarm.add("trigger", deadline.due_at - ALARM, parameters={"value": "DATE-TIME"})
        part.add_component(alarm)
    return part


def _summary(entry: Entry) -> str:
    deadline = entry.deadline
    over = "OVER: " if deadline.state is DeadlineState.MISSED else ""
    what = deadline.kind.replace("_", " ")
    return f"{over}notice {entry.number} to {entry.platform}, {what} ({_WHO[deadline.holder]})"


def _description(entry: Entry) -> str:
    deadline = entry.deadline
    lines = [f"Counted: {deadline.counted}.", f"Source: {deadline.source} ({deadline.basis})."]
    if deadline.opens_at is not None:
        lines.append(f"Not before {deadline.opens_at:%Y-%m-%d %H:%M} UTC.")
    if deadline.set_because is not None:
        lines.append(f"The recipient's own date: {deadline.set_because}.")
    if entry.next is not None:
        lines.append(f"Next, {entry.next.on:%Y-%m-%d}: {entry.next.what}")
    return "\n".join(lines)

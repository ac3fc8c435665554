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

from config.instrument_form import Keeps
from reports.clocks.ladder import Next
from store.records.deadlines import Deadline, DeadlineState, Holder
from store.records.instruments import Instrument

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
    """One clock as a calendar shows it."""

    id: str  # of what runs; the same each time
    changes: int  # how often it changed
    due_at: datetime
    what: str  # one line that names no seller, holder or listing
    lines: tuple[str, ...]  # how it was counted, on what it rests, what comes next
    categories: tuple[str, ...]
    is_ours: bool  # it is for us to act
    is_over: bool


def of_notice(deadline: Deadline, number: int, platform: str, next: Next | None) -> Entry:
    """The entry of a clock of notice `number`."""
    lines = [f"Counted: {deadline.counted}.", f"Source: {deadline.source} ({deadline.basis})."]
    if deadline.opens_at is not None:
        lines.append(f"Not before {deadline.opens_at:%Y-%m-%d %H:%M} UTC.")
    if deadline.set_because is not None:
        lines.append(f"The recipient's own date: {deadline.set_because}.")
    if next is not None:
        lines.append(f"Next, {next.on:%Y-%m-%d}: {next.what}")
    return Entry(
        id=deadline.id,
        changes=deadline.steps,
        due_at=deadline.due_at,
        what=f"notice {number} to {platform}, {deadline.kind.replace('_', ' ')} ({_WHO[deadline.holder]})",
        lines=tuple(lines),
        categories=(_WHO[deadline.holder], platform),
        is_ours=deadline.holder is Holder.SENDER,
        is_over=deadline.state is DeadlineState.MISSED,
    )


def of_instrument(kept: Instrument, keeps: Keeps | None, now: datetime) -> Entry | None:
    """The entry of a request to preserve whose clock runs; `keeps` is its form's, None where the form is gone."""
    if kept.keeps_until is None or not kept.runs:
        return None
    lines = [f"Data that a provider was asked to keep are kept until {kept.keeps_until:%Y-%m-%d %H:%M} UTC."]
    if keeps is not None:
        lines += [f"Source: {keeps.citation} ({keeps.basis.value}).", f"Next: {keeps.then}."]
        if kept.renewals < keeps.renewals:
            lines.append(f"It can be renewed for {keeps.renewal_days} days.")
    return Entry(
        id=kept.id,
        changes=kept.renewals,
        due_at=kept.keeps_until,
        what=f"instrument {kept.number}, end of preservation (ours)",
        lines=tuple(lines),
        categories=(_WHO[Holder.SENDER], "preservation"),
        is_ours=True,
        is_over=kept.keeps_until < now,
    )


def write_calendar(entries: Iterable[Entry], *, now: datetime, shape: Shape = "todo") -> bytes:
    """The feed as `now` finds the clocks, by the time they end."""
    from icalendar import Calendar, Event, Todo  # its import is felt at the command line

    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Marque")
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    for entry in sorted(entries, key=lambda each: (each.due_at, each.id)):
        calendar.add_component(_component(Todo() if shape == "todo" else Event(), entry, now, shape))
    return bytes(calendar.to_ical())


def _component(part: Component, entry: Entry, now: datetime, shape: Shape) -> Component:
    from icalendar import Alarm

    summary = f"OVER: {entry.what}" if entry.is_over else entry.what
    part.add("uid", f"{entry.id}@marque")
    part.add("dtstamp", now)
    part.add("sequence", entry.changes)
    if shape == "todo":
        part.add("due", entry.due_at)
        part.add("status", "NEEDS-ACTION")
    else:
        part.add("dtstart", entry.due_at)
        part.add("dtend", entry.due_at + timedelta(minutes=15))
        part.add("transp", "TRANSPARENT")
    part.add("summary", summary)
    part.add("description", "\n".join(entry.lines))
    part.add("categories", list(entry.categories))
    part.add("priority", 1 if entry.is_ours else 5)
    if entry.is_ours and not entry.is_over:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", summary)
        alarm.add("trigger", entry.due_at - ALARM, parameters={"value": "DATE-TIME"})
        part.add_component(alarm)
    return part

"""What happened to a notice that left, as events that begin and end clocks. Each names the record that shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from config.course import Event
from store.records.follow_ups import FollowUp
from store.records.ledger import AuditEntry
from store.records.notices import Notice, NoticeState
from store.records.outcomes import CounterNotice, Outcome, OutcomeStatus, Response

STEP_TAKEN = "take_step"
"""The act in the audit trail by which a person takes a step of the ladder; its detail names the step's `act`."""

_STEPS = {"remind": Event.REMINDED, "complain": Event.COMPLAINED, "dispute": Event.DISPUTED}
_STATUSES: dict[OutcomeStatus, tuple[Event, ...]] = {
    OutcomeStatus.CLARIFICATION_REQUESTED: (Event.ASKED,),
    OutcomeStatus.FAILED: (Event.FAILED,),
    OutcomeStatus.ACTIONED: (Event.DECIDED, Event.ACTIONED),
    OutcomeStatus.PARTLY_ACTIONED: (Event.DECIDED, Event.REFUSED),
    OutcomeStatus.REJECTED: (Event.DECIDED, Event.REFUSED),
    OutcomeStatus.REINSTATED: (Event.REINSTATED,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One event."""

    event: Event
    at: datetime
    id: str  # of the record that shows it
    item: str | None = None  # None: the whole notice
    subject_kind: str = "notice"
    subject: str


def events_of(
    notice: Notice,
    outcomes: Iterable[Outcome],
    counters: Iterable[CounterNotice],
    acts: Iterable[AuditEntry],
    words: Iterable[FollowUp] = (),
) -> list[Happened]:
    """
    The events of one notice, in the order of time.

    `acts` are those on the notice in the audit trail: its recall, steps taken; `words` what was said of its items.
    """
    told = list(outcomes)
    found = [each for outcome in told for each in _said(notice, outcome)]
    for counter in counters:
        found += _objected(counter)
    found += [
        Happened(event=Event.WITHDRAWN, at=word.at, id=word.id, item=word.item, subject=notice.id)
        for word in words
        if word.takes_back
    ]
    first = min(told, key=lambda outcome: (_at(outcome), outcome.id), default=None)
    if first is not None and notice.state in (NoticeState.SENT, NoticeState.RECALLED):
        found.append(Happened(event=Event.LEFT, at=_at(first), id=notice.id, subject=notice.id))
    for act in acts:
        if act.action == STEP_TAKEN and (event := _STEPS.get(act.detail.get("act", ""))) is not None:
            item = act.detail.get("item") or None
            found.append(Happened(event=event, at=act.at, id=act.id, item=item, subject=notice.id))
        elif act.action == "recall_notice":
            found.append(Happened(event=Event.WITHDRAWN, at=act.at, id=act.id, subject=notice.id))
    return sorted(found, key=lambda each: (each.at, each.id))


def _at(outcome: Outcome) -> datetime:
    return outcome.decided_at or outcome.received_at


def _said(notice: Notice, outcome: Outcome) -> list[Happened]:
    events = [Event.ANSWERED]
    if outcome.action == "paused":
        events.append(Event.PAUSED)
    if outcome.status is not None:
        events += _STATUSES.get(outcome.status, ())
    return [
        Happened(event=event, at=_at(outcome), id=outcome.id, item=outcome.item, subject=notice.id)
        for event in events
    ]


def _objected(counter: CounterNotice) -> list[Happened]:
    begun = counter.objected_at or counter.received_at
    times = [(Event.COUNTERED, begun)]
    if counter.our_response is not None and counter.responded_at is not None:
        times.append((Event.RESPONDED, counter.responded_at))
        if counter.our_response is Response.SUE:
            times.append((Event.SUED, counter.responded_at))
    return [
        Happened(
            event=event,
            at=at,
            id=counter.id,
            item=counter.item,
            subject_kind="counter_notice",
            subject=counter.id,
        )
        for event, at in times
    ]

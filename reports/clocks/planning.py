"""Which clocks the events of a notice began, and where each stands now. Pure: the same events, the same clocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from config.course import Clock, Event
from config.profile import Basis, Profile
from reports.clocks.counting import Span, count
from reports.clocks.events import Happened
from store.records.deadlines import Deadline, DeadlineState, Holder
from store.records.ids import NewId
from store.records.notices import Notice


def plan_clocks(
    notice: Notice,
    profile: Profile,
    happened: Sequence[Happened],
    standing: Iterable[Deadline],
    *,
    now: datetime,
    ids: NewId,
) -> list[Deadline]:
    """
    The clocks of a notice that are new, or stand otherwise than written; the rest is left as it is.

    `standing` are those in the ledger. A date that a person entered is kept. Raises `UnknownJurisdiction`.
    """
    known = {(each.event_id, each.kind): each for each in standing}
    changed = []
    for clock in profile.clocks:
        for begun in happened:
            if begun.event is not clock.event:
                continue
            old = known.get((begun.id, clock.code))
            new = _stand(old or _begin(notice, profile, clock, begun, ids), clock, notice, begun, happened, now)
            if new != old:
                changed.append(new)
    return changed


def _begin(notice: Notice, profile: Profile, clock: Clock, begun: Happened, ids: NewId) -> Deadline:
    source, basis = source_of(profile, clock)
    span = count(clock, begun.at)
    return Deadline(
        id=ids(),
        subject_kind=begun.subject_kind,
        subject=begun.subject,
        notice=notice.id,
        item=begun.item,
        kind=clock.code,
        regime=profile.name,
        holder=Holder(clock.holder),
        event=begun.event.value,
        event_id=begun.id,
        starts_at=begun.at,
        opens_at=span.opens_at,
        due_at=span.due_at,
        calendar=clock.calendar,
        counted=span.counted,
        source=source,
        basis=basis,
        state=DeadlineState.RUNNING,
    )


def source_of(profile: Profile, clock: Clock) -> tuple[str, str]:
    """Where a clock comes from in a few words, and how that was read; the weakest reading of several counts."""
    sources = profile.sources_of(f"clocks.{clock.code}")
    named = list(dict.fromkeys(source.citation or source.url for source in sources if source.citation or source.url))
    order = (Basis.OFFICIAL, Basis.THIRD_PARTY, Basis.MEMORY)
    weakest = max((source.basis for source in sources), key=order.index, default=Basis.MEMORY)
    return "; ".join(each for each in named if each) or "chosen here", weakest.value


def _stand(
    deadline: Deadline, clock: Clock, notice: Notice, begun: Happened, happened: Sequence[Happened], now: datetime
) -> Deadline:
    if deadline.state is DeadlineState.RUNNING and deadline.set_by is None:
        # Counted anew: an announced holiday, or a corrected profile, moves what still runs.
        span: Span = count(clock, begun.at)
        deadline = replace(
            deadline, opens_at=span.opens_at, due_at=span.due_at, counted=span.counted, calendar=clock.calendar
        )
    end = _ended(clock, notice, begun, happened)
    if end is None:
        if deadline.ended_at is not None:
            return deadline
        state = DeadlineState.MISSED if now > deadline.due_at else DeadlineState.RUNNING
        return replace(deadline, state=state)
    if deadline.ended_at is not None:
        return deadline
    if end.event is Event.WITHDRAWN:
        state = DeadlineState.VOID
    else:
        state = DeadlineState.MET if end.at <= deadline.due_at else DeadlineState.MISSED
    return replace(deadline, state=state, ended_at=end.at, ended_by=end.id)


def _ended(clock: Clock, notice: Notice, begun: Happened, happened: Sequence[Happened]) -> Happened | None:
    """The event that ended a clock: of its item, or, where it runs for the whole notice, of the last item."""
    later = [
        each
        for each in happened
        # One answer does not end what it begins; an objection and what was said to it stand in one record.
        if each.event in clock.ends
        and each.at >= begun.at
        and (each.id != begun.id or begun.event is Event.COUNTERED)
    ]
    whole = [each for each in later if each.item is None or (begun.item is None and each.event is Event.ANSWERED)]
    if begun.item is not None:
        return min([each for each in later if each.item in (None, begun.item)], key=_order, default=None)
    if whole:
        return min(whole, key=_order)
    asked = [item.id for item in notice.items if not item.refusals]
    firsts = [min([each for each in later if each.item == item], key=_order, default=None) for item in asked]
    if not firsts or any(first is None for first in firsts):
        return None
    done = [first for first in firsts if first is not None]
    return max([first for first in done if first.event is not Event.WITHDRAWN] or done, key=_order)


def _order(each: Happened) -> tuple[datetime, str]:
    return each.at, each.id

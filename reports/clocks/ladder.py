"""What comes next where a clock ran out or a notice was refused: the profile's steps, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from config.course import Event, Step
from config.profile import Profile
from store.records.deadlines import Deadline, DeadlineState, Holder


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """The next act on one clock."""

    act: str  # a step's, or "answer" where the time is ours, or "wait"
    what: str
    on: datetime  # from then on, or until then where the time is ours


def ladder_of(deadline: Deadline, profile: Profile) -> tuple[tuple[Step, datetime], ...]:
    """The steps that a clock leads to, each with the time from which it may be taken."""
    clock = next((each for each in profile.clocks if each.code == deadline.kind), None)
    from_refusal = clock is not None and clock.event is Event.REFUSED
    base = deadline.starts_at if from_refusal else deadline.due_at
    named = {deadline.kind, "refused"} if from_refusal else {deadline.kind}
    return tuple((step, base + timedelta(days=step.wait_days)) for step in profile.ladder if step.after in named)


def next_of(deadline: Deadline, profile: Profile | None, now: datetime) -> Next | None:
    """The next act on a clock and its time; None where nothing more is to be done."""
    if deadline.state in (DeadlineState.MET, DeadlineState.VOID) or deadline.ended_at is not None:
        return None
    steps = ladder_of(deadline, profile) if profile is not None else ()
    left = steps[deadline.steps :]
    if deadline.holder is Holder.SENDER:
        if deadline.state is DeadlineState.RUNNING:
            step = left[0][0] if left and left[0][1] <= deadline.due_at else None
            if step is None and deadline.event == Event.REFUSED.value:
                return None  # every step was taken; the time that is left is nobody's duty
            what = step.what if step is not None else "Answer before the time is over."
            return Next(act=step.act if step is not None else "answer", what=what, on=deadline.due_at)
        return Next(act=left[0][0].act, what=left[0][0].what, on=left[0][1]) if left else None
    if left:
        step, on = left[0]
        return Next(act=step.act, what=step.what, on=max(on, deadline.due_at))
    if deadline.state is DeadlineState.RUNNING:
        return Next(act="wait", what="Nothing is ours to do before.", on=deadline.due_at)
    return Next(act="decide", what="No step is declared for this: decide whether it goes on elsewhere.", on=now)

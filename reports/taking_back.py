"""
Takes items back that have left: withdrawn, or to be restored; each with its fault, so that errors are counted.

An item the platform has not decided is withdrawn; one it acted on is asked to be put back. Where nothing of a notice
is left, the notice is recalled as a whole. The word leaves at once, in a batch of its own (`follow_ups.py`): a wrong
accusation that waits does harm.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection

from reports.answers.lifecycle import standing_of
from reports.errors import NothingToTakeBack, UnknownNotice
from store.db import tables
from store.db.audit import act_of
from store.db.batches import Batches
from store.db.follow_ups import FollowUps
from store.db.notices import Notices
from store.db.outbox import Outbox
from store.db.outcomes import Outcomes
from store.db.session import Database
from store.records.follow_ups import Fault, FollowUp, FollowUpKind
from store.records.ids import Clock, NewId
from store.records.notices import BatchKind, Notice, NoticeItem, NoticeState
from store.records.outbox import OutboxState
from store.records.outcomes import OutcomeStatus
from store.records.scope import EVERYTHING, Scope

LEFT = (NoticeState.BATCHED, NoticeState.SENT)
_ACTED = (OutcomeStatus.ACTIONED, OutcomeStatus.PARTLY_ACTIONED, OutcomeStatus.COUNTER_NOTICED)
SHORTEST_REASON = 10  # letters


def withdraw(
    database: Database,
    notice: str,
    *,
    items: Iterable[str] | None = None,
    fault: Fault,
    by: str,
    because: str,
    clock: Clock,
    ids: NewId,
    scope: Scope = EVERYTHING,
) -> list[FollowUp]:
    """
    Take back items of a notice that left, by their ids, or all of them; items taken back before are passed over.

    `because` is read by the platform. Raises `UnknownNotice` and `NothingToTakeBack`.
    """
    with database.write() as connection:
        found = Notices(connection, scope).get(notice)
        if found is None:
            raise UnknownNotice(notice)
        wanted = list(items) if items is not None else [item.id for item in found.items if not item.refusals]
        return withdraw_within(connection, found, wanted, fault=fault, by=by, because=because, clock=clock, ids=ids)


def withdraw_within(
    connection: Connection,
    notice: Notice,
    items: Iterable[str],
    *,
    fault: Fault,
    by: str,
    because: str,
    clock: Clock,
    ids: NewId,
    counter: str | None = None,
) -> list[FollowUp]:
    """What `withdraw` does, in the caller's writing transaction."""
    words = " ".join(because.split())
    if len(words) < SHORTEST_REASON:
        raise NothingToTakeBack(notice.number, f"say why, in at least {SHORTEST_REASON} letters")
    if notice.state not in LEFT:
        raise NothingToTakeBack(notice.number, f"it is {notice.state.value}, and has not left; recall it instead")
    standing = [item for item in notice.items if not item.refusals]
    asked = set(items)
    unknown = asked - {item.id for item in standing}
    if unknown:
        raise NothingToTakeBack(notice.number, f"no item of it that left has the id {min(unknown)}")
    earlier = FollowUps(connection, EVERYTHING).of_items(item.id for item in standing)
    gone = {item for item, told in earlier.items() if any(each.takes_back for each in told)}
    wanted = [item for item in standing if item.id in asked - gone]
    made = [
        FollowUp(
            id=ids(),
            notice=notice.id,
            item=item.id,
            platform=notice.platform,
            kind=_kind(connection, notice, item),
            fault=fault,
            because=words,
            by=by,
            at=clock(),
            counter=counter,
        )
        for item in wanted
    ]
    if made and _never_left(connection, notice):
        made = []  # nobody was told of it, and nobody is told that it is taken back
    if made:
        detail = {"items": str(len(made)), "fault": fault.value, "because": words}
        act = act_of(by, "withdraw_items", "notice", notice.id, clock=clock, ids=ids, detail=detail)
        FollowUps(connection, EVERYTHING).write(made, act)
    if standing and {item.id for item in standing} <= gone | {item.id for item in wanted}:
        recall_within(connection, notice, by=by, because=words, clock=clock, ids=ids)
    return made


def _never_left(connection: Connection, notice: Notice) -> bool:
    """Whether the notice's batch is queued and no byte of it can have left: the recall keeps it here."""
    if notice.state is not NoticeState.BATCHED:
        return False
    batches = Batches(connection, EVERYTHING).find(tables.batch.c.platform == notice.platform)
    mine = [b for b in batches if b.kind is BatchKind.NOTICES and notice.id in b.notices]
    entries = [entry for batch in mine for entry in Outbox(connection, EVERYTHING).of_batch(batch.id)]
    here = (OutboxState.READY, OutboxState.HELD, OutboxState.WITHDRAWN, OutboxState.REJECTED)
    return bool(entries) and all(entry.state in here and entry.attempts == 0 for entry in entries)


def _kind(connection: Connection, notice: Notice, item: NoticeItem) -> FollowUpKind:
    outcomes = Outcomes(connection, EVERYTHING).of_notice(notice.id)
    # A listing that was paused while the seller is heard is as hidden as one that was removed.
    hidden = standing_of(outcomes, item.id).action == "paused"
    acted = standing_of(outcomes, item.id).status in _ACTED
    return FollowUpKind.RESTORE if acted or hidden else FollowUpKind.WITHDRAW


def recall_within(
    connection: Connection, notice: Notice, *, by: str, because: str, clock: Clock, ids: NewId
) -> Notice:
    """A notice is taken back, in the caller's writing transaction, which has asked whether it may be."""
    if notice.state is NoticeState.RECALLED:
        return notice
    recalled = replace(notice, state=NoticeState.RECALLED)
    act = act_of(by, "recall_notice", "notice", notice.id, clock=clock, ids=ids, detail={"because": because})
    Notices(connection, EVERYTHING).move([recalled], act)
    return recalled

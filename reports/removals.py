"""
Whether what a platform says it removed is gone, and stays gone: looks due 1, 7, 30 and 90 days after it acted.

The schedule is kept nowhere: what is due follows from the platform's answer and from the looks that were made since
(`crawler/recheck.py`, which proves absence or says that it cannot). A worker that slept makes one look for all that
were due meanwhile. A look that could not tell is made again a day later, three times; then a person is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import Connection, select

from reports.answers.lifecycle import ItemAnswers, standing_of
from store.db import tables
from store.db.by_ref import in_lots
from store.db.follow_ups import FollowUps
from store.db.outcomes import Outcomes
from store.db.rechecks import Rechecks
from store.records.notices import NoticeState
from store.records.outcomes import Outcome, OutcomeStatus
from store.records.rechecks import Presence, Recheck
from store.records.scope import EVERYTHING, Scope

LOOK_AFTER = tuple(timedelta(days=n) for n in (1, 7, 30, 90))  # quoted: facts, lifecycle of notices
AGAIN_AFTER = timedelta(days=1)
TRIES = 3  # looks in a row that could not tell
_ACTED = (OutcomeStatus.ACTIONED, OutcomeStatus.PARTLY_ACTIONED)


class Removal(Enum):
    """What is known of an item that a platform acted on."""

    UNCONFIRMED = "unconfirmed"  # nobody has looked since
    CONFIRMED = "confirmed"  # proven to be gone by the latest look that could tell
    THERE = "there"  # the latest look saw it: not removed, or back
    UNKNOWN = "unknown"  # the looks could not tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One item that a platform acted on, and how it stands."""

    item: str
    listing: str
    notice: str
    number: int  # of the notice
    platform: str
    url: str
    title: str
    acted_at: datetime
    removal: Removal
    looked_at: datetime | None  # the latest look
    due: timedelta | None  # the look that is due now, by its distance from the action; None: none is


def look_due(acted_at: datetime, looks: Sequence[Recheck], now: datetime) -> timedelta | None:
    """
    The look that is due now; None where none is. Pure.

    A look that could tell settles every one that was due before it; one that could not is made again after a day, and
    given up after three tries until the next one's time.
    """
    passed = [after for after in LOOK_AFTER if acted_at + after <= now]
    if not passed:
        return None
    point = acted_at + passed[-1]
    since = [look for look in looks if look.judged_at >= point]
    if any(look.presence is not Presence.UNKNOWN for look in since) or len(since) >= TRIES:
        return None
    if since and now - max(look.judged_at for look in since) < AGAIN_AFTER:
        return None
    return passed[-1]


def removal_of(acted_at: datetime, looks: Iterable[Recheck]) -> Removal:
    """What the looks since the action say."""
    since = sorted((look for look in looks if look.judged_at >= acted_at), key=lambda look: (look.judged_at, look.id))
    telling = [look for look in since if look.presence is not Presence.UNKNOWN]
    if not telling:
        return Removal.UNKNOWN if since else Removal.UNCONFIRMED
    return Removal.CONFIRMED if telling[-1].presence is Presence.ABSENT else Removal.THERE


def watched(connection: Connection, *, now: datetime, scope: Scope = EVERYTHING) -> list[Watched]:
    """Every item that a platform acted on and that nobody put back or took back, the oldest action first."""
    notice, item, case = tables.notice, tables.notice_item, tables.case
    statement = (
        select(
            item.c.id, item.c.listing, item.c.url, item.c.title, item.c.refusals, notice.c.id.label("notice"),
            notice.c.number, notice.c.platform,
        )
        .join(notice, notice.c.id == item.c.notice)
        .where(notice.c.state == NoticeState.SENT.value)
    )  # fmt: skip
    if scope.holder is not None:
        statement = statement.where(notice.c.holder == scope.holder)
    if scope.compartment is not None:
        inside = select(case.c.id).where(case.c.compartment == scope.compartment)
        statement = statement.where(notice.c.case.in_(inside))
    rows = [row for row in connection.execute(statement) if not row.refusals]
    told: list[Outcome] = []
    for lot in in_lots({row.notice for row in rows}):
        told += Outcomes(connection, EVERYTHING).find(tables.outcome.c.notice.in_(lot))
    answers = ItemAnswers(told)
    back = FollowUps(connection, EVERYTHING).of_items(row.id for row in rows)
    looks = _looks(connection, {row.listing for row in rows})
    found = []
    for row in rows:
        mine = answers.of(row.notice, row.id)
        acted = [each.decided_at or each.received_at for each in mine if each.status in _ACTED]
        if not acted or standing_of(mine, row.id).status is OutcomeStatus.REINSTATED:
            continue
        if any(word.takes_back for word in back.get(row.id, ())):
            continue
        since, seen = min(acted), looks.get(row.listing, [])
        found.append(
            Watched(
                item=row.id,
                listing=row.listing,
                notice=row.notice,
                number=row.number,
                platform=row.platform,
                url=row.url,
                title=row.title,
                acted_at=since,
                removal=removal_of(since, seen),
                looked_at=max((look.judged_at for look in seen if look.judged_at >= since), default=None),
                due=look_due(since, seen, now),
            )
        )
    return sorted(found, key=lambda each: (each.acted_at, each.item))


def _looks(connection: Connection, listings: set[str]) -> dict[str, list[Recheck]]:
    found: dict[str, list[Recheck]] = defaultdict(list)
    for lot in in_lots(listings):
        for look in Rechecks(connection, EVERYTHING).find(tables.recheck.c.listing.in_(lot)):
            found[look.listing].append(look)
    return found

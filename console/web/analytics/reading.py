"""The rows that figures are made of, read from the ledger within the reader's scope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.sql.elements import ColumnElement

from console.analytics.asks import Ask
from console.analytics.judging import Judged, Known
from store.db import tables
from store.db.by_ref import in_lots
from store.db.notices import Notices
from store.db.review import BlindReviews, ReviewItems
from store.records.cases import Verdict
from store.records.listings import ListingState
from store.records.notices import NoticeState
from store.records.outbox import OutboxState
from store.records.outcomes import OutcomeStatus
from store.records.rechecks import Presence
from store.records.review import BlindKind
from store.records.scope import Scope

UNDECIDED = (OutcomeStatus.RECEIVED.value, OutcomeStatus.UNDER_REVIEW.value)
"""Answers that decide nothing yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What the figures are narrowed to: platform, right, and when it was asked or decided. None narrows nothing."""

    platform: str = ""
    right: str = ""  # Right id
    since: date | None = None
    until: date | None = None  # that day is among it

    def holds(self, at: datetime) -> bool:
        """Whether a moment lies in it."""
        if self.since is not None and at < datetime.combine(self.since, time.min, UTC):
            return False
        return self.until is None or at < datetime.combine(self.until + timedelta(days=1), time.min, UTC)


def read_asks(connection: Connection, scope: Scope, span: Span) -> list[Ask]:
    """Every listing that a notice in sight asked to have removed, and what was seen of it since."""
    rows = _asked(connection, scope, span)
    asked_at = _left_at(connection, {row.notice for row in rows})
    rows = [row for row in rows if row.notice in asked_at and span.holds(asked_at[row.notice])]
    listings = {row.listing for row in rows}
    answers = _answers(connection, {row.notice for row in rows})
    looks = _looks(connection, listings)
    others = _other_offers(connection, scope, {row.seller for row in rows if row.seller})
    horizon = _horizon(connection, {row.platform for row in rows})
    return [_ask(row, asked_at[row.notice], answers, looks, others, horizon) for row in rows]


def read_judged(connection: Connection, scope: Scope, span: Span) -> list[Judged]:
    """Every finding in sight that stands confirmed or rejected."""
    item, right, decision = tables.review_item, tables.right, tables.decision
    wanted = (Verdict.CONFIRM.value, Verdict.REJECT.value)
    statement = (
        select(
            item.c.finding,
            item.c.title,
            item.c.platform,
            item.c.right,
            right.c.right_ref,
            item.c.standing,
            decision.c.reason,
            item.c.decided_by,
            item.c.decided_at,
        )
        .join(right, right.c.id == item.c.right)
        .join(decision, decision.c.id == item.c.decision)
        .where(*ReviewItems(connection, scope).narrowed(), item.c.standing.in_(wanted))
        .where(*_narrow(span, item.c.platform, item.c.right))
        .order_by(item.c.decided_at, item.c.finding)
    )
    return [
        Judged(
            finding=row.finding,
            title=row.title,
            platform=row.platform,
            right=row.right,
            right_ref=row.right_ref,
            verdict=Verdict(row.standing),
            reason=row.reason,
            by=row.decided_by,
            at=row.decided_at,
        )
        for row in connection.execute(statement)
        if span.holds(row.decided_at)
    ]


def read_known(connection: Connection, scope: Scope, span: Span) -> list[Known]:
    """Every answered known answer in sight; a platform or right narrows it by the finding it is about."""
    item = tables.review_item
    visible = set(
        connection.execute(
            select(item.c.finding)
            .where(item.c.finding.in_(select(tables.blind_review.c.finding)))
            .where(*ReviewItems(connection, scope).narrowed(), *_narrow(span, item.c.platform, item.c.right))
        ).scalars()
    )
    return [
        Known(
            finding=look.finding,
            reviewer=look.reviewer,
            kind=look.kind.value,
            expected=look.expected,
            verdict=look.verdict,
            at=look.answered_at,
        )
        for look in BlindReviews(connection, scope).answered(BlindKind.KNOWN)
        if look.finding in visible
        and look.verdict is not None
        and look.answered_at is not None
        and span.holds(look.answered_at)
    ]


def choices(connection: Connection, scope: Scope) -> tuple[list[str], list[tuple[str, str]]]:
    """The platforms and rights (id and the holder's name of it) that figures in sight can be narrowed to."""
    item, right = tables.review_item, tables.right
    narrowed = ReviewItems(connection, scope).narrowed()
    platforms = connection.execute(select(item.c.platform).where(*narrowed).distinct().order_by(item.c.platform))
    rights = connection.execute(
        select(right.c.id, right.c.right_ref)
        .where(right.c.id.in_(select(item.c.right).where(*narrowed)))
        .order_by(right.c.right_ref)
    )
    return list(platforms.scalars()), [(row.id, row.right_ref) for row in rights]


def _narrow(span: Span, platform: Any, right: Any) -> list[ColumnElement[bool]]:  # Any: columns
    found: list[ColumnElement[bool]] = []
    if span.platform:
        found.append(platform == span.platform)
    if span.right:
        found.append(right == span.right)
    return found


def _asked(connection: Connection, scope: Scope, span: Span) -> list[Any]:  # Any: rows
    notice, item, listing, right = tables.notice, tables.notice_item, tables.listing, tables.right
    statement = (
        select(
            item.c.id,
            notice.c.id.label("notice"),
            notice.c.number,
            item.c.listing,
            item.c.finding,
            item.c.title,
            item.c.refusals,
            notice.c.platform,
            notice.c.right,
            right.c.right_ref,
            listing.c.seller,
        )
        .join(notice, notice.c.id == item.c.notice)
        .join(listing, listing.c.id == item.c.listing)
        .join(right, right.c.id == notice.c.right)
        .where(*Notices(connection, scope).narrowed(), notice.c.state == NoticeState.SENT.value)
        .where(*_narrow(span, notice.c.platform, notice.c.right))
        .order_by(notice.c.number, item.c.id)
    )
    return [row for row in connection.execute(statement) if not row.refusals]


def _left_at(connection: Connection, notices: set[str]) -> dict[str, datetime]:
    """When each notice arrived: the platform's receipt, or else when its batch was sealed."""
    batch, box = tables.batch, tables.outbox
    receipts = {
        row.batch: row.at
        for row in connection.execute(
            select(box.c.batch, func.min(box.c.settled_at).label("at"))
            .where(box.c.state == OutboxState.ACCEPTED.value)
            .group_by(box.c.batch)
        )
    }
    found: dict[str, datetime] = {}
    statement = select(batch.c.id, batch.c.notices, batch.c.created_at).order_by(batch.c.number)
    for row in connection.execute(statement):
        for id in notices & set(row.notices):
            found.setdefault(id, receipts.get(row.id) or row.created_at)
    return found


def _answers(connection: Connection, notices: set[str]) -> dict[tuple[str, str | None], list[Any]]:  # Any: rows
    """Mapped answers by notice and item (None: to the whole), in the order of time."""
    table = tables.outcome
    found: dict[tuple[str, str | None], list[Any]] = defaultdict(list)
    for lot in in_lots(notices):
        statement = (
            select(table.c.notice, table.c.item, table.c.status, table.c.received_at)
            .where(table.c.notice.in_(lot), table.c.status.is_not(None))
            .order_by(table.c.received_at, table.c.id)
        )
        for row in connection.execute(statement):
            found[row.notice, row.item].append(row)
    return found


def _looks(connection: Connection, listings: set[str]) -> dict[str, list[tuple[datetime, bool | None]]]:
    """Every look at these listings in the order of time: gone, there, or neither can be said."""
    look, again = tables.observation, tables.recheck
    found: dict[str, list[tuple[datetime, bool | None]]] = defaultdict(list)
    there = {ListingState.LIVE.value: False, ListingState.GONE.value: True}
    proven = {Presence.ABSENT.value: True, Presence.PRESENT.value: False, Presence.CHANGED.value: False}
    for lot in in_lots(listings):
        for row in connection.execute(
            select(look.c.listing, look.c.observed_at, look.c.state).where(look.c.listing.in_(lot))
        ):
            found[row.listing].append((row.observed_at, there.get(row.state)))
        for row in connection.execute(
            select(again.c.listing, again.c.judged_at, again.c.presence).where(again.c.listing.in_(lot))
        ):
            found[row.listing].append((row.judged_at, proven.get(row.presence)))
    for looks in found.values():
        looks.sort(key=lambda each: each[0])
    return found


def _other_offers(
    connection: Connection, scope: Scope, sellers: set[str]
) -> dict[tuple[str, str], list[tuple[datetime, str]]]:
    """First sights of each account's offers that were found with each right, in the order of time."""
    item, listing = tables.review_item, tables.listing
    found: dict[tuple[str, str], list[tuple[datetime, str]]] = defaultdict(list)
    narrowed = ReviewItems(connection, scope).narrowed()
    for lot in in_lots(sellers):
        statement = (
            select(item.c.seller, item.c.right, item.c.listing, listing.c.first_seen)
            .join(listing, listing.c.id == item.c.listing)
            .where(item.c.seller.in_(lot), *narrowed)
        )
        for row in connection.execute(statement):
            found[row.seller, row.right].append((row.first_seen, row.listing))
    for offers in found.values():
        offers.sort()
    return found


def _horizon(connection: Connection, platforms: set[str]) -> dict[str, datetime]:
    """The last look at anything of each platform."""
    table = tables.listing
    statement = (
        select(table.c.platform, func.max(table.c.last_seen))
        .where(table.c.platform.in_(platforms))
        .group_by(table.c.platform)
    )
    return {str(platform): at for platform, at in connection.execute(statement)}


def _ask(
    row: Any,  # Any: a row of `_asked`
    asked_at: datetime,
    answers: Mapping[tuple[str, str | None], list[Any]],  # Any: rows
    looks: Mapping[str, list[tuple[datetime, bool | None]]],
    others: Mapping[tuple[str, str], list[tuple[datetime, str]]],
    horizon: Mapping[str, datetime],
) -> Ask:
    said = sorted(
        [*answers.get((row.notice, row.id), ()), *answers.get((row.notice, None), ())],
        key=lambda each: each.received_at,
    )
    decided = next((each for each in said if each.status not in UNDECIDED), None)
    since = [(at, gone) for at, gone in looks.get(row.listing, ()) if at >= asked_at and gone is not None]
    gone_at = next((at for at, gone in since if gone), None)
    back: tuple[datetime, str] | None = None
    followed_to: datetime | None = None
    if gone_at is not None:
        again = [(at, "same") for at, gone in since if at > gone_at and not gone]
        of_account = others.get((row.seller, row.right), ()) if row.seller else ()
        again += [(at, "another") for at, listing in of_account if at > gone_at and listing != row.listing]
        back = min(again, default=None)
        followed_to = max([since[-1][0], horizon.get(row.platform, gone_at)])
    return Ask(
        item=row.id,
        notice=row.number,
        listing=row.listing,
        finding=row.finding,
        title=row.title,
        platform=row.platform,
        right=row.right,
        right_ref=row.right_ref,
        seller=row.seller,
        asked_at=asked_at,
        answered_at=max(decided.received_at, asked_at) if decided else None,
        answer=said[-1].status if said else None,
        gone_at=gone_at,
        looked_at=since[-1][0] if since else None,
        back_at=back[0] if back else None,
        back_as=back[1] if back else None,
        followed_to=followed_to,
    )

"""
What one day brought a holder: found anew, changed, come back elsewhere, and dismissed, each with its reason.

    digest_of(connection, scope, date(2026, 11, 21)) -> Digest(day, lines)

A day is a day of UTC. Nothing is left out because it was dismissed: who protects a right sees what was thought of it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum

from sqlalchemy import Connection, select

from reports.relisting import relistings
from store.db import tables
from store.db.by_ref import in_lots
from store.db.review import ReviewItems
from store.records.review import ReviewItem, Standing
from store.records.scope import Scope


class Change(Enum):
    """What happened to a finding on the day."""

    NEW = "new"  # identified with one of the holder's rights, and waits or was confirmed
    CHANGED = "changed"  # its listing shows something else than before
    RELISTED = "relisted"  # what was noticed is offered again under another address
    DISMISSED = "dismissed"  # by a rule or a person


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestLine:
    """One finding of the day, and why it stands here."""

    change: Change
    finding: str
    title: str
    platform: str
    right: str  # Right id
    because: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One day, by kind of change and then by time."""

    day: date
    lines: tuple[DigestLine, ...]

    def of(self, change: Change) -> tuple[DigestLine, ...]:
        """The lines of one kind."""
        return tuple(line for line in self.lines if line.change is change)


def digest_of(connection: Connection, scope: Scope, day: date) -> Digest:
    """The digest of a day within a scope."""
    start = datetime.combine(day, time(), UTC)
    end = start + timedelta(days=1)
    items = ReviewItems(connection, scope)
    table = tables.review_item.c
    found = items.find(table.found_at >= start, table.found_at < end)
    decided = items.find(table.decided_at >= start, table.decided_at < end, table.standing == Standing.REJECT.value)
    silent = [item for item in found if item.standing is Standing.SILENT]
    lines = [
        _line(Change.NEW, item, _because(connection, [item])[item.finding], item.found_at)
        for item in found
        if item.standing not in (Standing.SILENT, Standing.REJECT)
    ]
    lines += _changed(connection, scope, start, end)
    lines += _relisted(connection, found, end)
    why = _because(connection, silent)
    lines += [_line(Change.DISMISSED, item, why[item.finding], item.found_at) for item in silent]
    lines += _rejected(connection, decided)
    order = list(Change)
    return Digest(
        day=day, lines=tuple(sorted(lines, key=lambda line: (order.index(line.change), line.at, line.finding)))
    )


def _line(change: Change, item: ReviewItem, because: str, at: datetime) -> DigestLine:
    return DigestLine(
        change=change,
        finding=item.finding,
        title=item.title,
        platform=item.platform,
        right=item.right,
        because=because,
        at=at,
    )


def _because(connection: Connection, items: list[ReviewItem]) -> dict[str, str]:
    """Why each finding stands in its band; where a rule keeps it silent, that rule's own words."""
    table = tables.finding.c
    found: dict[str, str] = {}
    for lot in in_lots(item.finding for item in items):
        for row in connection.execute(select(table.id, table.because, table.suppressions).where(table.id.in_(lot))):
            ruled = [str(each.get("because", "")) for each in row.suppressions or ()]
            found[row.id] = "; ".join(filter(None, ruled)) or row.because
    return {item.finding: found.get(item.finding, "") for item in items}


def _rejected(connection: Connection, items: list[ReviewItem]) -> list[DigestLine]:
    table = tables.decision.c
    reasons: dict[str, str] = {}
    for lot in in_lots(item.decision for item in items if item.decision):
        for row in connection.execute(select(table.id, table.reason, table.note).where(table.id.in_(lot))):
            words = (row.reason or "").replace("_", " ")
            reasons[row.id] = f"{words}: {row.note}" if row.note else words
    return [
        _line(Change.DISMISSED, item, reasons.get(item.decision or "", ""), item.decided_at or item.found_at)
        for item in items
    ]


def _changed(connection: Connection, scope: Scope, start: datetime, end: datetime) -> list[DigestLine]:
    """Findings of earlier days whose listing the day's last look saw otherwise than the look before the day."""
    item = tables.review_item.c
    look = tables.observation.c
    items = ReviewItems(connection, scope)
    own = (
        select(look.listing)
        .join(tables.review_item, item.listing == look.listing)
        .where(*items.narrowed(), item.found_at < start, look.observed_at >= start, look.observed_at < end)
        .distinct()
    )
    listings = list(connection.execute(own).scalars())
    looks: defaultdict[str, list[tuple[datetime, str, str]]] = defaultdict(list)
    for lot in in_lots(listings):
        query = select(look.listing, look.observed_at, look.state, look.content_sha256)
        for row in connection.execute(query.where(look.listing.in_(lot), look.observed_at < end)):
            looks[row.listing].append((row.observed_at, row.state, row.content_sha256))
    lines = []
    for lot in in_lots(listings):
        for each in items.find(item.listing.in_(lot), item.found_at < start):
            seen = sorted(looks[each.listing])
            before = [one for one in seen if one[0] < start]
            if not before or seen[-1][1:] == before[-1][1:]:
                continue
            (_, was, _), (at, now, _) = before[-1], seen[-1]
            because = f"{was} before, {now} now" if was != now else "the page says something else than before"
            lines.append(_line(Change.CHANGED, each, because.replace("_", " "), at))
    return lines


def _relisted(connection: Connection, found: list[ReviewItem], end: datetime) -> list[DigestLine]:
    linked = relistings(connection, {item.listing for item in found}, now=end) if found else {}
    lines = []
    for item in found:
        link = linked.get((item.listing, item.right))
        if link is not None:
            same = ", ".join(each.value.replace("_", " ") for each in link.same)
            lines.append(_line(Change.RELISTED, item, f"as in notice {link.number}: same {same}", item.found_at))
    return lines

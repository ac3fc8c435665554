"""
What is kept no longer: captures that nothing needs, and names of accounts that nothing points to.

A listing is kept for its class: a finding that waits for somebody, one that was confirmed, one that was rejected not
long ago; a legal hold keeps everything of its subject. A capture is kept for a kept listing, for what leads to one,
for a finding's signs and grounds, a notice, a look again. Everything else goes when its time is over: its bytes, the
personal values read from it, and the fields of the look but the title. Rows stay, and so do fingerprints and words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, select

from store.db import tables
from store.db.by_ref import in_lots
from store.db.kept_bytes import VAULT_COLUMNS
from store.db.personal import forget_values
from store.db.rows import ROWS_A_WRITE
from store.records.findings import Band
from store.records.keeping import HoldKind
from store.records.runs import RunKind

# What stays of a look: enough to say which offer it was.
KEPT_FIELDS = ("title",)
_OWN = {tables.capture.name, tables.capture_file.name, tables.listing_image.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """How long each class is kept."""

    non_matches: timedelta
    rejected: timedelta
    cases: timedelta
    sites: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """What is over at a moment: digests, captures, listings and sellers; and how many listings are kept, by why."""

    digests: tuple[str, ...]
    captures: int
    listings: tuple[str, ...]
    sellers: tuple[str, ...]
    kept: dict[str, int]
    unseen_since: datetime  # whoever of them is seen again after this is over no more


def find_expired(connection: Connection, periods: Periods, now: datetime) -> Expired:
    """Everything whose time is over at `now`. Changes nothing."""
    why = _kept_listings(connection, periods, now)
    captures = _kept_captures(connection, why, periods, now)
    gone, kept_digests = _digests(connection, captures)
    listing = tables.listing
    over = now - periods.non_matches
    rows = connection.execute(select(listing.c.id, listing.c.seller, listing.c.last_seen)).all()
    listings = tuple(row.id for row in rows if row.id not in why and row.last_seen < over)
    needed = {row.seller for row in rows if row.id in why or row.last_seen >= over}
    held = _held(connection, HoldKind.SELLER)
    seller = tables.seller
    sellers = tuple(
        row.id
        for row in connection.execute(select(seller.c.id).where(seller.c.last_seen < over))
        if row.id not in needed and row.id not in held
    )
    counts: dict[str, int] = {}
    for reason in why.values():
        counts[reason] = counts.get(reason, 0) + 1
    total = connection.execute(select(tables.capture.c.id)).all()
    return Expired(
        digests=tuple(sorted(gone - kept_digests)),
        captures=sum(row.id not in captures for row in total),
        listings=listings,
        sellers=sellers,
        kept=counts,
        unseen_since=over,
    )


def listings_of_seller(connection: Connection, seller: str) -> list[str]:
    """Every listing of an account."""
    statement = select(tables.listing.c.id).where(tables.listing.c.seller == seller)
    return list(connection.execute(statement).scalars())


def needed_for(connection: Connection, listings: Sequence[str], periods: Periods, now: datetime) -> dict[str, str]:
    """Of these listings those that something still needs, each with why."""
    kept = _kept_listings(connection, periods, now)
    return {listing: kept[listing] for listing in listings if listing in kept}


def digests_of_listings(connection: Connection, listings: Sequence[str]) -> set[str]:
    """The captured bytes of these listings' own pages and photos that no other listing shares."""
    look, image = tables.observation, tables.listing_image
    mine: set[str] = set()
    others: set[str] = set()
    wanted = set(listings)
    for row in connection.execute(select(look.c.listing, look.c.capture)):
        (mine if row.listing in wanted else others).add(row.capture)
    for row in connection.execute(select(image.c.listing, image.c.capture).where(image.c.capture.is_not(None))):
        (mine if row.listing in wanted else others).add(row.capture)
    everything = set(connection.execute(select(tables.capture.c.id)).scalars())
    gone, kept = _digests(connection, everything - (mine - others))
    return gone - kept


def still_unseen(connection: Connection, table: Table, ids: Sequence[str], since: datetime) -> list[str]:
    """Of these listings or sellers, by their table, those that nothing has seen again; at most 500."""
    return list(
        connection.execute(select(table.c.id).where(table.c.id.in_(ids), table.c.last_seen < since)).scalars()
    )


def forget(connection: Connection, *, listings: Sequence[str], sellers: Sequence[str]) -> int:
    """
    Delete the personal values of at most 500 listings and accounts, and the fields of their looks but the title.

    Gives how many values there were.
    """
    look = tables.observation
    count = 0
    for lot in in_lots(listings):
        rows = connection.execute(select(look.c.id, look.c.fields).where(look.c.listing.in_(lot))).all()
        count += sum(forget_values(connection, "observation", ids) for ids in in_lots([row.id for row in rows]))
        for row in rows:
            fields = {name: value for name, value in row.fields.items() if name in KEPT_FIELDS}
            if fields != row.fields:
                connection.execute(look.update().where(look.c.id == row.id).values(fields=fields))
    return count + sum(forget_values(connection, "seller", lot) for lot in in_lots(sellers))


def in_steps(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    """These ids, as many at once as one transaction takes; a listing has a few looks."""
    step = ROWS_A_WRITE // 10
    return (ids[at : at + step] for at in range(0, len(ids), step))


def _held(connection: Connection, kind: HoldKind) -> set[str]:
    hold = tables.legal_hold
    standing = (hold.c.kind == kind.value) & hold.c.released_at.is_(None)
    return set(connection.execute(select(hold.c.subject).where(standing)).scalars())


def _kept_listings(connection: Connection, periods: Periods, now: datetime) -> dict[str, str]:
    """Listings that something needs, each with why."""
    kept: dict[str, str] = {}
    findings = connection.execute(select(tables.finding.c.id, tables.finding.c.listing, tables.finding.c.band)).all()
    standing = _standing(connection)
    noticed = _noticed(connection)
    cases = connection.execute(select(tables.case.c.id, tables.case.c.state, tables.case.c.findings)).all()
    open_in = {finding for row in cases if row.state != "closed" for finding in row.findings}
    for row in findings:
        verdict, at = standing.get(row.id, (None, None))
        last = max((moment for moment in (at, noticed.get(row.id)) if moment is not None), default=None)
        if verdict is None and row.band != Band.SILENT.value:
            kept[row.listing] = "waits for a person"
        elif verdict == "reject" and at is not None and at >= now - periods.rejected:
            kept.setdefault(row.listing, "rejected lately")
        elif verdict is not None and verdict != "reject":
            is_open = row.id in open_in or last is None
            if is_open or (last is not None and last >= now - periods.cases):
                kept[row.listing] = "of a case"
        elif row.id in noticed and noticed[row.id] >= now - periods.cases:
            kept[row.listing] = "of a notice"
    held_cases = _held(connection, HoldKind.CASE)
    held_findings = {finding for row in cases if row.id in held_cases for finding in row.findings}
    kept.update((row.listing, "legal hold") for row in findings if row.id in held_findings)
    kept.update((listing, "legal hold") for listing in _held(connection, HoldKind.LISTING))
    for lot in in_lots(_held(connection, HoldKind.SELLER)):
        of_these = select(tables.listing.c.id).where(tables.listing.c.seller.in_(lot))
        kept.update((listing, "legal hold") for listing in connection.execute(of_these).scalars())
    return kept


def _standing(connection: Connection) -> dict[str, tuple[str, datetime]]:
    """The verdict that stands of each finding, with its time."""
    decision = tables.decision
    rows = connection.execute(select(decision).order_by(decision.c.id)).all()
    undone = {row.undoes for row in rows if row.undoes is not None}
    return {row.finding: (row.verdict, row.at) for row in rows if row.id not in undone and row.undoes is None}


def _noticed(connection: Connection) -> dict[str, datetime]:
    """When a notice about a finding was last drafted."""
    item, notice = tables.notice_item, tables.notice
    rows = connection.execute(select(item.c.finding, notice.c.drafted_at).join(notice, notice.c.id == item.c.notice))
    found: dict[str, datetime] = {}
    for row in rows:
        found[row.finding] = max(row.drafted_at, found.get(row.finding, row.drafted_at))
    return found


def _kept_captures(connection: Connection, listings: dict[str, str], periods: Periods, now: datetime) -> set[str]:
    """Captures that are young, or that a kept listing needs, with everything that led to them."""
    look, image, hop, capture = tables.observation, tables.listing_image, tables.stream_hop, tables.capture
    kinds = {run.id: run.kind for run in connection.execute(select(tables.run.c.id, tables.run.c.kind))}
    parents: dict[str, str | None] = {}
    kept: set[str] = set()
    rechecks = {row.run for row in connection.execute(select(tables.recheck)) if row.listing in listings}
    for row in connection.execute(
        select(capture.c.id, capture.c.run, capture.c.parent, capture.c.fetched_at, capture.c.unchanged_since)
    ):
        parents[row.id] = row.parent or row.unchanged_since
        age = periods.sites if kinds.get(row.run) == RunKind.SITE.value else periods.non_matches
        if row.fetched_at >= now - age or row.run in rechecks:
            kept.add(row.id)
    looks: dict[str, str] = {}
    for seen in connection.execute(select(look.c.id, look.c.listing, look.c.capture)):
        if seen.listing in listings:
            kept.add(seen.capture)
            looks[seen.id] = seen.listing
    for photo in connection.execute(select(image.c.listing, image.c.capture)):
        if photo.listing in listings and photo.capture is not None:
            kept.add(photo.capture)
    for led in connection.execute(select(hop.c.observation, hop.c.capture, hop.c.found_in)):
        if led.observation in looks:
            kept |= {id for id in (led.capture, led.found_in) if id is not None}
    finding = tables.finding
    for found in connection.execute(select(finding.c.listing, finding.c.signs, finding.c.grounds)):
        if found.listing in listings:
            kept |= _named(found.signs) | _named(found.grounds)
    item = tables.notice_item
    for noticed in connection.execute(select(item.c.listing, item.c.captures)):
        if noticed.listing in listings:
            kept |= set(noticed.captures)
    waiting = list(kept)
    while waiting:
        parent = parents.get(waiting.pop())
        if parent is not None and parent not in kept:
            kept.add(parent)
            waiting.append(parent)
    return kept


def _named(reasons: Any) -> set[str]:  # Any: JSON of signs or grounds
    """The captures that signs or grounds point to."""
    found: set[str] = set()
    for reason in reasons or ():
        found |= {reason["capture"]} if reason.get("capture") else set()
        found |= set(reason.get("captures") or ())
    return found


def _digests(connection: Connection, kept: set[str]) -> tuple[set[str], set[str]]:
    """Digests of captures that are not kept, and digests that something kept speaks of."""
    capture, file = tables.capture, tables.capture_file
    gone: set[str] = set()
    stay: set[str] = set()
    for row in connection.execute(select(capture.c.id, capture.c.body_sha256, capture.c.wire_sha256)):
        (stay if row.id in kept else gone).update(
            digest for digest in (row.body_sha256, row.wire_sha256) if digest is not None
        )
    for each in connection.execute(select(file.c.capture, file.c.sha256)):
        (stay if each.capture in kept else gone).add(each.sha256)
    for column in VAULT_COLUMNS:
        if column.table.name not in _OWN:
            stay |= set(connection.execute(select(column).where(column.is_not(None))).scalars())
    return gone, stay

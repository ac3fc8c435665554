"""
Tells when what was noticed came back under another address: by its content and its seller, never by its URL.

A listing that appeared after a notice is linked with the noticed item of the same right where one of these holds:
the same photo byte for byte or within 31 bits of its PDQ, the same title letter for letter, or the same account with
the same product or work. A photo that more than three accounts show links nobody: stock photos and makers' pictures
travel. A link says that the same thing is offered again, not that it infringes; a person decides that as always.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import Connection, select

from store.db import tables
from store.db.by_ref import in_lots
from store.records.notices import NoticeState

REMEMBERED = timedelta(days=365)  # chosen: four times the last look after a removal
NEAR_BITS = 31  # of 256; the radius PDQ is used with, none of 6.9 million pairs was wrong at it
HUB_SELLERS = 3  # a photo that more accounts show is nobody's own
TITLE_LETTERS = 20  # shorter titles are alike by chance
PDQ, WHOLE = "pdq", "whole"


class Sameness(Enum):
    """What two offers have in common."""

    PHOTO = "photo"
    PHOTO_NEAR = "photo_near"
    TITLE = "title"
    SELLER = "seller"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What an offer is recognised by."""

    listing: str
    platform: str
    seller: str | None
    right: str
    thing: str | None  # Product or Work id
    title: str
    photos: frozenset[str] = frozenset()  # SHA-256 of those that are somebody's own
    codes: tuple[int, ...] = ()  # their PDQ, as numbers
    since: datetime  # first seen
    item: str = ""  # of a noticed one: NoticeItem id
    number: int = 0  # of its notice
    noticed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A listing and the noticed item that came back in it."""

    listing: str
    item: str
    number: int  # of the notice
    same: tuple[Sameness, ...] = field(default=())


def folded(title: str) -> str:
    """A title without case, accents, signs and blanks."""
    plain = unicodedata.normalize("NFKD", title).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def compare(new: Trace, old: Trace) -> tuple[Sameness, ...]:
    """What makes a new offer the same as a noticed one; empty where nothing does. Pure."""
    if new.listing == old.listing or new.right != old.right:
        return ()
    if old.noticed_at is not None and new.since <= old.noticed_at:
        return ()  # it stood there already when the notice was written
    found = []
    if new.photos & old.photos:
        found.append(Sameness.PHOTO)
    elif any((one ^ other).bit_count() <= NEAR_BITS for one in new.codes for other in old.codes):
        found.append(Sameness.PHOTO_NEAR)
    title = folded(new.title)
    if len(title) >= TITLE_LETTERS and title == folded(old.title):
        found.append(Sameness.TITLE)
    same_account = new.seller is not None and (new.platform, new.seller) == (old.platform, old.seller)
    if same_account and new.thing == old.thing:
        found.append(Sameness.SELLER)
    return tuple(found)


def link(new: Trace, noticed: Iterable[Trace]) -> Link | None:
    """The noticed item that a new offer has most in common with, the latest of equals; None where it has nothing."""
    best: tuple[int, datetime, str] | None = None
    found: Link | None = None
    for old in noticed:
        same = compare(new, old)
        if not same:
            continue
        rank = (len(same), old.noticed_at or old.since, old.item)
        if best is None or rank > best:
            best, found = rank, Link(listing=new.listing, item=old.item, number=old.number, same=same)
    return found


def relistings(
    connection: Connection, listings: Iterable[str] | None, *, now: datetime
) -> dict[tuple[str, str], Link]:
    """
    Which of these listings (None: every one with a finding) are noticed items that came back, by (listing, right).
    """
    noticed = _noticed(connection, now)
    if not noticed:
        return {}
    rights = {trace.right for trace in noticed}
    fresh = _fresh(connection, listings, rights)
    shown = _photos(connection, {trace.listing for trace in (*noticed, *fresh)})
    noticed_with = [_with_photos(trace, shown) for trace in noticed]
    by_right: dict[str, list[Trace]] = defaultdict(list)
    for trace in noticed_with:
        by_right[trace.right].append(trace)
    found = {}
    for trace in fresh:
        linked = link(_with_photos(trace, shown), by_right[trace.right])
        if linked is not None:
            found[trace.listing, trace.right] = linked
    return found


def _noticed(connection: Connection, now: datetime) -> list[Trace]:
    item, notice, listing, finding = tables.notice_item, tables.notice, tables.listing, tables.finding
    statement = (
        select(
            item.c.id, item.c.title, item.c.refusals, notice.c.number, notice.c.drafted_at, notice.c.right,
            listing.c.id.label("listing"), listing.c.platform, listing.c.seller, listing.c.first_seen,
            finding.c.product, finding.c.work,
        )
        .join(notice, notice.c.id == item.c.notice)
        .join(listing, listing.c.id == item.c.listing)
        .join(finding, finding.c.id == item.c.finding)
        .where(
            notice.c.state.in_((NoticeState.BATCHED.value, NoticeState.SENT.value)),
            notice.c.drafted_at >= now - REMEMBERED,
        )
    )  # fmt: skip
    back = tables.follow_up
    gone = set(connection.execute(select(back.c.item).where(back.c.kind.in_(("withdraw", "restore")))).scalars())
    return [
        Trace(
            listing=row.listing, platform=row.platform, seller=row.seller, right=row.right,
            thing=row.product or row.work, title=row.title, since=row.first_seen, item=row.id, number=row.number,
            noticed_at=row.drafted_at,
        )
        for row in connection.execute(statement)
        if not row.refusals and row.id not in gone
    ]  # fmt: skip


def _fresh(connection: Connection, listings: Iterable[str] | None, rights: set[str]) -> list[Trace]:
    listing, finding, look = tables.listing, tables.finding, tables.observation
    wanted = None if listings is None else set(listings)
    statement = (
        select(
            listing.c.id, listing.c.platform, listing.c.seller, listing.c.first_seen, finding.c.right,
            finding.c.product, finding.c.work, look.c.fields,
        )
        .join(finding, finding.c.listing == listing.c.id)
        .join(tables.comparison, tables.comparison.c.id == finding.c.comparison)
        .join(look, look.c.id == tables.comparison.c.observation)
        .where(finding.c.right.in_(sorted(rights)))
    )  # fmt: skip
    lots = [None] if wanted is None else list(in_lots(wanted))
    rows = [
        row
        for lot in lots
        for row in connection.execute(statement if lot is None else statement.where(listing.c.id.in_(lot)))
    ]
    return [
        Trace(
            listing=row.id, platform=row.platform, seller=row.seller, right=row.right,
            thing=row.product or row.work, title=_title(row.fields), since=row.first_seen,
        )
        for row in rows
    ]  # fmt: skip


def _title(fields: Mapping[str, object]) -> str:
    title = fields.get("title")
    value = title.get("value") if isinstance(title, dict) else None
    return value if isinstance(value, str) else ""


def _photos(connection: Connection, listings: set[str]) -> dict[str, list[tuple[str, int | None]]]:
    """Photos of each listing that are somebody's own, with their PDQ where one was made."""
    image, listing, code = tables.listing_image, tables.listing, tables.fingerprint
    mine: dict[str, list[str]] = defaultdict(list)
    for lot in in_lots(listings):
        rows = connection.execute(
            select(image.c.listing, image.c.sha256).where(image.c.listing.in_(lot), image.c.sha256.is_not(None))
        )
        for row in rows:
            mine[row.listing].append(row.sha256)
    shas = {sha256 for each in mine.values() for sha256 in each}
    accounts: dict[str, set[str]] = defaultdict(set)
    codes: dict[str, int] = {}
    for lot in in_lots(shas):
        shown_by = select(image.c.sha256, listing.c.platform, listing.c.seller).join(
            listing, listing.c.id == image.c.listing
        )
        for shown in connection.execute(shown_by.where(image.c.sha256.in_(lot))):
            accounts[shown.sha256].add(f"{shown.platform}/{shown.seller}")
        made = select(code.c.sha256, code.c.value).where(code.c.algorithm == PDQ, code.c.variant == WHOLE)
        for printed in connection.execute(made.where(code.c.sha256.in_(lot))):
            codes[printed.sha256] = int.from_bytes(printed.value, "big")
    return {
        id: [(sha256, codes.get(sha256)) for sha256 in each if len(accounts[sha256]) <= HUB_SELLERS]
        for id, each in mine.items()
    }


def _with_photos(trace: Trace, shown: Mapping[str, list[tuple[str, int | None]]]) -> Trace:
    own = shown.get(trace.listing, [])
    return Trace(
        listing=trace.listing, platform=trace.platform, seller=trace.seller, right=trace.right, thing=trace.thing,
        title=trace.title, photos=frozenset(sha256 for sha256, _ in own),
        codes=tuple(code for _, code in own if code is not None), since=trace.since, item=trace.item,
        number=trace.number, noticed_at=trace.noticed_at,
    )  # fmt: skip

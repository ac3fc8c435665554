"""What is kept, for how long and why; what nobody needs any more; what a legal hold keeps. Reads, changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from config.policy import RetentionPolicy
from console.retaining import PurgeState, periods_of, purge_state
from store.db import tables
from store.db.listings import Listings
from store.db.retention import Expired, find_expired
from store.db.tombstones import LegalHolds, Tombstones
from store.records.keeping import HoldKind, LegalHold, Tombstone
from store.records.listings import Listing
from store.records.scope import EVERYTHING, Scope

SHOWN = 50  # listings whose time is over; the table by address holds all


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptClass:
    """One class of the policy: how long, and by whose reason."""

    name: str
    days: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A legal hold, and where what it holds is looked at."""

    hold: LegalHold
    name: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Everything of the page."""

    classes: tuple[KeptClass, ...]
    state: PurgeState
    expired: Expired
    over: tuple[Listing, ...]  # the first of those whose time is over
    kept: Mapping[str, int]  # listings that are needed, by why
    holds: tuple[Held, ...]
    erased: tuple[Tombstone, ...]  # by decision, the latest first


def view_keeping(connection: Connection, policy: RetentionPolicy, scope: Scope, now: datetime) -> Keeping | None:
    """The page; None for whoever is narrowed: what is kept is the unit's to answer for."""
    if scope != EVERYTHING:
        return None
    expired = find_expired(connection, periods_of(policy), now)
    first = expired.listings[:SHOWN]
    found = Listings(connection, EVERYTHING).find(tables.listing.c.id.in_(first)) if first else []
    erased = Tombstones(connection, EVERYTHING).find()
    return Keeping(
        classes=tuple(
            KeptClass(name=name, days=each.days, because=each.because)
            for name, each in (
                ("non_matches", policy.non_matches),
                ("rejected", policy.rejected),
                ("cases", policy.cases),
                ("sites", policy.sites),
            )
        ),
        state=purge_state(connection, now),
        expired=expired,
        over=tuple(found),
        kept=dict(sorted(expired.kept.items())),
        holds=tuple(_held(connection, hold) for hold in LegalHolds(connection, EVERYTHING).standing()),
        erased=tuple(sorted(erased, key=lambda stone: stone.at, reverse=True)),
    )


def _held(connection: Connection, hold: LegalHold) -> Held:
    if hold.kind is HoldKind.CASE:
        table = tables.case
        number = connection.execute(table.select().where(table.c.id == hold.subject)).one().number
        return Held(hold=hold, name=str(number), path=f"/cases/{number}")
    if hold.kind is HoldKind.LISTING:
        listing = Listings(connection, EVERYTHING).get(hold.subject)
        name = f"{listing.platform} {listing.platform_item_id}" if listing else hold.subject
        return Held(hold=hold, name=name, path=f"/listings/{hold.subject}")
    return Held(hold=hold, name=hold.subject, path=f"/sellers/{hold.subject}")

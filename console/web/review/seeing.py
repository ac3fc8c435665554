"""
What a reader may see of records that belong to no holder: listings, sellers, captures, pictures, runs.

A reader of the whole unit sees all of them. A reader narrowed to a holder or a compartment sees what a finding in
their scope is about, and nothing beside it.
"""

from __future__ import annotations

from sqlalchemy import Connection, or_, select
from sqlalchemy.sql.elements import ColumnElement

from store.db import tables
from store.db.review import ReviewItems
from store.records.scope import Scope

HOPS = 10  # redirects and stream hops between a page and what it led to; longer chains are refused while crawling


def sees_everything(scope: Scope) -> bool:
    """Whether nothing narrows the reader."""
    return scope.holder is None and scope.compartment is None


def sees_finding(connection: Connection, scope: Scope, finding: str) -> bool:
    """Whether the finding is in sight."""
    return ReviewItems(connection, scope).get(finding) is not None


def sees_listing(connection: Connection, scope: Scope, listing: str) -> bool:
    """Whether the listing is in sight: any for the unit, else one with a finding in scope."""
    if sees_everything(scope):
        return True
    return _any(connection, scope, tables.review_item.c.listing == listing)


def sees_seller(connection: Connection, scope: Scope, seller: str) -> bool:
    """Whether the account is in sight, as for listings."""
    if sees_everything(scope):
        return True
    return _any(connection, scope, tables.review_item.c.seller == seller)


def sees_capture(connection: Connection, scope: Scope, capture: str) -> bool:
    """Whether the capture is in sight: of a listing in sight, of its photo, or a hop on the way to a stream of it."""
    if sees_everything(scope):
        return True
    at: str | None = capture
    for _ in range(HOPS):
        if at is None:
            return False
        looks = select(tables.observation.c.listing).where(tables.observation.c.capture == at)
        photos = select(tables.listing_image.c.listing).where(tables.listing_image.c.capture == at)
        of = tables.review_item.c.listing
        if _any(connection, scope, or_(of.in_(looks), of.in_(photos))):
            return True
        at = connection.execute(select(tables.capture.c.parent).where(tables.capture.c.id == at)).scalar()
    return False


def sees_picture(connection: Connection, scope: Scope, sha256: str) -> bool:
    """Whether a picture of that digest is a listing's photo, a reference or a screenshot in sight."""
    photos = select(tables.listing_image.c.listing).where(tables.listing_image.c.sha256 == sha256)
    owned = select(tables.reference.c.id).where(tables.reference.c.sha256 == sha256)
    if scope.holder is not None:
        owned = owned.where(tables.reference.c.holder == scope.holder)
    if connection.execute(owned.limit(1)).first() is not None:
        return True
    if sees_everything(scope):
        if connection.execute(photos.limit(1)).first() is not None:
            return True
    elif _any(connection, scope, tables.review_item.c.listing.in_(photos)):
        return True
    file = tables.capture_file
    shots = select(file.c.capture).where(file.c.sha256 == sha256)
    return any(sees_capture(connection, scope, id) for id in connection.execute(shots.limit(HOPS)).scalars())


def sees_runs(scope: Scope) -> bool:
    """Whether runs are in sight: they belong to the unit, whoever's rights they looked for."""
    return sees_everything(scope)


def _any(connection: Connection, scope: Scope, where: ColumnElement[bool]) -> bool:
    return ReviewItems(connection, scope).first(where) is not None

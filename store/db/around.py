"""
One finding with every record that stands around it, read in one statement.

A step of review needs a dozen records of one row each. Asked for one by one they cost more processor time than
everything else of the page together; joined along their keys the database finds them in the time of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, Table, and_, bindparam, select
from sqlalchemy.sql.elements import ColumnElement

from store.db import tables
from store.db.cases import Cases
from store.db.columns import UtcDateTime
from store.db.determinations import Determinations
from store.db.findings import Findings
from store.db.listings import Listings, Observations
from store.db.parties import Parties
from store.db.products import Products
from store.db.review import BlindReviews, ReviewItems
from store.db.rights import Rights
from store.db.rows import Repository, record_of
from store.db.sellers import Sellers
from store.db.works import Works
from store.records.cases import Determination
from store.records.findings import Finding
from store.records.listings import Listing, Observation
from store.records.products import Product
from store.records.review import BlindReview, ReviewItem
from store.records.rights import Right
from store.records.scope import Scope
from store.records.sellers import Seller
from store.records.works import Work

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class LookCapture:
    """What a page says of the capture that a value stands in; its headers and files stay where they are."""

    id: str
    url_final: str
    fetched_at: datetime
    body_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Who has the offer before them, and until when."""

    reviewer: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """A finding and what stands around it, as far as the scope lets see. Without the key: no look holds a name."""

    item: ReviewItem
    finding: Finding
    listing: Listing
    right: Right
    holder: str  # legal name; empty where it is not in sight
    observation: Observation | None
    capture: LookCapture | None  # of the observation
    references: tuple[str, ...]  # Reference ids that the comparison names
    product: Product | None
    work: Work | None
    seller: Seller | None
    case_number: int | None
    determination: Determination | None  # the latest
    look: BlindReview | None  # given to this reviewer, answered or not
    hold: Hold | None  # that has not run out


_WHOLE: tuple[tuple[Table, type[Repository[Any]]], ...] = (
    (tables.review_item, ReviewItems),
    (tables.finding, Findings),
    (tables.listing, Listings),
    (tables.right, Rights),
    (tables.observation, Observations),
    (tables.product, Products),
    (tables.work, Works),
    (tables.seller, Sellers),
    (tables.determination, Determinations),
    (tables.blind_review, BlindReviews),
)
_CAPTURE = ("id", "url_final", "fetched_at", "body_sha256")
_statements: dict[Scope, Select[Any]] = {}
"""The statement of each scope, made once: making it costs several times as much as running it."""


def captures_named(connection: Connection, ids: set[str]) -> dict[str, LookCapture]:
    """These captures, as a page names them, by id."""
    if not ids:
        return {}
    capture = tables.capture
    rows = connection.execute(select(*(capture.c[name] for name in _CAPTURE)).where(capture.c.id.in_(ids)))
    return {row.id: LookCapture(**row._mapping) for row in rows}


def look_around(connection: Connection, scope: Scope, finding: str, *, reviewer: str, now: datetime) -> Around | None:
    """The finding as this reviewer finds it now; None where it is not in scope."""
    statement = _statements.get(scope)
    if statement is None:
        statement = _statements[scope] = _statement(connection, scope)
    row = connection.execute(statement, {"b_finding": finding, "b_reviewer": reviewer, "b_now": now}).first()
    return None if row is None else _read(connection, scope, row)


def _statement(connection: Connection, scope: Scope) -> Select[Any]:
    item, finding, listing = tables.review_item, tables.finding, tables.listing
    comparison, look, capture, party = tables.comparison, tables.observation, tables.capture, tables.party
    said, blind, hold, case = tables.determination, tables.blind_review, tables.review_hold, tables.case

    def on(
        table: Table, kind: type[Repository[Any]], *where: ColumnElement[bool]
    ) -> tuple[Table, Any]:  # Any: a join
        return table, and_(*where, *kind(connection, scope).narrowed())

    latest = (
        select(said.c.id)
        .where(said.c.finding == finding.c.id, *Determinations(connection, scope).narrowed())
        .order_by(said.c.at.desc(), said.c.id.desc())
        .limit(1)
        .correlate(finding)
        .scalar_subquery()
    )
    joined = (
        item.join(*on(finding, Findings, finding.c.id == item.c.finding))
        .join(*on(listing, Listings, listing.c.id == finding.c.listing))
        .join(*on(tables.right, Rights, tables.right.c.id == finding.c.right))
        .outerjoin(comparison, comparison.c.id == finding.c.comparison)
        .outerjoin(*on(look, Observations, look.c.id == comparison.c.observation))
        .outerjoin(capture, capture.c.id == look.c.capture)
        .outerjoin(*on(tables.product, Products, tables.product.c.id == finding.c.product))
        .outerjoin(*on(tables.work, Works, tables.work.c.id == finding.c.work))
        .outerjoin(*on(tables.seller, Sellers, tables.seller.c.id == listing.c.seller))
        .outerjoin(*on(party, Parties, party.c.id == finding.c.holder))
        .outerjoin(*on(case, Cases, case.c.id == item.c.case))
        .outerjoin(said, said.c.id == latest)
        .outerjoin(blind, and_(blind.c.finding == item.c.finding, blind.c.reviewer == bindparam("b_reviewer")))
        .outerjoin(
            hold,
            and_(
                hold.c.case == item.c.case,
                hold.c.twin == item.c.twin,
                hold.c.until > bindparam("b_now", type_=UtcDateTime()),
            ),
        )
    )
    # Told apart by their place: many bear one name.
    whole = [column.label(f"{table.name}_{column.name}") for table, _ in _WHOLE for column in table.columns]
    part = [
        *(capture.c[name].label(f"capture_{name}") for name in _CAPTURE),
        comparison.c.references.label("references"),
        party.c.legal_name.label("holder"),
        case.c.number.label("case_number"),
        hold.c.reviewer.label("held_by"),
        hold.c.until.label("held_until"),
    ]
    return (
        select(*whole, *part)
        .select_from(joined)
        .where(item.c.finding == bindparam("b_finding"), *ReviewItems(connection, scope).narrowed())
    )


def _read(connection: Connection, scope: Scope, row: Row[Any]) -> Around:
    values = iter(row)
    by_table: dict[str, Mapping[str, Any]] = {}  # Any: column values
    for table, _ in _WHOLE:
        names = table.columns.keys()
        by_table[table.name] = dict(zip(names, islice(values, len(names)), strict=True))

    def whole(kind: type[R], table: Table) -> R:
        return record_of(kind, by_table[table.name])

    def maybe(kind: type[R], table: Table) -> R | None:
        key = next(iter(table.primary_key.columns)).name
        return whole(kind, table) if by_table[table.name][key] is not None else None

    look = maybe(Observation, tables.observation)
    if look is not None and look.fields.streams:
        look = Observations(connection, scope).get(look.id)  # with the hops that were added to it since
    capture = {name: getattr(row, f"capture_{name}") for name in _CAPTURE}
    return Around(
        item=whole(ReviewItem, tables.review_item),
        finding=whole(Finding, tables.finding),
        listing=whole(Listing, tables.listing),
        right=whole(Right, tables.right),
        holder=row.holder or "",
        observation=look,
        capture=LookCapture(**capture) if capture["id"] else None,
        references=tuple(row.references or ()),
        product=maybe(Product, tables.product),
        work=maybe(Work, tables.work),
        seller=maybe(Seller, tables.seller),
        case_number=row.case_number,
        determination=maybe(Determination, tables.determination),
        look=maybe(BlindReview, tables.blind_review),
        hold=Hold(reviewer=row.held_by, until=row.held_until) if row.held_by else None,
    )

"""
The queue: what waits for a person, the most urgent case first, copies of one offer together.

A page is a walk along one index from a remembered place, never an offset, so that the last page costs what the first
does. The findings that are one seller's with one and the same photo come as one row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Select, bindparam, func, literal, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from console.web.facets import MOST_VALUES, Facet, FacetValue, tally
from console.web.review.search import Filters, conditions
from store.db import tables
from store.db.by_ref import in_lots
from store.db.holds import FREE, Offer
from store.db.review import ReviewItems
from store.db.rows import made_once, record_of
from store.records import codec
from store.records.findings import Ground
from store.records.money import Money
from store.records.review import ReviewItem, Standing
from store.records.scope import Scope

PAGE = 25  # rows of a page: two screens
STEP = 120  # rows read at once, so that a page of collapsed rows takes one query as a rule
MOST_TWINS = 25  # what may be confirmed together; a row says how many more there are
MOST_COUNTED = 1000  # more is "more than a thousand": nobody plans a day by it
_FEW = ("platform", "right", "band")
ORDER = ("priority", "case", "twin", "finding")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in the order of the queue."""

    priority: float
    case: str
    twin: str
    finding: str

    @property
    def offer(self) -> Offer:
        """The offer it is a copy of."""
        return (self.case, self.twin)

    def __str__(self) -> str:
        return f"{self.priority!r}~{self.case}~{self.twin}~{self.finding}"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """One finding with those that are the same offer again."""

    item: ReviewItem
    twins: tuple[str, ...]  # Finding ids of the same case and photo, this one not among them
    price: Money | None
    right_ref: str
    case_number: int | None
    because: str
    grounds: tuple[str, ...]  # their codes
    seen: str  # what a form sends back, so that a decision names what was on the screen


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """One page of the list."""

    filters: Filters
    rows: tuple[QueueRow, ...]
    total: int
    is_all: bool  # False: there are more than were counted
    next: Place | None  # None: the last page
    facets: tuple[Facet, ...]


def read_place(text: str | None) -> Place | None:
    """A place from an address; None where it is none, which begins the list anew."""
    parts = (text or "").split("~")
    if len(parts) != 4:
        return None
    try:
        priority = float(parts[0])
    except ValueError:
        return None
    if priority != priority:
        return None
    return Place(priority=priority, case=parts[1][:36], twin=parts[2][:64], finding=parts[3][:36])


def place_of(item: ReviewItem) -> Place:
    """Where a finding stands in the order."""
    return Place(priority=item.priority, case=item.case, twin=item.twin, finding=item.finding)


def in_queue(filters: Filters) -> Filters:
    """The filters as the queue takes them: what waits, unless another standing is asked for."""
    return filters if filters.standing else replace(filters, standing=Standing.OPEN.value)


def queue_page(
    connection: Connection,
    scope: Scope,
    filters: Filters,
    *,
    after: Place | None = None,
    limit: int = PAGE,
    with_facets: bool = True,
) -> QueuePage:
    """One page of the queue, copies of one offer as one row, with the facets and the count of all."""
    where = conditions(connection, scope, filters)
    groups, following = _groups(connection, scope, where, after, limit)
    found, total, is_all = facets(connection, scope, filters) if with_facets else ((), 0, True)
    return QueuePage(
        filters=filters,
        rows=tuple(dress_rows(connection, groups)),
        total=total,
        is_all=is_all,
        next=following,
        facets=found,
    )


def findings_page(
    connection: Connection,
    scope: Scope,
    filters: Filters,
    *,
    after: Place | None = None,
    limit: int = PAGE,
    with_facets: bool = True,
) -> QueuePage:
    """One page of findings of any standing, each a row, the newest first; their ids stand in the order of time."""
    where = conditions(connection, scope, filters)
    item = tables.review_item
    statement = _visible(connection, scope).where(*where)
    if after is not None:
        statement = statement.where(item.c.finding < after.finding)
    rows = connection.execute(statement.order_by(item.c.finding.desc()).limit(limit + 1)).all()
    items = [record_of(ReviewItem, row) for row in rows[:limit]]
    found, total, is_all = facets(connection, scope, filters) if with_facets else ((), 0, True)
    return QueuePage(
        filters=filters,
        rows=tuple(dress_rows(connection, [(each, ()) for each in items])),
        total=total,
        is_all=is_all,
        next=place_of(items[-1]) if len(rows) > limit else None,
        facets=found,
    )


def neighbour(
    connection: Connection,
    scope: Scope,
    filters: Filters,
    place: Place | None,
    *,
    reviewer: str,
    now: datetime,
    but: Sequence[str] = (),
) -> Place | None:
    """
    Where the finding after a place stands, or the first of all, that nobody else holds; None at the end.

    `but`: findings that are passed over.
    """
    key = (filters, place is not None, bool(but))
    statement = (_worded_neighbour if filters.q else _plain_neighbour)(connection, scope, *key)
    asked = {**_here(place), "b_reviewer": reviewer, "b_now": now, "b_but": list(but)}
    row = connection.execute(statement, asked).first()
    return None if row is None else Place(**row._mapping)


def _worded_neighbour(
    connection: Connection, scope: Scope, filters: Filters, has_place: bool, has_others: bool
) -> Select[Any]:
    item = tables.review_item
    where = [*conditions(connection, scope, filters), FREE]
    if has_others:
        where.append(item.c.finding.not_in(bindparam("b_but", expanding=True)))
    if has_place:
        where.append(_keys(ORDER) < _bound(ORDER))
    statement = _ordered(connection, scope, where, None)
    return statement.with_only_columns(*(item.c[name] for name in ORDER)).limit(1)


_plain_neighbour = made_once(_worded_neighbour)
"""For filters without words, which ask nothing of the database to be made."""


def _keys(names: Sequence[str]) -> ColumnElement[Any]:  # Any: a tuple of columns
    return tuple_(*(tables.review_item.c[name] for name in names))


def _bound(names: Sequence[str]) -> ColumnElement[Any]:  # Any: as above
    return tuple_(*(bindparam(f"b_{name}", type_=tables.review_item.c[name].type) for name in names))


def _here(place: Place | None) -> dict[str, Any]:  # Any: values of columns
    return {} if place is None else {f"b_{name}": getattr(place, name) for name in ORDER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the page of one finding says of the list it was reached through."""

    before: str | None  # Finding ids
    after: str | None
    left: int  # counted up to `MOST_COUNTED`: a step of review must not read them all
    did: str | None  # the title of the finding that was just decided; None where it is not in sight


def surroundings(
    connection: Connection,
    scope: Scope,
    filters: Filters,
    place: Place,
    *,
    reviewer: str,
    now: datetime,
    did: str = "",
) -> Surroundings:
    """
    The offers before and after a place that nobody else holds, how many the list holds, and what was done last.

    One statement.
    """
    statement = (_worded_surroundings if filters.q else _plain_surroundings)(connection, scope, filters, bool(did))
    asked = {**_here(place), "b_reviewer": reviewer, "b_now": now, "b_did": did}
    row = connection.execute(statement, asked).one()
    return Surroundings(before=row[0], after=row[1], left=int(row[2]), did=row[3])


def _worded_surroundings(connection: Connection, scope: Scope, filters: Filters, has_done: bool) -> Select[Any]:
    item = tables.review_item
    where = conditions(connection, scope, filters)
    names = ORDER[:-1]  # over twins, as the list passes over them
    key, here = _keys(names), _bound(names)
    sides = [
        _ordered(connection, scope, where, None, back=back)
        .where(FREE, key > here if back else key < here)
        .with_only_columns(item.c.finding)
        .limit(1)
        .scalar_subquery()
        for back in (True, False)
    ]
    rows = _visible(connection, scope).where(*where).with_only_columns(literal(1)).limit(MOST_COUNTED).subquery()
    left = select(func.count()).select_from(rows).scalar_subquery()
    done = _visible(connection, scope).where(item.c.finding == bindparam("b_did")).with_only_columns(item.c.title)
    return select(*sides, left, done.scalar_subquery() if has_done else literal(None))


_plain_surroundings = made_once(_worded_surroundings)
"""As for `neighbour`."""


def twins_of(connection: Connection, scope: Scope, item: ReviewItem, *, limit: int = MOST_TWINS) -> list[ReviewItem]:
    """Open findings of the same case, account and photo bytes, this one not among them."""
    if item.photo is None or not item.case:
        return []
    asked = {"b_case": item.case, "b_photo": item.photo, "b_finding": item.finding, "b_most": limit}
    return [record_of(ReviewItem, row) for row in connection.execute(_twins(connection, scope), asked)]


@made_once
def _twins(connection: Connection, scope: Scope) -> Select[Any]:
    table = tables.review_item
    return (
        _visible(connection, scope)
        .where(table.c.case == bindparam("b_case"), table.c.photo == bindparam("b_photo"))
        .where(table.c.finding != bindparam("b_finding"), table.c.standing == Standing.OPEN.value)
        .order_by(table.c.finding)
        .limit(bindparam("b_most", type_=Integer))
    )


def facets(connection: Connection, scope: Scope, filters: Filters) -> tuple[tuple[Facet, ...], int, bool]:
    """
    The ways to narrow, how many findings the list holds, and whether that is all of them.

    Each facet counts what the list would hold under the other filters. Without words, platform, right and band are
    counted together along one index and accounts along another. In a search every finding
    has to be asked for each word, so that only the first `MOST_COUNTED` that fit are counted.
    """
    if filters.q:
        counts, total, is_all = _counted_by_words(connection, scope, filters)
    else:
        counts, total = tally(_groups_of(connection, scope, filters), _FEW, _chosen(filters, _FEW))
        counts["seller"] = _accounts(connection, scope, filters)
        is_all = True
    found = []
    for name in (*_FEW[:2], "seller", "band"):
        few = sorted(counts[name].items(), key=lambda each: (-each[1], each[0]))[:MOST_VALUES]
        labels = _labels(connection, name, [value for value, _ in few])
        values_of_it = tuple(
            FacetValue(
                value=value, label=labels.get(value, value), count=n, is_chosen=value == getattr(filters, name)
            )
            for value, n in few
        )
        found.append(Facet(name=name, values=values_of_it))
    return tuple(found), total, is_all


def _chosen(filters: Filters, names: Iterable[str]) -> dict[str, str]:
    return {name: getattr(filters, name) for name in names}


def _groups_of(connection: Connection, scope: Scope, filters: Filters) -> list[tuple[tuple[str, ...], int]]:
    item = tables.review_item
    columns = [item.c[name] for name in _FEW]
    # By standing first, as the index has it: every group is then read in one go.
    statement = (
        select(*columns, func.count())
        .where(*ReviewItems(connection, scope).narrowed())
        .where(*conditions(connection, scope, replace(filters, **dict.fromkeys(_FEW, ""))))
        .group_by(item.c.standing, *columns)
    )
    return [(tuple(str(value) for value in row[:-1]), int(row[-1])) for row in connection.execute(statement)]


def _counted_by_words(
    connection: Connection, scope: Scope, filters: Filters
) -> tuple[dict[str, Counter[str]], int, bool]:
    item = tables.review_item
    names = (*_FEW, "seller")
    statement = (
        select(*(item.c[name] for name in names))
        .where(*ReviewItems(connection, scope).narrowed())
        .where(*conditions(connection, scope, replace(filters, **dict.fromkeys(names, "")), whole=True))
        .limit(MOST_COUNTED + 1)
    )
    rows = [tuple(str(value or "") for value in row) for row in connection.execute(statement)]
    counts, total = tally(Counter(rows[:MOST_COUNTED]).items(), names, _chosen(filters, names))
    return counts, total, len(rows) <= MOST_COUNTED


def _accounts(connection: Connection, scope: Scope, filters: Filters) -> Counter[str]:
    """The accounts with the most findings under the other filters."""
    item = tables.review_item
    counted = (
        select(item.c.seller, func.count().label("n"))
        .where(*ReviewItems(connection, scope).narrowed(), item.c.seller.is_not(None))
        .where(*conditions(connection, scope, replace(filters, seller="")))
        .group_by(item.c.standing, item.c.seller)
        .subquery()
    )
    total = func.sum(counted.c.n)
    statement = (
        select(counted.c.seller, total)
        .group_by(counted.c.seller)
        .order_by(total.desc(), counted.c.seller)
        .limit(MOST_VALUES)
    )
    return Counter({str(value): int(n) for value, n in connection.execute(statement)})


def dress_rows(connection: Connection, groups: Iterable[tuple[ReviewItem, Sequence[ReviewItem]]]) -> list[QueueRow]:
    """Rows of a list with what stands in other tables, asked for once for all of them."""
    pairs = list(groups)
    ids = [item.finding for item, _ in pairs]
    finding, case, right = tables.finding, tables.case, tables.right
    more: dict[str, Any] = {}  # Any: rows
    for lot in in_lots(ids):
        query = select(finding.c.id, finding.c.because, finding.c.grounds).where(finding.c.id.in_(lot))
        more |= {row.id: row for row in connection.execute(query)}
    numbers = _column(connection, case.c.id, case.c.number, [item.case for item, _ in pairs if item.case])
    refs = _column(connection, right.c.id, right.c.right_ref, [item.right for item, _ in pairs])
    rows = []
    for item, twins in pairs:
        said = more.get(item.finding)
        grounds = codec.from_json(tuple[Ground, ...], said.grounds) if said else ()
        rows.append(
            QueueRow(
                item=item,
                twins=tuple(twin.finding for twin in twins),
                price=price_of(item),
                right_ref=refs.get(item.right, item.right),
                case_number=numbers.get(item.case),
                because=said.because if said else "",
                grounds=tuple(ground.code.value for ground in grounds),
                seen=",".join(token(each) for each in (item, *twins)),
            )
        )
    return rows


def price_of(item: ReviewItem) -> Money | None:
    """What the listing asks, as money."""
    if item.price_minor is None or item.currency is None:
        return None
    return Money.from_minor(item.price_minor, item.currency)


def token(item: ReviewItem) -> str:
    """What a form sends back of one finding: it, the comparison that was shown, and the decision that stood."""
    return f"{item.finding}~{item.comparison}~{item.decision or ''}"


def _visible(connection: Connection, scope: Scope) -> Select[Any]:
    return select(tables.review_item).where(*ReviewItems(connection, scope).narrowed())


def _ordered(
    connection: Connection,
    scope: Scope,
    where: Sequence[ColumnElement[bool]],
    after: Place | None,
    *,
    back: bool = False,
) -> Select[Any]:
    item = tables.review_item
    columns = [item.c[name] for name in ORDER]
    statement = _visible(connection, scope).where(*where)
    if after is not None:
        place = tuple_(*(literal(getattr(after, name)) for name in ORDER))
        statement = statement.where(tuple_(*columns) < place)
    return statement.order_by(*(column.asc() if back else column.desc() for column in columns))


def _groups(
    connection: Connection,
    scope: Scope,
    where: Sequence[ColumnElement[bool]],
    after: Place | None,
    limit: int,
) -> tuple[list[tuple[ReviewItem, list[ReviewItem]]], Place | None]:
    """Up to `limit` groups of twins behind a place, and the place where the next page begins."""
    groups: list[tuple[ReviewItem, list[ReviewItem]]] = []
    at = after
    while True:
        rows = connection.execute(_ordered(connection, scope, where, at).limit(STEP)).all()
        for row in rows:
            item = record_of(ReviewItem, row)
            last = groups[-1][0] if groups else None
            if last is not None and item.case and (item.case, item.twin) == (last.case, last.twin):
                groups[-1][1].append(item)
            elif len(groups) == limit:
                return groups, at
            else:
                groups.append((item, []))
            at = place_of(item)
        if len(rows) < STEP:
            return groups, None


def _labels(connection: Connection, name: str, values: Sequence[str]) -> dict[str, str]:
    if name == "right":
        return _column(connection, tables.right.c.id, tables.right.c.right_ref, values)
    if name == "seller":
        return _column(connection, tables.seller.c.id, tables.seller.c.platform_seller_id, values)
    return {}


def _column(connection: Connection, key: Any, value: Any, ids: Iterable[str]) -> dict[str, Any]:  # Any: columns
    found: dict[str, Any] = {}
    for lot in in_lots(ids):
        for row in connection.execute(select(key, value).where(key.in_(lot))):
            found[row[0]] = row[1]
    return found

"""The desk of the holder's expert: what waits for their word, and what they said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from sqlalchemy.sql.elements import ColumnElement

from cases.decisions import MOST_CONFIRMED_AT_ONCE
from cases.determinations import CARRIED
from console.web.facets import Narrowing, narrowing
from console.web.review.queue import QueueRow, dress_rows
from store.db import tables
from store.db.determinations import Determinations
from store.db.review import ReviewItems
from store.db.rows import record_of
from store.records.cases import Determination
from store.records.findings import GROUNDS_OF_CLASS, GroundCode, InfringementClass
from store.records.review import ReviewItem, Standing
from store.records.scope import Scope

NARROWED_BY = ("platform", "right")
MOST_WAITING = 100
MOST_GIVEN = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertDesk:
    """What waits, the longest-waiting first, and the latest words given."""

    waiting: tuple[QueueRow, ...]
    total: int
    narrowing: Narrowing  # counted among what waits
    given: tuple[tuple[Determination, ReviewItem], ...]


def view_desk(connection: Connection, scope: Scope, chosen: Mapping[str, str]) -> ExpertDesk:
    """Findings that need the holder and have no word yet, with the values chosen of `NARROWED_BY`."""
    item, word = tables.review_item, tables.determination
    items = ReviewItems(connection, scope)
    said = select(word.c.finding).where(word.c.finding == item.c.finding)
    every = (item.c.standing == Standing.NEEDS_HOLDER.value, ~said.exists())
    fits = [item.c[name] == value for name, value in chosen.items() if value]
    query = (
        select(item)
        .where(*items.narrowed(), *every, *fits)
        .order_by(item.c.decided_at, item.c.finding)
        .limit(MOST_WAITING)
    )
    rows = [record_of(ReviewItem, row) for row in connection.execute(query)]
    latest = (
        select(word)
        .join(item, item.c.finding == word.c.finding)
        .where(*items.narrowed(), *fits)
        .order_by(word.c.at.desc(), word.c.id.desc())
        .limit(MOST_GIVEN)
    )
    given = [record_of(Determination, row) for row in connection.execute(latest)]
    about = {each.finding: each for each in items.find(item.c.finding.in_([word.finding for word in given]))}
    return ExpertDesk(
        waiting=tuple(dress_rows(connection, [(row, ()) for row in rows])),
        total=items.count(*every, *fits),
        narrowing=_narrowing(connection, items, every, chosen),
        given=tuple((word, about[word.finding]) for word in given if word.finding in about),
    )


def _narrowing(
    connection: Connection, items: ReviewItems, every: Sequence[ColumnElement[bool]], chosen: Mapping[str, str]
) -> Narrowing:
    item, right = tables.review_item, tables.right
    columns = [*(item.c[name] for name in chosen), right.c.right_ref]
    counted = (
        select(*columns, func.count())
        .join(right, right.c.id == item.c.right)
        .where(*items.narrowed(), *every)
        .group_by(*columns)
    )
    rows = connection.execute(counted).all()
    refs = {str(row.right): str(row.right_ref) for row in rows}
    groups = [(tuple(str(value) for value in row[: len(chosen)]), int(row[-1])) for row in rows]
    return narrowing(groups, chosen, lambda _name, value: refs.get(value, value))


def alike_waiting(connection: Connection, scope: Scope, finding: str) -> list[ReviewItem]:
    """What waits beside this finding and may have the same word: the same account and the same photo bytes."""
    item, word = tables.review_item, tables.determination
    items = ReviewItems(connection, scope)
    one = items.get(finding)
    if one is None or one.photo is None or one.seller is None or one.standing is not Standing.NEEDS_HOLDER:
        return []
    said = select(word.c.finding).where(word.c.finding == item.c.finding)
    found = items.find(
        item.c.finding != finding,
        item.c.standing == Standing.NEEDS_HOLDER.value,
        item.c.platform == one.platform,
        item.c.seller == one.seller,
        item.c.photo == one.photo,
        ~said.exists(),
    )
    return sorted(found, key=lambda each: each.finding)[: MOST_CONFIRMED_AT_ONCE - 1]


def words_on(connection: Connection, scope: Scope, finding: str) -> list[Determination]:
    """Every word that experts gave on one finding, the newest first."""
    found = Determinations(connection, scope).find(tables.determination.c.finding == finding)
    return sorted(found, key=lambda each: (each.at, each.id), reverse=True)


def offered_classes() -> tuple[InfringementClass, ...]:
    """Classes that an expert's word carries."""
    return tuple(each for each in InfringementClass if each in CARRIED)


def offered_grounds() -> tuple[GroundCode, ...]:
    """Ground codes an expert may base a word on, the word itself not among them."""
    codes = {code for each in CARRIED for code in GROUNDS_OF_CLASS[each]}
    return tuple(code for code in GroundCode if code in codes and code is not GroundCode.HOLDERS_DETERMINATION)

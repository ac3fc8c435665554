"""
Records to rows and back, by field name.

A column and a field of one name hold the same thing: scalars as they are, enums as their word, everything
nested as JSON. A table may lack a record's fields (they live in another table) or add columns of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import lru_cache, wraps
from typing import Any, Generic, TypeVar, TypeVarTuple

from sqlalchemy import Connection, Insert, Row, Select, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from store.db.columns import Json
from store.records import codec
from store.records.scope import Scope

R = TypeVar("R")
S = TypeVar("S")
K = TypeVarTuple("K")

STATEMENTS_KEPT = 500  # of one kind: scopes times ways to narrow a list; forgotten together where there are more

ROWS_A_WRITE = 500  # no write transaction is longer than this many rows


def row_of(record: Any, table: Table) -> dict[str, Any]:
    """The values of one record for the columns of `table`."""
    as_json: dict[str, Any] | None = None
    row: dict[str, Any] = {}
    for column in table.columns:
        if not hasattr(record, column.name):
            continue
        value = getattr(record, column.name)
        if column.type is Json:
            if as_json is None:
                as_json = codec.to_json(record)
            value = as_json[column.name]
        elif isinstance(value, Enum):
            value = value.value
        row[column.name] = value
    return row


def made_once(make: Callable[[Connection, Scope, *K], S]) -> Callable[[Connection, Scope, *K], S]:
    """
    Keep what `make(connection, scope, ...)` makes, by everything but the connection.

    For statements of a step that fifty people take at once: making one costs several times as much as running it.
    What differs from call to call stands in `bindparam`s, and nothing of the connection may stand in it.
    """
    kept: dict[Hashable, S] = {}

    @wraps(make)
    def get(connection: Connection, scope: Scope, *key: *K) -> S:
        found = kept.get((scope, key))
        if found is None:
            if len(kept) >= STATEMENTS_KEPT:
                kept.clear()
            found = kept[scope, key] = make(connection, scope, *key)
        return found

    return get


def record_of(kind: type[R], row: Row[Any] | Mapping[str, Any], **more: Any) -> R:
    """The record that a row makes, with `more` fields that live elsewhere; unknown words raise."""
    values = dict(row._mapping) if isinstance(row, Row) else dict(row)
    fields = getattr(kind, "__dataclass_fields__", {})
    values = {name: value for name, value in values.items() if name in fields}
    values.update(more)
    return codec.from_json(kind, values)


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    keys: Sequence[str],
    *,
    keep: Iterable[str] = (),
    replace: bool = True,
) -> None:
    """
    Insert rows; where `keys` are already there, replace the other columns except `keep`, or nothing.

    The one place that knows that SQLite and PostgreSQL spell this alike but in two dialects.
    """
    if not rows:
        return
    kept = set(keep)
    names = tuple(name for name in rows[0] if name not in keys and name not in kept) if replace else ()
    statement = _upsert(connection.dialect.name, table, tuple(keys), names)
    for start in range(0, len(rows), ROWS_A_WRITE):
        connection.execute(statement, [dict(row) for row in rows[start : start + ROWS_A_WRITE]])


def insert_into(dialect_name: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """The dialect's own insert, which knows what to do about rows that are there already."""
    return sqlite.insert(table) if dialect_name == "sqlite" else postgresql.insert(table)


@lru_cache(maxsize=256)
def _upsert(dialect_name: str, table: Table, keys: tuple[str, ...], names: tuple[str, ...]) -> Insert:
    """The statement of `upsert`, made once: making it costs several times as much as running it."""
    statement = insert_into(dialect_name, table)
    if not names:
        return statement.on_conflict_do_nothing(index_elements=list(keys))
    return statement.on_conflict_do_update(
        index_elements=list(keys), set_={name: statement.excluded[name] for name in names}
    )


class Repository(Generic[R]):
    """
    Reads and writes one kind of record, within a `Scope`.

    A subclass names its table, its record, and how the scope narrows it; it adds only what its record needs.
    """

    table: Table
    kind: type[R]

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self.connection = connection
        self.scope = scope

    def _visible(self) -> list[ColumnElement[bool]]:
        """Conditions that the scope adds to every read."""
        conditions: list[ColumnElement[bool]] = []
        if self.scope.holder is not None and "holder" in self.table.c:
            conditions.append(self.table.c.holder == self.scope.holder)
        if self.scope.compartment is not None and "compartment" in self.table.c:
            conditions.append(self.table.c.compartment == self.scope.compartment)
        return conditions

    def narrowed(self) -> list[ColumnElement[bool]]:
        """What the scope asks of every row, for a list that builds its own query over the table."""
        return self._visible()

    def _select(self, *where: ColumnElement[bool]) -> Select[Any]:
        return select(self.table).where(*self._visible(), *where)

    def _read(self, row: Row[Any]) -> R:
        return record_of(self.kind, row)

    def read(self, row: Row[Any]) -> R:
        """The record that a row of a query over this table makes."""
        return self._read(row)

    def add(self, record: R) -> None:
        """Insert one record."""
        self.connection.execute(self.table.insert(), row_of(record, self.table))

    def put(self, records: Iterable[R], *, keys: Sequence[str] = ("id",), keep: Iterable[str] = ()) -> None:
        """Insert records, or replace those of the same keys; columns in `keep` stay as first written."""
        upsert(self.connection, self.table, [row_of(r, self.table) for r in records], keys, keep=keep)

    def get(self, id: str) -> R | None:
        """The record of that id, or None where there is none in scope."""
        return self.first(self.table.c.id == id)

    def first(self, *where: ColumnElement[bool]) -> R | None:
        """The first record that fits, in the order of the primary key; None if none does."""
        statement = self._select(*where).order_by(*self.table.primary_key.columns).limit(1)
        row = self.connection.execute(statement).first()
        return None if row is None else self._read(row)

    def find(self, *where: ColumnElement[bool]) -> list[R]:
        """Every record that fits, in the order of the primary key."""
        return list(self.each(*where))

    def each(self, *where: ColumnElement[bool], batch: int = 1000) -> Iterator[R]:
        """Every record that fits, one by one, without holding them all."""
        statement = self._select(*where).order_by(*self.table.primary_key.columns)
        for row in self.connection.execute(statement, execution_options={"yield_per": batch}):
            yield self._read(row)

    def count(self, *where: ColumnElement[bool]) -> int:
        """How many records fit."""
        statement = select(func.count()).select_from(self.table).where(*self._visible(), *where)
        return int(self.connection.execute(statement).scalar_one())

    def next_number(self) -> int:
        """The next of the table's running numbers; call it in the transaction that uses it."""
        highest = self.connection.execute(select(func.max(self.table.c.number))).scalar_one()
        return (highest or 0) + 1

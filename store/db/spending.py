"""What runs have used up of their budgets: counted in the transaction of the answers themselves."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from sqlalchemy import Connection, Insert, select

from store.db.rows import insert_into, record_of, row_of
from store.db.tables import spent as spent_table
from store.records.fetches import Scope, Spent

KEY_CHARS = 300  # what the column holds


def add_spent(connection: Connection, used: Iterable[Spent]) -> None:
    """Count further use on top of what stands there."""
    rows = [row_of(each, spent_table) for each in used]
    if rows:
        connection.execute(_add(connection.dialect.name), rows)


def spent_of(connection: Connection, run: str) -> dict[tuple[Scope, str], Spent]:
    """Everything a run has used up, by scope and key."""
    rows = connection.execute(select(spent_table).where(spent_table.c.run == run))
    found = [record_of(Spent, row) for row in rows]
    return {(each.scope, each.key): each for each in found}


@cache
def _add(dialect_name: str) -> Insert:
    statement = insert_into(dialect_name, spent_table)
    counts = ("fetches", "size_bytes", "seconds")
    return statement.on_conflict_do_update(
        index_elements=["run", "scope", "key"],
        set_={name: spent_table.c[name] + statement.excluded[name] for name in counts},
    )

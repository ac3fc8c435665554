"""Reading the records that holders name themselves: by holder and their own reference, many at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar, TypeVar

from sqlalchemy import select

from store.db.rows import Repository

R = TypeVar("R")

VALUES_A_QUERY = 500  # SQLite takes 32,766 variables in one statement; this leaves room on every build


def in_lots(values: Iterable[str]) -> Iterator[list[str]]:
    """The distinct values in sorted lots that one query can carry."""
    distinct = sorted(set(values))
    for start in range(0, len(distinct), VALUES_A_QUERY):
        yield distinct[start : start + VALUES_A_QUERY]


class ByRef(Repository[R]):
    """A repository whose records are unique by (holder, the holder's own reference)."""

    ref_column: ClassVar[str]

    def by_refs(self, refs: Iterable[str]) -> dict[tuple[str, str], R]:
        """Records with one of these references, of every holder in scope, under (holder id, reference)."""
        column = self.table.c[self.ref_column]
        found: dict[tuple[str, str], R] = {}
        for lot in in_lots(refs):
            for row in self.connection.execute(self._select(column.in_(lot))):
                found[(row.holder, row._mapping[self.ref_column])] = self._read(row)
        return found

    def by_ids(self, ids: Iterable[str]) -> dict[str, R]:
        """Records of these ids, under their id."""
        found: dict[str, R] = {}
        for lot in in_lots(ids):
            for row in self.connection.execute(self._select(self.table.c.id.in_(lot))):
                found[row.id] = self._read(row)
        return found

    def refs_of(self, holder: str | None) -> list[str]:
        """Every reference of one holder (None: of all in scope), sorted."""
        column = self.table.c[self.ref_column]
        statement = select(column).where(*self._visible()).order_by(column)
        if holder is not None:
            statement = statement.where(self.table.c.holder == holder)
        return list(self.connection.execute(statement).scalars())

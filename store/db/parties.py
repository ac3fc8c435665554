"""Holders and those who act for them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.sql.elements import ColumnElement

from store.db import tables
from store.db.by_ref import in_lots
from store.db.rows import Repository
from store.records.parties import Party


class Parties(Repository[Party]):
    """Parties; a holder's scope shows the holder alone."""

    table = tables.party
    kind = Party

    def _visible(self) -> list[ColumnElement[bool]]:
        return [] if self.scope.holder is None else [self.table.c.id == self.scope.holder]

    def by_names(self, names: Iterable[str]) -> dict[str, Party]:
        """Parties of these legal names, under their name."""
        found: dict[str, Party] = {}
        for lot in in_lots(names):
            for row in self.connection.execute(self._select(self.table.c.legal_name.in_(lot))):
                found[row.legal_name] = self._read(row)
        return found

    def names(self) -> list[str]:
        """Every legal name in scope, sorted."""
        column = self.table.c.legal_name
        return list(self.connection.execute(select(column).where(*self._visible()).order_by(column)).scalars())

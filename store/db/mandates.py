"""Powers of attorney."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.sql.elements import ColumnElement

from store.db import tables
from store.db.by_ref import in_lots
from store.db.rows import Repository
from store.records.parties import Mandate


class Mandates(Repository[Mandate]):
    """Mandates; a holder's scope shows those it gave."""

    table = tables.mandate
    kind = Mandate

    def _visible(self) -> list[ColumnElement[bool]]:
        return [] if self.scope.holder is None else [self.table.c.grantor == self.scope.holder]

    def on_right_alone(self, rights: Iterable[str]) -> dict[str, list[Mandate]]:
        """Mandates not revoked that name one of these rights and no other, under the right's id."""
        found: dict[str, list[Mandate]] = {}
        first = self.table.c.rights[0].as_string()
        for lot in in_lots(rights):
            for mandate in self.find(first.in_(lot), self.table.c.revoked_on.is_(None)):
                if len(mandate.rights) == 1:
                    found.setdefault(mandate.rights[0], []).append(mandate)
        return found

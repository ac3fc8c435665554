"""Rechecks: what looking again at listings showed; rows are inserted and never changed."""

from __future__ import annotations

from collections.abc import Iterable

from store.db.audit import AuditTrail
from store.db.by_ref import in_lots
from store.db.rows import Repository
from store.db.tables import recheck as recheck_table
from store.records.ledger import AuditEntry
from store.records.rechecks import Recheck


class Rechecks(Repository[Recheck]):
    """Looks at listings with control pages, judged."""

    table = recheck_table
    kind = Recheck

    def enter(self, record: Recheck, act: AuditEntry) -> None:
        """Insert one, with the act that made it."""
        self.add(record)
        AuditTrail(self.connection, self.scope).add(act)

    def of_listing(self, listing: str) -> list[Recheck]:
        """Every recheck of a listing, oldest first."""
        return sorted(self.find(recheck_table.c.listing == listing), key=lambda each: (each.judged_at, each.id))

    def latest(self, listings: Iterable[str]) -> dict[str, Recheck]:
        """The latest recheck of each of these listings that has one."""
        found: dict[str, Recheck] = {}
        for lot in in_lots(listings):
            for each in self.find(recheck_table.c.listing.in_(lot)):
                known = found.get(each.listing)
                if known is None or (known.judged_at, known.id) < (each.judged_at, each.id):
                    found[each.listing] = each
        return found

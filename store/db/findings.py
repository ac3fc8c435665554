"""Findings: the latest standing of each listing against each right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import select

from store.db import tables
from store.db.by_ref import in_lots
from store.db.review import ReviewItems
from store.db.rows import Repository, row_of, upsert
from store.records.findings import Band, Finding


class Findings(Repository[Finding]):
    """Listings identified with rights; one row a listing and right, moved by each newer comparison."""

    table = tables.finding
    kind = Finding

    def keep(self, findings: Sequence[Finding]) -> None:
        """Insert findings, or move those of the same listing and right; they keep their id and first time."""
        rows = [row_of(each, self.table) for each in findings]
        upsert(self.connection, self.table, rows, ["listing", "right"], keep=("id", "found_at"))
        # A finding that was there keeps its id, so the ids are asked for.
        written = {(each.listing, each.right) for each in findings}
        ids: list[str] = []
        for lot in in_lots(each.listing for each in findings):
            statement = select(self.table.c.id, self.table.c.listing, self.table.c.right)
            for id, listing, right in self.connection.execute(statement.where(self.table.c.listing.in_(lot))):
                if (listing, right) in written:
                    ids.append(id)
        ReviewItems(self.connection, self.scope).refresh(ids)

    def in_band(self, *bands: Band) -> list[Finding]:
        """Findings that stand so."""
        return self.find(self.table.c.band.in_([band.value for band in bands]))

    def of_listing(self, listing: str) -> list[Finding]:
        """What was found of one listing, one for each right."""
        return self.find(self.table.c.listing == listing)

    def rights_found(self, listings: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The rights that each of these listings was found with before."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for lot in in_lots(listings):
            statement = select(self.table.c.listing, self.table.c.right).where(self.table.c.listing.in_(lot))
            for listing, right in self.connection.execute(statement.order_by(self.table.c.right)):
                found[listing].append(right)
        return {listing: tuple(rights) for listing, rights in found.items()}

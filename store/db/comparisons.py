"""Comparisons, and which looks were compared under which registry and declarations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select

from store.db import tables
from store.db.by_ref import in_lots
from store.db.rows import Repository, row_of, upsert
from store.records.comparisons import Comparison
from store.records.listings import ListingState
from store.records.runs import RunState

# States in which a look has something to compare. Proven absence is no reason to forget what was there before.
_SHOWN = (ListingState.LIVE.value, ListingState.PAUSED.value, ListingState.SOLD.value)


class Comparisons(Repository[Comparison]):
    """Raw signs of one look against one right; written once, never changed."""

    table = tables.comparison
    kind = Comparison

    def keep(self, comparisons: Sequence[Comparison]) -> None:
        """Insert comparisons; each look and right comes once under one registry and declarations."""
        if comparisons:
            self.connection.execute(self.table.insert(), [row_of(each, self.table) for each in comparisons])

    def pending(self, snapshot_digest: str, config_digest: str) -> list[str]:
        """
        Ids of looks to compare, oldest first: the latest of each listing that shows something, unless it was
        compared under these digests already.
        """
        look, done = tables.observation, tables.compared
        newest = func.row_number().over(
            partition_by=look.c.listing, order_by=(look.c.observed_at.desc(), look.c.id.desc())
        )
        shown = select(look.c.id, newest.label("place")).where(look.c.state.in_(_SHOWN)).subquery()
        compared = (
            select(done.c.observation)
            .where(done.c.observation == shown.c.id)
            .where(done.c.snapshot_digest == snapshot_digest, done.c.config_digest == config_digest)
        )
        statement = select(shown.c.id).where(shown.c.place == 1, ~compared.exists()).order_by(shown.c.id)
        return list(self.connection.execute(statement).scalars())

    def compared(self, observations: Iterable[str], snapshot_digest: str, config_digest: str) -> set[str]:
        """Which of these looks were compared under these digests."""
        table = tables.compared
        found: set[str] = set()
        for lot in in_lots(observations):
            found.update(
                self.connection.execute(
                    select(table.c.observation)
                    .where(table.c.observation.in_(lot))
                    .where(table.c.snapshot_digest == snapshot_digest, table.c.config_digest == config_digest)
                ).scalars()
            )
        return found

    def mark_compared(
        self, observations: Iterable[str], run: str, *, snapshot_digest: str, config_digest: str
    ) -> None:
        """Note that looks were compared, whether or not they touched anything."""
        rows = [
            {"observation": id, "snapshot_digest": snapshot_digest, "config_digest": config_digest, "run": run}
            for id in observations
        ]
        keys = ["observation", "snapshot_digest", "config_digest"]
        upsert(self.connection, tables.compared, rows, keys, replace=False)

    def runs_under_way(self) -> frozenset[str]:
        """Ids of runs that have not ended: their photos may still come."""
        table = tables.run
        statement = select(table.c.id).where(table.c.state == RunState.RUNNING.value)
        return frozenset(self.connection.execute(statement).scalars())

"""Hosts and URL prefixes that are never fetched."""

from __future__ import annotations

from store.db.rows import Repository
from store.db.tables import opt_out as opt_out_table
from store.records.ledger import OptOut


class OptOuts(Repository[OptOut]):
    """Who asked to be left alone; checked before a URL is queued and again before it is fetched."""

    table = opt_out_table
    kind = OptOut

    def prefixes(self) -> tuple[str, ...]:
        """Every prefix in force: a host, or scheme://host/path."""
        return tuple(opt_out.prefix for opt_out in self.each())

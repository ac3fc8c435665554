"""Sites: each look at a domain, dated."""

from __future__ import annotations

from store.db.rows import Repository
from store.db.tables import site as site_table
from store.records.sites import Site


class Sites(Repository[Site]):
    """Owners and hosts of domains; a look is inserted and never changed."""

    table = site_table
    kind = Site

    def looks(self, domain: str) -> list[Site]:
        """Every look at a domain, oldest first."""
        return sorted(self.find(site_table.c.domain == domain), key=lambda each: each.looked_at)

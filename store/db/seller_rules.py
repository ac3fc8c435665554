"""Accounts that may sell, or are left alone, on a holder's word."""

from __future__ import annotations

from collections.abc import Iterable

from store.db import tables
from store.db.by_ref import in_lots
from store.db.rows import Repository
from store.records.sellers import SellerRule


class SellerRules(Repository[SellerRule]):
    """Seller rules, unique by (holder, platform, platform_seller_id)."""

    table = tables.seller_rule
    kind = SellerRule

    def by_accounts(self, platform_seller_ids: Iterable[str]) -> dict[tuple[str, str, str], SellerRule]:
        """Rules on these account ids, under (holder id, platform, platform_seller_id)."""
        found: dict[tuple[str, str, str], SellerRule] = {}
        for lot in in_lots(platform_seller_ids):
            for rule in self.find(self.table.c.platform_seller_id.in_(lot)):
                found[(rule.holder, rule.platform, rule.platform_seller_id)] = rule
        return found

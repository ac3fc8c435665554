"""
What other accounts ask for the same product, as earlier runs found it.

    peers = read_peers(connection, snapshot, policy, now=run.started_at)
    peers[product]      # offers of accounts, one an account and currency

Read once, before the first look of a run is compared, so that each look is judged by the same offers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from config.policy import Policy
from matching.pair import Account, PeerOffer
from registry.snapshot import Snapshot
from store.db import tables
from store.db.by_ref import in_lots
from store.records.money import Money

PEERS_SEEN = timedelta(days=90)  # chosen: a season; an offer not seen for longer says nothing of today's price
MOST_PEERS = 200  # accounts a product; a middle price needs no more

Peers = Mapping[str, tuple[PeerOffer, ...]]
"""By Product id, accounts in order."""


def read_peers(connection: Connection, snapshot: Snapshot, policy: Policy, *, now: datetime) -> Peers:
    """
    Offers identified with the snapshot's products whose listing was seen lately, whatever was decided of them.

    Of an account with several the lowest counts: in doubt for whoever is compared with it.
    """
    item, listing, seller = tables.review_item, tables.listing, tables.seller
    lowest: defaultdict[str, dict[tuple[Account, str], int]] = defaultdict(dict)
    for lot in in_lots(product.id for product in snapshot.products):
        statement = (
            select(
                item.c.product, item.c.currency, item.c.price_minor, seller.c.platform, seller.c.platform_seller_id
            )
            .join_from(item, listing, listing.c.id == item.c.listing)
            .join(seller, seller.c.id == item.c.seller)
            .where(item.c.product.in_(lot), item.c.price_minor > 0, item.c.currency.is_not(None))
            .where(item.c.identity_probability >= policy.identity.review, listing.c.last_seen >= now - PEERS_SEEN)
        )
        for product, currency, minor, platform, own in connection.execute(statement):
            offers, key = lowest[product], (Account(platform, own), currency)
            offers[key] = min(minor, offers.get(key, minor))
    return {
        product: tuple(
            PeerOffer(account=account, price=Money.from_minor(minor, currency))
            for (account, currency), minor in sorted(offers.items())[:MOST_PEERS]
        )
        for product, offers in lowest.items()
    }

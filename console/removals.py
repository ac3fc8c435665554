"""Items that platforms acted on, looked at again when it is time; and what came back under another address."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from console.workspace import Workspace
from crawler.errors import CrawlError
from crawler.recheck import recheck
from reports.relisting import relistings
from reports.removals import Watched, watched
from store.db import tables
from store.db.listings import Listings
from store.records.ids import Clock, utc_now
from store.records.rechecks import Recheck, RecheckPurpose
from store.records.scope import EVERYTHING

log = logging.getLogger(__name__)


def watched_items(workspace: Workspace, *, now: datetime) -> list[Watched]:
    """Every item that a platform acted on, with what is known of it."""
    with workspace.database.read() as connection:
        return watched(connection, now=now)


def look_at_removals(workspace: Workspace, *, by: str, clock: Clock = utc_now) -> list[Recheck]:
    """Make every look that is due, platform by platform; one that cannot be asked stops no other."""
    due: dict[str, list[str]] = {}
    for each in watched_items(workspace, now=clock()):
        if each.due is not None:
            due.setdefault(each.platform, []).append(each.listing)
    found = []
    for platform, listings in sorted(due.items()):
        try:
            wanted = list(dict.fromkeys(listings))
            found += recheck(workspace.settings, wanted, purpose=RecheckPurpose.REMOVAL, by=by, clock=clock)
        except CrawlError as error:
            log.warning("removals not looked at: %s", error, extra={"platform": platform})
    return found


def relisting_list(workspace: Workspace, *, now: datetime) -> list[dict[str, Any]]:  # Any: JSON values
    """Every listing in which a noticed item came back, with what they have in common."""
    with workspace.database.read() as connection:
        found = relistings(connection, None, now=now)
        ids = sorted({listing for listing, _ in found})
        known = {each.id: each for each in Listings(connection, EVERYTHING).find(tables.listing.c.id.in_(ids))}
    return [
        {
            "listing": listing,
            "platform": known[listing].platform,
            "url": known[listing].url,
            "first_seen": known[listing].first_seen.isoformat(),
            "notice": link.number,
            "item": link.item,
            "same": [each.value for each in link.same],
        }
        for (listing, _right), link in sorted(found.items())
        if listing in known
    ]

"""Queues the pages that a judge of cards wants opened, and notes that a run was judged."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from sqlalchemy import select

from config.platform import Platform
from crawler.plan import make_fetch
from crawler.triage import JUDGED, OPENED, Suspicion
from crawler.urls import item_fingerprint
from store.db.fetches import queue
from store.db.rows import ROWS_A_WRITE
from store.db.runs import Runs
from store.db.session import Database
from store.db.tables import listing as listing_table
from store.db.tables import observation as observation_table
from store.records.fetches import Fetch, FetchKind
from store.records.listings import PageKind
from store.records.runs import Run
from store.records.scope import EVERYTHING


def queue_openings(database: Database, run: Run, platform: Platform, wanted: Sequence[Suspicion]) -> Run:
    """
    Queue the pages of suspicious listings, those the run has already excepted; gives the run, marked as judged.

    The mark is written last: a kill before it lets the cards be judged again, and what is queued stays once.
    """
    why = {each.listing: each.why for each in wanted}
    ids = sorted(why)
    for start in range(0, len(ids), ROWS_A_WRITE):
        part = ids[start : start + ROWS_A_WRITE]
        with database.read() as connection:
            rows = connection.execute(
                select(
                    listing_table.c.id,
                    listing_table.c.platform_item_id,
                    listing_table.c.url,
                    listing_table.c.kind,
                    observation_table.c.capture,
                )
                .join(observation_table, observation_table.c.listing == listing_table.c.id)
                .where(listing_table.c.id.in_(part))
                .order_by(observation_table.c.observed_at)
            ).all()
        fetches = {row.id: _opening(run, platform, row, why[row.id]) for row in rows}
        with database.write() as connection:
            queue(connection, fetches.values())
    with database.write() as connection:
        run = dataclasses.replace(run, counts={**run.counts, JUDGED: 1})
        Runs(connection, EVERYTHING).put([run])
        Runs(connection, EVERYTHING).resume(run.id)
    return run


def _opening(run: Run, platform: Platform, row: object, why: str) -> Fetch:
    item: str = row.platform_item_id  # type: ignore[attr-defined]  # a row of the select above
    is_page = row.kind == PageKind.LISTING.value  # type: ignore[attr-defined]  # the same
    return make_fetch(
        run.id,
        row.url,  # type: ignore[attr-defined]  # the same
        FetchKind.LISTING if is_page else FetchKind.TITLE_PAGE,
        parent=row.capture,  # type: ignore[attr-defined]  # the latest page that showed it
        depth=1,
        context={"item": item, OPENED: why},
        own_print=item_fingerprint(platform.name, item),
    )

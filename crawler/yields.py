"""
What each query of a platform brought, what the next crawl is to bring, and how result pages are shared out by it.

A query's yield is findings for each offer's page that was opened for it. Where little is known it leans on the
platform's other queries, and before any crawl on one in twenty: as if ten pages had been opened with that outcome.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from crawler.expect import OFFERS
from store.db.tables import fetch as fetch_table
from store.db.tables import finding as finding_table
from store.db.tables import listing as listing_table
from store.db.tables import run as run_table
from store.records.fetches import FetchKind, FetchState
from store.records.findings import Band
from store.records.runs import RunKind, RunState

PRIOR_PAGES = 10.0  # chosen: what a guess weighs; ten opened pages weigh as much
PRIOR_RATE = 0.05  # chosen: before anything was opened on a platform
RUNS_BACK = 5  # chosen: older crawls saw another market
FLOOR_SHARE = 0.5  # of its declared pages a query keeps whatever it brought, so that none is starved
CEILING = 3  # times its declared pages: more of one query shows mostly what was seen
START = "start pages"
_Z = 1.96  # 95 %


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryYield:
    """What one query brought; sums over runs are made with `added`."""

    pages: int = 0  # result pages
    cards: int = 0
    opened: int = 0  # offers' pages
    found: int = 0  # of those, offers with a finding that a person is to see

    def added(self, other: QueryYield) -> QueryYield:
        """Both together."""
        return QueryYield(
            pages=self.pages + other.pages,
            cards=self.cards + other.cards,
            opened=self.opened + other.opened,
            found=self.found + other.found,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What one query of a crawl is to bring."""

    query: str
    pages: int
    opened: float
    found: float
    low: float  # findings, 95 %
    high: float
    is_known: bool  # earlier crawls asked it; else the figures lean on the platform's others or on a guess


def query_of(context: Mapping[str, str]) -> str:
    """The query that a result page answers."""
    return context.get("term") or context.get("category") or START


def yields_of(connection: Connection, run: str) -> dict[str, QueryYield]:
    """What each query of a run brought, by the findings that stand today."""
    platform = connection.execute(select(run_table.c.platform).where(run_table.c.id == run)).scalar_one()
    standing = (Band.REVIEW.value, Band.NOTICE.value)
    items = set(
        connection.execute(
            select(listing_table.c.platform_item_id)
            .join(finding_table, finding_table.c.listing == listing_table.c.id)
            .where(listing_table.c.platform == platform, finding_table.c.band.in_(standing))
        ).scalars()
    )
    of_run = fetch_table.c.run == run, fetch_table.c.state == FetchState.DONE.value
    by_capture: dict[str, str] = {}
    found: dict[str, QueryYield] = {}
    results = select(fetch_table.c.context).where(*of_run, fetch_table.c.kind == FetchKind.RESULTS.value)
    for (context,) in connection.execute(results):
        query = query_of(context)
        by_capture[context.get("capture", "")] = query
        page = QueryYield(pages=1, cards=int(context.get("cards", "0")))
        found[query] = found.get(query, QueryYield()).added(page)
    kinds = [kind.value for kind in OFFERS]
    offers = select(fetch_table.c.parent, fetch_table.c.context).where(
        *of_run, fetch_table.c.kind.in_(kinds), fetch_table.c.hops == 0
    )
    for parent, context in connection.execution_options(yield_per=1000).execute(offers):
        asked = by_capture.get(parent or "")
        if asked is not None:
            found[asked] = found[asked].added(QueryYield(opened=1, found=int(context.get("item") in items)))
    return found


def earlier_yields(connection: Connection, platform: str, before: str | None = None) -> dict[str, QueryYield]:
    """What each query brought in the platform's latest complete crawls, those before a run if one is named."""
    runs = (
        select(run_table.c.id)
        .where(
            run_table.c.platform == platform,
            run_table.c.kind == RunKind.CRAWL.value,
            run_table.c.state == RunState.COMPLETE.value,
        )
        .order_by(run_table.c.id.desc())
        .limit(RUNS_BACK)
    )
    if before is not None:
        runs = runs.where(run_table.c.id < before)
    found: dict[str, QueryYield] = {}
    for id in connection.execute(runs).scalars().all():
        for query, one in yields_of(connection, id).items():
            found[query] = found.get(query, QueryYield()).added(one)
    return found


def forecast(
    queries: Mapping[str, int], earlier: Mapping[str, QueryYield], *, cards_a_page: int, opens: float
) -> list[Forecast]:
    """
    What each query is to bring, the best first; `queries` gives its result pages.

    `opens` is the share of cards whose pages are opened, where no earlier crawl tells.
    """
    everything = _total(earlier)
    made = []
    for query, pages in queries.items():
        own = earlier.get(query, QueryYield())
        known = own if own.pages else everything
        cards = pages * (known.cards / known.pages if known.pages else cards_a_page)
        opened = cards * (known.opened / known.cards if known.cards else opens)
        a, b = _counts(own, everything)
        low, high = _interval(a, a + b)
        made.append(
            Forecast(
                query=query,
                pages=pages,
                opened=round(opened, 1),
                found=round(opened * a / (a + b), 2),
                low=round(opened * low, 2),
                high=round(opened * high, 2),
                is_known=own.pages > 0,
            )
        )
    return sorted(made, key=lambda each: (-each.found, each.query))


def share_pages(queries: Sequence[str], earlier: Mapping[str, QueryYield], pages: int, seed: str) -> dict[str, int]:
    """
    How many result pages each query gets, together as many as declared: `pages` for each.

    Each keeps half of its own. The rest goes, one page after the other, to the query whose yield, drawn from what is
    known of it, is highest (Thompson's rule: what is little known is tried, what is known to bring nothing is not),
    up to three times its own. The same seed shares alike; where no crawl was before, nothing is shifted.
    """
    if not any(each.opened for each in earlier.values()):
        return dict.fromkeys(queries, pages)
    floor = max(1, math.ceil(FLOOR_SHARE * pages))
    shares = dict.fromkeys(queries, floor)
    dice = random.Random(seed)  # noqa: S311 -- shares out pages, guards nothing
    everything = _total(earlier)
    for _ in range((pages - floor) * len(shares)):
        drawn = {
            query: dice.betavariate(*_counts(earlier.get(query, QueryYield()), everything))
            for query, share in shares.items()
            if share < CEILING * pages
        }
        shares[max(drawn, key=lambda each: drawn[each])] += 1
    return shares


def _total(earlier: Mapping[str, QueryYield]) -> QueryYield:
    total = QueryYield()
    for each in earlier.values():
        total = total.added(each)
    return total


def _counts(own: QueryYield, everything: QueryYield) -> tuple[float, float]:
    """Pages that brought something and pages that did not, with the prior's."""
    rate = (everything.found + PRIOR_RATE * PRIOR_PAGES) / (everything.opened + PRIOR_PAGES)
    return own.found + rate * PRIOR_PAGES, own.opened - own.found + (1 - rate) * PRIOR_PAGES


def _interval(hits: float, n: float) -> tuple[float, float]:
    """The 95 % interval of a share. Source: Wilson 1927."""
    share = hits / n
    centre, spread = share + _Z * _Z / (2 * n), _Z * math.sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n))
    scale = 1 + _Z * _Z / n
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)

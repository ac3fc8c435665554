"""
What each query of a platform brought, what the next crawl is to bring, and how result pages are shared out by it.

A query's yield is findings for each card it shows, whether all pages are opened or only suspicious ones: of cards,
about one in twenty comes to something in either way, of opened pages one in twenty or one in two. Queries differ more
than chance alone makes them, and how much is learned from those that were asked: so a forecast's interval holds what
is not known of the query (how many cards, what share) beside the luck of the draw.
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

PRIOR_RATE = 0.05  # chosen: findings a card, before anything was seen on a platform
PRIOR_CARDS = 40.0  # chosen: what that guess weighs; as many cards seen weigh as much
# How alike the queries of a platform are: the cards that a common share counts for beside a query's own. Two is
# nearly nothing, which is what is known before several were seen; the most keeps a query from being none of its own.
ALIKE_UNKNOWN, ALIKE_MIN, ALIKE_MAX = 2.0, 0.5, 200.0
QUERIES_TO_LEARN = 5  # chosen: so many queries with cards weigh as much as knowing nothing of how they differ
OWN_CARDS_MAX = 150.0  # chosen: what a query's own past counts for at most, because markets change
LOADS_MAX = 9  # counts of cards a page that a forecast is made over: quantiles of those seen
RUNS_BACK = 5  # chosen: older crawls saw another market
FLOOR_SHARE = 0.5  # of its declared pages a query keeps whatever it brought, so that none is starved
CEILING = 3  # times its declared pages: more of one query shows mostly what was seen
START = "start pages"
TAIL = 0.025  # on either side of an interval of 95 %


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryYield:
    """What one query brought; sums over runs are made with `added`."""

    pages: int = 0  # result pages
    cards: int = 0
    opened: int = 0  # offers' pages
    found: int = 0  # of those, offers with a finding that a person is to see
    ends_at: int | None = None  # the last page that shows anything, where one after it showed nothing

    def added(self, other: QueryYield) -> QueryYield:
        """Both together."""
        return QueryYield(
            pages=self.pages + other.pages,
            cards=self.cards + other.cards,
            opened=self.opened + other.opened,
            found=self.found + other.found,
            ends_at=max((at for at in (self.ends_at, other.ends_at) if at is not None), default=None),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What one query of a crawl is to bring."""

    query: str
    pages: int
    opened: float
    found: float
    low: float  # findings: as many or more in 97.5 of 100 such crawls
    high: float  # as many or fewer in 97.5 of 100
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
        cards = int(context.get("cards", "0"))
        is_empty = not cards and context.get("page", "").isdigit()
        page = QueryYield(pages=1, cards=cards, ends_at=max(int(context["page"]) - 1, 0) if is_empty else None)
        found[query] = found.get(query, QueryYield()).added(page)
    kinds = [kind.value for kind in OFFERS]
    offers = select(fetch_table.c.parent, fetch_table.c.context).where(
        *of_run, fetch_table.c.kind.in_(kinds), fetch_table.c.hops == 0
    )
    for parent, context in connection.execute(offers, execution_options={"yield_per": 1000}):
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

    `opens` is the share of cards whose pages are opened, where no earlier crawl tells. The interval is that of the
    findings themselves: a beta-binomial over the counts of cards that such a query may show.
    """
    everything = _total(earlier)
    alike = _alikeness(earlier, everything)
    made = []
    for query, pages in queries.items():
        own = earlier.get(query, QueryYield())
        known = own if own.cards else everything
        opened_share = known.opened / known.cards if known.cards else opens
        loads = [round(pages * load) for load in _loads(own, earlier, cards_a_page)]
        a, b = _beta(own, everything, alike)
        chances = _chances(loads, a, b)
        made.append(
            Forecast(
                query=query,
                pages=pages,
                opened=round(sum(loads) / len(loads) * opened_share, 1),
                found=round(sum(loads) / len(loads) * a / (a + b), 2),
                low=_quantile(chances, TAIL),
                high=_quantile(chances, 1 - TAIL),
                is_known=own.pages > 0,
            )
        )
    return sorted(made, key=lambda each: (-each.found, each.query))


def within(made: Forecast, brought: QueryYield) -> bool:
    """Whether a query brought what its forecast's interval said."""
    return made.low <= brought.found <= made.high


def share_pages(queries: Sequence[str], earlier: Mapping[str, QueryYield], pages: int, seed: str) -> dict[str, int]:
    """
    How many result pages each query gets, together as many as the plain schedule would ask: `pages` for each.

    A query whose list is known to end is asked one page further and no more, by either schedule. Each keeps half of
    its own. The rest goes, one page after the other, to the query whose yield a page, drawn from what is known of it,
    is highest (Thompson's rule: what is little known is tried, what is known to bring nothing is not), up to three
    times its own. The same seed shares alike; where no crawl was before, nothing is shifted.
    """
    if not any(each.cards for each in earlier.values()):
        return dict.fromkeys(queries, pages)
    dice = random.Random(seed)  # noqa: S311 -- shares out pages, guards nothing
    everything = _total(earlier)
    alike = _alikeness(earlier, everything)
    most = {query: _ends(earlier.get(query), CEILING * pages) for query in queries}
    plain = {query: min(pages, most[query]) for query in queries}
    shares = {query: min(max(1, math.ceil(FLOOR_SHARE * pages)), plain[query]) for query in queries}
    for _ in range(sum(plain.values()) - sum(shares.values())):
        drawn = {}
        for query, share in shares.items():
            if share < most[query]:
                own = earlier.get(query, QueryYield())
                known = own if own.pages else everything
                drawn[query] = dice.betavariate(*_beta(own, everything, alike)) * (known.cards / known.pages)
        shares[max(drawn, key=lambda each: drawn[each])] += 1
    return shares


def _ends(own: QueryYield | None, most: int) -> int:
    """How far a query can be asked: one page past its known end, in case it grew."""
    return most if own is None or own.ends_at is None else min(own.ends_at + 1, most)


def _total(earlier: Mapping[str, QueryYield]) -> QueryYield:
    total = QueryYield()
    for each in earlier.values():
        total = total.added(each)
    return total


def _rate(everything: QueryYield) -> float:
    """Findings a card over all queries of a platform, with the guess."""
    return (everything.found + PRIOR_RATE * PRIOR_CARDS) / (everything.cards + PRIOR_CARDS)


def _alikeness(earlier: Mapping[str, QueryYield], everything: QueryYield) -> float:
    """
    How many cards the common share counts for beside a query's own.

    Learned from how much the queries' shares differ beyond chance, by the moments of the beta-binomial, each query
    weighing as many as it has cards.
    """
    seen = [each for each in earlier.values() if each.cards]
    if not seen:
        return ALIKE_UNKNOWN
    rate = _rate(everything)
    spread = sum(each.cards * (each.found / each.cards - rate) ** 2 for each in seen)
    chance = rate * (1 - rate)
    # Expected of the spread: chance x (queries + correlation x (cards - queries)), correlation = 1 / (alike + 1).
    surplus = sum(each.cards - 1 for each in seen)
    correlation = (spread / chance - len(seen)) / surplus if surplus else 1.0
    learned = min(max(1 / correlation - 1, ALIKE_MIN), ALIKE_MAX) if correlation > 0 else ALIKE_MAX
    # From few queries the spread is learned badly: what was known before weighs as much as so many of them.
    weight = len(seen) / (len(seen) + QUERIES_TO_LEARN)
    alike = float(learned**weight * ALIKE_UNKNOWN ** (1 - weight))
    # The common share itself is known as well as the queries tell it, which adds to how far another may lie from it.
    told = sum(1 / (1 / each.cards + (1 - 1 / each.cards) / (alike + 1)) for each in seen)
    return 1 / (1 / (alike + 1) + 1 / (told + 1)) - 1


def _beta(own: QueryYield, everything: QueryYield, alike: float) -> tuple[float, float]:
    """What is known of a query's share of findings among its cards, as a beta distribution."""
    rate = _rate(everything)
    weight = min(1.0, OWN_CARDS_MAX / own.cards) if own.cards else 1.0
    found, empty = own.found * weight, max(own.cards - own.found, 0) * weight
    return alike * rate + found, alike * (1 - rate) + empty


def _loads(own: QueryYield, earlier: Mapping[str, QueryYield], cards_a_page: int) -> list[float]:
    """Cards a result page that a query may show: about its own, else any of the platform's, else anything."""
    if own.pages:
        mean = own.cards / own.pages
        return [mean * part for part in (0.75, 1.0, 1.25)]
    seen = sorted(each.cards / each.pages for each in earlier.values() if each.pages)
    # A search for one mark shows few cards, a category as many as fit: where little was seen, this may be any.
    unseen = (0, 1, 2, 3, 4) if len(seen) < QUERIES_TO_LEARN else (0, 4)
    seen = sorted([*seen, *(cards_a_page * part / 4 for part in unseen)])
    if len(seen) <= LOADS_MAX:
        return seen
    return [seen[round(at * (len(seen) - 1) / (LOADS_MAX - 1))] for at in range(LOADS_MAX)]


def _chances(loads: Sequence[int], a: float, b: float) -> list[float]:
    """The chance of each number of findings, the counts of cards being equally likely."""
    chances = [0.0] * (max(loads) + 1)
    for cards in loads:
        # The beta-binomial's terms by their quotients, from the first: B(a, b + n) / B(a, b).
        term = math.exp(math.lgamma(b + cards) + math.lgamma(a + b) - math.lgamma(b) - math.lgamma(a + b + cards))
        for found in range(cards + 1):
            chances[found] += term / len(loads)
            if found < cards:
                term *= (cards - found) * (found + a) / ((found + 1) * (cards - found - 1 + b))
    return chances


def _quantile(chances: Sequence[float], share: float) -> int:
    """The least number that is not exceeded with that chance."""
    total = 0.0
    for number, chance in enumerate(chances):
        total += chance
        if total >= share:
            return number
    return len(chances) - 1

"""
Two schedules asked for as many result pages of a market: the plain one, and the one that follows the yield.

A world's full crawl says what stands on each result page of its platforms; its captures are read again, nothing is
asked. What queries bring is learned on one world and used on another, where other things stand on the same shelves.
Both schedules are stopped after half the pages that a full plain look takes, as a budget stops a crawl: the plain one
asks every query in turn, the other the best first, and those whose list goes on. A list that has ended costs the page
that shows it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, select

from config.platform import Platform
from crawler.extract.page import read_page
from crawler.extract.pages import Page
from crawler.yields import QueryYield, forecast, query_of, share_pages, within
from store.db.captures import Captures
from store.db.tables import fetch, finding, listing
from store.evidence.vault import Vault
from store.records.fetches import FetchKind, FetchState
from store.records.findings import Band
from store.records.runs import Run
from store.records.scope import EVERYTHING

CARDS_A_PAGE = 24
Lists = dict[str, list[list[str]]]
"""Query: result page by result page, the ids on its cards; every page but the last has some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """One platform of one world."""

    platform: str
    lists: Lists
    found: frozenset[str]  # offers with a finding that a person is to see
    plants: frozenset[str]
    pages: int  # result pages a query, as declared
    seed: str


@dataclass
class Schedules:
    """What both schedules saw, added up."""

    asked: int = 0  # result pages, by either
    plants: int = 0
    plants_plain: int = 0
    plants_adaptive: int = 0
    pairs: list[tuple[int, int]] = field(default_factory=list)  # plants of one platform: adaptive, plain
    blind: list[bool] = field(default_factory=list)  # queries before any crawl: within the interval?
    learned: list[bool] = field(default_factory=list)  # queries after a crawl of another market
    expected: float = 0.0  # findings that the adaptive schedule was to bring with all its pages
    brought: int = 0


def read_market(
    connection: Connection, vault: Vault, platform: Platform, run: Run, plants: Collection[str]
) -> Market:
    """What a platform's full crawl saw."""
    standing = (Band.REVIEW.value, Band.NOTICE.value)
    rows = select(listing.c.platform_item_id).join(finding, finding.c.listing == listing.c.id)
    rows = rows.where(listing.c.platform == platform.name, finding.c.band.in_(standing))
    return Market(
        platform=platform.name,
        lists=_lists(connection, vault, platform, run),
        found=frozenset(connection.execute(rows).scalars()),
        plants=frozenset(plants),
        pages=platform.look.pages,
        seed=run.id,
    )


def compare(market: Market, before: Market, sums: Schedules) -> None:
    """Walk both schedules over a market, with what another taught."""
    in_turn = [(query, number) for number in range(market.pages) for query in market.lists]
    had = [(query, number) for number in range(before.pages) for query in before.lists]
    first, _ = _walk(market, in_turn)
    earlier, _ = _walk(before, had)
    queries = list(market.lists)
    for made in forecast(dict.fromkeys(queries, market.pages), {}, cards_a_page=CARDS_A_PAGE, opens=1.0):
        sums.blind.append(within(made, first[made.query]))
    shares = share_pages(queries, earlier, market.pages, market.seed)
    best = forecast(dict.fromkeys(queries, 1), earlier, cards_a_page=CARDS_A_PAGE, opens=1.0)
    best_first = [(each.query, number) for each in best for number in range(shares[each.query])]
    second, _ = _walk(market, best_first)
    for made in forecast(shares, earlier, cards_a_page=CARDS_A_PAGE, opens=1.0):
        sums.learned.append(within(made, second[made.query]))
        sums.expected += made.found
        sums.brought += second[made.query].found
    budget = sum(each.pages for each in first.values()) // 2
    adaptive, plain = (len(_walk(market, order, budget)[1] & market.plants) for order in (best_first, in_turn))
    sums.asked += budget
    sums.plants += len(market.plants)
    sums.plants_adaptive += adaptive
    sums.plants_plain += plain
    sums.pairs.append((adaptive, plain))


def _lists(connection: Connection, vault: Vault, platform: Platform, run: Run) -> Lists:
    of_run = fetch.c.run == run.id, fetch.c.kind == FetchKind.RESULTS.value, fetch.c.state == FetchState.DONE.value
    by_query: dict[str, dict[int, list[str]]] = {}
    captures = Captures(connection, EVERYTHING)
    for row in connection.execute(select(fetch.c.url, fetch.c.context).where(*of_run)):
        capture = captures.get(row.context.get("capture", ""))
        if capture is None or "moved_to" in row.context or not row.context.get("page", "").isdigit():
            continue
        page = Page(
            url=row.url,
            status=capture.status,
            headers=capture.response_headers,
            body=vault.get(capture.body_sha256),
            capture=capture.id,
            fetched_at=capture.fetched_at,
        )
        cards = read_page(page, platform, expected=FetchKind.RESULTS).cards
        ids = [card.platform_item_id for card in cards if card.platform_item_id is not None]
        by_query.setdefault(query_of(row.context), {})[int(row.context["page"])] = ids
    lists: Lists = {}
    for query, numbered in by_query.items():
        whole = [numbered[number] for number in sorted(numbered)]
        lists[query] = [page for page in whole if page]
    return lists


def _walk(
    market: Market, order: Iterable[tuple[str, int]], budget: int | None = None
) -> tuple[dict[str, QueryYield], set[str]]:
    """What each query brings in that order, an offer for the first that shows it; and everything that was seen."""
    brought = {query: QueryYield() for query in market.lists}
    seen: set[str] = set()
    asked = 0
    for query, number in order:
        if brought[query].ends_at is not None or asked == budget:
            continue
        asked += 1
        pages = market.lists[query]
        page = pages[number] if number < len(pages) else []
        new = set(page) - seen
        seen |= new
        one = QueryYield(pages=1, cards=len(page), opened=len(new), found=len(new & market.found))
        brought[query] = brought[query].added(one if page else replace(one, ends_at=number))
    return brought, seen

"""Forecasts lean on what is known; pages follow the yield; nothing is starved."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.platform import Platform
from crawler.opening import share_out
from crawler.plan import make_fetch, ranked, seeds
from crawler.yields import QueryYield, earlier_yields, forecast, share_pages, within
from store.db.fetches import Fetches
from store.db.runs import Runs
from store.db.session import Database
from store.records.fetches import FetchKind, FetchState
from store.records.runs import Run, RunKind, RunState
from store.records.scope import EVERYTHING
from tests.conftest import START

BUSY = QueryYield(pages=10, cards=240, opened=100, found=40)
DRY = QueryYield(pages=10, cards=240, opened=100, found=0)


def test_an_unknown_query_is_expected_to_do_as_the_others_do() -> None:
    """Between the best and the worst, and said to be a guess; the best comes first."""
    made = forecast({"busy": 2, "dry": 2, "new": 2}, {"busy": BUSY, "dry": DRY}, cards_a_page=24, opens=0.15)
    assert [each.query for each in made] == ["busy", "new", "dry"]
    assert [each.is_known for each in made] == [True, False, True]
    assert all(each.low <= each.found <= each.high for each in made)
    assert made[0].opened == 20.0


def test_before_any_crawl_the_forecast_is_the_declared_guess_and_says_how_little_it_is() -> None:
    """One finding in twenty cards, of no card to all that a page holds, whether all pages are opened or few."""
    (made,) = forecast({"q": 10}, {}, cards_a_page=24, opens=0.15)
    assert (made.opened, made.found, made.is_known) == (18.0, 6.0, False)
    assert made.low == 0
    assert made.high > 50
    (whole,) = forecast({"q": 10}, {}, cards_a_page=24, opens=1.0)
    assert (whole.found, whole.high) == (made.found, made.high)


def test_what_queries_have_in_common_narrows_the_forecast_of_another() -> None:
    """And where they differ beyond chance, an unknown one may be either."""
    alike = {str(n): QueryYield(pages=2, cards=50, opened=50, found=5) for n in range(10)}
    apart = {str(n): QueryYield(pages=2, cards=50, opened=50, found=10 * (n % 2)) for n in range(10)}
    (sure,) = forecast({"new": 2}, alike, cards_a_page=24, opens=1.0)
    (unsure,) = forecast({"new": 2}, apart, cards_a_page=24, opens=1.0)
    assert sure.found == pytest.approx(unsure.found, abs=0.2)
    assert unsure.high > 1.3 * sure.high


@pytest.mark.parametrize("spread", [2.0, 20.0, 200.0], ids=["apart", "between", "alike"])
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_forecasts_hold_in_nineteen_of_twenty_markets(spread: float, known: bool) -> None:
    """Drawn markets of twelve queries: crawled once, forecast, and crawled again; a count may lie on the edge."""
    dice = random.Random(f"{spread} {known}")
    inside = asked = 0
    for _ in range(150):
        rates = [dice.betavariate(spread * 0.06, spread * 0.94) for _ in range(12)]
        shown = [dice.choice((2, 10, 40)) for _ in range(12)]

        def crawled(rates: list[float] = rates, shown: list[int] = shown) -> dict[str, QueryYield]:
            found = [sum(dice.random() < rate for _ in range(n)) for rate, n in zip(rates, shown, strict=True)]
            pairs = zip(shown, found, strict=True)
            return {str(at): QueryYield(pages=2, cards=n, opened=n, found=k) for at, (n, k) in enumerate(pairs)}

        before, after = crawled(), crawled()
        earlier = before if known else {query: each for query, each in before.items() if int(query) % 2}
        wanted = {query: 2 for query in after if known or query not in earlier}
        for made in forecast(wanted, earlier, cards_a_page=24, opens=1.0):
            inside += within(made, after[made.query])
            asked += 1
    assert inside / asked >= 0.95 - 2 * (0.95 * 0.05 / asked) ** 0.5, "within two standard errors of the draw"


def test_pages_go_where_findings_were_and_none_is_starved() -> None:
    """The dry query keeps its half; the sum is what was declared."""
    shares = share_pages(["busy", "dry"], {"busy": BUSY, "dry": DRY}, 10, "run")
    assert shares == {"busy": 15, "dry": 5}
    assert shares == share_pages(["busy", "dry"], {"busy": BUSY, "dry": DRY}, 10, "run")
    assert share_pages(["a", "b"], {}, 3, "run") == {"a": 3, "b": 3}


def test_a_list_that_ends_is_asked_one_page_further_and_its_rest_goes_to_others() -> None:
    """By the plain schedule too, so that both ask for as many pages."""
    short = QueryYield(pages=2, cards=3, opened=3, found=0, ends_at=1)
    shares = share_pages(["busy", "short"], {"busy": BUSY, "short": short}, 4, "run")
    assert shares == {"busy": 4, "short": 2} or shares == {"busy": 5, "short": 1}
    none = QueryYield(pages=1, ends_at=0)
    assert share_pages(["busy", "none"], {"busy": BUSY, "none": none}, 4, "run") == {"busy": 4, "none": 1}


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=8),
    st.integers(1, 12),
    st.text(max_size=5),
)
def test_every_share_is_within_its_bounds(counts: list[tuple[int, int]], pages: int, seed: str) -> None:
    """Whatever was found: at least half its pages, at most three times them, and together what was declared."""
    earlier = {
        str(at): QueryYield(pages=1, cards=100, opened=found + empty, found=found)
        for at, (found, empty) in enumerate(counts)
    }
    shares = share_pages(list(earlier), earlier, pages, seed)
    assert sum(shares.values()) == pages * len(earlier)
    assert all(2 * share >= pages and share <= 3 * pages for share in shares.values())


def a_run(id: str, state: RunState) -> Run:
    """A crawl of the shop."""
    return Run(
        id=id,
        kind=RunKind.CRAWL,
        platform="shop",
        state=state,
        started_at=START,
        code_version="1",
        config_digest="0" * 64,
    )


def crawled_before(database: Database) -> None:
    """A complete crawl of the shop: one search brought forty pages to open, the other was never made."""
    with database.write() as connection:
        Runs(connection, EVERYTHING).add(a_run("r0", RunState.COMPLETE))
        page = {"term": "dry", "page": "1", "capture": "c", "cards": "40"}
        done = [make_fetch("r0", "https://shop.example/s?q=dry", FetchKind.RESULTS, context=page)]
        done += [
            make_fetch("r0", f"https://shop.example/i/{n}", FetchKind.LISTING, parent="c", context={"item": str(n)})
            for n in range(40)
        ]
        done.append(
            make_fetch(
                "r0", "https://shop.example/s?q=dry&p=2", FetchKind.RESULTS, context={"term": "dry", "page": "2"}
            )
        )
        Fetches(connection, EVERYTHING).queue(replace(each, state=FetchState.DONE) for each in done)


def test_the_next_crawl_asks_the_best_query_first_and_to_its_depth(database: Database) -> None:
    """One that brought nothing comes later, and only as far as its list went, where the file says to adapt."""
    crawled_before(database)
    with database.read() as connection:
        before = earlier_yields(connection, "shop")
    assert before == {"dry": QueryYield(pages=2, cards=40, opened=40, found=0, ends_at=1)}
    run = a_run("r1", RunState.RUNNING)
    for adapt, pages in ((False, [None, None]), (True, ["2", "4"])):
        look = {"search": "/s?q={term}&p={page}", "pages": 4, "adapt": adapt}
        shop = Platform.model_validate(
            {
                "name": "shop",
                "kind": "marketplace",
                "home": "http://127.0.0.1/",
                "reach": {"by": "crawl"},
                "look": look,
            }
        )
        dry, new = share_out(database, shop, run, seeds(shop, "r1", ["dry", "new"]))
        assert [each.context.get("pages") for each in (dry, new)] == pages
        assert new.priority > dry.priority
        following = ranked(
            make_fetch("r1", "https://shop.example/s?q=new&p=2", FetchKind.RESULTS, context=new.context)
        )
        assert following.priority == new.priority, "and stays there with its further pages"


def test_before_any_crawl_nothing_is_shared_out(database: Database) -> None:
    """Seeds are as they were made."""
    shop = Platform.model_validate(
        {
            "name": "shop",
            "kind": "marketplace",
            "home": "http://127.0.0.1/",
            "reach": {"by": "crawl"},
            "look": {"search": "/s?q={term}", "adapt": True},
        }
    )
    made = seeds(shop, "r1", ["a"])
    run = a_run("r1", RunState.RUNNING)
    assert share_out(database, shop, run, made) == made

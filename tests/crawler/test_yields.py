"""Forecasts lean on what is known; pages follow the yield; nothing is starved."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crawler.yields import QueryYield, forecast, share_pages

BUSY = QueryYield(pages=10, cards=240, opened=100, found=40)
DRY = QueryYield(pages=10, cards=240, opened=100, found=0)


def test_an_unknown_query_is_expected_to_do_as_the_others_do() -> None:
    """Between the best and the worst, and said to be a guess; the best comes first."""
    made = forecast({"busy": 2, "dry": 2, "new": 2}, {"busy": BUSY, "dry": DRY}, cards_a_page=24, opens=0.15)
    assert [each.query for each in made] == ["busy", "new", "dry"]
    assert [each.is_known for each in made] == [True, False, True]
    assert all(each.low <= each.found <= each.high for each in made)
    assert made[0].opened == 20.0


def test_before_any_crawl_the_forecast_is_the_declared_guess() -> None:
    """24 cards a page, 15 % of them opened, one in twenty found."""
    (made,) = forecast({"q": 10}, {}, cards_a_page=24, opens=0.15)
    assert (made.opened, made.found, made.is_known) == (36.0, 1.8, False)


def test_pages_go_where_findings_were_and_none_is_starved() -> None:
    """The dry query keeps its half; the sum is what was declared."""
    shares = share_pages(["busy", "dry"], {"busy": BUSY, "dry": DRY}, 10, "run")
    assert shares == {"busy": 15, "dry": 5}
    assert shares == share_pages(["busy", "dry"], {"busy": BUSY, "dry": DRY}, 10, "run")
    assert share_pages(["a", "b"], {}, 3, "run") == {"a": 3, "b": 3}


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

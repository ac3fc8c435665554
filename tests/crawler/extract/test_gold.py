"""The judge of readings is fair, and the benchmark runs on any folder of saved pages."""

# ruff: noqa: E501 -- one case a line

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks import reading
from tests.crawler.extract.gold import Outcome, judge
from tests.crawler.extract.pages_made import OFFER, RESULTS

LISTING: dict[str, Any] = {
    "file": "a.html", "kind": "listing", "title": "Canvas bag", "title_also": ["Bag"], "price": "12.00", "price_also": ["14"],
    "currency": "SEK", "price_original": None, "availability": "in_stock", "brand": "Kalle", "images": ["a.jpg"],
}  # fmt: skip
CARD = {"title": "Bag 1", "price": "199", "currency": "SEK", "url_contains": "/item/1"}
LIST: dict[str, Any] = {
    "file": "b.html",
    "kind": "results",
    "count": 4,
    "first": CARD,
    "next_page_contains": "page=2",
}


def outcomes(gold: dict[str, Any], read: dict[str, Any]) -> dict[str, Outcome]:
    return {verdict.measure: verdict.outcome for verdict in judge(gold, read)}


def offer(**fields: Any) -> dict[str, Any]:
    return {"kind": "listing", "listing": {name: {"value": value, "where": "h1"} for name, value in fields.items()}}


def test_a_page_taken_for_another_kind_misses_its_fields() -> None:
    said = outcomes(LISTING, {"kind": "none", "listing": {}})
    assert said["kind listing"] is Outcome.WRONG
    assert {said[name] for name in ("title", "price", "price and currency", "main image")} == {Outcome.MISSING}
    assert said["price_original"] is Outcome.SILENT


@pytest.mark.parametrize(
    ("fields", "measure", "outcome"),
    [
        ({"title": "BAG!"}, "title", Outcome.RIGHT),
        ({"title": "Basket"}, "title", Outcome.WRONG),
        ({"price": {"amount": "14.0", "currency": "SEK"}}, "price and currency", Outcome.RIGHT),
        ({"price": {"amount": "12", "currency": "NOK"}}, "price and currency", Outcome.WRONG),
        ({"price": {"amount": "12", "currency": None}}, "price and currency", Outcome.MISSING),
        ({"price_original": {"amount": "20", "currency": "SEK"}}, "price_original", Outcome.INVENTED),
        ({"availability": "limited"}, "availability", Outcome.RIGHT),
        ({"images": ["https://x.example/b.jpg", "https://x.example/a.jpg"]}, "main image", Outcome.WRONG),
    ],
)
def test_fields_are_judged_by_their_label(fields: dict[str, Any], measure: str, outcome: Outcome) -> None:
    assert outcomes(LISTING, offer(**fields))[measure] is outcome


def test_ambiguous_labels_and_absent_ones_are_not_asked() -> None:
    assert "price" not in outcomes({**LISTING, "ambiguous": ["price"]}, offer())
    assert set(outcomes({"file": "a.html", "kind": "listing"}, offer())) == {"kind listing"}


def test_cards_are_judged_where_they_stand() -> None:
    card = {
        "url": "https://x.example/item/1",
        "title": {"value": "Bag 1"},
        "price": {"value": {"amount": "199", "currency": "SEK"}},
    }
    said = outcomes(LIST, {"kind": "results", "cards": [card] * 5, "next_page": "https://x.example/?page=2"})
    assert said["cards near"] is Outcome.RIGHT  # five are within a quarter of four
    assert said["cards exact"] is Outcome.WRONG
    assert {said[name] for name in ("first card", "card title", "card price", "next page")} == {Outcome.RIGHT}
    assert (
        outcomes(LIST, {"kind": "results", "cards": [{"title": {"value": "Ad"}}, card]})["first card"]
        is Outcome.WRONG
    )


def test_a_page_that_offers_nothing_may_be_a_wall_but_no_listing() -> None:
    assert outcomes({"file": "c.html", "kind": "none"}, {"kind": "wall"})["kind none"] is Outcome.RIGHT
    said = outcomes({"file": "c.html", "kind": "none"}, offer(title="Bag"))
    assert said["no false listing"] is Outcome.WRONG


@pytest.mark.slow
def test_the_benchmark_runs_on_any_folder_of_that_layout(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(OFFER, encoding="utf-8")
    (tmp_path / "b.html").write_text(RESULTS, encoding="utf-8")
    (tmp_path / "c.html").write_text("<title>About</title><p>Nothing here.</p>", encoding="utf-8")
    (tmp_path / "index.csv").write_text(
        "file,url\na.html,https://x.example/item/1\nb.html,\nc.html,\n", encoding="utf-8"
    )
    labels = (
        {**LISTING, "price": "1299"},
        LIST,
        {"file": "c.html", "kind": "none"},
        {"file": "gone.html", "kind": "none"},
    )
    (tmp_path / "gold.jsonl").write_text("\n".join(map(json.dumps, labels)), encoding="utf-8")
    result = reading.run(data=tmp_path, seed=None, size=None)
    shares = {row.measure: row.value for row in result.rows if row.case.startswith("0 wrong")}
    assert shares["title: right"] == shares["price and currency: right"] == shares["first card: right"] == 1
    assert {row.value for row in result.rows if row.measure == "no false listing: right"} == {1}
    assert "brand" in (tmp_path / reading.FAILURES).read_text(encoding="utf-8")

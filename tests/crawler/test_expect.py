"""Complete only when nothing is missing; every other end is named."""

from __future__ import annotations

from typing import Any

import pytest

from config.platform import Platform
from crawler.expect import Harvest, judge
from store.db.fetches import Tally
from store.records.fetches import FetchKind, FetchState
from store.records.runs import RunKind, RunState

SHOP = Platform.model_validate(
    {
        "name": "shop",
        "kind": "marketplace",
        "home": "https://shop.example/",
        "language": "en",
        "expect": {"cards": {"min": 10, "max": 50}, "fill": {"title": 0.99, "price": 0.9}, "canary": "/about"},
    }
)


def harvest(**changes: Any) -> Harvest:
    """A healthy crawl of 100 offers, with changes."""
    failed = changes.pop("failed", {})
    tally = {
        "by_state": {**dict.fromkeys(FetchState, 0), FetchState.DONE: 110, **changes.pop("by_state", {})},
        "done": {FetchKind.RESULTS: 5, FetchKind.LISTING: 100, FetchKind.ROBOTS: 1, **changes.pop("done", {})},
        "failed": failed,
        "seeds": 3,
        "captures": 110,
        "captures_missing": 0,
        "listings_read": 100,
        "looks_missing": 0,
    }
    tally |= {name: changes.pop(name) for name in list(changes) if name in tally}
    values = {
        "tally": Tally(**tally),
        "seeds_wanted": 3,
        "looks": 100,
        "filled": {"title": 100, "price": 95},
        "first_cards": {"https://shop.example/c": 24},
        "canary_healthy": True,
    }
    return Harvest(**{**values, **changes})


CASES: list[tuple[str, dict[str, Any], RunState, str]] = [
    ("healthy", {}, RunState.COMPLETE, ""),
    ("one lost offer is said", {"failed": {(FetchKind.LISTING, "timeout"): 1}}, RunState.COMPLETE, "timeout"),
    ("many lost offers", {"failed": {(FetchKind.LISTING, "timeout"): 9}}, RunState.UNFIT, "could not be had"),
    ("a lost result page", {"failed": {(FetchKind.RESULTS, "http_500"): 1}}, RunState.UNFIT, "result pages"),
    ("layout", {"failed": {(FetchKind.LISTING, "read_as_none"): 30}}, RunState.UNFIT, "layout"),
    ("a field is not read any more", {"filled": {"title": 100, "price": 10}}, RunState.UNFIT, "price"),
    ("one id of two offers", {"merged": ("90",)}, RunState.COMPLETE, "such as '90'"),
    ("ids that tell nothing apart", {"merged": ("90", "95")}, RunState.UNFIT, "platform_item_id"),
    ("few cards", {"first_cards": {"https://shop.example/c": 2}}, RunState.UNFIT, "10 or more"),
    ("too many cards", {"first_cards": {"https://shop.example/c": 200}}, RunState.UNFIT, "50 or fewer"),
    ("canary", {"canary_healthy": False}, RunState.UNFIT, "canary"),
    ("few walls", {"failed": {(FetchKind.LISTING, "wall"): 9}}, RunState.UNFIT, "block page: 9 of 109"),
    ("soft 404", {"soft_gone": 30}, RunState.UNFIT, "soft 404: 30 of 100 offers answer with status 200"),
    ("one page for all", {"alike": 40}, RunState.UNFIT, "soft 404: 40 offers answer with one and the same page"),
    ("some are gone", {"soft_gone": 5, "alike": 2}, RunState.COMPLETE, ""),
    ("another language", {"languages": {"de": 80, "en": 20}}, RunState.UNFIT, "language switch: 80 of 100"),
    ("a few in another", {"languages": {"de": 20, "en": 80}}, RunState.COMPLETE, ""),
    (
        "far fewer than before",
        {"first_cards": {"https://shop.example/c": 11}, "cards_before": {"https://shop.example/c": 40}},
        RunState.UNFIT,
        "volume: https://shop.example/c shows 11 offers, 40 in the last healthy run",
    ),
    ("walls", {"failed": {(FetchKind.LISTING, "wall"): 150}}, RunState.BLOCKED, "wall"),
    ("a capture is missing", {"captures_missing": 1}, RunState.FAILED, "without a capture"),
    ("an observation is missing", {"looks_missing": 2}, RunState.FAILED, "without an observation"),
    ("a seed is missing", {"seeds": 2}, RunState.FAILED, "begin with 3"),
    ("something is left", {"by_state": {FetchState.PENDING: 1}}, RunState.INTERRUPTED, "left"),
    (
        "refused by robots",
        {"done": {FetchKind.RESULTS: 0, FetchKind.LISTING: 0}, "failed": {(FetchKind.RESULTS, "robots"): 3}},
        RunState.BLOCKED,
        "robots.txt",
    ),
    (
        "dead",
        {"done": {FetchKind.RESULTS: 0, FetchKind.LISTING: 0}, "failed": {(FetchKind.RESULTS, "dns"): 3}},
        RunState.BLOCKED,
        "did not answer",
    ),
]


@pytest.mark.parametrize(("changes", "state", "word"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_how_a_run_ends(changes: dict[str, Any], state: RunState, word: str) -> None:
    """Each end with a sentence that says why."""
    found = judge(SHOP, harvest(**changes), stopped=None, spent=False)
    assert found.state is state, found
    assert word in " ".join(found.alarms)


def test_a_spent_budget_is_not_complete() -> None:
    """It says how many fetches were not made."""
    found = judge(SHOP, harvest(by_state={FetchState.PENDING: 40}), stopped=None, spent=True)
    assert found.state is RunState.BUDGET_EXHAUSTED and "40" in found.alarms[0]


@pytest.mark.parametrize("state", [RunState.INTERRUPTED, RunState.FAILED])
def test_what_was_stopped_is_never_judged_whole(state: RunState) -> None:
    """Even when everything else looks well."""
    assert judge(SHOP, harvest(), stopped=state, spent=False).state is state


def test_a_replay_is_not_held_against_canary_and_unsaved_pages() -> None:
    """Its fields are."""
    changes = {"canary_healthy": False, "failed": {(FetchKind.RESULTS, "not_saved"): 4}, "first_cards": {"x": 0}}
    assert judge(SHOP, harvest(**changes), stopped=None, spent=False, kind=RunKind.REPLAY).state is RunState.COMPLETE
    poor = harvest(filled={"title": 1})
    assert judge(SHOP, poor, stopped=None, spent=False, kind=RunKind.REPLAY).state is RunState.UNFIT

"""Budgets of a run, its hosts and its paths: kept to the answer, through kills, and named when they end something."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from config.platform import Platform, Spend
from config.settings import Settings
from crawler.budget import Budgets, over, sentences
from crawler.plan import make_fetch
from crawler.run import Job, child_command, work
from store.db.runs import Runs
from store.db.session import Database
from store.db.spending import add_spent, spent_of
from store.records.fetches import FetchKind, Scope, Spent
from store.records.runs import RunState
from store.records.scope import EVERYTHING
from tests.crawler.site import Site, declare, shop
from tests.faults.crawl_kills import begin_shop
from tests.ledgers import new_ledger

HOME = "https://shop.example/"


def budgets(**budget: Any) -> Budgets:
    """A run's budgets."""
    values = {"name": "shop", "kind": "marketplace", "home": HOME, "look": {"max_fetches": 100}, "budget": budget}
    return Budgets("r", Platform.model_validate(values))


def used(scope: Scope, key: str, **values: float) -> dict[tuple[Scope, str], Spent]:
    """What stands in the ledger."""
    return {(scope, key): Spent(run="r", scope=scope, key=key, **values)}  # type: ignore[arg-type]  # numbers all


@pytest.mark.parametrize(
    ("limits", "spent", "out", "expected"),
    [
        ({}, {"fetches": 10**9, "size_bytes": 10**15, "seconds": 1e9}, 0, None),
        ({"fetches": 10}, {"fetches": 9}, 0, None),
        ({"fetches": 10}, {"fetches": 9}, 1, "fetches"),
        ({"size_bytes": 1000}, {"size_bytes": 1000}, 0, "bytes"),
        ({"hours": 0.5}, {"seconds": 1799.0}, 0, None),
        ({"hours": 0.5}, {"seconds": 1800.0}, 0, "hours"),
    ],
)
def test_limits(limits: dict[str, float], spent: dict[str, float], out: int, expected: str | None) -> None:
    """Answers count with what is on its way, bytes and hours with what came."""
    found = over(Spend.model_validate(limits), Spent(run="r", scope=Scope.HOST, **spent), out)  # type: ignore[arg-type]  # rows of a table
    assert found == expected


def test_a_purse_counts_what_it_gives() -> None:
    """Within one claim, and what other processes have out on lease."""
    mine = budgets(host={"fetches": 5}, paths={"/calendar/*": {"fetches": 2}})
    purse = mine.purse(used(Scope.HOST, "https://shop.example", fetches=1), [f"{HOME}a"])
    day = make_fetch("r", f"{HOME}calendar/1", FetchKind.LISTING)
    page = make_fetch("r", f"{HOME}item/1", FetchKind.LISTING)
    assert purse.left == 99
    for _ in range(2):
        assert purse.refuses(day) is None
        purse.take(day.url)
    assert purse.refuses(day) == "budget_path_fetches"
    assert purse.refuses(page) is None
    purse.take(page.url)
    assert purse.refuses(page) == "budget_host_fetches"
    assert purse.refuses(make_fetch("r", "https://cdn.example/x", FetchKind.PHOTO)) is None
    assert purse.refuses(make_fetch("r", page.url, FetchKind.EVIDENCE)) is None


@pytest.mark.parametrize(
    ("spent", "left", "used_up"),
    [
        ({"fetches": 99}, 1, None),
        ({"fetches": 100}, 0, "fetches"),
        ({"size_bytes": 10_000}, 0, "bytes"),
        ({"seconds": 7200.0}, 0, "hours"),
    ],
)
def test_a_run_ends_by_any_of_its_budgets(spent: dict[str, float], left: int, used_up: str | None) -> None:
    """Answers, bytes, hours at work."""
    purse = budgets(max_bytes=10_000, max_hours=2).purse(used(Scope.RUN, "", **spent), [])
    assert (purse.left, purse.used_up) == (left, used_up)


def test_what_was_cut_is_said() -> None:
    """How many, why, and where."""
    platform = budgets(host={"fetches": 5}).platform
    spent = [
        Spent(run="r", scope=Scope.TRAP, key="shop.example/calendar?month"),
        Spent(run="r", scope=Scope.HOST, key="https://cdn.example", fetches=5),
        Spent(run="r", scope=Scope.HOST, key=HOME, fetches=4),
    ]
    failed = {
        (FetchKind.RESULTS, "trap"): 3,
        (FetchKind.PHOTO, "budget_host_fetches"): 7,
        (FetchKind.LISTING, "http_404"): 2,
    }
    assert sentences(platform, failed, spent, links_cut=12) == [
        "budget of fetches a host: 7 addresses were left out at https://cdn.example",
        "trap, pages that bring nothing new: 3 addresses were left out at shop.example/calendar?month",
        "links: 12 were left out of pages with more than 5000",
    ]


def test_use_adds_up_in_the_ledger(tmp_path: Path) -> None:
    """By run, scope and key, however often it is written."""
    with Database(f"sqlite:///{tmp_path / 'marque.db'}") as database:
        new_ledger(database)
        once = Spent(run="r", scope=Scope.RUN, fetches=1, size_bytes=2**31, seconds=0.5)
        for _ in range(3):
            with database.write() as connection:
                add_spent(connection, [once, Spent(run="other", scope=Scope.RUN, fetches=9)])
        with database.read() as connection:
            found = spent_of(connection, "r")
    assert found == {(Scope.RUN, ""): Spent(run="r", scope=Scope.RUN, fetches=3, size_bytes=3 * 2**31, seconds=1.5)}


@pytest.mark.slow
def test_budgets_hold_to_the_answer_over_two_processes_and_a_kill(tmp_path: Path) -> None:
    """A path's, and the run's: whoever asks, and however often the crawl is ended."""
    settings = Settings(home=tmp_path, database_url=f"sqlite:///{tmp_path / 'marque.db'}", contact=None)
    with Database(settings.database_url) as database:
        new_ledger(database)
    with Site(shop(200)) as site:
        declare(tmp_path, site, max_fetches=60)
        path = tmp_path / "platforms" / "shop.toml"
        path.write_text(path.read_text() + '\n[budget.paths."/photo/"]\nfetches = 7\n', encoding="utf-8")
        run = begin_shop(settings)
        job = Job(run=run, platform="shop")
        killed = subprocess.run([*child_command(settings, job), "--kill-at", "answered:20"], check=False)
        assert killed.returncode == -9
        others = [work(settings, [job, job], at_once=2)]
        assert others
        paths = site.paths()
    with Database(settings.database_url) as database, database.read() as connection:
        ended = Runs(connection, EVERYTHING).get(run.id)
        spent = spent_of(connection, run.id)
    assert ended is not None
    assert ended.state is RunState.BUDGET_EXHAUSTED
    assert ended.counts["captures"] == 60 == spent[(Scope.RUN, "")].fetches
    assert spent[(Scope.PATH, "/photo/")].fetches == 7
    assert ended.counts["cut_budgets"] == ended.counts["failed_budget_path_fetches"] > 0
    assert len([each for each in set(paths) if each.startswith("/photo/")]) <= 7 + 1
    assert any(alarm.startswith("the budget of 60 fetches is used up") for alarm in ended.alarms)
    assert any(alarm.startswith("budget of fetches under a path") for alarm in ended.alarms)

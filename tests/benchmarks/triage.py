"""
Cards first, on worlds that nothing was tuned on: how many plants are found, and how many listing pages that takes.

The whole job of `marque demo` on seeds 90,011 to 90,013, as the exercise's platform files declare it: cards, then the
pages of what is suspicious, unread or drawn by lot. A plant counts as found when it comes out as the answers say;
as opened when its page was fetched; the rows by kind say why. The share of pages is of every listing of the world.

The last rows are of result pages, over the same worlds: what each query was to bring, learned on another world, and
how many plants stand on the pages that a schedule asks for which follows it (`peers/schedules.py`).
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from config.declarations import load_declarations
from config.settings import load_settings
from console.demo import run_demo
from console.sites import DemoSize
from crawler.triage import OPENED
from exercise.answers import read_answers
from exercise.records import Role
from store.db.runs import Runs
from store.db.session import Database
from store.db.tables import fetch, listing
from store.db.tables import run as run_table
from store.evidence.vault import Vault
from store.records.runs import RunKind
from store.records.scope import EVERYTHING
from tests.benchmarks.frame import Benchmark, Row, wilson
from tests.benchmarks.peers.schedules import Market, Schedules, compare, read_market

SEEDS = (90_011, 90_012, 90_013)
INNOCENTS = 1_000
FOUND_MIN = ">= 0.95"
OPENED_MAX = "<= 0.15"


@dataclass
class _Sums:
    """What several worlds add up to."""

    listings: int = 0
    plants: int = 0
    found: int = 0
    accused: int = 0
    problems: list[str] = field(default_factory=list)
    opened: Counter[str] = field(default_factory=Counter)  # why: pages
    by_kind: Counter[tuple[str, str]] = field(default_factory=Counter)  # kind of plant, why or "not opened"
    missed: list[str] = field(default_factory=list)
    markets: list[Market] = field(default_factory=list)


def _silent(*said: object) -> None:
    del said


def run(*, data: Path | None, seed: int | None, size: int | None) -> Benchmark:
    """The rows; `size` is the number of innocents a world, `seed` takes one world instead of three."""
    del data  # made worlds need none
    sums = _Sums()
    seeds = (seed,) if seed is not None else SEEDS
    for each in seeds:
        with tempfile.TemporaryDirectory() as folder:
            _add_world(sums, Path(folder) / "demo", DemoSize(seed=each, innocents=size or INNOCENTS))
    opened = sum(sums.opened.values())
    case = f"{len(seeds)} worlds, {sums.listings} listings"
    found_of = wilson(sums.found, sums.plants)
    seen = sum(count for (_, why), count in sums.by_kind.items() if why != "not opened")
    rows = [
        Row(case=case, measure="plants found", value=sums.found / sums.plants, aim=FOUND_MIN, interval=found_of),
        Row(
            case=case,
            measure="plants opened",
            value=seen / sums.plants,
            aim=FOUND_MIN,
            interval=wilson(seen, sums.plants),
        ),
        Row(
            case=case,
            measure="listing pages opened",
            value=opened / sums.listings,
            aim=OPENED_MAX,
            interval=wilson(opened, sums.listings),
            baseline={"every page": 1.0},
        ),
        Row(case=case, measure="wrongly accused", value=sums.accused, aim="== 0"),
    ]
    rows += [
        Row(case=why, measure="share of listing pages", value=count / sums.listings, aim=OPENED_MAX)
        for why, count in sorted(sums.opened.items())
    ]
    for kind in sorted({kind for kind, _ in sums.by_kind}):
        whys = {why: count for (of, why), count in sums.by_kind.items() if of == kind}
        n = sum(whys.values())
        there = n - whys.get("not opened", 0)
        how = ", ".join(f"{why} {count}" for why, count in sorted(whys.items()))
        rows.append(
            Row(
                case=f"{kind}, n {n}: {how}",
                measure="opened",
                value=there / n,
                aim=FOUND_MIN,
                interval=wilson(there, n),
            )
        )
    schedules = Schedules()
    for market in sums.markets:
        others = [each for each in sums.markets if each.platform == market.platform]
        compare(market, others[(others.index(market) + 1) % len(others)], schedules)  # with one world, the same again
    rows += _of_schedules(schedules)
    expected = f"the adaptive schedule was to bring {schedules.expected:.0f} findings and brought {schedules.brought}"
    return Benchmark(rows=tuple(rows), notes=(*sums.problems, *sums.missed, expected))


def _of_schedules(sums: Schedules) -> list[Row]:
    """The rows of what queries were to bring and brought."""
    dice = random.Random(20_261_122)
    drawn = []
    for _ in range(2_000):
        sample = dice.choices(sums.pairs, k=len(sums.pairs))
        drawn.append(sum(adaptive for adaptive, _ in sample) / max(sum(plain for _, plain in sample), 1))
    drawn.sort()
    case = f"{sums.asked} result pages, half of those there are; plants {sums.plants}"
    return [
        Row(
            case=case,
            measure="plants on the pages asked, yield-adaptive over plain",
            value=sums.plants_adaptive / max(sums.plants_plain, 1),
            aim=">= 1.01",
            interval=(round(drawn[50], 4), round(drawn[1_949], 4)),
            baseline={"plants, plain": float(sums.plants_plain), "plants, adaptive": float(sums.plants_adaptive)},
        ),
        *(
            Row(
                case=f"{len(inside)} queries, {when}",
                measure="findings within the forecast's 95 % interval",
                value=sum(inside) / len(inside),
                aim=">= 0.95",
                interval=wilson(sum(inside), len(inside)),
            )
            for when, inside in (("before any crawl", sums.blind), ("after a crawl of another world", sums.learned))
        ),
    ]


def _add_world(sums: _Sums, folder: Path, size: DemoSize) -> None:
    score = run_demo(folder, size, say=_silent, progress=_silent)
    sums.plants += score["planted"]
    sums.found += score["found"]
    sums.accused += score["wrongly_accused"]
    sums.problems += score["problems"]
    sums.missed += [f"seed {size.seed}, not as expected: {each}" for each in score["misses"]]
    answers = read_answers(folder / "answers.csv")
    sums.listings += len(answers)
    with Database(load_settings(folder, environ={}).database_url) as database, database.read() as connection:
        items = select(listing.c.platform, listing.c.platform_item_id)
        known = {(row.platform, row.platform_item_id) for row in connection.execute(items)}
        home = {row.id: row.platform for row in connection.execute(select(run_table.c.id, run_table.c.platform))}
        plants = {(each.platform, each.item_id) for each in answers if each.role is Role.PLANT}
        declarations = load_declarations(load_settings(folder, environ={}))
        with Vault(folder / "vault") as vault:
            for each in Runs(connection, EVERYTHING).find(run_table.c.kind == RunKind.CRAWL.value):
                platform = declarations.platform(each.platform or "")
                own = {item for name, item in plants if name == platform.name}
                sums.markets.append(read_market(connection, vault, platform, each, own))
        why = fetch.c.context[OPENED].as_string()
        pages = select(fetch.c.run, fetch.c.context).where(why.is_not(None), fetch.c.hops == 0)
        opened = {}
        for row in connection.execute(pages):
            opened[home[row.run], row.context.get("item", "")] = row.context[OPENED]
            sums.opened[row.context[OPENED]] += 1
    for answer in answers:
        if answer.role is not Role.PLANT:
            continue
        place = (answer.platform, answer.item_id)
        sums.by_kind[answer.kind, opened.get(place, "not opened")] += 1
        if place not in opened:
            seen = "its card touched nothing" if place in known else "no card of it was seen"
            sums.missed.append(f"seed {size.seed}, {answer.kind} {answer.url}: {seen}")

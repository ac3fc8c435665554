"""
The crawl beside Scrapy, plain and with JOBDIR, that follows the same links of one shop and yields the same items.

The shop runs in a process of its own; pages are padded to 30 kB, about the median of real saved pages without their
images. Both crawlers are child processes, started in turn; CPU seconds are the operating system's own count of each.
Ours keeps every page in the vault and the ledger, obeys robots.txt and leaves a run; plain Scrapy parses and forgets.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.declarations import load_declarations
from config.settings import Settings
from crawler import opening, plan
from crawler.run import Job, work
from store.db.session import Database, migrate
from store.evidence.vault import Vault
from store.records.runs import RunKind, RunState
from tests.benchmarks.frame import Benchmark, Row, median

ITEMS = 1000
ROUNDS = 5
PAGE_BYTES = 30_000

PLATFORM = """
name = "shop"
kind = "marketplace"
home = "{home}"
[reach]
by = "crawl"
[manners]
delay_s = 0.0
[look]
category = ["/list?page={{page}}"]
pages = {pages}
photos = false
[read]
unasked = "nothing"
[read.results]
card = "li.card"
link = {{ css = "a.title", attr = "href" }}
title = "a.title"
price = {{ css = "b.price", as = "money" }}
[read.listing]
platform_item_id = {{ url = "/item/(\\\\d+)" }}
title = "h1"
price = {{ css = ".price", as = "money" }}
description = "p.text"
seller_id = {{ css = ".seller a", attr = "href", re = "/shop/(\\\\d+)" }}
seller_name = ".seller a"
images = {{ css = "img.photo", attr = "src", as = "url", all = true }}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lap:
    """One crawl: offers read, CPU and wall seconds."""

    offers: int
    cpu_s: float
    wall_s: float


@contextmanager
def shop(items: int) -> Iterator[str]:
    """The address of a shop with so many offers, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.peers.padded_shop", str(items), str(PAGE_BYTES)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        yield server.stdout.readline().strip()
        server.stdin.close()


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def plain_lap(home: str, pages: int, folder: Path | None = None) -> Lap:
    """Plain Scrapy; with a folder its queue is kept there (JOBDIR)."""
    more = [str(folder)] if folder is not None else []
    if folder is not None:
        folder.mkdir(parents=True)
    cpu, started = _children_cpu_s(), time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.peers.plain_scrapy", home, str(pages), *more],
        capture_output=True,
        text=True,
        check=True,
    )
    return Lap(offers=int(done.stdout), cpu_s=_children_cpu_s() - cpu, wall_s=time.monotonic() - started)


def crawl_lap(home: str, pages: int, folder: Path) -> Lap:
    """One crawl of ours in a new workspace at `folder`."""
    (folder / "platforms").mkdir(parents=True)
    (folder / "platforms" / "shop.toml").write_text(PLATFORM.format(home=home, pages=pages))
    settings = Settings(home=folder, database_url=f"sqlite:///{folder / 'marque.db'}", contact=None)
    declarations = load_declarations(settings)
    platform = declarations.platform("shop")
    with Database(settings.database_url) as database, Vault(settings.vault) as vault:
        migrate(database)
        run = opening.open_run(database, vault, declarations, kind=RunKind.CRAWL, platform="shop")
        run = opening.sow(database, run, plan.seeds(platform, run.id, ()))
    cpu, started = _children_cpu_s(), time.monotonic()
    ended = work(settings, [Job(run=run, platform="shop")])[0]
    if ended.state is not RunState.COMPLETE:
        raise RuntimeError(f"the crawl ended {ended.state.value}: {json.dumps(ended.counts)} {ended.alarms}")
    return Lap(offers=ended.counts["listings"], cpu_s=_children_cpu_s() - cpu, wall_s=time.monotonic() - started)


def run(*, data: Path | None, seed: int | None, size: int | None) -> Benchmark:
    """The rows; `size` is the number of offers in the shop."""
    del data, seed  # the shop is made, and the same every time
    items = size or ITEMS
    pages = -(-items // 20)
    fetched = items + pages
    plain: list[Lap] = []
    kept: list[Lap] = []
    ours: list[Lap] = []
    with shop(items) as home, tempfile.TemporaryDirectory() as folder:
        for number in range(ROUNDS):
            plain.append(plain_lap(home, pages))
            kept.append(plain_lap(home, pages, Path(folder) / f"jobdir-{number}"))
            ours.append(crawl_lap(home, pages, Path(folder) / str(number)))
    lost = max(abs(lap.offers - items) for lap in (*plain, *kept, *ours))
    # What a process costs before its first page is the same order for both and grows with nothing: it is left in.
    ratios = [mine.cpu_s / theirs.cpu_s for mine, theirs in zip(ours, plain, strict=True)]
    case = f"{items} offers on {pages} result pages, {ROUNDS} rounds in turn"
    rows = (
        Row(case=case, measure="offers missed or doubled by any", value=lost, aim="== 0"),
        Row(
            case=case,
            measure="CPU over plain Scrapy, median of rounds",
            value=round(median(ratios), 3),
            aim="<= 1.6",
            interval=(round(min(ratios), 3), round(max(ratios), 3)),
        ),
        Row(
            case=case,
            measure="CPU ms a page",
            value=round(median([lap.cpu_s for lap in ours]) / fetched * 1000, 3),
            aim=f"<= {round(1.6 * median([lap.cpu_s for lap in plain]) / fetched * 1000, 3)}",
            baseline={
                "plain Scrapy": round(median([lap.cpu_s for lap in plain]) / fetched * 1000, 3),
                "Scrapy with JOBDIR": round(median([lap.cpu_s for lap in kept]) / fetched * 1000, 3),
            },
        ),
        Row(
            case=case,
            measure="pages a second",
            value=round(fetched / median([lap.wall_s for lap in ours]), 1),
            aim=f">= {round(0.5 * fetched / median([lap.wall_s for lap in plain]), 1)}",
            baseline={
                "plain Scrapy": round(fetched / median([lap.wall_s for lap in plain]), 1),
                "Scrapy with JOBDIR": round(fetched / median([lap.wall_s for lap in kept]), 1),
            },
        ),
    )
    return Benchmark(rows=rows, notes=("the interval of the ratio is the least and the most of the rounds",))

"""
Kills crawls at seeded points and shows that nothing is lost, doubled or called complete too early.

    python -m tests.faults.crawl_kills 1000 [--seed N] [--items 1000] [--kills-a-crawl 20] [--json] [--peer jobdir]

Each crawl of a loopback shop is killed again and again, at a named point in the code or by SIGKILL from outside after
a number of answers, and gone on with by the same command until it ends. Then its ledger is held against the shop.
The peer is plain Scrapy with JOBDIR, killed from outside in the same way; a twentieth of the kills tells enough.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import func, select

from config.declarations import load_declarations
from config.settings import Settings
from console.output import progress
from crawler import opening, plan
from crawler.faults import POINTS
from crawler.frontier import IN_FLIGHT
from crawler.run import Job, child_command
from store.db.runs import Runs
from store.db.session import Database
from store.db.tables import capture, fetch, listing, listing_image, observation
from store.evidence.errors import VaultError
from store.evidence.vault import Vault
from store.records.runs import Run, RunKind, RunState
from store.records.scope import EVERYTHING
from tests.crawler.site import Site, declare, shop
from tests.ledgers import new_ledger
from tests.warm_crawls import WarmCrawl

Started = TypeVar("Started", WarmCrawl, "subprocess.Popen[Any]")

CHILD_MAX_S = 1200.0  # a crawl of the shop takes seconds, minutes on a starved machine; longer hangs


@dataclass
class Crawl:
    """What one crawl with its kills came to."""

    seed: int
    items: int
    kills: list[str] = field(default_factory=list)  # where each kill fell
    missed: int = 0  # kills that came after the crawl had ended
    lost: int = 0  # offers or photos of the shop that the ledger lacks
    doubled: int = 0  # rows beyond one a look, a capture, a photo
    unreadable: int = 0  # captures whose bytes the vault does not give
    refetched: int = 0  # answers the shop gave twice
    early: int = 0  # times that the run stood as complete while something was missing
    state: str = ""

    @property
    def worst(self) -> float:
        """Fetches made twice, a kill."""
        return self.refetched / len(self.kills) if self.kills else 0.0

    @property
    def clean(self) -> bool:
        """Whether every promise held."""
        broken = self.lost or self.doubled or self.unreadable or self.early
        return not broken and self.worst <= IN_FLIGHT and self.state == RunState.COMPLETE.value


def kill_crawl(seed: int, items: int, kills: int, folder: Path) -> Crawl:
    """One crawl of a shop with `items` offers, killed `kills` times."""
    dice = random.Random(seed)
    result = Crawl(seed=seed, items=items)
    settings = Settings(home=folder, database_url=f"sqlite:///{folder / 'marque.db'}", contact=None)
    with Database(settings.database_url) as database:
        new_ledger(database)
    pages = items + items // 20 + 50
    with Site(shop(items)) as site:
        declare(folder, site)
        run = begin_shop(settings)
        job = Job(run=run, platform="shop")
        while len(result.kills) + result.missed < kills:
            where = _one_kill(dice, settings, job, site, pages // max(kills, 1))
            if _state(settings, run.id) is not RunState.RUNNING:
                result.missed += kills - len(result.kills) - result.missed
                break
            result.kills.append(where)
        _check_not_early(settings, run.id, items, result)
        for _ in range(3):
            if _state(settings, run.id) is not RunState.RUNNING:
                break
            _child(subprocess.Popen, settings, job).wait(CHILD_MAX_S)  # to its end as everybody starts it
        result.refetched = sum(count - 1 for count in Counter(site.paths()).values())
    _check(settings, run.id, items, result)
    return result


def kill_peer(seed: int, items: int, kills: int, folder: Path) -> Crawl:
    """One crawl of the same shop by plain Scrapy with JOBDIR, killed after numbers of answers."""
    dice = random.Random(seed)
    result = Crawl(seed=seed, items=items)
    pages = -(-items // 20)
    with Site(shop(items)) as site:
        command = [sys.executable, "-m", "tests.benchmarks.peers.plain_scrapy", site.home, str(pages), str(folder)]
        for number in range(kills + 1):
            child = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[2]
            )
            until = time.monotonic() + CHILD_MAX_S
            answers = len(site.asked) + dice.randrange(1, max(items // max(kills, 1), 2))
            while number < kills and len(site.asked) < answers and child.poll() is None and time.monotonic() < until:
                time.sleep(0.001)
            if number < kills and child.poll() is None:
                child.kill()
                result.kills.append(f"after {answers} answers")
            elif number < kills:
                result.missed += 1
            result.state = "finished" if child.wait(CHILD_MAX_S) == 0 else "killed"
        result.refetched = sum(count - 1 for count in Counter(site.paths()).values())
    offers = (folder / "offers.txt").read_text().split() if (folder / "offers.txt").exists() else []
    result.lost = items - len(set(offers))
    result.doubled = len(offers) - len(set(offers))
    result.early = 1 if result.lost and result.state == "finished" else 0
    return result


def begin_shop(settings: Settings) -> Run:
    """A run of the declared shop, opened and sown, that no process crawls yet."""
    declarations = load_declarations(settings)
    platform = declarations.platform("shop")
    with Database(settings.database_url) as database, Vault(settings.vault) as vault:
        run = opening.open_run(database, vault, declarations, kind=RunKind.CRAWL, platform="shop")
        return opening.sow(database, run, plan.seeds(platform, run.id, ()))


def _one_kill(dice: random.Random, settings: Settings, job: Job, site: Site, share: int) -> str:
    """Start a crawl and have it killed; says where the kill fell."""
    if dice.random() < 0.5:
        point = dice.choice(POINTS[:-1])
        # Several pages share a group, so points of the group are passed less often than points of a page.
        often = 8 if point in ("flushed", "written", "committed", "leased") else 1
        count = dice.randrange(1, max(2, share // often))
        where = f"{point}:{count}"
        child = _child(WarmCrawl, settings, job, "--kill-at", where)
        if child.wait(CHILD_MAX_S) != -signal.SIGKILL:
            where += " (not reached)"
        return where
    answers = len(site.asked) + dice.randrange(share)
    child = _child(WarmCrawl, settings, job)
    until = time.monotonic() + CHILD_MAX_S
    while len(site.asked) < answers and child.poll() is None and time.monotonic() < until:
        time.sleep(0.001)
    time.sleep(dice.random() * 0.03)
    child.kill()
    child.wait(CHILD_MAX_S)
    return f"after {answers} answers"


def _child(start: Callable[..., Started], settings: Settings, job: Job, *options: str) -> Started:
    with (settings.home / "child.log").open("ab") as log:
        return start(
            [*child_command(settings, job), *options],
            stdout=subprocess.DEVNULL,
            stderr=log,
            cwd=Path(__file__).parents[2],
            env=settings.child_environment(),
        )


def _state(settings: Settings, run: str) -> RunState:
    with Database(settings.database_url) as database, database.read() as connection:
        found = Runs(connection, EVERYTHING).get(run)
    assert found is not None, "the run's row is gone"
    return found.state


def _check_not_early(settings: Settings, run: str, items: int, result: Crawl) -> None:
    if _state(settings, run) is RunState.COMPLETE:
        with Database(settings.database_url) as database, database.read() as connection:
            seen = connection.execute(select(func.count()).select_from(listing)).scalar_one()
        result.early += 1 if seen < items else 0


def _check(settings: Settings, run: str, items: int, result: Crawl) -> None:
    """Hold the ledger against the shop."""
    with Database(settings.database_url) as database, database.read() as connection:
        result.state = _state(settings, run).value
        seen = set(connection.execute(select(listing.c.platform_item_id)).scalars())
        result.lost += len({str(number) for number in range(items)} - seen)
        looks = Counter(connection.execute(select(observation.c.listing)).scalars())
        result.lost += len(seen) - len(looks)
        result.doubled += sum(count - 1 for count in looks.values())
        photos = connection.execute(select(listing_image.c.sha256)).scalars().all()
        result.lost += items - len(photos) + sum(1 for sha in photos if sha is None)
        captures = connection.execute(select(capture.c.url_requested, capture.c.body_sha256)).all()
        result.doubled += sum(count - 1 for count in Counter(url for url, _ in captures).values())
        left = connection.execute(
            select(func.count()).select_from(fetch).where(fetch.c.state.in_(["pending", "leased", "failed"]))
        ).scalar_one()
        result.lost += left
        if result.state == RunState.COMPLETE.value and result.lost:
            result.early += 1
    with Vault(settings.vault) as vault:
        for sha in {sha for _, sha in captures}:
            try:
                vault.get(sha)  # hashes what it gives
            except VaultError:
                result.unreadable += 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the proof; 0 when every promise held."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.crawl_kills", description=__doc__)
    parser.add_argument("kills", type=int, nargs="?", default=1000)
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--items", type=int, default=1000)
    parser.add_argument("--kills-a-crawl", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--peer", choices=["jobdir"], help="plain Scrapy with JOBDIR instead, for comparison")
    asked = parser.parse_args(arguments)
    kill = kill_peer if asked.peer else kill_crawl
    start = time.monotonic()
    crawls: list[Crawl] = []
    with progress("crawl_kills", asked.json) as show:
        while (done := sum(len(crawl.kills) for crawl in crawls)) < asked.kills:
            show(done, asked.kills, f"lost {sum(crawl.lost for crawl in crawls)}")
            number = min(asked.kills_a_crawl, asked.kills - done)
            with tempfile.TemporaryDirectory() as folder:
                crawls.append(kill(asked.seed + len(crawls), asked.items, number, Path(folder)))
            if len(crawls) > 4 * asked.kills:
                break
    summary = {
        "name": f"crawl_kills{f' ({asked.peer})' if asked.peer else ''}",
        "crawls": len(crawls),
        "kills": sum(len(crawl.kills) for crawl in crawls),
        "lost": sum(crawl.lost for crawl in crawls),
        "doubled": sum(crawl.doubled for crawl in crawls),
        "unreadable": sum(crawl.unreadable for crawl in crawls),
        "complete_too_early": sum(crawl.early for crawl in crawls),
        "refetched": sum(crawl.refetched for crawl in crawls),
        "refetched_a_kill_worst": round(max((crawl.worst for crawl in crawls), default=0.0), 2),
        "states": dict(Counter(crawl.state for crawl in crawls)),
        "seconds": round(time.monotonic() - start, 1),
    }
    clean = all(crawl.clean for crawl in crawls)
    if asked.json:
        text = json.dumps({**summary, "crawls_in_detail": [asdict(crawl) for crawl in crawls]})
    else:
        text = "\n".join(f"{name:24} {value}" for name, value in summary.items())
        text += "\nevery promise held" if clean else "\nA PROMISE WAS BROKEN"
    sys.stdout.write(text + "\n")
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())

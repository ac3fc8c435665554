"""
The ledger's promises on PostgreSQL: the audit trail under several sealers, the whole job of the demo, and tests
written for any database.

`python -m tests.faults.postgres [ENTRIES] [FOLDER...]` starts a server of its own in a folder that goes away again.
First it enters acts from one connection while two sealers run, checks the chain and prints rates (this server syncs
every commit); then it crawls, compares, decides and drafts in the small world, by the commands' own processes; then
it runs the tests of these folders with `--postgres`. Ends 1 where the chain has a break, the world comes out
otherwise than its answers say, or a test fails; 2 where there are no server programs.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any

import pytest

from console.demo import run_demo
from console.sites import DemoSize
from store.db.audit_chain import head_of, seal_batch, seal_entries, walk_chain
from store.db.session import Database
from tests.benchmarks.audit import enter
from tests.clusters import find_programs, running_cluster

FOLDERS = ("tests/store/db", "tests/cases", "tests/registry", "tests/reports/exhibits", "tests/reports/test_run.py")
A_COMMIT = 100
SEED, INNOCENTS = 7, 100  # of the small world
SEALERS = 2
_IDLE_S = 0.05  # so that sealers with nothing to do take no time from whoever enters


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What came of the audit trail: entries a second, and whether the chain is whole."""

    entered: float  # while the sealers run
    sealed: float  # the whole time until nothing was left, entering included
    checked: float
    breaks: int
    unsealed: int
    count: int

    @property
    def is_whole(self) -> bool:
        """Every entry in one chain, none twice, none left out."""
        return self.breaks == 0 and self.unsealed == 0


def _seal_until(url: str, wanted: int) -> None:
    """One sealer's process: goes on until so many entries stand in the chain."""
    with Database(url) as database:
        while True:
            if seal_batch(database) == 0:
                with database.read() as connection:
                    if head_of(connection).count >= wanted:
                        return
                sleep(_IDLE_S)


def audit_rates(url: str, count: int) -> Rates:
    """Enter so many acts into an empty ledger beside two sealing processes; check what they left."""
    spawned = get_context("spawn")
    sealers = [spawned.Process(target=_seal_until, args=(url, count)) for _ in range(SEALERS)]
    with Database(url) as database:
        for sealer in sealers:
            sealer.start()
        began = perf_counter()
        for start in range(0, count, A_COMMIT):
            enter(database, range(start, min(start + A_COMMIT, count)))
        entered = perf_counter()
        for sealer in sealers:
            sealer.join()
        seal_entries(database)
        sealed = perf_counter()
        with database.read() as connection:
            state = walk_chain(connection)
        checked = perf_counter()
    return Rates(
        entered=count / (entered - began),
        sealed=count / (sealed - began),
        checked=count / (checked - sealed),
        breaks=state.break_count,
        unsealed=state.unsealed + count - state.head.count,
        count=count,
    )


def whole_job(folder: Path, url: str) -> dict[str, Any]:
    """The demo's score, its ledger in an empty database of that address."""

    def silent(*_: object) -> None:
        """Nobody watches."""

    return run_demo(folder, DemoSize(seed=SEED, innocents=INNOCENTS), say=silent, progress=silent, database_url=url)


def main(arguments: list[str]) -> int:
    """Print rates, then what the tests said."""
    count = int(arguments[0]) if arguments else 20_000
    programs = find_programs()
    if programs is None:
        sys.stderr.write("no PostgreSQL server programs: install postgresql (Debian)\n")
        return 2
    with running_cluster(programs, durable=True) as cluster, TemporaryDirectory() as folder:
        rates = audit_rates(cluster.new_ledger(), count)
        job = whole_job(Path(folder) / "demo", cluster.new_database())
    sys.stdout.write(
        f"{rates.count} entries, {SEALERS} sealers: {rates.entered:.0f} entered/s, {rates.sealed:.0f} sealed/s"
        f" (entering included), {rates.checked:.0f} checked/s; {rates.breaks} breaks, {rates.unsealed} not sealed\n"
    )
    sys.stdout.write(
        f"the whole job in {job['seconds']} s: {job['notices']} notices, {len(job['batches'])} batches; missed"
        f" {len(job['misses'])}, wrongly accused {len(job['accused'])}, problems {len(job['problems'])}\n"
    )
    sys.stdout.flush()
    is_right = not (job["misses"] or job["accused"] or job["problems"])
    tests = pytest.main(["-q", "-p", "no:cacheprovider", "--postgres", *(arguments[1:] or FOLDERS)])
    return 0 if rates.is_whole and is_right and tests == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

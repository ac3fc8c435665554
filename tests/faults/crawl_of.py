"""One crawl in a process of its own, over pages that a proof names, with what it cost and what became of them."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from config.settings import Settings
from crawler.run import Job, child_command
from store.db.runs import Runs
from store.db.session import Database
from store.db.tables import fetch
from store.records.runs import Run
from store.records.scope import EVERYTHING
from tests.faults.crawl_kills import begin_shop
from tests.ledgers import new_ledger

PLATFORM = """
name = "shop"
kind = "marketplace"
home = "{home}"
[reach]
by = "crawl"
[manners]
delay_s = {delay_s}
timeout_s = {timeout_s}
attempts = {attempts}
[look]
start = {start}
pages = 1
photos = false
[read.results]
card = "li.card"
link = {{ css = "a", attr = "href" }}
title = "a"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a crawl ended."""

    run: Run
    codes: tuple[int, ...]  # of its processes; negative: killed by a signal
    seconds: float
    peak_mib: float  # resident memory at its highest, of the largest process
    reasons: dict[str, str]  # by address: `done`, or why it failed


def crawl_of(
    folder: Path,
    start: Sequence[str],
    *,
    delay_s: float = 0.0,
    timeout_s: float = 5.0,
    attempts: int = 1,
    processes: int = 1,
    most_s: float = 300.0,
    watch: Callable[[], None] | None = None,
) -> Outcome:
    """
    Crawl the pages from a new workspace; processes that last longer than `most_s` are killed, and say so.

    `watch` is called again and again while they run.
    """
    (folder / "platforms").mkdir(parents=True)
    text = PLATFORM.format(
        home=start[0], start=json.dumps(list(start)), delay_s=delay_s, timeout_s=timeout_s, attempts=attempts
    )
    (folder / "platforms" / "shop.toml").write_text(text, encoding="utf-8")
    settings = Settings(home=folder, database_url=f"sqlite:///{folder / 'marque.db'}", contact=None)
    with Database(settings.database_url) as database:
        new_ledger(database)
    run = begin_shop(settings)
    began = time.monotonic()
    children = []
    with (folder / "child.log").open("ab") as log:
        for _ in range(processes):
            command = child_command(settings, Job(run=run, platform="shop"))
            root, environment = Path(__file__).parents[2], settings.child_environment()
            children.append(
                subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log, cwd=root, env=environment)
            )
    codes, peak = [], 0.0
    for child in children:
        while True:
            peak = max(peak, _resident_mib(child.pid))
            if child.poll() is not None:
                break
            if time.monotonic() - began > most_s:
                child.kill()
            if watch is not None:
                watch()
            time.sleep(0.02)
        codes.append(child.returncode)
    seconds = time.monotonic() - began
    with Database(settings.database_url) as database, database.read() as connection:
        rows = connection.execute(select(fetch.c.url, fetch.c.state, fetch.c.reason).where(fetch.c.run == run.id))
        reasons = {url: state if state != "failed" else reason for url, state, reason in rows}
        ended = Runs(connection, EVERYTHING).get(run.id)
    assert ended is not None, "the run's row is gone"
    return Outcome(run=ended, codes=tuple(codes), seconds=seconds, peak_mib=peak, reasons=reasons)


def _resident_mib(pid: int) -> float:
    """The most that a process ever held; its parent's own memory, which rusage takes over at the start, left out."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)

"""
Crawl processes that are forked from one that has loaded the crawler already.

A killed crawl spends most of its time on loading: 1,000 kills took five hours on two busy cores. What is forked here
runs the same `crawler.run.main`, in a process of its own, with a reactor, connections and a vault of its own; only
the loading is shared. The preload must not make a reactor, and does not.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Sequence
from multiprocessing.context import ForkServerProcess
from typing import TYPE_CHECKING

import scrapy.crawler  # noqa: F401  loaded here so that no child loads it

import crawler.commit
import crawler.faults
import crawler.frontier
import crawler.loader
import crawler.outcome
import crawler.run

if TYPE_CHECKING:
    from config.settings import Settings
    from crawler.run import Job

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])


class WarmCrawl:
    """One crawl's process, as `subprocess.Popen` would show it."""

    def __init__(self, settings: Settings, job: Job, options: Sequence[str] = ()) -> None:
        arguments = [*crawler.run.child_command(settings, job)[3:], *options]
        environment = settings.child_environment()
        self._process: ForkServerProcess = _FORKS.Process(
            target=_crawl, args=(arguments, environment, str(settings.home / "child.log"))
        )
        self._process.start()

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._process.exitcode

    def wait(self, seconds: float) -> int:
        """The exit code once it has ended. Raises `TimeoutError` where it goes on."""
        self._process.join(seconds)
        code = self._process.exitcode
        if code is None:
            raise TimeoutError(f"crawl process {self._process.pid} still runs after {seconds:.0f} s")
        return code

    def kill(self) -> None:
        """Ends the process as a power cut would."""
        if self._process.pid is not None and self.poll() is None:
            os.kill(self._process.pid, signal.SIGKILL)


def _crawl(arguments: Sequence[str], environment: dict[str, str], log: str) -> None:
    """Be the crawl's process: its environment, its log, its exit code."""
    os.environ.clear()
    os.environ.update(environment)
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.argv = ["crawler.run", *arguments]
    sys.exit(crawler.run.main(arguments))

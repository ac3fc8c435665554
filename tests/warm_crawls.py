"""
Crawl processes that are forked from one that has loaded the crawler already.

A crawl's own process spends most of a small crawl on loading: 1,000 kills took five hours on two busy cores, and a
third of the default tests' CPU went there. What is forked here runs the same `crawler.run.main`, in a process of its
own, with a reactor, connections and a vault of its own; only the loading is shared. The preload must not make a
reactor, and does not.

That a crawl also starts by its own command is shown by the demo, by tests/crawler/test_stop.py, test_attendance.py
and test_browser.py, and by the last part of each crawl of `tests.faults.crawl_kills`.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import SimpleNamespace
from typing import IO

import scrapy.crawler  # noqa: F401 -- loaded here so that no child loads it

import crawler.commit
import crawler.faults
import crawler.frontier
import crawler.loader
import crawler.outcome
import crawler.run
from matching.photo_worker import LOADED_FIRST

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__, *LOADED_FIRST])  # a process has one such server, for photos too
_ASKING = threading.Lock()  # multiprocessing reads an exit code once: two threads that ask together spoil it


class WarmCrawl:
    """One crawl's process, with the part of `subprocess.Popen` that those who start crawls use."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        env: dict[str, str],
        stderr: IO[str] | IO[bytes],
        stdout: int = subprocess.DEVNULL,
        stdin: int = subprocess.DEVNULL,
        text: bool = False,
        encoding: str = "utf-8",
    ) -> None:
        if list(command[:3]) != [sys.executable, "-m", "crawler.run"] or stdin != subprocess.DEVNULL:
            raise ValueError(f"only a crawl's own process is forked here: {command}")
        self.args = list(command)
        self.stdout: IO[str] | None = None
        reader, writer = _FORKS.Pipe(duplex=False) if stdout == subprocess.PIPE else (None, None)
        self._process: ForkServerProcess = _FORKS.Process(
            target=_crawl, args=(self.args[3:], env, str(cwd), str(stderr.name), writer)
        )
        with _ASKING:
            self._process.start()
        if reader is not None and writer is not None:
            writer.close()
            self.stdout = os.fdopen(os.dup(reader.fileno()), encoding=encoding)
            reader.close()

    @property
    def pid(self) -> int:
        """The process's number."""
        assert self._process.pid is not None, "it was started"
        return self._process.pid

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        with _ASKING:
            return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code once it has ended. Raises `subprocess.TimeoutExpired` where it goes on."""
        wait([self._process.sentinel], timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        return code

    def terminate(self) -> None:
        """Asks the process to end."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the process as a power cut would."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


STARTING = SimpleNamespace(Popen=WarmCrawl, PIPE=subprocess.PIPE, DEVNULL=subprocess.DEVNULL)
"""Stands where `crawler.run` has `subprocess`, so that the crawls of tests are forked."""


def _crawl(
    arguments: Sequence[str], environment: dict[str, str], folder: str, log: str, beats: Connection | None
) -> None:
    """Be the crawl's process: its environment, its folder, its output, its exit code."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    errors = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(errors, 2)
    if beats is None:
        os.dup2(errors, 1)
    else:
        os.dup2(beats.fileno(), 1)
        beats.close()
    sys.argv = ["crawler.run", *arguments]
    sys.exit(crawler.run.main(arguments))

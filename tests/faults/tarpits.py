"""
Hosts that never finish an answer, beside good ones, in one run: how much later do the good ones finish?

    python -m tests.faults.tarpits 50 [--pages 5] [--processes 1] [--delay 0.3]

The same good hosts are crawled with as many tarpits as there are of them, and without. A tarpit sends one byte a
second. The server's log is the witness that no host was asked earlier than its delay allows.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

from console.output import Progress, progress
from tests.faults.crawl_of import crawl_of
from tests.faults.raw_site import NOT_FOUND, RawSite, page
from tests.faults.told import silence, told

TIMEOUT_S = 10.0
SLACK_S = 0.05  # what a busy machine may take between sending and reading a request


@dataclass(frozen=True, slots=True, kw_only=True)
class Tarpits:
    """What the two crawls came to."""

    hosts: int
    alone_s: float  # from the first good answer asked for to the last, without tarpits
    beside_s: float  # the same with them
    good_done: int  # pages of good hosts that were had, beside tarpits
    good_wanted: int
    early: int  # requests that a host got sooner than its delay allows, in both crawls
    shortest_s: float  # between two requests to one host
    caught: int  # tarpits that were asked

    @property
    def clean(self) -> bool:
        """Whether the good ones lost nothing, none was asked early, and they kept 90 % of their pace."""
        return self.good_done == self.good_wanted and not self.early and self.beside_s <= self.alone_s / 0.9 + 4 * 2.0


def prove(
    hosts: int,
    pages: int,
    *,
    delay_s: float = 0.3,
    processes: int = 1,
    timeout_s: float = TIMEOUT_S,
    show: Progress = silence,
) -> Tarpits:
    """Crawl `pages` pages of each of `hosts` good hosts, without and with as many tarpits."""
    spans, early, done, caught, shortest = [], 0, 0, 0, 3600.0
    for tarpits in (0, hosts):

        def say(host: str, path: str, tarpits: int = tarpits) -> Iterator[bytes | float]:
            if int(host.split(".")[3]) > hosts and tarpits:
                yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
                for _ in range(600):
                    yield b"<"
                    yield 1.0
            elif path == "/robots.txt":
                yield NOT_FOUND
            else:
                yield page(f"<html><body><h1>Page {path} of {host}</h1></body></html>".encode())

        with RawSite(say) as site, tempfile.TemporaryDirectory() as folder:
            wanted = [f"{site.home(n)}/{p}" for n in range(hosts + tarpits) for p in range(pages)]
            wanted = wanted[hosts * pages :] + wanted[: hosts * pages]  # tarpits first: the worst order
            result = crawl_of(
                Path(folder) / "w",
                wanted,
                delay_s=delay_s,
                timeout_s=timeout_s,
                processes=processes,
                watch=partial(_show, show, site.asked, len(wanted), f"{tarpits} tarpits"),
            )
            good = {site.home(n).removeprefix("http://").partition(":")[0] for n in range(hosts)}
            times = [at for at, host, _ in site.asked if host in good]
            spans.append(max(times) - min(at for at, _, _ in site.asked))
            gaps = _gaps(site.asked)
            shortest = min([shortest, *gaps])
            early += sum(1 for gap in gaps if gap < delay_s - SLACK_S)
            if tarpits:
                caught = len({host for _, host, _ in site.asked} - good)
                done = sum(
                    1
                    for url, what in result.reasons.items()
                    if what == "done" and url.split("/")[2].split(":")[0] in good and not url.endswith("/robots.txt")
                )
    return Tarpits(
        hosts=hosts,
        alone_s=round(spans[0], 2),
        beside_s=round(spans[1], 2),
        good_done=done,
        good_wanted=hosts * pages,
        early=early,
        shortest_s=round(shortest, 3),
        caught=caught,
    )


def _show(show: Progress, asked: Sequence[object], total: int, what: str) -> None:
    show(min(len(asked), total), total, what)


def _gaps(asked: Sequence[tuple[float, str, str]]) -> list[float]:
    by_host: dict[str, list[float]] = defaultdict(list)
    for at, host, _ in asked:
        by_host[host].append(at)
    return [other - one for times in by_host.values() for one, other in pairwise(sorted(times))]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the proof; 0 when every promise held."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.tarpits", description=__doc__)
    parser.add_argument("hosts", type=int, nargs="?", default=50)
    parser.add_argument("--pages", type=int, default=5)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--delay", type=float, default=0.3)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    with progress("tarpits", asked.json) as show:
        found = prove(asked.hosts, asked.pages, delay_s=asked.delay, processes=asked.processes, show=show)
    sys.stdout.write(told(found, found.clean, as_json=asked.json))
    return 0 if found.clean else 1


if __name__ == "__main__":
    sys.exit(main())

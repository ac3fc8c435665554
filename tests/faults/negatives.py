"""
Reads pages that offer nothing and counts what is made of them: documentation as it is installed on this machine.

    python -m tests.faults.negatives 400 [--roots DIR ...] [--seed N] [--json]

Nobody here wrote these pages and none stands in the repository; a few of each folder are drawn, so that one manual
does not stand for all. A listing, a film or a torrent read on one of them is invented. So is a list of offers.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from config.families import generic_platform
from crawler.extract.page import Page, read_page
from store.records.listings import PageKind

SEEN_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
A_FOLDER = 2
"""Pages drawn of one folder: those of one manual are alike."""

LARGEST_BYTES = 1_000_000
LEAST_BYTES = 1_500  # shorter ones are frames and redirects
OFFERS = (
    PageKind.LISTING, PageKind.RESULTS, PageKind.STREAM, PageKind.TORRENT, PageKind.TORRENT_RESULTS, PageKind.SELLER,
)  # fmt: skip


@dataclass
class Counted:
    """What reading pages that offer nothing came to."""

    seed: int
    asked: int
    pages: int = 0
    folders: int = 0
    invented: list[str] = field(default_factory=list)  # file, kind and reason of each page taken for an offer
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def clean(self) -> bool:
        """No page was taken for an offer, and as many were read as were asked for."""
        return not self.invented and self.pages >= self.asked


def default_roots() -> list[Path]:
    """Where documentation is installed: beside the packages in use, of the system, of toolchains."""
    home = Path.home()
    named = (
        sysconfig.get_paths()["purelib"],
        "/usr/share",
        "/usr/lib",
        "/usr/local",
        home / ".rustup",
        home / ".cargo",
    )
    return [root for each in named if (root := Path(each)).is_dir()]


def pages_below(roots: Sequence[Path], seed: int) -> Iterator[Path]:
    """HTML files below these folders, at most `A_FOLDER` of each, folders in an order drawn from the seed."""
    folders: dict[str, list[Path]] = {}
    for root in roots:
        for folder, _, files in os.walk(root):
            found = sorted(name for name in files if name.endswith((".html", ".htm")))
            if found:
                folders[folder] = [Path(folder) / name for name in found]
    chance = random.Random(seed)
    for folder in chance.sample(sorted(folders), len(folders)):
        fit = [file for file in folders[folder][:500] if LEAST_BYTES <= file.stat().st_size <= LARGEST_BYTES]
        yield from chance.sample(fit, min(A_FOLDER, len(fit)))


def count(roots: Sequence[Path], pages: int, seed: int) -> Counted:
    """Read so many pages."""
    counted = Counted(seed=seed, asked=pages)
    folders: set[Path] = set()
    for file in pages_below(roots, seed):
        if counted.pages >= pages:
            break
        url = f"https://docs.example/{file.parent.name}/{file.name}"
        page = Page(url=url, status=None, headers=(), body=file.read_bytes(), fetched_at=SEEN_AT)
        reading = read_page(page, generic_platform(url))
        counted.pages += 1
        folders.add(file.parent)
        counted.kinds[reading.kind.value] += 1
        if reading.kind in OFFERS:
            counted.invented.append(f"{file}: {reading.kind.value}, {reading.because}"[:300])
    counted.folders = len(folders)
    return counted


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what came of it; exit 0 when nothing was invented on as many pages as were asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.negatives")
    parser.add_argument("pages", type=int, nargs="?", default=400)
    parser.add_argument("--roots", type=Path, nargs="+")
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    start = time.monotonic()
    counted = count(asked.roots or default_roots(), asked.pages, asked.seed)
    summary = {"name": "negatives", **asdict(counted), "seconds": round(time.monotonic() - start, 1)}
    if asked.json:
        text = json.dumps(summary)
    else:
        text = "\n".join(f"{name:10} {value}" for name, value in summary.items())
        text += "\nnothing was invented" if counted.clean else "\nTOO FEW PAGES, OR AN OFFER WAS INVENTED"
    sys.stdout.write(text + "\n")
    return 0 if counted.clean else 1


if __name__ == "__main__":
    sys.exit(main())

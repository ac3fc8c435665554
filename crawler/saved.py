"""What was saved, as a replay begins with it: the index of a folder, the seeds of an earlier run."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlsplit

from crawler.errors import BadReplay
from crawler.plan import make_fetch
from crawler.urls import is_fetchable
from store.records.fetches import Fetch, FetchKind, FetchState

INDEX = "index.csv"
UNKNOWN = "https://unknown.invalid/"  # where a page stands whose address nobody kept; RFC 2606 keeps the name free
_FROM_CAPTURE = frozenset({"for", "capture", "sha256", "read_as", "look", "moved_to", "led_to", "cards", "cut"})


def read_index(folder: Path) -> Iterator[tuple[str, str]]:
    """File and URL of every row of a replay folder's index; other columns are ignored. Raises `BadReplay`."""
    path = folder / INDEX
    try:
        file = path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise BadReplay(folder, f"{INDEX} cannot be read ({error.strerror})") from error
    with file:
        rows = csv.DictReader(file)
        missing = {"file", "url"} - set(rows.fieldnames or ())
        if missing:
            raise BadReplay(folder, f"{INDEX} has no column {', '.join(sorted(missing))}")
        for number, row in enumerate(rows, 2):
            if not row["file"]:
                raise BadReplay(folder, f"{INDEX} line {number} names no file")
            yield row["file"], row["url"] or f"{UNKNOWN}{quote(row['file'])}"


def folder_seeds(folder: Path, *, only: set[str] | None = None) -> list[Fetch]:
    """
    A fetch for every page of the index, to be read as whatever it is.

    `only` narrows it to these hosts, as `name_host` names them. Raises `BadReplay` for a URL that can't be one.
    """
    found: dict[str, Fetch] = {}
    for file, url in read_index(folder):
        if not is_fetchable(url):
            raise BadReplay(folder, f"{INDEX} gives {file} the URL {url[:200]!r}, which is none of http or https")
        if only is None or name_host(url) in only:
            fetch = make_fetch("", url, FetchKind.LISTING, context={"any": "yes"})
            found.setdefault(fetch.fingerprint, fetch)
    return list(found.values())


def run_seeds(seeds: Iterable[Fetch]) -> list[Fetch]:
    """The pages an earlier run began with, as new ones."""
    return [
        replace(
            seed,
            state=FetchState.PENDING,
            attempts=0,
            not_before=None,
            reason=None,
            context={name: value for name, value in seed.context.items() if name not in _FROM_CAPTURE},
        )
        for seed in seeds
        if seed.kind is not FetchKind.CANARY
    ]


def name_host(url: str) -> str:
    """Host and port of a URL without `www.`: how a saved page is matched with its platform."""
    try:
        return urlsplit(url).netloc.lower().removeprefix("www.")
    except ValueError:
        return ""

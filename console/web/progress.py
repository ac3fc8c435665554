"""How far a run is and what it brought, as the pages that refresh by themselves draw it, while it runs and after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from config.platform import Platform
from reports.formats.plain import plain
from store.db import tables
from store.records.fetches import FetchKind, FetchState
from store.records.runs import Run, RunKind, RunState

LAST_SHOWN = 12  # pages, listings or comparisons: what a person can read between two refreshes
PAGES_SHOWN = 50  # of a run that has ended; an address further down shows the rest
LOOKS_WHILE_RUNNING = 400  # the latest, for the fill bars: counting them takes some 10 ms, every two seconds
LOOKS_AFTERWARDS = 5000
CUTS_READ = 5000  # result pages looked through for links that were cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A run and how much of it is done."""

    run: Run
    done: int = 0
    failed: int = 0
    left: int = 0

    @property
    def total(self) -> int:
        """Everything known so far; for a crawl it grows while links are found."""
        return self.done + self.failed + self.left

    @property
    def is_running(self) -> bool:
        """Whether more is to come."""
        return self.run.state is RunState.RUNNING

    @property
    def unit(self) -> str:
        """What is counted: pages, looks, or nothing that is known beforehand."""
        match self.run.kind:
            case RunKind.CRAWL | RunKind.REPLAY | RunKind.TIP | RunKind.RECHECK:
                return "pages"
            case RunKind.MATCH:
                return "looks"
            case RunKind.IMPORT | RunKind.SITE | RunKind.REGISTER | RunKind.CASES | RunKind.NOTICES:
                return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page as it came in."""

    capture: str
    url: str
    status: int | None
    at: datetime
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A listing as it was read or compared."""

    listing: str
    title: str
    at: datetime
    finding: str | None = None
    band: str | None = None  # of the finding as it stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """How often a field was read in a run."""

    field: str
    share: float
    aim: float | None  # what the platform's file expects

    @property
    def is_short(self) -> bool:
        """Whether it is under what was expected."""
        return self.aim is not None and self.share < self.aim


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Something the run left out, and how much of it. `kind` is a word of ours, `name` one of the run's."""

    kind: str  # failed: fetches that failed for a reason; links: cut from pages; left: known and not fetched
    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run: how far it is, how well pages were read, what it left out, what came last."""

    progress: Progress
    looks: int  # that the fill bars were counted on
    is_part: bool  # whether these were only the latest
    fills: tuple[Fill, ...]
    by_kind: tuple[tuple[str, str, int], ...]  # kind of page, state, how many
    by_status: tuple[tuple[str, int], ...]
    cuts: tuple[Cut, ...]
    limits: tuple[tuple[str, int], ...]  # what the platform's file allows one run, in force now
    pages: tuple[Page, ...]
    older: str | None  # the capture from which an address shows earlier pages; None: these are the first
    titles: tuple[Title, ...]

    @property
    def run(self) -> Run:
        """The run itself."""
        return self.progress.run


def progress_of(connection: Connection, run: Run) -> Progress:
    """How much of a run is done: pages of its frontier, or looks compared."""
    if run.kind is RunKind.MATCH:
        done, failed = run.counts.get("looks", 0), run.counts.get("failed", 0)
        left = run.counts.get("due", 0) - done - failed - run.counts.get("waiting", 0)
        return Progress(run=run, done=done, failed=failed, left=max(0, left))
    fetch = tables.fetch
    statement = select(fetch.c.state, func.count().label("n")).where(fetch.c.run == run.id).group_by(fetch.c.state)
    counts = {FetchState(row.state): int(row.n) for row in connection.execute(statement)}
    return Progress(
        run=run,
        done=counts.get(FetchState.DONE, 0),
        failed=counts.get(FetchState.FAILED, 0),
        left=counts.get(FetchState.PENDING, 0) + counts.get(FetchState.LEASED, 0),
    )


def view_run(connection: Connection, run: Run, platform: Platform | None, *, before: str = "") -> RunView:
    """
    The run as the ledger holds it now, its fill bars beside what the platform's file expects.

    Of its pages the latest are shown, or those fetched before the capture `before`.
    """
    progress = progress_of(connection, run)
    most_pages = LAST_SHOWN if progress.is_running else PAGES_SHOWN
    pages = _pages(connection, run, before, most_pages + 1)
    most = LOOKS_WHILE_RUNNING if progress.is_running else LOOKS_AFTERWARDS
    looks, fills = _fills(connection, run, dict(platform.expect.fill) if platform else {}, most)
    fetch, capture = tables.fetch, tables.capture
    kinds = (
        select(fetch.c.kind, fetch.c.state, func.count())
        .where(fetch.c.run == run.id)
        .group_by(fetch.c.kind, fetch.c.state)
        .order_by(fetch.c.kind, fetch.c.state)
    )
    status = (
        select(capture.c.status, func.count())
        .where(capture.c.run == run.id)
        .group_by(capture.c.status)
        .order_by(func.count().desc())
    )
    return RunView(
        progress=progress,
        looks=looks,
        is_part=looks == most,
        fills=fills,
        by_kind=tuple((str(kind), str(state), int(n)) for kind, state, n in connection.execute(kinds)),
        by_status=tuple((str(code or ""), int(n)) for code, n in connection.execute(status)),
        cuts=_cuts(connection, progress),
        limits=_limits(platform) if progress.unit == "pages" else (),
        pages=pages[:most_pages],
        older=pages[most_pages - 1].capture if len(pages) > most_pages and not progress.is_running else None,
        titles=_compared(connection, run) if run.kind is RunKind.MATCH else _read(connection, run),
    )


def _fills(connection: Connection, run: Run, expected: dict[str, float], most: int) -> tuple[int, tuple[Fill, ...]]:
    look = tables.observation
    filled: dict[str, int] = {}
    looks = 0
    latest = select(look.c.fields).where(look.c.run == run.id).order_by(look.c.id.desc()).limit(most)
    # Names of fields only: the values are not needed to count them.
    for fields in connection.execute(latest).scalars():
        looks += 1
        for name in fields:
            filled[name] = filled.get(name, 0) + 1
    if not looks:
        return 0, ()
    names = sorted({*filled, *expected}, key=lambda name: (name not in expected, -filled.get(name, 0), name))
    return looks, tuple(Fill(field=name, share=filled.get(name, 0) / looks, aim=expected.get(name)) for name in names)


def _cuts(connection: Connection, progress: Progress) -> tuple[Cut, ...]:
    fetch, run = tables.fetch, progress.run
    reasons = (
        select(fetch.c.reason, func.count())
        .where(fetch.c.run == run.id, fetch.c.reason.is_not(None), fetch.c.state == FetchState.FAILED.value)
        .group_by(fetch.c.reason)
        .order_by(func.count().desc())
    )
    found = [Cut(kind="failed", name=str(reason), count=int(n)) for reason, n in connection.execute(reasons)]
    if progress.unit == "pages":
        results = select(fetch.c.context).where(fetch.c.run == run.id, fetch.c.kind == FetchKind.RESULTS.value)
        rows = connection.execute(results.limit(CUTS_READ)).scalars()
        links = sum(int(context["cut"]) for context in rows if "cut" in context)
        if links:
            found.append(Cut(kind="links", name="", count=links))
        if progress.left and not progress.is_running:
            found.append(Cut(kind="left", name="", count=progress.left))
    found += [
        Cut(kind=name, name="", count=run.counts[name])
        for name in ("waiting", "photos_refused", "references_refused")
        if run.counts.get(name)
    ]
    return tuple(found)


def _limits(platform: Platform | None) -> tuple[tuple[str, int], ...]:
    if platform is None:
        return ()
    look = platform.look
    photos = look.max_photos if look.photos else 0
    return (
        ("pages", look.pages),
        ("max_fetches", look.max_fetches),
        ("max_links", look.max_links),
        ("max_photos", photos),
    )


def _pages(connection: Connection, run: Run, before: str, most: int) -> tuple[Page, ...]:
    capture = tables.capture
    newest = (
        select(capture.c.id, capture.c.url_final, capture.c.status, capture.c.fetched_at, capture.c.body_bytes)
        .where(capture.c.run == run.id, *([capture.c.id < before] if before else []))
        .order_by(capture.c.id.desc())
        .limit(most)
    )
    return tuple(
        Page(
            capture=row.id, url=plain(row.url_final), status=row.status, at=row.fetched_at, size_bytes=row.body_bytes
        )
        for row in connection.execute(newest)
    )


def _read(connection: Connection, run: Run) -> tuple[Title, ...]:
    """The listings that a crawl read last."""
    look = tables.observation
    newest = (
        select(look.c.listing, look.c.fields, look.c.observed_at)
        .where(look.c.run == run.id)
        .order_by(look.c.id.desc())
        .limit(LAST_SHOWN)
    )
    return tuple(
        Title(listing=row.listing, title=_title(row.fields), at=row.observed_at) for row in connection.execute(newest)
    )


def _compared(connection: Connection, run: Run) -> tuple[Title, ...]:
    """The listings that a match found something on last."""
    comparison, look, finding = tables.comparison, tables.observation, tables.finding
    newest = (
        select(
            comparison.c.listing,
            comparison.c.compared_at,
            look.c.fields,
            finding.c.id.label("finding"),
            finding.c.band,
        )
        .join(look, look.c.id == comparison.c.observation)
        .outerjoin(
            finding,
            (finding.c.listing == comparison.c.listing) & (finding.c.right == comparison.c.right),
        )
        .where(comparison.c.run == run.id)
        .order_by(comparison.c.id.desc())
        .limit(LAST_SHOWN)
    )
    return tuple(
        Title(listing=row.listing, title=_title(row.fields), at=row.compared_at, finding=row.finding, band=row.band)
        for row in connection.execute(newest)
    )


def _title(fields: Any) -> str:  # Any: a look's values as JSON
    title = fields.get("title") or {}
    return plain(str(title.get("value", "")), 200)

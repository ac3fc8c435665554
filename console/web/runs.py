"""Runs as they go: counts that refresh by themselves while anything runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection, func, select

from console.web.desk import Here, Visit, render
from console.web.errors import Missing
from console.web.today import links_of
from console.web.words import gettext as _
from store.db.runs import Runs
from store.db.tables import capture, fetch
from store.db.tables import run as run_table
from store.records.fetches import FetchState
from store.records.runs import Run, RunState
from store.records.scope import EVERYTHING

router = APIRouter(include_in_schema=False)

LATEST = 60  # a screen or two: two weeks of four platforms a day
LAST_PAGES = 12  # what a person can read between two refreshes


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page as it came in."""

    url: str
    status: int | None
    at: datetime
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A run with what its frontier holds now."""

    run: Run
    done: int = 0
    failed: int = 0
    left: int = 0
    pages: tuple[Page, ...] = ()
    latest_at: datetime | None = None

    @property
    def total(self) -> int:
        """Everything known so far; it grows while links are found."""
        return self.done + self.failed + self.left

    @property
    def is_running(self) -> bool:
        """Whether more is to come."""
        return self.run.state is RunState.RUNNING


def progress_of(connection: Connection, run: Run, *, with_pages: bool = False) -> Progress:
    """A run's frontier in numbers; its latest pages as well, if asked."""
    statement = select(fetch.c.state, func.count().label("n")).where(fetch.c.run == run.id).group_by(fetch.c.state)
    counts = {FetchState(row.state): int(row.n) for row in connection.execute(statement)}
    pages: tuple[Page, ...] = ()
    if with_pages:
        newest = (
            select(capture.c.url_final, capture.c.status, capture.c.fetched_at, capture.c.body_bytes)
            .where(capture.c.run == run.id)
            .order_by(capture.c.id.desc())
            .limit(LAST_PAGES)
        )
        pages = tuple(
            Page(url=row.url_final, status=row.status, at=row.fetched_at, size_bytes=row.body_bytes)
            for row in connection.execute(newest)
        )
    return Progress(
        run=run,
        done=counts.get(FetchState.DONE, 0),
        failed=counts.get(FetchState.FAILED, 0),
        left=counts.get(FetchState.PENDING, 0) + counts.get(FetchState.LEASED, 0),
        pages=pages,
        latest_at=pages[0].at if pages else None,
    )


def _check_sees_runs(here: Visit) -> None:
    # A run spans holders: its counts tell one of them what is sought for the others.
    if here.scope.holder is not None:
        raise Missing(_("There is nothing here, or nothing you may see."))


def _latest(here: Visit) -> list[Progress]:
    _check_sees_runs(here)
    with here.read() as connection:
        rows = connection.execute(select(run_table.c.id).order_by(run_table.c.id.desc()).limit(LATEST)).scalars()
        runs = [run for id in rows if (run := Runs(connection, EVERYTHING).get(id)) is not None]
        return [progress_of(connection, run) if run.state is RunState.RUNNING else Progress(run=run) for run in runs]


@router.get("/runs")
def list_runs(request: Request, here: Here) -> Response:
    """The latest runs of every stage."""
    return render(request, "runs.html", runs=_latest(here), link=links_of(here))


@router.get("/live/runs")
def live_runs(request: Request, here: Here) -> Response:
    """The same list, as the page fetches it while something runs."""
    return render(request, "runs_live.html", runs=_latest(here), link=links_of(here))


@router.get("/live/runs/{id}")
def live_run(request: Request, here: Here, id: str) -> Response:
    """One run's counts and latest pages; a piece that other pages take in."""
    _check_sees_runs(here)
    with here.read() as connection:
        run = Runs(connection, EVERYTHING).get(id)
        if run is None:
            raise Missing(_("There is no such run."))
        progress = progress_of(connection, run, with_pages=True)
    return render(request, "run_live.html", progress=progress)

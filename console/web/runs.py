"""Runs as they go: counts that refresh by themselves while anything runs, and one run with everything it brought."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from sqlalchemy import Select, func, select
from starlette.datastructures import QueryParams

from console.web.desk import Here, Visit, render
from console.web.errors import Missing
from console.web.facets import Narrowing, narrowing
from console.web.progress import Progress, RunView, progress_of, view_run
from console.web.review import lists
from console.web.review.labels import label, tone
from console.web.review.seeing import sees_runs
from console.web.today import links_of
from console.web.words import gettext as _
from store.db.rows import record_of
from store.db.runs import Runs
from store.db.tables import run as run_table
from store.records.runs import Run, RunState
from store.records.scope import EVERYTHING

router = APIRouter(include_in_schema=False)

RUN_HEADS = ("run", "kind", "platform", "state", "started_at", "ended_at", "counts", "alarms")
NARROWED_BY = ("kind", "platform", "state")
LATEST = 60  # a screen or two: two weeks of four platforms a day


def _check_sees_runs(here: Visit) -> None:
    # A run spans holders: its counts tell one of them what is sought for the others.
    if not sees_runs(here.scope):
        raise Missing(_("There is nothing here, or nothing you may see."))


def narrowed(statement: Select[Any], asked: QueryParams) -> Select[Any]:  # Any: columns of each query
    """The statement over runs, narrowed by what stands in the address."""
    for name in NARROWED_BY:
        if value := asked.get(name):
            statement = statement.where(run_table.c[name] == value)
    return statement


def _latest(request: Request, here: Visit) -> list[Progress]:
    _check_sees_runs(here)
    statement = narrowed(select(run_table.c.id), request.query_params)
    with here.read() as connection:
        rows = connection.execute(statement.order_by(run_table.c.id.desc()).limit(LATEST)).scalars()
        runs = [run for id in rows if (run := Runs(connection, EVERYTHING).get(id)) is not None]
        return [progress_of(connection, run) if run.state is RunState.RUNNING else Progress(run=run) for run in runs]


def _one(here: Visit, id: str, before: str = "") -> RunView:
    _check_sees_runs(here)
    with here.read() as connection:
        run = Runs(connection, EVERYTHING).get(id)
        if run is None:
            raise Missing(_("There is no such run."))
        platform = here.desk.workspace.declarations.platforms.get(run.platform or "")
        return view_run(connection, run, platform, before=before)


def _asked(request: Request) -> str:
    return urlencode({name: value for name, value in _chosen(request).items() if value})


def _chosen(request: Request) -> dict[str, str]:
    return {name: request.query_params.get(name, "") for name in NARROWED_BY}


def _ways(request: Request, here: Visit) -> Narrowing:
    columns = [run_table.c[name] for name in NARROWED_BY]
    counted = select(*columns, func.count()).group_by(*columns)
    with here.read() as connection:
        groups = [(tuple(value or "" for value in row[:-1]), int(row[-1])) for row in connection.execute(counted)]
    kinds = {"kind": "run_kind", "state": "state"}
    return narrowing(
        groups, _chosen(request), lambda name, value: label(kinds[name], value) if name in kinds else value
    )


@router.get("/runs")
def list_runs(request: Request, here: Here) -> Response:
    """The latest runs of every stage."""
    return render(
        request,
        "runs.html",
        runs=_latest(request, here),
        asked=_asked(request),
        narrowing=_ways(request, here),
        label=label,
        link=links_of(here),
        start=_start(request, here),
    )


@router.get("/runs.json")
def runs_json(request: Request, here: Here) -> Response:
    """Runs as JSON."""
    found, following = _runs(request, here, lists.MOST_ROWS, ".json")
    return lists.as_json("runs", map(_run_cells, found), following=following)


@router.get("/runs.csv")
def runs_csv(request: Request, here: Here) -> Response:
    """Runs as a table."""
    found, following = _runs(request, here, lists.MOST_ROWS, ".csv")
    return lists.as_csv("runs", RUN_HEADS, map(_run_cells, found), following=following)


@router.get("/live/runs")
def live_runs(request: Request, here: Here) -> Response:
    """The same list, as the page fetches it while something runs."""
    return render(request, "runs_live.html", runs=_latest(request, here), asked=_asked(request), link=links_of(here))


@router.get("/runs/{run}")
def one_run(request: Request, here: Here, run: str) -> Response:
    """One run: what it did, how well it read, what it left out."""
    view = _one(here, run, request.query_params.get("before", ""))
    return render(request, "run.html", view=view, label=label, tone=tone)


@router.get("/live/runs/{id}")
def live_run(request: Request, here: Here, id: str) -> Response:
    """The same, as the page fetches it while the run goes on."""
    return render(request, "run_live.html", view=_one(here, id), label=label, tone=tone)


def _start(request: Request, here: Visit) -> tuple[str, ...]:
    """Commands that start something to watch, as `marque serve --exercise` handed them over; none without it."""
    commands: tuple[str, ...] = getattr(request.app.state, "start", ())
    return commands if sees_runs(here.scope) else ()


def _runs(request: Request, here: Visit, limit: int, suffix: str = "") -> tuple[list[Run], str | None]:
    _check_sees_runs(here)
    table = run_table
    statement = narrowed(select(table), request.query_params)
    if after := request.query_params.get("after"):
        statement = statement.where(table.c.id < after)
    with here.read() as connection:
        rows = connection.execute(statement.order_by(table.c.id.desc()).limit(limit + 1)).all()
    found = [record_of(Run, row) for row in rows[:limit]]
    if len(rows) <= limit:
        return found, None
    return found, lists.address_of(f"/runs{suffix}", {**_chosen(request), "after": found[-1].id})


def _run_cells(run: Run) -> dict[str, Any]:  # Any: JSON values
    return {
        "run": run.id,
        "kind": run.kind.value,
        "platform": run.platform,
        "state": run.state.value,
        "started_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "counts": [f"{name}={count}" for name, count in run.counts.items()],
        "alarms": list(run.alarms),
    }

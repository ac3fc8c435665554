"""Schedules: when platforms are crawled, entered, paused, taken up again and taken out. They belong to the unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from config.errors import DeclarationError
from console.web.api.paging import After, Limit, answer_page, page_of
from console.web.api.problems import KEY, RESPONSES
from console.web.api.repeating import IdempotencyKey, once
from console.web.api.shapes import ScheduleIn, SchedulesPart
from console.web.desk import Here, Visit
from console.web.errors import Missing, Unprocessable
from console.web.review.seeing import sees_everything
from crawler import schedules as ledger
from crawler.errors import BadSchedule
from store.db.schedules import Schedules
from store.records import codec
from store.records.schedules import Event, Schedule, Season

router = APIRouter(prefix="/api/v1", responses=RESPONSES, dependencies=[KEY], tags=["schedules"])

Id = Annotated[str, Path(max_length=36)]


def _is_units(here: Visit) -> bool:
    return sees_everything(here.scope) and here.person.platform is None


@router.get("/schedules", response_model=SchedulesPart)
def schedules(request: Request, here: Here, after: After = "", limit: Limit = 50) -> Response:
    """When platforms are crawled. A narrowed key sees none."""
    with here.read() as connection:
        repository = Schedules(connection, here.scope)
        where = [] if _is_units(here) else [repository.table.c.id == ""]
        found, following = page_of(repository, *where, after=after, limit=limit)
    return answer_page(request, found, following)


@router.post("/schedules", response_model=Schedule, status_code=201)
def enter(request: Request, here: Here, body: ScheduleIn, idempotency_key: IdempotencyKey) -> Response:
    """Crawl a platform by the clock, from its next time on; the same rhythm again is the schedule that stands."""
    if not _is_units(here):
        raise Missing("schedules belong to the unit: this key is narrowed")

    def do() -> Schedule:
        here.desk.workspace.declarations.platform(body.platform)
        schedule = Schedule(
            id=here.desk.ids(),
            platform=body.platform,
            cron=body.cron,
            zone=body.zone,
            terms=tuple(body.terms),
            seasons=tuple(Season(**each.model_dump()) for each in body.seasons),
            events=tuple(Event(**each.model_dump()) for each in body.events),
            priority=body.priority,
            entered_by=here.by,
            entered_at=here.desk.clock(),
            due_at=None,
        )
        return ledger.enter(here.desk.workspace.database, schedule, ids=here.desk.ids)

    return _once(request, here, idempotency_key, body.model_dump(mode="json"), do, status=201)


@router.post("/schedules/{schedule}/pause", response_model=Schedule)
def pause(request: Request, here: Here, schedule: Id, idempotency_key: IdempotencyKey) -> Response:
    """Pause a schedule; a crawl under way goes on."""
    return _switch(request, here, schedule, idempotency_key, on=False)


@router.post("/schedules/{schedule}/resume", response_model=Schedule)
def resume(request: Request, here: Here, schedule: Id, idempotency_key: IdempotencyKey) -> Response:
    """Take a paused schedule up again, from its next time on."""
    return _switch(request, here, schedule, idempotency_key, on=True)


@router.delete("/schedules/{schedule}", response_model=Schedule)
def remove(request: Request, here: Here, schedule: Id, idempotency_key: IdempotencyKey) -> Response:
    """Take a schedule out; the audit trail keeps that it was there."""

    def do() -> Schedule:
        _known(here, schedule)
        desk = here.desk
        return ledger.remove(desk.workspace.database, schedule, by=here.by, clock=desk.clock, ids=desk.ids)

    return _once(request, here, idempotency_key, {}, do)


def _switch(request: Request, here: Visit, schedule: str, key: str, *, on: bool) -> Response:
    def do() -> Schedule:
        _known(here, schedule)
        desk = here.desk
        return ledger.switch(desk.workspace.database, schedule, on=on, by=here.by, clock=desk.clock, ids=desk.ids)

    return _once(request, here, key, {}, do)


def _known(here: Visit, id: str) -> None:
    with here.read() as connection:
        found = Schedules(connection, here.scope).get(id)
    if found is None or not _is_units(here):
        raise Missing("no such schedule in sight")


def _once(
    request: Request, here: Visit, key: str, body: dict[str, Any], do: Callable[[], Schedule], *, status: int = 200
) -> Response:  # Any: JSON values
    def told() -> tuple[int, dict[str, Any]]:
        try:
            return status, codec.to_json(do())
        except (BadSchedule, DeclarationError) as error:
            raise Unprocessable(str(error)) from error

    return once(here, request, key, body, told)

"""The room where crawls are planned and watched over: one page, and its platforms as a table and as JSON."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from console.access import may
from console.web.crawls.room import PlatformLine, Room, standing_of, view_room
from console.web.desk import Here, Visit, render
from console.web.notices.acts import current
from console.web.review import lists
from console.web.review.labels import label, tone

router = APIRouter(include_in_schema=False)

HEADS = (
    "platform",
    "kind",
    "reached_by",
    "supported",
    "missing",
    "hours",
    "delay_s",
    "queries",
    "result_pages",
    "fetches",
    "plan_hours",
    "cut",
    "schedules",
    "last_run",
    "last_state",
    "last_at",
    "unwell_in_a_row",
    "last_healthy_run",
)


@router.get("/crawls")
def crawls(request: Request, here: Here) -> Response:
    """Plans, calendar, health, robots, permissions."""
    now = here.desk.clock()
    return render(
        request,
        "crawls/room.html",
        room=_room(here),
        now=now,
        may_change=_may(here, "/crawls/schedules"),
        may_approve=_may(here, "/crawls/permissions/{permission}/{act}"),
        standing=lambda authority: standing_of(authority, now),
        label=label,
        tone=tone,
    )


@router.get("/crawls.json")
def crawls_json(here: Here) -> Response:
    """The platforms as JSON."""
    return lists.as_json("platforms", _lines(here), following=None)


@router.get("/crawls.csv")
def crawls_csv(here: Here) -> Response:
    """The platforms as a table."""
    return lists.as_csv("crawls", HEADS, _lines(here), following=None)


def _may(here: Visit, path: str) -> bool:
    access = here.desk.table.access_to("POST", path)
    return access is not None and may(here.account, access)


def _room(here: Visit) -> Room | None:
    with here.read() as connection:
        return view_room(connection, current(here), here.scope, here.desk.clock())


def _lines(here: Visit) -> list[dict[str, Any]]:  # Any: JSON values
    room = _room(here)
    return [_cells(line) for line in room.platforms] if room else []


def _cells(line: PlatformLine) -> dict[str, Any]:  # Any: JSON values
    plan, last = line.plan, line.latest[-1] if line.latest else None
    return {
        "platform": line.platform.name,
        "kind": line.platform.kind.value,
        "reached_by": line.reach["reached_by"],
        "supported": line.reach["supported"],
        "missing": line.reach["missing"],
        "hours": str(line.platform.manners.hours),
        "delay_s": line.platform.manners.delay_s,
        "queries": len(plan.queries) if plan else None,
        "result_pages": plan.result_pages if plan else None,
        "fetches": plan.fetches if plan else None,
        "plan_hours": plan.hours if plan else None,
        "cut": list(plan.cut) if plan else [],
        "schedules": line.schedules,
        "last_run": last.id if last else None,
        "last_state": last.state.value if last else None,
        "last_at": last.started_at.isoformat() if last else None,
        "unwell_in_a_row": line.unwell_in_a_row,
        "last_healthy_run": line.reach["last_healthy_run"],
    }

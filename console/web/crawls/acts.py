"""What the room's buttons do: schedules, permissions past robots.txt and opt-outs, as the command line does them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Response

from config.errors import DeclarationError
from console.scheduling import read_event, read_season
from console.web.desk import Here, Visit, go
from console.web.errors import Missing, Unprocessable
from console.web.notices.acts import current
from console.web.review.seeing import sees_runs
from console.web.words import gettext as _
from crawler import authority, opt_outs, schedules
from crawler.errors import BadAuthority, BadOptOut, BadSchedule
from store.db.authorities import Authorities
from store.db.schedules import Schedules
from store.records.authorities import Authority
from store.records.schedules import Schedule

router = APIRouter(include_in_schema=False)

Line = Annotated[str, Form(max_length=300)]
Lines = Annotated[str, Form(max_length=5000)]
Id = Annotated[str, Path(max_length=36)]
MOST_LINES = 20  # seasons or events of one schedule
MOST_PREFIXES = 50  # chosen: hosts and addresses of one written permission


@router.post("/crawls/schedules")
def add_schedule(
    here: Here,
    platform: Line,
    cron: Line,
    zone: Line = "UTC",
    terms: Lines = "",
    seasons: Lines = "",
    events: Lines = "",
    priority: Annotated[int, Form(ge=-100, le=100)] = 0,
) -> Response:
    """Crawl a platform by the clock, from its next time on; the same again changes nothing."""
    _units_own(here)
    zone = zone.strip() or "UTC"

    def do() -> None:
        current(here).declarations.platform(platform)
        schedule = Schedule(
            id=here.desk.ids(),
            platform=platform,
            cron=cron.strip(),
            zone=zone,
            terms=tuple(_lines(terms, 100)),
            seasons=tuple(read_season(platform, each) for each in _lines(seasons, MOST_LINES)),
            events=tuple(read_event(platform, each, zone) for each in _lines(events, MOST_LINES)),
            priority=priority,
            entered_by=here.by,
            entered_at=here.desk.clock(),
            due_at=None,
        )
        schedules.enter(here.desk.workspace.database, schedule, ids=here.desk.ids)

    return _done(do, "#calendar")


@router.post("/crawls/schedules/{schedule}/{act}")
def change_schedule(here: Here, schedule: Id, act: Annotated[str, Path(max_length=10)]) -> Response:
    """Pause a schedule, take it up again, or take it out; a crawl under way goes on."""
    _units_own(here)
    with here.read() as connection:
        known = Schedules(connection, here.scope).get(schedule)
    if known is None or act not in ("pause", "resume", "remove"):
        raise Missing(_("There is no such schedule, or none you may see."))
    more: dict[str, Any] = {
        "by": here.by,
        "clock": here.desk.clock,
        "ids": here.desk.ids,
    }  # Any: of each its own type
    database = here.desk.workspace.database

    def do() -> None:
        if act == "remove":
            schedules.remove(database, schedule, **more)
        else:
            schedules.switch(database, schedule, on=act == "resume", **more)

    return _done(do, "#calendar")


@router.post("/crawls/permissions")
def add_permission(
    here: Here, case_number: Line, legal_basis: Line, issuer: Line, scope: Lines, begins: Line, ends: Line
) -> Response:
    """Write down a permission past robots.txt, whole days of UTC; nothing opens until somebody else approves."""
    _units_own(here)
    granted = Authority(
        id=here.desk.ids(),
        case_number=case_number.strip(),
        legal_basis=legal_basis.strip(),
        issuer=issuer.strip(),
        scope=tuple(_lines(scope, MOST_PREFIXES)),
        not_before=_midnight(begins),
        expires_at=_midnight(ends, days=1),
        entered_by=here.by,
        entered_at=here.desk.clock(),
    )
    database, ids = here.desk.workspace.database, here.desk.ids
    return _done(lambda: authority.enter(database, granted, ids=ids), "#permissions")


@router.post("/crawls/permissions/{permission}/{act}")
def decide_permission(here: Here, permission: Id, act: Annotated[str, Path(max_length=10)]) -> Response:
    """The second person's yes to a permission past robots.txt, or its end now."""
    _units_own(here)
    with here.read() as connection:
        known = Authorities(connection, here.scope).get(permission)
    if known is None or act not in ("approve", "revoke"):
        raise Missing(_("There is no such permission, or none you may see."))
    decide = authority.approve if act == "approve" else authority.revoke
    database, desk = here.desk.workspace.database, here.desk
    return _done(lambda: decide(database, permission, by=here.by, clock=desk.clock, ids=desk.ids), "#permissions")


@router.post("/crawls/opt-outs")
def add_opt_out(here: Here, prefix: Line, reason: Line) -> Response:
    """Never fetch a host, or what stands under an address; crawls under way heed it within a minute."""
    _units_own(here)
    if not reason.strip():
        raise Unprocessable(_("Say why: whoever looks at this later has to know."))
    database, desk = here.desk.workspace.database, here.desk
    said = {"reason": reason.strip(), "by": here.by}
    return _done(
        lambda: opt_outs.opt_out(database, prefix.strip(), clock=desk.clock, ids=desk.ids, **said), "#permissions"
    )


@router.post("/crawls/opt-outs/end")
def end_opt_out(here: Here, prefix: Line) -> Response:
    """Take an opt-out back: what it kept from being fetched may be asked for again."""
    _units_own(here)
    database, desk = here.desk.workspace.database, here.desk
    return _done(
        lambda: opt_outs.opt_in(database, prefix, by=here.by, clock=desk.clock, ids=desk.ids), "#permissions"
    )


def _units_own(here: Visit) -> None:
    """Crawls belong to the unit."""
    if not sees_runs(here.scope):
        raise Missing(_("Crawls belong to the unit."))


def _lines(text: str, most: int) -> list[str]:
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if len(found) > most:
        raise Unprocessable(_("Those are more lines than may stand here."))
    return found


def _midnight(day: str, *, days: int = 0) -> datetime:
    """When a day begins, or the one so many `days` after it."""
    try:
        return datetime.combine(date.fromisoformat(day.strip()) + timedelta(days=days), time(), UTC)
    except (ValueError, OverflowError) as error:
        raise Unprocessable(_("A day is written like 2026-03-31.")) from error


def _done(do: Callable[[], object], part: str) -> Response:
    try:
        do()
    except (BadSchedule, BadAuthority, BadOptOut, DeclarationError) as error:
        raise Unprocessable(str(error)) from error
    response = go("/crawls")
    response.headers["location"] = f"/crawls{part}"
    return response

"""The clocks of notices: the list with what comes next, a step taken, and the feed that a calendar subscribes to."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from config.instrument_form import load_forms
from config.profile import Profile
from console.access import scope_of
from console.clocks import HEADS, ClockLine, calendar_of, clock_lines
from console.web.desk import Desk, Here, Visit, go
from console.web.errors import Missing
from console.web.notices import acts
from console.web.notices.pages_notices import can, show
from console.web.review import lists
from console.web.words import gettext as _
from reports.answers.codes import read_answer_key
from reports.clocks.keeping import take_step
from store.db import tables
from store.db.accounts import Accounts
from store.db.deadlines import Deadlines
from store.records.accounts import Account
from store.records.scope import EVERYTHING

router = APIRouter(include_in_schema=False)

PAGE = 100
HOLDERS = ("sender", "recipient", "seller", "dispute_body")


@router.get("/deadlines")
def deadlines(request: Request, here: Here) -> Response:
    """What runs and what ran out, the nearest first."""
    lines, holder, following = _lines(request, here, PAGE, "/deadlines")
    return show(
        request,
        "deadlines.html",
        lines=lines,
        holder=holder,
        holders=HOLDERS,
        following=following,
        feed=feed_address(here.desk, here.person),
        may_step=can(here, "POST", "/deadlines/{deadline}/step"),
        now=here.desk.clock(),
    )


@router.get("/deadlines.json")
def deadlines_json(request: Request, here: Here) -> Response:
    """Clocks as JSON."""
    lines, _holder, following = _lines(request, here, lists.MOST_ROWS, "/deadlines.json")
    return lists.as_json("deadlines", (line.cells for line in lines), following=following)


@router.get("/deadlines.csv")
def deadlines_csv(request: Request, here: Here) -> Response:
    """Clocks as a table."""
    lines, _holder, following = _lines(request, here, lists.MOST_ROWS, "/deadlines.csv")
    return lists.as_csv("deadlines", HEADS, (line.cells for line in lines), following=following)


@router.post("/deadlines/{deadline}/step")
def step(here: Here, deadline: str, because: Annotated[str, Form(max_length=2000)] = "") -> Response:
    """The next step of the ladder was taken."""
    with here.read() as connection:
        found = Deadlines(connection, here.scope).get(deadline)
    if found is None:
        raise Missing(_("There is no such clock, or none you may see."))
    take_step(
        here.desk.workspace.database,
        acts.current(here).declarations,
        deadline,
        by=here.by,
        because=because,
        clock=here.desk.clock,
        ids=here.desk.ids,
        scope=here.scope,
    )
    return go("/deadlines")


@router.get("/calendar/{token}")
def calendar(request: Request, here: Here, token: str) -> Response:
    """
    The feed of one account, for a calendar that cannot sign in.

    The address is the key: it names the account and carries a code that ends with the account's password, so that a
    changed password shuts every address given out before, and a disabled account's is shut at once.
    """
    desk = here.desk
    id, _dot, code = token.removesuffix(".ics").partition(".")
    with here.read() as connection:
        account = Accounts(connection, EVERYTHING).get(id)
    if account is None or account.disabled_at is not None or not hmac.compare_digest(code, _code(desk, account)):
        raise Missing(_("There is no such calendar."))
    events = "events" in request.query_params
    with here.read() as connection:
        data = calendar_of(
            connection,
            _profiles(here),
            load_forms(desk.workspace.settings.instruments),
            now=desk.clock(),
            scope=scope_of(account),
            shape="event" if events else "todo",
        )
    headers = {"content-disposition": 'attachment; filename="marque.ics"'}
    return Response(data, media_type="text/calendar; charset=utf-8", headers=headers)


def feed_address(desk: Desk, account: Account) -> str:
    """The address of an account's own feed; whoever has it reads its clocks, so that it is shown to nobody else."""
    return f"{desk.origin}/calendar/{account.id}.{_code(desk, account)}.ics"


def _code(desk: Desk, account: Account) -> str:
    key = read_answer_key(desk.workspace.settings.keys)
    said = f"calendar feed of {account.id}: {account.password_hash}"
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()[:40]


def _profiles(here: Visit) -> Mapping[str, Profile]:
    return here.desk.workspace.declarations.profiles


def _lines(request: Request, here: Visit, limit: int, path: str) -> tuple[list[ClockLine], str, str | None]:
    asked = request.query_params
    holder = asked.get("holder", "")
    after = asked.get("after", "")
    where = [tables.deadline.c.holder == holder] if holder in HOLDERS else []
    if (moment := _moment(after)) is not None:
        where.append(tables.deadline.c.due_at >= moment)
    with here.read() as connection:
        found = clock_lines(
            connection,
            _profiles(here),
            now=here.desk.clock(),
            scope=here.scope,
            ended="all" in asked,
            where=where,
            limit=limit + 1,
        )
    if len(found) <= limit:
        return found, holder, None
    values: dict[str, str] = {"holder": holder, "after": found[limit].deadline.due_at.isoformat()}
    return found[:limit], holder, lists.address_of(path, values)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):  # the second where UTC's moment falls out of the calendar
        return None

"""Holds on notices: who of one's own placed which, until when; another unit's are seen by nobody whom they stop."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from console.web.desk import Here, Visit, go
from console.web.errors import Missing, Refused
from console.web.facets import Narrowing, narrow
from console.web.notices import acts
from console.web.notices.pages_notices import Words, can, show
from console.web.review import lists
from console.web.review.labels import label
from console.web.words import gettext as _
from reports.instruments.run import lift_hold, place_hold
from store.db.instruments import TakedownHolds
from store.db.rights import Rights
from store.records.instruments import HoldKind, TakedownHold

router = APIRouter(include_in_schema=False)

NARROWED_BY = ("kind", "state")
ASKED = ("platform", "item", "account", "domain", "right")
HEADS = (
    "id",
    "kind",
    "state",
    "unit",
    "platform",
    "item",
    "account",
    "domain",
    "right",
    "because",
    "placed_by",
    "placed_at",
    "until",
    "lifted_by",
    "lifted_at",
)
Field = Annotated[str, Form(max_length=300)]


@router.get("/holds")
def listed(request: Request, here: Here) -> Response:
    """Holds that the reader's own people placed, and the form for a new one."""
    return _page(request, here)


@router.get("/holds.json")
def listed_json(request: Request, here: Here) -> Response:
    """Holds as JSON."""
    return lists.as_json("holds", (_cells(each, here) for each in _narrowed(request, here)[0]), following=None)


@router.get("/holds.csv")
def listed_csv(request: Request, here: Here) -> Response:
    """Holds as a table."""
    rows = (_cells(each, here) for each in _narrowed(request, here)[0])
    return lists.as_csv("holds", HEADS, rows, following=None)


@router.post("/holds")
def place(
    request: Request,
    here: Here,
    kind: Annotated[str, Form(max_length=20)] = "",
    unit: Field = "",
    because: Words = "",
    platform: Field = "",
    item: Field = "",
    account: Field = "",
    domain: Field = "",
    right: Field = "",
    until: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Stop every notice about an item, an account, a domain or a right, whoever drafts it."""
    desk = here.desk
    try:
        hold = TakedownHold(
            id=desk.ids(),
            kind=_kind(kind),
            unit=" ".join(unit.split()) or here.by,
            because=because.strip(),
            placed_by=here.by,
            placed_at=desk.clock(),
            until=_end_of(until),
            platform=platform.strip() or None,
            platform_item_id=item.strip() or None,
            platform_seller_id=account.strip() or None,
            domain=domain.strip().casefold() or None,
            right=_right(here, right.strip()),
        )
        place_hold(desk.workspace.database, hold, clock=desk.clock, ids=desk.ids, scope=here.scope)
    except acts.REFUSALS as refused:
        return _page(request, here, 409, str(refused))
    return go("/holds")


@router.post("/holds/{hold}/lift")
def lift(here: Here, hold: str) -> Response:
    """End a hold of one's own people; again, it changes nothing."""
    with here.read() as connection:
        found = TakedownHolds(connection, here.scope).get(hold)
    if found is None:
        raise Missing(_("There is no such hold, or none you may see."))
    desk = here.desk
    lift_hold(desk.workspace.database, hold, by=here.by, clock=desk.clock, ids=desk.ids, scope=here.scope)
    return go("/holds")


def _page(request: Request, here: Visit, status: int = 200, refused: str = "") -> HTMLResponse:
    found, ways = _narrowed(request, here)
    now = here.desk.clock()
    return show(
        request,
        "holds.html",
        status,
        lines=[(each, _state(each, now)) for each in found],
        narrowing=ways,
        asked={name: request.query_params.get(name, "") for name in ASKED},
        may_place=can(here, "POST", "/holds"),
        may_lift=can(here, "POST", "/holds/{hold}/lift"),
        refused=refused,
    )


def _narrowed(request: Request, here: Visit) -> tuple[list[TakedownHold], Narrowing]:
    chosen = {name: request.query_params.get(name, "") for name in NARROWED_BY}
    now = here.desk.clock()
    with here.read() as connection:
        found = TakedownHolds(connection, here.scope).find()
    newest = sorted(found, key=lambda each: (each.placed_at, each.id), reverse=True)[: lists.MOST_ROWS]
    return narrow(
        newest,
        lambda each: (each.kind.value, _state(each, now)),
        chosen,
        lambda name, value: label("hold_kind" if name == "kind" else "hold_state", value),
    )


def _state(hold: TakedownHold, now: datetime) -> str:
    return "stands" if hold.stands(now) else "over"


def _cells(hold: TakedownHold, here: Visit) -> dict[str, Any]:  # Any: JSON values
    return {
        "id": hold.id,
        "kind": hold.kind.value,
        "state": _state(hold, here.desk.clock()),
        "unit": hold.unit,
        "platform": hold.platform,
        "item": hold.platform_item_id,
        "account": hold.platform_seller_id,
        "domain": hold.domain,
        "right": hold.right,
        "because": hold.because,
        "placed_by": hold.placed_by,
        "placed_at": hold.placed_at.isoformat(),
        "until": hold.until.isoformat() if hold.until else None,
        "lifted_by": hold.lifted_by,
        "lifted_at": hold.lifted_at.isoformat() if hold.lifted_at else None,
    }


def _kind(word: str) -> HoldKind:
    try:
        return HoldKind(word)
    except ValueError as error:
        raise Refused(_("Choose what the hold asks of everybody else.")) from error


def _end_of(text: str) -> datetime | None:
    """The end of that day; a hold without one stands until it is lifted."""
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
        return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise Refused(_("The day on which it ends is no day of the calendar.")) from error


def _right(here: Visit, id: str) -> str | None:
    if not id:
        return None
    with here.read() as connection:
        if Rights(connection, here.scope).get(id) is None:
            raise Refused(_("There is no such right, or none you may see."))
    return id

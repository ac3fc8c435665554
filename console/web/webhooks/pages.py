"""Who is told by webhook: made, paused, taken out; what was given up, and the button that sends it anew."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request, Response

from console.errors import NotFound, Unanswerable
from console.web.desk import Here, Visit, go, render
from console.web.errors import Missing, Unprocessable
from console.web.review import lists
from console.web.review.seeing import sees_everything
from console.web.words import gettext as _
from console.webhooks.subscribing import (
    list_messages,
    list_webhooks,
    make_webhook,
    pause_webhook,
    resume_webhook,
    revoke_webhook,
)
from console.webhooks.subscribing import replay as send_anew
from store.db.parties import Parties
from store.db.webhooks import Webhooks
from store.records.accounts import Role
from store.records.scope import EVERYTHING
from store.records.webhooks import MessageState, Webhook, WebhookEvent, WebhookMessage

router = APIRouter(include_in_schema=False)

SHOWN = 100  # messages on the page; JSON and CSV have a thousand
HEADS = ("message", "webhook", "event", "state", "attempts", "status", "because", "made_at", "next_at", "settled_at")
_ORDER = (MessageState.DEAD, MessageState.READY, MessageState.DELIVERED)

Line = tuple[WebhookMessage, Webhook]
Field = Annotated[str, Form(max_length=300)]
Address = Annotated[str, Form(max_length=2000)]
Id = Annotated[str, Path(max_length=36)]
ACTS = ("pause", "resume", "revoke")


@router.get("/webhooks")
def webhooks(request: Request, here: Here) -> Response:
    """Webhooks, and messages: what was given up first."""
    return _room(request, here)


def _room(request: Request, here: Visit, status: int = 200, *, message: str = "", secret: str = "") -> Response:
    found = _messages(here)
    is_units_own = sees_everything(here.scope)
    with here.read() as connection:
        parties = Parties(connection, here.scope).find()
    holders = {party.id: party.legal_name for party in sorted(parties, key=lambda each: each.legal_name.casefold())}
    return render(
        request,
        "webhooks/room.html",
        status,
        webhooks=list_webhooks(here.desk.workspace) if is_units_own else None,
        messages=found[:SHOWN],
        count=len(found),
        events=list(WebhookEvent),
        holders=holders,
        platforms=sorted(here.desk.workspace.declarations.platforms),
        may_change=is_units_own and not {Role.OFFICER, Role.ADMIN}.isdisjoint(here.person.roles),
        message=message,
        secret=secret,
    )


@router.post("/webhooks")
def add(
    request: Request,
    here: Here,
    name: Field,
    url: Address,
    events: Annotated[list[WebhookEvent] | None, Form()] = None,
    holder: Field = "",
    platform: Field = "",
    compartment: Field = "",
) -> Response:
    """Tell an address what happens from now on; its secret is shown on the answer, once."""
    _units_own(here)
    try:
        _made, secret = make_webhook(
            here.desk.workspace,
            name,
            url.strip(),
            events or [],
            holder=holder or None,
            platform=platform or None,
            compartment=compartment.strip() or None,
            by=here.by,
            clock=here.desk.clock,
            ids=here.desk.ids,
        )
    except (Unanswerable, NotFound) as error:
        return _room(request, here, 422, message=str(error))
    return _room(request, here, secret=secret)


@router.post("/webhooks/addresses/{webhook}/{act}")
def change(here: Here, webhook: Id, act: Annotated[str, Path(max_length=10)], because: Field = "") -> Response:
    """Pause a webhook with a reason, tell it again, or end it for good; the same again changes nothing."""
    _units_own(here)
    with here.read() as connection:
        known = Webhooks(connection, EVERYTHING).get(webhook)
    if known is None or act not in ACTS:
        raise Missing(_("There is no such webhook, or none you may see."))
    workspace, by, clock, ids = here.desk.workspace, here.by, here.desk.clock, here.desk.ids
    try:
        if act == "pause":
            pause_webhook(workspace, webhook, because=because, by=by, clock=clock, ids=ids)
        elif act == "resume":
            resume_webhook(workspace, webhook, by=by, clock=clock, ids=ids)
        elif known.revoked_at is None:
            revoke_webhook(workspace, webhook, by=by, clock=clock, ids=ids)
    except NotFound as error:
        raise Unprocessable(_("It was ended; make another one.")) from error
    except Unanswerable as error:
        raise Unprocessable(str(error)) from error
    return go("/webhooks")


def _units_own(here: Visit) -> None:
    """Webhooks belong to the unit."""
    if not sees_everything(here.scope):
        raise Missing(_("There is no such webhook, or none you may see."))


@router.get("/webhooks.json")
def webhooks_json(here: Here) -> Response:
    """Messages as JSON, what was given up first."""
    return lists.as_json("messages", map(_cells, _messages(here)[: lists.MOST_ROWS]), following=None)


@router.get("/webhooks.csv")
def webhooks_csv(here: Here) -> Response:
    """The same as a table."""
    return lists.as_csv("webhooks", HEADS, map(_cells, _messages(here)[: lists.MOST_ROWS]), following=None)


@router.post("/webhooks/{message}/replay")
def replay(here: Here, message: str) -> Response:
    """Send a dead message anew; the worker carries it."""
    if not sees_everything(here.scope):
        raise Missing(_("There is no such message, or none you may see."))
    try:
        send_anew(here.desk.workspace, message, by=here.by, clock=here.desk.clock, ids=here.desk.ids)
    except NotFound as error:
        raise Missing(_("There is no such message, or none you may see.")) from error
    except Unanswerable as error:
        raise Unprocessable(str(error)) from error
    return go("/webhooks")


def _messages(here: Visit) -> list[Line]:
    """Messages belong to the unit: a narrowed reader sees none."""
    if not sees_everything(here.scope):
        return []
    return sorted(list_messages(here.desk.workspace), key=lambda line: _ORDER.index(line[0].state))


def _cells(line: Line) -> dict[str, Any]:  # Any: JSON values
    message, webhook = line
    return {
        "message": message.id,
        "webhook": webhook.name,
        "event": message.event.value,
        "state": message.state.value,
        "attempts": message.attempts,
        "status": message.status,
        "because": message.because,
        "made_at": message.made_at.isoformat(),
        "next_at": message.next_at.isoformat() if message.next_at else None,
        "settled_at": message.settled_at.isoformat() if message.settled_at else None,
    }

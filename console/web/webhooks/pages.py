"""Who is told by webhook, what was given up, and the button that sends it anew."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from console.errors import NotFound
from console.web.desk import Here, Visit, go, render
from console.web.errors import Missing
from console.web.review import lists
from console.web.review.seeing import sees_everything
from console.web.words import gettext as _
from console.webhooks.subscribing import list_messages, list_webhooks
from console.webhooks.subscribing import replay as send_anew
from store.records.webhooks import MessageState, Webhook, WebhookMessage

router = APIRouter(include_in_schema=False)

SHOWN = 100  # messages on the page; JSON and CSV have a thousand
HEADS = ("message", "webhook", "event", "state", "attempts", "status", "because", "made_at", "next_at", "settled_at")
_ORDER = (MessageState.DEAD, MessageState.READY, MessageState.DELIVERED)

Line = tuple[WebhookMessage, Webhook]


@router.get("/webhooks")
def webhooks(request: Request, here: Here) -> Response:
    """Webhooks, and messages: what was given up first."""
    found = _messages(here)
    hooks = list_webhooks(here.desk.workspace) if sees_everything(here.scope) else None
    return render(request, "webhooks/room.html", webhooks=hooks, messages=found[:SHOWN], count=len(found))


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

"""The inbox of tips: brought, accepted so that the worker looks, or left alone with the reason."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from console.errors import NotFound, Unanswerable
from console.tipping import accept_tip, dismiss_tip, enter_tip, list_tips, note_of
from console.web.desk import Here, Visit, go, render
from console.web.errors import Missing, Unprocessable
from console.web.review import lists
from console.web.words import gettext as _
from store.records.tips import Tip, TipState

router = APIRouter(include_in_schema=False)

SHOWN = 100  # on the page; JSON and CSV have a thousand
HEADS = ("tip", "url", "state", "by", "via", "at", "decided_by", "decided_at", "because", "run", "listing")
_ORDER = (TipState.OPEN, TipState.FAILED, TipState.ACCEPTED, TipState.LOOKED, TipState.DISMISSED)


@router.get("/tips")
def tips(request: Request, here: Here) -> Response:
    """Tips, those that wait for a person first."""
    found = _tips(here)
    shown = [(tip, note_of(here.desk.workspace, tip.id)) for tip in found[:SHOWN]]
    return render(request, "tips/inbox.html", tips=shown, count=len(found))


@router.get("/tips.json")
def tips_json(here: Here) -> Response:
    """Tips as JSON; the words that came with them are read on the page alone."""
    return lists.as_json("tips", map(_cells, _tips(here)[: lists.MOST_ROWS]), following=None)


@router.get("/tips.csv")
def tips_csv(here: Here) -> Response:
    """The same as a table."""
    return lists.as_csv("tips", HEADS, map(_cells, _tips(here)[: lists.MOST_ROWS]), following=None)


@router.post("/tips")
def bring(
    here: Here,
    url: Annotated[str, Form(max_length=4000)],
    note: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Enter an address that somebody told of."""
    desk = here.desk
    try:
        enter_tip(desk.workspace, url, note, scope=here.scope, by=here.by, via="desk", clock=desk.clock, ids=desk.ids)
    except Unanswerable as error:
        raise Unprocessable(str(error)) from error
    return go("/tips")


@router.post("/tips/{tip}/accept")
def accept(here: Here, tip: str) -> Response:
    """Let the worker look at it."""
    desk = here.desk
    try:
        accept_tip(desk.workspace, tip, scope=here.scope, by=here.by, clock=desk.clock, ids=desk.ids)
    except NotFound as error:
        raise Missing(_("There is no such tip, or none you may see.")) from error
    return go("/tips")


@router.post("/tips/{tip}/dismiss")
def dismiss(here: Here, tip: str, because: Annotated[str, Form(max_length=4000)]) -> Response:
    """Leave it alone, with the reason."""
    desk = here.desk
    try:
        dismiss_tip(desk.workspace, tip, because, scope=here.scope, by=here.by, clock=desk.clock, ids=desk.ids)
    except NotFound as error:
        raise Missing(_("There is no such tip, or none you may see.")) from error
    return go("/tips")


def _tips(here: Visit) -> list[Tip]:
    return sorted(list_tips(here.desk.workspace, here.scope), key=lambda tip: _ORDER.index(tip.state))


def _cells(tip: Tip) -> dict[str, Any]:  # Any: JSON values
    return {
        "tip": tip.id,
        "url": tip.url,
        "state": tip.state.value,
        "by": tip.by,
        "via": tip.via,
        "at": tip.at.isoformat(),
        "decided_by": tip.decided_by,
        "decided_at": tip.decided_at.isoformat() if tip.decided_at else None,
        "because": tip.because,
        "run": tip.run,
        "listing": tip.listing,
    }

"""The door of the platform desk: what a link opens, and what anybody needs to check a package without us."""

from __future__ import annotations

import inspect

from fastapi import APIRouter, Request, Response

from console.linking import LinkState, judge_token, open_link
from console.web.credentials import digest, new_token
from console.web.desk import Here, go, render
from console.web.door import cookie_line
from console.web.words import gettext as _
from console.web.words import mark
from store.evidence import verify
from store.evidence.seal import publish, published_keys

router = APIRouter(include_in_schema=False)

SENTENCES = {
    LinkState.NONE: mark("This link opens nothing. It was changed on the way, or is none of ours."),
    LinkState.OPENED: mark("This link was opened already, in another browser. It works once."),
    LinkState.ENDED: mark("This link has ended."),
    LinkState.REVOKED: mark("This link was taken back by the sender."),
}


@router.get("/open/{token}")
def show_link(request: Request, here: Here, token: str) -> Response:
    """What the link leads to. Nothing is opened yet, so that whoever scans mail uses no link up."""
    state, batch, link = judge_token(here.desk.workspace, token, here.desk.clock())
    if link is not None and any(held.id == link.id for held in here.links):
        return go(f"/batches/{batch.number}" if batch else "/")
    if state is not LinkState.FRESH:
        return render(request, "platform/closed.html", 410, message=_(SENTENCES[state]))
    return render(request, "platform/open.html", token=token, batch=batch, link=link)


@router.post("/open/{token}")
def take_link(request: Request, here: Here, token: str) -> Response:
    """Open it, once, in this browser; its cookie is a fresh one, so that none can be planted."""
    state, batch, link = judge_token(here.desk.workspace, token, here.desk.clock())
    if state is LinkState.FRESH and link is not None and batch is not None:
        cookie = new_token()
        desk = here.desk
        if open_link(
            desk.workspace,
            link,
            old_sha256=digest(here.cookie),
            new_sha256=digest(cookie),
            clock=desk.clock,
            ids=desk.ids,
        ):
            response = go(f"/batches/{batch.number}")
            until = max([link.expires_at, *(held.expires_at for held in here.links)])
            age = int((until - desk.clock()).total_seconds())
            response.headers.append("set-cookie", cookie_line(desk, cookie, seconds=age))
            return response
        state = LinkState.OPENED
    return render(request, "platform/closed.html", 410, message=_(SENTENCES[state]))


@router.get("/verify.py")
def verifier() -> Response:
    """The verifier: one file that needs Python and `cryptography`, and nothing of us."""
    return Response(
        inspect.getsource(verify),
        media_type="application/octet-stream",
        headers={"content-disposition": 'attachment; filename="verify.py"'},
    )


@router.get("/keys.json")
def keys(here: Here) -> Response:
    """The public keys that packages are signed under."""
    return Response(
        publish(published_keys(here.desk.workspace.settings.keys)),
        media_type="application/json",
        headers={"content-disposition": 'attachment; filename="keys.json"'},
    )

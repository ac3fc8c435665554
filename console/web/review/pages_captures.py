"""Pages about what was fetched once: as it is shown, and the bytes to keep."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy import Connection

from console.web.desk import STEP_UP, Here, Visit, go
from console.web.door import EVIDENCE_POLICY
from console.web.errors import Missing
from console.web.review.captured import CaptureView, view_capture
from console.web.review.domains import sites_in_sight
from console.web.review.looking import enter_look
from console.web.review.pages_review import may_decide, show
from console.web.review.reveals import has_revealed
from console.web.review.seeing import sees_capture
from console.web.words import gettext as _
from store.db.captures import Captures
from store.evidence.errors import EvidenceError

router = APIRouter(include_in_schema=False)


@router.get("/captures/{capture}")
def capture(request: Request, here: Here, capture: str) -> Response:
    """What was fetched once: headers, digests, way, and the bytes as picture or text."""
    with here.read() as connection:
        view = _capture(connection, here, capture)
        hosts = [each.host for each in view.contacts] if view else []
        sites = sites_in_sight(connection, here.scope, hosts)
    if view is None:
        raise Missing(_("There is no such capture, or none you may see."))
    return show(request, "capture.html", view=view, may_decide=may_decide(here), sites=sites)


@router.post("/captures/{capture}/reveal")
def reveal_capture(here: Here, capture: str, reason: Annotated[str, Form(max_length=500)]) -> Response:
    """Show what a captured page says of people, for a reason that is kept with who looked."""
    with here.desk.workspace.database.write() as connection:
        if Captures(connection, here.scope).get(capture) is None or not sees_capture(connection, here.scope, capture):
            raise Missing(_("There is no such capture, or none you may see."))
        enter_look(connection, here, "capture", capture, reason)
    return go(f"/captures/{capture}")


def _capture(connection: Connection, here: Visit, id: str) -> CaptureView | None:
    workspace, now = here.desk.workspace, here.desk.clock()
    shown = has_revealed(connection, here.person.id, id, now=now, within=STEP_UP)
    return view_capture(connection, workspace.vault, here.scope, id, sealer=workspace.sealer, is_revealed=shown)


@router.get("/captures/{capture}/body")
def body(here: Here, capture: str) -> Response:
    """
    The captured bytes, to be kept, never to be opened here: no script, no type, an origin of their own.

    Those that name people lead back to their page, where a reason is asked for.
    """
    with here.read() as connection:
        view = _capture(connection, here, capture)
    if view is None:
        raise Missing(_("There is no such capture, or none you may see."))
    if view.is_masked:
        return go(f"/captures/{capture}")
    found = view.capture
    try:
        data = here.desk.workspace.vault.get(found.body_sha256)
    except EvidenceError as error:
        raise Missing(_("The bytes are not in the vault.")) from error
    return Response(
        data,
        media_type="application/octet-stream",
        headers={
            "content-security-policy": EVIDENCE_POLICY,
            "content-disposition": f'attachment; filename="{found.body_sha256}.bin"',
        },
    )

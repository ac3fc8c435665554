"""The pages of sealed batches: the list, one batch with its verdict, its page as the platform sees it, its ZIP."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from console.web.desk import Here, Visit
from console.web.door import SEALED_PAGE_POLICY
from console.web.errors import Missing, Refused
from console.web.notices.batches import (
    PAGE,
    BatchLine,
    find_batch,
    folder_of,
    is_whole,
    list_batches,
    read_file,
    view_batch,
)
from console.web.notices.pages_notices import show
from console.web.review import lists
from console.web.words import gettext as _
from reports.parcel import pack
from store.records.notices import Batch

router = APIRouter(include_in_schema=False)

HEADS = ("number", "platform", "profile", "notices", "items", "created_at", "manifest_sha256", "path", "outbox")


@router.get("/batches")
def batches(request: Request, here: Here) -> Response:
    """Sealed batches, the newest first."""
    lines = _lines(request, here)
    return show(request, "batches.html", lines=lines, platform=request.query_params.get("platform", ""))


@router.get("/batches.json")
def batches_json(request: Request, here: Here) -> Response:
    """Batches as JSON."""
    return lists.as_json("batches", map(_cells, _lines(request, here)), following=None)


@router.get("/batches.csv")
def batches_csv(request: Request, here: Here) -> Response:
    """Batches as a table."""
    return lists.as_csv("batches", HEADS, map(_cells, _lines(request, here)), following=None)


@router.get("/batches/{number}")
def batch(request: Request, here: Here, number: int) -> Response:
    """One batch with the verifier's word on its folder as it is now."""
    found = _found(here, number)
    with here.read() as connection:
        view = view_batch(connection, here.desk.workspace, here.scope, found)
    return show(request, "batch.html", view=view)


@router.get("/batches/{number}/page")
def page(here: Here, number: int) -> Response:
    """The batch's own page, as the platform opens it: no script, no network, an origin of its own."""
    body = read_file(here.desk.workspace, _found(here, number), PAGE)
    if body is None:
        raise Missing(_("This batch has no page: its recipient asks for none, or the file is gone."))
    return Response(
        body, media_type="text/html; charset=utf-8", headers={"content-security-policy": SEALED_PAGE_POLICY}
    )


@router.get("/batches/{number}/batch.zip")
def archive(here: Here, number: int) -> Response:
    """The whole folder as one ZIP, the same bytes each time; only while it is what was sealed."""
    found = _found(here, number)
    if not is_whole(here.desk.workspace, found):
        raise Refused(_("The folder is not what was sealed, so that it is not handed out. See which check fails."))
    return StreamingResponse(
        pack(folder_of(here.desk.workspace, found)),
        media_type="application/zip",
        headers={"content-disposition": f'attachment; filename="{found.number:04d}-{found.platform}.zip"'},
    )


def _found(here: Visit, number: int) -> Batch:
    with here.read() as connection:
        found = find_batch(connection, here.scope, number)
    if found is None:
        raise Missing(_("There is no such batch, or none you may see."))
    return found


def _lines(request: Request, here: Visit) -> list[BatchLine]:
    with here.read() as connection:
        return list_batches(connection, here.scope, platform=request.query_params.get("platform", ""))


def _cells(line: BatchLine) -> dict[str, Any]:  # Any: JSON values
    batch = line.batch
    return {
        "number": batch.number,
        "platform": batch.platform,
        "profile": batch.profile,
        "notices": line.notices,
        "items": batch.item_count,
        "created_at": batch.created_at.isoformat(),
        "manifest_sha256": batch.manifest_sha256,
        "path": batch.path,
        "outbox": [entry.state.value for entry in line.outbox],
    }

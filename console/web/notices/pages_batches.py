"""The pages of sealed batches: the list, one batch with its verdict, its page as the platform sees it, its ZIP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import StreamingResponse

from console.access import SENDERS
from console.web.desk import Here, Number, Visit, go
from console.web.door import SEALED_PAGE_POLICY
from console.web.errors import Missing, Refused
from console.web.facets import Narrowing, narrow
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
from console.web.notices.deliveries import (
    LONGEST_RECEIPT,
    queue,
    sent_notices,
    settle,
    waits_for_person,
    why_not_queued,
)
from console.web.notices.pages_notices import show
from console.web.review import lists
from console.web.review.labels import label
from console.web.words import gettext as _
from reports.parcel import pack
from store.records.notices import Batch

router = APIRouter(include_in_schema=False)

NARROWED_BY = ("platform", "state")
HEADS = (
    "number",
    "platform",
    "profile",
    "notices",
    "items",
    "created_at",
    "manifest_sha256",
    "path",
    "outbox",
    "receipts",
    "because",
    "not_before",
)


@router.get("/batches")
def batches(request: Request, here: Here) -> Response:
    """Sealed batches, the newest first."""
    lines, ways = _lines(request, here)
    return show(request, "batches.html", lines=lines, narrowing=ways)


@router.get("/batches.json")
def batches_json(request: Request, here: Here) -> Response:
    """Batches as JSON."""
    return lists.as_json("batches", map(_cells, _lines(request, here)[0]), following=None)


@router.get("/batches.csv")
def batches_csv(request: Request, here: Here) -> Response:
    """Batches as a table."""
    return lists.as_csv("batches", HEADS, map(_cells, _lines(request, here)[0]), following=None)


@router.get("/batches/{number}")
def batch(request: Request, here: Here, number: Number) -> Response:
    """One batch with the verifier's word on its folder as it is now."""
    found = _found(here, number)
    with here.read() as connection:
        view = view_batch(connection, here.desk.workspace, here.scope, found, here.desk.clock())
        sent = sent_notices(connection, here.scope, found.notices)
    return show(
        request,
        "batch.html",
        view=view,
        sent=sent,
        may_send=not SENDERS.isdisjoint(here.person.roles),
        waiting=waits_for_person(view.outbox),
        why_not=why_not_queued(here, found) if not view.outbox else None,
        longest_receipt=LONGEST_RECEIPT,
    )


@router.post("/batches/{number}/queue")
def queue_one(
    here: Here,
    number: Number,
    not_before: Annotated[str, Form(max_length=30)] = "",
    zone: Annotated[str, Form(max_length=60)] = "UTC",
) -> Response:
    """Queue the batch: the worker carries it to its platform, not before that hour where one is named."""
    queue(here, _found(here, number), not_before=not_before.strip(), zone=zone)
    return go(f"/batches/{number}")


@router.post("/batches/{number}/settle")
def settle_one(
    here: Here,
    number: Number,
    entry: Annotated[str, Form(max_length=36)],
    found: Annotated[str, Form(pattern="^(arrived|missing)$")],
    receipt: Annotated[str, Form(max_length=LONGEST_RECEIPT)] = "",
) -> Response:
    """Enter what a person found at the platform: the receipt of what arrived, or that it is not there."""
    settle(here, _found(here, number), entry=entry, arrived=found == "arrived", receipt=receipt)
    return go(f"/batches/{number}")


@router.get("/batches/{number}/page")
def page(here: Here, number: Number) -> Response:
    """The batch's own page, as the platform opens it: no script, no network, an origin of its own."""
    body = read_file(here.desk.workspace, _found(here, number), PAGE)
    if body is None:
        raise Missing(_("This batch has no page: its recipient asks for none, or the file is gone."))
    return Response(
        body, media_type="text/html; charset=utf-8", headers={"content-security-policy": SEALED_PAGE_POLICY}
    )


@router.get("/batches/{number}/batch.zip")
def archive(here: Here, number: Number) -> Response:
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


def _lines(request: Request, here: Visit) -> tuple[list[BatchLine], Narrowing]:
    with here.read() as connection:
        found = list_batches(connection, here.scope)
    chosen = {name: request.query_params.get(name, "") for name in NARROWED_BY}
    return narrow(found, _values, chosen, lambda name, value: label("outbox", value) if name == "state" else value)


def _values(line: BatchLine) -> tuple[str, str]:
    """The platform, and where the latest delivery stands; empty where there is none."""
    return line.batch.platform, line.outbox[-1].state.value if line.outbox else ""


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
        "receipts": [entry.receipt for entry in line.outbox if entry.receipt],
        "because": [entry.because for entry in line.outbox if entry.because],
        "not_before": [entry.not_before.isoformat() for entry in line.outbox if entry.not_before],
    }

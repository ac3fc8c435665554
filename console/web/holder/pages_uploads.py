"""Uploads that take longer than a request: how far each is, what was refused and what to do about it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from console.web.desk import Here, Visit, render
from console.web.errors import Missing
from console.web.review import lists
from console.web.words import gettext as _
from store.db.uploads import Uploads
from store.records import codec
from store.records.uploads import Upload

router = APIRouter(include_in_schema=False)

HEADS = ("what", "row", "column", "value", "problem", "fix")


@router.get("/register/uploads/{upload}.json")
def upload_json(here: Here, upload: str) -> Response:
    """The same for a program."""
    return JSONResponse(codec.to_json(_found(here, upload)))


@router.get("/register/uploads/{upload}.csv")
def upload_csv(here: Here, upload: str) -> Response:
    """What was refused or stopped, as a table to work through."""
    found = _found(here, upload)
    lines: list[dict[str, Any]] = [  # Any: JSON values
        {"what": what, **codec.to_json(each)}
        for what, part in (("refused", found.refusals), ("stopped", found.stops))
        for each in part
    ]
    return lists.as_csv("upload", HEADS, lines, following=None)


@router.get("/register/uploads/{upload}")
def upload(request: Request, here: Here, upload: str) -> Response:
    """How far it is; the page follows by itself."""
    return render(request, "holder/upload.html", upload=_found(here, upload))


@router.get("/live/uploads/{upload}")
def live(request: Request, here: Here, upload: str) -> Response:
    """The part of the page that moves."""
    return render(request, "holder/upload_live.html", upload=_found(here, upload))


def _found(here: Visit, id: str) -> Upload:
    with here.read() as connection:
        found = Uploads(connection, here.scope).get(id)
    if found is None:
        raise Missing(_("There is no such upload, or none you may see."))
    return found

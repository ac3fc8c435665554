"""What a day brought: new, changed, offered again elsewhere, and dismissed with its reason."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Request, Response

from console.web.desk import Here, Visit, render
from console.web.errors import Missing
from console.web.review import lists
from console.web.words import gettext as _
from console.web.words import mark
from reports.digest import Change, Digest, digest_of
from reports.formats.plain import plain
from store.db.rights import Rights

router = APIRouter(include_in_schema=False)

HEADS = ("change", "finding", "title", "platform", "right", "because", "at")
TITLES = {
    Change.NEW: mark("New"),
    Change.CHANGED: mark("Changed"),
    Change.RELISTED: mark("Offered again elsewhere"),
    Change.DISMISSED: mark("Dismissed, with the reason"),
}
SHOWN = 300  # of a kind on the page; table and JSON have all


def _read(request: Request, here: Visit) -> tuple[Digest, dict[str, str]]:
    asked = request.query_params.get("day", "")
    today = here.desk.clock().date()
    try:
        day = date.fromisoformat(asked) if asked else today
    except ValueError as error:
        raise Missing(_("There is no such day.")) from error
    with here.read() as connection:
        names = {right.id: right.right_ref for right in Rights(connection, here.scope).find()}
        return digest_of(connection, here.scope, min(day, today)), names


@router.get("/digest")
def digest(request: Request, here: Here) -> Response:
    """One day, today where none is asked for."""
    found, names = _read(request, here)
    return render(
        request,
        "holder/digest.html",
        digest=found,
        names=names,
        kinds=[(each, _(TITLES[each]), found.of(each)) for each in Change],
        before=found.day - timedelta(days=1),
        after=found.day + timedelta(days=1) if found.day < here.desk.clock().date() else None,
        most=SHOWN,
    )


@router.get("/digest.json")
def digest_json(request: Request, here: Here) -> Response:
    """The day as JSON."""
    return lists.as_json("lines", _rows(request, here), following=None)


@router.get("/digest.csv")
def digest_csv(request: Request, here: Here) -> Response:
    """The day as a table."""
    return lists.as_csv("digest", HEADS, _rows(request, here), following=None)


def _rows(request: Request, here: Visit) -> list[dict[str, Any]]:  # Any: JSON values
    found, names = _read(request, here)
    return [
        {
            "change": line.change.value,
            "finding": line.finding,
            "title": plain(line.title),
            "platform": line.platform,
            "right": names.get(line.right, ""),
            "because": plain(line.because),
            "at": line.at.isoformat(),
        }
        for line in found.lines
    ]

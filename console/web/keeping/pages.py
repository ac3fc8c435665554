"""What is kept and what goes, as a page, a table and JSON; holds and forgetting are done on the command line."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from console.web.desk import Here, Visit, render
from console.web.keeping.room import Keeping, view_keeping
from console.web.notices.acts import current
from console.web.review import lists

router = APIRouter(include_in_schema=False)

HEADS = ("what", "why", "count", "subject", "since", "by")


@router.get("/keeping")
def keeping(request: Request, here: Here) -> Response:
    """Classes, what is over, what is needed and why, holds, what was erased."""
    found = _view(here)
    return render(request, "keeping/room.html", keeping=found, lines=_lines(found))


@router.get("/keeping.json")
def keeping_json(here: Here) -> Response:
    """The same as lines."""
    return lists.as_json("keeping", _lines(_view(here)), following=None)


@router.get("/keeping.csv")
def keeping_csv(here: Here) -> Response:
    """The same as a table."""
    return lists.as_csv("keeping", HEADS, _lines(_view(here)), following=None)


def _view(here: Visit) -> Keeping | None:
    policy = current(here).declarations.policy.retention
    with here.read() as connection:
        return view_keeping(connection, policy, here.scope, here.desk.clock())


def _lines(found: Keeping | None) -> list[dict[str, Any]]:  # Any: JSON values
    if found is None:
        return []
    expired = found.expired
    counts = {
        "captures": expired.captures,
        "blobs": len(expired.digests),
        "listings": len(expired.listings),
        "accounts": len(expired.sellers),
    }
    lines = [_line("over", what, count) for what, count in counts.items()]
    lines += [_line("needed", why, count) for why, count in found.kept.items()]
    for held in found.holds:
        hold = held.hold
        lines.append(
            _line("held", hold.reason, 1, subject=held.path, since=hold.at.isoformat(timespec="seconds"), by=hold.by)
        )
    return lines


def _line(what: str, why: str, count: int, **more: str) -> dict[str, Any]:  # Any: JSON values
    return {"what": what, "why": why, "count": count, "subject": None, "since": None, "by": None, **more}

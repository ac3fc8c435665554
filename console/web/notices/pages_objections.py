"""What the accused say: the list, and the answer a person gives within the clock."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from console.taking_back import HEADS, ObjectionLine, follow_up_list, leave_follow_ups, objections
from console.web.desk import Here, Visit, go
from console.web.errors import Missing
from console.web.facets import Narrowing, narrow
from console.web.notices import acts
from console.web.notices.pages_notices import Words, can, show
from console.web.review import lists
from console.web.review.labels import label
from console.web.words import gettext as _
from reports.errors import NotAnAnswer, SamePerson
from reports.objections import answer_objection
from store.records.outcomes import Response as Said

router = APIRouter(include_in_schema=False)

NARROWED_BY = ("platform", "kind")


@router.get("/objections")
def listed(request: Request, here: Here) -> Response:
    """Objections, those without an answer first, and what was taken back."""
    return _page(request, here)


@router.get("/objections.json")
def listed_json(request: Request, here: Here) -> Response:
    """Objections as JSON."""
    return lists.as_json("objections", (line.cells for line in _narrowed(request, here)[0]), following=None)


@router.get("/objections.csv")
def listed_csv(request: Request, here: Here) -> Response:
    """Objections as a table."""
    return lists.as_csv("objections", HEADS, (line.cells for line in _narrowed(request, here)[0]), following=None)


@router.post("/objections/{objection}/answer")
def answer(
    request: Request,
    here: Here,
    objection: str,
    response: Annotated[str, Form(max_length=20)] = "",
    because: Words = "",
    court: Words = "",
    court_number: Words = "",
    filed_on: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Decide an objection, once; what follows is sealed and queued."""
    if not _lines(here, objection):
        raise Missing(_("There is no such objection, or none you may see."))
    workspace = acts.current(here)
    try:
        answer_objection(
            workspace.database,
            workspace.declarations,
            objection,
            _said(response),
            by=here.by,
            because=because,
            court=court or None,
            court_number=court_number or None,
            filed_on=_day(filed_on),
            clock=here.desk.clock,
            ids=here.desk.ids,
            scope=here.scope,
        )
    except (NotAnAnswer, SamePerson) as refused:
        return _page(request, here, 409, str(refused))
    leave_follow_ups(workspace, by=here.by, clock=here.desk.clock)
    return go("/objections")


def _page(request: Request, here: Visit, status: int = 200, refused: str = "") -> HTMLResponse:
    with here.read() as connection:
        words = follow_up_list(connection, scope=here.scope)[: lists.MOST_ROWS]
    lines, ways = _narrowed(request, here)
    may = can(here, "POST", "/objections/{objection}/answer")
    shown = {"lines": lines, "narrowing": ways, "words": words, "may_answer": may, "refused": refused}
    return show(request, "objections.html", status, **shown)


def _narrowed(request: Request, here: Visit) -> tuple[list[ObjectionLine], Narrowing]:
    chosen = {name: request.query_params.get(name, "") for name in NARROWED_BY}
    return narrow(
        _lines(here), _values, chosen, lambda name, value: label("counter", value) if name == "kind" else value
    )


def _values(line: ObjectionLine) -> tuple[str, str]:
    return line.notice.platform, line.counter.reason.value


def _lines(here: Visit, only: str | None = None) -> list[ObjectionLine]:
    declarations = here.desk.workspace.declarations
    with here.read() as connection:
        return objections(connection, declarations, scope=here.scope, only=only)[: lists.MOST_ROWS]


def _said(word: str) -> Said:
    try:
        return Said(word)
    except ValueError as error:
        raise Missing(_("Choose one of the answers.")) from error


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

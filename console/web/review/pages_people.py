"""Pages about people's judgement: the desk of the holder's expert, and how well reviewers decide."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from cases.determinations import determine
from console.access import EXPERTS
from console.web.desk import Here, Visit, go
from console.web.errors import Missing
from console.web.review.experts import offered_classes, offered_grounds, view_desk, words_on
from console.web.review.finding import FindingView, view_finding
from console.web.review.pages_review import show
from console.web.review.quality import enter_known, view_quality
from console.web.words import gettext as _
from store.db.review import ReviewItems
from store.records.findings import GroundCode, InfringementClass

router = APIRouter(include_in_schema=False)


@router.get("/determinations")
def determinations(request: Request, here: Here) -> Response:
    """What waits for the holder's word."""
    with here.read() as connection:
        desk = view_desk(connection, here.scope)
    return show(request, "determinations.html", desk=desk, may_determine=_may(here))


@router.get("/determinations/{finding}")
def form(request: Request, here: Here, finding: str) -> Response:
    """One item with the questions to the expert."""
    view = _view(here, finding)
    with here.read() as connection:
        words = words_on(connection, here.scope, finding)
    return show(
        request,
        "determination.html",
        view=view,
        words=words,
        classes=offered_classes(),
        grounds=offered_grounds(),
        may_determine=_may(here),
    )


@router.post("/determinations/{finding}")
def give(
    here: Here,
    finding: str,
    answer: Annotated[str, Form()],
    statement: Annotated[str, Form(max_length=4000)],
    infringement_class: Annotated[InfringementClass | None, Form()] = None,
    ground: Annotated[list[GroundCode] | None, Form()] = None,
) -> Response:
    """Enter the expert's word, signed with their name and the time."""
    if answer not in ("fake", "genuine"):
        raise Missing(_("Say whether it is genuine or fake."))
    _view(here, finding)
    is_infringing = answer == "fake"
    determine(
        here.desk.workspace.database,
        finding,
        is_infringing=is_infringing,
        infringement_class=infringement_class if is_infringing else None,
        grounds=tuple(ground or ()) if is_infringing else (),
        statement=statement.strip(),
        by=here.by,
        clock=here.desk.clock,
        ids=here.desk.ids,
        scope=here.scope,
    )
    return go("/determinations")


@router.get("/quality")
def quality(request: Request, here: Here) -> Response:
    """Errors on known answers, and agreement of second looks."""
    with here.read() as connection:
        view = view_quality(connection, here.scope)
    return show(request, "quality.html", view=view)


@router.post("/quality/known")
def known(
    here: Here, finding: Annotated[str, Form(max_length=64)], because: Annotated[str, Form(max_length=1000)]
) -> Response:
    """Make what stands of a finding a known answer."""
    enter_known(
        here.desk.workspace.database,
        here.scope,
        finding.strip(),
        because.strip(),
        by=here.by,
        clock=here.desk.clock,
        ids=here.desk.ids,
    )
    return go("/quality")


def _may(here: Visit) -> bool:
    return not EXPERTS.isdisjoint(here.person.roles)


def _view(here: Visit, finding: str) -> FindingView:
    with here.read() as connection:
        item = ReviewItems(connection, here.scope).get(finding)
        if item is None:
            raise Missing(_("There is no such finding, or none you may see."))
        platform = here.desk.workspace.declarations.platforms.get(item.platform)
        view = view_finding(
            connection,
            here.scope,
            finding,
            countries=platform.countries if platform else (),
            today=here.desk.clock().date(),
        )
    if view is None:
        raise Missing(_("There is no such finding, or none you may see."))
    return view

"""Pages about people's judgement: the desk of the holder's expert, and how well reviewers decide."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from cases.determinations import determine_together
from cases.errors import NotTogether
from console.access import EXPERTS
from console.web.desk import Here, Visit, go
from console.web.errors import Missing
from console.web.review import lists
from console.web.review.experts import (
    NARROWED_BY,
    ExpertDesk,
    alike_waiting,
    offered_classes,
    offered_grounds,
    view_desk,
    words_on,
)
from console.web.review.finding import FindingView, view_finding
from console.web.review.pages_review import show
from console.web.review.quality import enter_known, view_quality
from console.web.words import gettext as _
from reports.formats.plain import plain
from store.db.around import look_around
from store.records.findings import GroundCode, InfringementClass

router = APIRouter(include_in_schema=False)

WORD_HEADS = ("finding", "state", "title", "platform", "right", "by", "at", "grounds", "statement")
ANSWER_HEADS = (
    "reviewer",
    "answered",
    "right",
    "share",
    "share_low",
    "share_high",
    "wrongly_confirmed",
    "wrongly_rejected",
)


@router.get("/determinations")
def determinations(request: Request, here: Here) -> Response:
    """What waits for the holder's word."""
    desk = _desk(request, here)
    return show(request, "determinations.html", desk=desk, may_determine=_may(here))


@router.get("/determinations.json")
def determinations_json(request: Request, here: Here) -> Response:
    """What waits and what was said, as JSON."""
    return lists.as_json("determinations", _words(request, here), following=None)


@router.get("/determinations.csv")
def determinations_csv(request: Request, here: Here) -> Response:
    """What waits and what was said, as a table."""
    return lists.as_csv("determinations", WORD_HEADS, _words(request, here), following=None)


@router.get("/determinations/{finding}")
def form(request: Request, here: Here, finding: str) -> Response:
    """One item with the questions to the expert."""
    view = _view(here, finding)
    with here.read() as connection:
        words = words_on(connection, here.scope, finding)
        alike = alike_waiting(connection, here.scope, finding)
    return show(
        request,
        "determination.html",
        view=view,
        words=words,
        alike=alike,
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
    also: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """
    Enter the expert's word, signed with their name and the time.

    `also` names further findings that it covers: of the same account, with the same photo bytes, waiting, 25 in all.
    """
    if answer not in ("fake", "genuine"):
        raise Missing(_("Say whether it is genuine or fake."))
    _view(here, finding)
    is_infringing = answer == "fake"
    with here.read() as connection:
        waiting = {item.finding for item in alike_waiting(connection, here.scope, finding)}
    if not waiting.issuperset(also or ()):
        raise NotTogether("they don't wait beside it any more", "say it of each on its own")
    determine_together(
        here.desk.workspace.database,
        [finding, *(also or ())],
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


@router.get("/quality.json")
def quality_json(here: Here) -> Response:
    """Each reviewer's known answers, as JSON."""
    return lists.as_json("quality", _answers(here), following=None)


@router.get("/quality.csv")
def quality_csv(here: Here) -> Response:
    """Each reviewer's known answers, as a table."""
    return lists.as_csv("quality", ANSWER_HEADS, _answers(here), following=None)


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


def _desk(request: Request, here: Visit) -> ExpertDesk:
    chosen = {name: request.query_params.get(name, "") for name in NARROWED_BY}
    with here.read() as connection:
        return view_desk(connection, here.scope, chosen)


def _words(request: Request, here: Visit) -> list[dict[str, Any]]:  # Any: JSON values
    """What waits for the holder's word, then what was said of others, the newest first."""
    desk = _desk(request, here)
    waiting = [
        {
            "finding": row.item.finding,
            "state": "waiting",
            "title": plain(row.item.title),
            "platform": row.item.platform,
            "right": row.right_ref,
            "by": row.item.decided_by,
            "at": row.item.decided_at.isoformat() if row.item.decided_at else None,
        }
        for row in desk.waiting
    ]
    given = [
        {
            "finding": item.finding,
            "state": "fake" if word.is_infringing else "genuine",
            "title": plain(item.title),
            "platform": item.platform,
            "by": word.by,
            "at": word.at.isoformat(),
            "grounds": [ground.value for ground in word.grounds],
            "statement": plain(word.statement),
        }
        for word, item in desk.given
    ]
    return waiting + given


def _answers(here: Visit) -> list[dict[str, Any]]:  # Any: JSON values
    with here.read() as connection:
        view = view_quality(connection, here.scope)
    return [
        {
            "reviewer": each.reviewer,
            "answered": each.known.of,
            "right": each.known.hits,
            "share": each.known.value,
            "share_low": each.known.interval[0],
            "share_high": each.known.interval[1],
            "wrongly_confirmed": each.wrongly_confirmed,
            "wrongly_rejected": each.wrongly_rejected,
        }
        for each in view.reviewers
    ]


def _may(here: Visit) -> bool:
    return not EXPERTS.isdisjoint(here.person.roles)


def _view(here: Visit, finding: str) -> FindingView:
    now = here.desk.clock()
    with here.read() as connection:
        around = look_around(connection, here.scope, finding, reviewer=here.by, now=now)
        if around is None:
            raise Missing(_("There is no such finding, or none you may see."))
        platform = here.desk.workspace.declarations.platforms.get(around.listing.platform)
        countries = platform.countries if platform else ()
        return view_finding(connection, here.scope, around, countries=countries, today=now.date())

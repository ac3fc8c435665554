"""The pages of review: the queue, one finding with its decision bar, all findings, and what the keys send."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from cases.errors import ChangedMeanwhile, UnknownFinding
from console.access import DECIDERS
from console.web.desk import Here, Visit, go, render
from console.web.errors import Missing
from console.web.review import deciding, lists
from console.web.review.drawing import SIDES_PX
from console.web.review.finding import view_finding
from console.web.review.guard import Guard
from console.web.review.labels import label, tone
from console.web.review.queue import (
    MOST_COUNTED,
    QueuePage,
    findings_page,
    in_queue,
    place_of,
    queue_page,
    read_place,
    surroundings,
    token,
)
from console.web.review.search import read_filters
from console.web.words import gettext as _
from store.db.around import look_around
from store.db.review import ReviewItems
from store.records.cases import RejectReason, Verdict

router = APIRouter(include_in_schema=False)

REASONS = tuple(RejectReason)
"""The closed list, in the order of the keys 1 to 9 and 0."""


def show(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:  # Any: for templates
    """A page of the desk, with the names of codes at hand."""
    return render(request, f"review/{template}", status, label=label, tone=tone, sides=SIDES_PX, **context)


def guard_of(request: Request) -> Guard:
    """Which pictures of this desk stay blurred."""
    guard: Guard = request.app.state.guard
    return guard


def may_decide(here: Visit) -> bool:
    """Whether the reader is one of those who decide."""
    return not DECIDERS.isdisjoint(here.person.roles)


@router.get("/review")
def queue(request: Request, here: Here) -> Response:
    """What waits for a person."""
    page = _queue(request, here)
    return show(
        request, "queue.html", page=page, may_decide=may_decide(here), reasons=REASONS, did=_did(request, here)
    )


@router.get("/review.json")
def queue_json(request: Request, here: Here) -> Response:
    """The queue as JSON."""
    page = _queue(request, here, limit=lists.MOST_ROWS, with_facets=False)
    return lists.as_json("findings", map(lists.cells, page.rows), following=_next(page, "/review.json"))


@router.get("/review.csv")
def queue_csv(request: Request, here: Here) -> Response:
    """The queue as a table."""
    page = _queue(request, here, limit=lists.MOST_ROWS, with_facets=False)
    return lists.as_csv("queue", lists.HEADS, map(lists.cells, page.rows), following=_next(page, "/review.csv"))


@router.get("/review/next")
def first(request: Request, here: Here) -> Response:
    """The first finding of the queue so narrowed."""
    filters = in_queue(read_filters(request.query_params))
    walk = deciding.Walk(filters=filters, place=None)
    following = deciding.next_step(
        here.desk.workspace.database, here.scope, walk, reviewer=here.by, clock=here.desk.clock
    )
    return _on(walk, following)


@router.get("/findings")
def findings(request: Request, here: Here) -> Response:
    """Every finding, the newest first, silent and decided ones among them."""
    page = _findings(request, here)
    return show(request, "findings.html", page=page)


@router.get("/findings.json")
def findings_json(request: Request, here: Here) -> Response:
    """Findings as JSON."""
    page = _findings(request, here, limit=lists.MOST_ROWS, with_facets=False)
    return lists.as_json("findings", map(lists.cells, page.rows), following=_next(page, "/findings.json"))


@router.get("/findings.csv")
def findings_csv(request: Request, here: Here) -> Response:
    """Findings as a table."""
    page = _findings(request, here, limit=lists.MOST_ROWS, with_facets=False)
    return lists.as_csv("findings", lists.HEADS, map(lists.cells, page.rows), following=_next(page, "/findings.csv"))


@router.get("/findings/{finding}")
def finding(request: Request, here: Here, finding: str) -> Response:
    """One finding, both sides, with the bar that decides it."""
    return _finding(request, here, finding)


@router.post("/findings/{finding}/decide")
def decide(
    request: Request,
    here: Here,
    finding: str,
    seen: Annotated[list[str], Form()],
    verdict: Annotated[Verdict | None, Form()] = None,
    reject: Annotated[RejectReason | None, Form()] = None,
    note: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Enter a verdict on what was on the screen and go on; where it changed meanwhile, say so and enter nothing."""
    filters = in_queue(read_filters(request.query_params))
    sights = deciding.read_seen(seen)
    if finding not in sights:
        raise UnknownFinding(finding)
    place = read_place(request.query_params.get("at"))
    if place is None:
        with here.read() as connection:
            place = deciding.place_after(connection, here.scope, finding)
    walk = deciding.Walk(filters=filters, place=place)
    try:
        following = deciding.enter(
            here.desk.workspace.database,
            here.scope,
            sights,
            _verdict(verdict, reject),
            by=here.by,
            clock=here.desk.clock,
            ids=here.desk.ids,
            reason=reject,
            note=note.strip() or None,
            walk=walk,
        )
    except ChangedMeanwhile as changed:
        return _finding(request, here, finding, status=409, changed=changed.why)
    return _on(walk, following, did=finding)


@router.post("/review/together")
def together(
    request: Request,
    here: Here,
    seen: Annotated[list[str] | None, Form()] = None,
    verdict: Annotated[Verdict | None, Form()] = None,
    reject: Annotated[RejectReason | None, Form()] = None,
    note: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Enter one verdict on several findings of the list."""
    filters = in_queue(read_filters(request.query_params))
    if not seen:
        raise Missing(_("Nothing was chosen."))
    deciding.enter(
        here.desk.workspace.database,
        here.scope,
        deciding.read_seen(seen),
        _verdict(verdict, reject),
        by=here.by,
        clock=here.desk.clock,
        ids=here.desk.ids,
        reason=reject,
        note=note.strip() or None,
    )
    return go(filters.address("/review"))


@router.post("/findings/{finding}/undo")
def undo(request: Request, here: Here, finding: str) -> Response:
    """Take back the reader's own verdict and show the finding again."""
    deciding.take_back(
        here.desk.workspace.database, here.scope, finding, by=here.by, clock=here.desk.clock, ids=here.desk.ids
    )
    return go(read_filters(request.query_params).address(f"/findings/{finding}"))


def _verdict(verdict: Verdict | None, reject: RejectReason | None) -> Verdict:
    if reject is not None:
        return Verdict.REJECT
    if verdict is None:
        raise Missing(_("No verdict was given."))
    return verdict


def _queue(request: Request, here: Visit, limit: int = 25, *, with_facets: bool = True) -> QueuePage:
    filters = in_queue(read_filters(request.query_params))
    after = read_place(request.query_params.get("after"))
    with here.read() as connection:
        return queue_page(connection, here.scope, filters, after=after, limit=limit, with_facets=with_facets)


def _findings(request: Request, here: Visit, limit: int = 25, *, with_facets: bool = True) -> QueuePage:
    filters = read_filters(request.query_params)
    after = read_place(request.query_params.get("after"))
    with here.read() as connection:
        return findings_page(connection, here.scope, filters, after=after, limit=limit, with_facets=with_facets)


def _next(page: QueuePage, path: str) -> str | None:
    return page.filters.address(path, after=str(page.next)) if page.next else None


def _on(walk: deciding.Walk, following: str | None, did: str = "") -> Response:
    # The place is carried along, so that a look out of order is no break in the walk, and no sign of itself either.
    path = f"/findings/{following}" if following else "/review"
    at = str(walk.place) if walk.place and following else ""
    return go(walk.filters.address(path, did=did, at=at))


def _finding(request: Request, here: Visit, id: str, status: int = 200, changed: str = "") -> HTMLResponse:
    filters = in_queue(read_filters(request.query_params))
    did = request.query_params.get("did", "")
    with here.read() as connection:
        now = here.desk.clock()
        around = look_around(connection, here.scope, id, reviewer=here.by, now=now)
        if around is None:
            raise Missing(_("There is no such finding, or none you may see."))
        blind = around.look is not None and around.look.verdict is None
        platform = here.desk.workspace.declarations.platforms.get(around.listing.platform)
        view = view_finding(
            connection,
            here.scope,
            around,
            countries=platform.countries if platform else (),
            today=now.date(),
            is_blind=blind,
        )
        at = read_place(request.query_params.get("at"))
        place = at if blind and at else place_of(view.item)
        near = surroundings(connection, here.scope, filters, place, reviewer=here.by, now=now, did=did)
        shown = [*(each.sha256 for each in view.pictures), *(each.sha256 for each in view.references)]
        flagged = guard_of(request).flagged(connection, shown)
    can_decide = may_decide(here) and not view.is_decided
    held_by = None
    if can_decide and not blind:
        held_by = deciding.hold(here.desk.workspace.database, around, reviewer=here.by, clock=here.desk.clock)
    return show(
        request,
        "finding.html",
        status,
        view=view,
        filters=filters,
        at=str(at) if at else "",
        place=str(place),
        before=near.before,
        after=near.after,
        left=near.left,
        most=MOST_COUNTED,
        may_decide=may_decide(here),
        is_mine=view.standing is not None and view.standing.by == here.by,
        can_decide=can_decide,
        held_by=held_by,
        seen=token(replace(view.item, decision=None) if blind else view.item),
        twins_seen=",".join(token(twin) for twin in view.twins),
        reasons=REASONS,
        changed=changed,
        flagged=flagged,
        did={"finding": did, "title": near.did} if near.did is not None else None,
    )


def _did(request: Request, here: Visit) -> dict[str, str] | None:
    """What was just entered, by the address; None where the address names nothing in sight."""
    id = request.query_params.get("did", "")
    if not id:
        return None
    with here.read() as connection:
        item = ReviewItems(connection, here.scope).get(id)
    if item is None:
        return None
    return {"finding": id, "title": item.title}

"""Pages about one record each, their lists, and the pictures and bytes behind them."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from fastapi import APIRouter, Form, Request, Response
from sqlalchemy import Connection, select

from console.pipeline import sender_of
from console.web.desk import STEP_UP, Here, Visit, go
from console.web.door import EVIDENCE_POLICY
from console.web.errors import Missing, Refused
from console.web.notices.acts import current, signatories
from console.web.review import lists
from console.web.review.casefile import CasePage, list_cases, view_case
from console.web.review.drawing import read_region
from console.web.review.masking import has_revealed
from console.web.review.near import NearPictures
from console.web.review.pages_review import guard_of, may_decide, show
from console.web.review.pictures import Busy, NoPicture, Pictures
from console.web.review.records import (
    CaptureView,
    view_capture,
    view_listing,
    view_reference,
    view_right,
    view_same_picture,
    view_seller,
)
from console.web.review.search import find_listings, parse_query
from console.web.review.seeing import sees_capture, sees_picture, sees_runs
from console.web.runs import NARROWED_BY, narrowed
from console.web.words import gettext as _
from store.db import tables
from store.db.accounts import Reveals
from store.db.audit import act_of
from store.db.captures import Captures
from store.db.cases import Cases
from store.db.parties import Parties
from store.db.rights import Rights
from store.db.rows import record_of
from store.evidence.errors import EvidenceError
from store.records.accounts import Reveal, Role
from store.records.cases import CaseState
from store.records.listings import Listing
from store.records.runs import Run

router = APIRouter(include_in_schema=False)

PAGE = 50
SHORTEST_REASON = 10  # letters of a reason to look at a name: a word or two, not a dot
CASE_HEADS = (
    "number",
    "state",
    "priority",
    "platform",
    "right",
    "seller",
    "findings",
    "open",
    "confirmed",
    "opened_at",
)
LISTING_HEADS = (
    "listing",
    "platform",
    "platform_item_id",
    "kind",
    "state",
    "url",
    "seller",
    "first_seen",
    "last_seen",
)
RUN_HEADS = ("run", "kind", "platform", "state", "started_at", "ended_at", "counts", "alarms")
RIGHT_HEADS = ("right", "right_ref", "kind", "mark_text", "office", "registration_number", "status", "expires_on")


@router.get("/picture/{sha256}")
async def picture(
    request: Request, here: Here, sha256: str, side: int = 720, box: str = "", clear: bool = False, cut: bool = False
) -> Response:
    """
    One picture, decoded and written anew, with a region framed where one is asked for, or cut out with `cut`.

    What the guard flags is blurred unless `clear` asks for it. While it is drawn, no thread of the server waits.
    """
    is_blurred = await run_sync(_stays_blurred, request, here, sha256) and not clear
    pictures: Pictures = request.app.state.pictures
    try:
        data = await pictures.wait_for(
            sha256, side_px=side, region=read_region(box), is_blurred=is_blurred, is_cut=cut
        )
    except NoPicture as error:
        raise Missing(_("This picture cannot be shown safely.")) from error
    except Busy:
        return Response(status_code=503, headers={"retry-after": "5"})
    # The address names the bytes, so that what it shows changes only with the guard's list; private, because who
    # may see it does.
    return Response(data, media_type="image/jpeg", headers={"cache-control": "private, max-age=3600, immutable"})


def _stays_blurred(request: Request, here: Visit, sha256: str) -> bool:
    """Whether the guard flags a picture that the reader may see. Raises `Missing` for any other."""
    with here.read() as connection:
        if not sees_picture(connection, here.scope, sha256):
            raise Missing(_("There is no such picture, or none you may see."))
        return sha256 in guard_of(request).flagged(connection, [sha256])


@router.get("/pictures/{sha256}")
def same_picture(request: Request, here: Here, sha256: str) -> Response:
    """Everything that shows this picture, or nearly."""
    with here.read() as connection:
        view = view_same_picture(connection, here.scope, sha256, _near(request))
        flagged = guard_of(request).flagged(connection, [sha256])
    if view is None:
        raise Missing(_("There is no such picture, or none you may see."))
    return show(request, "same.html", view=view, flagged=flagged, clear=request.query_params.get("clear") == "true")


@router.get("/listings")
def listings(request: Request, here: Here) -> Response:
    """Listings, the newest first."""
    found, following = _listings(request, here, PAGE)
    return show(request, "listings.html", listings=found, following=following, q=request.query_params.get("q", ""))


@router.get("/listings.json")
def listings_json(request: Request, here: Here) -> Response:
    """Listings as JSON."""
    found, following = _listings(request, here, lists.MOST_ROWS, ".json")
    return lists.as_json("listings", map(_listing_cells, found), following=following)


@router.get("/listings.csv")
def listings_csv(request: Request, here: Here) -> Response:
    """Listings as a table."""
    found, following = _listings(request, here, lists.MOST_ROWS, ".csv")
    return lists.as_csv("listings", LISTING_HEADS, map(_listing_cells, found), following=following)


@router.get("/listings/{listing}")
def listing(request: Request, here: Here, listing: str) -> Response:
    """One listing over time."""
    with here.read() as connection:
        view = view_listing(connection, here.scope, listing)
    if view is None:
        raise Missing(_("There is no such listing, or none you may see."))
    return show(request, "listing.html", view=view)


@router.get("/sellers/{seller}")
def seller(request: Request, here: Here, seller: str) -> Response:
    """One account, its name kept back."""
    with here.read() as connection:
        view = view_seller(connection, here.scope, seller)
    if view is None:
        raise Missing(_("There is no such account, or none you may see."))
    return show(request, "seller.html", view=view)


@router.post("/sellers/{seller}/reveal")
def reveal(request: Request, here: Here, seller: str, reason: Annotated[str, Form(max_length=500)]) -> Response:
    """Show an account's name once, for a reason that is kept with who looked."""
    with here.desk.workspace.database.write() as connection:
        view = view_seller(connection, here.scope, seller, sealer=here.desk.workspace.sealer)
        if view is None:
            raise Missing(_("There is no such account, or none you may see."))
        _enter_look(connection, here, "seller", seller, reason)
    return show(request, "seller.html", view=view)


def _enter_look(connection: Connection, here: Visit, kind: str, subject: str, reason: str) -> None:
    """Keep who looked, when and why. Raises `Refused` for a reason that says nothing."""
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise Refused(_("Say why you need to see it; the reason is kept."))
    now = here.desk.clock()
    look = Reveal(
        id=here.desk.ids(),
        account=here.person.id,
        subject_kind=kind,
        subject=subject,
        reason=reason,
        at=now,
    )
    # The reason stands in its own table: people write names into it, and the audit holds none.
    act = act_of(here.by, "reveal_personal_values", kind, subject, clock=lambda: now, ids=here.desk.ids)
    Reveals(connection, here.scope).enter(look, act)


@router.get("/cases")
def cases(request: Request, here: Here) -> Response:
    """Cases, the most urgent first."""
    page, following = _cases(request, here, PAGE)
    return show(
        request,
        "cases.html",
        page=page,
        following=following,
        states=list(CaseState),
        state=request.query_params.get("state", ""),
        asked=urlencode({k: v for k in ("state", "platform", "right") if (v := request.query_params.get(k))}),
    )


@router.get("/cases.json")
def cases_json(request: Request, here: Here) -> Response:
    """Cases as JSON."""
    page, following = _cases(request, here, lists.MOST_ROWS, ".json")
    return lists.as_json("cases", map(_case_cells, page.lines), following=following)


@router.get("/cases.csv")
def cases_csv(request: Request, here: Here) -> Response:
    """Cases as a table."""
    page, following = _cases(request, here, lists.MOST_ROWS, ".csv")
    return lists.as_csv("cases", CASE_HEADS, map(_case_cells, page.lines), following=following)


@router.get("/cases/{number}")
def case(request: Request, here: Here, number: int) -> Response:
    """One case: where it stands, what is missing, what was done."""
    workspace = current(here)
    with here.read() as connection:
        found = Cases(connection, here.scope).numbered(number)
    signatory = next(iter(signatories(here, found)), None) if found else None
    with here.read() as connection:
        view = view_case(
            connection,
            workspace.vault,
            workspace.declarations,
            here.scope,
            number,
            sender=sender_of(workspace, signatory),
            now=here.desk.clock(),
        )
    if view is None:
        raise Missing(_("There is no such case, or none you may see."))
    may_prepare = view.case.state is not CaseState.OPEN and Role.OFFICER in here.person.roles
    return show(request, "case.html", view=view, may_decide=may_decide(here), may_prepare=may_prepare)


@router.get("/captures/{capture}")
def capture(request: Request, here: Here, capture: str) -> Response:
    """What was fetched once: headers, digests, way, and the bytes as picture or text."""
    with here.read() as connection:
        view = _capture(connection, here, capture)
    if view is None:
        raise Missing(_("There is no such capture, or none you may see."))
    return show(request, "capture.html", view=view, may_decide=may_decide(here))


@router.post("/captures/{capture}/reveal")
def reveal_capture(here: Here, capture: str, reason: Annotated[str, Form(max_length=500)]) -> Response:
    """Show what a captured page says of people, for a reason that is kept with who looked."""
    with here.desk.workspace.database.write() as connection:
        if Captures(connection, here.scope).get(capture) is None or not sees_capture(connection, here.scope, capture):
            raise Missing(_("There is no such capture, or none you may see."))
        _enter_look(connection, here, "capture", capture, reason)
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


@router.get("/runs.json")
def runs_json(request: Request, here: Here) -> Response:
    """Runs as JSON."""
    found, following = _runs(request, here, lists.MOST_ROWS, ".json")
    return lists.as_json("runs", map(_run_cells, found), following=following)


@router.get("/runs.csv")
def runs_csv(request: Request, here: Here) -> Response:
    """Runs as a table."""
    found, following = _runs(request, here, lists.MOST_ROWS, ".csv")
    return lists.as_csv("runs", RUN_HEADS, map(_run_cells, found), following=following)


@router.get("/rights")
def rights(request: Request, here: Here) -> Response:
    """Rights in scope."""
    with here.read() as connection:
        found = Rights(connection, here.scope).find()
        holders = {party.id: party.legal_name for party in Parties(connection, here.scope).find()}
    return show(request, "rights.html", rights=found, holders=holders)


@router.get("/rights.json")
def rights_json(here: Here) -> Response:
    """Rights as JSON."""
    return lists.as_json("rights", _rights(here), following=None)


@router.get("/rights.csv")
def rights_csv(here: Here) -> Response:
    """Rights as a table."""
    return lists.as_csv("rights", RIGHT_HEADS, _rights(here), following=None)


@router.get("/rights/{right}")
def right(request: Request, here: Here, right: str) -> Response:
    """One right with its products, references and findings."""
    with here.read() as connection:
        view = view_right(connection, here.scope, right)
    if view is None:
        raise Missing(_("There is no such right, or none you may see."))
    return show(request, "right.html", view=view)


@router.get("/references/{reference}")
def reference(request: Request, here: Here, reference: str) -> Response:
    """One reference with where it was seen."""
    with here.read() as connection:
        view = view_reference(connection, here.scope, reference)
    if view is None:
        raise Missing(_("There is no such reference, or none you may see."))
    return show(request, "reference.html", view=view)


def _near(request: Request) -> NearPictures:
    """The codes of this desk's pictures, kept with the application."""
    state = request.app.state
    if not hasattr(state, "near"):
        state.near = NearPictures()
    found: NearPictures = state.near
    return found


def _listings(request: Request, here: Visit, limit: int, suffix: str = "") -> tuple[list[Listing], str | None]:
    asked = request.query_params.get("q", "")
    query = parse_query(asked)
    with here.read() as connection:
        rows = find_listings(connection, here.scope, query, after=request.query_params.get("after"), limit=limit + 1)
    found = rows[:limit]
    more = {"q": asked, "after": found[-1].id if len(rows) > limit else ""}
    return found, _address(f"/listings{suffix}", more) if more["after"] else None


def _cases(request: Request, here: Visit, limit: int, suffix: str = "") -> tuple[CasePage, str | None]:
    asked = request.query_params
    state, platform, right = (asked.get(name, "") for name in ("state", "platform", "right"))
    with here.read() as connection:
        page = list_cases(
            connection,
            here.scope,
            state=state,
            platform=platform,
            right=right,
            after=_case_place(asked.get("after")),
            limit=limit,
        )
    if page.next is None:
        return page, None
    more = {"state": state, "platform": platform, "right": right, "after": f"{page.next[0]!r}~{page.next[1]}"}
    return page, _address(f"/cases{suffix}", more)


def _case_place(text: str | None) -> tuple[float, int] | None:
    priority, _mark, number = (text or "").partition("~")
    try:
        return float(priority), int(number)
    except ValueError:
        return None


def _runs(request: Request, here: Visit, limit: int, suffix: str = "") -> tuple[list[Run], str | None]:
    if not sees_runs(here.scope):
        raise Missing(_("There is nothing here, or nothing you may see."))
    table = tables.run
    statement = narrowed(select(table), request.query_params)
    if after := request.query_params.get("after"):
        statement = statement.where(table.c.id < after)
    with here.read() as connection:
        rows = connection.execute(statement.order_by(table.c.id.desc()).limit(limit + 1)).all()
    found = [record_of(Run, row) for row in rows[:limit]]
    if len(rows) <= limit:
        return found, None
    asked = {name: request.query_params.get(name, "") for name in NARROWED_BY}
    return found, _address(f"/runs{suffix}", {**asked, "after": found[-1].id})


def _rights(here: Visit) -> list[dict[str, Any]]:  # Any: JSON values
    with here.read() as connection:
        found = Rights(connection, here.scope).find()
    return [
        {
            "right": each.id,
            "right_ref": each.right_ref,
            "kind": each.kind.value,
            "mark_text": each.mark_text,
            "office": each.office,
            "registration_number": each.registration_number,
            "status": each.status.value,
            "expires_on": each.expires_on.isoformat() if each.expires_on else None,
        }
        for each in found
    ]


def _case_cells(line: Any) -> dict[str, Any]:  # Any: a CaseLine; JSON values
    case = line.case
    return {
        "number": case.number,
        "state": case.state.value,
        "priority": case.priority,
        "platform": case.platform,
        "right": line.right_ref,
        "seller": case.seller,
        "findings": len(case.findings),
        "open": line.open,
        "confirmed": line.confirmed,
        "opened_at": case.opened_at.isoformat(),
    }


def _listing_cells(listing: Listing) -> dict[str, Any]:  # Any: JSON values
    return {
        "listing": listing.id,
        "platform": listing.platform,
        "platform_item_id": listing.platform_item_id,
        "kind": listing.kind.value,
        "state": listing.state.value,
        "url": listing.url,
        "seller": listing.seller,
        "first_seen": listing.first_seen.isoformat(),
        "last_seen": listing.last_seen.isoformat(),
    }


def _run_cells(run: Run) -> dict[str, Any]:  # Any: JSON values
    return {
        "run": run.id,
        "kind": run.kind.value,
        "platform": run.platform,
        "state": run.state.value,
        "started_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "counts": [f"{name}={count}" for name, count in run.counts.items()],
        "alarms": list(run.alarms),
    }


def _address(path: str, values: dict[str, str]) -> str:
    return f"{path}?{urlencode({name: value for name, value in values.items() if value})}"

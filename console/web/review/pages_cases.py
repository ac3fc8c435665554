"""Pages about cases: the list, and one case whole."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from console.pipeline import sender_of
from console.web.desk import Here, Number, Visit, read_number
from console.web.errors import Missing
from console.web.notices.acts import current, signatories
from console.web.review import lists
from console.web.review.casefile import CaseLine, CasePage, list_cases, view_case
from console.web.review.domains import sites_in_sight
from console.web.review.pages_review import may_decide, show
from console.web.words import gettext as _
from store.db.cases import Cases
from store.db.rechecks import Rechecks
from store.records.accounts import Role
from store.records.cases import CaseState

router = APIRouter(include_in_schema=False)

PAGE = 50
NARROWED_BY = ("state", "platform", "right")
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


@router.get("/cases")
def cases(request: Request, here: Here) -> Response:
    """Cases, the most urgent first."""
    page, following = _cases(request, here, PAGE)
    return show(
        request,
        "cases.html",
        page=page,
        following=following,
    )


@router.get("/cases.json")
def cases_json(request: Request, here: Here) -> Response:
    """Cases as JSON."""
    page, following = _cases(request, here, lists.MOST_ROWS, ".json", with_facets=False)
    return lists.as_json("cases", map(_case_cells, page.lines), following=following)


@router.get("/cases.csv")
def cases_csv(request: Request, here: Here) -> Response:
    """Cases as a table."""
    page, following = _cases(request, here, lists.MOST_ROWS, ".csv", with_facets=False)
    return lists.as_csv("cases", CASE_HEADS, map(_case_cells, page.lines), following=following)


@router.get("/cases/{number}")
def case(request: Request, here: Here, number: Number) -> Response:
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
            before=request.query_params.get("before", ""),
        )
        platform = workspace.declarations.platforms.get(view.case.platform) if view else None
        home = platform.home if platform else ""
        site = sites_in_sight(connection, here.scope, [home]).get(home)
        listings = [row.item.listing for row in view.rows] if view else []
        looked = Rechecks(connection, here.scope).latest(listings).values()
    if view is None:
        raise Missing(_("There is no such case, or none you may see."))
    may_prepare = view.case.state is not CaseState.OPEN and Role.OFFICER in here.person.roles
    return show(
        request,
        "case.html",
        view=view,
        may_decide=may_decide(here),
        may_prepare=may_prepare,
        site=site,
        rechecks=sorted((each for each in looked if not each.stands), key=lambda each: each.judged_at, reverse=True),
        numbers={notice.id: notice.number for notice in view.notices},
    )


def _cases(
    request: Request, here: Visit, limit: int, suffix: str = "", *, with_facets: bool = True
) -> tuple[CasePage, str | None]:
    asked = request.query_params
    chosen = {name: asked.get(name, "") for name in NARROWED_BY}
    with here.read() as connection:
        page = list_cases(
            connection,
            here.scope,
            chosen,
            after=_case_place(asked.get("after")),
            limit=limit,
            with_facets=with_facets,
        )
    if page.next is None:
        return page, None
    return page, page.narrowing.address(f"/cases{suffix}", after=f"{page.next[0]!r}~{page.next[1]}")


def _case_place(text: str | None) -> tuple[float, int] | None:
    priority, _mark, place = (text or "").partition("~")
    number = read_number(place)
    try:
        return None if number is None else (float(priority), number)
    except ValueError:
        return None


def _case_cells(line: CaseLine) -> dict[str, Any]:  # Any: JSON values
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

"""The pages of notices: the list, one notice, and what its buttons send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from config.registers import page_of
from console.access import access_to, may
from console.pipeline import sender_of
from console.web.desk import Here, Number, Visit, go, read_number, render
from console.web.errors import Missing
from console.web.notices import acts
from console.web.notices.listing import Filters, Line, NoticePage, list_notices, read_filters
from console.web.notices.notice import NoticeView, find_notice, items_from, view_notice, why_not_approve
from console.web.review import lists
from console.web.review.labels import label, tone
from console.web.words import gettext as _
from store.records.notices import NoticeState

router = APIRouter(include_in_schema=False)

PAGE = 50
HEADS = (
    "number",
    "state",
    "platform",
    "profile",
    "draft_profile",
    "right",
    "holder",
    "case",
    "items",
    "refused",
    "codes",
    "drafted_at",
    "approved_by",
    "signatory",
)

Seen = Annotated[str, Form(max_length=64)]
Words = Annotated[str, Form(max_length=2000)]


def show(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:  # Any: for templates
    """A page of notices, with the names of codes at hand."""
    return render(request, f"notices/{template}", status, label=label, tone=tone, **context)


def can(here: Visit, method: str, path: str) -> bool:
    """Whether the table of routes lets this reader do that."""
    access = access_to(method, path)
    return access is not None and may(here.account, access)


@router.get("/notices")
def notices(request: Request, here: Here) -> Response:
    """Notices, the newest first."""
    page = _list(request, here, PAGE)
    return show(request, "list.html", page=page, may_export=can(here, "POST", "/notices/export"))


@router.get("/notices.json")
def notices_json(request: Request, here: Here) -> Response:
    """Notices as JSON."""
    page = _list(request, here, lists.MOST_ROWS, with_facets=False)
    return lists.as_json("notices", map(_cells, page.lines), following=_next(page, "/notices.json"))


@router.get("/notices.csv")
def notices_csv(request: Request, here: Here) -> Response:
    """Notices as a table."""
    page = _list(request, here, lists.MOST_ROWS, with_facets=False)
    return lists.as_csv("notices", HEADS, map(_cells, page.lines), following=_next(page, "/notices.csv"))


@router.post("/cases/{number}/notice")
def prepare(here: Here, number: Number) -> Response:
    """Draft the notices of a case; pressed again, the same notice."""
    return go(f"/notices/{acts.prepare(here, number).number}")


@router.post("/notices/export")
def export_signed(here: Here) -> Response:
    """Seal everything that is signed."""
    made = acts.export_signed(here)
    return go(f"/batches/{made[0].number}" if len(made) == 1 else "/batches")


@router.get("/notices/{number}")
def notice(request: Request, here: Here, number: Number) -> Response:
    """One notice, whole."""
    return _notice(request, here, number)


@router.post("/notices/{number}/approve")
def approve(request: Request, here: Here, number: Number, seen: Seen) -> Response:
    """Take responsibility for what was on the screen."""
    return _do(request, here, number, lambda: acts.approve(here, number, seen))


@router.post("/notices/{number}/sign")
def sign(request: Request, here: Here, number: Number, seen: Seen, name: Words = "") -> Response:
    """Say the statements, word for word."""
    return _do(request, here, number, lambda: acts.sign(here, number, seen, name))


@router.post("/notices/{number}/send-back")
def send_back(request: Request, here: Here, number: Number, seen: Seen, because: Words = "") -> Response:
    """Give it back to be mended."""
    return _do(request, here, number, lambda: acts.send_back(here, number, seen, because))


@router.post("/notices/{number}/recall")
def recall(request: Request, here: Here, number: Number, seen: Seen, because: Words = "") -> Response:
    """Take back what was an error."""
    return _do(request, here, number, lambda: acts.recall(here, number, seen, because))


@router.post("/notices/{number}/export")
def export(request: Request, here: Here, number: Number, seen: Seen) -> Response:
    """Seal one signed notice, and go to its batch."""
    try:
        return go(f"/batches/{acts.export(here, number, seen).number}")
    except acts.REFUSALS as refused:
        return _refused(request, here, number, refused)


def _do(request: Request, here: Visit, number: int, act: Callable[[], None]) -> Response:
    """Do it and show the notice; where it is refused, show the notice as it is now with the reason above it."""
    try:
        act()
    except acts.REFUSALS as refused:
        return _refused(request, here, number, refused)
    return go(f"/notices/{number}")


def _refused(request: Request, here: Visit, number: int, refused: Exception) -> Response:
    if isinstance(refused, Missing):
        raise refused
    return _notice(request, here, number, 409, acts.in_words(refused))


def _notice(request: Request, here: Visit, number: int, status: int = 200, refused: str = "") -> HTMLResponse:
    workspace = acts.current(here)
    declared = workspace.declarations
    with here.read() as connection:
        found = find_notice(connection, here.scope, number)
    if found is None:
        raise Missing(_("There is no such notice, or none you may see."))
    stored, case = found
    start = read_number(request.query_params.get("from", ""))
    first = min(start, len(stored.items)) if start else 1
    judged = acts.judge(here, declared, stored, case, {item.id for item in items_from(stored, first)})
    with here.read() as connection:
        view = view_notice(
            connection,
            here.scope,
            judged,
            stored,
            case,
            declared,
            first=first,
            contact=_contact(here),
            today=here.desk.clock().date(),
            waits=stored.state in acts.WAITING,
        )
        same = why_not_approve(connection, here.scope, stored, here.by, declared.policy.review, here.desk.clock())
    return show(
        request,
        "notice.html",
        status,
        view=view,
        refused=refused,
        same_person=acts.in_words(same) if same else "",
        signatories=acts.signatories(here, case),
        may_do=_may_do(here, view),
        exercise=declared.policy.exercise,
        register=page_of(view.right, declared.registers),
    )


def _contact(here: Visit) -> str:
    sender = sender_of(here.desk.workspace, None)
    return sender.agent_email or ""


def _may_do(here: Visit, view: NoticeView) -> frozenset[str]:
    """The acts that stand open here: by where the notice stands, and by what the reader's roles let them do."""
    state, signed = view.notice.state, view.notice.signatory is not None
    unsigned = state in (NoticeState.READY, NoticeState.APPROVED) and not signed
    fitting = {
        "approve": state is NoticeState.READY,
        "sign": state is NoticeState.APPROVED and not signed,
        "send-back": unsigned,
        "recall": state in acts.LIVE,
        "export": state is NoticeState.APPROVED and signed,
    }
    if not view.passing:  # a rule stops all of it now, and the act would only say so
        fitting |= {"approve": False, "sign": False, "export": False}
    open_now = {act for act, fits in fitting.items() if fits and can(here, "POST", f"/notices/{{number}}/{act}")}
    again = state is NoticeState.DRAFT or (state in acts.WAITING and bool(view.refusals))
    if again and can(here, "POST", "/cases/{number}/notice"):
        open_now.add("prepare")
    return frozenset(open_now)


def _list(request: Request, here: Visit, limit: int, *, with_facets: bool = True) -> NoticePage:
    filters: Filters = read_filters(request.query_params)
    with here.read() as connection:
        return list_notices(
            connection,
            here.scope,
            filters,
            after=read_number(request.query_params.get("after", "")),
            limit=limit,
            with_facets=with_facets,
        )


def _next(page: NoticePage, path: str) -> str | None:
    return page.filters.address(path, after=page.following) if page.following else None


def _cells(line: Line) -> dict[str, Any]:  # Any: JSON values
    return {
        "number": line.number,
        "state": line.state,
        "platform": line.platform,
        "profile": line.profile,
        "draft_profile": line.draft_profile,
        "right": line.right_ref,
        "holder": line.holder,
        "case": line.case_number,
        "items": line.items,
        "refused": line.refused,
        "codes": list(line.codes),
        "drafted_at": line.drafted_at.isoformat(),
        "approved_by": line.approved_by,
        "signatory": line.signatory,
    }

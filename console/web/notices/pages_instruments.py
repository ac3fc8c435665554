"""Orders, requests to preserve and referrals: drafted about a case, read whole, approved, issued; their clocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from config.instrument_form import Fill, InstrumentForm, Keeps, load_forms
from console.web.desk import Here, Number, Visit, go
from console.web.errors import Missing, Refused
from console.web.facets import Narrowing, narrow
from console.web.notices import acts
from console.web.notices.pages_notices import Seen, Words, can, show
from console.web.review import lists
from console.web.review.labels import label
from console.web.review.seeing import sees_everything
from console.web.words import gettext as _
from reports.errors import ReportError
from reports.instruments.draft import WORDS_MOST, fill_sections
from reports.instruments.run import (
    approve_instrument,
    brief_of,
    draft_instrument,
    follow_instrument,
    issue_instrument,
    renew_instrument,
    withdraw_instrument,
)
from store.db import tables
from store.db.audit import AuditTrail
from store.db.by_ref import in_lots
from store.db.cases import Cases
from store.db.instruments import Instruments
from store.records.cases import Case
from store.records.instruments import Instrument, InstrumentState
from store.records.scope import EVERYTHING

router = APIRouter(include_in_schema=False)

NARROWED_BY = ("form", "state")
HEADS = (
    "number",
    "form",
    "state",
    "case",
    "domain",
    "missing",
    "drafted_by",
    "drafted_at",
    "approved_by",
    "issued_by",
    "issued_at",
    "reference",
    "keeps_until",
    "renewals",
    "followed_by",
    "text_sha256",
)
Codes = Annotated[list[str], Form(max_length=60)]
Said = Annotated[list[Annotated[str, Form(max_length=WORDS_MOST)]], Form(max_length=60)]


@router.get("/instruments")
def listed(request: Request, here: Here) -> Response:
    """Instruments, the newest first."""
    lines, ways = _narrowed(request, here)
    return show(request, "instruments.html", lines=lines, narrowing=ways)


@router.get("/instruments.json")
def listed_json(request: Request, here: Here) -> Response:
    """Instruments as JSON."""
    return lists.as_json("instruments", (_cells(*line) for line in _narrowed(request, here)[0]), following=None)


@router.get("/instruments.csv")
def listed_csv(request: Request, here: Here) -> Response:
    """Instruments as a table."""
    rows = (_cells(*line) for line in _narrowed(request, here)[0])
    return lists.as_csv("instruments", HEADS, rows, following=None)


@router.get("/cases/{number}/instruments")
def begin(
    request: Request,
    here: Here,
    number: Number,
    form: Annotated[str, Query(max_length=63)] = "",
    domain: Annotated[str, Query(max_length=253)] = "",
) -> Response:
    """The forms that can be drafted about a case; with `form`, what is known for each of its elements."""
    return _draft_page(request, here, number, form, domain)


@router.post("/cases/{number}/instruments")
def draft(
    request: Request,
    here: Here,
    number: Number,
    form: Annotated[str, Form(max_length=63)] = "",
    domain: Annotated[str, Form(max_length=253)] = "",
    code: Codes = [],  # noqa: B006 -- read by FastAPI, never changed
    words: Said = [],  # noqa: B006 -- as above
) -> Response:
    """Draft it with a person's words; what nobody has said stands in it as missing."""
    case, chosen = _case(here, number), _form(here, form)
    if len(code) != len(words):
        raise Refused(_("The form came in pieces that do not belong together. Nothing was drafted."))
    given = {each: said for each, said in zip(code, words, strict=True) if said.strip()}
    workspace = acts.current(here)
    try:
        made = draft_instrument(
            workspace.database,
            workspace.vault,
            workspace.declarations,
            chosen,
            case,
            domain=_site(here, chosen, domain),
            given=given,
            by=here.by,
            clock=here.desk.clock,
            ids=here.desk.ids,
            scope=here.scope,
        )
    except (Refused, ReportError) as refused:
        return _draft_page(request, here, number, form, domain, given=given, refused=str(refused))
    return go(f"/instruments/{made.number}")


@router.get("/instruments/{number}")
def instrument(request: Request, here: Here, number: Number) -> Response:
    """One instrument: its whole text, what carries each part, and what may be done with it."""
    return _page(request, here, number)


@router.get("/instruments/{number}/instrument.txt")
def text(here: Here, number: Number) -> Response:
    """The text as it was approved, byte for byte, to be signed and sent outside."""
    found = _found(here, number)
    if found.state not in (InstrumentState.APPROVED, InstrumentState.ISSUED):
        raise Refused(_("Only what somebody else approved leaves the house. Have it approved first."))
    name = f"{found.number:04d}-{found.form}.txt"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(found.text.encode(), media_type="text/plain; charset=utf-8", headers=headers)


@router.post("/instruments/{number}/approve")
def approve(request: Request, here: Here, number: Number, seen: Seen = "") -> Response:
    """Stand behind the whole text that was on the screen."""
    return _do(request, here, number, lambda old: _approve(here, old, seen))


@router.post("/instruments/{number}/issue")
def issue(request: Request, here: Here, number: Number, reference: Words = "") -> Response:
    """Enter that it was signed and sent outside, under which file number."""
    return _do(request, here, number, lambda old: _issue(here, old, reference))


@router.post("/instruments/{number}/renew")
def renew(request: Request, here: Here, number: Number, reference: Words = "") -> Response:
    """Enter that a request to preserve was renewed."""
    return _do(request, here, number, lambda old: _renew(here, old, reference))


@router.post("/instruments/{number}/follow")
def follow(request: Request, here: Here, number: Number, reference: Words = "") -> Response:
    """Enter what followed a request to preserve; its clock ends."""
    return _do(request, here, number, lambda old: _follow(here, old, reference))


@router.post("/instruments/{number}/withdraw")
def withdraw(request: Request, here: Here, number: Number) -> Response:
    """Set aside what was not issued."""
    return _do(request, here, number, lambda old: _withdraw(here, old))


def _approve(here: Visit, old: Instrument, seen: str) -> None:
    if old.state is InstrumentState.APPROVED and old.approved_by == here.by:
        return  # pressed twice
    desk = here.desk
    approve_instrument(
        desk.workspace.database,
        old.number,
        by=here.by,
        seen=seen,
        clock=desk.clock,
        ids=desk.ids,
        scope=here.scope,
    )


def _issue(here: Visit, old: Instrument, reference: str) -> None:
    if old.state is InstrumentState.ISSUED and old.issued_by == here.by:
        return
    desk = here.desk
    issue_instrument(
        desk.workspace.database,
        old.number,
        keeps=_keeps(here, old),
        by=here.by,
        reference=reference,
        clock=desk.clock,
        ids=desk.ids,
        scope=here.scope,
    )


def _renew(here: Visit, old: Instrument, reference: str) -> None:
    desk = here.desk
    renew_instrument(
        desk.workspace.database,
        old.number,
        keeps=_keeps(here, old),
        by=here.by,
        reference=reference,
        clock=desk.clock,
        ids=desk.ids,
        scope=here.scope,
    )


def _follow(here: Visit, old: Instrument, reference: str) -> None:
    desk = here.desk
    follow_instrument(
        desk.workspace.database,
        old.number,
        by=here.by,
        reference=reference,
        clock=desk.clock,
        ids=desk.ids,
        scope=here.scope,
    )


def _withdraw(here: Visit, old: Instrument) -> None:
    if old.state is InstrumentState.WITHDRAWN:
        return
    desk = here.desk
    withdraw_instrument(
        desk.workspace.database, old.number, by=here.by, clock=desk.clock, ids=desk.ids, scope=here.scope
    )


def _do(request: Request, here: Visit, number: int, act: Callable[[Instrument], None]) -> Response:
    old = _found(here, number)
    try:
        act(old)
    except acts.REFUSALS as refused:
        return _page(request, here, number, 409, str(refused))
    return go(f"/instruments/{number}")


def _page(request: Request, here: Visit, number: int, status: int = 200, refused: str = "") -> HTMLResponse:
    found = _found(here, number)
    with here.read() as connection:
        case = Cases(connection, here.scope).get(found.case)
        history = AuditTrail(connection, EVERYTHING).of_subject(found.id)
    form = load_forms(here.desk.workspace.settings.instruments).get(found.form)
    keeps = form.keeps if form else None
    names = ("approve", "issue", "renew", "follow", "withdraw")
    may = {name: can(here, "POST", f"/instruments/{{number}}/{name}") for name in names}
    return show(
        request,
        "instrument.html",
        status,
        instrument=found,
        form=form,
        keeps=keeps,
        renewable=keeps is not None and found.runs and found.renewals < keeps.renewals,
        case=case,
        history=history,
        may=may,
        may_export=can(here, "GET", "/instruments/{number}/instrument.txt"),
        is_own=found.drafted_by.casefold() == here.by.casefold(),
        refused=refused,
    )


def _draft_page(
    request: Request,
    here: Visit,
    number: int,
    name: str,
    domain: str,
    *,
    given: Mapping[str, str] | None = None,
    refused: str = "",
) -> HTMLResponse:
    case = _case(here, number)
    forms = load_forms(here.desk.workspace.settings.instruments)
    is_authority = acts.current(here).declarations.policy.sender.kind == "authority"
    shown: dict[str, Any] = {  # Any: for the template
        "case": case,
        "forms": sorted(forms.values(), key=lambda each: (each.issuer, each.name)),
        "is_authority": is_authority,
        "may_draft": can(here, "POST", "/cases/{number}/instruments"),
        "form": None,
        "domain": domain,
        "given": given or {},
        "refused": refused,
    }
    if not name:
        return show(request, "instrument_draft.html", 409 if refused else 200, **shown)
    chosen = _form(here, name)
    shown["form"] = chosen
    needs_site = chosen.target == "site" and not domain
    if not needs_site:
        try:
            shown["elements"] = _known(here, chosen, case, domain)
        except (Refused, ReportError) as error:
            shown["refused"] = refused or str(error)
    return show(request, "instrument_draft.html", 409 if shown["refused"] else 200, needs_site=needs_site, **shown)


def _known(here: Visit, form: InstrumentForm, case: Case, domain: str) -> list[dict[str, Any]]:  # Any: for templates
    """Each element with what is known for it, before anybody wrote a word."""
    workspace = acts.current(here)
    brief = brief_of(
        workspace.database,
        workspace.vault,
        workspace.declarations,
        form,
        case,
        domain=_site(here, form, domain),
        clock=here.desk.clock,
        scope=here.scope,
    )
    sections = fill_sections(form, brief, {}, here.by)
    return [
        {
            "element": element,
            "lines": section.lines,
            "sources": section.sources,
            "open": element.fill is not Fill.TEXT,
        }
        for element, section in zip(form.elements, sections, strict=True)
    ]


def _site(here: Visit, form: InstrumentForm, domain: str) -> str | None:
    """The domain that the form asks about. Sites are the unit's own: a narrowed reader sees none."""
    if form.target != "site":
        return None
    if not sees_everything(here.scope):
        raise Refused(_("Sites span holders, so that only readers of the whole unit can draft about one."))
    return domain.strip().casefold().rstrip(".") or None


def _case(here: Visit, number: int) -> Case:
    with here.read() as connection:
        found = Cases(connection, here.scope).numbered(number)
    if found is None:
        raise Missing(_("There is no such case, or none you may see."))
    return found


def _form(here: Visit, name: str) -> InstrumentForm:
    found = load_forms(here.desk.workspace.settings.instruments).get(name)
    if found is None:
        raise Missing(_("There is no such form."))
    return found


def _keeps(here: Visit, found: Instrument) -> Keeps | None:
    return _form(here, found.form).keeps


def _found(here: Visit, number: int) -> Instrument:
    with here.read() as connection:
        found = Instruments(connection, here.scope).numbered(number)
    if found is None:
        raise Missing(_("There is no such instrument, or none you may see."))
    return found


def _narrowed(request: Request, here: Visit) -> tuple[list[tuple[Instrument, int]], Narrowing]:
    chosen = {name: request.query_params.get(name, "") for name in NARROWED_BY}
    with here.read() as connection:
        found = Instruments(connection, here.scope).newest(lists.MOST_ROWS)
        numbers = {
            each.id: each.number
            for lot in in_lots({each.case for each in found})
            for each in Cases(connection, here.scope).find(tables.case.c.id.in_(lot))
        }
    lines = [(each, numbers[each.case]) for each in found if each.case in numbers]
    return narrow(
        lines,
        lambda line: (line[0].form, line[0].state.value),
        chosen,
        lambda name, value: label("instrument_state", value) if name == "state" else value,
    )


def _cells(found: Instrument, case: int) -> dict[str, Any]:  # Any: JSON values
    return {
        "number": found.number,
        "form": found.form,
        "state": found.state.value,
        "case": case,
        "domain": found.domain,
        "missing": [section.code for section in found.missing],
        "drafted_by": found.drafted_by,
        "drafted_at": found.drafted_at.isoformat(),
        "approved_by": found.approved_by,
        "issued_by": found.issued_by,
        "issued_at": found.issued_at.isoformat() if found.issued_at else None,
        "reference": found.reference,
        "keeps_until": found.keeps_until.isoformat() if found.keeps_until else None,
        "renewals": found.renewals,
        "followed_by": found.followed_by,
        "text_sha256": found.text_sha256,
    }

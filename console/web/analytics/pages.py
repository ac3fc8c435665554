"""The pages of figures: each with its chart, the table behind it, and the rows behind every number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from console.access import access_to, may
from console.analytics.asks import WITHIN_DAYS, Case, Group, Line, Question, cases_of, league, line_of
from console.analytics.charts import column_chart, curve_chart, row_chart
from console.analytics.judging import WRONG, Judged, Known, precision_by_month, reviewer_lines
from console.web.analytics.reading import Span, choices, read_asks, read_judged, read_known
from console.web.desk import Here, Visit, render
from console.web.errors import Refused
from console.web.review import lists
from console.web.review.labels import label, tone
from console.web.words import gettext as _
from reports.formats.plain import plain
from store.db import tables
from store.db.by_ref import in_lots

router = APIRouter(include_in_schema=False)

ROWS_SHOWN = 200  # of a page; the tables hold all
ASK_HEADS = (
    "group",
    "label",
    "asked",
    "ended",
    "open",
    "median_days",
    "within_7_days",
    "within_low",
    "within_high",
)
ASK_ROWS = (
    "item",
    "notice",
    "listing",
    "finding",
    "title",
    "platform",
    "right",
    "right_ref",
    "seller",
    "asked_at",
    "answered_at",
    "answer",
    "gone_at",
    "looked_at",
    "back_at",
    "back_as",
    "followed_to",
    "days",
    "ended",
)
STEP_HEADS = ("days", "at_risk", "ended", "censored", "share", "low", "high")
MONTH_HEADS = ("month", "confirmed", "decided", "precision", "low", "high")
JUDGED_ROWS = ("finding", "title", "platform", "right", "right_ref", "verdict", "reason", "by", "at", "month")
REVIEWER_HEADS = ("reviewer", "answered", "wrong", "share", "low", "high", *WRONG)
KNOWN_ROWS = ("finding", "reviewer", "kind", "expected", "verdict", "was", "at")

Cells = dict[str, Any]  # Any: JSON values


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrow:
    """What the address narrows the figures to, and how it is written back."""

    span: Span
    by: Group
    more: Mapping[str, str]  # what narrows rows alone

    def address(self, path: str, **changed: str) -> str:
        """The address of another page, narrowed alike."""
        span = self.span
        values = {
            "platform": span.platform,
            "right": span.right,
            "since": span.since.isoformat() if span.since else "",
            "until": span.until.isoformat() if span.until else "",
            "by": "" if self.by is Group.PLATFORM else self.by.value,
        }
        return lists.address_of(path, values | changed)


def read_narrow(request: Request) -> Narrow:
    """What the address says. Raises `Refused` for a day that is none."""
    asked = request.query_params
    by = next((group for group in Group if group.value == asked.get("by")), Group.PLATFORM)
    span = Span(
        platform=asked.get("platform", "")[:100],
        right=asked.get("right", "")[:36],
        since=_day(asked.get("since", "")),
        until=_day(asked.get("until", "")),
    )
    more = {name: asked.get(name, "")[:100] for name in ("fate", "seller", "month", "verdict", "reviewer", "was")}
    return Narrow(span=span, by=by, more={name: value for name, value in more.items() if value})


@router.get("/analytics")
def overview(request: Request, here: Here) -> Response:
    """Every question with its chart and its main figure."""
    narrow = read_narrow(request)
    with here.read() as connection:
        asks = read_asks(connection, here.scope, narrow.span)
        judged = read_judged(connection, here.scope, narrow.span)
    now = here.desk.clock()
    lines = {question: line_of(cases_of(question, asks, now)) for question in Question}
    return _show(
        request,
        here,
        "overview.html",
        narrow,
        lines=lines,
        charts={question: curve_chart(line.steps) for question, line in lines.items() if line.asked},
        precision=_precision_chart(judged),
        judged=len(judged),
    )


def _of_question(question: Question) -> None:
    """Register the pages of one question about notices."""
    path = f"/analytics/{question.value}"

    def page(request: Request, here: Here) -> Response:
        narrow = read_narrow(request)
        cases = _cases(here, question, narrow, whole=True)
        whole, groups = line_of(cases), league(cases, narrow.by)
        names = _names(here, narrow.by, groups)
        judged = [line for line in groups if line.within is not None]
        return _show(
            request,
            here,
            "question.html",
            narrow,
            question=question.value,
            whole=whole,
            groups=groups,
            names=names,
            chart=curve_chart(whole.steps) if cases else None,
            rows_chart=row_chart(
                [
                    (names[line.key], line.within.share, line.within.low, line.within.high)
                    for line in judged
                    if line.within is not None
                ]
            ),
            unjudged=len(groups) - len(judged),
        )

    def rows(request: Request, here: Here) -> Response:
        narrow = read_narrow(request)
        found = _cases(here, question, narrow)
        return _show(
            request, here, "rows.html", narrow, question=question.value, cases=found[:ROWS_SHOWN], total=len(found)
        )

    def figures(here: Visit, narrow: Narrow) -> list[Cells]:
        cases = _cases(here, question, narrow, whole=True)
        groups = league(cases, narrow.by)
        names = _names(here, narrow.by, groups)
        return [_line_cells(line_of(cases), "all"), *(_line_cells(line, names[line.key]) for line in groups)]

    def steps(here: Visit, narrow: Narrow) -> list[Cells]:
        whole = line_of(_cases(here, question, narrow, whole=True))
        return [{name: getattr(step, name) for name in STEP_HEADS} for step in whole.steps]

    def members(here: Visit, narrow: Narrow) -> list[Cells]:
        return [_case_cells(case) for case in _cases(here, question, narrow)]

    router.add_api_route(path, page)
    router.add_api_route(f"{path}/rows", rows)
    _exports(path, ASK_HEADS, figures)
    _exports(f"{path}/curve", STEP_HEADS, steps)
    _exports(f"{path}/rows", ASK_ROWS, members)


def _exports(path: str, heads: Sequence[str], make: Callable[[Visit, Narrow], list[Cells]]) -> None:
    """Register the same rows as JSON and as a table."""
    name = path.strip("/").replace("/", "-")

    def as_json(request: Request, here: Here) -> Response:
        return lists.as_json("rows", make(here, read_narrow(request)), following=None)

    def as_csv(request: Request, here: Here) -> Response:
        return lists.as_csv(name, heads, make(here, read_narrow(request)), following=None)

    router.add_api_route(f"{path}.json", as_json)
    router.add_api_route(f"{path}.csv", as_csv)


for _question in Question:
    _of_question(_question)


@router.get("/analytics/precision")
def precision(request: Request, here: Here) -> Response:
    """How many of what people decided was confirmed, month by month."""
    narrow = read_narrow(request)
    judged = _judged(here, narrow)
    return _show(
        request,
        here,
        "precision.html",
        narrow,
        months=precision_by_month(judged),
        chart=_precision_chart(judged),
    )


@router.get("/analytics/precision/rows")
def precision_rows(request: Request, here: Here) -> Response:
    """The findings behind one number."""
    narrow = read_narrow(request)
    judged = _judged(here, narrow)
    return _show(request, here, "judged.html", narrow, judged=judged[:ROWS_SHOWN], total=len(judged))


def _month_figures(here: Visit, narrow: Narrow) -> list[Cells]:
    return [
        {
            "month": line.month,
            "confirmed": line.precision.hits,
            "decided": line.precision.of,
            "precision": line.precision.value,
            "low": line.precision.interval[0],
            "high": line.precision.interval[1],
        }
        for line in precision_by_month(_judged(here, narrow))
    ]


def _judged_rows(here: Visit, narrow: Narrow) -> list[Cells]:
    return [_plain_cells(each, JUDGED_ROWS) for each in _judged(here, narrow)]


_exports("/analytics/precision", MONTH_HEADS, _month_figures)
_exports("/analytics/precision/rows", JUDGED_ROWS, _judged_rows)


@router.get("/analytics/reviewers")
def reviewers(request: Request, here: Here) -> Response:
    """How often each reviewer was wrong where the answer was known."""
    narrow = read_narrow(request)
    lines = reviewer_lines(_known(here, narrow))
    named = [(line.reviewer, line.wrong.value or 0.0, *line.wrong.interval) for line in lines]
    return _show(request, here, "reviewers.html", narrow, lines=lines, chart=row_chart(named))


@router.get("/analytics/reviewers/rows")
def reviewer_rows(request: Request, here: Here) -> Response:
    """The known answers behind one number."""
    narrow = read_narrow(request)
    known = _known(here, narrow)
    return _show(request, here, "known.html", narrow, known=known[:ROWS_SHOWN], total=len(known))


def _reviewer_figures(here: Visit, narrow: Narrow) -> list[Cells]:
    return [
        {
            "reviewer": line.reviewer,
            "answered": line.wrong.of,
            "wrong": line.wrong.hits,
            "share": line.wrong.value,
            "low": line.wrong.interval[0],
            "high": line.wrong.interval[1],
            **dict(line.by_kind),
        }
        for line in reviewer_lines(_known(here, narrow))
    ]


def _known_rows(here: Visit, narrow: Narrow) -> list[Cells]:
    return [_plain_cells(each, KNOWN_ROWS) for each in _known(here, narrow)]


_exports("/analytics/reviewers", REVIEWER_HEADS, _reviewer_figures)
_exports("/analytics/reviewers/rows", KNOWN_ROWS, _known_rows)


def _show(request: Request, here: Visit, template: str, narrow: Narrow, **context: Any) -> Response:  # Any: as given
    with here.read() as connection:
        platforms, rights = choices(connection, here.scope)
    return render(
        request,
        f"analytics/{template}",
        narrow=narrow,
        platforms=platforms,
        rights=rights,
        rights_by_id=dict(rights),
        sees_errors=_may(here, "/analytics/reviewers"),
        label=label,
        tone=tone,
        within_days=round(WITHIN_DAYS),
        **context,
    )


def _may(here: Visit, path: str) -> bool:
    access = access_to("GET", path)
    return access is not None and may(here.account, access)


def _cases(here: Visit, question: Question, narrow: Narrow, *, whole: bool = False) -> list[Case]:
    """The cases of a question; those that the address singles out unless the `whole` is asked for."""
    with here.read() as connection:
        asks = read_asks(connection, here.scope, narrow.span)
    cases = cases_of(question, asks, here.desk.clock())
    if whole:
        return cases
    fate, seller = narrow.more.get("fate"), narrow.more.get("seller")
    if fate in ("ended", "open"):
        cases = [case for case in cases if case.spell.ended is (fate == "ended")]
    if seller:
        cases = [case for case in cases if (case.ask.seller or "none") == seller]
    return cases


def _judged(here: Visit, narrow: Narrow) -> list[Judged]:
    with here.read() as connection:
        judged = read_judged(connection, here.scope, narrow.span)
    month, verdict = narrow.more.get("month"), narrow.more.get("verdict")
    return [
        each
        for each in judged
        if (not month or each.month == month) and (not verdict or each.verdict.value == verdict)
    ]


def _known(here: Visit, narrow: Narrow) -> list[Known]:
    with here.read() as connection:
        known = read_known(connection, here.scope, narrow.span)
    reviewer, was = narrow.more.get("reviewer"), narrow.more.get("was")
    return [
        each
        for each in known
        if (not reviewer or each.reviewer == reviewer)
        and (not was or each.was == was or (was == "wrong" and each.was != "right"))
    ]


def _precision_chart(judged: Iterable[Judged]) -> Any:  # Any: a chart, or None where nothing was decided
    lines = precision_by_month(judged)
    named = [(line.month, line.precision.value or 0.0, *line.precision.interval) for line in lines]
    return column_chart(named) if named else None


def _names(here: Visit, by: Group, groups: Sequence[Line]) -> dict[str, str]:
    """What the groups are called: accounts by the platform's own id of them, which is no personal value."""
    if by is not Group.SELLER:
        return {line.key: line.label for line in groups}
    seller, found = tables.seller, {"": _("no account named")}
    query = select(seller.c.id, seller.c.platform, seller.c.platform_seller_id)
    with here.read() as connection:
        for lot in in_lots(line.key for line in groups if line.key):
            rows = connection.execute(query.where(seller.c.id.in_(lot)))
            found |= {row.id: f"{row.platform} {row.platform_seller_id}" for row in rows}
    return {line.key: found.get(line.key, line.key) for line in groups}


def _line_cells(line: Line, name: str) -> Cells:
    within = line.within
    return {
        "group": line.key,
        "label": name,
        "asked": line.asked,
        "ended": line.ended,
        "open": line.open,
        "median_days": line.median,
        "within_7_days": within.share if within else None,
        "within_low": within.low if within else None,
        "within_high": within.high if within else None,
    }


def _case_cells(case: Case) -> Cells:
    cells = _plain_cells(case.ask, ASK_ROWS[:-2])
    return cells | {"days": case.spell.days, "ended": case.spell.ended}


def _plain_cells(record: Any, names: Sequence[str]) -> Cells:  # Any: a record with these fields
    return {name: _value(getattr(record, name)) for name in names}


def _value(value: Any) -> Any:  # Any: a field's value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        return plain(value)
    return getattr(value, "value", value)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused(_("A day is written like 2026-03-31.")) from error

"""What became of a holder's notices: status, the platforms' answers with their reasons, objections, withdrawal."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy import Connection

from console.web.desk import Here, Number, Visit, go, read_number, render
from console.web.errors import Missing
from console.web.review import lists
from console.web.review.labels import label, tone
from console.web.words import gettext as _
from reports import signing
from reports.answers.lifecycle import ItemAnswers, Standing
from reports.budget.gate import records
from store.db.notices import Notices
from store.db.outcomes import CounterNotices, Outcomes
from store.records.notices import Notice
from store.records.outcomes import CounterNotice, Outcome, OutcomeStatus
from store.records.scope import EVERYTHING

router = APIRouter(include_in_schema=False)

PAGE = 100  # items; a notice may hold thousands
HEADS = ("number", "platform", "state", "items", "acted_on", "kept", "open", "objections", "drafted_at")
ACTED = frozenset({OutcomeStatus.ACTIONED, OutcomeStatus.PARTLY_ACTIONED})
KEPT = frozenset({OutcomeStatus.REJECTED, OutcomeStatus.FAILED, OutcomeStatus.REINSTATED})


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLine:
    """One notice with what platforms said of its items."""

    notice: Notice
    items: int
    acted_on: int
    kept: int
    objections: tuple[CounterNotice, ...]

    @property
    def open(self) -> int:
        """Items that nothing final was said of."""
        return self.items - self.acted_on - self.kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How often one platform acted, of what it decided."""

    platform: str
    decided: int
    acted_on: int


def _read(connection: Connection, here: Visit) -> list[NoticeLine]:
    """Notices in sight, the newest first. An outcome is only ever read through a notice in sight."""
    lines, notices = [], Notices(connection, here.scope)
    for notice in notices.heads():
        asked = _asked(notices.outline(notice.id))
        standings = _standings(notice, asked, Outcomes(connection, EVERYTHING).of_notice(notice.id))
        counters = CounterNotices(connection, EVERYTHING)
        statuses = [standing.status for standing in standings.values()]
        lines.append(
            NoticeLine(
                notice=notice,
                items=len(standings),
                acted_on=sum(status in ACTED for status in statuses),
                kept=sum(status in KEPT for status in statuses),
                objections=tuple(counters.find(counters.table.c.notice == notice.id)),
            )
        )
    return sorted(lines, key=lambda line: -line.notice.number)


def _asked(outline: list[tuple[str, tuple[str, ...]]]) -> list[str]:
    """Ids of the items that no rule refuses."""
    return [id for id, refused in outline if not refused]


def _standings(notice: Notice, items: list[str], outcomes: list[Outcome]) -> dict[str, Standing]:
    answers = ItemAnswers(outcomes)
    return {item: answers.standing(notice.id, item) for item in items}


def shares_of(lines: list[NoticeLine]) -> list[Share]:
    """By platform, how much of what it decided it acted on."""
    decided, acted = Counter[str](), Counter[str]()
    for line in lines:
        decided[line.notice.platform] += line.acted_on + line.kept
        acted[line.notice.platform] += line.acted_on
    return [Share(platform=name, decided=count, acted_on=acted[name]) for name, count in sorted(decided.items())]


@router.get("/notices")
def notices(request: Request, here: Here) -> Response:
    """Notices with how far each got, and how often each platform acted."""
    with here.read() as connection:
        lines = _read(connection, here)
        declared = here.desk.workspace.declarations
        standing = records(connection, declared, now=here.desk.clock(), scope=here.scope)
    return render(
        request,
        "holder/notices.html",
        lines=lines,
        shares=shares_of(lines),
        standing=sorted(standing, key=lambda each: (each.platform, each.code)),
        label=label,
        tone=tone,
    )


@router.get("/notices.json")
def notices_json(here: Here) -> Response:
    """Notices as JSON."""
    return lists.as_json("notices", _rows(here), following=None)


@router.get("/notices.csv")
def notices_csv(here: Here) -> Response:
    """Notices as a table."""
    return lists.as_csv("notices", HEADS, _rows(here), following=None)


def _rows(here: Visit) -> list[dict[str, Any]]:  # Any: JSON values
    with here.read() as connection:
        lines = _read(connection, here)
    return [
        {
            "number": line.notice.number,
            "platform": line.notice.platform,
            "state": line.notice.state.value,
            "items": line.items,
            "acted_on": line.acted_on,
            "kept": line.kept,
            "open": line.open,
            "objections": len(line.objections),
            "drafted_at": line.notice.drafted_at.isoformat(),
        }
        for line in lines
    ]


@router.get("/notices/{number}")
def notice(request: Request, here: Here, number: Number) -> Response:
    """One notice: its items, a part at once, each with the platform's latest word and its reason."""
    after = read_number(request.query_params.get("after", "0")) or 0
    with here.read() as connection:
        found = _find(connection, here, number)
        notices = Notices(connection, here.scope)
        outline = notices.outline(found.id)
        asked = _asked(outline)
        part = notices.items_of(asked[after : after + PAGE])
        outcomes = Outcomes(connection, EVERYTHING).of_items(found.id, [item.id for item in part])
        counters = CounterNotices(connection, EVERYTHING)
        objections = counters.find(counters.table.c.notice == found.id)
    reasons = {outcome.item: outcome.explanation for outcome in outcomes if outcome.explanation}
    return render(
        request,
        "holder/notice.html",
        notice=found,
        items=part,
        total=len(asked),
        following=lists.address_of(f"/notices/{number}", {"after": str(after + PAGE)})
        if after + PAGE < len(asked)
        else None,
        seen=signing.stance_of(found, outline),
        standings=_standings(found, [item.id for item in part], outcomes),
        reasons=reasons,
        objections=objections,
        may_withdraw=found.state.value not in ("recalled", "refused"),
        label=label,
        tone=tone,
    )


def _find(connection: Connection, here: Visit, number: int) -> Notice:
    """The notice without its items."""
    found = Notices(connection, here.scope).head_numbered(number)
    if found is None:
        raise Missing(_("There is no such notice, or none you may see."))
    return found


@router.post("/notices/{number}/withdraw")
def withdraw(
    here: Here,
    number: Number,
    seen: Annotated[str, Form(max_length=64)],
    because: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Take a notice back in one step; the unit and every recipient learn why."""
    with here.read() as connection:
        found = _find(connection, here, number)
    signing.recall(
        here.desk.workspace.database,
        found.id,
        by=here.by,
        because=because,
        clock=here.desk.clock,
        ids=here.desk.ids,
        scope=here.scope,
        seen=seen,
    )
    return go(f"/notices/{number}")

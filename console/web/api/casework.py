"""Findings and cases: read in parts."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from console.web.api.paging import After, Limit, answer_page, page_of
from console.web.api.problems import KEY, RESPONSES
from console.web.api.shapes import CasesPart, FindingOut, FindingsPart
from console.web.desk import Here, Number
from console.web.errors import Missing
from store.db.cases import Cases
from store.db.review import ReviewItems
from store.records import codec
from store.records.cases import Case
from store.records.review import ReviewItem, Standing

router = APIRouter(prefix="/api/v1", responses=RESPONSES, dependencies=[KEY])


def _finding(item: ReviewItem) -> dict[str, Any]:  # Any: JSON values
    """Without who decided: that is the unit's own affair."""
    shown = codec.to_json(item)
    return {name: shown[name] for name in FindingOut.model_fields}


@router.get("/findings", response_model=FindingsPart, tags=["findings"])
def findings(
    request: Request,
    here: Here,
    after: After = "",
    limit: Limit = 50,
    standing: Annotated[Standing | None, Query(description="Only those that stand so")] = None,
    platform: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Findings in the key's sight."""
    with here.read() as connection:
        items = ReviewItems(connection, here.scope)
        where = [items.table.c.standing == standing.value] if standing else []
        where += [items.table.c.platform == platform] if platform else []
        found, following = page_of(items, *where, after=after, limit=limit, key="finding")
    return answer_page(request, found, following, _finding)


@router.get("/findings/{finding}", response_model=FindingOut, tags=["findings"])
def finding(here: Here, finding: str) -> Response:
    """One finding."""
    with here.read() as connection:
        found = ReviewItems(connection, here.scope).get(finding)
    if found is None:
        raise Missing("no such finding in sight")
    return JSONResponse(_finding(found))


@router.get("/cases", response_model=CasesPart, tags=["cases"])
def cases(request: Request, here: Here, after: After = "", limit: Limit = 50) -> Response:
    """Cases in the key's sight, oldest first."""
    with here.read() as connection:
        found, following = page_of(Cases(connection, here.scope), after=after, limit=limit)
    return answer_page(request, found, following)


@router.get("/cases/{number}", response_model=Case, tags=["cases"])
def case(here: Here, number: Number) -> Response:
    """The case people call by that number."""
    with here.read() as connection:
        found = Cases(connection, here.scope).numbered(number)
    if found is None:
        raise Missing("no such case in sight")
    return JSONResponse(codec.to_json(found))

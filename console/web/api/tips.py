"""Tips: addresses that a program says to look at; taken with 202, judged by a person before anything is fetched."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from console.errors import Unanswerable
from console.tipping import enter_tip
from console.web.api.paging import After, Limit, answer_page, page_of
from console.web.api.problems import KEY, RESPONSES
from console.web.api.repeating import IdempotencyKey, once
from console.web.api.shapes import TipIn, TipOut, TipsPart
from console.web.desk import Here
from console.web.errors import Missing, Unprocessable
from store.db.tips import Tips
from store.records import codec
from store.records.tips import Tip

router = APIRouter(prefix="/api/v1", responses=RESPONSES, dependencies=[KEY], tags=["tips"])


def _shown(tip: Tip) -> dict[str, Any]:  # Any: JSON values
    """Without who judged it: that is the unit's own affair."""
    shown = codec.to_json(tip)
    return {name: shown[name] for name in TipOut.model_fields}


@router.post("/tips", response_model=TipOut, status_code=202)
def bring(request: Request, here: Here, body: TipIn, idempotency_key: IdempotencyKey) -> Response:
    """Bring an address; a person judges it. The same address again, while it waits, is the tip that stands."""

    def do() -> tuple[int, dict[str, Any]]:
        try:
            tip = enter_tip(
                here.desk.workspace,
                body.url,
                body.note,
                scope=here.scope,
                by=here.by,
                via="api",
                clock=here.desk.clock,
                ids=here.desk.ids,
            )
        except Unanswerable as error:
            raise Unprocessable(str(error)) from error
        return 202, _shown(tip)

    return once(here, request, idempotency_key, body.model_dump(mode="json"), do)


@router.get("/tips", response_model=TipsPart)
def tips(request: Request, here: Here, after: After = "", limit: Limit = 50) -> Response:
    """Tips in the key's sight, oldest first."""
    with here.read() as connection:
        found, following = page_of(Tips(connection, here.scope), after=after, limit=limit)
    return answer_page(request, found, following, _shown)


@router.get("/tips/{tip}", response_model=TipOut)
def tip(here: Here, tip: str) -> Response:
    """One tip, and what became of it."""
    with here.read() as connection:
        found = Tips(connection, here.scope).get(tip)
    if found is None:
        raise Missing("no such tip in sight")
    return JSONResponse(_shown(found))

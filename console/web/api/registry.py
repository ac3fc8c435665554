"""What is registered: read in parts, imported by rows with a dry run."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal, TypeVar

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from console.previewing import take_in_rows
from console.web.api.paging import After, Limit, answer_page, page_of
from console.web.api.problems import KEY, RESPONSES
from console.web.api.repeating import IdempotencyKey, once
from console.web.api.shapes import (
    Imported,
    ProductsPart,
    ReferencesPart,
    RightsPart,
    RowsIn,
    SellersPart,
    WorksPart,
)
from console.web.desk import Here, Visit
from console.web.errors import Missing, Unreadable
from registry.errors import RegistryError
from store.db.products import Products
from store.db.references import References
from store.db.rights import Rights
from store.db.rows import Repository
from store.db.seller_rules import SellerRules
from store.db.works import Works
from store.records import codec
from store.records.rights import Right

router = APIRouter(prefix="/api/v1", responses=RESPONSES, dependencies=[KEY], tags=["registry"])

R = TypeVar("R")
Kind = Literal["rights", "products", "works", "sellers"]


def _list(request: Request, here: Visit, repository: type[Repository[R]], after: str, limit: int) -> Response:
    with here.read() as connection:
        items, following = page_of(repository(connection, here.scope), after=after, limit=limit)
    return answer_page(request, items, following)


@router.get("/rights", response_model=RightsPart)
def rights(request: Request, here: Here, after: After = "", limit: Limit = 50) -> Response:
    """Rights in the key's sight."""
    return _list(request, here, Rights, after, limit)


@router.get("/rights/{right}", response_model=Right)
def right(here: Here, right: str) -> Response:
    """One right."""
    with here.read() as connection:
        found = Rights(connection, here.scope).get(right)
    if found is None:
        raise Missing("no such right in sight")
    return JSONResponse(codec.to_json(found))


@router.get("/products", response_model=ProductsPart)
def products(request: Request, here: Here, after: After = "", limit: Limit = 50) -> Response:
    """Products in the key's sight."""
    return _list(request, here, Products, after, limit)


@router.get("/works", response_model=WorksPart)
def works(request: Request, here: Here, after: After = "", limit: Limit = 50) -> Response:
    """Works in the key's sight."""
    return _list(request, here, Works, after, limit)


@router.get("/references", response_model=ReferencesPart)
def references(request: Request, here: Here, after: After = "", limit: Limit = 50) -> Response:
    """References in the key's sight, by the digest of their picture."""
    return _list(request, here, References, after, limit)


@router.get("/sellers", response_model=SellersPart)
def sellers(request: Request, here: Here, after: After = "", limit: Limit = 50) -> Response:
    """Accounts that holders authorised or left alone."""
    return _list(request, here, SellerRules, after, limit)


@router.post("/registry/{kind}", response_model=Imported)
def register(
    request: Request,
    here: Here,
    kind: Kind,
    body: RowsIn,
    idempotency_key: IdempotencyKey,
    dry_run: Annotated[bool, Query(description="Say what would happen; write nothing")] = False,
) -> Response:
    """Import rows; bad ones are refused one by one with row, column and fix, the others come in."""

    def do() -> tuple[int, dict[str, object]]:
        try:
            report, ahead = take_in_rows(
                here.desk.workspace,
                kind,
                body.rows,
                scope=here.scope,
                dry_run=dry_run,
                by=here.by,
                clock=here.desk.clock,
                ids=here.desk.ids,
            )
        except RegistryError as error:
            raise Unreadable(str(error)) from error
        # A mark that the gate stops comes in and counts as the word it is; whoever sends it is told.
        return 200, codec.to_json(replace(report, notes=(*report.notes, *ahead.sentences)))

    return once(here, request, idempotency_key, {"dry_run": dry_run, "rows": body.rows}, do)

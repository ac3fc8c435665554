"""What a holder has registered, kind by kind: a page in parts, as JSON and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from fastapi import APIRouter, Request, Response

from console.web.desk import Here, Visit, render
from console.web.review import lists
from store.db.products import Products
from store.db.references import References
from store.db.rows import Repository
from store.db.seller_rules import SellerRules
from store.db.works import Works
from store.records import codec

router = APIRouter(include_in_schema=False)

PAGE = 100  # on a page; JSON and CSV have a thousand
Kind = Literal["products", "works", "references", "sellers"]
REPOSITORIES: dict[str, type[Repository[Any]]] = {  # Any: of each its own record
    "products": Products,
    "works": Works,
    "references": References,
    "sellers": SellerRules,
}
HEADS: dict[str, tuple[str, ...]] = {
    "products": ("id", "product_ref", "name", "mpn", "gtins", "launched_on", "ended_on"),
    "works": ("id", "work_ref", "title", "kind", "year"),
    "references": ("id", "reference_ref", "medium", "polarity", "sha256", "valid_until", "withdrawn_on"),
    "sellers": ("id", "platform", "platform_seller_id", "standing", "territories", "valid_from", "valid_until"),
}
"""What a line of each shows; what a record does not have is left out."""


@router.get("/registered/{kind}.json")
def registered_json(request: Request, here: Here, kind: Kind) -> Response:
    """One kind as JSON."""
    rows, following = _part(request, here, kind, lists.MOST_ROWS, ".json")
    return lists.as_json(kind, rows, following=following)


@router.get("/registered/{kind}.csv")
def registered_csv(request: Request, here: Here, kind: Kind) -> Response:
    """One kind as a table."""
    rows, following = _part(request, here, kind, lists.MOST_ROWS, ".csv")
    return lists.as_csv(kind, heads_of(kind), rows, following=following)


@router.get("/registered/{kind}")
def registered(request: Request, here: Here, kind: Kind) -> Response:
    """One kind, a part at a time."""
    rows, following = _part(request, here, kind, PAGE, "")
    with here.read() as connection:
        count = REPOSITORIES[kind](connection, here.scope).count()
    heads = [head for head in heads_of(kind) if head not in ("id", "sha256")]
    return render(
        request, "holder/registered.html", kind=kind, heads=heads, rows=rows, count=count, following=following
    )


def heads_of(kind: str) -> Sequence[str]:
    """The columns of a kind that its records have."""
    fields = REPOSITORIES[kind].kind.__dataclass_fields__
    return [head for head in HEADS[kind] if head in fields]


def _part(
    request: Request, here: Visit, kind: str, most: int, suffix: str
) -> tuple[list[dict[str, Any]], str | None]:  # Any: JSON values
    """Lines in the order of their ids, and the address of the next part."""
    after = request.query_params.get("after", "")
    with here.read() as connection:
        repository = REPOSITORIES[kind](connection, here.scope)
        column = repository.table.c.id
        statement = repository.table.select().where(*repository.narrowed(), *([column > after] if after else []))
        found = connection.execute(statement.order_by(column).limit(most + 1)).all()
        records = [codec.to_json(repository.read(row)) for row in found[:most]]
    heads = heads_of(kind)
    following = None
    if len(found) > most:
        following = lists.address_of(f"/registered/{kind}{suffix}", {"after": str(found[most - 1].id)})
    return [{head: record[head] for head in heads} for record in records], following

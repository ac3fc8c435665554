"""A list as JSON and as a table, beside its page: the same address with `.json` or `.csv`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import Response
from fastapi.responses import JSONResponse

from console.web.review.queue import QueueRow
from reports.formats.plain import plain
from reports.formats.table import write_table

MOST_ROWS = 1000  # of one answer; `next` leads to the rest

HEADS = (
    "finding",
    "standing",
    "band",
    "infringement_class",
    "priority",
    "identity_probability",
    "platform",
    "title",
    "price",
    "currency",
    "seller",
    "right",
    "case",
    "grounds",
    "because",
    "photo",
    "listing",
    "found_at",
    "decided_by",
    "decided_at",
    "twins",
)


def cells(row: QueueRow) -> dict[str, Any]:  # Any: JSON values
    """One finding as plain values, by the heads of the table. No personal value is among them."""
    item = row.item
    return {
        "finding": item.finding,
        "standing": item.standing.value,
        "band": item.band.value,
        "infringement_class": item.infringement_class.value if item.infringement_class else None,
        "priority": item.priority,
        "identity_probability": item.identity_probability,
        "platform": item.platform,
        "title": plain(item.title),
        "price": str(row.price.amount) if row.price else None,
        "currency": row.price.currency if row.price else None,
        "seller": item.seller,
        "right": row.right_ref,
        "case": row.case_number,
        "grounds": list(row.grounds),
        "because": plain(row.because),
        "photo": item.photo,
        "listing": item.listing,
        "found_at": item.found_at.isoformat(),
        "decided_by": item.decided_by,
        "decided_at": item.decided_at.isoformat() if item.decided_at else None,
        "twins": list(row.twins),
    }


def as_json(name: str, rows: Iterable[dict[str, Any]], *, following: str | None) -> Response:
    """Rows as JSON, with the address of the next ones."""
    return JSONResponse({name: list(rows), "next": following})


def as_csv(name: str, heads: Sequence[str], rows: Iterable[dict[str, Any]], *, following: str | None) -> Response:
    """Rows as a table that no spreadsheet runs; a `Link` header leads to the next ones."""
    lines = [[_cell(row.get(head)) for head in heads] for row in rows]
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    if following:
        headers["link"] = f'<{following}>; rel="next"'
    return Response(write_table(heads, lines), media_type="text/csv; charset=utf-8", headers=headers)


def _cell(value: Any) -> Any:  # Any: JSON values
    return " ".join(str(part) for part in value) if isinstance(value, list) else value


def address_of(path: str, values: dict[str, str]) -> str:
    """The path with those values that are not empty behind its question mark."""
    asked = urlencode({name: value for name, value in values.items() if value})
    return f"{path}?{asked}" if asked else path

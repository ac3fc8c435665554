"""Lists in parts: a cursor says after which record the next part begins, however many were added meanwhile."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import Query, Request
from fastapi.responses import JSONResponse
from sqlalchemy import ColumnElement, select

from console.web.errors import Unreadable
from store.db.rows import Repository
from store.records import codec

R = TypeVar("R")

Limit = Annotated[int, Query(ge=1, le=200, description="How many at most")]
After = Annotated[str, Query(max_length=200, description="`next` of the part before")]


def read_cursor(after: str) -> str:
    """The id a cursor stands for; empty for the beginning. Raises `Unreadable`."""
    if not after:
        return ""
    try:
        text = base64.urlsafe_b64decode(after.encode("ascii") + b"=" * (-len(after) % 4)).decode("ascii")
    except (UnicodeError, binascii.Error, ValueError):
        text = "\x00"
    if not text.startswith("1:") or not text.isprintable():
        raise Unreadable("`after` is no cursor of ours; take it from `next` of an earlier answer")
    return text[2:]


def write_cursor(id: str) -> str:
    """The cursor that begins after a record."""
    return base64.urlsafe_b64encode(f"1:{id}".encode()).decode().rstrip("=")


def page_of(
    repository: Repository[R], *where: ColumnElement[bool], after: str, limit: int, key: str = "id"
) -> tuple[list[R], str | None]:
    """A part of what fits, in the order of `key`, and the cursor of the next."""
    column = repository.table.c[key]
    begin = read_cursor(after)
    conditions = [*repository.narrowed(), *where, *([column > begin] if begin else [])]
    statement = select(repository.table).where(*conditions).order_by(column).limit(limit + 1)
    rows = repository.connection.execute(statement).all()
    found = [repository.read(row) for row in rows[:limit]]
    return found, write_cursor(str(rows[limit - 1]._mapping[key])) if len(rows) > limit else None


def answer_page(
    request: Request, items: Sequence[Any], following: str | None, show: Callable[[Any], Any] = codec.to_json
) -> JSONResponse:  # Any: records
    """The part as JSON, with a `Link` to the next."""
    headers = {}
    if following:
        asked = {**request.query_params, "after": following}
        headers["link"] = f'<{request.url.path}?{urlencode(asked)}>; rel="next"'
    return JSONResponse({"items": [show(item) for item in items], "next": following}, headers=headers)

"""Idempotency keys: the same request under one key is done once and answered alike, also after a lost answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Header, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import IntegrityError

from console.web.api.problems import problem
from console.web.desk import Visit
from store.db import tables
from store.db.doors import ApiReplies
from store.records import codec
from store.records.doors import ApiReply
from store.records.scope import EVERYTHING

KEPT = timedelta(days=7)  # chosen: a program that still tries after a week asks anew
BEGUN = 102  # stands while the request is being done
ABANDONED = timedelta(minutes=5)  # a request that is still being done then died on the way; it is done again
FORM = r"^[\x21-\x7e]{8,200}$"

IdempotencyKey = Annotated[
    str, Header(alias="idempotency-key", pattern=FORM, description="Your own name of this request, 8 to 200 letters")
]


def once(
    here: Visit, request: Request, key: str, body: Any, do: Callable[[], tuple[int, dict[str, Any]]]
) -> JSONResponse:  # Any: JSON values
    """
    The answer to a request: done now, or as it was given under this key before.

    422 where the key stood for another request, 409 while the first is still being done.
    """
    assert here.key is not None, "the table lets only keys in"
    now = here.desk.clock()
    asked = f"{request.method} {request.url.path}\n".encode() + codec.canonical(body)
    digest = hashlib.sha256(asked).hexdigest()
    begun = ApiReply(key=here.key.id, idempotency_key=key, request_sha256=digest, status=BEGUN, body="{}", at=now)
    table = tables.api_reply
    database = here.desk.workspace.database
    try:
        with database.write() as connection:
            connection.execute(table.delete().where(table.c.at < now - KEPT))
            stale = (table.c.status == BEGUN, table.c.at < now - ABANDONED)
            connection.execute(table.delete().where(*stale))
            ApiReplies(connection, EVERYTHING).add(begun)
    except IntegrityError:
        return _again(here, key, digest)
    try:
        status, said = do()
    except BaseException:
        # Nothing stands for an answer that was not given: the same key may be tried again.
        with database.write() as connection:
            connection.execute(table.delete().where(table.c.key == begun.key, table.c.idempotency_key == key))
        raise
    text = codec.canonical(said).decode()
    with database.write() as connection:
        done = ApiReply(key=begun.key, idempotency_key=key, request_sha256=digest, status=status, body=text, at=now)
        ApiReplies(connection, EVERYTHING).put([done], keys=("key", "idempotency_key"))
    return JSONResponse(said, status)


def _again(here: Visit, key: str, digest: str) -> JSONResponse:
    import json

    assert here.key is not None
    with here.read() as connection:
        stored = ApiReplies(connection, EVERYTHING).of(here.key.id, key)
    if stored is None or stored.status == BEGUN:
        return problem(409, "the first request under this key is still being done", here.request_id)
    if stored.request_sha256 != digest:
        return problem(422, "this idempotency key stood for another request", here.request_id)
    return JSONResponse(json.loads(stored.body), stored.status, {"idempotency-replayed": "true"})

"""What the interface says when it does not do what was asked: RFC 9457."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Security
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from pydantic import BaseModel

MEDIA_TYPE = "application/problem+json"

KEY = Security(HTTPBearer(scheme_name="key", description="A key of `marque api-keys add`", auto_error=False))
"""Tells readers of the description how to come in; the door has seen to the key before any operation is reached."""


class Problem(BaseModel):
    """A refusal."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    request: str  # the number under which the log has it


def problem(status: int, detail: str, request: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """A refusal as `application/problem+json`."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, request=request)
    return JSONResponse(body.model_dump(), status, dict(headers or {}), media_type=MEDIA_TYPE)


_SAID = {
    400: "The request can't be read.",
    401: "No key, or one that opens nothing.",
    403: "The key does not hold the scope this needs.",
    404: "Not there, or not in the key's sight.",
    405: "Not in that way.",
    406: "Only JSON is spoken here.",
    409: "Not now; the detail says why.",
    413: "Larger than this takes.",
    415: "Send JSON.",
    422: "A field is missing or can't be read.",
    429: "Too many requests; Retry-After says when.",
}
RESPONSES: dict[int | str, dict[str, Any]] = {  # Any: what FastAPI takes
    status: {"model": Problem, "description": said, "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}}
    for status, said in _SAID.items()
}
"""For every operation: how each refusal looks."""

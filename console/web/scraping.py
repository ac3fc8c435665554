"""How the desk answers, for Prometheus; the outer doors don't show it."""

from __future__ import annotations

from fastapi import APIRouter, Response

from console.web.desk import Here

router = APIRouter()


@router.get("/metrics", summary="Prometheus metrics", response_class=Response)
def metrics(here: Here) -> Response:
    """How many requests, how fast, how many refused."""
    return Response(here.desk.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

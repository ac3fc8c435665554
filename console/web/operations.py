"""For machines: is it alive, is it ready; and the files pages need. Every door has these."""

from __future__ import annotations

import shutil

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from config.settings import code_version
from console.doctor import FREE_WANTED_BYTES
from console.web.desk import Desk, Here
from console.web.errors import Missing
from console.web.words import gettext as _
from store.db.session import check_schema
from store.evidence.errors import EvidenceError

router = APIRouter()


@router.get("/healthz", summary="Whether the process answers")
def healthz() -> dict[str, str]:
    """200 as long as the process lives; says nothing about the database."""
    return {"status": "ok", "version": code_version()}


@router.get("/readyz", summary="Whether work can be done", responses={503: {"description": "something is broken"}})
def readyz(here: Here) -> JSONResponse:
    """200 when the database has the schema this version needs and the vault can be read; 503 with what is not."""
    checks = readiness(here.desk)
    good = all(state == "ok" for state in checks.values())
    here.desk.metrics.ready.set(1 if good else 0)
    return JSONResponse({"status": "ok" if good else "broken", "checks": checks}, 200 if good else 503)


def readiness(desk: Desk) -> dict[str, str]:
    """Each part's state in a word: `ok`, or what kind of failure; details are for the log, not for strangers."""
    checks: dict[str, str] = {}
    try:
        check_schema(desk.workspace.database)
        checks["database"] = "ok"
    except Exception as error:  # noqa: BLE001 -- whatever the database answers is the finding
        checks["database"] = type(error).__name__
    try:
        desk.workspace.vault.totals()
        checks["vault"] = "ok"
    except (EvidenceError, OSError) as error:
        checks["vault"] = type(error).__name__
    free = shutil.disk_usage(desk.workspace.settings.home).free
    checks["disk"] = "ok" if free >= FREE_WANTED_BYTES // 16 else "full"  # 64 MiB: room for a page and its row
    return checks


@router.get("/static/{name}", include_in_schema=False)
def static(request: Request, here: Here, name: str) -> Response:
    """A file of ours; with its digest in the address it may be kept for good."""
    asset = here.desk.assets.get(name)
    if asset is None:
        raise Missing(_("There is no such file."))
    tag = f'"{asset.tag}"'
    keep = "public, max-age=31536000, immutable" if request.query_params.get("v") == asset.tag else "no-cache"
    headers = {"cache-control": keep, "etag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(asset.data, media_type=asset.media_type, headers=headers)

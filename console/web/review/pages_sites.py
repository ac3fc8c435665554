"""Pages about sites: who runs a domain, as far as servers, registries and captured pages tell. They only read."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from console.web.desk import Here, Visit
from console.web.errors import Missing
from console.web.review import lists
from console.web.review.domains import SiteLine, list_sites, view_site
from console.web.review.pages_review import show
from console.web.review.seeing import sees_everything
from console.web.words import gettext as _

router = APIRouter(include_in_schema=False)

PAGE = 50
SITE_HEADS = ("domain", "looked_at", "looks", "registrar", "network", "mirrors", "gaps")


@router.get("/sites")
def sites(request: Request, here: Here) -> Response:
    """Sites that were looked at, by their domain."""
    found, following = _sites(request, here, PAGE)
    return show(request, "sites.html", sites=found, following=following, q=request.query_params.get("q", ""))


@router.get("/sites.json")
def sites_json(request: Request, here: Here) -> Response:
    """Sites as JSON."""
    found, following = _sites(request, here, lists.MOST_ROWS, ".json")
    return lists.as_json("sites", map(_cells, found), following=following)


@router.get("/sites.csv")
def sites_csv(request: Request, here: Here) -> Response:
    """Sites as a table."""
    found, following = _sites(request, here, lists.MOST_ROWS, ".csv")
    return lists.as_csv("sites", SITE_HEADS, map(_cells, found), following=following)


@router.get("/sites/{domain}")
def site(request: Request, here: Here, domain: str) -> Response:
    """One site: each fact with who says so and since when, and what is not known."""
    _check_sees_sites(here)
    with here.read() as connection:
        platforms = here.desk.workspace.declarations.platforms
        view = view_site(connection, domain, platforms, look=request.query_params.get("look", ""))
    if view is None:
        raise Missing(_("This site was never looked at, or you may not see it."))
    return show(request, "site.html", view=view)


def _sites(request: Request, here: Visit, limit: int, suffix: str = "") -> tuple[list[SiteLine], str | None]:
    _check_sees_sites(here)
    asked = request.query_params
    words = asked.get("q", "").strip()
    with here.read() as connection:
        rows = list_sites(connection, words=words, after=asked.get("after", ""), limit=limit + 1)
    found = rows[:limit]
    if len(rows) <= limit:
        return found, None
    return found, lists.address_of(f"/sites{suffix}", {"q": words, "after": found[-1].domain})


def _check_sees_sites(here: Visit) -> None:
    # A site is looked at for the unit, whoever's rights it touches: that it was tells one holder of another's work.
    if not sees_everything(here.scope):
        raise Missing(_("There is nothing here, or nothing you may see."))


def _cells(line: SiteLine) -> dict[str, Any]:  # Any: JSON values
    return {
        "domain": line.domain,
        "looked_at": line.looked_at.isoformat(),
        "looks": line.looks,
        "registrar": line.registrar,
        "network": line.network,
        "mirrors": line.mirrors,
        "gaps": line.gaps,
    }

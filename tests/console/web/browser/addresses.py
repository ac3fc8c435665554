"""Every page of the table of routes, with an address that leads to a real record of a ledger."""

from __future__ import annotations

import re

from sqlalchemy import case as sql_case
from sqlalchemy import func, select

from console.access import ROUTES, Access
from console.web.desk import Desk
from store.db import tables

NOT_PAGES = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/static/{name}",
    "/captures/{capture}/body",  # bytes to download
    "/batches/{number}/page",  # the sealed page itself, in a sandbox
    "/review/next",  # leads on to a finding
    "/calendar/{token}",  # a feed for calendars
    "/sign-in/oidc",  # leads on to the office's own sign-in
    "/sign-in/oidc/back",  # and comes from there
}


def is_page(access: Access) -> bool:
    """Whether a person opens this route as a page. Whatever is not named or marked otherwise is one."""
    return (
        access.method == "GET"
        and not access.is_background
        and access.path not in NOT_PAGES
        and "." not in access.path.rsplit("/", 1)[-1]  # a file: a list as JSON or CSV, a batch to download
        and not access.path.startswith("/api/")
    )


STRANGERS = ("/login", "/setup", "/welcome")
"""Pages for who has not signed in; they know no record."""

PAGES = tuple(access.path for access in ROUTES if is_page(access))


def is_of_finding(path: str) -> bool:
    """Whether the template leads to another page for each finding."""
    return bool(re.search(r"\{(finding|listing|seller|capture|sha256)\}", path))


def address(desk: Desk, path: str, finding: str | None = None) -> str:
    """
    The template `path` with its parts filled from the ledger: that finding, else an open one, and what belongs to it.

    Raises `LookupError` for a part that is not known here; a new kind of record is named below.
    """
    item, look, case = tables.review_item.c, tables.observation.c, tables.case.c
    with desk.workspace.database.read() as connection:
        standing = [("open", 0), ("needs_holder", 1)]
        found = connection.execute(
            select(tables.review_item)
            .where(item.photo.is_not(None), item.seller.is_not(None), item.finding == (finding or item.finding))
            .order_by(
                sql_case(*((item.standing == name, place) for name, place in standing), else_=2), item.finding.desc()
            )
        ).first()
        if found is None:
            raise LookupError("the ledger holds no finding with a photo and an account")
        seen = connection.execute(select(look.capture, look.run).where(look.listing == found.listing)).first()
        parts: dict[str, object] = {
            "finding": found.finding,
            "listing": found.listing,
            "right": found.right,
            "seller": found.seller,
            "sha256": found.photo,
            "capture": seen.capture if seen else None,
            "run": seen.run if seen else None,
            "reference": connection.execute(select(func.min(tables.reference.c.id))).scalar(),
            "cases": connection.execute(select(func.min(case.number)).where(case.id == found.case)).scalar(),
            "notices": connection.execute(select(func.max(tables.notice.c.number))).scalar(),
            "domain": connection.execute(select(func.min(tables.site.c.domain))).scalar(),
            "instruments": connection.execute(select(func.max(tables.instrument.c.number))).scalar(),
            "batches": connection.execute(select(func.max(tables.batch.c.number))).scalar(),
        }

    def fill(match: re.Match[str]) -> str:
        name = match.group(1)
        value = parts.get(path.split("/")[1] if name == "number" else name)
        if value is None:
            raise LookupError(f"{path}: there is no record for {name}; say where to find one in this module")
        return str(value)

    return re.sub(r"\{(\w+)\}", fill, path)

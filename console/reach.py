"""Reach, told truly: per platform how it is reached, read and notified, and when it was last healthy."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from config.platform import Platform
from console.workspace import Workspace
from store.db.tables import run
from store.records.runs import RunKind, RunState


def reach_of(workspace: Workspace) -> list[dict[str, Any]]:
    """One entry a platform; `supported` only where all four are shown, `missing` says which are not."""
    healthy: dict[str, str] = {}
    with workspace.database.read() as connection:
        query = (
            select(run.c.platform, run.c.ended_at)
            .where(run.c.kind == RunKind.CRAWL.value, run.c.state == RunState.COMPLETE.value)
            .order_by(run.c.id)
        )
        for row in connection.execute(query):
            healthy[row.platform] = row.ended_at.isoformat(timespec="seconds")
    profiles = workspace.declarations.profiles
    platforms = sorted(workspace.declarations.platforms.items())
    return [_entry(name, platform, healthy.get(name), profiles) for name, platform in platforms]


def _entry(name: str, platform: Platform, healthy: str | None, profiles: dict[str, Any]) -> dict[str, Any]:
    listing, stream = platform.read.listing, platform.read.stream
    own_rules = bool(listing.title or stream.title)
    read_by = f"family {platform.family}" if platform.family else "its own rules" if own_rules else "nothing"
    reach, notify = platform.reach, platform.notify
    known = notify.profile in profiles
    missing = [
        what
        for what, there in (
            ("a way to reach it", reach.by != "none"),
            ("robots.txt read", reach.by != "crawl" or reach.robots_read_on is not None),
            ("rules", read_by != "nothing"),
            ("saved pages", bool(platform.read_on)),
            ("a notice profile", known),
            ("a healthy run", healthy is not None),
        )
        if not there
    ]
    return {
        "name": name,
        "kind": platform.kind.value,
        "countries": list(platform.countries),
        "reached_by": reach.by,
        "robots_read_on": reach.robots_read_on.isoformat() if reach.robots_read_on else None,
        "terms_read_on": reach.terms_read_on.isoformat() if reach.terms_read_on else None,
        "read_by": read_by,
        "read_on": [{"kind": page.kind, "pages": page.pages, "year": page.year} for page in platform.read_on],
        "notified_by": notify.profile if known else None,
        "notified_because": notify.basis,
        "last_healthy_run": healthy,
        "supported": not missing,
        "missing": missing,
    }


def reach_in_words(entry: dict[str, Any]) -> tuple[str, str, str, str]:
    """How one platform is reached, read and notified, and its last healthy run: a cell each."""
    robots = f"robots read {entry['robots_read_on']}" if entry["robots_read_on"] else "robots unread"
    terms = f"terms read {entry['terms_read_on']}" if entry["terms_read_on"] else "terms unread"
    pages = ", ".join(f"{p['pages']} {p['kind']} ({p['year'] or 'year unknown'})" for p in entry["read_on"])
    notified = entry["notified_by"] or "nobody"
    because = f": {entry['notified_because']}" if entry["notified_because"] else ""
    return (
        f"{entry['reached_by']}; {robots}, {terms}",
        f"{entry['read_by']}; read on {pages or 'no saved page'}",
        notified + because,
        entry["last_healthy_run"] or "never",
    )

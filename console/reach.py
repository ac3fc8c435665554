"""Reach, told truly: per platform how it is reached, read and notified, and when it was last healthy."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

import tomlkit
from sqlalchemy import select

from config.declaration import check
from config.declarations import SHIPPED
from config.platform import Platform
from config.settings import Settings
from console.errors import ConsoleError
from console.workspace import Workspace
from store.db.tables import run
from store.records.runs import RunKind, RunState


def reach_of(workspace: Workspace) -> list[dict[str, Any]]:
    """One entry a platform; `supported` only where all four are shown."""
    healthy: dict[str, str] = {}
    with workspace.database.read() as connection:
        query = (
            select(run.c.platform, run.c.ended_at)
            .where(run.c.kind == RunKind.CRAWL.value, run.c.state == RunState.COMPLETE.value)
            .order_by(run.c.id)
        )
        for row in connection.execute(query):
            healthy[row.platform] = row.ended_at.isoformat(timespec="seconds")
    entries = []
    for name, platform in sorted(workspace.declarations.platforms.items()):
        listing, stream = platform.read.listing, platform.read.stream
        own_rules = bool(listing.title or stream.title)
        read_by = f"family {platform.family}" if platform.family else "its own rules" if own_rules else "nothing"
        profile = platform.notify.profile
        known = profile in workspace.declarations.profiles
        entry: dict[str, Any] = {
            "name": name,
            "kind": platform.kind.value,
            "countries": list(platform.countries),
            "reached_by": platform.reach.by,
            "read_by": read_by,
            "notified_by": profile if known else None,
            "last_healthy_run": healthy.get(name),
        }
        entry["supported"] = all(
            (platform.reach.by != "none", read_by != "nothing", known, entry["last_healthy_run"] is not None)
        )
        entries.append(entry)
    return entries


def draft_platform(settings: Settings, name: str, url: str) -> os.PathLike[str]:
    """
    Write `platforms/NAME.toml` for the site at `url`, read by the generic family; never over an existing file.

    Raises `ConsoleError` where the name is taken, and the declaration's mistake where name or URL do not fit.
    """
    home = "{0.scheme}://{0.netloc}/".format(urlsplit(url))
    data = {
        "name": name,
        "kind": "marketplace",
        "family": "generic",
        "home": home,
        "countries": [],
        "reach": {"by": "crawl"},
        "manners": {"delay_s": 3.0, "hours": "00:00-24:00 UTC"},
        "look": {"start": [url], "pages": 3},
        "expect": {"cards": {"min": 1}, "fill": {"title": 0.95}},
        "notify": {"profile": "url-list"},
    }
    check(Platform, data, f"platforms/{name}.toml")
    path = settings.platforms / f"{name}.toml"
    if path.exists() or (SHIPPED / "platforms" / path.name).exists():
        raise ConsoleError(f"platform {name!r} is declared already; edit {path}")
    document = tomlkit.document()
    document.add(
        tomlkit.comment("A draft. Read the site's robots.txt and terms before the first crawl, and say when:")
    )
    document.add(
        tomlkit.comment('[reach] robots_read_on = 2026-01-31. Add search = "/search?q={term}&page={page}" to [look].')
    )
    document.update(data)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(tomlkit.dumps(document), encoding="utf-8")
    return path

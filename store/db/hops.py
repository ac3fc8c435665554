"""
Hops of streams: what a look's page leads to, fetched after it, added to the look one by one.

A look is written once, when its page is read; players, protectors, manifests and hosts behind it come later, each in
the transaction of its own capture. They stand in rows of their own, and whoever reads the look gets the whole chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, func, select

from store.db.rows import insert_into
from store.db.tables import compared as compared_table
from store.db.tables import observation as observation_table
from store.db.tables import stream_hop as hop_table
from store.records.listings import StreamLink

_ORDER = ("redirect", "protector", "player", "manifest", "segment_host")  # of hops that one transaction named


def add_hops(connection: Connection, hops: Iterable[tuple[str, StreamLink]], now: datetime) -> None:
    """Add hops to looks by the looks' ids; a hop that was fetched takes the place of one that was only named."""
    rows: dict[tuple[str, str], dict[str, object]] = {}
    for look, link in hops:
        key = (look, _print(link.url))
        before = rows.get(key)
        if before is not None and link.capture is None:
            continue
        found_in = link.found_in or (before["found_in"] if before is not None else None)
        rows[key] = {
            "observation": look,
            "place": key[1],
            "role": link.role,
            "url": link.url,
            "capture": link.capture,
            "found_in": found_in,
            "named_at": now,
        }
    if not rows:
        return
    statement = insert_into(connection.dialect.name, hop_table)
    new = statement.excluded
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["observation", "place"],
            set_={
                # What a hop is shows when it is fetched: a link that looked like a player was a protector.
                "role": case((new.capture.is_not(None), new.role), else_=hop_table.c.role),
                "capture": func.coalesce(new.capture, hop_table.c.capture),
                "found_in": func.coalesce(hop_table.c.found_in, new.found_in),
            },
        ),
        list(rows.values()),
    )


def hops_of(connection: Connection, look: str) -> list[StreamLink]:
    """The hops added to a look, in the order they became known."""
    rows = sorted(
        connection.execute(_OF_LOOK, {"b_look": look}),
        key=lambda row: (row.named_at, _ORDER.index(row.role) if row.role in _ORDER else len(_ORDER), row.url),
    )
    return [StreamLink(role=row.role, url=row.url, capture=row.capture, found_in=row.found_in) for row in rows]


def merge_hops(links: Sequence[StreamLink], more: Sequence[StreamLink]) -> tuple[StreamLink, ...]:
    """One chain of two: a hop that was fetched over one that was only named."""
    by_url: dict[str, StreamLink] = {}
    for link in [*links, *more]:
        before = by_url.get(link.url)
        if before is None:
            by_url[link.url] = link
        elif link.capture is not None:
            found_in = link.found_in or before.found_in
            by_url[link.url] = StreamLink(role=link.role, url=link.url, capture=link.capture, found_in=found_in)
    return tuple(by_url.values())


def looks_of_run(connection: Connection, run: str, listings: Sequence[str]) -> dict[str, str]:
    """The latest look that a run has of each of these listings, by listing."""
    found: dict[str, str] = {}
    if listings:
        for listing, look in connection.execute(_LOOKS, {"b_run": run, "b_listings": list(listings)}):
            found[listing] = look
    return found


def already_compared(connection: Connection, looks: Sequence[str]) -> set[str]:
    """Which of these looks were compared with references already, whatever the references."""
    if not looks:
        return set()
    return set(connection.execute(_COMPARED, {"b_looks": list(looks)}).scalars())


def _print(url: str) -> str:
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()


_OF_LOOK = select(
    hop_table.c.role, hop_table.c.url, hop_table.c.capture, hop_table.c.found_in, hop_table.c.named_at
).where(hop_table.c.observation == bindparam("b_look"))
_LOOKS = (
    select(observation_table.c.listing, observation_table.c.id)
    .where(
        observation_table.c.run == bindparam("b_run"),
        observation_table.c.listing.in_(bindparam("b_listings", expanding=True)),
    )
    .order_by(observation_table.c.observed_at, observation_table.c.id)
)
_COMPARED = (
    select(compared_table.c.observation)
    .where(compared_table.c.observation.in_(bindparam("b_looks", expanding=True)))
    .distinct()
)

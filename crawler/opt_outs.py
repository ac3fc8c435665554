"""Hosts and addresses that are never fetched because somebody asked for it: entered, and taken out again."""

from __future__ import annotations

from urllib.parse import urlsplit

from crawler.errors import BadOptOut
from store.db.audit import AuditTrail, act_of
from store.db.opt_outs import OptOuts
from store.db.session import Database
from store.records.ids import Clock, NewId
from store.records.ledger import OptOut
from store.records.scope import EVERYTHING


def check_prefix(prefix: str) -> None:
    """Raise `BadOptOut` unless a prefix is a host or a scheme://host/path."""
    has_scheme = "://" in prefix
    try:
        parts = urlsplit(prefix if has_scheme else f"https://{prefix}/")
        plain = bool(parts.hostname) and not any(sign in prefix for sign in "*?#@ ")
    except ValueError:
        plain = False
    if has_scheme:
        plain = plain and parts.scheme in ("http", "https")
    elif "/" in prefix or ":" in prefix:
        plain = False
    if not plain:
        raise BadOptOut(prefix, "neither a host like shop.example nor an address like https://shop.example/a")


def opt_out(database: Database, prefix: str, *, reason: str, by: str, clock: Clock, ids: NewId) -> OptOut:
    """
    Never fetch a host (with those below it) or what stands under an address; crawls under way heed it in a minute.

    Entered again, it is the one that stands. Raises `BadOptOut`.
    """
    check_prefix(prefix)
    with database.write() as connection:
        opt_outs = OptOuts(connection, EVERYTHING)
        known = opt_outs.first(opt_outs.table.c.prefix == prefix)
        if known is not None:
            return known
        entry = OptOut(id=ids(), prefix=prefix, reason=reason, by=by, at=clock())
        opt_outs.add(entry)
        act = act_of(by, "enter_opt_out", "opt_out", entry.id, clock=clock, ids=ids, detail={"prefix": prefix})
        AuditTrail(connection, EVERYTHING).add(act)
    return entry


def opt_in(database: Database, prefix: str, *, by: str, clock: Clock, ids: NewId) -> None:
    """Take an opt-out back. Raises `BadOptOut` where there is none."""
    with database.write() as connection:
        opt_outs = OptOuts(connection, EVERYTHING)
        known = opt_outs.first(opt_outs.table.c.prefix == prefix)
        if known is None:
            raise BadOptOut(prefix, "nobody opted it out; `marque opt-outs list` shows all")
        connection.execute(opt_outs.table.delete().where(opt_outs.table.c.id == known.id))
        act = act_of(by, "remove_opt_out", "opt_out", known.id, clock=clock, ids=ids, detail={"prefix": prefix})
        AuditTrail(connection, EVERYTHING).add(act)

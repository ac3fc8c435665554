"""
The inbox of tips: brought by a program, at the desk or by command; judged by a person; looked at by the worker.

Nothing is fetched because somebody outside asked for it. An accepted tip is captured by the crawl that makes every
capture, so manners, robots.txt and the egress guard hold for it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from cases.run import build_cases
from config.errors import DeclarationError
from console.errors import NotFound, Unanswerable
from console.output import progress
from console.pipeline import match_listings
from console.workspace import Workspace
from crawler.egress import check_target
from crawler.errors import CrawlError, Refused
from crawler.intake import capture_tip, platform_at
from crawler.urls import is_fetchable
from store.db import tables
from store.db.audit import act_of
from store.db.personal import keep_values, open_values
from store.db.tips import Tips
from store.records.ids import Clock, NewId
from store.records.scope import EVERYTHING, Scope
from store.records.tips import Tip, TipState

log = logging.getLogger(__name__)

URL_CHARS = 2000
NOTE_CHARS = 2000
MOST_OPEN = 1000  # of one who brings them; chosen: nobody reads more, and nobody may fill the ledger
LEASE = timedelta(minutes=30)  # far above one page with its photos; a killed look is made again after it

_KIND, _FIELD = "tip", "note"
_JUDGED = {TipState.OPEN, TipState.FAILED}


def enter_tip(
    workspace: Workspace, url: str, note: str | None, *, scope: Scope, by: str, via: str, clock: Clock, ids: NewId
) -> Tip:
    """
    Enter a tip; the same address from the same one, while it waits, is the tip that stands.

    Raises `Unanswerable` for an address that is never fetched, and where too many of theirs wait.
    """
    url = url.strip()
    try:
        if len(url) > URL_CHARS or not url.isprintable() or not is_fetchable(url):
            raise Unanswerable(f"a tip is an http or https address of up to {URL_CHARS} characters")
        platform = platform_at(workspace.declarations, url)
        check_target(url, loopback=platform.name in workspace.declarations.platforms and platform.is_loopback)
    except (Refused, ValueError) as error:
        raise Unanswerable(f"this address is never fetched: {error}") from error
    made = Tip(id=ids(), url=url, holder=scope.holder, compartment=scope.compartment, by=by, via=via, at=clock())
    with workspace.database.write() as connection:
        tips = Tips(connection, EVERYTHING)
        theirs = (tips.table.c.by == by, tips.table.c.state == TipState.OPEN.value)
        known = tips.first(*theirs, tips.table.c.url == url)
        if known is not None and (known.holder, known.compartment) == (made.holder, made.compartment):
            return known
        if tips.count(*theirs) >= MOST_OPEN:
            raise Unanswerable(f"{MOST_OPEN} tips of {by} wait to be judged; bring more when some are")
        tips.write([made], act_of(by, "enter_tip", "tip", made.id, clock=clock, ids=ids, detail={"via": via}))
        if note and note.strip():
            said = " ".join(note.split())[:NOTE_CHARS]
            keep_values(connection, [workspace.sealer.seal(_KIND, made.id, _FIELD, said)])
    return made


def note_of(workspace: Workspace, tip: str) -> str | None:
    """The words that came with a tip; None where there are none, or none any more."""
    with workspace.database.read() as connection:
        found = open_values(connection, workspace.sealer, _KIND, tip).get(_FIELD)
    return str(found) if found else None


def list_tips(workspace: Workspace, scope: Scope, *, state: TipState | None = None) -> list[Tip]:
    """Tips in a scope, the newest first."""
    with workspace.database.read() as connection:
        tips = Tips(connection, scope)
        found = tips.find(*([tips.table.c.state == state.value] if state else []))
    return found[::-1]


def accept_tip(workspace: Workspace, id: str, *, scope: Scope, by: str, clock: Clock, ids: NewId) -> Tip:
    """Let the worker look at a tip; again, nothing changes. Raises `NotFound`, `Unanswerable`."""
    return _judge(workspace, id, TipState.ACCEPTED, None, scope=scope, by=by, clock=clock, ids=ids)


def dismiss_tip(
    workspace: Workspace, id: str, because: str, *, scope: Scope, by: str, clock: Clock, ids: NewId
) -> Tip:
    """Leave a tip alone, with the reason. Raises `NotFound`, `Unanswerable`."""
    if not because.strip():
        raise Unanswerable("say why it is left alone: whoever brought it may read it")
    said = " ".join(because.split())[:NOTE_CHARS]
    return _judge(workspace, id, TipState.DISMISSED, said, scope=scope, by=by, clock=clock, ids=ids)


def _judge(
    workspace: Workspace,
    id: str,
    state: TipState,
    because: str | None,
    *,
    scope: Scope,
    by: str,
    clock: Clock,
    ids: NewId,
) -> Tip:
    with workspace.database.write() as connection:
        tips = Tips(connection, scope)
        found = tips.get(id)
        if found is None:
            raise NotFound("tip", id, "`marque tips list` shows all")
        if found.state is state:
            return found
        if found.state not in _JUDGED:
            raise Unanswerable(f"this tip is {found.state.value} by now")
        judged = replace(found, state=state, because=because, decided_by=by, decided_at=clock())
        tips.write([judged], act_of(by, f"{state.value}_tip", "tip", id, clock=clock, ids=ids))
    return judged


def look_at_tips(workspace: Workspace, *, by: str, clock: Clock, ids: NewId) -> Sequence[Tip]:
    """Look at every accepted tip, each once, and compare what was found; one that fails stops no other."""
    looked: list[Tip] = []
    while True:
        with workspace.database.write() as connection:
            tip = Tips(connection, EVERYTHING).take(clock(), clock() + LEASE)
        if tip is None:
            break
        done = _look(workspace, tip)
        with workspace.database.write() as connection:
            act = act_of(by, "look_at_tip", "tip", tip.id, clock=clock, ids=ids, detail={"state": done.state.value})
            Tips(connection, EVERYTHING).write([done], act)
        looked.append(done)
    if any(tip.listing for tip in looked):
        with progress("match", as_json=True) as silent:
            match_listings(workspace, silent)
        build_cases(workspace.database, workspace.declarations, clock=clock, ids=ids)
    return looked


def _look(workspace: Workspace, tip: Tip) -> Tip:
    try:
        found = capture_tip(workspace.settings, tip.url)
    except (CrawlError, DeclarationError) as error:
        log.warning("tip not looked at", extra={"tip": tip.id, "error": type(error).__name__})
        return replace(tip, state=TipState.FAILED, because=str(error)[:NOTE_CHARS])
    listing = None
    if found.observation is not None:
        look = tables.observation.c
        with workspace.database.read() as connection:
            statement = (
                tables.observation.select().with_only_columns(look.listing).where(look.id == found.observation)
            )
            listing = connection.execute(statement).scalar_one()
    state = TipState.LOOKED if found.page is not None else TipState.FAILED
    return replace(tip, state=state, because=found.why[:NOTE_CHARS], run=found.run.id, listing=listing)

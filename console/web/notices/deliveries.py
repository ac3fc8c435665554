"""
A batch's way out of the house at the desk: queued by a person, carried by the worker, settled by a person.

Nothing is sent here. The outbox is what the command line uses, so that either may go on where the other stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from console.delivering import queue_batch, read_hour
from console.errors import Unanswerable
from console.web.desk import Visit
from console.web.errors import Refused, Unprocessable
from console.web.notices.acts import current
from console.web.words import gettext as _
from reports.errors import NotWaiting
from reports.outbox import settle_by_hand
from store.db import tables
from store.db.outbox import Outbox
from store.records.notices import Batch
from store.records.outbox import OutboxEntry, OutboxState
from store.records.scope import Scope

LONGEST_RECEIPT = 200  # characters of a platform's reference; none known is longer than forty
WAIT_FOR_A_PERSON = (OutboxState.HELD, OutboxState.UNKNOWN)
"""Deliveries that a person who looked at the platform can settle; an unknown one is also looked up by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentNotice:
    """Where a notice stands outside the house."""

    batch: int
    outbox: tuple[OutboxEntry, ...]
    answers: Mapping[str, int]  # by what the platform's word means to us; "" for a word nobody knows


def waits_for_person(outbox: Sequence[OutboxEntry]) -> OutboxEntry | None:
    """The delivery that a person may settle; None where none waits."""
    return next((entry for entry in outbox if entry.state in WAIT_FOR_A_PERSON), None)


def why_not_queued(here: Visit, batch: Batch) -> str | None:
    """Why the batch cannot be queued, in words; None where a person may queue it. Asked of the files as they are."""
    declared = current(here).declarations.platforms.get(batch.platform)
    if declared is None or declared.notify.delivery is None:
        return _("Its platform declares no way of delivery: hand the ZIP over yourself.")
    return None


def queue(here: Visit, batch: Batch, *, not_before: str, zone: str) -> None:
    """
    Queue a sealed batch, to stay until `not_before` ("": no time) by the clock of `zone`; again changes nothing.

    Raises `Refused` with why it may not leave, `Unprocessable` for an hour that is none or past.
    """
    why = why_not_queued(here, batch)
    if why is not None:
        raise Refused(why)
    try:
        until = read_hour(not_before, zone.strip() or "UTC") if not_before else None
    except Unanswerable as error:
        raise Unprocessable(str(error)) from error
    if until is not None and until <= here.desk.clock():
        raise Unprocessable(_("That hour is past: leave it empty to send as soon as may be."))
    queued = queue_batch(current(here), batch, by=here.by, clock=here.desk.clock, not_before=until)
    if queued.because is not None:
        raise Refused(queued.because)


def settle(here: Visit, batch: Batch, *, entry: str, arrived: bool, receipt: str) -> None:
    """
    Enter what a person found at the platform of the delivery they had before them.

    Raises `Refused` where it stands otherwise by now, or an arrival has no receipt.
    """
    with here.read() as connection:
        waiting = waits_for_person(Outbox(connection, here.scope).of_batch(batch.id))
    if waiting is None or waiting.id != entry:
        raise Refused(_("This delivery waits for nobody by now. See how it stands."))
    workspace = here.desk.workspace
    try:
        settle_by_hand(
            workspace.database,
            workspace.vault,
            batch.number,
            arrived=arrived,
            receipt=receipt.strip()[:LONGEST_RECEIPT] or None if arrived else None,
            by=here.by,
            clock=here.desk.clock,
            ids=here.desk.ids,
        )
    except NotWaiting as refused:
        raise Refused(str(refused)) from refused


def sent_notices(connection: Connection, scope: Scope, notices: Sequence[str]) -> dict[str, SentNotice]:
    """Where these notices stand outside the house, by notice id; one that is in no batch is absent."""
    if not notices:
        return {}
    wanted, table, outcome = set(notices), tables.batch, tables.outcome
    platforms = select(tables.notice.c.platform).where(tables.notice.c.id.in_(wanted))
    batches = connection.execute(
        select(table.c.id, table.c.number, table.c.notices)
        .where(table.c.platform.in_(platforms))
        .order_by(table.c.number)
    ).all()
    said: dict[str, Counter[str]] = {}
    counted = (
        select(outcome.c.notice, outcome.c.status, func.count())
        .where(outcome.c.notice.in_(wanted))
        .group_by(outcome.c.notice, outcome.c.status)
    )
    for notice, status, n in connection.execute(counted):
        said.setdefault(notice, Counter())[status or ""] += n
    outbox = Outbox(connection, scope)
    found: dict[str, SentNotice] = {}
    for batch in batches:
        held = wanted & set(batch.notices)
        entries = tuple(outbox.of_batch(batch.id)) if held else ()
        for notice in held:
            found[notice] = SentNotice(batch=batch.number, outbox=entries, answers=said.get(notice, Counter()))
    return found

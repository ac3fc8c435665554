"""Batches on their way: queues what may leave, carries what is due, and tells where every delivery stands."""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from console.clocks import refresh
from console.errors import NotFound, Unanswerable
from console.output import Progress
from console.rechecking import look_again
from console.workspace import Workspace
from crawler.errors import CrawlError
from reports.answers.codes import read_answer_key
from reports.answers.intake import Taken, take_sheet
from reports.errors import BudgetUsed, UnreadableAnswers, UnverifiedProfile
from reports.lately import UNSEEN
from reports.outbox import MARQUE, Carried, Office, carry_next, next_due, settle_by_hand
from reports.sending import queue_delivery
from reports.transports.mail import Connect, relay
from reports.transports.ways import ways
from store.db.audit import act_of
from store.db.batches import Batches
from store.db.outbox import Outbox
from store.evidence.seal import published_keys
from store.records.ids import Clock, new_id, utc_now
from store.records.notices import Batch
from store.records.outbox import OutboxEntry
from store.records.rechecks import RecheckPurpose
from store.records.scope import EVERYTHING

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0  # chosen: how late a delivery that was queued meanwhile may be noticed


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """What became of a sealed batch that was in no queue: queued now, or why not."""

    batch: int
    platform: str
    because: str | None = None  # None: it is queued


def office_of(workspace: Workspace, *, clock: Clock = utc_now) -> Office:
    """What carrying needs, of this workspace and this installation."""
    settings = workspace.settings
    return Office(
        database=workspace.database,
        vault=workspace.vault,
        declarations=workspace.declarations,
        home=settings.home,
        keys=published_keys(settings.keys),
        way=ways(
            secret=settings.secret,
            user_agent=settings.user_agent,
            home=settings.home,
            relay=relay_of(workspace),
            clock=clock,
            inner=workspace.declarations.policy.network.inner_hosts,
        ),
        clock=clock,
        ids=new_id,
        owner=f"{socket.gethostname()[:100]}/{os.getpid()}/{new_id()}",
    )


def read_hour(text: str, zone: str) -> datetime:
    """
    A moment from `2026-12-01T09:00` by the clock of a zone such as `Europe/Stockholm`, seconds at most.

    Raises `Unanswerable` for what is none, and for an hour that this clock leaves out or shows twice.
    """
    form = "2026-12-01T09:00"
    try:
        place, said = ZoneInfo(zone), datetime.fromisoformat(text)
        at = said.replace(tzinfo=place, microsecond=0)
        back = at.astimezone(UTC).astimezone(place)
    except (ValueError, OverflowError, OSError, ZoneInfoNotFoundError) as error:
        raise Unanswerable(f"{text!r} in {zone!r} is no hour; write it like {form} and Europe/Stockholm") from error
    if said.tzinfo is not None:
        raise Unanswerable(f"{text!r} names an offset of its own beside the clock of {zone}; leave one out")
    if back.replace(tzinfo=None) != at.replace(tzinfo=None):
        raise Unanswerable(f"the clocks of {zone} leave {text} out that day; name another hour")
    if at.utcoffset() != at.replace(fold=1).utcoffset():
        raise Unanswerable(f"the clocks of {zone} show {text} twice that day; name another hour, or say it in UTC")
    return at


def queue_batches(
    workspace: Workspace, *, by: str, clock: Clock = utc_now, not_before: datetime | None = None
) -> list[Queued]:
    """
    Queue every sealed batch that has no delivery yet, where its profile is verified and a way is declared.

    None of them leaves before `not_before`; those queued earlier keep the time that was said then.
    """
    with workspace.database.read() as connection:
        outbox = Outbox(connection, EVERYTHING)
        waiting = [b for b in Batches(connection, EVERYTHING).find() if not outbox.of_batch(b.id)]
    return [
        queue_batch(workspace, batch, by=by, clock=clock, not_before=not_before)
        for batch in sorted(waiting, key=lambda b: b.number)
    ]


def queue_batch(
    workspace: Workspace, batch: Batch, *, by: str, clock: Clock = utc_now, not_before: datetime | None = None
) -> Queued:
    """Queue one sealed batch, or say why it may not leave; a second time changes nothing."""
    platform = workspace.declarations.platforms.get(batch.platform)
    told = partial(Queued, batch=batch.number, platform=batch.platform)
    if platform is None or platform.notify.delivery is None:
        return told(because=f"{batch.platform} declares no [notify.delivery]; hand over {batch.path} yourself")
    try:
        queue_delivery(
            workspace.database,
            workspace.declarations,
            batch.id,
            by=by,
            clock=clock,
            ids=new_id,
            not_before=not_before,
        )
    except (UnverifiedProfile, BudgetUsed) as error:
        return told(because=str(error))
    return told()


def carry(workspace: Workspace, *, told: Callable[[Carried], None], wait: bool, stop: Event) -> int:
    """
    Carry what is due; gives how many attempts were made.

    With `wait` it goes on until nothing waits for a time any more, or `stop` is set; what is held waits for a person.
    """
    office, count = office_of(workspace), 0
    unseen: dict[str, Carried] = {}
    while not stop.is_set():
        carried = carry_next(office)
        if carried is not None:
            count += 1
            told(carried)
            if (carried.entry.because or "").startswith(UNSEEN):
                unseen[carried.entry.id] = carried
            continue
        if unseen:  # what could leave has left, and nobody waits for these looks
            _look_again(workspace, unseen.popitem()[1], office)
            continue
        due = next_due(office)
        if due is None or (not wait and due > office.clock()):
            break
        stop.wait(min(max(_seconds_until(due, office.clock()), 0.05), LOOK_EVERY_S))
    return count


def _look_again(workspace: Workspace, carried: Carried, office: Office) -> None:
    """Look at the offers of a batch, and give it its turn; what cannot be looked at now waits for its next one."""
    try:
        look_again(workspace, (), batch=carried.batch, purpose=RecheckPurpose.SENDING, by=MARQUE)
    except CrawlError as error:
        log.warning("offers not looked at again: %s", error, extra={"batch": carried.batch})
        return
    entry = replace(carried.entry, not_before=None)
    act = act_of(MARQUE, "look_before_sending", "batch", entry.batch, clock=office.clock, ids=office.ids)
    with workspace.database.write() as connection:
        if Outbox(connection, EVERYTHING).get(entry.id) == carried.entry:  # else somebody moved it meanwhile
            Outbox(connection, EVERYTHING).move(entry, act)


def deliveries(workspace: Workspace) -> list[dict[str, Any]]:
    """Every delivery with its batch, the newest first."""
    with workspace.database.read() as connection:
        batches = {batch.id: batch for batch in Batches(connection, EVERYTHING).find()}
        entries = Outbox(connection, EVERYTHING).find()
    found = sorted(entries, key=lambda entry: -batches[entry.batch].number)
    return [_told(entry, batches[entry.batch]) for entry in found]


def settle(workspace: Workspace, batch: int, *, receipt: str | None, by: str) -> dict[str, Any]:
    """Enter what a person found: the receipt of what arrived, or None for what did not. Raises `NotFound`."""
    with workspace.database.read() as connection:
        found = Batches(connection, EVERYTHING).numbered(batch)
    if found is None:
        raise NotFound("batch", str(batch), "`marque batches list` shows all")
    entry = settle_by_hand(
        workspace.database,
        workspace.vault,
        batch,
        arrived=receipt is not None,
        receipt=receipt,
        by=by,
        clock=utc_now,
        ids=new_id,
    )
    return _told(entry, found)


def take_answers(workspace: Workspace, file: Path, *, by: str, beat: Progress) -> list[Taken]:
    """Enter a filled answer sheet. Raises `UnreadableAnswers`."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UnreadableAnswers(f"{file} cannot be opened ({error.strerror})") from error
    taken = take_sheet(
        workspace.database,
        workspace.vault,
        workspace.declarations,
        data,
        key=read_answer_key(workspace.settings.keys),
        by=by,
        clock=utc_now,
        ids=new_id,
        beat=lambda done: beat(done, None, ""),
    )
    refresh(workspace)  # an answer begins clocks and ends them
    return taken


def _told(entry: OutboxEntry, batch: Batch) -> dict[str, Any]:
    return {
        "batch": batch.number,
        "platform": batch.platform,
        "items": batch.item_count,
        "state": entry.state.value,
        "because": entry.because,
        "receipt": entry.receipt,
        "attempts": entry.attempts,
        "queued_at": entry.queued_at.isoformat(),
        "not_before": entry.not_before.isoformat() if entry.not_before else None,
        "settled_at": entry.settled_at.isoformat() if entry.settled_at else None,
        "key": entry.idempotency_key,
    }


def _seconds_until(due: datetime, now: datetime) -> float:
    return (due - now).total_seconds()


def relay_of(workspace: Workspace) -> Connect | None:
    """How to reach the relay that mail leaves by; None where none is set. Raises `NotFound` for no address."""
    named = workspace.settings.relay
    if named is None:
        return None
    host, _, port = named.rpartition(":")
    if not host or not port.isdigit():
        raise NotFound("relay", named, "MARQUE_SMTP is host:port")
    try:
        is_here = ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        is_here = host == "localhost"
    secret = workspace.settings.secret
    return relay(
        host, int(port), user=secret("MARQUE_SMTP_USER"), secret=secret("MARQUE_SMTP_PASSWORD"), is_here=is_here
    )

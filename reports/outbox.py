"""
Carries queued batches to their platforms: each at most once, and none forgotten.

    ready --claim--> sending --answer--> accepted | rejected | ready, later | held | unknown
                        |
                  carrier dies: unknown --left alone until settled--> looked up, repeated under its key, or held

The claim is in the ledger before a byte leaves, so a process that dies leaves *unknown*, never *ready*. What may be
done then is the recipient's declaration: `same_key` (it honours our key: the same batch is sent again and counts
once), `look_up` (it is asked after the time in which its own queue must have emptied; only a clear *no* lets the
batch leave again), `neither` (a person looks, and enters what they found by `settle_by_hand`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from config.declarations import Declarations
from config.delivery import NOTICES_ALONE, Delivery
from crawler.faults import point
from reports.budget.gate import stopped_notices
from reports.errors import NotWaiting, NoWay, UnknownBatch
from reports.follow_ups import enter_told
from reports.lately import OTHERWISE, hold_of
from reports.parcel import Parcel
from reports.transports.contract import Absent, Answer, Declined, ForPerson, NotTaken, Taken, Transport, Unknown
from store.db.audit import act_of
from store.db.batches import Batches
from store.db.errors import TakenOver
from store.db.notices import Notices
from store.db.outbox import Outbox
from store.db.outcomes import Outcomes
from store.db.session import Database
from store.evidence.vault import Vault
from store.evidence.verify import PublishedKey, Verdict, verify
from store.records.ids import Clock, NewId
from store.records.notices import Batch, BatchKind, Notice, NoticeState
from store.records.outbox import Carrying, OutboxEntry, OutboxState
from store.records.outcomes import Outcome, OutcomeKind, OutcomeStatus
from store.records.scope import EVERYTHING

log = logging.getLogger(__name__)

MARQUE = "marque"
LONGEST_S = 300.0  # of one attempt: above every time-out of a transport; a lease that ends means a dead carrier
TRIES = 12  # chosen: with the waits below about a day; then a person should know
FIRST_WAIT_S = 30.0  # doubled at each try that was not taken
LONGEST_WAIT_S = 4 * 3600.0
LOOKED_AT_AGAIN = timedelta(minutes=15)  # chosen: within it a batch's offers are looked at again; then it is its turn

Way = Callable[[Delivery], Transport]
"""Gives the transport of a declared delivery. Raises `NoWay` where this installation lacks something for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """One delivery that was worked on, as it stands now."""

    batch: int
    platform: str
    entry: OutboxEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What carrying needs; the same for every delivery."""

    database: Database
    vault: Vault
    declarations: Declarations
    home: Path  # batch folders are named relative to it
    keys: Sequence[PublishedKey]  # a batch must be sealed under one of them
    way: Way
    clock: Clock
    ids: NewId
    owner: str
    longest_s: float = LONGEST_S

    def deliveries(self) -> dict[str, Delivery]:
        """How each platform is reached, as declared."""
        found = {name: platform.notify.delivery for name, platform in self.declarations.platforms.items()}
        return {name: delivery for name, delivery in found.items() if delivery is not None}

    def lacking(self) -> dict[str, str]:
        """What declared ways still need on this installation, by platform; what goes there waits for it."""
        found = {}
        for platform, delivery in self.deliveries().items():
            try:
                if delivery.by != "portal":
                    self.way(delivery)
            except NoWay as error:
                found[platform] = str(error)
        return found

    def open_ways(self) -> dict[str, Delivery]:
        """The declared ways that can be gone now."""
        lacking = self.lacking()
        return {name: delivery for name, delivery in self.deliveries().items() if name not in lacking}


def carry_next(office: Office) -> Carried | None:
    """Work on the delivery that has waited longest, if one is due; None where none is."""
    deliveries = office.open_ways()
    now = office.clock()
    take_back(office)
    with office.database.write() as connection:
        pauses = {name: delivery.pause for name, delivery in deliveries.items()}
        until = now + timedelta(seconds=office.longest_s)
        carrying = Outbox(connection, EVERYTHING).claim(office.owner, now, until, pauses)
        if carrying is None:
            return None
        batch = Batches(connection, EVERYTHING).get(carrying.entry.batch)
        assert batch is not None, "a delivery points to its batch"
        notices = _notices(connection, batch)
    point("claimed")
    way = way_of(office, batch, deliveries[carrying.platform])
    answer: Answer | Absent | None = None
    if isinstance(way, str):
        entry = _held(carrying.entry, way)
    else:
        entry, answer = _attempt(office, carrying, batch, notices, way)
    point("told")
    raw = getattr(answer, "raw", b"")
    if raw:
        entry = replace(entry, answer_sha256=office.vault.put(raw))
        office.vault.flush()
    point("filed")
    try:
        with office.database.write() as connection:
            detail = {"state": entry.state.value, "attempt": str(carrying.epoch)}
            act = act_of(
                MARQUE, "carry_delivery", "batch", batch.id, clock=office.clock, ids=office.ids, detail=detail
            )
            Outbox(connection, EVERYTHING).settle(carrying, entry, act)
            if entry.state is OutboxState.ACCEPTED:
                _enter_receipt(connection, batch, notices, entry, by=MARQUE, clock=office.clock, ids=office.ids)
            elif isinstance(answer, NotTaken) and answer.wait_s is not None:
                # The platform asked for a pause of all of us, not of this batch.
                Outbox(connection, EVERYTHING).pause(carrying.platform, now + timedelta(seconds=answer.wait_s))
            point("entered")
    except TakenOver as error:
        # Whoever holds it now will find out by the recipient's own word.
        log.warning("%s", error, extra={"batch": batch.number})
    return Carried(batch=batch.number, platform=carrying.platform, entry=entry)


def way_of(office: Office, batch: Batch, delivery: Delivery) -> Delivery | str:
    """The way a batch goes, or why a person has to go it: some formats hold notices and no word that follows one."""
    if batch.kind is not BatchKind.FOLLOW_UPS:
        return delivery
    own = office.declarations.platforms[batch.platform].notify.follow_ups
    if own is None and delivery.body in NOTICES_ALONE:
        return (
            f"the interface at {delivery.to} takes notices ({delivery.body}) and no word that follows them; declare"
            f" [notify.follow_ups] for {batch.platform}, or tell it yourself with {batch.path} and settle this"
        )
    # XARF has no type that takes a report back: the words go to the same mailbox as they were sealed.
    chosen = own or delivery.model_copy(update={"body": "package"})
    try:
        if chosen.by != "portal":
            office.way(chosen)
    except NoWay as error:
        return str(error)
    return chosen


def next_due(office: Office) -> datetime | None:
    """When the next delivery may be due; None where none waits that can be carried."""
    pauses = {name: delivery.pause for name, delivery in office.open_ways().items()}
    with office.database.read() as connection:
        return Outbox(connection, EVERYTHING).next_due(pauses)


def take_back(office: Office) -> int:
    """Make deliveries whose carrier died *unknown*; gives how many."""
    deliveries = office.deliveries()
    now = office.clock()
    with office.database.read() as connection:
        if not Outbox(connection, EVERYTHING).broken_off(now):
            return 0
    with office.database.write() as connection:
        outbox = Outbox(connection, EVERYTHING)
        found = outbox.broken_off(now)
        for entry, platform in found:
            delivery = deliveries.get(platform)
            unknown = replace(
                entry,
                state=OutboxState.UNKNOWN,
                attempts=entry.attempts + 1,
                not_before=now + (delivery.settles if delivery else timedelta(0)),
                because="whoever carried it stopped on the way; it may have arrived",
            )
            detail = {"because": "carrier stopped"}
            act = act_of(
                MARQUE,
                "lose_sight_of_delivery",
                "batch",
                entry.batch,
                clock=office.clock,
                ids=office.ids,
                detail=detail,
            )
            outbox.move(unknown, act)
    return len(found)


def settle_by_hand(
    database: Database,
    vault: Vault,
    batch: int,
    *,
    arrived: bool,
    receipt: str | None,
    by: str,
    clock: Clock,
    ids: NewId,
) -> OutboxEntry:
    """
    A person says of a held or unknown delivery that it arrived, with the receipt they have, or that it did not.

    What did not arrive is ready to leave again. Raises `UnknownBatch`, and `NotWaiting` where no person is waited for
    or an arrival has no receipt.
    """
    note = f"{by} entered {'receipt ' + receipt if receipt else 'that it did not arrive'}".encode()
    sha256 = vault.put(note)
    vault.flush()
    with database.write() as connection:
        found = Batches(connection, EVERYTHING).numbered(batch)
        if found is None:
            raise UnknownBatch(str(batch))
        outbox = Outbox(connection, EVERYTHING)
        waiting = [e for e in outbox.of_batch(found.id) if e.state in (OutboxState.HELD, OutboxState.UNKNOWN)]
        if not waiting:
            raise NotWaiting(batch, "no delivery of it waits for a person")
        if arrived and not (receipt or "").strip():
            raise NotWaiting(batch, "an arrival is entered with the platform's receipt")
        if arrived:
            entry = replace(
                waiting[0],
                state=OutboxState.ACCEPTED,
                receipt=str(receipt).strip(),
                because=f"{by} found that it arrived",
                answer_sha256=sha256,
                settled_at=clock(),
                not_before=None,
            )
        else:
            entry = replace(
                waiting[0],
                state=OutboxState.READY,
                because=f"{by} found that it did not arrive",
                not_before=None,
                attempts=0,
            )
        detail = {"arrived": "yes" if arrived else "no"}
        outbox.move(entry, act_of(by, "settle_delivery", "batch", found.id, clock=clock, ids=ids, detail=detail))
        if arrived:
            _enter_receipt(connection, found, _notices(connection, found), entry, by=by, clock=clock, ids=ids)
    return entry


def _attempt(
    office: Office, carrying: Carrying, batch: Batch, notices: tuple[Notice, ...], delivery: Delivery
) -> tuple[OutboxEntry, Answer | Absent | None]:
    """Send, repeat or look up one delivery; gives how it stands after that, and the recipient's word."""
    entry, now = carrying.entry, office.clock()
    if carrying.may_have_left:
        if delivery.repeats == "neither":
            return _held(
                entry, "it is not known whether it arrived, and the platform cannot be asked; look there"
            ), None
        if delivery.repeats == "look_up":
            found = office.way(delivery).look_up(entry.idempotency_key)
            match found:
                case Taken():
                    return _accepted(entry, found, now), found
                case Absent():
                    because = "the platform has nothing under its key; it leaves again"
                    return replace(entry, state=OutboxState.READY, because=because, not_before=None), found
                case Unknown():
                    return _later(entry, OutboxState.UNKNOWN, found.because, delivery.settles, now), found
    stopped = _stopped(office, carrying, batch, notices) or _not_seen(office, carrying, batch, notices)
    if stopped is not None:
        return stopped, None
    if delivery.by == "portal":
        because = f"upload {batch.path} at {delivery.to} and enter the receipt"
        return _held(entry, because), None
    answer = office.way(delivery).send(_parcel(office, batch, notices, entry))
    point("sent")
    tried = replace(entry, attempts=entry.attempts + 1)
    match answer:
        case Taken():
            return _accepted(tried, answer, office.clock()), answer
        case Declined() if carrying.may_have_left:
            return _held(tried, f"{answer.because}, but an earlier attempt may have arrived; look there"), answer
        case Declined():
            settled = replace(tried, state=OutboxState.REJECTED, because=answer.because, settled_at=office.clock())
            return settled, answer
        case ForPerson():
            # Sent under its key again: an earlier attempt may still have arrived, and stays unknown to us.
            return _held(tried, answer.because), answer
        case NotTaken():
            # After an unknown attempt this one's refusal says nothing of that one.
            state = OutboxState.UNKNOWN if carrying.may_have_left else OutboxState.READY
            wait = timedelta(seconds=answer.wait_s if answer.wait_s is not None else _backoff_s(tried.attempts))
            return _later(tried, state, answer.because, wait, office.clock()), answer
        case Unknown():
            return _later(tried, OutboxState.UNKNOWN, answer.because, delivery.settles, office.clock()), answer


def _stopped(office: Office, carrying: Carrying, batch: Batch, notices: tuple[Notice, ...]) -> OutboxEntry | None:
    """What keeps a batch here at the last moment: a recall, a folder that changed, a profile nobody answers for."""
    entry = carrying.entry
    if batch.kind is BatchKind.FOLLOW_UPS:
        return _damaged(office, entry, batch)  # what takes an accusation back is stopped by nothing else
    recalled = sorted(n.number for n in notices if n.state is NoticeState.RECALLED)
    if recalled:
        because = f"notice {', '.join(map(str, recalled))} was recalled"
        if carrying.may_have_left:
            return _held(entry, f"{because}, and an earlier attempt may have arrived: look there and withdraw it")
        return replace(
            entry, state=OutboxState.WITHDRAWN, because=because, settled_at=office.clock(), not_before=None
        )
    platform = office.declarations.platforms[carrying.platform]
    is_exercise = office.declarations.policy.exercise and platform.is_loopback
    profile = office.declarations.profiles.get(batch.profile)
    if not is_exercise and (profile is None or profile.is_draft(office.clock().date())):
        return _held(entry, f"profile {batch.profile} is not verified any more; verify it, then settle this delivery")
    with office.database.read() as connection:
        spent = stopped_notices(connection, office.declarations, notices, office.clock())
    if spent:
        return _held(entry, f"{spent[0].code}: {spent[0].because}; {spent[0].way}, then settle this delivery")
    return _damaged(office, entry, batch)


def _damaged(office: Office, entry: OutboxEntry, batch: Batch) -> OutboxEntry | None:
    report = verify(office.home / batch.path, office.keys)
    if report.verdict is not Verdict.PASS:
        return _held(entry, f"its folder is not what was sealed ({report.verdict.value}); restore it from the backup")
    return None


def _not_seen(office: Office, carrying: Carrying, batch: Batch, notices: tuple[Notice, ...]) -> OutboxEntry | None:
    """What keeps a batch here because its offers were seen otherwise since, or not lately; None: nothing does."""
    if batch.kind is BatchKind.FOLLOW_UPS:
        return None
    with office.database.read() as connection:
        hold = hold_of(connection, notices, office.declarations.policy.evidence, office.clock())
    if hold is None:
        return None
    if hold.code == OTHERWISE:
        return _held(carrying.entry, hold.because)
    state = OutboxState.UNKNOWN if carrying.may_have_left else OutboxState.READY
    return replace(carrying.entry, state=state, because=hold.because, not_before=office.clock() + LOOKED_AT_AGAIN)


def _parcel(office: Office, batch: Batch, notices: tuple[Notice, ...], entry: OutboxEntry) -> Parcel:
    platform = office.declarations.platforms[batch.platform]
    is_exercise = office.declarations.policy.exercise and platform.is_loopback
    return Parcel(
        key=entry.idempotency_key,
        number=batch.number,
        platform=batch.platform,
        profile=batch.profile,
        manifest_sha256=batch.manifest_sha256,
        watermark="EXERCISE" if is_exercise else None,
        notices=tuple(sorted(notice.number for notice in notices)),
        item_count=batch.item_count,
        folder=office.home / batch.path,
        follows=batch.kind is BatchKind.FOLLOW_UPS,
    )


def _accepted(entry: OutboxEntry, answer: Taken, now: datetime) -> OutboxEntry:
    return replace(
        entry, state=OutboxState.ACCEPTED, receipt=answer.receipt, because=None, settled_at=now, not_before=None
    )


def _held(entry: OutboxEntry, because: str) -> OutboxEntry:
    return replace(entry, state=OutboxState.HELD, because=because, not_before=None)


def _later(entry: OutboxEntry, state: OutboxState, because: str, wait: timedelta, now: datetime) -> OutboxEntry:
    if entry.attempts >= TRIES:
        return _held(entry, f"{because}; {entry.attempts} tries")
    return replace(entry, state=state, because=because, not_before=now + wait)


def _backoff_s(attempts: int) -> float:
    return float(min(FIRST_WAIT_S * 2 ** (attempts - 1), LONGEST_WAIT_S))


def _notices(connection: Connection, batch: Batch) -> tuple[Notice, ...]:
    notices = Notices(connection, EVERYTHING)
    return tuple(notice for id in batch.notices if (notice := notices.get(id)) is not None)


def _enter_receipt(
    connection: Connection,
    batch: Batch,
    notices: tuple[Notice, ...],
    entry: OutboxEntry,
    *,
    by: str,
    clock: Clock,
    ids: NewId,
) -> None:
    """Every notice of the batch is sent, and has its receipt; or every word that followed one has."""
    if batch.kind is BatchKind.FOLLOW_UPS:
        enter_told(connection, batch, receipt=entry.receipt or "", by=by, clock=clock, ids=ids)
        return
    for notice in notices:
        sent = replace(notice, state=NoticeState.SENT) if notice.state is NoticeState.BATCHED else notice
        detail = {"receipt": entry.receipt or "", "delivery": entry.id}
        Notices(connection, EVERYTHING).move(
            [sent], act_of(by, "send_notice", "notice", notice.id, clock=clock, ids=ids, detail=detail)
        )
        outcome = Outcome(
            id=ids(),
            notice=notice.id,
            kind=OutcomeKind.ACK,
            platform_case_id=entry.receipt,
            status_raw="receipt",
            status=OutcomeStatus.RECEIVED,
            received_at=clock(),
            raw_sha256=entry.answer_sha256 or "",
        )
        act = act_of(by, "enter_outcome", "notice", notice.id, clock=clock, ids=ids, detail={"kind": "ack"})
        Outcomes(connection, EVERYTHING).write([outcome], act)

"""Keeping and forgetting on an open workspace: what is over, legal holds, accounts forgotten, the personal key."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from config.policy import RetentionPolicy
from config.settings import Settings
from console.errors import ErasureRefused, NotFound
from console.output import Progress
from console.workspace import Workspace
from store.db import tables
from store.db.audit import AuditTrail, act_of
from store.db.errors import PersonalValueUnreadable
from store.db.personal import (
    KEY_BYTES,
    KEY_FILE,
    NEXT_KEY_FILE,
    Sealer,
    parse_key,
    reseal_values,
)
from store.db.retention import (
    Expired,
    Periods,
    digests_of_listings,
    find_expired,
    forget,
    in_steps,
    listings_of_seller,
    needed_for,
    still_unseen,
)
from store.db.session import Database
from store.db.tombstones import LegalHolds
from store.evidence.pack_files import sync_folder
from store.records.ids import Clock, new_id, utc_now
from store.records.keeping import HoldKind, LegalHold
from store.records.scope import EVERYTHING

_DIGESTS_AT_ONCE = 2000  # overwritten in one pass over the packs
PURGE_EVERY = timedelta(days=1)  # the shortest class is counted in days
_WRITTEN_IN = timedelta(days=1)  # far longer than any process takes from putting bytes to the row that names them
_PURGE, _PURGED = "purge", "retention"  # the act, and what it is entered on


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """What is over, what of it still lies in the vault, and what was done. `values`: names and contacts deleted."""

    expired: Expired
    digests: tuple[str, ...]
    size_bytes: int
    values: int = 0
    is_done: bool = False


def periods_of(policy: RetentionPolicy) -> Periods:
    """The policy's classes as lengths of time."""
    return Periods(
        non_matches=timedelta(days=policy.non_matches.days),
        rejected=timedelta(days=policy.rejected.days),
        cases=timedelta(days=policy.cases.days),
        sites=timedelta(days=policy.sites.days),
    )


def plan_purge(workspace: Workspace, *, clock: Clock = utc_now) -> Purge:
    """What is over today; changes nothing."""
    periods = periods_of(workspace.declarations.policy.retention)
    with workspace.database.read() as connection:
        expired = find_expired(connection, periods, clock())
    there = tuple(digest for digest in expired.digests if workspace.vault.has(digest))
    return Purge(expired=expired, digests=there, size_bytes=sum(map(workspace.vault.size, there)))


def run_purge(workspace: Workspace, *, by: str, told: Progress, clock: Clock = utc_now) -> Purge:
    """
    Forget and overwrite what is over.

    The act first, then names, then bytes, in small steps: whoever is killed runs it again, and it goes on. Crawls
    may run meanwhile: what they just saw again, under the same digest, does not go with the old.
    """
    return _purge(workspace, plan_purge(workspace, clock=clock), by=by, told=told, clock=clock)


def purge_if_due(workspace: Workspace, *, by: str, told: Progress, clock: Clock = utc_now) -> Purge | None:
    """Forget what is over, once a day whoever asks; None where that was done within a day."""
    with workspace.database.read() as connection:
        state = purge_state(connection, clock())
    if not state.is_due:
        return None
    return _purge(workspace, plan_purge(workspace, clock=clock), by=by, told=told, clock=clock)


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeState:
    """When what was over last went, and when it goes next."""

    last_at: datetime | None  # None: never yet
    due_at: datetime
    is_due: bool


def purge_state(connection: Connection, now: datetime) -> PurgeState:
    """How the daily forgetting stands."""
    entry = tables.audit_entry
    mine = (entry.c.action == _PURGE) & (entry.c.subject == _PURGED)
    last = connection.execute(select(func.max(entry.c.at)).where(mine)).scalar_one()
    due_at = now if last is None else last + PURGE_EVERY
    return PurgeState(last_at=last, due_at=due_at, is_due=due_at <= now)


def _purge(workspace: Workspace, plan: Purge, *, by: str, told: Progress, clock: Clock) -> Purge:
    expired = plan.expired
    detail = {
        "digests": str(len(plan.digests)),
        "listings": str(len(expired.listings)),
        "accounts": str(len(expired.sellers)),
        "bytes": str(plan.size_bytes),
    }
    _enter(workspace, by, _PURGE, "workspace", _PURGED, detail, clock)
    values = 0
    for number, lot in enumerate(in_steps(expired.listings)):
        told(number, None, "listings")
        with workspace.database.write() as connection:
            lot = still_unseen(connection, tables.listing, lot, expired.unseen_since)
            values += forget(connection, listings=lot, sellers=())
    for lot in in_steps(expired.sellers):
        with workspace.database.write() as connection:
            lot = still_unseen(connection, tables.seller, lot, expired.unseen_since)
            values += forget(connection, listings=(), sellers=lot)
    for at in range(0, max(len(plan.digests), 1), _DIGESTS_AT_ONCE):  # at least once: a killed one is completed
        told(at, len(plan.digests), "captured bytes")
        workspace.vault.erase(plan.digests[at : at + _DIGESTS_AT_ONCE], lawfully=False, since=clock() - _WRITTEN_IN)
    return Purge(expired=expired, digests=plan.digests, size_bytes=plan.size_bytes, values=values, is_done=True)


def forget_seller(
    workspace: Workspace, seller: str, *, by: str, second: str, legal_basis: str, clock: Clock = utc_now
) -> tuple[int, int]:
    """
    Forget who stands behind an account, at their request: names, contacts, and the bytes of their pages and photos.

    Refused while a case, a person's decision or a legal hold needs them. Gives values deleted and blobs overwritten.
    """
    if not second.strip() or by.strip().casefold() == second.strip().casefold():
        raise ErasureRefused("two different persons are needed: --by and --second")
    if not legal_basis.strip():
        raise ErasureRefused("say on what legal basis they are forgotten (--basis)")
    periods = periods_of(workspace.declarations.policy.retention)
    with workspace.database.read() as connection:
        if connection.execute(tables.seller.select().where(tables.seller.c.id == seller)).first() is None:
            raise NotFound("account", seller, "its id stands on its page of the desk")
        listings = listings_of_seller(connection, seller)
        needed = needed_for(connection, listings, periods, clock())
        holds = {hold.subject for hold in LegalHolds(connection, EVERYTHING).standing()}
        digests = digests_of_listings(connection, listings)
    if needed or seller in holds:
        reasons = ", ".join(sorted(set(needed.values()) | ({"legal hold"} if seller in holds else set())))
        raise ErasureRefused(
            f"{len(needed)} of {len(listings)} listings of this account are needed ({reasons}); "
            "close or release those first, or answer the request with that reason"
        )
    detail = {"second": second, "basis": legal_basis, "listings": str(len(listings))}
    _enter(workspace, by, "forget_account", "seller", seller, detail, clock)
    values = 0
    for lot in in_steps(listings):
        with workspace.database.write() as connection:
            values += forget(connection, listings=lot, sellers=())
    with workspace.database.write() as connection:
        values += forget(connection, listings=(), sellers=[seller])
    return values, workspace.vault.erase(digests, lawfully=False)


def add_hold(
    workspace: Workspace, kind: HoldKind, subject: str, *, reason: str, by: str, clock: Clock = utc_now
) -> LegalHold:
    """Hold a case (by its number or id), a listing or an account: nothing of it is purged or forgotten."""
    if not reason.strip():
        raise ErasureRefused("say why it is held (--reason)")
    table = {HoldKind.CASE: tables.case, HoldKind.LISTING: tables.listing, HoldKind.SELLER: tables.seller}[kind]
    with workspace.database.write() as connection:
        named = (
            table.c.number == int(subject) if kind is HoldKind.CASE and subject.isdigit() else table.c.id == subject
        )
        row = connection.execute(table.select().where(named)).first()
        if row is None:
            raise NotFound(kind.value, subject, "its id stands on its page of the desk")
        hold = LegalHold(id=new_id(), kind=kind, subject=row.id, reason=reason, by=by, at=clock())
        act = act_of(by, "hold", kind.value, row.id, clock=clock, ids=new_id, detail={"reason": reason})
        LegalHolds(connection, EVERYTHING).write([hold], act)
    return hold


def release_hold(workspace: Workspace, id: str, *, by: str, clock: Clock = utc_now) -> LegalHold:
    """Release a hold. Raises `NotFound` for one that does not stand."""
    with workspace.database.write() as connection:
        holds = LegalHolds(connection, EVERYTHING)
        found = holds.get(id)
        if found is None or found.released_at is not None:
            raise NotFound("hold", id, "`marque holds list` shows those that stand")
        released = LegalHold(
            id=found.id,
            kind=found.kind,
            subject=found.subject,
            reason=found.reason,
            by=found.by,
            at=found.at,
            released_by=by,
            released_at=clock(),
        )
        act = act_of(by, "release_hold", found.kind.value, found.subject, clock=clock, ids=new_id)
        holds.write([released], act)
    return released


def standing_holds(workspace: Workspace) -> list[LegalHold]:
    """Every hold that stands."""
    with workspace.database.read() as connection:
        return LegalHolds(connection, EVERYTHING).standing()


def rotate_personal_key(settings: Settings, *, by: str, forgets: bool = False, clock: Clock = utc_now) -> int:
    """
    Give the names of people a new key; gives how many values there are. With `forgets` they are deleted instead.

    Nobody else may use the workspace meanwhile. The next key is written first and takes the old one's place last:
    killed on the way, the workspace stays shut until this is run again. Backups made before open no name under the
    new key. Raises `ErasureRefused` while somebody works.
    """
    folder = settings.keys
    fresh = folder / NEXT_KEY_FILE
    with _alone(settings), Database(settings.database_url) as database:
        old_key = parse_key(folder / KEY_FILE)
        if not fresh.exists():
            _write_key(folder / f".{NEXT_KEY_FILE}", os.urandom(KEY_BYTES))
            (folder / f".{NEXT_KEY_FILE}").replace(fresh)
            sync_folder(folder)
        old, new = Sealer(old_key), Sealer(parse_key(fresh))
        with database.write() as connection:
            action = "destroy_personal_key" if forgets else "rotate_personal_key"
            act = act_of(by, action, "key", "personal", clock=clock, ids=new_id)
            AuditTrail(connection, EVERYTHING).add(act)
        count = _delete_all(database) if forgets else _reseal_all(database, old, new)
        _reseal_codes(database, old, new)
        with (folder / KEY_FILE).open("r+b") as file:
            fresh.replace(folder / KEY_FILE)
            sync_folder(folder)
            file.write(bytes(2 * KEY_BYTES))  # what the disk keeps of the old file says nothing any more
            file.flush()
            os.fsync(file.fileno())
    return count


def _reseal_all(database: Database, old: Sealer, new: Sealer) -> int:
    at = ("", "", "")
    while True:
        with database.write() as connection:
            last = reseal_values(connection, old, new, at)
        if last is None:
            with database.read() as connection:
                return len(connection.execute(tables.personal_value.select()).all())
        at = last


def _delete_all(database: Database) -> int:
    table, count = tables.personal_value, 0
    while True:
        with database.write() as connection:
            rows = connection.execute(table.select().limit(50)).all()
            for row in rows:
                place = (
                    (table.c.subject_kind == row.subject_kind)
                    & (table.c.subject == row.subject)
                    & (table.c.field == row.field)
                )
                connection.execute(table.delete().where(place))
        if not rows:
            return count
        count += len(rows)


def _reseal_codes(database: Database, old: Sealer, new: Sealer) -> None:
    """The secrets of one-time codes: they stay, under the new key, so that people can still sign in."""
    account = tables.account
    with database.write() as connection:
        for row in connection.execute(account.select().where(account.c.totp_sealed.is_not(None))).all():
            sealed = bytes.fromhex(row.totp_sealed)
            try:
                new.open("account", row.id, "totp", sealed)
            except PersonalValueUnreadable:
                secret = old.open("account", row.id, "totp", sealed)
                again = new.seal("account", row.id, "totp", secret)["sealed"].hex()
                connection.execute(account.update().where(account.c.id == row.id).values(totp_sealed=again))


def _write_key(path: os.PathLike[str], key: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(fd)


@contextlib.contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Hold the vault's lock that every process at work shares. Raises `ErasureRefused` while any is."""
    settings.vault.mkdir(mode=0o700, exist_ok=True)
    fd = os.open(settings.vault / "in-use.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ErasureRefused("somebody is at work; stop the desk, the worker and every crawl first") from None
        yield
    finally:
        os.close(fd)


def _enter(
    workspace: Workspace, by: str, action: str, kind: str, subject: str, detail: dict[str, str], clock: Clock
) -> None:
    with workspace.database.write() as connection:
        act = act_of(by, action, kind, subject, clock=clock, ids=new_id, detail=detail)
        AuditTrail(connection, EVERYTHING).add(act)

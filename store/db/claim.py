"""
Leases on fetches: who may fetch what, when, and whose word counts afterwards.

One claim function serves every process and both databases. It gives a lease only when the fetch is due and its host
is due, and moves the host's clock in the same transaction; on PostgreSQL rows that another process is looking at are
skipped, on SQLite the writing transaction keeps others out. That alone keeps politeness across processes.

A host with a delay is asked by one lease at a time: until the lease is committed or ends, `host.next_at` stands at
the lease's end. A host without a delay (loopback) bears several.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, bindparam, func, or_, select

from store.db.errors import StaleLease
from store.db.rows import record_of, row_of, upsert
from store.db.tables import fetch as fetch_table
from store.db.tables import host as host_table
from store.records.fetches import Fetch, FetchKind, FetchState, Host, Lease

ROBOTS_PRIORITY = 1_000_000  # above everything else: nothing of a host is fetched before its robots.txt
REFUSALS_A_CLAIM = 200  # keeps the transaction under 500 rows; the next claim goes on
LEASES_OF_ONE_FETCH = 50  # chosen: a page that ended this many processes is not tried again
HOSTS_A_QUERY = 500

Judge = Callable[[Fetch, Host], str | None]
"""Says why a fetch is refused without asking the host (robots, opt_out, ...), or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Courtesy:
    """How a run treats hosts."""

    delay_s: float  # of the platform; what a host starts with
    polite: bool = True  # False in a replay: nobody is asked, so hosts are neither read nor changed
    in_flight: int = 16  # leases at once on a host without a delay
    robots_max_age_s: float = 86_400.0  # RFC 9309, section 2.4: not more than 24 hours
    unreachable_max_age_s: float = 600.0  # chosen: a robots.txt that could not be had is asked again soon

    def knows_robots(self, host: Host, now: datetime) -> bool:
        """Whether the host's robots.txt was asked recently enough."""
        if not self.polite:
            return True
        if host.robots_at is None:
            return False
        is_old = host.robots_had_at is not None and host.robots_had_at < host.robots_at  # stands, but is asked again
        limit = self.unreachable_max_age_s if host.robots_status is None or is_old else self.robots_max_age_s
        return now - host.robots_at < timedelta(seconds=limit)


@dataclass(slots=True, kw_only=True)
class Claim:
    """What a claim gave, and when it is worth to claim again."""

    leases: list[Lease] = field(default_factory=list)
    hosts: dict[str, Host] = field(default_factory=dict)  # of the leases
    refused: int = 0  # fetches failed by the judge
    next_due: datetime | None = None  # earliest time at which a waiting fetch may become due; None: unknown


def claim(
    connection: Connection,
    run: str,
    owner: str,
    now: datetime,
    lease_s: float,
    limit: int,
    *,
    courtesy: Courtesy,
    judge: Judge | None = None,
) -> Claim:
    """
    Lease up to `limit` due fetches of a run, higher priority first and hosts that waited longest before others.

    Call it in a writing transaction. Leases of other owners that ended by themselves are taken back first; the
    caller's own never are, so that a leap of the clock steals nothing from the process that sees it.
    """
    found = Claim()
    take_back(connection, run, now, other_than=owner)
    if limit <= 0:
        return found
    waiting = _waiting_hosts(connection, run)
    hosts = _hosts(connection, waiting, courtesy)
    busy = _busy(connection, run)
    turn: list[_Turn] = []
    for name, top_priority in waiting.items():
        host = hosts.get(name)
        if host is None:
            continue  # another process is looking at it
        due_at = max((at for at in (host.next_at, host.breaker_until) if at is not None), default=None)
        if due_at is not None and due_at > now:
            found.next_due = _earlier(found.next_due, due_at)
            continue
        room = 1 if host.delay_s > 0 else courtesy.in_flight - busy.get(name, 0)
        if room > 0:
            turn.append(_Turn(host=host, top_priority=top_priority, room=room))
    never = datetime.min.replace(tzinfo=now.tzinfo)
    # Hosts that did not answer come last, so that their next silence costs nobody else a place.
    turn.sort(key=lambda each: (each.host.failures > 0, -each.top_priority, each.host.next_at or never))
    until = now + timedelta(seconds=lease_s)
    refusals = REFUSALS_A_CLAIM
    for each in turn:
        left = limit - len(found.leases)
        if left <= 0:
            break
        floor = None
        if not courtesy.knows_robots(each.host, now):
            floor = ROBOTS_PRIORITY
            if each.top_priority < ROBOTS_PRIORITY:
                _ask_robots(connection, run, each.host.host)
        due = _Due(run=run, host=each.host, owner=owner, now=now, until=until, floor=floor)
        leases, refused = _lease_due(connection, due, min(each.room, left), refusals, None if floor else judge)
        refusals -= refused
        found.refused += refused
        if not leases:
            at = now if refusals <= 0 else _next_try(connection, run, each.host.host)
            found.next_due = _earlier(found.next_due, at)
            continue
        found.leases += leases
        found.hosts[each.host.host] = each.host
        if courtesy.polite and each.host.delay_s > 0:
            connection.execute(_SET_NEXT, {"b_host": each.host.host, "b_next": until})
    return found


def held(connection: Connection, leases: Iterable[Lease]) -> dict[str, dict[str, str]]:
    """The context of every fetch whose lease still stands, by fingerprint; a lease taken over is not among them."""
    by_print = {lease.fetch.fingerprint: lease for lease in leases}
    if not by_print:
        return {}
    run = next(iter(by_print.values())).fetch.run
    rows = connection.execute(_HELD, {"b_run": run, "b_prints": list(by_print)})
    standing = {}
    for fingerprint, epoch, owner, context in rows:
        lease = by_print[fingerprint]
        if epoch == lease.epoch and owner == lease.owner:
            standing[fingerprint] = context
    return standing


def fence(connection: Connection, lease: Lease) -> dict[str, str]:
    """The context of the leased fetch. Raises `StaleLease` when somebody else holds it by now."""
    context = held(connection, [lease]).get(lease.fetch.fingerprint)
    if context is None:
        raise StaleLease(lease.fetch.run, lease.fetch.url, lease.epoch)
    return context


def give_back(connection: Connection, leases: Sequence[Lease], now: datetime) -> None:
    """Return leases that were never used; their hosts are due again after their delay."""
    standing = held(connection, leases)
    rows = [
        {"b_run": lease.fetch.run, "b_print": lease.fetch.fingerprint}
        for lease in leases
        if lease.fetch.fingerprint in standing
    ]
    if rows:
        connection.execute(_RELEASE, rows)
        _free_hosts(connection, {lease.fetch.host for lease in leases}, now)


def take_back(
    connection: Connection, run: str, now: datetime, *, other_than: str | None = None, of: str | None = None
) -> int:
    """
    Make leases pending again: those past their end, or, with `of`, all of owners whose name begins so.

    Give `of` only for owners that are known to be dead. Gives how many.
    """
    where = [fetch_table.c.run == run, fetch_table.c.state == FetchState.LEASED.value]
    if of is None:
        where.append(fetch_table.c.lease_until <= now)
    else:
        where.append(fetch_table.c.lease_owner.startswith(of, autoescape=True))
    if other_than is not None:
        where.append(fetch_table.c.lease_owner != other_than)
    lost = connection.execute(
        select(fetch_table.c.fingerprint, fetch_table.c.host, fetch_table.c.lease_epoch, fetch_table.c.attempts)
        .where(*where)
        .with_for_update(skip_locked=True)
    ).all()
    if not lost:
        return 0
    spent = [row for row in lost if row.lease_epoch - row.attempts >= LEASES_OF_ONE_FETCH]
    again = [row for row in lost if row.lease_epoch - row.attempts < LEASES_OF_ONE_FETCH]
    if again:
        connection.execute(_RELEASE, [{"b_run": run, "b_print": row.fingerprint} for row in again])
    if spent:
        connection.execute(
            _REFUSE, [{"b_run": run, "b_print": row.fingerprint, "b_reason": "lost_processes"} for row in spent]
        )
    _free_hosts(connection, {row.host for row in lost}, now)
    return len(lost)


def robots_print(host: str, hop: int) -> str:
    """The fingerprint of a host's robots.txt after `hop` redirects: one a run, wherever it leads."""
    return hashlib.sha256(f"robots {hop} {host}".encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """A host whose turn it is."""

    host: Host
    top_priority: int
    room: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """What is asked for at one host."""

    run: str
    host: Host
    owner: str
    now: datetime
    until: datetime
    floor: int | None  # least priority; None: any


_key = (fetch_table.c.run == bindparam("b_run")) & (fetch_table.c.fingerprint == bindparam("b_print"))
_RELEASE = fetch_table.update().where(_key).values(state=FetchState.PENDING.value, lease_owner=None, lease_until=None)
_REFUSE = (
    fetch_table.update()
    .where(_key)
    .values(state=FetchState.FAILED.value, reason=bindparam("b_reason"), lease_owner=None, lease_until=None)
)
_LEASE = (
    fetch_table.update()
    .where(_key)
    .values(
        state=FetchState.LEASED.value,
        lease_owner=bindparam("b_owner"),
        lease_until=bindparam("b_until"),
        lease_epoch=fetch_table.c.lease_epoch + 1,
    )
)
_SET_NEXT = host_table.update().where(host_table.c.host == bindparam("b_host")).values(next_at=bindparam("b_next"))


def _waiting_statement() -> Select[str, int]:
    """Hosts with pending fetches and the highest priority there, in a few index look-ups a host."""
    pending = (fetch_table.c.run == bindparam("b_run")) & (fetch_table.c.state == FetchState.PENDING.value)
    hops = select(func.min(fetch_table.c.host).label("host")).where(pending).cte("hops", recursive=True)
    following = select(func.min(fetch_table.c.host)).where(pending, fetch_table.c.host > hops.c.host)
    hops = hops.union_all(select(following.scalar_subquery()).where(hops.c.host.is_not(None)))
    top = select(func.max(fetch_table.c.priority)).where(pending, fetch_table.c.host == hops.c.host)
    return select(hops.c.host, top.scalar_subquery()).where(hops.c.host.is_not(None))


_WAITING = _waiting_statement()
_BUSY = (
    select(fetch_table.c.host, func.count())
    .where(fetch_table.c.run == bindparam("b_run"), fetch_table.c.state == FetchState.LEASED.value)
    .group_by(fetch_table.c.host)
)
_HOSTS = (
    select(host_table)
    .where(host_table.c.host.in_(bindparam("b_hosts", expanding=True)))
    .with_for_update(skip_locked=True)
)
_DUE = (
    select(fetch_table)
    .where(
        fetch_table.c.run == bindparam("b_run"),
        fetch_table.c.state == FetchState.PENDING.value,
        fetch_table.c.host == bindparam("b_host"),
        or_(fetch_table.c.not_before.is_(None), fetch_table.c.not_before <= bindparam("b_now")),
    )
    .order_by(fetch_table.c.priority.desc())
    .limit(bindparam("b_limit"))
    .with_for_update(skip_locked=True)
)
_DUE_ROBOTS = _DUE.where(fetch_table.c.priority >= ROBOTS_PRIORITY)
_HELD = select(
    fetch_table.c.fingerprint, fetch_table.c.lease_epoch, fetch_table.c.lease_owner, fetch_table.c.context
).where(
    fetch_table.c.run == bindparam("b_run"),
    fetch_table.c.fingerprint.in_(bindparam("b_prints", expanding=True)),
    fetch_table.c.state == FetchState.LEASED.value,
)


def _waiting_hosts(connection: Connection, run: str) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.execute(_WAITING, {"b_run": run})}


def _hosts(connection: Connection, names: Iterable[str], courtesy: Courtesy) -> dict[str, Host]:
    ordered = sorted(names)
    if not courtesy.polite:
        return {name: Host(host=name) for name in ordered}
    found: dict[str, Host] = {}
    for start in range(0, len(ordered), HOSTS_A_QUERY):
        part = ordered[start : start + HOSTS_A_QUERY]
        rows = connection.execute(_HOSTS, {"b_hosts": part}).all()
        found.update({row.host: record_of(Host, row) for row in rows})
        missing = [name for name in part if name not in found]
        if missing:
            new = [Host(host=name, delay_s=courtesy.delay_s) for name in missing]
            upsert(connection, host_table, [row_of(host, host_table) for host in new], ["host"], replace=False)
            rows = connection.execute(_HOSTS, {"b_hosts": missing}).all()
            found.update({row.host: record_of(Host, row) for row in rows})
    return found


def _busy(connection: Connection, run: str) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.execute(_BUSY, {"b_run": run})}


def _lease_due(
    connection: Connection, due: _Due, room: int, refusals: int, judge: Judge | None
) -> tuple[list[Lease], int]:
    """Leases on due fetches of one host, and how many were refused on the way (at most about `refusals`)."""
    leases: list[Lease] = []
    refused = 0
    while len(leases) < room:
        statement = _DUE if due.floor is None else _DUE_ROBOTS
        wanted = {"b_run": due.run, "b_host": due.host.host, "b_now": due.now, "b_limit": room - len(leases)}
        taken, reasons = [], []
        for row in connection.execute(statement, wanted).all():
            fetch = record_of(Fetch, row, state=FetchState.LEASED.value)
            reason = judge(fetch, due.host) if judge is not None else None
            key = {"b_run": due.run, "b_print": row.fingerprint}
            if reason is None:
                taken.append({**key, "b_owner": due.owner, "b_until": due.until})
                leases.append(Lease(fetch=fetch, owner=due.owner, epoch=row.lease_epoch + 1, until=due.until))
            else:
                reasons.append({**key, "b_reason": reason})
        if taken:
            connection.execute(_LEASE, taken)
        if reasons:
            connection.execute(_REFUSE, reasons)
            refused += len(reasons)
        if not reasons or refused >= refusals:
            break
    return leases, refused


def _ask_robots(connection: Connection, run: str, host: str) -> None:
    """Queue the host's robots.txt unless it is already under way, here or behind a redirect."""
    prints = [robots_print(host, hop) for hop in range(7)]
    under_way = connection.execute(
        select(func.count())
        .select_from(fetch_table)
        .where(
            fetch_table.c.run == run,
            fetch_table.c.fingerprint.in_(prints),
            fetch_table.c.state.in_([FetchState.PENDING.value, FetchState.LEASED.value]),
        )
    ).scalar_one()
    if under_way:
        return
    asked = Fetch(
        run=run,
        fingerprint=prints[0],
        url=f"{host}/robots.txt",
        host=host,
        kind=FetchKind.ROBOTS,
        priority=ROBOTS_PRIORITY,
        context={"robots_of": host},
    )
    upsert(connection, fetch_table, [row_of(asked, fetch_table)], ["run", "fingerprint"])


def _next_try(connection: Connection, run: str, host: str) -> datetime | None:
    statement = select(func.min(fetch_table.c.not_before)).where(
        fetch_table.c.run == run,
        fetch_table.c.state == FetchState.PENDING.value,
        fetch_table.c.host == host,
    )
    at: datetime | None = connection.execute(statement).scalar_one()
    return at


def _free_hosts(connection: Connection, names: set[str], now: datetime) -> None:
    """A host whose lease ended unused is due after its delay, not after the lease's end."""
    for name in sorted(names):
        row = connection.execute(
            select(host_table.c.next_at, host_table.c.delay_s).where(host_table.c.host == name)
        ).first()
        if row is not None and row.next_at is not None:
            soon = now + timedelta(seconds=row.delay_s)
            if row.next_at > soon:
                connection.execute(_SET_NEXT, {"b_host": name, "b_next": soon})


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return min(one, other)

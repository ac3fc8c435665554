"""
The one thread of a crawl that writes: commits in groups, leases in the same transactions.

The reactor hands over visits and gets a future each; the thread takes whatever is there, flushes the vault, writes
everything in one transaction, claims as many leases as came free, and only then tells anybody. A page that the
database refuses is written again alone as failed, so that it takes no other page with it; a full disk or a lost
database ends the thread, and with it the run.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError

from config.platform import Platform
from crawler import commit, manners
from crawler.attendance import Attendance
from crawler.authority import permission
from crawler.budget import Budgets, Purse
from crawler.commit import LINKS_A_WRITE, Desk, Written, cards_a_write
from crawler.egress import check_target
from crawler.errors import EvidenceNotKept, Refused
from crawler.faults import point
from crawler.revisit import may_ask
from crawler.urls import host_of
from crawler.visit import Visit
from store.db.authorities import Authorities
from store.db.claim import Claim, claim, give_back, take_back
from store.db.errors import StaleLease, StoreError
from store.db.fetches import Fetches, leased_urls, read_contexts
from store.db.hosts import Hosts
from store.db.opt_outs import OptOuts
from store.db.session import Database
from store.db.spending import spent_of
from store.db.validators import validators_of
from store.evidence.errors import EvidenceError
from store.evidence.vault import Vault
from store.records.authorities import Authority
from store.records.fetches import Fetch, FetchKind, FetchState, Host, Lease, RobotsVerdict, Scope, Validator
from store.records.ids import Clock
from store.records.listings import Observation
from store.records.scope import EVERYTHING

log = logging.getLogger(__name__)

T = TypeVar("T")

LEASE_S = 180.0  # longer than any fetch may last (300 s of timeout are shortened to this, see capture.py)
GROUP_PAGES = 32
GROUP_ROWS = 450  # under the 500 rows that a transaction may write, with room for the leases
LINGER_S = 0.025  # chosen: how long a page waits for others to share its flush and transaction with
SLOW_AFTER_S = 2.0  # chosen: a lease out for longer waits for a slow host, and takes no other host's place
SLOW_MAX = 48  # leases beside the others that may wait so; with 16 others that is what the settings allow at once
COLLEAGUES_LOOK_S = 0.5  # chosen: how often a process with nothing to do looks whether others left it something
COLLEAGUES_EVERY_S = 2.0  # chosen: how soon the leases of a killed process are taken up by another
HEEDED_EVERY_S = 30.0  # an opt-out or a revoked permission takes effect within a minute


@dataclass(slots=True)
class _Commit:
    visit: Visit
    future: asyncio.Future[Observation | None]


_CLOSED = frozenset({RobotsVerdict.DISALLOWED, RobotsVerdict.UNREACHABLE})


class _Want:
    """Claim, even where nothing is committed."""


@dataclass(frozen=True, slots=True)
class _Release:
    leases: tuple[Lease, ...]
    future: asyncio.Future[None]


class _Stop:
    """Ends the thread after everything queued before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What the thread tells the reactor after a claim."""

    claim: Claim
    open: bool  # some fetch of the run is pending or leased
    spent: bool  # the budget is used up
    in_flight: int  # leases that are out, with those given here
    alone: bool = True  # no other process is at work on the run
    verdicts: dict[str, RobotsVerdict] = field(default_factory=dict)  # what robots.txt says, by fingerprint
    permits: dict[str, Authority] = field(default_factory=dict)  # of fetches that go past robots.txt, by fingerprint
    validators: dict[str, Validator] = field(default_factory=dict)  # of pages that are asked on condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a run may ask for."""

    in_flight: int  # leases at once, over all hosts: what a kill may cost in fetches made twice
    budgets: Budgets  # what a run may cost
    loopback: bool  # the platform is the exercise world, and reaches nothing else
    opens_at: Callable[[datetime], datetime]  # the next time within the platform's hours, given the present
    platform: Platform  # whose pages are asked


class Ledger:
    """Writes for one run. Everything but `__init__` and `close` is called on the reactor's thread."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        desk: Desk,
        *,
        attendance: Attendance,
        clock: Clock,
        limits: Limits,
        deliver: Callable[[Delivery], None],
        lost: Callable[[BaseException], None],
    ) -> None:
        self._database = database
        self._vault = vault
        self._desk = desk
        self._attendance = attendance
        self._clock = clock
        self._limits = limits
        self._deliver = deliver
        self._lost = lost
        self._loop: asyncio.AbstractEventLoop | None = None
        self._jobs: queue.SimpleQueue[_Commit | _Want | _Release | _Stop] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)
        self._opted_out: tuple[str, ...] = ()
        self._authorities: list[Authority] = []
        self._heeded_at = 0.0
        self._colleagues_at = 0.0
        self._alone = True
        self.queued = 0  # fetches of the run, whatever became of them
        self._in_flight = 0
        self._out: dict[str, float] = {}  # leases and when they were given, by fingerprint
        self._worked_at: datetime | None = None  # until when this process's time at work is counted
        self._draining = False
        self.before: dict[FetchState, int] = {}  # how the run's fetches stood when this process took it up

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to write."""
        self._loop = loop
        with self._database.read() as connection:
            self.before = Fetches(connection, EVERYTHING).by_state(self._desk.run)
            self.queued = sum(self.before.values())
            if self._desk.traps is not None and self.before.get(FetchState.DONE):
                self._desk.traps.remember(read_contexts(connection, self._desk.run))
        self._worked_at = self._clock()
        self._thread.start()

    async def commit(self, visit: Visit) -> Observation | None:
        """
        Write what came of one lease; gives the look it made, if any, once it is durable.

        Raises `StaleLease` when the lease was taken over, and `EvidenceNotKept` when nothing can be written.
        """
        assert self._loop is not None, "the ledger was not started"
        future: asyncio.Future[Observation | None] = self._loop.create_future()
        self._jobs.put(_Commit(visit, future))
        return await future

    def want(self) -> None:
        """Ask for leases; they come through `deliver`, or news of when to ask again."""
        self._jobs.put(_Want())

    def drain(self) -> None:
        """Claim no more: the run is about to end."""
        self._draining = True

    async def release(self, leases: Sequence[Lease]) -> None:
        """Give back leases that were not used."""
        assert self._loop is not None, "the ledger was not started"
        future: asyncio.Future[None] = self._loop.create_future()
        self._jobs.put(_Release(tuple(leases), future))
        await future

    def close(self) -> None:
        """Write what is queued and end the thread."""
        if self._thread.is_alive():
            self._jobs.put(_Stop())
            self._thread.join()

    # --- on the thread -------------------------------------------------------------------------------

    def _run(self) -> None:
        jobs: list[_Commit | _Want | _Release | _Stop] = []
        try:
            while True:
                jobs = self._gather()
                if not self._work(jobs):
                    return
        except Exception as error:  # the boundary of the thread: whoever waits is told, the run ends
            log.error("ledger stopped", exc_info=True)
            self._fail(jobs, error)

    def _gather(self) -> list[_Commit | _Want | _Release | _Stop]:
        jobs = [self._jobs.get()]
        rows = jobs[0].visit.rows if isinstance(jobs[0], _Commit) else 0
        until = monotonic() + LINGER_S
        while len(jobs) < min(GROUP_PAGES, self._in_flight) and rows < GROUP_ROWS:
            try:
                job = self._jobs.get(timeout=max(until - monotonic(), 0.0)) if rows else self._jobs.get_nowait()
            except queue.Empty:
                break
            jobs.append(job)
            if isinstance(job, _Commit):
                rows += job.visit.rows
        return jobs

    def _work(self, jobs: list[_Commit | _Want | _Release | _Stop]) -> bool:
        commits = [job for job in jobs if isinstance(job, _Commit)]
        wants = [job for job in jobs if isinstance(job, _Want)]
        for page in commits:
            while len(page.visit.fetches) > LINKS_A_WRITE:
                with self._database.write() as connection:
                    page.visit = commit.queue_links(connection, self._desk, page.visit)
            while len(page.visit.cards) > cards_a_write(page.visit):
                self._vault.flush()
                with self._database.write() as connection:
                    left = commit.write_cards(connection, self._desk, page.visit, self._clock())
                if left is page.visit:
                    break  # the lease is another's by now
                page.visit = left
        self._refresh_heeded()
        self._take_back_of_the_dead()
        if commits:
            self._vault.flush()
            point("flushed")
        delivery = None
        done = Written()
        if commits or wants:
            try:
                done, delivery = self._write([job.visit for job in commits])
            except OperationalError:
                raise
            except DBAPIError:
                if not commits:
                    raise
                done, delivery = self._write_alone(commits)
            point("committed")
        for page in commits:
            key = page.visit.lease.fetch.fingerprint
            self._tell(page.future, done.looks.get(key), None if key in done.committed else _stale(page.visit))
        if delivery is not None:
            self._call(self._deliver, delivery)
        for job in jobs:
            if isinstance(job, _Release):
                with self._database.write() as connection:
                    give_back(connection, job.leases, self._clock())
                self._in_flight -= len(job.leases)
                for lease in job.leases:
                    self._out.pop(lease.fetch.fingerprint, None)
                self._tell(job.future, None, None)
        return not any(isinstance(job, _Stop) for job in jobs)

    def _write(self, visits: Sequence[Visit], *, claiming: bool = True) -> tuple[Written, Delivery | None]:
        now = self._clock()
        in_flight = self._in_flight - len(visits)
        worked_s = (now - self._worked_at).total_seconds() if self._worked_at is not None else 0.0
        with self._database.write() as connection:
            done = commit.write(connection, self._desk, visits, now, worked_s) if visits else Written()
            delivery = self._claim(connection, now, in_flight) if claiming else None
            point("written")
        if done.committed:
            self._worked_at = now
        for visit in visits:
            self._out.pop(visit.lease.fetch.fingerprint, None)
        for lease in delivery.claim.leases if delivery else ():
            self._out[lease.fetch.fingerprint] = monotonic()
        self.queued += done.queued
        self._in_flight = in_flight + (len(delivery.claim.leases) if delivery else 0)
        return done, delivery

    def _claim(self, connection: Connection, now: datetime, in_flight: int) -> Delivery:
        found = Claim()
        spent = spent_of(connection, self._desk.run)
        purse = self._limits.budgets.purse(spent, leased_urls(connection, self._desk.run))
        if self._desk.traps is not None:
            self._desk.traps.left |= {key for scope, key in spent if scope is Scope.TRAP}
        opens_at = self._limits.opens_at(now)
        if opens_at > now:
            found.next_due = opens_at
        elif not self._draining:
            found = claim(
                connection,
                self._desk.run,
                self._attendance.owner,
                now,
                LEASE_S,
                min(self._limits.in_flight - in_flight + self._slow(), purse.left),
                courtesy=self._desk.courtesy,
                judge=self._judge(now, purse),
            )
        is_open = bool(found.leases) or Fetches(connection, EVERYTHING).any_open(self._desk.run)
        verdicts = self._verdicts(found) if self._desk.courtesy.polite else {}
        permits = {
            lease.fetch.fingerprint: permit
            for lease in found.leases
            if verdicts.get(lease.fetch.fingerprint) in _CLOSED
            and (permit := permission(lease.fetch.url, self._authorities, now)) is not None
        }
        return Delivery(
            claim=found,
            open=is_open,
            spent=purse.used_up is not None and purse.out == 0,
            in_flight=in_flight + len(found.leases),
            alone=self._alone,
            verdicts=verdicts,
            permits=permits,
            validators=self._validators(connection, found, now) if self._desk.courtesy.polite else {},
        )

    def _validators(self, connection: Connection, found: Claim, now: datetime) -> dict[str, Validator]:
        """By what those leased pages are told that are asked only if they changed."""
        platform = self._limits.platform
        since = now - timedelta(days=platform.look.full_every_days)
        asked = {lease.fetch.fingerprint: lease.fetch for lease in found.leases if may_ask(lease.fetch, platform)}
        known = validators_of(connection, list(asked), since)
        return {key: each for key, each in known.items() if each.url == asked[key].url}

    def _slow(self) -> int:
        """Leases that wait for slow hosts, so that fifty of those hold up nobody else."""
        return min(sum(1 for at in self._out.values() if monotonic() - at > SLOW_AFTER_S), SLOW_MAX)

    def _verdicts(self, found: Claim) -> dict[str, RobotsVerdict]:
        return {
            lease.fetch.fingerprint: RobotsVerdict.ALLOWED
            if lease.fetch.kind is FetchKind.ROBOTS
            else manners.verdict(found.hosts[lease.fetch.host], lease.fetch.url)
            for lease in found.leases
        }

    def _write_alone(self, commits: Sequence[_Commit]) -> tuple[Written, Delivery | None]:
        """Each page in a transaction of its own; the one that the database refuses is failed, with its capture."""
        done = Written()
        for job in commits:
            try:
                part, _ = self._write([job.visit], claiming=False)
            except OperationalError:
                raise
            except DBAPIError as error:
                url = job.visit.lease.fetch.url
                log.error("page not storable", extra={"url": url, "reason": str(error.orig)[:300]})
                bare = dataclasses.replace(
                    job.visit,
                    state=FetchState.FAILED,
                    reason="not_storable",
                    look=None,
                    cards=(),
                    fetches=(),
                    context={},
                )
                part, _ = self._write([bare], claiming=False)
            done.committed |= part.committed
            done.looks |= part.looks
        _, delivery = self._write(())
        return done, delivery

    def _judge(self, now: datetime, purse: Purse) -> Callable[[Fetch, Host], str | None] | None:
        if not self._desk.courtesy.polite:
            return None
        traps = self._desk.traps

        def judge(fetch: Fetch, host: Host) -> str | None:
            permitted = permission(fetch.url, self._authorities, now) is not None
            reason = manners.refusal(fetch, host, self._opted_out, now, is_permitted=permitted)
            reason = reason or purse.refuses(fetch) or (traps.refuses(fetch) if traps is not None else None)
            if reason is None:
                purse.take(fetch.url)
            return reason

        return judge

    def refuse(self, url: str) -> str | None:
        """Why a URL is not queued: it may not be reached, or somebody asked to be left alone."""
        try:
            check_target(url, loopback=self._limits.loopback)
        except Refused as error:
            return error.code
        return "opt_out" if manners.is_opted_out(url, self._opted_out) else None

    def refuse_part(self, url: str) -> str | None:
        """
        Why a part of a page may not be asked for; None when it may. Called on the reactor's thread.

        Hosts that the workspace knows keep their robots.txt and their pauses; of others, as of any page's parts, no
        robots.txt is asked.
        """
        reason = self.refuse(url)
        if reason is not None:
            return reason
        name, now = host_of(url), self._clock()
        with self._database.read() as connection:
            host = Hosts(connection, EVERYTHING).named([name]).get(name)
        if host is None or host.robots_at is None:
            return None
        if host.breaker_until is not None and host.breaker_until > now:
            return "host_rests"
        is_permitted = permission(url, self._authorities, now) is not None
        return "robots" if manners.verdict(host, url) in _CLOSED and not is_permitted else None

    def _refresh_heeded(self) -> None:
        if self._heeded_at and monotonic() - self._heeded_at < HEEDED_EVERY_S:
            return
        with self._database.read() as connection:
            self._opted_out = OptOuts(connection, EVERYTHING).prefixes()
            self._authorities = Authorities(connection, EVERYTHING).approved()
        self._heeded_at = monotonic()

    def _take_back_of_the_dead(self) -> None:
        """Leases of killed processes become anybody's."""
        if self._colleagues_at and monotonic() - self._colleagues_at < COLLEAGUES_EVERY_S:
            return
        for owner in self._attendance.dead():
            with self._database.write() as connection:
                take_back(connection, self._desk.run, self._clock(), of=owner)
            self._attendance.bury(owner)
        self._alone = self._attendance.is_alone()
        self._colleagues_at = monotonic()

    def _fail(self, jobs: Sequence[_Commit | _Want | _Release | _Stop], error: Exception) -> None:
        kept = (StoreError, EvidenceError, OSError, OperationalError)
        told = EvidenceNotKept(self._desk.run, error) if isinstance(error, kept) else error
        waiting = list(jobs)
        self._call(self._lost, told)
        while True:
            for job in waiting:
                if isinstance(job, _Commit | _Release):
                    self._call(_refuse, job.future, told)
                elif isinstance(job, _Stop):
                    return
            waiting = [self._jobs.get()]

    def _tell(self, future: asyncio.Future[T], value: T, error: Exception | None) -> None:
        def settle() -> None:
            if future.done():
                return
            if error is None:
                future.set_result(value)
            else:
                future.set_exception(error)

        self._call(settle)

    def _call(self, function: Callable[..., None], *args: object) -> None:
        assert self._loop is not None, "the ledger was not started"
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *args)


def _refuse(future: asyncio.Future[Any], error: Exception) -> None:  # Any: whatever it would have been
    if not future.done():
        future.set_exception(error)


def _stale(visit: Visit) -> StaleLease:
    return StaleLease(visit.lease.fetch.run, visit.lease.fetch.url, visit.lease.epoch)


def lease_timeout_s(declared_s: float) -> float:
    """A fetch's deadline: what the platform file says, but always within its lease."""
    return min(declared_s, LEASE_S - 60.0)


def next_claim_at(delivery: Delivery, now: datetime) -> datetime:
    """When it is worth to claim again after a claim that gave nothing."""
    soonest = now + timedelta(seconds=0.02)
    # Beside others a host comes free when they commit, which nobody tells this process; who is alone may not stay it.
    idle_s = min(COLLEAGUES_EVERY_S, SLOW_AFTER_S) if delivery.alone else COLLEAGUES_LOOK_S
    latest = now + timedelta(seconds=idle_s)
    due = delivery.claim.next_due
    return latest if due is None else min(max(due, soonest), latest)

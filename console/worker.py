"""
Answers whatever is due: crawls by schedule, after each the comparing and the cases that follow from it, and
deliveries that were queued; what platforms answered is fetched, the audit trail is sealed, webhooks are told, and
once a day what nobody needs is forgotten. A crawl may take hours, so deliveries with seals, answers, webhooks and
large uploads have threads of their own.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Event, Thread

from cases.run import build_cases
from config.errors import DeclarationError
from config.settings import Settings
from console.auditing import seal_acts
from console.clocks import refresh as keep_clocks
from console.delivering import carry, relay_of
from console.digesting import send_mails, write_due
from console.fetching import Looks
from console.output import progress
from console.pipeline import freeze_registry, match_listings, terms_of
from console.removals import look_at_removals
from console.retaining import purge_if_due
from console.sealing import SealNow, seal_if_declared
from console.tipping import look_at_tips
from console.triage import judge_of
from console.uploading import take_uploads
from console.webhooks.telling import tell_due
from console.workspace import Workspace, open_workspace
from crawler import schedules
from crawler.errors import CrawlError
from crawler.run import crawl_as
from reports.outbox import MARQUE, Carried
from store.records.ids import Clock, new_id, utc_now
from store.records.runs import Run, RunState
from store.records.schedules import Schedule

log = logging.getLogger(__name__)

LOOK_EVERY_S = 20.0  # chosen: how late a schedule that was entered meanwhile may be noticed
UPLOADS_EVERY_S = 3.0  # somebody looks at the page that follows it
_GOES_ON = frozenset({RunState.RUNNING, RunState.INTERRUPTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One due time as it was answered; `run` None: the crawl could not begin, `because` says why."""

    schedule: Schedule
    run: Run | None
    because: str | None = None


def work(
    settings: Settings,
    *,
    once: bool,
    stop: Event,
    told: Callable[[Answered], None],
    clock: Clock = utc_now,
) -> int:
    """
    Answer what is due, one crawl after the other; gives how many were answered.

    With `once` it ends when nothing more is due, else when `stop` is set. Several workers may run at once, on one
    machine or several: each due time is one worker's.
    """
    owner = f"{socket.gethostname()[:100]}/{os.getpid()}/{new_id()}"
    count = 0
    if once:
        carry_due(settings, stop)
        Looks().due(settings, stop)
    else:
        # Ended with the process: a delivery that is broken off so is unknown, and settled as the ledger says.
        Thread(target=_carry_until, args=(settings, stop), name="deliveries", daemon=True).start()
        Thread(target=_fetch_until, args=(settings, stop), name="answers", daemon=True).start()
        Thread(target=_tell_until, args=(settings, stop), name="webhooks", daemon=True).start()
        Thread(target=_take_until, args=(settings, stop), name="uploads", daemon=True).start()
    while not stop.is_set():
        # Opened anew each time: declarations that were changed meanwhile hold from the next crawl on.
        with open_workspace(settings) as workspace:
            schedule = schedules.claim(workspace.database, owner, clock=clock, ids=new_id)
            if schedule is not None:
                done = answer(workspace, schedule, clock=clock)
                count += done.run is not None and done.run.state not in _GOES_ON
                told(done)
                continue
            due = schedules.next_time(workspace.database)
            look_at_removals(workspace, by=MARQUE, clock=clock)
            look_at_tips(workspace, by=MARQUE, clock=clock, ids=new_id)
            write_due(workspace, now=clock())
            send_mails(workspace, relay_of(workspace))
            with progress("retention", as_json=True) as silent:
                purge_if_due(workspace, by=MARQUE, told=silent, clock=clock)
            if once:
                seal_acts(workspace.database)
        if once:
            tell_due(settings, stop)
            take_uploads(settings, stop)
            break
        wait_s = (due - clock()).total_seconds() if due is not None else LOOK_EVERY_S
        stop.wait(min(max(wait_s, 0.5), LOOK_EVERY_S))
    return count


def carry_due(settings: Settings, stop: Event) -> int:
    """Seal the audit trail, and carry the queued deliveries that are due; gives how many attempts were made."""

    def told(carried: Carried) -> None:
        log.info(
            "delivery %s", carried.entry.state.value, extra={"batch": carried.batch, "platform": carried.platform}
        )

    with open_workspace(settings) as workspace:
        seal_acts(workspace.database)  # here, because this also goes on while a crawl takes hours
        keep_clocks(workspace)
        return carry(workspace, told=told, wait=False, stop=stop)


def _carry_until(settings: Settings, stop: Event) -> None:
    while not stop.is_set():
        try:
            carry_due(settings, stop)
        except Exception:  # the thread's one boundary: a full disk now must not stop deliveries for good
            log.exception("deliveries wait; the next look tries again")
        stop.wait(LOOK_EVERY_S)


def _fetch_until(settings: Settings, stop: Event) -> None:
    looks = Looks()
    while not stop.is_set():
        try:
            looks.due(settings, stop)
        except Exception:  # the thread's one boundary: a platform's answer must not stop the looks at others
            log.exception("answers wait; the next look tries again")
        stop.wait(LOOK_EVERY_S)


def _tell_until(settings: Settings, stop: Event) -> None:
    while not stop.is_set():
        try:
            tell_due(settings, stop)
        except Exception:  # the thread's one boundary: a receiver must not stop what others are told
            log.exception("webhooks wait; the next look tries again")
        stop.wait(LOOK_EVERY_S)


def _take_until(settings: Settings, stop: Event) -> None:
    while not stop.is_set():
        try:
            take_uploads(settings, stop)
        except Exception:  # the thread's one boundary: one holder's upload must not stop another's
            log.exception("uploads wait; the next look tries again")
        stop.wait(UPLOADS_EVERY_S)


def answer(workspace: Workspace, schedule: Schedule, *, clock: Clock = utc_now) -> Answered:
    """Make the crawl of one claimed schedule, or go on with it, and what follows from it."""
    assert schedule.run is not None, "only a claimed schedule is answered"
    database = workspace.database
    try:
        with schedules.held(database, schedule, clock=clock):
            snapshot = freeze_registry(workspace)
            terms = list(schedule.terms) or terms_of(snapshot)
            sealing = SealNow(workspace, clock)
            run = crawl_as(
                workspace.settings,
                schedule.run,
                schedule.platform,
                terms=terms,
                snapshot_digest=snapshot.digest,
                judge=judge_of(workspace, snapshot),
                on_progress=lambda _beat: sealing.beat(),
            )
            seal_if_declared(workspace, clock=clock)
            if run.state not in _GOES_ON:
                with progress("match", as_json=True) as silent:
                    match_listings(workspace, silent)
                build_cases(database, workspace.declarations, clock=clock, ids=new_id)
    except (CrawlError, DeclarationError) as error:
        # What stops this schedule (no contact, a declaration that is gone) stops no other.
        log.error("schedule not answered: %s", error, extra={"platform": schedule.platform, "run": schedule.run})
        schedules.let_go(database, schedule, clock=clock)
        return Answered(schedule=schedule, run=None, because=str(error))
    except BaseException:
        schedules.let_go(database, schedule, clock=clock, wait=timedelta(0))
        raise
    if run.state in _GOES_ON:
        schedules.let_go(database, schedule, clock=clock, wait=timedelta(seconds=5))
        return Answered(schedule=schedule, run=run, because="stopped on the way; whoever comes next goes on with it")
    schedules.answered(database, schedule, clock=clock)
    return Answered(schedule=schedule, run=run)

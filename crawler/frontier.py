"""
Scrapy's scheduler, backed by the ledger.

It hands out a request for each lease, with one callback and one errback; each makes exactly one commit. New
requests go to the database inside that commit and never through the engine, so a kill at any moment finds every
fetch either done with all it led to, or still to be done. Requests that somebody types into `scrapy shell` have no
lease; they live in memory and are kept nowhere.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scrapy import Request, Spider
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from scrapy.utils.defer import deferred_from_coro
from twisted.internet.defer import Deferred

from config.platform import Platform
from crawler import ending, manners
from crawler.budget import Budgets
from crawler.commit import Desk
from crawler.errors import EvidenceNotKept
from crawler.faults import point
from crawler.keys import ApiKey, key_of
from crawler.ledger import Delivery, Ledger, Limits, lease_timeout_s, next_claim_at
from crawler.plan import LOCALE
from crawler.progress import Beat, Progress
from crawler.revisit import conditions
from crawler.traps import Traps
from crawler.visit import Errand, Visit
from crawler.workplace import Workplace
from store.db.captures import Captures
from store.db.claim import Courtesy
from store.evidence.errors import EvidenceError
from store.evidence.vault import Vault
from store.records.authorities import Authority
from store.records.captures import Capture, Via
from store.records.fetches import Fetch, FetchKind, FetchState, Lease, RobotsVerdict, Validator
from store.records.ids import Clock
from store.records.listings import Observation
from store.records.runs import RunKind
from store.records.scope import EVERYTHING

if TYPE_CHECKING:
    from crawler.spiders.watch import WatchSpider

log = logging.getLogger(__name__)

IN_FLIGHT = 16  # leases at once: what a kill costs at most in fetches made twice
ERRAND = "marque_errand"
_VIA = {RunKind.REPLAY: Via.REPLAY, RunKind.TIP: Via.TIP}
_ACCEPT_PHOTO = "image/avif,image/webp,image/png,image/jpeg,image/gif;q=0.9,*/*;q=0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """A lease with what stands in the ledger about its request."""

    lease: Lease
    verdict: RobotsVerdict
    permit: Authority | None
    validator: Validator | None


def errand_of(request: Request | None) -> Errand | None:
    """The errand a request runs; None for one without a lease."""
    errand = request.meta.get(ERRAND) if request is not None else None
    return errand if isinstance(errand, Errand) else None


def _headers(fetch: Fetch, platform: Platform) -> dict[str, str]:
    """What is asked for: photos as photos, answers as declared, pages in the platform's own language or as told."""
    kind = fetch.kind
    headers = {"Accept": _ACCEPT_PHOTO} if kind is FetchKind.PHOTO else {}
    if platform.api is not None and kind in (FetchKind.RESULTS, FetchKind.LISTING):
        headers["Accept"] = platform.api.accept
    language = fetch.context.get(LOCALE, platform.language)
    if language is not None and language != "en":
        headers["Accept-Language"] = f"{language}, en;q=0.5"
    return headers


class Frontier(BaseScheduler):
    """One run's fetches, as Scrapy's engine asks for them."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._memory: deque[Request] = deque()
        self._ready: deque[_Given] = deque()
        self._workplace: Workplace | None = None
        self._ledger: Ledger | None = None
        self._drained = False
        self._timer: asyncio.TimerHandle | None = None
        self._progress: Progress | None = None
        self._key: ApiKey | None = None
        self.spent = False
        self.failure: BaseException | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Frontier:
        """Made by Scrapy."""
        return cls(crawler)

    # --- what the engine asks ------------------------------------------------------------------------

    def has_pending_requests(self) -> bool:
        """Whether there is, or may yet be, something to fetch."""
        return bool(self._memory or self._ready) or (self._ledger is not None and not self._drained)

    def enqueue_request(self, request: Request) -> bool:
        """Take a request without a lease."""
        self._memory.append(request)
        return True

    def next_request(self) -> Request | None:
        """A request that may be sent now; None when none is due yet."""
        if self._memory:
            return self._memory.popleft()
        if not self._ready:
            return None
        return self._request(self._ready.popleft())

    def close(self, reason: str) -> Deferred[None] | None:
        """Give back what was not used, write what is queued, and say how the run ended."""
        if self._ledger is None:
            return None
        return deferred_from_coro(self._close(reason))

    # --- what the spider and the middlewares ask -------------------------------------------------------

    @property
    def workplace(self) -> Workplace:
        """What the run works with."""
        assert self._workplace is not None, "no run was begun"
        return self._workplace

    @property
    def vault(self) -> Vault:
        """Where bytes are kept."""
        return self.workplace.vault

    @property
    def clock(self) -> Clock:
        """The run's clock."""
        return self.workplace.clock

    def begin(self, workplace: Workplace) -> None:
        """Take up a run, alone or beside other processes, and ask for the first leases."""
        self._workplace = workplace
        run, platform = workplace.run, workplace.platform
        courtesy = Courtesy(delay_s=platform.manners.delay_s, polite=run.kind is not RunKind.REPLAY)
        hours = manners.hours_of(platform)
        self._key = key_of(platform) if courtesy.polite else None
        budgets = Budgets(run.id, platform)
        ledger = Ledger(
            workplace.database,
            workplace.vault,
            Desk(
                run=run.id,
                courtesy=courtesy,
                sealer=workplace.sealer,
                new_id=workplace.new_id,
                refuse=lambda url: ledger.refuse(url) if courtesy.polite else None,
                budgets=budgets,
                traps=Traps() if courtesy.polite else None,
            ),
            attendance=workplace.attendance,
            clock=workplace.clock,
            limits=Limits(
                in_flight=IN_FLIGHT,
                budgets=budgets,
                loopback=platform.is_loopback,
                opens_at=hours.opens_at if courtesy.polite else lambda now: now,
                platform=platform,
            ),
            deliver=self._deliver,
            lost=self._lost,
        )
        self._ledger = ledger
        ledger.start(asyncio.get_running_loop())
        beat = Beat(
            event="beat",
            run=run.id,
            platform=platform.name,
            done=ledger.before.get(FetchState.DONE, 0),
            failed=ledger.before.get(FetchState.FAILED, 0),
            queued=ledger.queued,
        )
        stream = sys.stdout if self._crawler.settings.getbool("MARQUE_BEATS") else None
        self._progress = Progress(beat, stream, self._orphaned)
        ledger.want()

    async def commit(self, visit: Visit) -> Observation | None:
        """
        Write what came of a lease; gives the look it made.

        Raises `StaleLease`, or `EvidenceNotKept` when the run is over because nothing can be written.
        """
        assert self._ledger is not None, "no run was begun"
        point("read")
        look = await self._ledger.commit(visit)
        self._tell(visit, look)
        return look

    def recall(self, capture: str) -> tuple[Capture, bytes] | None:
        """A capture of any run with its bytes; None where either is there no more."""
        with self.workplace.database.read() as connection:
            found = Captures(connection, EVERYTHING).get(capture)
        if found is None:
            return None
        try:
            self.vault.want(found.body_sha256)  # a row that names them is about to be written
            return found, self.vault.get(found.body_sha256)
        except EvidenceError:
            log.warning("bytes not recalled", exc_info=True, extra={"capture": capture})
            return None

    def refuse_part(self, url: str) -> str | None:
        """Why a page that is open in a browser may not have something; None when it may."""
        assert self._ledger is not None, "no run was begun"
        return self._ledger.refuse_part(url)

    def lose(self, error: BaseException) -> None:
        """End the run: what was fetched can't be kept."""
        if self._ledger is not None:
            self._ledger.drain()
        self._lost(EvidenceNotKept(self.workplace.run.id, error))

    # --- inside --------------------------------------------------------------------------------------

    def _request(self, given: _Given) -> Request:
        spider = self._spider()
        fetch, manner, permit = given.lease.fetch, spider.platform.manners, given.permit
        workplace = self.workplace
        errand = Errand(
            lease=given.lease,
            capture=workplace.new_id(),
            via=_VIA.get(workplace.run.kind, Via.CRAWL),
            verdict=given.verdict,
            authority=permit.id if permit is not None else None,
            key=self._key,
            validator=given.validator if permit is None else None,  # asked as another, it may be another page
        )
        headers = _headers(fetch, spider.platform)
        url = fetch.url if self._key is None else self._key.add(fetch.url, headers)
        if errand.validator is not None:
            headers |= conditions(errand.validator)
        if permit is not None and permit.user_agent is not None:
            headers["User-Agent"] = permit.user_agent
        return Request(
            url,
            callback=spider.answered,
            errback=spider.unanswered,
            headers=headers,
            dont_filter=True,
            meta={
                ERRAND: errand,
                "download_timeout": lease_timeout_s(manner.timeout_s),
                "download_maxsize": manner.max_body_bytes,
            },
        )

    def _spider(self) -> WatchSpider:
        spider: Spider | None = self._crawler.spider
        assert spider is not None, "no spider is open"
        return spider  # type: ignore[return-value]  # only a WatchSpider begins a run

    def _deliver(self, delivery: Delivery) -> None:
        """On the reactor's thread: leases came, or none did."""
        claim = delivery.claim
        for lease in claim.leases:
            key = lease.fetch.fingerprint
            given = _Given(
                lease=lease,
                verdict=delivery.verdicts.get(key, RobotsVerdict.NOT_ASKED),
                permit=delivery.permits.get(key),
                validator=delivery.validators.get(key),
            )
            self._ready.append(given)
        if claim.leases:
            point("leased")
        self.spent = delivery.spent
        if delivery.in_flight == 0 and (not delivery.open or delivery.spent):
            self._drained = True
        elif delivery.open:
            self._ask_later(delivery)
        self._wake()

    def _ask_later(self, delivery: Delivery) -> None:
        """Ask again when a host comes due, or a slow one has held a place for too long, whatever comes before."""
        assert self._ledger is not None, "no run was begun"
        now = self.clock()
        wait_s = (next_claim_at(delivery, now) - now).total_seconds()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(wait_s, self._ledger.want)

    def _wake(self) -> None:
        """Have the engine look again now; by itself it would only at its next heartbeat, up to 5 s later."""
        slot = self._crawler.engine._slot  # Scrapy offers no public way to say that a scheduler has work again
        if slot is not None:
            slot.nextcall.schedule()

    def _lost(self, error: BaseException) -> None:
        if self.failure is None:
            self.failure = error
            # In words, for whoever looks at the run's log: when the ledger takes no more, they stand nowhere else.
            log.error("run stopped: %s", error, extra={"run": self.workplace.run.id})
        self._drained = True
        self._wake()
        asyncio.ensure_future(self._crawler.engine.close_spider_async(reason="evidence_not_kept"))  # noqa: RUF006 -- Scrapy keeps the engine, and the engine keeps itself until closed

    def _tell(self, visit: Visit, look: Observation | None) -> None:
        assert self._progress is not None, "no run was begun"
        beat = self._progress.beat
        match visit.state:
            case FetchState.DONE:
                beat.done += 1
            case FetchState.FAILED:
                beat.failed += 1
            case _:
                beat.retried += 1
        beat.listings += 1 if look is not None else 0
        beat.queued = self._ledger.queued if self._ledger is not None else beat.queued
        self._progress.tell()

    def _orphaned(self) -> None:
        """Nobody listens any more: end as if asked to."""
        asyncio.ensure_future(self._crawler.engine.close_spider_async(reason="shutdown"))  # noqa: RUF006 -- as above

    async def _close(self, reason: str) -> None:
        assert self._ledger is not None, "no run was begun"
        self._drained = True
        if self._timer is not None:
            self._timer.cancel()
        self._ledger.drain()
        unused = [given.lease for given in self._ready]
        self._ready.clear()
        if self.failure is None and unused:
            await self._ledger.release(unused)
        await asyncio.get_running_loop().run_in_executor(None, self._ledger.close)
        self.workplace.attendance.owes = self.failure is not None
        point("ending")
        try:
            state = ending.end_run(self.workplace, reason=reason, spent=self.spent, failure=self.failure)
            if self._progress is not None:
                self._progress.tell(end=state.value)
        finally:
            self.workplace.close()

"""
Compares looks in this process or in several, each with an index of its own; what comes out is the same.

    with Comparers(task, workers) as comparers:
        for looks, outcomes in comparers.each(lots): ...      # in the order of the lots, however many work

Whoever writes gives ids and times (`compare.named`), in that order, so that they do not depend on who was faster.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from config.declarations import Declarations
from matching.candidates import Index
from matching.compare import Conditions, Matched, match
from matching.errors import PhotoRefused
from matching.geometry import Features
from matching.images import describe_photo, open_photo
from matching.pair import MatchInput
from matching.peers import Peers
from matching.photo_search import PictureReader, SeenPhotos
from matching.photo_worker import end_with_parent
from matching.regions import View
from matching.stored import index_of
from registry.snapshot import Snapshot
from store.db.session import Database
from store.evidence.errors import VaultError
from store.evidence.vault import Vault
from store.records.ids import new_id
from store.records.scope import Scope

log = logging.getLogger(__name__)

FEATURES_KEPT = 256  # pictures whose corners are kept: 300 kB each


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareTask:
    """What a process needs to compare looks; sent once."""

    url: str
    vault: Path
    snapshot: Snapshot
    declarations: Declarations
    scope: Scope
    run: str
    at: datetime  # replaced, like ids, by whoever writes
    index_folder: Path | None
    peers: Peers  # read once, before the first look is compared


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a look came to, or why it could not be compared."""

    matched: list[Matched] | None
    fault: str = ""


Compared = tuple[list[MatchInput], list[Outcome]]


class Comparers:
    """One process or several; use it as a context manager."""

    def __init__(self, task: CompareTask, workers: int, database: Database, vault: Vault) -> None:
        """Compare by so many processes; below two, in this one, which has `database` and `vault` open."""
        self._task = task
        self._database = database
        self._vault = vault
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._own: _Comparer | None = None

    def each(self, lots: Iterable[list[MatchInput]]) -> Iterator[Compared]:
        """Compare lots of looks; each comes back with its outcomes, in the order of the lots."""
        if self._workers < 2:
            self._own = self._own or _Comparer(self._task, self._database, self._vault)
            for lot in lots:
                yield lot, self._own.compare(lot)
            return
        if self._pool is None:
            # numpy's own threads would only take each other's core.
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
            # From the process that photo workers come from: it has loaded most, and holds no connection and no lock.
            context = multiprocessing.get_context("forkserver")
            self._pool = ProcessPoolExecutor(self._workers, context, _begin, (self._task,))
        waiting: deque[tuple[list[MatchInput], Future[list[Outcome]]]] = deque()
        for lot in lots:
            waiting.append((lot, self._pool.submit(_compare, lot)))
            if len(waiting) > 2 * self._workers:  # so that neither looks nor answers pile up in memory
                done, answer = waiting.popleft()
                yield done, answer.result()
        while waiting:
            done, answer = waiting.popleft()
            yield done, answer.result()

    def __enter__(self) -> Comparers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)


class _Comparer:
    """The index of one process, and what it has seen."""

    def __init__(self, task: CompareTask, database: Database, vault: Vault) -> None:
        self._task = task
        self._vault = vault
        with database.read() as connection:
            self._index: Index = index_of(
                connection, task.snapshot, task.scope, peers=task.peers, folder=task.index_folder
            )
        self._seen = SeenPhotos()
        self._open_picture: PictureReader = lru_cache(maxsize=FEATURES_KEPT)(self._read_features)
        self._conditions = Conditions(run=task.run, at=task.at, config_digest=task.declarations.digest, new_id=new_id)

    def compare(self, lot: list[MatchInput]) -> list[Outcome]:
        """Compare a lot of looks."""
        policy = self._task.declarations.policy
        photos = [photo for look in lot for photo in look.photos]
        self._seen.look_up(self._index.photos, photos, policy.photos.accept_bits)
        return [self._one(look) for look in lot]

    def _one(self, look: MatchInput) -> Outcome:
        policy = self._task.declarations.policy
        try:
            return Outcome(
                match(
                    [look],
                    self._index,
                    policy,
                    self._conditions,
                    self._open_picture,
                    self._seen,
                    self._read_colours,
                )
            )
        except Exception as fault:  # the boundary of one look: a page that breaks a signal must not stop the others
            log.exception("look not compared", extra={"observation": look.observation.id})
            return Outcome(None, f"{type(fault).__name__}: {fault}")

    def _read_features(self, sha256: str, view: View) -> Features | None:
        # The photo worker has opened these bytes before, so the decoder is known to survive them.
        try:
            return describe_photo(open_photo(self._vault.get(sha256), colour=False), view)
        except (PhotoRefused, VaultError):
            return None

    def _read_colours(self, sha256: str) -> NDArray[np.uint8] | None:
        try:
            return open_photo(self._vault.get(sha256)).rgb
        except (PhotoRefused, VaultError):
            return None


_COMPARER: list[_Comparer] = []


def _begin(task: CompareTask) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to every process; the parent ends us
    threading.Thread(target=end_with_parent, daemon=True).start()
    with Database(task.url) as database:
        _COMPARER.append(_Comparer(task, database, Vault(task.vault)))


def _compare(lot: list[MatchInput]) -> list[Outcome]:
    return _COMPARER[-1].compare(lot)

"""
A new or changed reference against everything stored: only what it can touch is compared again, by several processes.

    run = backfill(database, vault, snapshot, declarations, clock=..., ids=..., workers=2)

A look that was compared under the registry before is compared again only with the rights that changed since; findings
of all other rights stand as they are. A look never compared, or with photos that have no fingerprint yet, is left to
`match_all`. Each look's findings and its mark are one transaction: a run killed at any instruction is taken up by the
next, which repeats none and leaves none out. A finding keeps its id and what was decided of it, so nobody is asked
twice.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select

from config.declarations import Declarations
from config.settings import code_version as running_version
from matching.candidates import is_logo
from matching.compare import Conditions, Matched, match, named
from matching.errors import PhotoRefused
from matching.fingerprints import REFERENCE, pack_hash, unpack_hashes
from matching.images import HASH_VERSION, PhotoHash
from matching.peers import Peers, read_peers
from matching.photo_search import SeenPhotos
from matching.photo_worker import PhotoCrew, PhotoWorker, end_with_parent
from matching.readied import ready_logos
from matching.stored import Reading, StoredLooks, logos_of
from registry.changes import changed_rights, narrow
from registry.snapshot import Snapshot, load_snapshot
from store.db.comparisons import Comparisons
from store.db.findings import Findings
from store.db.personal import Sealer
from store.db.references import References
from store.db.runs import Runs
from store.db.session import Database
from store.db.tables import compared as compared_table
from store.evidence.errors import VaultError
from store.evidence.vault import Vault
from store.records.ids import Clock, NewId, new_id
from store.records.runs import Run, RunKind, RunState
from store.records.scope import EVERYTHING, Scope

LOOKS_A_TASK = 400  # handed to one process at once: about a second of work
# A write transaction holds at most 500 rows.
ROWS_A_WRITE = 400

Progress = Callable[[int, int], None]
"""Told how many looks are done, and of how many."""

Answer = list[tuple[str, list[Matched] | None]]
"""By look: what it came to; None where it is left to `match_all`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """What a process needs to compare looks; sent once."""

    reading: Reading
    vault: Path
    snapshot: Snapshot  # narrowed to the rights that changed
    peers: Peers
    run: str


def backfill(
    database: Database,
    vault: Vault,
    snapshot: Snapshot,
    declarations: Declarations,
    *,
    clock: Clock,
    ids: NewId,
    workers: int,
    open_sealer: Callable[[], Sealer] | None = None,
    scope: Scope = EVERYTHING,
    code_version: str | None = None,
    progress: Progress | None = None,
) -> Run:
    """
    Bring every look that was compared under an earlier registry up to `snapshot`.

    `open_sealer` opens sellers' names, in each process anew; with several workers it has to be a module's function.

    Counts of the run: `due` (looks compared under the registry before), `looks` (brought up to date), `touched`,
    `comparisons`, `left` (to `match_all`: photos without fingerprints). It ends complete, or interrupted where it was
    stopped. New references are fingerprinted first; one that cannot be is found by its bytes only.
    """
    run = Run(
        id=ids(),
        kind=RunKind.MATCH,
        state=RunState.RUNNING,
        started_at=clock(),
        code_version=code_version or running_version(),
        config_digest=declarations.digest,
        snapshot_digest=snapshot.digest,
    )
    with database.write() as connection:
        Runs(connection, scope).add(run)
    counts: Counter[str] = Counter(dict.fromkeys(("due", "looks", "touched", "comparisons", "left"), 0))
    state = RunState.INTERRUPTED
    try:
        keeper = _Keeper(database, scope, snapshot.digest, declarations.digest, run.id, clock, ids, counts)
        for before, due in _due(database, scope, snapshot.digest, declarations.digest):
            counts["due"] += len(due)
            changed = changed_rights(load_snapshot(vault, before), snapshot)
            if not changed:
                keeper.keep([(id, []) for id in due])
                continue
            part = narrow(snapshot, changed)
            _hash_references(database, vault, part, scope)
            with database.read() as connection:
                peers = read_peers(connection, part, declarations.policy, now=run.started_at)
            task = _Task(
                reading=Reading(url=database.url, declarations=declarations, open_sealer=open_sealer, scope=scope),
                vault=vault.root,
                snapshot=part,
                peers=peers,
                run=run.id,
            )
            for answer in _compared(task, due, workers):
                keeper.keep(answer)
                if progress is not None:
                    progress(counts["looks"] + counts["left"], counts["due"])
        state = RunState.COMPLETE
    finally:
        ended = replace(run, state=state, ended_at=clock(), counts=dict(counts))
        with database.write() as connection:
            Runs(connection, scope).put([ended])
    return ended


def _hash_references(database: Database, vault: Vault, part: Snapshot, scope: Scope) -> None:
    """Fingerprint the references and make the logos ready that are not yet, in a process of its own."""
    wanted = {reference.sha256 for reference in part.references}
    with database.read() as connection:
        rows = References(connection, scope).fingerprints(wanted, version=HASH_VERSION)
        described = logos_of(connection, part, scope)
    missing = sorted(wanted - unpack_hashes(rows, REFERENCE).keys())
    undescribed = {each.sha256 for each in part.references if is_logo(each)} - described.keys()
    if not missing and not undescribed:
        return

    def hash_one(worker: PhotoWorker, sha256: str) -> PhotoHash | None:
        try:
            return worker.hash_reference(vault.get(sha256))
        except (PhotoRefused, VaultError):
            return None

    with PhotoCrew(1) as crew:
        hashed = crew.each(hash_one, missing)
        logos = ready_logos(crew, vault, undescribed)
    made = [row for photo in hashed.values() if photo is not None for row in pack_hash(photo, REFERENCE)]
    made += logos
    for start in range(0, len(made), ROWS_A_WRITE):
        with database.write() as connection:
            References(connection, scope).put_fingerprints(made[start : start + ROWS_A_WRITE])


def _due(database: Database, scope: Scope, snapshot: str, config: str) -> list[tuple[str, list[str]]]:
    """Looks that wait, by the registry each was last compared under; those never compared are left out."""
    table = compared_table
    with database.read() as connection:
        pending = set(Comparisons(connection, scope).pending(snapshot, config))
        # A digest says nothing of time; runs' ids are in the order of time. Asked of the database as a join of the
        # newest, it took time by the square of the looks (measured).
        rows = connection.execute(
            select(table.c.observation, table.c.snapshot_digest)
            .where(table.c.config_digest == config)
            .order_by(table.c.run)
        )
        last = {observation: before for observation, before in rows if observation in pending}
    found: dict[str, list[str]] = {}
    for observation in sorted(last):
        found.setdefault(last[observation], []).append(observation)
    return sorted(found.items())


def _compared(task: _Task, due: Sequence[str], workers: int) -> Iterator[Answer]:
    """Answers as they come, from processes of their own; in this one where there is little to do."""
    lots = [due[start : start + LOOKS_A_TASK] for start in range(0, len(due), LOOKS_A_TASK)]
    if workers < 2 or len(lots) < 2:
        _begin(task)
        try:
            yield from (_compare(lot) for lot in lots)
        finally:
            _end()
        return
    # Forked processes would inherit the database's connections and the locks of other threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _begin_apart, (task,)) as pool:
        try:
            waiting: list[Future[Answer]] = []
            for lot in lots:
                waiting.append(pool.submit(_compare, lot))
                if len(waiting) > 2 * workers:  # so that answers do not pile up in memory
                    yield waiting.pop(0).result()
            while waiting:
                yield waiting.pop(0).result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@dataclass(slots=True)
class _Bench:
    """What one process keeps between its lots."""

    task: _Task
    looks: StoredLooks
    seen: SeenPhotos


_BENCH: list[_Bench] = []


def _begin(task: _Task) -> None:
    _BENCH.append(_Bench(task, StoredLooks(task.reading, Vault(task.vault), task.snapshot, task.peers), SeenPhotos()))


def _begin_apart(task: _Task) -> None:
    threading.Thread(target=end_with_parent, daemon=True).start()
    _begin(task)


def _end() -> None:
    _BENCH.pop().looks.close()


def _compare(lot: Sequence[str]) -> Answer:
    bench = _BENCH[-1]
    looks = bench.looks
    read = {each.observation.id: each for each in looks.read(lot)}
    conditions = Conditions(
        run=bench.task.run,
        at=looks.opened_at,  # replaced, like ids, by whoever writes
        config_digest=bench.task.reading.declarations.digest,
        new_id=new_id,
    )
    policy = bench.task.reading.declarations.policy
    photos = [photo for look in read.values() for photo in look.photos]
    bench.seen.look_up(looks.index.photos, photos, policy.photos.accept_bits)
    answer: Answer = []
    for id in lot:
        look = read.get(id)
        matched = None
        if look is not None:
            matched = match(
                [look], looks.index, policy, conditions, looks.open_picture, bench.seen, looks.open_colours
            )
        answer.append((id, matched))
    return answer


class _Keeper:
    """Writes what looks came to, as many looks a transaction as its rows allow."""

    def __init__(
        self,
        database: Database,
        scope: Scope,
        snapshot_digest: str,
        config_digest: str,
        run: str,
        clock: Clock,
        ids: NewId,
        counts: Counter[str],
    ) -> None:
        self.database = database
        self.scope = scope
        self.digests = {"snapshot_digest": snapshot_digest, "config_digest": config_digest}
        self.run = run
        self.clock = clock
        self.ids = ids
        self.counts = counts

    def keep(self, answer: Answer) -> None:
        """Write a lot."""
        self.counts["left"] += sum(matched is None for _, matched in answer)
        waiting: list[tuple[str, list[Matched]]] = []
        rows = 0
        for id, matched in answer:
            if matched is None:
                continue
            size = 1 + 2 * len(matched)
            if waiting and rows + size > ROWS_A_WRITE:
                self._commit(waiting)
                waiting, rows = [], 0
            waiting.append((id, matched))
            rows += size
        if waiting:
            self._commit(waiting)

    def _commit(self, looks: list[tuple[str, list[Matched]]]) -> None:
        with self.database.write() as connection:
            repository = Comparisons(connection, self.scope)
            # Another run may have compared them since they were read.
            done = repository.compared((id for id, _ in looks), **self.digests)
            new = [(id, named(matched, self.clock(), self.ids)) for id, matched in looks if id not in done]
            found = [each for _, matched in new for each in matched]
            repository.keep([each.comparison for each in found])
            Findings(connection, self.scope).keep([each.finding for each in found])
            repository.mark_compared((id for id, _ in new), self.run, **self.digests)
        self.counts["looks"] += len(new)
        self.counts["touched"] += sum(bool(matched) for _, matched in new)
        self.counts["comparisons"] += len(found)

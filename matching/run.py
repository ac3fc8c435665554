"""
The stage: reads looks that were not compared yet, compares them, writes comparisons and findings, leaves a `Run`.

Running it again changes nothing; killed at any instruction, it goes on where the last transaction ended. A look is
done when its comparisons, its findings and its mark are committed, all in one transaction.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from config.declarations import Declarations
from config.platform import Platform, PlatformKind
from config.settings import code_version as running_version
from matching.candidates import is_logo
from matching.compare import Matched, named
from matching.comparers import Comparers, CompareTask, Outcome
from matching.errors import PhotoRefused, ReaderMissing
from matching.fingerprints import LISTING, REFERENCE, first_photos, pack_hash, pack_words, unpack_hashes
from matching.images import HASH_VERSION, PhotoHash
from matching.pair import Account, ListingPhoto, MatchInput
from matching.peers import read_peers
from matching.photo_worker import PhotoCrew, PhotoWorker
from matching.printed_words import PrintedWords, is_installed
from matching.readied import ready_logos
from matching.shown import ShownPhotos
from matching.stored import logos_of, words_kept
from registry.snapshot import Snapshot
from store.db.comparisons import Comparisons
from store.db.findings import Findings
from store.db.listings import Listings, Observations, fill_images, images_of
from store.db.personal import Sealer
from store.db.references import References
from store.db.runs import Runs
from store.db.sellers import Sellers
from store.db.session import Database
from store.db.tables import listing as listing_table
from store.db.tables import observation as observation_table
from store.db.tables import seller as seller_table
from store.evidence.errors import VaultError
from store.evidence.vault import Vault
from store.records.ids import Clock, NewId
from store.records.listings import Listing, ListingImage, Observation
from store.records.references import Fingerprint
from store.records.runs import Run, RunKind, RunState
from store.records.scope import EVERYTHING, Scope
from store.records.sellers import Seller

T = TypeVar("T")

Progress = Callable[[int, int], None]
"""Told how many looks are done, and of how many."""

WORDS_A_LOT = 16  # photos whose words are read and kept together: some ten seconds of work
LOOKS_A_LOT = 32  # read and compared together: some seconds of work, so that a killed run loses no more
TELL_EVERY = timedelta(
    seconds=1
)  # how often the run's counts are written while it goes on: a page asks every two seconds
# A write transaction holds at most 500 rows: a look writes its mark, and two rows a right that it touches.
ROWS_A_WRITE = 400
LOOKS_FOR_SEVERAL = 320  # from so many looks on several processes compare: each starts and makes its index first
MAX_ALARMS = 20  # sentences kept in the run; the rest is counted


def match_all(
    database: Database,
    vault: Vault,
    snapshot: Snapshot,
    declarations: Declarations,
    *,
    clock: Clock,
    ids: NewId,
    code_version: str | None = None,
    progress: Progress | None = None,
    sealer: Sealer | None = None,
    scope: Scope = EVERYTHING,
    index_folder: Path | None = None,
    workers: int | None = None,
) -> Run:
    """
    Compare the latest look at every listing with the snapshot, unless it was under these digests already.

    `index_folder` keeps the index of reference photos between runs; without it each run makes its own. `workers`
    processes compare: one a core where there are many looks, unless told. What is found does not depend on it.

    `sealer` opens sellers' names, without which impostors' names are not compared. The run ends complete, or failed
    where a look could not be compared; such a look is tried again by the next run. Counts, written while it runs
    too: `due` (looks there were to compare), `looks` (those compared), `waiting` (looks whose photos are still being
    fetched), `comparisons`, `notice`, `review`, `silent`, `photos_hashed`, `photos_refused`, `references_refused`,
    `words_read` (photos whose words were read), `failed`. Raises `ReaderMissing` where the policy asks for words and
    nothing here reads them.
    """
    if declarations.policy.photos.words_in and not is_installed():
        raise ReaderMissing
    vault.put(declarations.archive)
    vault.flush()
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
    with PhotoCrew(os.cpu_count() or 1) as crew:
        stage = _Stage(
            database, vault, snapshot, declarations, run, crew, clock, ids, sealer, scope, index_folder, workers
        )
        try:
            stage.compare_everything(progress or _say_nothing)
        except BaseException:
            stage.end(RunState.INTERRUPTED)
            raise
    return stage.end(RunState.FAILED if stage.counts["failed"] else RunState.COMPLETE)


def _say_nothing(done: int, total: int) -> None:
    del done, total


class _Stage:
    """One run while it lasts."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        snapshot: Snapshot,
        declarations: Declarations,
        run: Run,
        crew: PhotoCrew,
        clock: Clock,
        ids: NewId,
        sealer: Sealer | None,
        scope: Scope,
        index_folder: Path | None,
        workers: int | None,
    ) -> None:
        self.database = database
        self.vault = vault
        self.snapshot = snapshot
        self.declarations = declarations
        self.run = run
        self.crew = crew
        self.clock = clock
        self.ids = ids
        self.sealer = sealer
        self.scope = scope
        self.index_folder = index_folder
        self.workers = workers
        self.counts: Counter[str] = Counter(
            dict.fromkeys(
                (
                    *("due", "looks", "waiting", "comparisons", "notice", "review", "silent"),
                    *("photos_hashed", "photos_refused", "references_refused", "words_read", "failed"),
                ),
                0,
            )
        )
        self.alarms: list[str] = []
        self.told_at: datetime | None = None
        self.shown: ShownPhotos | None = None  # None: no reference has a photo

    def compare_everything(self, progress: Progress) -> None:
        """Compare every look that is due."""
        with self.database.read() as connection:
            pending = Comparisons(connection, self.scope).pending(self.snapshot.digest, self.declarations.digest)
        if not pending:
            return
        self.counts["due"] = len(pending)
        self._tell()
        has_photos = self._prepare_references()
        # Who else shows a photo is known once all are hashed: the first look is judged by what the last one is.
        for ids in _lots(pending, LOOKS_A_LOT):
            self._hash_lot(ids)
            self._tell()
        if has_photos:
            with self.database.read() as connection:
                self.shown = ShownPhotos(connection, self.declarations.policy.photos.accept_bits)
        workers = self.workers
        if workers is None:
            workers = (os.cpu_count() or 1) if len(pending) >= LOOKS_FOR_SEVERAL else 1
        lots = [*_lots(pending, LOOKS_A_LOT)]
        done = 0
        with Comparers(self._task(), workers, self.database, self.vault) as comparers:
            for ids, (looks, outcomes) in zip(lots, comparers.each(map(self._inputs, lots)), strict=True):
                self._write(looks, outcomes)
                done += len(ids)
                progress(done, len(pending))

    def end(self, state: RunState) -> Run:
        """Write how the run ended."""
        ended = replace(
            self.run,
            state=state,
            ended_at=self.clock(),
            counts=dict(self.counts),
            alarms=tuple(self.alarms[:MAX_ALARMS]),
        )
        with self.database.write() as connection:
            Runs(connection, self.scope).put([ended])
        return ended

    def _task(self) -> CompareTask:
        with self.database.read() as connection:
            peers = read_peers(connection, self.snapshot, self.declarations.policy, now=self.run.started_at)
        return CompareTask(
            url=self.database.url,
            vault=self.vault.root,
            snapshot=self.snapshot,
            declarations=self.declarations,
            scope=self.scope,
            run=self.run.id,
            at=self.run.started_at,
            index_folder=self.index_folder,
            peers=peers,
        )

    def _prepare_references(self) -> bool:
        """Fingerprint what has no fingerprint yet; whether any reference is a photo that can be found."""
        shas = {reference.sha256 for reference in self.snapshot.references}
        with self.database.read() as connection:
            rows = References(connection, self.scope).fingerprints(shas, version=HASH_VERSION)
        hashes = unpack_hashes(rows, REFERENCE)
        refused: dict[str, str] = {}
        made: list[Fingerprint] = []
        for sha256, answer in self.crew.each(self._hash_reference, sorted(shas - hashes.keys())).items():
            if isinstance(answer, PhotoHash):
                hashes[sha256] = answer
                made += pack_hash(answer, REFERENCE)
            else:
                refused[sha256] = answer
        with self.database.read() as connection:
            described = set(logos_of(connection, self.snapshot, self.scope))
        undescribed = {each.sha256 for each in self.snapshot.references if is_logo(each)} - described
        logos = ready_logos(self.crew, self.vault, undescribed)
        described |= {row.sha256 for row in logos}
        made += logos
        self._keep_fingerprints(made)
        for reference in self.snapshot.references:
            if reference.sha256 in refused and reference.sha256 not in described:
                self.counts["references_refused"] += 1
                self.alarms.append(
                    f"reference {reference.reference_ref} is found by its bytes only: {refused[reference.sha256]}"
                )
        return bool(hashes)

    def _inputs(self, lot: Sequence[str]) -> list[MatchInput]:
        """Read what a lot of looks shows, and hash the photos that are new."""
        with self.database.read() as connection:
            observations = Observations(connection, self.scope, self.sealer).find(observation_table.c.id.in_(lot))
            listing_ids = [each.listing for each in observations]
            found = Listings(connection, self.scope).find(listing_table.c.id.in_(listing_ids))
            listings = {each.id: each for each in found}
            seller_ids = {each.seller for each in listings.values() if each.seller}
            known = Sellers(connection, self.scope, self.sealer).find(seller_table.c.id.in_(seller_ids))
            sellers = {each.id: each for each in known}
            images = images_of(connection, listing_ids)
            under_way = Comparisons(connection, self.scope).runs_under_way()
            before = Findings(connection, self.scope).rights_found(listing_ids)
            wanted = {image.sha256 for image in images if image.sha256 and not image.refused}
            references = References(connection, self.scope)
            rows = references.fingerprints(wanted, version=HASH_VERSION)
            words = words_kept(references, images, self.declarations.policy.photos.words_in)
        by_listing: dict[str, list[ListingImage]] = {}
        for image in images:
            by_listing.setdefault(image.listing, []).append(image)
        observations = [
            each for each in observations if not self._waits(each, by_listing.get(each.listing, []), under_way)
        ]
        hashes = self._hash_new(unpack_hashes(rows, LISTING), images)
        elsewhere: dict[str, tuple[Account, ...]] = {}
        if self.shown is not None:
            with self.database.read() as connection:
                elsewhere = self.shown.accounts(connection, hashes.values())
        return [
            self._input(
                each,
                listings[each.listing],
                sellers,
                by_listing.get(each.listing, []),
                hashes,
                words,
                elsewhere,
                before,
            )
            for each in observations
        ]

    def _hash_lot(self, lot: Sequence[str]) -> None:
        """Hash the new photos of a lot of looks."""
        with self.database.read() as connection:
            observations = Observations(connection, self.scope, self.sealer).find(observation_table.c.id.in_(lot))
            images = images_of(connection, [each.listing for each in observations])
            wanted = {image.sha256 for image in images if image.sha256 and not image.refused}
            rows = References(connection, self.scope).fingerprints(wanted, version=HASH_VERSION)
        hashes = self._hash_new(unpack_hashes(rows, LISTING), images)
        self._read_words([image for image in images if image.sha256 in hashes])

    def _read_words(self, images: Sequence[ListingImage]) -> None:
        """
        Read the words of photos in which the policy wants them read, once each.

        One that cannot be read now is told, and tried again when its listing is compared next.
        """
        words_in = self.declarations.policy.photos.words_in
        with self.database.read() as connection:
            read = words_kept(References(connection, self.scope), images, words_in)
        new = sorted({sha256 for _, sha256 in first_photos(images, words_in)} - {sha256 for _, sha256 in read})
        for lot in _lots(new, WORDS_A_LOT):
            made = []
            for sha256, answer in self.crew.each(self._words_in, lot).items():
                if isinstance(answer, str):
                    self.alarms.append(f"words of photo {sha256} are not read: {answer}")
                else:
                    made.append(pack_words(sha256, answer))
            self._keep_fingerprints(made)
            self.counts["words_read"] += len(made)
            self._tell()

    def _words_in(self, worker: PhotoWorker, sha256: str) -> tuple[PrintedWords, ...] | str:
        try:
            return worker.read_words(self.vault.get(sha256))
        except (PhotoRefused, VaultError) as fault:
            return str(fault)

    def _input(
        self,
        observation: Observation,
        listing: Listing,
        sellers: dict[str, Seller],
        images: list[ListingImage],
        hashes: dict[str, PhotoHash],
        words: dict[tuple[str, str], tuple[PrintedWords, ...]],
        elsewhere: dict[str, tuple[Account, ...]],
        before: dict[str, tuple[str, ...]],
    ) -> MatchInput:
        return MatchInput(
            listing=listing,
            observation=observation,
            platform=self.declarations.platforms.get(listing.platform) or _undeclared(listing),
            seller=sellers.get(listing.seller) if listing.seller else None,
            photos=tuple(
                ListingPhoto(
                    position=image.position,
                    sha256=image.sha256,
                    capture=image.capture,
                    hash=hashes[image.sha256],
                    words=words.get((image.listing, image.sha256), ()),
                    elsewhere=elsewhere.get(image.sha256, ()),
                )
                for image in sorted(images, key=lambda each: each.position)
                if image.sha256 in hashes and image.sha256 is not None
            ),
            known_rights=before.get(listing.id, ()),
        )

    def _waits(self, look: Observation, images: list[ListingImage], under_way: frozenset[str]) -> bool:
        """Whether photos of a look may still come: its crawl runs, and they were not waited for long enough."""
        if look.run not in under_way or all(image.sha256 or image.refused for image in images):
            return False
        waited = self.run.started_at - look.observed_at
        waits = waited < timedelta(minutes=self.declarations.policy.photos.wait_minutes)
        self.counts["waiting"] += waits
        return waits

    def _hash_new(self, hashes: dict[str, PhotoHash], images: Iterable[ListingImage]) -> dict[str, PhotoHash]:
        """Hash photos that have no fingerprint yet; those that cannot be are written as refused, with why."""
        refused: dict[str, str] = {}
        made: list[Fingerprint] = []
        due = [image for image in images if not image.refused]
        shas = dict.fromkeys(image.sha256 for image in due if image.sha256 is not None)
        new = [sha256 for sha256 in shas if sha256 not in hashes]
        for sha256, answer in self.crew.each(self._hash_listing, new).items():
            if isinstance(answer, PhotoHash):
                hashes[sha256] = answer
                made += pack_hash(answer, LISTING)
                self.counts["photos_hashed"] += 1
            else:
                refused[sha256] = answer
                self.counts["photos_refused"] += 1
        self._keep_fingerprints(made)
        told = [replace(image, refused=refused[image.sha256]) for image in due if image.sha256 in refused]
        for lot in _lots(told, ROWS_A_WRITE):
            with self.database.write() as connection:
                fill_images(connection, lot)
        return hashes

    def _hash_reference(self, worker: PhotoWorker, sha256: str) -> PhotoHash | str:
        return self._hash(worker.hash_reference, sha256)

    def _hash_listing(self, worker: PhotoWorker, sha256: str) -> PhotoHash | str:
        return self._hash(worker.hash_listing, sha256)

    def _hash(self, hash_picture: Callable[[bytes], PhotoHash], sha256: str) -> PhotoHash | str:
        """Hash a picture of the vault, or say why it cannot be."""
        try:
            return hash_picture(self.vault.get(sha256))
        except PhotoRefused as refused:
            return f"{refused.reason.value}: {refused.detail}"
        except VaultError as fault:
            return f"not readable in the vault: {fault}"

    def _keep_fingerprints(self, made: Sequence[Fingerprint]) -> None:
        for lot in _lots(made, ROWS_A_WRITE):
            with self.database.write() as connection:
                References(connection, self.scope).put_fingerprints(lot)

    def _tell(self) -> None:
        """Write the counts so far for those who watch, now and then."""
        now = self.clock()
        if self.told_at is not None and now - self.told_at < TELL_EVERY:
            return
        self.told_at = now
        with self.database.write() as connection:
            Runs(connection, self.scope).tell(self.run.id, dict(self.counts))

    def _write(self, looks: Sequence[MatchInput], outcomes: Sequence[Outcome]) -> None:
        """Write what looks came to, as many a transaction as its rows allow; what failed is for the next run."""
        waiting: list[tuple[str, list[Matched]]] = []
        rows = 0
        for look, outcome in zip(looks, outcomes, strict=True):
            if outcome.matched is None:
                self.counts["failed"] += 1
                self.alarms.append(
                    f"look {look.observation.id} at {look.listing.url} was not compared ({outcome.fault}); "
                    "the next run tries again"
                )
                continue
            matched = named(outcome.matched, self.clock(), self.ids)
            size = 1 + 2 * len(matched)
            if waiting and rows + size > ROWS_A_WRITE:
                self._commit(waiting)
                waiting, rows = [], 0
            waiting.append((look.observation.id, matched))
            rows += size
        if waiting:
            self._commit(waiting)
        self._tell()

    def _commit(self, looks: list[tuple[str, list[Matched]]]) -> None:
        digests = {"snapshot_digest": self.snapshot.digest, "config_digest": self.declarations.digest}
        with self.database.write() as connection:
            repository = Comparisons(connection, self.scope)
            # Another run may have compared them since they were read.
            done = repository.compared((id for id, _ in looks), **digests)
            new = [(id, matched) for id, matched in looks if id not in done]
            found = [each for _, matched in new for each in matched]
            repository.keep([each.comparison for each in found])
            Findings(connection, self.scope).keep([each.finding for each in found])
            repository.mark_compared((id for id, _ in new), self.run.id, **digests)
        self.counts["looks"] += len(new)
        self.counts["comparisons"] += len(found)
        for each in found:
            self.counts[each.finding.band.value] += 1
        self._tell()


def _undeclared(listing: Listing) -> Platform:
    """A platform that no file declares, as listings imported from elsewhere have: nothing is known of it."""
    parts = urlsplit(listing.url)
    is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    home = f"{parts.scheme}://{parts.hostname}/" if is_web else "https://unknown.invalid/"
    return Platform.model_construct(name=listing.platform, kind=PlatformKind.MARKETPLACE, home=home, countries=())


def _lots(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]

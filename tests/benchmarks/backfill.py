"""
A new reference against everything stored: 100,000 looks brought up to date by two processes, killed once on the way.

The ledger is made: listings with the titles of real ones, numbered apart, and of a hundredth a photo with its
fingerprint; all compared before under a registry of 200 brands. Then a mark, a product and its photo are registered.
The run is stopped after a third and taken up again; the figure is the time of both together. Beside it, by a sample
in the same run, what comparing every look whole would take.
"""

from __future__ import annotations

import csv
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sqlalchemy import func, select

from config.declarations import Declarations
from matching.backfill import backfill
from matching.compare import Conditions, match
from matching.fingerprints import LISTING, pack_hash
from matching.images import hash_photo, open_photo
from matching.stored import Reading, StoredLooks
from registry.snapshot import take_snapshot
from store.db import tables
from store.db.captures import add_captures
from store.db.listings import add_observations, put_images
from store.db.references import References
from store.db.rows import row_of, upsert
from store.db.session import Database, migrate
from store.evidence.vault import Vault
from store.records.ids import new_id, utc_now
from store.records.listings import ListingFields, ListingImage
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.benchmarks.frame import Benchmark, Row
from tests.matching.registered import POLICY

LOOKS = 100_000
BRANDS = 200
PHOTOS = 40  # different ones; every hundredth listing shows one
WORKERS = 2
LIMIT_S = 300.0
WHOLE = 400  # looks compared whole, for the baseline


class _Stopped(Exception):
    """What a kill is here."""


def run(*, data: Path | None, seed: int | None, size: int | None) -> Benchmark:
    """The rows; `size` is the number of looks."""
    del seed
    if data is None:
        raise SystemExit("the benchmark needs real titles: --data DIR")
    n = size or LOOKS
    declarations = make.declarations(policy=POLICY)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        with Database(f"sqlite:///{root / 'marque.db'}") as database, Vault(root / "vault") as vault:
            migrate(database)
            _store(database, vault, declarations, data, n)
            whole = _whole(database, vault, declarations)
            _register_more(database, vault)
            return _measured(database, vault, declarations, n, whole)


def _measured(database: Database, vault: Vault, declarations: Declarations, n: int, whole: float) -> Benchmark:
    snapshot = take_snapshot(database, vault, clock=utc_now, scope=EVERYTHING)

    def stop(done: int, total: int) -> None:
        if done >= total // 3:
            raise _Stopped

    started = time.monotonic()
    first = ""
    try:
        backfill(database, vault, snapshot, declarations, clock=utc_now, ids=new_id, workers=WORKERS, progress=stop)
    except _Stopped:
        first = "stopped after a third, "
    ended = backfill(database, vault, snapshot, declarations, clock=utc_now, ids=new_id, workers=WORKERS)
    seconds = time.monotonic() - started
    table = tables.comparison
    with database.read() as connection:
        marked = connection.execute(
            select(func.count()).where(tables.compared.c.snapshot_digest == snapshot.digest)
        ).scalar_one()
        doubled = connection.execute(
            select(table.c.observation)
            .where(table.c.snapshot_digest == snapshot.digest)
            .group_by(table.c.observation, table.c.right)
            .having(func.count() > 1)
        ).all()
        touched = connection.execute(
            select(func.count()).where(table.c.snapshot_digest == snapshot.digest)
        ).scalar_one()
    per_100k = seconds * 100_000 / n
    case = f"{n} looks, {WORKERS} processes, {first}taken up again"
    return Benchmark(
        rows=(
            Row(
                case=case,
                measure="seconds for 100,000",
                value=round(per_100k, 1),
                aim=f"<= {LIMIT_S:g}",
                baseline={"every look whole, one process": round(whole * 100_000, 1)},
            ),
            Row(case=case, measure="looks lost", value=n - marked, aim="== 0"),
            Row(case=case, measure="comparisons doubled", value=len(doubled), aim="== 0"),
        ),
        notes=(f"{touched} comparisons written; the second run brought {ended.counts['looks']} looks",),
    )


def _titles(data: Path, n: int) -> Iterator[str]:
    with (data / "listings" / "labelled.csv").open(encoding="utf-8", newline="") as file:
        titles = [row["title"] for row in csv.DictReader(file)]
    for number in range(n):
        yield f"{titles[number % len(titles)]} {number}"


def _store(database: Database, vault: Vault, declarations: Declarations, data: Path, n: int) -> None:
    """A ledger of `n` looks that were all compared under a registry of brands."""
    with (data / "ref" / "brands" / "nsi_brands.csv").open(encoding="utf-8", newline="") as file:
        brands = [row["display_name"] for row in csv.DictReader(file)][:BRANDS]
    rights = [
        make.right(id=make.an_id("right", 100 + at), right_ref=f"R-{at}", mark_text=text, registration_number=str(at))
        for at, text in enumerate(brands)
    ]
    pictures = [make.photo(1000 + at) for at in range(PHOTOS)]
    shas = [vault.put(picture) for picture in pictures]
    vault.flush()
    with database.write() as connection:
        for table, record in ((tables.party, make.party()), (tables.run, make.run()), (tables.seller, make.seller())):
            upsert(connection, table, [row_of(record, table)], ["id"])
        upsert(connection, tables.right, [row_of(right, tables.right) for right in rights], ["id"])
        add_captures(connection, [make.capture()])
        for picture in pictures:
            References(connection, EVERYTHING).put_fingerprints(pack_hash(hash_photo(open_photo(picture)), LISTING))
    digest = take_snapshot(database, vault, clock=utc_now, scope=EVERYTHING).digest
    titles = list(_titles(data, n))
    for start in range(0, n, 500):
        numbers = range(start + 1, min(start + 500, n) + 1)
        looks = [
            make.observation(
                number, fields=ListingFields(title=make.seen(titles[number - 1])), capture=make.capture().id
            )
            for number in numbers
        ]
        with database.write() as connection:
            upsert(
                connection,
                tables.listing,
                [row_of(make.listing(number), tables.listing) for number in numbers],
                ["id"],
            )
            add_observations(connection, looks, None)
            put_images(
                connection,
                [
                    ListingImage(
                        listing=make.listing(number).id,
                        position=0,
                        url=f"http://127.0.0.1/{number}.jpg",
                        capture=make.capture().id,
                        sha256=shas[number // 100 % PHOTOS],
                    )
                    for number in numbers
                    if number % 100 == 0
                ],
            )
            done = [
                {
                    "observation": look.id,
                    "snapshot_digest": digest,
                    "config_digest": declarations.digest,
                    "run": make.run().id,
                }
                for look in looks
            ]
            upsert(connection, tables.compared, done, ["observation", "snapshot_digest", "config_digest"])


def _register_more(database: Database, vault: Vault) -> None:
    """What is new: a mark that real titles say, a product, and a photo that listings show."""
    right = make.right(id=make.an_id("right", 9), right_ref="NEW", mark_text="Rolex", registration_number="9")
    product = make.product(id=make.an_id("product", 9), product_ref="P-NEW", rights=(right.id,), name="Rolex Daytona")
    picture = vault.put(make.photo(1001))
    vault.flush()
    reference = make.reference(9, right=right.id, product=None, reference_ref="PHOTO-NEW", sha256=picture)
    with database.write() as connection:
        upsert(connection, tables.right, [row_of(right, tables.right)], ["id"])
        upsert(connection, tables.product, [row_of(replace(product, colours=()), tables.product)], ["id"])
        upsert(connection, tables.reference, [row_of(reference, tables.reference)], ["id"])


def _whole(database: Database, vault: Vault, declarations: Declarations) -> float:
    """Seconds a look when it is compared with everything, in one process."""
    snapshot = take_snapshot(database, vault, clock=utc_now, scope=EVERYTHING)
    reading = Reading(url=database.url, declarations=declarations, open_sealer=None, scope=EVERYTHING)
    looks = StoredLooks(reading, Vault(vault.root), snapshot)
    with database.read() as connection:
        ids = list(connection.execute(select(tables.observation.c.id).limit(WHOLE)).scalars())
    conditions = Conditions(run="", at=utc_now(), config_digest="", new_id=new_id)
    started = time.monotonic()
    match(looks.read(ids), looks.index, declarations.policy, conditions, looks.open_picture)
    taken = time.monotonic() - started
    looks.close()
    return taken / max(1, len(ids))

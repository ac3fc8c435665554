"""
What evidence costs: sealing a page beside crawling it plainly, and a workspace lost and made anew from its backup.

Sealing: the padded shop of the `crawl` benchmark is followed by plain Scrapy, which parses and forgets, and crawled
by ours, which keeps every page; then its captures are sealed in one log a 400 of them, signed, and stamped by an RFC
3161 authority (openssl, whose own CPU is not counted: it is another house's). CPU is the operating system's count.

Drill: listings with a look, a page of their own and an act each are laid into a ledger and a vault, backed up into
one file, and restored into an empty folder, which hashes every captured byte and walks the audit chain.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from config.settings import Settings, load_settings
from console.backups import make_backup
from console.restoring import restore_backup
from console.workspace import create_workspace, open_workspace
from exercise.time_authority import TimeAuthority as LocalAuthority
from reports.exhibits.sealing import seal_new_captures
from store.db import tables
from store.db.audit import AuditTrail, act_of
from store.db.rows import row_of
from store.db.session import Database
from store.evidence.seal import create_key
from store.evidence.timestamp import TimeAuthority
from store.evidence.vault import Vault
from store.evidence.verify import parse_roots
from store.records.ids import new_id, utc_now
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.benchmarks.crawl import Lap, crawl_lap, plain_lap, shop
from tests.benchmarks.frame import Benchmark, Row
from tests.ledgers import new_ledger

LISTINGS = 100_000
OFFERS = 400  # of the shop that is crawled
PAGE_BYTES = 3000  # of a listing's page in the drill, before compression; the ledger is what grows
_LOT = 400


def run(*, data: Path | None, seed: int | None, size: int | None) -> Benchmark:
    """The rows; `size` is the number of listings in the drill."""
    del data
    rows = (*_sealing(), *_drill(size or LISTINGS, seed or 1))
    return Benchmark(rows=rows, notes=("sealing: one crawl of each kind in turn, CPU seconds of the same run",))


def _sealing() -> tuple[Row, ...]:
    pages = -(-OFFERS // 20)
    with shop(OFFERS) as home, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain, ours = plain_lap(home, pages), crawl_lap(home, pages, folder / "ours")
        count, sealed_s, kept_bytes, seal_bytes = _seal(folder)
    plain_ms, ours_ms = _ms(plain, count), _ms(ours, count)
    seal_ms = sealed_s * 1000 / count
    case = f"{count} captures of a shop with {OFFERS} offers"
    return (
        Row(
            case=case,
            measure="CPU ms a page: crawled, kept and sealed",
            value=round(ours_ms + seal_ms, 3),
            aim=f"<= {round(1.7 * plain_ms, 3)}",
            baseline={"plain Scrapy": round(plain_ms, 3), "crawled and kept": round(ours_ms, 3)},
        ),
        # A tenth of a plain crawl: sealing goes on while crawls run, and must not slow them.
        Row(
            case=case,
            measure="sealing alone over plain crawling, CPU",
            value=round(seal_ms / plain_ms, 4),
            aim="<= 0.1",
        ),
        Row(case=case, measure="bytes a capture that sealing adds", value=round(seal_bytes / count), aim="<= 4000"),
        Row(case=case, measure="bytes a capture in the vault", value=round(kept_bytes / count), aim="<= 40000"),
    )


def _ms(lap: Lap, pages: int) -> float:
    return lap.cpu_s * 1000 / pages


def _seal(folder: Path) -> tuple[int, float, int, int]:
    """Seal every capture of the crawl: how many, CPU seconds, bytes in the vault before, bytes added."""
    now = datetime.now(UTC)
    local = LocalAuthority(folder / "tsa", name="Bench", now=now)
    roots = tuple(parse_roots(local.root_pem))
    authority = TimeAuthority(name="bench", url="http://127.0.0.1/", roots=roots)
    key = create_key(
        folder / "key", name="Bench", valid_from=now - timedelta(days=1), valid_to=now + timedelta(days=1)
    )
    home = folder / "ours"
    with Database(f"sqlite:///{home / 'marque.db'}") as database, Vault(home / "vault") as vault:
        with database.read() as connection:
            count = int(connection.execute(select(func.count()).select_from(tables.capture)).scalar_one())
        before = _size(home / "vault")
        began = time.process_time()
        seal_new_captures(
            database,
            vault,
            key=key,
            authorities=[authority],
            ask=lambda _url, query: local.reply(query),
            clock=utc_now,
            ids=new_id,
        )
        spent = time.process_time() - began
    return count, spent, before, _size(home / "vault") - before


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in (folder / "packs").glob("*.pack"))


def _drill(count: int, seed: int) -> tuple[Row, ...]:
    with tempfile.TemporaryDirectory() as name:
        settings = load_settings(Path(name) / "home", {})
        _fill(settings, count, random.Random(seed))
        target = Path(name) / "backup.tar"
        began = time.perf_counter()
        with open_workspace(settings) as workspace:
            backup = make_backup(workspace, target, passphrase=None, told=_quiet)
        backed_up = time.perf_counter()
        empty = load_settings(Path(name) / "anew", {})
        done = restore_backup(empty, target, passphrase=None, told=_quiet, manifest_sha256=backup.manifest_sha256)
        restored = time.perf_counter()
    case = f"{count} listings, {backup.size_bytes / 1e6:.0f} MB"
    return (
        Row(case=case, measure="backup, s", value=round(backed_up - began, 1), aim="<= 60"),
        # An hour's work lost is the most that hourly checkpoints allow; making it anew must take far less.
        Row(
            case=case, measure="restore with every byte hashed, s", value=round(restored - backed_up, 1), aim="<= 120"
        ),
        Row(case=case, measure="captured bodies read and hashed", value=done.digests, aim=f">= {count}"),
        Row(
            case=case,
            measure="acts in a whole chain",
            value=done.audit_entries if done.chain_holds else 0,
            aim=f">= {count}",
        ),
        Row(case=case, measure="bytes absent", value=done.absent, aim="== 0"),
    )


def _quiet(_done: int, _total: int | None, _what: str) -> None:
    """Nobody watches."""


def _fill(settings: Settings, count: int, rng: random.Random) -> None:
    """A workspace with so many listings."""
    settings.home.mkdir(parents=True)
    with Database(settings.database_url) as database:
        new_ledger(database)
    create_workspace(settings)
    words = [rng.randbytes(4).hex() for _ in range(500)]
    with open_workspace(settings) as workspace:
        digest = workspace.vault.put(b"declarations")
        with workspace.database.write() as connection:
            connection.execute(tables.run.insert().values(row_of(make.run(config_digest=digest), tables.run)))
        for start in range(1, count + 1, _LOT):
            numbers = range(start, min(start + _LOT, count + 1))
            _lay(
                workspace.database, workspace.vault, numbers, lambda: " ".join(rng.choices(words, k=PAGE_BYTES // 9))
            )


def _lay(database: Database, vault: Vault, numbers: range, page: Callable[[], str]) -> None:
    captures, listings, looks, acts = [], [], [], []
    for number in numbers:
        body = f"<h1>Lamp {number}</h1>{page()}".encode()
        vault.put(body)
        capture = make.capture(number, body)
        captures.append(capture)
        listings.append(make.listing(number, platform_item_id=str(number), seller=None))
        looks.append(replace(make.observation(number, f"Lamp {number}"), capture=capture.id, listing=listings[-1].id))
        acts.append(act_of("crawler", "look_at_page", "capture", capture.id, clock=utc_now, ids=new_id))
    vault.flush()
    with database.write() as connection:
        for table, records in ((tables.listing, listings), (tables.capture, captures), (tables.observation, looks)):
            connection.execute(table.insert(), [row_of(record, table) for record in records])
        AuditTrail(connection, EVERYTHING).put(acts)

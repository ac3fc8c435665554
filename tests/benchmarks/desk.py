"""
How long a step of review takes on a full desk: 100,000 findings among 1,000,000 listings.

The ledger is filled by multiplying one real scene inside SQLite, so that every row has its true size. A reviewer then
takes 200 decisions through the whole application, door and form token included: one step is the form that decides and
the page it leads to. Lists, search and pictures are measured beside it.
"""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Connection, Table, text
from starlette.testclient import TestClient

from cases.relist import relist_findings
from config.settings import load_settings
from console.web.app import create_app
from console.web.limits import RateLimit
from console.workspace import create_workspace
from store.db import tables
from store.records.accounts import Role
from store.records.ids import utc_now
from tests import factories as make
from tests.benchmarks.frame import Benchmark, Row
from tests.console.web.conftest import QUICK, Browser, add_account, browser_of

LISTINGS = 1_000_000
FINDINGS_IN = 10  # one listing in ten has a finding
A_SELLER = 50  # listings of one account, and findings of one case
PHOTOS = 7  # different photos: an account shows each of them about seven times
DECISIONS = 200
LIST_PAGES = 20
AIM_MS = 300

CODES = 1_000_000
SEARCHES = (
    "replica",
    "aurelia+watch",
    "replica+solaris",
    "strap",
    "strap+replica+watch",
    "model00077",
    "model00078+replica",
    "model0007*",
    "watch+model01*",
    "solar*",
    "777",
    "aurelia+777000",
    "seller:000012+replica",
    "platform:shopnest+watch+solaris",
    "right:R-AUR-14+strap",
    "platform:shopnest+777",
    "nowhere",
    "replica+nowhere",
    "item:4711",
    f"hash:{make.sha(make.photo(2))[:12]}+replica",
)

_SEEN = 'name="seen" value="'
_VERDICTS = ({"verdict": "confirm"}, {"reject": "genuine_resale"}, {"verdict": "unsure"}, {"verdict": "needs_holder"})


def run(data: Path | None = None, seed: int | None = None, size: int | None = None) -> Benchmark:
    """Fill a desk with `size` listings (default 1,000,000) and measure; nothing of `data` or `seed` is used."""
    del data, seed
    listings = size or LISTINGS
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(Path(folder) / "home", {})
        create_workspace(settings)
        limit = RateLimit(utc_now, strangers_per_minute=10**6, accounts_per_minute=10**6)
        app = create_app(settings, hasher=QUICK, limit=limit)
        with TestClient(app):
            started = time.perf_counter()
            findings = fill(app.state.desk, listings)
            filling_s = time.perf_counter() - started
            reviewer = browser_of(app, add_account(app.state.desk, "Ann Key", Role.OFFICER))
            steps, worked = review(reviewer, min(DECISIONS, findings))
            lists = [
                timed(reviewer, path)
                for path in ("/review", "/review?platform=shopnest", "/findings", "/findings?standing=confirm")
                for _ in range(LIST_PAGES // 4)
            ]
            searches = [timed(reviewer, f"/findings?q={words}") for words in SEARCHES]
            among = [timed(reviewer, f"/listings?q={words}") for words in SEARCHES]
            photo = make.sha(make.photo(1))
            with app.state.desk.workspace.database.write() as connection:
                codes(connection, CODES)
            first_near = timed(reviewer, f"/pictures/{photo}")
            near = [timed(reviewer, f"/pictures/{photo}") for _ in range(20)]
            cold = timed(reviewer, f"/picture/{photo}?side=720")
            drawn = [timed(reviewer, f"/picture/{make.sha(make.photo(n))}?side=720") for n in range(2, PHOTOS + 1)]
            seen = [timed(reviewer, f"/picture/{photo}?side=720") for _ in range(20)]
    case = f"{findings:,} findings, {listings:,} listings"
    rows = [
        Row(case=case, measure="step of review, p50, ms", value=part(steps, 0.50), aim=f"<= {AIM_MS}"),
        Row(case=case, measure="step of review, p95, ms", value=part(steps, 0.95), aim=f"<= {AIM_MS}"),
        Row(case=case, measure="step of review, p99, ms", value=part(steps, 0.99), aim=f"<= {2 * AIM_MS}"),
        Row(
            case=case, measure="step of review, processor time p95, ms", value=part(worked, 0.95), aim=f"<= {AIM_MS}"
        ),
        Row(case=case, measure="page of a list, p95, ms", value=part(lists, 0.95), aim=f"<= {AIM_MS}"),
        Row(case=case, measure="search of findings, p95, ms", value=part(searches, 0.95), aim=f"<= {AIM_MS}"),
        Row(case=case, measure="search of listings, p95, ms", value=part(among, 0.95), aim=f"<= {AIM_MS}"),
        Row(case=f"{CODES:,} codes", measure="near pictures, p95, ms", value=part(near, 0.95), aim=f"<= {AIM_MS}"),
        # Once after each run: the codes are read into memory.
        Row(
            case=f"{CODES:,} codes",
            measure="near pictures, first time, ms",
            value=round(first_near, 1),
            aim="<= 10000",
        ),
        # Once after each start: the process that draws begins, and loads what it draws with.
        Row(case=case, measure="picture, the desk's first, ms", value=round(cold, 1), aim="<= 2000"),
        Row(case=case, measure="picture nobody saw before, p95, ms", value=part(drawn, 0.95), aim=f"<= {AIM_MS}"),
        Row(case=case, measure="picture seen before, p95, ms", value=part(seen, 0.95), aim="<= 50"),
    ]
    notes = (
        f"filled in {filling_s:.0f} s; listings without a finding have no look of their own",
        f"{len(steps)} decisions by one reviewer, in process, no network",
    )
    return Benchmark(rows=tuple(rows), notes=notes)


def fill(desk: object, listings: int) -> int:
    """Multiply one scene; gives how many findings there are."""
    workspace = desk.workspace  # type: ignore[attr-defined]  # a test's own shape of the call
    findings = max(A_SELLER, listings // FINDINGS_IN)
    for number in range(1, PHOTOS + 1):
        workspace.vault.put(make.photo(number))
    make.store_scene(workspace.database, workspace.vault, make.goods_scene(1), decided=False)
    relist_findings(workspace.database)
    photos = ", ".join(f"('{make.sha(make.photo(n + 1))}', {n})" for n in range(PHOTOS))
    case_of = f"(n - 1) / {A_SELLER} + 1"
    with workspace.database.write() as connection:
        sellers = (listings - 1) // A_SELLER + 1
        multiply(
            connection, tables.seller, sellers, {"id": spell("seller"), "platform_seller_id": "printf('%06d', n)"}
        )
        multiply(
            connection,
            tables.listing,
            listings,
            {
                "id": spell("listing"),
                "platform_item_id": "printf('%d', n)",
                "seller": spell("seller", case_of),
                "url": "printf('http://127.0.0.1:8041/item/%d', n)",
            },
        )
        multiply(
            connection, tables.capture, findings, {"id": spell("capture", "n * 10")}, of=make.an_id("capture", 10)
        )
        multiply(
            connection,
            tables.observation,
            findings,
            {"id": spell("observation"), "listing": spell("listing"), "capture": spell("capture", "n * 10")},
        )
        multiply(
            connection,
            tables.comparison,
            findings,
            {"id": spell("comparison"), "observation": spell("observation"), "listing": spell("listing")},
        )
        multiply(
            connection,
            tables.finding,
            findings,
            {"id": spell("finding"), "listing": spell("listing"), "comparison": spell("comparison")},
        )
        connection.execute(
            text(f"CREATE TEMP TABLE photo AS SELECT column1 AS sha, column2 AS k FROM (VALUES {photos})")
        )
        photo = f"(SELECT sha FROM photo WHERE k = n % {PHOTOS})"
        multiply(
            connection,
            tables.listing_image,
            findings,
            {"listing": spell("listing"), "sha256": photo},
            key="listing",
        )
        multiply(
            connection,
            tables.review_item,
            findings,
            {
                "finding": spell("finding"),
                "listing": spell("listing"),
                "seller": spell("seller", case_of),
                "photo": photo,
                "twin": photo,
                "comparison": spell("comparison"),
                '"case"': spell("case", case_of),
                "priority": f"(({case_of}) * 7919 % 1000) / 1000.0",
                "price_minor": "4900 + n % 900",
            },
            key="finding",
        )
        _cases(connection, findings)
        _words(connection, listings)
        connection.execute(text("DROP TABLE photo"))
    with workspace.database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    return findings


def spell(kind: str, number: str = "n") -> str:
    """The SQL that spells `make.an_id(kind, number)`."""
    return f"printf('{make.an_id(kind, 0)[:-8]}%08d', {number})"


def multiply(
    connection: Connection,
    table: Table,
    count: int,
    values: dict[str, str],
    *,
    of: str | None = None,
    key: str = "id",
) -> None:
    """Insert `count` rows like the one stored, with these columns told by SQL over `n`; the first one stays."""
    names = [column.name for column in table.columns]
    plain = {name.strip('"'): sql for name, sql in values.items()}
    chosen = ", ".join(plain.get(name, f't."{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    wanted = of or connection.execute(text(f'SELECT "{key}" FROM "{table.name}" LIMIT 1')).scalar_one()
    connection.execute(
        text(
            f"WITH RECURSIVE each(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM each WHERE n < {count}) "
            f'INSERT OR IGNORE INTO "{table.name}" ({columns}) SELECT {chosen} FROM each, '
            f'(SELECT * FROM "{table.name}" WHERE "{key}" = :wanted LIMIT 1) t'
        ),
        {"wanted": wanted},
    )


def _words(connection: Connection, listings: int) -> None:
    """Words of titles as often as words are: some stand everywhere, some in every fiftieth title, many in a few."""
    for words, every in (("'aurelia'", 1), ("'replica'", 2), ("'watch'", 3), ("'solaris'", 50), ("'strap'", 1000)):
        _word(connection, listings, words, every)
    # Twenty thousand rarer words, each in fifty titles, and one of its own for each listing.
    _word(connection, listings, "printf('model%05d', n * 7919 % 20000)", 1)
    _word(connection, listings, "printf('%d', n)", 1)


def _word(connection: Connection, listings: int, word: str, every: int) -> None:
    connection.execute(
        text(
            f"WITH RECURSIVE each(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM each WHERE n < {listings}) "
            f"INSERT OR IGNORE INTO listing_word (word, listing) SELECT {word}, {spell('listing')} FROM each "
            f"WHERE n % {every} = 0 ORDER BY 1, 2"
        )
    )


def codes(connection: Connection, count: int) -> None:
    """So many codes of pictures, by chance alone, one of them of the first photo."""
    chance = random.Random(5)
    rows = [
        {
            "sha256": make.sha(make.photo(1)) if n == 0 else chance.randbytes(32).hex(),
            "algorithm": "pdq",
            "version": "1",
            "variant": "whole",
            "value": chance.randbytes(32),
            "quality": 100,
        }
        for n in range(count)
    ]
    rows.sort(key=lambda row: str(row["sha256"]))
    for start in range(0, count, 50_000):
        connection.execute(tables.fingerprint.insert(), rows[start : start + 50_000])


def _cases(connection: Connection, findings: int) -> None:
    """One case an account, with its findings as the pipeline stores them."""
    scene = make.case(findings=())
    cases = (findings - 1) // A_SELLER + 1
    listed = (
        f"(WITH RECURSIVE m(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM m WHERE k < {A_SELLER}) "
        f"SELECT json_group_array({spell('finding', f'(n - 1) * {A_SELLER} + k')}) FROM m)"
    )
    connection.execute(
        text(
            f"WITH RECURSIVE each(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM each WHERE n < {cases}) "
            'INSERT INTO "case" '
            '(id, number, "right", holder, platform, seller, state, findings, priority, opened_at) '
            f"SELECT {spell('case')}, n, :right, :holder, :platform, {spell('seller')}, 'open', {listed}, "
            "(n * 7919 % 1000) / 1000.0, :at FROM each"
        ),
        {
            "right": scene.right,
            "holder": scene.holder,
            "platform": scene.platform,
            "at": "2026-03-02 08:55:00.000000",
        },
    )


def review(reviewer: Browser, decisions: int) -> tuple[list[float], list[float]]:
    """Take so many decisions; gives how long each step took, and what it worked, in milliseconds."""
    at = reviewer.get("/review/next").headers["location"]
    page = reviewer.get(at).text
    steps, worked = [], []
    for number in range(decisions):
        start = page.index(_SEEN) + len(_SEEN)
        seen = page[start : page.index('"', start)]
        parts = urlsplit(at)
        fields = _VERDICTS[number % len(_VERDICTS)]
        began, busy = time.perf_counter(), time.process_time()
        answer = reviewer.submit(f"{parts.path}/decide?{parts.query}", seen=seen, **fields)
        at = answer.headers["location"]
        page = reviewer.get(at).text
        steps.append((time.perf_counter() - began) * 1000)
        worked.append((time.process_time() - busy) * 1000)
    return steps, worked


def timed(reviewer: Browser, path: str) -> float:
    """How long one page takes, in milliseconds."""
    began = time.perf_counter()
    reviewer.get(path)
    return (time.perf_counter() - began) * 1000


def part(values: list[float], share: float) -> float:
    """The value under which that share of the values lies."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)

"""
Other ways in: a tip (one address or one saved file), and a platform's own export of listings.

A tip's address is fetched by the same crawl as everything else, so manners, egress and robots.txt hold for it too.
A file and an export are captured as they are and read from the capture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

from sqlalchemy import Connection, select

from config.declarations import Declarations, load_declarations
from config.export import Export
from config.families import generic_platform
from config.platform import Platform
from config.settings import Settings
from crawler import opening
from crawler.commit import Desk, write_account, write_looks
from crawler.egress import check_target
from crawler.errors import BadTip
from crawler.export_rows import RowRefusal, look_of_row, read_export, refuse_row, row_bytes, told
from crawler.extract.page import read_page
from crawler.extract.pages import Page, Reading
from crawler.extract.stated import stated_address
from crawler.outcome import Outcomes, account_of
from crawler.plan import make_fetch
from crawler.run import GIVEN, Job, OnProgress, work
from crawler.saved import UNKNOWN, name_host
from crawler.urls import is_fetchable
from crawler.visit import Look
from store.db.captures import Captures
from store.db.claim import Courtesy
from store.db.personal import Sealer, read_key
from store.db.runs import Runs
from store.db.session import Database
from store.db.tables import observation as observation_table
from store.evidence.vault import Vault
from store.records.captures import Capture, Via
from store.records.fetches import FetchKind, RobotsVerdict
from store.records.ids import NewId, new_id, utc_now
from store.records.listings import PageKind
from store.records.runs import Run, RunKind, RunState
from store.records.scope import EVERYTHING

TIP_BYTES = 64 * 1024 * 1024  # chosen: no saved page is larger
ROWS_AT_ONCE = 60  # of an export, in one transaction: each makes about six rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """What became of a tip."""

    run: Run
    captures: tuple[Capture, ...]  # the page and its photos, in the order they came
    observation: str | None  # None: it does not read as a listing
    why: str  # what it was read as, or why it was not fetched

    @property
    def page(self) -> Capture | None:
        """The page itself, where redirects led to it: neither robots.txt nor a photo; None when it was not had."""
        whole = (each for each in self.captures if each.status is None or each.status < 300)
        return next((each for each in whole if not urlsplit(each.url_final).path.endswith("/robots.txt")), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of an export."""

    run: Run | None  # None after a dry run
    rows: int
    observations: int
    refusals: tuple[RowRefusal, ...]


def capture_tip(
    settings: Settings, tip: str, *, in_browser: bool = False, on_progress: OnProgress | None = None
) -> Tip:
    """
    One capture of an address or a saved file, and the listing it shows if it shows one.

    `in_browser` opens an address in a browser, whatever its platform file says, and takes screenshots. Raises
    `BadTip` for what is neither, and whatever a crawl raises.
    """
    if tip.startswith(("http://", "https://")):
        return _tip_address(settings, tip, in_browser, on_progress)
    return _tip_file(settings, Path(tip))


def _tip_address(settings: Settings, url: str, in_browser: bool, on_progress: OnProgress | None) -> Tip:
    if not is_fetchable(url):
        raise BadTip(url, "the address cannot be read")
    declarations = load_declarations(settings)
    platform = platform_at(declarations, url)
    check_target(url, loopback=platform.name in declarations.platforms and platform.is_loopback)
    opening.check_contact(settings, platform)
    opening.check_browser(settings, opening.opened_in_browser(platform) if in_browser else platform)
    with Database(settings.database_url) as database, Vault(settings.vault) as vault:
        run = opening.open_run(database, vault, declarations, kind=RunKind.TIP, platform=platform.name, fresh=True)
        seed = make_fetch(run.id, url, FetchKind.LISTING, context={"any": "yes"})
        run = opening.sow(database, run, [seed])
    name = platform.name if platform.name in declarations.platforms else GIVEN
    options = ("--url", url, "--browser") if in_browser else ("--url", url)
    run = work(settings, [Job(run=run, platform=name, options=options)], on_progress=on_progress)[0]
    with Database(settings.database_url) as database, database.read() as connection:
        captures = Captures(connection, EVERYTHING).of_run(run.id)
        look = _look_of(connection, run.id)
    why = "; ".join(run.alarms) or ("a listing" if look is not None else "a page that offers nothing")
    return Tip(run=run, captures=tuple(captures), observation=look, why=why)


def _tip_file(settings: Settings, path: Path) -> Tip:
    try:
        size = path.stat().st_size
        body = path.read_bytes() if size <= TIP_BYTES else b""
    except OSError as error:
        raise BadTip(str(path), f"it is no address and cannot be opened as a file ({error.strerror})") from error
    if size > TIP_BYTES:
        raise BadTip(str(path), f"{size} bytes are more than the {TIP_BYTES} a saved page may have")
    url = f"{UNKNOWN}{quote(path.name)}"
    declarations = load_declarations(settings)
    platform = generic_platform(url)
    with Database(settings.database_url) as database, Vault(settings.vault) as vault:
        desk, run = desk_of(settings, database, vault, declarations, RunKind.TIP, platform.name)
        capture = keep_file(run, url, body, vault, Via.TIP, utc_now(), new_id)
        vault.flush()
        page = Page(url=url, status=None, headers=(), body=body, capture=capture.id, fetched_at=capture.fetched_at)
        reading = read_page(page, platform, expected=None)
        stated = stated_address(body)
        if stated is not None and is_fetchable(stated):
            # The page says itself where it stood, so it is read by the rules of that place.
            platform = platform_at(declarations, stated)
            page = replace(page, url=stated)
            reading = read_page(page, platform, expected=None)
        look = look_of_page(run, platform, page, reading)
        looks = [(look, capture)] if look is not None else []
        account = account_of(platform, page, reading)
        with database.write() as connection:
            observations = write_looks(connection, desk, looks, utc_now())
            if not looks:
                Captures(connection, EVERYTHING).add(capture)
            if account is not None:
                write_account(connection, desk, account, utc_now())
            run = finish(connection, run, {"captures": 1, "observations": len(observations)})
    return Tip(
        run=run,
        captures=(capture,),
        observation=observations[0].id if observations else None,
        why=reading.because,
    )


def look_of_page(run: Run, platform: Platform, page: Page, reading: Reading) -> Look | None:
    """The look that a page makes which somebody brought; None where it offers nothing."""
    if reading.fields is None or reading.kind not in (PageKind.LISTING, PageKind.STREAM, PageKind.TORRENT):
        return None
    fetch = make_fetch(run.id, page.url, FetchKind.LISTING, context={"any": "yes"})
    return Outcomes(platform=platform, polite=False).look(reading, page, fetch, fetch_photos=False)


def import_listings(
    settings: Settings, path: Path, *, layout: Export | None = None, dry_run: bool = False
) -> Imported:
    """
    Take a platform's export of listings: by its layout, else CSV with a head, columns as in `COLUMNS`.

    Each row becomes a capture of its own text, a listing and a look; rows that can't be taken are given back with
    their line, column and fix, and nothing of them is kept. Raises `BadExport` for a file that is none.
    """
    declarations = load_declarations(settings)
    body, rows = read_export(path, layout)
    good: list[tuple[int, Mapping[str, str], bytes]] = []
    refusals: list[RowRefusal] = []
    for line, given in rows:
        cells = given if layout is None else told(given, layout)
        wrong = refuse_row(line, cells, sorted(declarations.platforms))
        refusals += wrong
        if not wrong:
            good.append((line, cells, row_bytes(given)))
    total = len(good) + len({refusal.line for refusal in refusals})
    if dry_run:
        return Imported(run=None, rows=total, observations=0, refusals=tuple(refusals))
    made = 0
    with Database(settings.database_url) as database, Vault(settings.vault) as vault:
        desk, run = desk_of(settings, database, vault, declarations, RunKind.IMPORT, None)
        said = [f"{path.name}, SHA-256 {vault.put(body)}"]
        if layout is not None:  # kept, so that what the rows were read by can be shown later
            said.append(f"its layout, SHA-256 {vault.put(layout.model_dump_json().encode())}")
        for start in range(0, len(good), ROWS_AT_ONCE):
            now = utc_now()
            looks = []
            for line, row, as_given in good[start : start + ROWS_AT_ONCE]:
                capture = keep_file(run, row["url"], as_given, vault, Via.IMPORT, now, new_id)
                looks.append((look_of_row(row, line, capture), capture))
            vault.flush()
            with database.write() as connection:
                made += len(write_looks(connection, desk, looks, now))
        with database.write() as connection:
            counts = {"rows": total, "captures": made, "observations": made, "refused": total - len(good)}
            run = finish(connection, run, counts, said)
    return Imported(run=run, rows=total, observations=made, refusals=tuple(refusals))


def platform_at(declarations: Declarations, url: str) -> Platform:
    """The declared platform of an address, else the generic one."""
    host = name_host(url)
    for platform in declarations.platforms.values():
        if name_host(platform.home) == host:
            return platform
    return generic_platform(url)


def desk_of(
    settings: Settings,
    database: Database,
    vault: Vault,
    declarations: Declarations,
    kind: RunKind,
    platform: str | None,
) -> tuple[Desk, Run]:
    """A run of its own, and the desk at which its looks are written."""
    run = opening.open_run(database, vault, declarations, kind=kind, platform=platform, fresh=True)
    desk = Desk(
        run=run.id,
        courtesy=Courtesy(delay_s=0.0, polite=False),
        sealer=Sealer(read_key(settings.keys)),
        new_id=new_id,
        refuse=_refuse_nothing,
    )
    return desk, run


def keep_file(run: Run, url: str, body: bytes, vault: Vault, via: Via, now: datetime, make_id: NewId) -> Capture:
    """Put bytes that no server sent into the vault; gives their capture, not yet in the ledger."""
    return Capture(
        id=make_id(),
        run=run.id,
        url_requested=url,
        url_final=url,
        fetched_at=now,
        body_sha256=vault.put(body),
        body_bytes=len(body),
        robots_verdict=RobotsVerdict.NOT_ASKED,
        via=via,
    )


def _refuse_nothing(url: str) -> None:
    """Nothing is queued here, so nothing is refused."""
    del url


def finish(connection: Connection, run: Run, counts: dict[str, int], said: Sequence[str] = ()) -> Run:
    """End a run as complete; gives it as it ended."""
    runs = Runs(connection, EVERYTHING)
    runs.end(run.id, RunState.COMPLETE, utc_now(), counts, said)
    ended = runs.get(run.id)
    return run if ended is None else ended


def _look_of(connection: Connection, run: str) -> str | None:
    """The first look that a run made."""
    statement = select(observation_table.c.id).where(observation_table.c.run == run)
    found: str | None = connection.execute(statement.order_by(observation_table.c.id).limit(1)).scalar()
    return found

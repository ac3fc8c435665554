"""How a run begins: a new one with its seeds, or the unfinished one that the same command goes on with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scrapy.settings import BaseSettings

from config.declarations import Declarations, load_declarations
from config.platform import Browser, Platform
from config.settings import Settings, code_version, load_settings
from crawler import plan
from crawler.errors import NoBrowser, NoContact, UnknownRun
from crawler.footing import footing
from crawler.keys import key_of
from crawler.triage import TRIAGE
from crawler.workplace import Workplace
from crawler.yields import START, earlier_yields, forecast, query_of, share_pages
from store.db.fetches import Fetches
from store.db.rows import ROWS_A_WRITE
from store.db.runs import Runs
from store.db.session import Database, check_schema
from store.evidence.vault import Vault
from store.records.fetches import Fetch, FetchKind
from store.records.ids import Clock, NewId, new_id, utc_now
from store.records.runs import Run, RunKind, RunState
from store.records.scope import EVERYTHING

LISTED_IN = frozenset({"listing", "title_page"})
"""Pages of one offer each, by the names that a platform file gives them."""
RANKS = 90  # queries told apart by their yield; under the gap to the next kind of fetch, so that none overtakes it


def open_run(
    database: Database,
    vault: Vault,
    declarations: Declarations,
    *,
    kind: RunKind,
    platform: str | None,
    snapshot_digest: str | None = None,
    fresh: bool = False,
    clock: Clock = utc_now,
    make_id: NewId = new_id,
) -> Run:
    """
    The unfinished run of this kind, platform and declarations, or a new one.

    With `fresh` always a new one. The declarations in force go into the vault first, so that whatever the run
    decides can be made again. Raises `SchemaOutdated`.
    """
    check_schema(database)
    vault.put(declarations.archive)
    vault.flush()
    with database.write() as connection:
        runs = Runs(connection, EVERYTHING)
        found = None if fresh else runs.unfinished(kind, platform, declarations.digest)
        if found is not None:
            runs.resume(found.id)
            return found
        run = Run(
            id=make_id(),
            kind=kind,
            platform=platform,
            state=RunState.RUNNING,
            started_at=clock(),
            code_version=code_version(),
            config_digest=declarations.digest,
            snapshot_digest=snapshot_digest,
        )
        runs.add(run)
        return run


def sow(database: Database, run: Run, seeds: Sequence[Fetch], *, triaged: bool = False) -> Run:
    """
    Queue a run's seeds, those it has already excepted, and note how many there are.

    With `triaged` a new run opens only the pages whose cards ask for it; one that was begun goes on as it began. The
    number is noted before the first seed is queued: a kill in between leaves a run that knows it is not whole.
    """
    with database.write() as connection:
        fetches = Fetches(connection, EVERYTHING)
        had = {seed.fingerprint for seed in fetches.seeds(run.id)}
        wanted = max(len(had | {seed.fingerprint for seed in seeds}), run.counts.get("seeds", 0))
        marked = {TRIAGE: 1} if triaged and not run.counts else {}
        run = replace(run, counts={**run.counts, **marked, "seeds": wanted})
        Runs(connection, EVERYTHING).put([run])
    new = [seed for seed in seeds if seed.fingerprint not in had]
    for start in range(0, len(new), ROWS_A_WRITE):
        with database.write() as connection:
            Fetches(connection, EVERYTHING).queue(new[start : start + ROWS_A_WRITE])
    return run


def share_out(database: Database, platform: Platform, run: Run, seeds: Sequence[Fetch]) -> list[Fetch]:
    """
    The seeds with the best queries first, by what earlier crawls brought, and each with its share of result pages.

    Pages are shifted only where the platform's file says `look.adapt`; the run's id is the seed.
    """
    with database.read() as connection:
        earlier = earlier_yields(connection, platform.name, before=run.id)
    queries = {query_of(seed.context) for seed in seeds if seed.kind is FetchKind.RESULTS} - {START}
    if not any(each.opened for each in earlier.values()):
        return list(seeds)
    pages = platform.look.pages
    best = forecast(dict.fromkeys(sorted(queries), 1), earlier, cards_a_page=1, opens=1.0)
    places = {each.query: place for place, each in enumerate(best)}
    shares = share_pages(sorted(queries), earlier, pages, run.id) if platform.look.adapt else {}
    shared = []
    for seed in seeds:
        query = query_of(seed.context)
        if seed.kind is FetchKind.RESULTS and query in places:
            context = {**seed.context, plan.AHEAD: str(max(RANKS - places[query], 0))}
            if query in shares:
                context["pages"] = str(shares[query])
            seed = plan.ranked(replace(seed, context=context))
        shared.append(seed)
    return shared


def check_contact(settings: Settings, platform: Platform) -> None:
    """Raise `NoContact` when a site of others would be asked by nobody in particular."""
    if not platform.is_loopback and settings.contact is None:
        raise NoContact(platform.name)


def check_browser(settings: Settings, platform: Platform) -> None:
    """Raise `NoBrowser` when pages are to be opened in one and there is none."""
    if platform.browser.pages:
        footing(settings)


def check_key(platform: Platform) -> None:
    """Raise `NoKey` when an interface is to be asked and its key is not at hand."""
    key_of(platform)


def opened_in_browser(platform: Platform) -> Platform:
    """The platform with every page opened in a browser and drawn, as a tip may ask for."""
    every = Browser(
        **{
            **platform.browser.model_dump(),
            "pages": ("results", "listing", "title_page", "player", "evidence"),
            "screenshots": ("viewport", "full"),
        }
    )
    return platform.model_copy(update={"browser": every})


def opened_for_evidence(settings: Settings, platform: Platform) -> Platform:
    """
    The platform with evidence pages opened in a browser and drawn, where there is one.

    Raises `NoBrowser` where the platform's own offers need a browser and there is none.
    """
    drawn = LISTED_IN & set(platform.browser.pages)
    try:
        footing(settings)
    except NoBrowser:
        if drawn:
            raise
        return platform
    rules = platform.browser.model_dump()
    # What only a list needs (its growth) is left out: one page is looked at.
    pages = ("evidence", *(each for each in platform.browser.pages if each == "player"))
    more = {"pages": pages, "screenshots": ("viewport", "full"), "scrolls": 0, "more": None}
    wait = {} if drawn else {"wait_for": None}  # what the file waits for may stand on other pages alone
    return platform.model_copy(update={"browser": Browser(**{**rules, **more, **wait})})


def workplace_of(settings: BaseSettings, platform: Platform, terms: str) -> Workplace:
    """
    The workplace that a spider takes up, as Scrapy's settings name it.

    `MARQUE_RUN` names a run that was opened and sown already; without it (`scrapy crawl NAME -a terms=a|b`) the
    platform's unfinished run is gone on with, or a new one begun.
    """
    own = load_settings(settings.get("MARQUE_HOME"))
    if settings.get("MARQUE_DATABASE_URL"):
        own = replace(own, database_url=settings["MARQUE_DATABASE_URL"])
    declarations = load_declarations(own)
    run_id = settings.get("MARQUE_RUN")
    with Database(own.database_url) as database:
        if run_id:
            with database.read() as connection:
                run = Runs(connection, EVERYTHING).get(run_id)
            if run is None:
                raise UnknownRun(run_id, "there is none of that id")
        else:
            check_contact(own, platform)
            check_browser(own, platform)
            check_key(platform)
            with Vault(own.vault) as vault:
                run = open_run(database, vault, declarations, kind=RunKind.CRAWL, platform=platform.name)
            seeds = plan.seeds(platform, run.id, [term for term in terms.split("|") if term.strip()])
            run = sow(database, run, seeds)
    return Workplace.open(own, declarations, platform, run)

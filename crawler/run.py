"""
Runs crawls, each in a process of its own, and goes on with what a kill left.

    crawl(settings, ["shopnest"], terms=["VALDORI"])      look at platforms
    replay(settings, folder=Path("pages"))                read saved pages again, without the network
    python -m crawler.run --home H --platform N --run ID  one crawl's own process

Calling `crawl` again after a kill, an interruption or a full disk goes on with the same run.
"""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

from config.declarations import Declarations, load_declarations
from config.families import generic_platform
from config.platform import Platform
from config.settings import Settings, load_settings
from crawler import manners, opening, plan
from crawler import saved as replaying
from crawler.attendance import is_attended
from crawler.errors import ChildFailed, UnknownRun
from crawler.judging import queue_openings
from crawler.progress import Beat, read_beat
from crawler.triage import TO_JUDGE, Judge
from store.db.fetches import Fetches
from store.db.runs import Runs
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.runs import Run, RunKind, RunState
from store.records.scope import EVERYTHING

GIVEN = "(given)"  # the child's word for pages of any platform
AT_ONCE = 2  # crawls at a time: each is one busy process
_ROOT = Path(__file__).resolve().parents[1]
GARBAGE_THRESHOLD = 20_000  # chosen: objects between two collections; a page makes some thousands
_STILL_RUNNING = 3  # the child's exit code when it could not say how its run ended

OnProgress = Callable[[Beat], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One crawl to be run by a process of its own."""

    run: Run
    platform: str
    options: tuple[str, ...] = ()  # further arguments of the child


def crawl(
    settings: Settings,
    platforms: Sequence[str],
    *,
    terms: Sequence[str] = (),
    snapshot_digest: str | None = None,
    at_once: int = AT_ONCE,
    on_progress: OnProgress | None = None,
    options: Sequence[str] = (),
    judge: Judge | None = None,
) -> list[Run]:
    """
    Crawl platforms by name; gives their runs as they ended, in the order asked.

    A platform whose file says `look.open = "suspicious"` is looked at in two steps: its cards, then the pages that
    `judge` wants of them. Without a judge every page is opened.

    A run that a kill left is given as `running`; calling again goes on with it. Raises `MissingDeclaration`,
    `NotLookable`, `NoContact`, `NoKey`, `BadHours` before anything is asked, and `ChildFailed` after every crawl has
    ended.
    """
    declarations = load_declarations(settings)
    chosen = [declarations.platform(name) for name in platforms]
    for platform in chosen:
        opening.check_contact(settings, platform)
        opening.check_browser(settings, platform)
        opening.check_key(platform)
        manners.hours_of(platform)
        plan.seeds(platform, "", terms)
    jobs = []
    with Database(settings.database_url) as database, Vault(settings.vault) as vault:
        for platform in chosen:
            run = opening.open_run(
                database,
                vault,
                declarations,
                kind=RunKind.CRAWL,
                platform=platform.name,
                snapshot_digest=snapshot_digest,
            )
            triaged = judge is not None and platform.look.open == "suspicious"
            seeds = opening.share_out(database, platform, run, plan.seeds(platform, run.id, terms))
            run = opening.sow(database, run, seeds, triaged=triaged)
            jobs.append(Job(run=run, platform=platform.name, options=tuple(options)))
    runs = work(settings, jobs, at_once=at_once, on_progress=on_progress)
    return _open_suspected(settings, declarations, jobs, runs, judge, at_once=at_once, on_progress=on_progress)


def _open_suspected(
    settings: Settings,
    declarations: Declarations,
    jobs: Sequence[Job],
    runs: list[Run],
    judge: Judge | None,
    *,
    at_once: int = AT_ONCE,
    on_progress: OnProgress | None = None,
) -> list[Run]:
    """Have the cards of runs that wait for it judged, and go on with those runs; a run that was stopped stays so."""
    waiting = [run for run in runs if run.state is RunState.INTERRUPTED and run.counts.get(TO_JUDGE)]
    stopped = any(run.state is RunState.INTERRUPTED and not run.counts.get(TO_JUDGE) for run in runs)
    if judge is None or not waiting or stopped:
        return runs
    wanted = judge(waiting)
    with Database(settings.database_url) as database:
        for run in waiting:
            queue_openings(database, run, declarations.platform(run.platform or ""), wanted.get(run.id, ()))
    again = {run.id for run in waiting}
    ended = work(settings, [job for job in jobs if job.run.id in again], at_once=at_once, on_progress=on_progress)
    by_id = {run.id: run for run in ended}
    return [by_id.get(run.id, run) for run in runs]


def crawl_as(
    settings: Settings,
    id: str,
    name: str,
    *,
    terms: Sequence[str] = (),
    snapshot_digest: str | None = None,
    on_progress: OnProgress | None = None,
    judge: Judge | None = None,
) -> Run:
    """
    Crawl one platform as the run of a given id; gives it as it ended.

    A run of that id that has ended is given as it stands, and one that a kill left is gone on with. Raises what
    `crawl` raises.
    """
    declarations = load_declarations(settings)
    platform = declarations.platform(name)
    opening.check_contact(settings, platform)
    opening.check_browser(settings, platform)
    opening.check_key(platform)
    seeds = plan.seeds(platform, id, terms)
    with Database(settings.database_url) as database, Vault(settings.vault) as vault:
        with database.read() as connection:
            run = Runs(connection, EVERYTHING).get(id)
        if run is not None and run.state not in (RunState.RUNNING, RunState.INTERRUPTED):
            return run
        if run is None:
            run = opening.open_run(
                database,
                vault,
                declarations,
                kind=RunKind.CRAWL,
                platform=name,
                snapshot_digest=snapshot_digest,
                fresh=True,
                make_id=lambda: id,
            )
        triaged = judge is not None and platform.look.open == "suspicious"
        run = opening.sow(database, run, opening.share_out(database, platform, run, seeds), triaged=triaged)
    jobs = [Job(run=run, platform=name)]
    runs = work(settings, jobs, on_progress=on_progress)
    return _open_suspected(settings, declarations, jobs, runs, judge, on_progress=on_progress)[0]


def replay(
    settings: Settings,
    *,
    folder: Path | None = None,
    run: str | None = None,
    platforms: Sequence[str] = (),
    on_progress: OnProgress | None = None,
) -> Run:
    """
    Read saved answers again, without the network: a folder with its index, or the captures of an earlier run.

    Every row of the index is a page to begin with, read by the declaration of its host or by the generic family;
    `platforms` narrows it to those. Links to what was not saved are failed as `not_saved`. Each replay is a run of
    its own. Raises `BadReplay` and `UnknownRun`.
    """
    if (folder is None) == (run is None):
        raise ValueError("a replay takes a folder or a run")
    declarations = load_declarations(settings)
    hosts = {replaying.name_host(declarations.platform(name).home) for name in platforms}
    with Database(settings.database_url) as database, Vault(settings.vault) as vault:
        if folder is not None:
            platform = platforms[0] if len(platforms) == 1 else None
            options = ("--replay-folder", str(folder.absolute()))
            seeds = replaying.folder_seeds(folder, only=hosts or None)
        else:
            assert run is not None, "checked above"
            with database.read() as connection:
                earlier = Runs(connection, EVERYTHING).get(run)
                if earlier is None:
                    raise UnknownRun(run, "there is none of that id")
                seeds = replaying.run_seeds(Fetches(connection, EVERYTHING).seeds(run))
            platform, options = earlier.platform, ("--replay-run", run)
        own = opening.open_run(database, vault, declarations, kind=RunKind.REPLAY, platform=platform, fresh=True)
        own = opening.sow(database, own, [replace(seed, run=own.id) for seed in seeds])
    job = Job(run=own, platform=platform or GIVEN, options=options)
    return work(settings, [job], on_progress=on_progress)[0]


def work(
    settings: Settings, jobs: Sequence[Job], *, at_once: int = AT_ONCE, on_progress: OnProgress | None = None
) -> list[Run]:
    """Run jobs, each in a child process, `at_once` at a time; gives their runs as they ended."""
    crew = _Crew(settings, on_progress)
    with ThreadPoolExecutor(max_workers=max(at_once, 1)) as pool:
        futures = [pool.submit(crew.work, job) for job in jobs]
        try:
            results = [future.result() for future in futures]
        except KeyboardInterrupt:
            crew.stop()
            results = [future.result() for future in futures]
    failed = next((error for _, error in results if error is not None), None)
    if failed is not None:
        raise failed
    return [run for run, _ in results]


class _Crew:
    """Child processes of one call."""

    def __init__(self, settings: Settings, on_progress: OnProgress | None) -> None:
        self._settings = settings
        self._on_progress = on_progress
        self._lock = threading.Lock()
        self._children: set[subprocess.Popen[str]] = set()
        self._stopped = False

    def work(self, job: Job) -> tuple[Run, ChildFailed | None]:
        """Run one job to its end."""
        logs = self._settings.home / "logs"
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        log = logs / f"{job.run.id}.log"
        with log.open("a", encoding="utf-8") as errors, self._lock:
            if self._stopped:
                return job.run, None
            child = subprocess.Popen(  # noqa: S603 -- our own module, under the interpreter that runs us
                child_command(self._settings, job),
                cwd=_ROOT,
                env=self._settings.child_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
            )
            self._children.add(child)
        assert child.stdout is not None, "opened as a pipe"
        with child.stdout as lines:
            for line in lines:
                beat = read_beat(line)
                if beat is not None and self._on_progress is not None:
                    with self._lock:
                        self._on_progress(beat)
        code = child.wait()
        with self._lock:
            self._children.discard(child)
        with Database(self._settings.database_url) as database, database.read() as connection:
            run = Runs(connection, EVERYTHING).get(job.run.id)
        if run is None:
            raise UnknownRun(job.run.id, "its row is gone")
        if code > 0:
            return run, ChildFailed(job.platform, run.id, code, _tail(log))
        return run, None

    def stop(self) -> None:
        """Ask every child to end; each commits what it has under way first."""
        with self._lock:
            self._stopped = True
            for child in self._children:
                child.terminate()


def child_command(settings: Settings, job: Job) -> list[str]:
    """The command line of a crawl's own process; its settings go by the environment, which no other user reads."""
    return [
        sys.executable,
        "-m",
        "crawler.run",
        "--home",
        str(settings.home),
        "--run",
        job.run.id,
        "--platform",
        job.platform,
        *job.options,
    ]


def _tail(log: Path) -> str:
    lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    return " | ".join(lines[-3:])[-600:]


# --- the child ---------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """One crawl's own process: 0 when the run's end stands in the ledger, whatever it is."""
    parser = argparse.ArgumentParser(prog="python -m crawler.run", description="Crawl one platform for one run.")
    parser.add_argument("--home", required=True, type=Path)
    parser.add_argument("--run", required=True)
    parser.add_argument("--platform", required=True)
    parser.add_argument("--replay-folder", type=Path, help="answer from the saved pages of a folder")
    parser.add_argument("--replay-run", help="answer from the captures of an earlier run")
    parser.add_argument("--url", help="with a tip: the page that decides which platform it falls under")
    parser.add_argument("--browser", action="store_true", help="with a tip: open the page in a browser")
    parser.add_argument("--evidence", action="store_true", help="open evidence pages in a browser, if there is one")
    parser.add_argument("--kill-at", help="for proofs: end this process at a named point, NAME:COUNT")
    asked = parser.parse_args(arguments)
    settings = load_settings(asked.home)
    declarations = load_declarations(settings)
    platform = _platform(declarations, asked)
    if asked.browser:
        platform = opening.opened_in_browser(platform)
    if asked.evidence:
        platform = opening.opened_for_evidence(settings, platform)
    if asked.kill_at:
        from crawler import faults

        faults.arm(asked.kill_at)
    return _crawl_here(settings, platform, asked)


def _platform(declarations: Declarations, asked: argparse.Namespace) -> Platform:
    if asked.platform == GIVEN:
        return generic_platform(asked.url or "")
    return declarations.platform(asked.platform)


def _crawl_here(settings: Settings, platform: Platform, asked: argparse.Namespace) -> int:
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.settings import Settings as ScrapySettings

    from crawler.loader import given_spider, spider_for

    replaying_from = asked.replay_folder or asked.replay_run
    if not replaying_from:
        # Scrapy reads the source of every frame above it as this loads; under the reactor that is forty of them.
        import_module("crawler.tls")
    ours = ScrapySettings()
    ours.setmodule("crawler.settings", priority="project")
    chosen: dict[str, object] = {
        "MARQUE_HOME": str(settings.home),
        "MARQUE_DATABASE_URL": settings.database_url,
        "MARQUE_RUN": asked.run,
        "MARQUE_BEATS": True,
        "USER_AGENT": settings.user_agent,
    }
    if replaying_from:
        chosen["DOWNLOAD_HANDLERS"] = dict.fromkeys(("http", "https"), "crawler.replay.ReplayHandler")
        # Nothing leaves, so nothing is to be stopped; saved pages of the exercise world stand on loopback.
        for name in ("crawler.egress.EgressMiddleware", "crawler.browser.BrowserMiddleware"):
            ours["DOWNLOADER_MIDDLEWARES"].set(name, None, priority="cmdline")
        chosen["MARQUE_REPLAY_FOLDER"] = str(asked.replay_folder or "")
        chosen["MARQUE_REPLAY_RUN"] = asked.replay_run or ""
    for name, value in chosen.items():
        ours.set(name, value, priority="cmdline")
    process = AsyncCrawlerProcess(ours)
    given = replaying_from or asked.url or asked.platform == GIVEN
    process.crawl(given_spider(platform) if given else spider_for(platform))
    gc.freeze()  # what is loaded by now stays; looking through it again and again took 5 to 10 % of a crawl's CPU
    gc.set_threshold(GARBAGE_THRESHOLD)
    process.start()
    with Database(settings.database_url) as database, database.read() as connection:
        run = Runs(connection, EVERYTHING).get(asked.run)
    has_ended = run is not None and run.state is not RunState.RUNNING
    return 0 if has_ended or is_attended(settings.home, asked.run) else _STILL_RUNNING


if __name__ == "__main__":
    sys.exit(main())

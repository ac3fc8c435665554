"""The stages on an open workspace, as the command line and the demo call them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path

from console.errors import NotFound
from console.output import Progress
from console.sealing import SealNow, seal_if_declared
from console.triage import judge_of
from console.workspace import Workspace
from crawler.plan import CARDS_A_PAGE, OPENED_SHARE, CrawlPlan, search_terms
from crawler.plan import plan as plan_crawl
from crawler.progress import Beat
from crawler.triage import is_triaged
from crawler.yields import Forecast, QueryYield, earlier_yields, forecast, yields_of
from registry.snapshot import Snapshot, take_snapshot
from reports.answers.codes import read_answer_key
from reports.facts import Sender
from reports.run import MARQUE, export_batches
from reports.run import prepare as prepare_drafts
from store.db.personal import Sealer, read_key
from store.db.runs import Runs
from store.evidence.seal import load_key
from store.records.ids import Clock, NewId, new_id, utc_now
from store.records.notices import Batch
from store.records.runs import Run, RunKind
from store.records.scope import EVERYTHING, Scope


def freeze_registry(workspace: Workspace) -> Snapshot:
    """The registry as it stands, frozen; the declarations in force go into the vault with it."""
    workspace.vault.put(workspace.declarations.archive)
    return take_snapshot(workspace.database, workspace.vault, clock=utc_now, scope=EVERYTHING)


def terms_of(snapshot: Snapshot) -> list[str]:
    """What to search for: marks, product names and work titles, each once."""
    return search_terms(
        (right.mark_text for right in snapshot.rights),
        (product.name for product in snapshot.products),
        (work.title for work in snapshot.works),
    )


def plan_platforms(workspace: Workspace, names: Sequence[str]) -> list[CrawlPlan]:
    """What crawling these platforms would fetch, and how long it takes politely."""
    terms = terms_of(freeze_registry(workspace))
    return [plan_crawl(workspace.declarations.platform(name), terms) for name in names]


def forecast_platform(workspace: Workspace, made: CrawlPlan) -> list[Forecast]:
    """What each query of a plan is to bring, by the platform's earlier crawls, the best first."""
    look = workspace.declarations.platform(made.platform).look
    with workspace.database.read() as connection:
        earlier = earlier_yields(connection, made.platform)
    opens = 1.0 if look.open == "all" else OPENED_SHARE
    return forecast(dict.fromkeys(made.queries, look.pages), earlier, cards_a_page=CARDS_A_PAGE, opens=opens)


def review_plan(workspace: Workspace, run_id: str) -> list[tuple[Forecast, QueryYield]]:
    """
    What was to be expected of each query of a crawl before it ran, beside what it brought.

    The expectation is made again from the crawls before it, for the result pages it fetched. Raises `NotFound`.
    """
    with workspace.database.read() as connection:
        run = Runs(connection, EVERYTHING).get(run_id)
        if run is None or run.platform is None or run.kind is not RunKind.CRAWL:
            raise NotFound("crawl", run_id, "`marque crawl run` prints the ids")
        brought = yields_of(connection, run_id)
        earlier = earlier_yields(connection, run.platform, before=run_id)
    opens = OPENED_SHARE if is_triaged(run) else 1.0
    pages = {query: each.pages for query, each in brought.items()}
    made = forecast(pages, earlier, cards_a_page=CARDS_A_PAGE, opens=opens)
    return [(each, brought[each.query]) for each in made]


def crawl_platforms(workspace: Workspace, names: Sequence[str], progress: Progress) -> list[Run]:
    """Crawl platforms, two at once; an unfinished run goes on where it stopped."""
    from crawler.run import crawl

    snapshot = freeze_registry(workspace)
    latest: dict[str, Beat] = {}
    sealing = SealNow(workspace)

    def show(beat: Beat) -> None:
        sealing.beat()
        latest[beat.platform] = beat
        done = sum(each.done + each.failed for each in latest.values())
        queued = sum(each.queued for each in latest.values())
        progress(done, max(queued, done), ", ".join(f"{b.platform} {b.listings}" for b in latest.values()))

    runs = crawl(
        workspace.settings,
        names,
        terms=terms_of(snapshot),
        snapshot_digest=snapshot.digest,
        on_progress=show,
        judge=judge_of(workspace, snapshot),
    )
    seal_if_declared(workspace)
    return runs


def replay_pages(workspace: Workspace, source: str, names: Sequence[str], progress: Progress) -> list[Run]:
    """Read a folder of saved pages, or an earlier run's captures, through the same spiders, without the network."""
    from crawler.run import replay

    folder = Path(source)
    workspace.vault.put(workspace.declarations.archive)
    workspace.vault.flush()

    def show(beat: Beat) -> None:
        progress(beat.done + beat.failed, max(beat.queued, beat.done + beat.failed), f"{beat.listings} listings")

    if folder.is_dir():
        return [replay(workspace.settings, folder=folder, platforms=names, on_progress=show)]
    return [replay(workspace.settings, run=source, platforms=names, on_progress=show)]


def match_listings(workspace: Workspace, progress: Progress) -> Run:
    """Compare what was not yet compared under the present registry and policy."""
    from matching.run import match_all

    return match_all(
        workspace.database,
        workspace.vault,
        freeze_registry(workspace),
        workspace.declarations,
        sealer=workspace.sealer,
        clock=utc_now,
        ids=new_id,
        progress=lambda done, total: progress(done, total, ""),
        index_folder=workspace.settings.home / "index",
    )


def bring_changes(workspace: Workspace, progress: Progress) -> Run:
    """Bring what changed in the registry to looks that were compared before, by a process a core."""
    import os

    from matching.backfill import backfill

    return backfill(
        workspace.database,
        workspace.vault,
        freeze_registry(workspace),
        workspace.declarations,
        open_sealer=partial(_open_sealer, workspace.settings.keys),
        clock=utc_now,
        ids=new_id,
        workers=os.cpu_count() or 1,
        progress=lambda done, total: progress(done, total, ""),
    )


def _open_sealer(keys: Path) -> Sealer:
    return Sealer(read_key(keys))


def sender_of(workspace: Workspace, signatory: str | None) -> Sender:
    """Who sends, by the workspace's policy, and who will sign."""
    sender = workspace.declarations.policy.sender
    return Sender(
        agent=sender.agent,
        agent_email=sender.email,
        agent_address=sender.address,
        agent_phone=sender.phone,
        signatory=signatory,
    )


def prepare_notices(
    workspace: Workspace,
    signatory: str | None,
    *,
    scope: Scope = EVERYTHING,
    case: str | None = None,
    by: str = MARQUE,
    clock: Clock = utc_now,
    ids: NewId = new_id,
) -> Run:
    """Draft notices from confirmed findings, of one case or of all, and check every item."""
    return prepare_drafts(
        workspace.database,
        workspace.vault,
        workspace.declarations,
        sender=sender_of(workspace, signatory),
        clock=clock,
        ids=ids,
        snapshot_digest=freeze_registry(workspace).digest,
        sealer=workspace.sealer,
        scope=scope,
        case=case,
        by=by,
    )


def leave_batches(
    workspace: Workspace,
    *,
    scope: Scope = EVERYTHING,
    only: Collection[str] | None = None,
    by: str = MARQUE,
    clock: Clock = utc_now,
    ids: NewId = new_id,
) -> list[Batch]:
    """Seal what was signed, or the notices of these ids, one folder a platform, under the workspace's key."""
    return export_batches(
        workspace.database,
        workspace.vault,
        workspace.declarations,
        sender=sender_of(workspace, None),
        out=workspace.settings.out,
        key=load_key(workspace.settings.keys, at=clock()),
        answer_key=read_answer_key(workspace.settings.keys),
        sealer=workspace.sealer,
        clock=clock,
        ids=ids,
        scope=scope,
        only=only,
        by=by,
    )

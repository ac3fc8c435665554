"""How a run ended: counts what it left in the ledger, has it judged, and writes the verdict."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, and_, func, select
from sqlalchemy.exc import OperationalError

from config.platform import FULL_EVERY_DAYS_MAX
from crawler.errors import EvidenceNotKept
from crawler.expect import OFFERS, Harvest, judge
from crawler.extract.addresses import is_split
from crawler.extract.text import fold
from crawler.revisit import NOT_MODIFIED
from crawler.traps import TRAP
from crawler.triage import JUDGED, OPENED, TO_JUDGE, TRIAGE, is_triaged, waits_for_judge
from crawler.workplace import Workplace
from store.db.errors import StorageFull
from store.db.fetches import Tally, links_cut, tally
from store.db.listings import take_back_removals
from store.db.runs import Runs
from store.db.spending import spent_of
from store.db.tables import capture as capture_table
from store.db.tables import capture_file as file_table
from store.db.tables import fetch as fetch_table
from store.db.tables import observation as observation_table
from store.db.tables import run as run_table
from store.db.validators import forget_validators
from store.records.captures import CaptureRole
from store.records.fetches import FetchKind, FetchState, Scope
from store.records.listings import PageKind
from store.records.runs import Run, RunKind, RunState
from store.records.scope import EVERYTHING

log = logging.getLogger(__name__)

_BY_REASON = {"finished": None, "shutdown": RunState.INTERRUPTED}


def end_run(workplace: Workplace, *, reason: str, spent: bool, failure: BaseException | None) -> RunState:
    """
    Write how the workplace's run ended, and give it.

    `reason` is Scrapy's word for why the spider closed. When the ledger takes no more, the run stays `running`: the
    same command goes on with it. So it does when this process stops and another is still at work on it.
    """
    run, platform = workplace.run, workplace.platform
    stopped = _BY_REASON.get(reason, RunState.FAILED)
    has_stopped = stopped is not None or failure is not None
    if has_stopped:
        workplace.attendance.leave()  # of several that stop at once, the last finds itself alone
    if has_stopped and not workplace.attendance.is_alone():
        log.warning("stopped while others go on with the run: %s", failure or reason, extra={"run": run.id})
        return RunState.RUNNING
    said = list(workplace.remarks)
    if isinstance(failure, EvidenceNotKept):
        stopped = RunState.INTERRUPTED
        said += [str(failure)]
    elif failure is not None:
        stopped = RunState.FAILED
        said += [f"stopped by an error: {type(failure).__name__}: {failure}"[:500]]
    elif stopped is RunState.FAILED:
        said += [f"the spider closed: {reason}"]
    with workplace.database.read() as connection:
        harvest = count(connection, workplace)
    verdict = judge(platform, harvest, stopped=stopped, spent=spent, kind=run.kind)
    try:
        with workplace.database.write() as connection:
            if verdict.state in (RunState.UNFIT, RunState.BLOCKED):
                take_back_removals(connection, run.id)
            counts = counts_of(harvest) | {name: run.counts[name] for name in (TRIAGE, JUDGED) if name in run.counts}
            if verdict.to_judge:
                counts[TO_JUDGE] = 1
            forget_validators(connection, workplace.clock() - timedelta(days=FULL_EVERY_DAYS_MAX))
            Runs(connection, EVERYTHING).end(
                run.id, verdict.state, workplace.clock(), counts, [*said, *verdict.alarms]
            )
    except (StorageFull, OperationalError) as error:
        log.error("run's end not written: %s", error, extra={"run": run.id})
        return RunState.RUNNING
    return verdict.state


def count(connection: Connection, workplace: Workplace) -> Harvest:
    """What the workplace's run brought so far."""
    run = workplace.run
    filled: dict[str, int] = {}
    languages: Counter[str] = Counter()
    looks = 0
    of_run = observation_table.c.run == run.id
    cards, only_cards = _on_cards(connection, run.id)
    offers = _Offers()
    statement = (
        select(observation_table.c.listing, observation_table.c.fields, capture_table.c.url_final)
        .join(capture_table, capture_table.c.id == observation_table.c.capture)
        .where(of_run, ~observation_table.c.on_card)
    )
    wanted = list(workplace.platform.expect.fill)
    for listing, fields, url in connection.execute(statement, execution_options={"yield_per": 500}):
        looks += 1
        offers.see(listing, fields, url)
        for name in wanted:
            if fields.get(name):
                filled[name] = filled.get(name, 0) + 1
        if fields.get("language"):
            languages[fields["language"]["value"]] += 1
    soft_gone, alike = _answers(connection, run.id)
    return Harvest(
        tally=tally(connection, run.id),
        seeds_wanted=run.counts.get("seeds", 0),
        looks=looks,
        filled=filled,
        first_cards=_first_cards(connection, run.id),
        canary_healthy=_canary(connection, workplace),
        soft_gone=soft_gone,
        alike=alike,
        merged=tuple(sorted(offers.merged.values())),
        languages=languages,
        cards_before=_cards_before(connection, run),
        spent=tuple(spent_of(connection, run.id).values()),
        links_cut=links_cut(connection, run.id),
        cards=cards,
        only_cards=only_cards,
        opened=_opened(connection, run.id),
        triaged=is_triaged(run),
        to_judge=waits_for_judge(run),
    )


class _Offers:
    """The offers of a run as their pages show them, and those that stand under the id of another."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[str, str]] = {}
        self.merged: dict[str, str] = {}  # listing: the id that two of its pages bear

    def see(self, listing: str, fields: dict[str, Any], url: str) -> None:  # Any: JSON of ListingFields
        """Take in one page; with another path and another title than an earlier one of the listing it is another."""
        title, item = fields.get("title"), fields.get("platform_item_id")
        if title is None or item is None:
            return
        shown = (urlsplit(url).path if is_split(url) else url, fold(title["value"]))
        before = self._first.setdefault(listing, shown)
        if before[0] != shown[0] and before[1] != shown[1]:
            self.merged[listing] = item["value"]


def counts_of(harvest: Harvest) -> dict[str, int]:
    """The run's counts as they are shown."""
    tally: Tally = harvest.tally
    counts = {
        "seeds": harvest.seeds_wanted,
        "fetches_done": tally.by_state[FetchState.DONE],
        "fetches_failed": tally.by_state[FetchState.FAILED],
        "fetches_left": tally.by_state[FetchState.PENDING] + tally.by_state[FetchState.LEASED],
        "captures": tally.captures,
        "listings": tally.listings_read,
        "observations": harvest.looks,
    }
    for each in harvest.spent:
        if each.scope is Scope.RUN:
            counts |= {"bytes": each.size_bytes, "seconds_at_work": round(each.seconds)}
    counts |= {
        "cut_links": harvest.links_cut,
        "cut_traps": sum(n for (_, reason), n in tally.failed.items() if reason.startswith(TRAP)),
        "cut_budgets": sum(n for (_, reason), n in tally.failed.items() if reason.startswith("budget_")),
    }
    if harvest.cards:
        counts |= {"on_cards": harvest.cards, "only_on_cards": harvest.only_cards}
    counts |= {f"opened_{why}": count for why, count in sorted(harvest.opened.items())}
    counts |= {f"done_{kind.value}": count for kind, count in tally.done.items()}
    for (_, reason), count in tally.failed.items():
        counts[f"failed_{reason}"] = counts.get(f"failed_{reason}", 0) + count
    return counts


def _on_cards(connection: Connection, run: str) -> tuple[int, int]:
    """How many listings were looked at on their cards, and how many of those there alone."""
    look = observation_table
    of_run = look.c.run == run
    cards = select(look.c.listing).where(of_run, look.c.on_card).distinct().subquery()
    pages = select(look.c.listing).where(of_run, ~look.c.on_card)
    count = select(func.count()).select_from(cards)
    alone = count.where(cards.c.listing.not_in(pages))
    return connection.execute(count).scalar_one(), connection.execute(alone).scalar_one()


def _opened(connection: Connection, run: str) -> dict[str, int]:
    """How many offers' pages were to be opened, by why; empty where every page is."""
    why = fetch_table.c.context[OPENED].as_string()
    hop = fetch_table.c.hops > 0
    statement = select(why, func.count()).where(fetch_table.c.run == run, why.is_not(None), ~hop).group_by(why)
    return {word: int(count) for word, count in connection.execute(statement)}


def _answers(connection: Connection, run: str) -> tuple[int, int]:
    """How many offers answered as if they were there and read as gone; how many brought one and the same page."""
    # Pages that scripts draw are all one shell; what tells them apart is what became of it.
    drawn = and_(file_table.c.capture == capture_table.c.id, file_table.c.role == CaptureRole.DOM.value)
    page = func.coalesce(file_table.c.sha256, capture_table.c.body_sha256)
    statement = (
        select(fetch_table.c.context, capture_table.c.status, page)
        .join(capture_table, capture_table.c.id == fetch_table.c.context["capture"].as_string())
        .outerjoin(file_table, drawn)
        .where(fetch_table.c.run == run, fetch_table.c.kind.in_([kind.value for kind in OFFERS]))
    )
    gone = 0
    bodies: Counter[str] = Counter()
    for context, status, body in connection.execute(statement, execution_options={"yield_per": 1000}):
        answered = 200 <= (status or 200) < 300 or status == NOT_MODIFIED  # a saved file has none
        if "moved_to" in context or not answered:
            continue
        gone += context.get("read_as") == PageKind.GONE.value
        bodies[body] += 1
    return gone, max(bodies.values(), default=0)


def _cards_before(connection: Connection, run: Run) -> dict[str, int]:
    """The cards of the first result pages of the platform's last complete crawl; none where there was none."""
    earlier = connection.execute(
        select(run_table.c.id)
        .where(
            run_table.c.platform == run.platform,
            run_table.c.kind == RunKind.CRAWL.value,
            run_table.c.state == RunState.COMPLETE.value,
            run_table.c.id < run.id,
        )
        .order_by(run_table.c.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    return _first_cards(connection, earlier) if earlier is not None else {}


def _first_cards(connection: Connection, run: str) -> dict[str, int]:
    statement = select(fetch_table.c.url, fetch_table.c.context).where(
        fetch_table.c.run == run,
        fetch_table.c.kind == FetchKind.RESULTS.value,
        fetch_table.c.parent.is_(None),
        fetch_table.c.state == FetchState.DONE.value,
    )
    return {
        url: int(context.get("cards", "0"))
        for url, context in connection.execute(statement)
        if "term" not in context and "moved_to" not in context
    }


def _canary(connection: Connection, workplace: Workplace) -> bool | None:
    if workplace.platform.expect.canary is None:
        return None
    statement = select(fetch_table.c.state, fetch_table.c.context).where(
        fetch_table.c.run == workplace.run.id, fetch_table.c.kind == FetchKind.CANARY.value
    )
    rows = connection.execute(statement).all()
    return any(state == FetchState.DONE.value and "moved_to" not in context for state, context in rows)

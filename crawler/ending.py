"""How a run ended: counts what it left in the ledger, has it judged, and writes the verdict."""

from __future__ import annotations

import logging

from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError

from crawler.errors import EvidenceNotKept
from crawler.expect import Harvest, judge
from crawler.workplace import Workplace
from store.db.errors import StorageFull
from store.db.fetches import Tally, tally
from store.db.runs import Runs
from store.db.tables import fetch as fetch_table
from store.db.tables import observation as observation_table
from store.records.fetches import FetchKind, FetchState
from store.records.runs import RunState
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
    said: list[str] = []
    if isinstance(failure, EvidenceNotKept):
        stopped = RunState.INTERRUPTED
        said = [str(failure)]
    elif failure is not None:
        stopped = RunState.FAILED
        said = [f"stopped by an error: {type(failure).__name__}: {failure}"[:500]]
    elif stopped is RunState.FAILED:
        said = [f"the spider closed: {reason}"]
    with workplace.database.read() as connection:
        harvest = count(connection, workplace)
    verdict = judge(platform, harvest, stopped=stopped, spent=spent, kind=run.kind)
    try:
        with workplace.database.write() as connection:
            Runs(connection, EVERYTHING).end(
                run.id, verdict.state, workplace.clock(), counts_of(harvest), [*said, *verdict.alarms]
            )
    except (StorageFull, OperationalError) as error:
        log.error("run's end not written: %s", error, extra={"run": run.id})
        return RunState.RUNNING
    return verdict.state


def count(connection: Connection, workplace: Workplace) -> Harvest:
    """What the workplace's run brought so far."""
    run = workplace.run
    filled: dict[str, int] = {}
    looks = 0
    statement = select(observation_table.c.fields).where(observation_table.c.run == run.id)
    wanted = list(workplace.platform.expect.fill)
    for (fields,) in connection.execution_options(yield_per=500).execute(statement):
        looks += 1
        for name in wanted:
            if fields.get(name):
                filled[name] = filled.get(name, 0) + 1
    return Harvest(
        tally=tally(connection, run.id),
        seeds_wanted=run.counts.get("seeds", 0),
        looks=looks,
        filled=filled,
        first_cards=_first_cards(connection, workplace),
        canary_healthy=_canary(connection, workplace),
    )


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
    counts |= {f"done_{kind.value}": count for kind, count in tally.done.items()}
    for (_, reason), count in tally.failed.items():
        counts[f"failed_{reason}"] = counts.get(f"failed_{reason}", 0) + count
    return counts


def _first_cards(connection: Connection, workplace: Workplace) -> dict[str, int]:
    statement = select(fetch_table.c.url, fetch_table.c.context).where(
        fetch_table.c.run == workplace.run.id,
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

"""Fetches: the frontier of each run, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, func, select

from store.db.rows import ROWS_A_WRITE, Repository, insert_into, record_of, row_of
from store.db.tables import capture as capture_table
from store.db.tables import fetch as fetch_table
from store.db.tables import observation as observation_table
from store.records.fetches import Fetch, FetchKind, FetchState


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of one leased fetch."""

    fingerprint: str
    state: FetchState
    reason: str | None
    context: dict[str, str]
    not_before: datetime | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What a run's rows add up to."""

    by_state: dict[FetchState, int]
    done: dict[FetchKind, int]
    failed: dict[tuple[FetchKind, str], int]
    seeds: int
    captures: int
    captures_missing: int  # fetches done whose capture is not in the ledger
    listings_read: int  # fetches done that read a listing
    looks_missing: int  # of those, how many have no observation
    read_as: dict[str, int] = field(default_factory=dict)


class Fetches(Repository[Fetch]):
    """The rows of the frontier."""

    table = fetch_table
    kind = Fetch

    def queue(self, fetches: Iterable[Fetch]) -> None:
        """Insert fetches; one that is there already stays as it is."""
        queue(self.connection, fetches)

    def open(self, run: str) -> int:
        """How many fetches of a run are pending or leased."""
        return self.count(
            fetch_table.c.run == run,
            fetch_table.c.state.in_([FetchState.PENDING.value, FetchState.LEASED.value]),
        )

    def by_state(self, run: str) -> dict[FetchState, int]:
        """How many fetches of a run stand where."""
        statement = (
            select(fetch_table.c.state, func.count()).where(fetch_table.c.run == run).group_by(fetch_table.c.state)
        )
        return {FetchState(state): count for state, count in self.connection.execute(statement)}

    def any_open(self, run: str) -> bool:
        """Whether some fetch of a run is pending or leased: two index look-ups, however many there are."""
        return any(
            self.connection.execute(_ANY, {"b_run": run, "b_state": state.value}).first() is not None
            for state in (FetchState.PENDING, FetchState.LEASED)
        )

    def seeds(self, run: str) -> list[Fetch]:
        """Where a run began."""
        return self.find(
            fetch_table.c.run == run,
            fetch_table.c.parent.is_(None),
            fetch_table.c.kind != FetchKind.ROBOTS.value,
        )


def queue(connection: Connection, fetches: Iterable[Fetch], *, heal_parent: bool = False) -> int:
    """
    Insert fetches; one that is there already stays as it is. Gives how many are new, as far as the driver tells.

    With `heal_parent` a fetch that still waits takes the new parent: the links of a page with more of them than one
    transaction holds are queued before the page itself is committed, and a kill in between leaves them without it.
    """
    rows = [row_of(fetch, fetch_table) for fetch in fetches]
    if not rows:
        return 0
    statement = _queue(connection.dialect.name, heal_parent)
    new = 0
    for start in range(0, len(rows), ROWS_A_WRITE):
        new += max(connection.execute(statement, rows[start : start + ROWS_A_WRITE]).rowcount, 0)
    return new


@cache
def _queue(dialect_name: str, heal_parent: bool) -> Insert:
    statement = insert_into(dialect_name, fetch_table)
    keys = ["run", "fingerprint"]
    if not heal_parent:
        return statement.on_conflict_do_nothing(index_elements=keys)
    return statement.on_conflict_do_update(
        index_elements=keys,
        set_={"parent": statement.excluded.parent},
        where=(fetch_table.c.state == FetchState.PENDING.value) & fetch_table.c.parent.is_not(None),
    )


def leased_urls(connection: Connection, run: str) -> list[str]:
    """Addresses of a run that somebody holds a lease on."""
    return list(connection.execute(_LEASED, {"b_run": run}).scalars())


def read_contexts(connection: Connection, run: str) -> Iterator[tuple[Fetch, dict[str, str]]]:
    """Every fetch of a run that came to an end, with what stands in its context."""
    statement = select(fetch_table).where(
        fetch_table.c.run == run,
        fetch_table.c.state.in_([FetchState.DONE.value, FetchState.FAILED.value]),
        fetch_table.c.kind.in_([kind.value for kind in FetchKind if kind is not FetchKind.PHOTO]),
    )
    for row in connection.execute(statement, execution_options={"yield_per": 500}):
        yield record_of(Fetch, row), row.context


def links_cut(connection: Connection, run: str) -> int:
    """How many links of a run's pages were left out for being too many on one page."""
    cut = fetch_table.c.context["cut"].as_string()
    rows = connection.execute(select(cut).where(fetch_table.c.run == run, cut.is_not(None)))
    return sum(int(number) for number in rows.scalars())


_LEASED = select(fetch_table.c.url).where(
    fetch_table.c.run == bindparam("b_run"), fetch_table.c.state == FetchState.LEASED.value
)
_ANY = (
    select(fetch_table.c.fingerprint)
    .where(fetch_table.c.run == bindparam("b_run"), fetch_table.c.state == bindparam("b_state"))
    .limit(1)
)
_SETTLE = (
    fetch_table.update()
    .where(fetch_table.c.run == bindparam("b_run"), fetch_table.c.fingerprint == bindparam("b_print"))
    .values(
        state=bindparam("b_state"),
        reason=bindparam("b_reason"),
        context=bindparam("b_context"),
        not_before=bindparam("b_not_before"),
        attempts=bindparam("b_attempts"),
        lease_owner=None,
        lease_until=None,
    )
)
_CONTEXT = (
    fetch_table.update()
    .where(fetch_table.c.run == bindparam("b_run"), fetch_table.c.fingerprint == bindparam("b_print"))
    .values(context=bindparam("b_context"))
)
_KNOWN = select(fetch_table.c.fingerprint, fetch_table.c.state, fetch_table.c.context).where(
    fetch_table.c.run == bindparam("b_run"), fetch_table.c.fingerprint.in_(bindparam("b_prints", expanding=True))
)


def settle(connection: Connection, run: str, settled: Sequence[Settled]) -> None:
    """Write what became of leased fetches; the caller has checked that the leases stand."""
    if settled:
        connection.execute(
            _SETTLE,
            [
                {
                    "b_run": run,
                    "b_print": each.fingerprint,
                    "b_state": each.state.value,
                    "b_reason": each.reason,
                    "b_context": each.context,
                    "b_not_before": each.not_before,
                    "b_attempts": each.attempts,
                }
                for each in settled
            ],
        )


def known(connection: Connection, run: str, prints: Sequence[str]) -> dict[str, tuple[FetchState, dict[str, str]]]:
    """State and context of those fetches that are queued already, by fingerprint."""
    found: dict[str, tuple[FetchState, dict[str, str]]] = {}
    for start in range(0, len(prints), ROWS_A_WRITE):
        part = list(prints[start : start + ROWS_A_WRITE])
        for fingerprint, state, context in connection.execute(_KNOWN, {"b_run": run, "b_prints": part}):
            found[fingerprint] = (FetchState(state), context)
    return found


def set_contexts(connection: Connection, run: str, contexts: dict[str, dict[str, str]]) -> None:
    """Replace the contexts of fetches."""
    if contexts:
        connection.execute(
            _CONTEXT,
            [{"b_run": run, "b_print": key, "b_context": context} for key, context in contexts.items()],
        )


def tally(connection: Connection, run: str) -> Tally:
    """
    Count what a run left, each figure from its own table, so that they can be held against each other.

    Reads the run's rows once; call it when the run has come to rest.
    """
    of_run = fetch_table.c.run == run
    states: dict[FetchState, int] = dict.fromkeys(FetchState, 0)
    done: dict[FetchKind, int] = {}
    failed: dict[tuple[FetchKind, str], int] = {}
    grouped = select(fetch_table.c.state, fetch_table.c.kind, fetch_table.c.reason, func.count()).where(of_run)
    for state, kind, reason, count in connection.execute(
        grouped.group_by(fetch_table.c.state, fetch_table.c.kind, fetch_table.c.reason)
    ):
        states[FetchState(state)] += count
        if state == FetchState.DONE.value:
            done[FetchKind(kind)] = done.get(FetchKind(kind), 0) + count
        elif state == FetchState.FAILED.value:
            key = (FetchKind(kind), reason or "unknown")
            failed[key] = failed.get(key, 0) + count
    captures = _ids(connection, select(capture_table.c.id).where(capture_table.c.run == run))
    looked = _ids(connection, select(observation_table.c.capture).where(observation_table.c.run == run))
    captures_missing, listings_read, looks_missing = 0, 0, 0
    read_as: dict[str, int] = {}
    contexts = select(fetch_table.c.context).where(of_run, fetch_table.c.state == FetchState.DONE.value)
    for (context,) in connection.execute(contexts, execution_options={"yield_per": 1000}):
        if context.get("capture") not in captures:
            captures_missing += 1
        outcome = context.get("read_as", "")
        if outcome:
            read_as[outcome] = read_as.get(outcome, 0) + 1
        if context.get("look") == "yes":
            listings_read += 1
            if context.get("capture") not in looked:
                looks_missing += 1
    seeds = connection.execute(
        select(func.count())
        .select_from(fetch_table)
        .where(of_run, fetch_table.c.parent.is_(None), fetch_table.c.kind != FetchKind.ROBOTS.value)
    ).scalar_one()
    return Tally(
        by_state=states,
        done=done,
        failed=failed,
        seeds=seeds,
        captures=len(captures),
        captures_missing=captures_missing,
        listings_read=listings_read,
        looks_missing=looks_missing,
        read_as=read_as,
    )


def _ids(connection: Connection, statement: Any) -> set[str]:  # Any: a select of one text column
    return {row[0] for row in connection.execute(statement, execution_options={"yield_per": 1000})}

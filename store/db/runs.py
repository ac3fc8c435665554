"""Runs: what a stage was run with, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from store.db.rows import Repository
from store.db.tables import run as run_table
from store.records.runs import Run, RunKind, RunState


class Runs(Repository[Run]):
    """The runs of every stage."""

    table = run_table
    kind = Run

    def unfinished(self, kind: RunKind, platform: str | None, config_digest: str) -> Run | None:
        """
        The latest run that the same command goes on with: left running by a kill, or interrupted.

        Only one that ran under the same declarations is given: rules changed halfway would make a run that nobody
        can repeat.
        """
        statement = (
            select(run_table)
            .where(
                run_table.c.kind == kind.value,
                run_table.c.platform == platform,
                run_table.c.config_digest == config_digest,
                run_table.c.state.in_([RunState.RUNNING.value, RunState.INTERRUPTED.value]),
            )
            .order_by(run_table.c.started_at.desc())
            .limit(1)
        )
        row = self.connection.execute(statement).first()
        return None if row is None else self._read(row)

    def latest(self, platform: str, *, kinds: Iterable[RunKind], states: Iterable[RunState]) -> Run | None:
        """The platform's latest run of these kinds that ended in one of these states; None if there is none."""
        statement = (
            select(run_table)
            .where(
                run_table.c.platform == platform,
                run_table.c.kind.in_([kind.value for kind in kinds]),
                run_table.c.state.in_([state.value for state in states]),
            )
            .order_by(run_table.c.started_at.desc())
            .limit(1)
        )
        row = self.connection.execute(statement).first()
        return None if row is None else self._read(row)

    def resume(self, run: str) -> None:
        """Mark a run as running again."""
        self.connection.execute(
            run_table.update().where(run_table.c.id == run).values(state=RunState.RUNNING.value, ended_at=None)
        )

    def tell(self, run: str, counts: dict[str, int]) -> None:
        """Write how far a run has come, for those who watch; one that has ended stays as it is."""
        running = (run_table.c.id == run, run_table.c.state == RunState.RUNNING.value)
        self.connection.execute(run_table.update().where(*running).values(counts=counts))

    def end(
        self, run: str, state: RunState, ended_at: datetime, counts: dict[str, int], alarms: Iterable[str]
    ) -> None:
        """Write how a run ended."""
        self.connection.execute(
            run_table.update()
            .where(run_table.c.id == run)
            .values(state=state.value, ended_at=ended_at, counts=counts, alarms=list(alarms))
        )

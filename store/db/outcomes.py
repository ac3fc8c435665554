"""Answers of platforms: entered with the act that brought them, never changed."""

from __future__ import annotations

from store.db import tables
from store.db.audit import Audited
from store.records.outcomes import CounterNotice, Outcome


class Outcomes(Audited[Outcome]):
    """Answers, oldest first."""

    table = tables.outcome
    kind = Outcome

    def of_notice(self, notice: str) -> list[Outcome]:
        """Answers to one notice, whole or by item, in the order they came."""
        return self.find(self.table.c.notice == notice)


class CounterNotices(Audited[CounterNotice]):
    """Answers of the accused, oldest first."""

    table = tables.counter_notice
    kind = CounterNotice

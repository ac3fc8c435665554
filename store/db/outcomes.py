"""Answers of platforms: entered with the act that brought them, never changed."""

from __future__ import annotations

from collections.abc import Iterable

from store.db import tables
from store.db.audit import Audited
from store.db.by_ref import in_lots
from store.records.outcomes import CounterNotice, Outcome


class Outcomes(Audited[Outcome]):
    """Answers, oldest first."""

    table = tables.outcome
    kind = Outcome

    def of_notice(self, notice: str) -> list[Outcome]:
        """Answers to one notice, whole or by item, in the order they came."""
        return self.find(self.table.c.notice == notice)

    def of_items(self, notice: str, items: Iterable[str]) -> list[Outcome]:
        """Answers to these items of a notice and to the whole of it, in the order they came."""
        found = self.find(self.table.c.notice == notice, self.table.c.item.is_(None))
        for lot in in_lots(items):
            found += self.find(self.table.c.notice == notice, self.table.c.item.in_(lot))
        return sorted(found, key=lambda outcome: outcome.id)


class CounterNotices(Audited[CounterNotice]):
    """Answers of the accused, oldest first."""

    table = tables.counter_notice
    kind = CounterNotice

    def of_notice(self, notice: str) -> list[CounterNotice]:
        """Objections to one notice, in the order they came."""
        return self.find(self.table.c.notice == notice)

"""Orders, requests and referrals that were drafted, and holds on notices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.sql.elements import ColumnElement

from store.db import tables
from store.db.audit import Audited
from store.db.by_ref import in_lots
from store.records.instruments import Instrument, InstrumentState, TakedownHold
from store.records.scope import EVERYTHING


class Instruments(Audited[Instrument]):
    """Instruments by number; what was issued stays."""

    table = tables.instrument
    kind = Instrument

    def _visible(self) -> list[ColumnElement[bool]]:
        """An instrument lies with the holder of its case."""
        conditions = super()._visible()
        if self.scope.holder is not None:
            case = tables.case
            conditions.append(self.table.c.case.in_(select(case.c.id).where(case.c.holder == self.scope.holder)))
        return conditions

    def numbered(self, number: int) -> Instrument | None:
        """The instrument of that number."""
        return self.first(self.table.c.number == number)

    def newest(self, most: int) -> list[Instrument]:
        """The newest so many, the highest number first."""
        statement = self._select().order_by(self.table.c.number.desc()).limit(most)
        return [self._read(row) for row in self.connection.execute(statement)]

    def running(self) -> list[Instrument]:
        """Issued requests whose clock runs, the nearest end first."""
        column = self.table.c
        found = self.find(
            column.state == InstrumentState.ISSUED.value,
            column.keeps_until.is_not(None),
            column.followed_by.is_(None),
        )
        return sorted(found, key=lambda each: (each.keeps_until or each.drafted_at, each.number))


class TakedownHolds(Audited[TakedownHold]):
    """Holds placed by those who share the reader's scope; whom they stop is another question: `standing_holds`."""

    table = tables.takedown_hold
    kind = TakedownHold


def standing_holds(connection: Connection, now: datetime) -> list[TakedownHold]:
    """Holds that bind now, whoever asks: a hold stops those too who may not see it."""
    table = tables.takedown_hold
    found = TakedownHolds(connection, EVERYTHING).find(table.c.lifted_at.is_(None))
    return [hold for hold in found if hold.stands(now)]


def preserved_cases(connection: Connection, cases: Iterable[str]) -> frozenset[str]:
    """Those of the cases for which somebody has issued a request that data be kept."""
    table = tables.instrument
    found: set[str] = set()
    for lot in in_lots(cases):
        statement = select(table.c.case).where(
            table.c.case.in_(lot), table.c.preserves, table.c.state == InstrumentState.ISSUED.value
        )
        found.update(connection.execute(statement).scalars())
    return frozenset(found)

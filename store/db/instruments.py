"""Orders, requests and referrals that were drafted, and holds on notices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from store.db import tables
from store.db.audit import Audited
from store.db.by_ref import in_lots
from store.records.instruments import Instrument, InstrumentState, TakedownHold
from store.records.scope import EVERYTHING


class Instruments(Audited[Instrument]):
    """Instruments by number; a draft is changed by its drafter only, what was issued stays."""

    table = tables.instrument
    kind = Instrument

    def numbered(self, number: int) -> Instrument | None:
        """The instrument of that number."""
        return self.first(self.table.c.number == number)


class TakedownHolds(Audited[TakedownHold]):
    """Every hold ever placed."""

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

"""
Takes answers in: each bound to its item by the code that only the recipient has, each entered once.

What is forged, stale or out of order changes nothing, and is told. What nobody has mapped is entered as it was said
and shown to a person. The bytes stand in the vault before anything rests on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import Connection, select

from config.declarations import Declarations
from reports.answers.codes import is_code
from reports.answers.lifecycle import refuse_move, standing_of
from reports.answers.sheet import Row, read_sheet
from reports.answers.vocabulary import kind_of, meaning_of
from store.db import tables
from store.db.audit import act_of
from store.db.batches import Batches
from store.db.by_ref import in_lots
from store.db.notices import Notices
from store.db.outcomes import CounterNotices, Outcomes
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.ids import Clock, NewId
from store.records.ledger import AuditEntry
from store.records.notices import Batch, Notice, NoticeState
from store.records.outcomes import CounterNotice, CounterReason, Outcome, OutcomeKind, OutcomeStatus
from store.records.scope import EVERYTHING

CLOCKS_DIFFER = timedelta(minutes=10)  # chosen: what two machines' clocks may be apart
LEFT = (NoticeState.BATCHED, NoticeState.SENT, NoticeState.RECALLED)
ROWS_A_WRITE = 100  # an answer writes up to four rows, and no transaction more than 500


class Fate(Enum):
    """What became of one line."""

    ENTERED = "entered"
    UNMAPPED = "unmapped"  # entered in the platform's word; a person maps it
    KNOWN = "known"  # the same answer stands already
    REFUSED = "refused"  # changes nothing
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One line and what became of it."""

    line: int
    item: str | None
    word: str | None
    fate: Fate
    because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an item that was answered stands in the ledger."""

    batch: Batch
    notice: Notice


def take_sheet(
    database: Database,
    vault: Vault,
    declarations: Declarations,
    data: bytes,
    *,
    key: bytes,
    by: str,
    clock: Clock,
    ids: NewId,
    beat: Callable[[int], None] | None = None,
) -> list[Taken]:
    """
    Enter the answers of a filled sheet; the same sheet again changes nothing.

    `key` is the workspace's key of answer codes, `by` the person who brings the sheet; `beat` hears how many lines
    are done. Raises `UnreadableAnswers`.
    """
    rows, bad = read_sheet(data)
    raw_sha256 = vault.put(data)
    vault.flush()
    taken = [
        Taken(line=b.line, item=None, word=None, fate=Fate.UNREADABLE, because=f"{b.column}: {b.because}")
        for b in bad
    ]
    for start in range(0, len(rows), ROWS_A_WRITE):
        lot = rows[start : start + ROWS_A_WRITE]
        with database.write() as connection:
            places = _places(connection, lot)
            intake = _Intake(connection, declarations, places, raw_sha256, key, by, clock, ids)
            taken += [intake.take(row) for row in lot]
        if beat is not None:
            beat(start + len(lot))
    return sorted(taken, key=lambda each: each.line)


def _places(connection: Connection, rows: Iterable[Row]) -> dict[str, Place]:
    """Batch and notice of every item of these rows that has left, by the item's id."""
    asked = {row.item: row.batch for row in rows}
    table, notices, batches = tables.notice_item, Notices(connection, EVERYTHING), Batches(connection, EVERYTHING)
    known = {number: batches.numbered(number) for number in set(asked.values())}
    read: dict[str, Notice | None] = {}
    found = {}
    for lot in in_lots(asked):
        for row in connection.execute(
            select(table.c.id, table.c.notice, table.c.refusals).where(table.c.id.in_(lot))
        ):
            batch = known[asked[row.id]]
            if batch is None or row.notice not in batch.notices or row.refusals:
                continue
            if row.notice not in read:
                read[row.notice] = notices.get(row.notice)
            notice = read[row.notice]
            if notice is not None and notice.state in LEFT:
                found[row.id] = Place(batch=batch, notice=notice)
    return found


@dataclass(slots=True)
class _Intake:
    connection: Connection
    declarations: Declarations
    places: dict[str, Place]
    raw_sha256: str
    key: bytes
    by: str
    clock: Clock
    ids: NewId

    def take(self, row: Row) -> Taken:
        """Enter one answer, or say why not."""
        place = self.places.get(row.item)
        if place is None or not is_code(self.key, place.batch.id, row.item, row.code):
            # One word for both: whoever guesses learns nothing from it.
            return self._told(row, Fate.REFUSED, "no item of ours has this id and this code")
        now = self.clock()
        if row.decided_at > now + CLOCKS_DIFFER:
            return self._told(row, Fate.REFUSED, "it was decided in the future")
        if row.decided_at < place.batch.created_at - CLOCKS_DIFFER:
            return self._told(row, Fate.REFUSED, "it was decided before the notice was made")
        earlier = Outcomes(self.connection, EVERYTHING).of_notice(place.notice.id)
        if any(_says(outcome, row) for outcome in earlier):
            return self._told(row, Fate.KNOWN, "it is entered already")
        meaning = meaning_of(row.word, self.declarations.profiles.get(place.batch.profile))
        if meaning is not None:
            stopped = refuse_move(standing_of(earlier, row.item), meaning.status, row.decided_at)
            if stopped is not None:
                return self._told(row, Fate.REFUSED, stopped)
        status = meaning.status if meaning else None
        self._enter(row, place, status, meaning.action if meaning else None, now)
        if status is None:
            return self._told(row, Fate.UNMAPPED, f"nobody has said what {row.word[:60]!r} means; a person reads it")
        return self._told(row, Fate.ENTERED, None)

    def _enter(self, row: Row, place: Place, status: OutcomeStatus | None, action: str | None, now: datetime) -> None:
        outcome = Outcome(
            id=self.ids(),
            notice=place.notice.id,
            item=row.item,
            kind=kind_of(status),
            platform_case_id=row.platform_case,
            status_raw=row.word,
            status=status,
            action=action,
            explanation=row.reason,
            received_at=now,
            decided_at=row.decided_at,
            raw_sha256=self.raw_sha256,
        )
        detail = {"item": row.item, "status": status.value if status else "unmapped"}
        Outcomes(self.connection, EVERYTHING).write([outcome], self._act("enter_outcome", place, detail))
        if place.notice.state is NoticeState.BATCHED:
            # Handed over by a person: whoever answers with the code has it.
            sent = replace(place.notice, state=NoticeState.SENT)
            Notices(self.connection, EVERYTHING).move(
                [sent], self._act("send_notice", place, {"shown_by": outcome.id})
            )
            self.places[row.item] = replace(place, notice=sent)
        if outcome.kind is OutcomeKind.COUNTER_NOTICE:
            counter = CounterNotice(
                id=self.ids(),
                notice=place.notice.id,
                reason=CounterReason.OTHER,
                elements=(),
                received_at=now,
                raw_sha256=self.raw_sha256,
            )
            CounterNotices(self.connection, EVERYTHING).write(
                [counter], self._act("enter_counter_notice", place, detail)
            )

    def _act(self, action: str, place: Place, detail: dict[str, str]) -> AuditEntry:
        return act_of(self.by, action, "notice", place.notice.id, clock=self.clock, ids=self.ids, detail=detail)

    def _told(self, row: Row, fate: Fate, because: str | None) -> Taken:
        return Taken(line=row.line, item=row.item, word=row.word, fate=fate, because=because)


def _says(outcome: Outcome, row: Row) -> bool:
    """Whether an outcome is this very answer."""
    same_time = (outcome.decided_at or outcome.received_at) == row.decided_at
    return outcome.item == row.item and outcome.status_raw == row.word and same_time

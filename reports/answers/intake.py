"""
Takes answers in: each bound to its item by the code that only the recipient has, each entered once.

What is forged, stale or out of order changes nothing, and is told. What nobody has mapped is entered as it was said
and shown to a person. The bytes stand in the vault before anything rests on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import Connection, select

from config.declarations import Declarations
from reports.answers.codes import is_code
from reports.answers.lifecycle import refuse_move, standing_of
from reports.answers.sheet import Row, read_sheet
from reports.answers.vocabulary import kind_of, meaning_of
from store.db import tables
from store.db.audit import AuditTrail, act_of
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


class Why(Enum):
    """Why a line was not entered as it was meant, for a machine."""

    NOT_OURS = "not_ours"  # no item of ours has this id and this code
    OTHER_BATCH = "other_batch"  # handed in at the door of one batch, about another
    OTHER_SENDER = "other_sender"  # it names a delivery of ours, and is not from where the platform writes
    FUTURE = "future"
    BEFORE_NOTICE = "before_notice"
    CANNOT_FOLLOW = "cannot_follow"  # a step back, or older than what stands
    ENTERED_BEFORE = "entered_before"
    UNMAPPED_WORD = "unmapped_word"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One line and what became of it."""

    line: int
    item: str | None
    word: str | None
    fate: Fate
    code: Why | None = None  # None: it was entered and understood
    because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an item that was answered stands in the ledger."""

    batch: Batch
    notice: Notice  # without its items


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
    only: str | None = None,
) -> list[Taken]:
    """
    Enter the answers of a filled sheet; the same sheet again changes nothing.

    `key` is the workspace's key of answer codes, `by` the person who brings the sheet; `beat` hears how many lines
    are done; `only` is the batch whose door it came through, None for any. Raises `UnreadableAnswers`.
    """
    rows, bad = read_sheet(data)
    taken = take_rows(
        database, vault, declarations, rows, data, key=key, by=by, clock=clock, ids=ids, beat=beat, only=only
    )
    taken += [
        Taken(
            line=b.line,
            item=None,
            word=None,
            fate=Fate.UNREADABLE,
            code=Why.UNREADABLE,
            because=f"{b.column}: {b.because}",
        )
        for b in bad
    ]
    return sorted(taken, key=lambda each: each.line)


def take_rows(
    database: Database,
    vault: Vault,
    declarations: Declarations,
    rows: Sequence[Row],
    raw: bytes,
    *,
    key: bytes,
    by: str,
    clock: Clock,
    ids: NewId,
    beat: Callable[[int], None] | None = None,
    only: str | None = None,
) -> list[Taken]:
    """
    Enter answers that were read already; `raw` is what they were read from, kept in the vault.

    `only` is the id of the batch whose door they came through: a line about another one is refused.
    """
    raw_sha256 = vault.put(raw)
    vault.flush()
    taken: list[Taken] = []
    read = _Read(notices={}, batches={})
    for start in range(0, len(rows), ROWS_A_WRITE):
        lot = rows[start : start + ROWS_A_WRITE]
        with database.write() as connection:
            _take_turn(connection, lot)
            places = read.places(connection, lot)
            intake = _Intake(connection, declarations, places, raw_sha256, key, by, clock, ids, only)
            taken += [intake.take(row) for row in lot]
            intake.write()
        if beat is not None:
            beat(start + len(lot))
    return taken


def _take_turn(connection: Connection, rows: Iterable[Row]) -> None:
    """
    Let two who answer items of one notice at once go one after the other: what stands is read after the turn is had.

    SQLite has one writer anyway. On PostgreSQL both would judge by what stood before either, and then wait for each
    other: an outcome holds its notice's key, and the notice's own state is written last.
    """
    item, notice = tables.notice_item.c, tables.notice.c
    asked = sorted({row.item for row in rows})
    named: set[str] = set()
    for lot in in_lots(asked):
        named |= set(connection.execute(select(item.notice).where(item.id.in_(lot))).scalars())
    for lot in in_lots(sorted(named)):
        connection.execute(select(notice.id).where(notice.id.in_(lot)).order_by(notice.id).with_for_update()).all()


@dataclass(slots=True)
class _Read:
    """Notices without items, and batches, of one sheet, each read once; where a notice stands, once a write."""

    notices: dict[str, Notice | None]
    batches: dict[int, Batch | None]

    def places(self, connection: Connection, rows: Iterable[Row]) -> dict[str, Place]:
        """Batch and notice of every item of these rows that has left, by the item's id."""
        asked = {row.item: row.batch for row in rows}
        table, batches = tables.notice_item, Batches(connection, EVERYTHING)
        for number in set(asked.values()) - self.batches.keys():
            self.batches[number] = batches.numbered(number)
        columns = (table.c.id, table.c.notice, table.c.refusals, tables.notice.c.state)
        joined = table.join(tables.notice, tables.notice.c.id == table.c.notice)
        found = {}
        for lot in in_lots(asked):
            for row in connection.execute(select(*columns).select_from(joined).where(table.c.id.in_(lot))):
                batch = self.batches[asked[row.id]]
                if batch is None or row.notice not in batch.notices or row.refusals:
                    continue
                if row.notice not in self.notices:
                    self.notices[row.notice] = Notices(connection, EVERYTHING).head(row.notice)
                notice = self.notices[row.notice]
                state = NoticeState(row.state)
                if notice is not None and state in LEFT:
                    found[row.id] = Place(batch=batch, notice=replace(notice, state=state))
        return found


@dataclass(slots=True)
class _Intake:
    """The answers of one write: judged one by one against what stands, entered together."""

    connection: Connection
    declarations: Declarations
    places: dict[str, Place]
    raw_sha256: str
    key: bytes
    by: str
    clock: Clock
    ids: NewId
    only: str | None
    earlier: dict[str, dict[str | None, list[Outcome]]] = field(default_factory=dict)  # by notice, then by item
    outcomes: list[Outcome] = field(default_factory=list)
    counters: list[CounterNotice] = field(default_factory=list)
    sent: dict[str, Notice] = field(default_factory=dict)
    acts: list[AuditEntry] = field(default_factory=list)

    def take(self, row: Row) -> Taken:
        """Judge one answer, and enter it or say why not."""
        place = self.places.get(row.item)
        if place is None or not is_code(self.key, place.batch.id, row.item, row.code):
            # One word for both: whoever guesses learns nothing from it.
            return self._told(row, Fate.REFUSED, Why.NOT_OURS, "no item of ours has this id and this code")
        if self.only is not None and place.batch.id != self.only:
            return self._told(row, Fate.REFUSED, Why.OTHER_BATCH, "it speaks of another batch than this door's")
        now = self.clock()
        if row.decided_at is not None and row.decided_at > now + CLOCKS_DIFFER:
            return self._told(row, Fate.REFUSED, Why.FUTURE, "it was decided in the future")
        if row.decided_at is not None and row.decided_at < place.batch.created_at - CLOCKS_DIFFER:
            return self._told(row, Fate.REFUSED, Why.BEFORE_NOTICE, "it was decided before the notice was made")
        earlier = self._earlier(place.notice.id, row.item)
        if _is_known(earlier, row):
            return self._told(row, Fate.KNOWN, Why.ENTERED_BEFORE, "it is entered already")
        meaning = meaning_of(row.word, self.declarations.profiles.get(place.batch.profile))
        if meaning is not None:
            stopped = refuse_move(standing_of(earlier, row.item), meaning.status, row.decided_at or now)
            if stopped is not None:
                return self._told(row, Fate.REFUSED, Why.CANNOT_FOLLOW, stopped)
        status = meaning.status if meaning else None
        self._enter(row, place, status, meaning.action if meaning else None, now)
        if status is None:
            because = f"nobody has said what {row.word[:60]!r} means; a person reads it"
            return self._told(row, Fate.UNMAPPED, Why.UNMAPPED_WORD, because)
        return self._told(row, Fate.ENTERED, None, None)

    def write(self) -> None:
        """Enter everything that was judged fit, with its acts."""
        Outcomes(self.connection, EVERYTHING).put(self.outcomes)
        Notices(self.connection, EVERYTHING).put_states(self.sent.values())
        CounterNotices(self.connection, EVERYTHING).put(self.counters)
        AuditTrail(self.connection, EVERYTHING).enter(self.acts)

    def _earlier(self, notice: str, item: str) -> list[Outcome]:
        """Answers to the item or to its whole notice, in the order they came, those of this write among them."""
        if notice not in self.earlier:
            by_item: dict[str | None, list[Outcome]] = {}
            for outcome in Outcomes(self.connection, EVERYTHING).of_items(notice, self.places):
                by_item.setdefault(outcome.item, []).append(outcome)
            self.earlier[notice] = by_item
        found = self.earlier[notice]
        return sorted((*found.get(None, ()), *found.get(item, ())), key=lambda outcome: outcome.id)

    def _enter(self, row: Row, place: Place, status: OutcomeStatus | None, action: str | None, now: datetime) -> None:
        notice = place.notice
        outcome = Outcome(
            id=self.ids(),
            notice=notice.id,
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
        self.outcomes.append(outcome)
        self.earlier[notice.id].setdefault(row.item, []).append(outcome)
        self.acts.append(self._act("enter_outcome", place, detail))
        if notice.state is NoticeState.BATCHED and notice.id not in self.sent:
            # Handed over by a person: whoever answers with the code has it.
            self.sent[notice.id] = replace(notice, state=NoticeState.SENT)
            self.acts.append(self._act("send_notice", place, {"shown_by": outcome.id}))
        if outcome.kind is OutcomeKind.COUNTER_NOTICE:
            self.counters.append(
                CounterNotice(
                    id=self.ids(),
                    notice=notice.id,
                    item=row.item,
                    reason=CounterReason.OTHER,
                    received_at=now,
                    objected_at=row.decided_at,
                    raw_sha256=self.raw_sha256,
                )
            )
            self.acts.append(self._act("enter_counter_notice", place, detail))

    def _act(self, action: str, place: Place, detail: dict[str, str]) -> AuditEntry:
        return act_of(self.by, action, "notice", place.notice.id, clock=self.clock, ids=self.ids, detail=detail)

    def _told(self, row: Row, fate: Fate, code: Why | None, because: str | None) -> Taken:
        return Taken(line=row.line, item=row.item, word=row.word, fate=fate, code=code, because=because)


def _is_known(earlier: list[Outcome], row: Row) -> bool:
    """Whether an answer was entered before; one that says no time is, where the latest says the same."""
    if row.decided_at is None:
        return bool(earlier) and (earlier[-1].item, earlier[-1].status_raw) == (row.item, row.word)
    return any(_says(outcome, row) for outcome in earlier)


def _says(outcome: Outcome, row: Row) -> bool:
    """Whether an outcome is this very answer."""
    same_time = (outcome.decided_at or outcome.received_at) == row.decided_at
    return outcome.item == row.item and outcome.status_raw == row.word and same_time

"""
The chain over the audit trail: every entry gets a number and a hash over itself and the link before it.

Entries are inserted without either, in the transaction of the act. A sealer numbers what is committed, by id, and
chains it. Acts commit late and out of order; an entry that commits after its neighbours were sealed comes later.

    link = SHA-256( "marque-audit-1\\n" + link before + "\\n" + entry ), in hex; 64 zeros stand before the first

The entry is the RFC 8785 form of its columns and its number. A chain shows every change of what it covers but two: an
end that was cut off, and a chain made anew from a changed entry on. Both are seen by whoever kept a link elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any

import rfc8785
from sqlalchemy import Connection, String, Text, bindparam, cast, func, literal_column, select, type_coerce
from sqlalchemy.sql.elements import ColumnElement

from store.db.errors import UnsealableEntry
from store.db.rows import ROWS_A_WRITE
from store.db.session import Database
from store.db.tables import audit_entry

DOMAIN = "marque-audit-1\n"
START = "0" * 64
BREAKS_TOLD = 20  # chosen: who reads more than these needs the backup, not the list
_ADVISORY_LOCK = 0x6D61727175650001  # any number that nothing else of ours takes; PostgreSQL's locks have no names

_SEAL = (
    audit_entry.update()
    .where(audit_entry.c.id == bindparam("b_id"), audit_entry.c.sequence.is_(None))
    .values(sequence=bindparam("b_sequence"), chain=bindparam("b_chain"))
)

Row = tuple[Any, ...]  # Any: a changed table may hold anything anywhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of the chain: the last number (0: nothing is sealed), its link, and how many entries are sealed."""

    sequence: int
    link: str
    count: int


class BreakKind(Enum):
    """How an entry does not fit the chain."""

    EDITED = "edited"
    """Its link is not that of its content after the entry before it."""
    MISSING = "missing"
    """Numbers before it are in no entry."""
    UNREADABLE = "unreadable"
    """A column holds what no entry can hold."""
    HALF_SEALED = "half_sealed"
    """It has a link and no number: the sealer writes both or none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainBreak:
    """One place where the chain does not hold."""

    kind: BreakKind
    sequence: int | None  # None: the entry has no number
    id: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainState:
    """What walking the whole chain found."""

    head: Head
    unsealed: int  # entries the chain does not cover yet
    break_count: int
    breaks: tuple[ChainBreak, ...]  # the first `BREAKS_TOLD`
    link_at_mark: str | None  # the link under the number asked for; None: there is no such number
    older_than_mark: int  # entries after that number, sealed or not, that say they are older than the time given


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A point of the chain that somebody kept, and the time before which nothing new may say it happened."""

    sequence: int
    not_before: str  # as `at` in an entry: 2026-03-02T09:00:00.000000Z


def seal_entries(database: Database, told: Callable[[int], None] = lambda _sealed: None) -> int:
    """
    Seal everything that is committed and not sealed, a batch a transaction; gives how many entries that were.

    Several may run at once, on one machine or several; `kill -9` between or inside batches leaves a whole chain.
    `told` hears the number sealed so far after each batch. Raises `UnsealableEntry` for a row that no program of ours
    wrote.
    """
    sealed = 0
    while batch := seal_batch(database):
        sealed += batch
        told(sealed)
    return sealed


def seal_batch(database: Database, limit: int = ROWS_A_WRITE) -> int:
    """Seal up to `limit` entries in one transaction; gives how many, 0 when there is none left."""
    with database.read() as connection:  # so that an idle sealer takes no lock
        if not has_unsealed(connection):
            return 0
    with database.write() as connection:
        if connection.dialect.name == "postgresql":
            # Held to the end of the transaction. What another sealer committed before is seen by the statements
            # after this one, each of which looks anew (READ COMMITTED).
            connection.execute(select(func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
        sequence, link = _last(connection)
        statement = select(*_columns(connection.dialect.name)).where(audit_entry.c.sequence.is_(None))
        rows = connection.execute(statement.order_by(audit_entry.c.id).limit(limit)).all()
        changes = []
        for row in rows:
            sequence += 1
            try:
                link = next_link(link, canonical_entry(sequence, *row))
            except (TypeError, ValueError) as error:
                raise UnsealableEntry(str(row[0]), str(error)) from error
            changes.append({"b_id": row[0], "b_sequence": sequence, "b_chain": link})
        if changes:
            connection.execute(_SEAL, changes)
    return len(changes)


def has_unsealed(connection: Connection) -> bool:
    """Whether any entry waits for the sealer."""
    statement = select(audit_entry.c.id).where(audit_entry.c.sequence.is_(None)).limit(1)
    return connection.execute(statement).first() is not None


def head_of(connection: Connection) -> Head:
    """The end of the chain as it stands; nothing is recomputed."""
    sequence, link = _last(connection)
    count = connection.execute(select(func.count(audit_entry.c.sequence))).scalar_one()
    return Head(sequence=sequence, link=link, count=int(count))


def next_link(link: str, entry: str) -> str:
    """The link of an entry that follows `link`."""
    # A lone surrogate, which JSON in a column can hold, counts as its three bytes: no entry may stop the sealer.
    return sha256(f"{DOMAIN}{link}\n{entry}".encode("utf-8", "surrogatepass")).hexdigest()


def canonical_entry(
    sequence: int, id: str, at: str, actor: str, action: str, subject_kind: str, subject: str, detail: str
) -> str:
    """
    The RFC 8785 form of one entry under its number; `at` and `detail` are as stored, in JSON's spelling of times.

    Raises `ValueError` or `TypeError` for what no entry can hold. Names stand in RFC 8785's order; only `detail` has
    names that are not known beforehand. Written out here because a library's walk takes ten times as long (measured).
    """
    quote = encode_basestring
    return (
        f'{{"action":{quote(action)},"actor":{quote(actor)},"at":{quote(at)},'
        f'"detail":{"{}" if detail == "{}" else _canonical_detail(detail)},"id":{quote(id)},'
        f'"sequence":{sequence:d},"subject":{quote(subject)},"subject_kind":{quote(subject_kind)}}}'
    )


def walk_chain(
    connection: Connection, mark: Mark | None = None, told: Callable[[int], None] = lambda _seen: None
) -> ChainState:
    """
    Recompute every link, in the caller's reading transaction; memory does not grow with the trail.

    `told` hears after each few thousand how many were read.
    """
    walk = _Walk(mark)
    columns = _columns(connection.dialect.name)
    number, chain = type_coerce(audit_entry.c.sequence, String()), type_coerce(audit_entry.c.chain, String())
    sealed = select(number, chain, *columns).where(audit_entry.c.sequence.is_not(None))
    streaming = {"yield_per": 2000}
    seen = 0
    for part in connection.execute(sealed.order_by(audit_entry.c.sequence), execution_options=streaming).partitions():
        walk.sealed(part)
        seen += len(part)
        told(seen)
    waiting = select(chain, *columns[:2]).where(audit_entry.c.sequence.is_(None))
    for part in connection.execute(waiting.order_by(audit_entry.c.id), execution_options=streaming).partitions():
        walk.unsealed(part)
    return walk.state()


def audit_entries(connection: Connection) -> int:
    """How many entries there are, sealed or not."""
    return int(connection.execute(select(func.count()).select_from(audit_entry)).scalar_one())


class _Walk:
    """One walk over the chain, a part at a time."""

    def __init__(self, mark: Mark | None) -> None:
        self._mark = mark
        self._sequence, self._link = 0, START
        self._count = self._unsealed = self._break_count = self._older = 0
        self._breaks: list[ChainBreak] = []
        self._link_at_mark: str | None = START if mark is not None and mark.sequence == 0 else None

    def sealed(self, rows: Iterable[Row]) -> None:
        """Entries with a number, in its order."""
        mark_at = self._mark.sequence if self._mark is not None else None
        before, link = self._sequence, self._link
        for row in rows:
            sequence, chain, *entry = row
            self._count += 1
            if sequence != before + 1:
                self._wrong(BreakKind.MISSING, sequence, entry[0], _gap(before, sequence))
            try:
                found = next_link(link, canonical_entry(sequence, *entry))
            except (TypeError, ValueError) as error:
                self._wrong(BreakKind.UNREADABLE, sequence, entry[0], f"not an entry: {error}")
            else:
                # After missing numbers the link before is unknown, so that nothing can be said of this one's.
                if found != chain and sequence == before + 1:
                    self._wrong(BreakKind.EDITED, sequence, entry[0], "its link is not that of its content here")
            # The walk goes on from what stands there, so that each later change is told too.
            before, link = sequence, chain
            if mark_at is not None:
                if sequence == mark_at:
                    self._link_at_mark = str(chain)
                elif sequence > mark_at:
                    self._date(entry[1])
        self._sequence, self._link = before, link

    def unsealed(self, rows: Iterable[Row]) -> None:
        """Entries without a number."""
        for chain, id, at in rows:
            self._unsealed += 1
            if chain is not None:
                self._wrong(BreakKind.HALF_SEALED, None, id, "it has a link and no number")
            if self._mark is not None:
                self._date(at)

    def state(self) -> ChainState:
        """What was found so far."""
        return ChainState(
            head=Head(sequence=self._sequence, link=str(self._link), count=self._count),
            unsealed=self._unsealed,
            break_count=self._break_count,
            breaks=tuple(self._breaks),
            link_at_mark=self._link_at_mark,
            older_than_mark=self._older,
        )

    def _date(self, at: object) -> None:
        assert self._mark is not None, "only asked beside a mark"
        self._older += str(at) < self._mark.not_before

    def _wrong(self, kind: BreakKind, sequence: object, id: object, why: str) -> None:
        self._break_count += 1
        if len(self._breaks) < BREAKS_TOLD:
            number = sequence if isinstance(sequence, int) else None
            self._breaks.append(ChainBreak(kind=kind, sequence=number, id=str(id)[:64], why=why))


def _gap(before: int, sequence: object) -> str:
    if not isinstance(sequence, int) or sequence <= before:
        return f"after number {before} comes {str(sequence)[:40]}"
    first, last = before + 1, sequence - 1
    return f"number {first} is in no entry" if first == last else f"numbers {first} to {last} are in no entry"


def _last(connection: Connection) -> tuple[int, str]:
    statement = select(audit_entry.c.sequence, audit_entry.c.chain).where(audit_entry.c.sequence.is_not(None))
    row = connection.execute(statement.order_by(audit_entry.c.sequence.desc()).limit(1)).first()
    return (0, START) if row is None else (int(row[0]), str(row[1]))


def _columns(dialect_name: str) -> list[ColumnElement[Any]]:
    """The columns of an entry in the order of `canonical_entry`, as text: what is stored, not what is made of it."""
    c = audit_entry.c
    if dialect_name == "postgresql":
        spelled: ColumnElement[str] = literal_column('\'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\'')
        at: ColumnElement[str] = func.to_char(func.timezone("UTC", c.at), spelled)
        detail: ColumnElement[str] = cast(c.detail, Text())
    else:
        at = func.replace(type_coerce(c.at, String()), " ", "T", type_=String()).concat("Z")
        detail = type_coerce(c.detail, Text())
    return [c.id, at, c.actor, c.action, c.subject_kind, c.subject, detail]


def _canonical_detail(stored: str) -> str:
    """RFC 8785 of the stored JSON; a name given twice is refused, since programs differ in which one they take."""
    flat = _flat_detail(stored)
    if flat is not None:
        return flat
    value = _decode(stored)
    if type(value) is dict and {str}.issuperset(map(type, value.values())):
        # In ASCII both orders of names are the same.
        items = sorted(value.items(), key=None if stored.isascii() and "\\u" not in stored else _by_code_units)
        quote = encode_basestring
        return "{" + ",".join([f"{quote(name)}:{quote(item)}" for name, item in items]) + "}"
    try:
        return rfc8785.dumps(value).decode()
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        # Numbers and texts beyond what RFC 8785 can say: Python's own form, so that no entry stops the sealer.
        return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _flat_detail(stored: str) -> str | None:
    """
    The same for what nearly every entry holds: texts by name, in printable ASCII without escapes. None for others.

    Without escapes every quotation mark is the end of a text, so that cutting there reads it whole; seven times as
    fast as decoding (measured), which is what walking a long trail mostly waits for.
    """
    if "\\" in stored or not (stored.isascii() and stored.isprintable()):
        return None
    parts = stored.split('"')
    names = parts[1::4]
    count = len(names)
    plain = (
        len(parts) == 4 * count + 1
        and parts[0] == "{"
        and parts[-1] == "}"
        and parts[2::4].count(": ") == count
        and parts[4:-1:4].count(", ") == count - 1
        and len(set(names)) == count
    )
    if not plain:
        return None
    pairs = [f'{name}":"{item}' for name, item in sorted(zip(names, parts[3::4], strict=True))]
    return '{"' + '","'.join(pairs) + '"}'


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice in one object")
    return found


_decode = json.JSONDecoder(object_pairs_hook=_once).decode  # made once: making it takes longer than using it


def _by_code_units(item: tuple[str, str]) -> bytes:
    """RFC 8785's order of names: by UTF-16 code units."""
    return item[0].encode("utf-16-be", "surrogatepass")

"""Sealed logs of captures: which captures are in none, where each stands, and which tokens are still missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from store.db.by_ref import in_lots
from store.db.captures import Captures
from store.db.rows import Repository, record_of, row_of
from store.db.tables import capture as capture_table
from store.db.tables import capture_seal as seal_table
from store.db.tables import sealed_leaf as leaf_table
from store.db.tables import time_token as token_table
from store.records.captures import Capture
from store.records.scope import EVERYTHING
from store.records.seals import CaptureSealRow, SealedLeaf, TimeTokenRow

_MOST_HOPS = 8  # a 304 names a capture that had bytes of its own; more than one step would be a fault


class CaptureSeals(Repository[CaptureSealRow]):
    """Every sealed log with its tokens. A seal is never changed: only tokens come to it."""

    table = seal_table
    kind = CaptureSealRow

    def _read(self, row: Row[Any]) -> CaptureSealRow:
        statement = select(token_table).where(token_table.c.seal == row.id).order_by(token_table.c.authority)
        tokens = tuple(record_of(TimeTokenRow, each) for each in self.connection.execute(statement))
        return record_of(CaptureSealRow, row, tokens=tokens)

    def due(self, now: datetime) -> list[CaptureSealRow]:
        """Seals that lack a token and whose time to ask again has come."""
        return self.find(seal_table.c.next_at <= now)

    def lacking(self) -> list[CaptureSealRow]:
        """Every seal that lacks a token."""
        return self.find(seal_table.c.next_at.is_not(None))


def unsealed(connection: Connection, limit: int, only: Sequence[str] | None = None) -> list[Capture]:
    """Captures that stand in no seal, oldest first, as many as one seal takes; of these ids where `only` says so."""
    sealed = select(leaf_table.c.capture).where(leaf_table.c.capture == capture_table.c.id).exists()
    captures = Captures(connection, EVERYTHING)
    if only is None:
        statement = select(capture_table.c.id).where(~sealed)
        statement = statement.order_by(capture_table.c.fetched_at, capture_table.c.id).limit(limit)
        ids = [row.id for row in connection.execute(statement)]
    else:
        ids = list(only)
    found = [capture for lot in in_lots(ids) for capture in captures.find(capture_table.c.id.in_(lot), ~sealed)]
    return sorted(found, key=lambda capture: (capture.fetched_at, capture.id))[:limit]


def types_that_stood(connection: Connection, captures: Iterable[Capture]) -> dict[str, str]:
    """Of captures answered 304 (their ids), the content type that came with the bytes that still stood."""
    repository, found = Captures(connection, EVERYTHING), {}
    for capture in captures:
        at: Capture | None = capture
        for _ in range(_MOST_HOPS):
            if at is None or at.unchanged_since is None:
                break
            at = repository.get(at.unchanged_since)
            said = next((v for k, v in at.response_headers if k.lower() == "content-type"), "") if at else ""
            if said:
                found[capture.id] = said
                break
    return found


def qualified_captures(connection: Connection, captures: Iterable[str]) -> set[str]:
    """Of these captures, by their ids, those over whose seal a qualified authority set its time."""
    stamped = select(token_table.c.seal).where(token_table.c.qualified.is_(True))
    found: set[str] = set()
    for lot in in_lots(captures):
        statement = select(leaf_table.c.capture).where(leaf_table.c.capture.in_(lot), leaf_table.c.seal.in_(stamped))
        found |= set(connection.execute(statement).scalars())
    return found


def leaves_of(connection: Connection, captures: Iterable[str]) -> dict[str, SealedLeaf]:
    """Where captures stand, by their ids; those in no seal are absent."""
    found = {}
    for lot in in_lots(captures):
        for row in connection.execute(select(leaf_table).where(leaf_table.c.capture.in_(lot))):
            found[row.capture] = record_of(SealedLeaf, row)
    return found


def add_seal(connection: Connection, seal: CaptureSealRow, leaves: Iterable[SealedLeaf]) -> None:
    """Enter a seal with its leaves. A capture that another process sealed meanwhile raises `IntegrityError`."""
    connection.execute(seal_table.insert().values(row_of(seal, seal_table)))
    connection.execute(leaf_table.insert(), [row_of(leaf, leaf_table) for leaf in leaves])


def enter_tokens(
    connection: Connection,
    seal: str,
    tokens: Iterable[TimeTokenRow],
    *,
    tries: int,
    next_at: datetime | None,
    because: str | None,
) -> None:
    """Add tokens that a seal lacked, and say when the rest is asked for."""
    have = {row.authority for row in connection.execute(select(token_table).where(token_table.c.seal == seal))}
    rows = [{**row_of(token, token_table), "seal": seal} for token in tokens if token.authority not in have]
    if rows:
        connection.execute(token_table.insert(), rows)
    changed = seal_table.update().where(seal_table.c.id == seal)
    connection.execute(changed.values(tries=tries, next_at=next_at, because=because))

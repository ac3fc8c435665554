"""The chain over the audit trail: whole after any run of sealers, broken by any change, and RFC 8785 throughout."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from store.db import audit_chain, tables
from store.db.audit import AuditTrail
from store.db.audit_chain import BreakKind, Mark, canonical_entry, head_of, seal_batch, seal_entries, walk_chain
from store.db.errors import UnsealableEntry
from store.db.session import Database
from store.records.ledger import AuditEntry
from store.records.scope import EVERYTHING

NewId = Callable[[], str]
AT = datetime(2026, 3, 2, 9, 0, 0, 120, tzinfo=UTC)


def entry(id: str, **changed: object) -> AuditEntry:
    values: dict[str, object] = {
        "id": id,
        "at": AT,
        "actor": "Jane Roe",
        "action": "decide_finding",
        "subject_kind": "finding",
        "subject": "f-1",
        "detail": {"verdict": "confirm"},
    }
    return AuditEntry(**{**values, **changed})  # type: ignore[arg-type]  # the fields of an entry, some of them changed


def add(database: Database, *entries: AuditEntry) -> None:
    with database.write() as connection:
        trail = AuditTrail(connection, EVERYTHING)
        for each in entries:
            trail.add(each)


def state(database: Database, mark: Mark | None = None) -> audit_chain.ChainState:
    with database.read() as connection:
        return walk_chain(connection, mark)


def test_entries_are_numbered_without_gaps_and_a_late_one_comes_later(database: Database, ids: NewId) -> None:
    late, *others = (entry(ids()) for _ in range(6))
    add(database, *others)
    assert seal_entries(database) == 5
    add(database, late)
    assert (seal_entries(database), seal_entries(database)) == (1, 0)
    with database.read() as connection:
        statement = select(tables.audit_entry.c.id).order_by(tables.audit_entry.c.sequence)
        assert list(connection.execute(statement).scalars()) == [*(each.id for each in others), late.id]
        head = head_of(connection)
    found = state(database)
    assert (found.head, found.break_count, found.unsealed) == (head, 0, 0)
    assert (head.sequence, head.count) == (6, 6)


def test_the_first_link_can_be_made_by_hand(database: Database, ids: NewId) -> None:
    """With a JSON library of another make, as whoever checks from outside would."""
    import hashlib

    only = entry(ids(), actor='Zoë "Z" \\ Roe\n', detail={"b": "é", "a": "1", "\ufb33": "x", "\U0001f600": "y"})
    add(database, only)
    seal_entries(database)
    said: dict[str, Any] = {
        "action": only.action,
        "actor": only.actor,
        "at": "2026-03-02T09:00:00.000120Z",
        "detail": only.detail,
        "id": only.id,
        "sequence": 1,
        "subject": only.subject,
        "subject_kind": only.subject_kind,
    }
    link = hashlib.sha256(b"marque-audit-1\n" + b"0" * 64 + b"\n" + rfc8785.dumps(said)).hexdigest()
    assert state(database).head.link == link


@given(st.text(), st.dictionaries(st.text(), st.text(), max_size=4))
def test_every_entry_has_a_form_and_it_is_rfc_8785_where_that_has_one(actor: str, detail: dict[str, str]) -> None:
    made = canonical_entry(7, "id", "at", actor, "a", "k", "s", json.dumps(detail))
    said: dict[str, Any] = {
        "id": "id",
        "at": "at",
        "actor": actor,
        "action": "a",
        "subject_kind": "k",
        "subject": "s",
    }
    try:
        expected = rfc8785.dumps({**said, "detail": detail, "sequence": 7}).decode()
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        assert json.loads(made)["detail"] == detail
    else:
        assert made == expected


def test_two_sealers_at_once_leave_one_whole_chain_under_writers(database: Database, ids: NewId) -> None:
    waiting = [entry(ids()) for _ in range(300)]
    second = Database(database.url)

    def write() -> None:
        for start in range(0, 300, 10):
            add(second, *waiting[start : start + 10])

    def seal(opened: Database) -> None:
        for _ in range(40):
            seal_batch(opened, 7)

    threads = [Thread(target=write), *(Thread(target=seal, args=(opened,)) for opened in (database, second))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal_entries(database)
    second.close()
    found = state(database)
    assert (found.head.sequence, found.head.count, found.break_count, found.unsealed) == (300, 300, 0, 0)


def test_a_batch_that_dies_leaves_nothing_half_sealed(database: Database, ids: NewId) -> None:
    add(database, *(entry(ids()) for _ in range(9)), entry("z", actor="the last"))
    assert seal_batch(database, 4) == 4

    def dies(*_: object) -> str:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit_chain, "next_link", dies)
        with pytest.raises(KeyboardInterrupt):
            seal_batch(database, 4)
    assert (state(database).head.count, state(database).unsealed) == (4, 6)
    assert seal_entries(database) == 6
    assert state(database).break_count == 0


def of_sqlite(database: Database) -> None:
    """For rows that PostgreSQL would not take: a name twice in a JSON object, bytes in a text."""
    if database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's own types refuse the row")


def test_breaks_are_told_by_kind_and_place(database: Database, ids: NewId) -> None:
    of_sqlite(database)
    add(database, *(entry(ids(), subject=f"f-{n}") for n in range(10)))
    seal_entries(database)
    table = tables.audit_entry
    with database.write() as connection:
        connection.execute(table.update().where(table.c.sequence == 3).values(subject="f-77"))
        connection.execute(table.delete().where(table.c.sequence.in_([6, 7])))
        connection.exec_driver_sql('UPDATE audit_entry SET detail = \'{"a":"1","a":"2"}\' WHERE sequence = 9')
        connection.execute(table.update().where(table.c.sequence == 10).values(sequence=None))
    found = state(database)
    assert [(each.kind, each.sequence) for each in found.breaks] == [
        (BreakKind.EDITED, 3),
        (BreakKind.MISSING, 8),
        (BreakKind.UNREADABLE, 9),
        (BreakKind.HALF_SEALED, None),
    ]
    assert found.breaks[1].why == "numbers 6 to 7 are in no entry"


def test_a_mark_tells_the_link_kept_there_and_entries_dated_back(database: Database, ids: NewId) -> None:
    add(database, *(entry(ids()) for _ in range(3)))
    seal_entries(database)
    with database.read() as connection:
        head = head_of(connection)
    add(database, entry(ids()), entry(ids(), at=AT.replace(hour=11)))
    mark = Mark(sequence=3, not_before="2026-03-02T10:00:00.000000Z")
    assert (state(database, mark).link_at_mark, state(database, mark).older_than_mark) == (head.link, 1)
    seal_entries(database)
    assert (state(database, mark).link_at_mark, state(database, mark).older_than_mark) == (head.link, 1)
    assert state(database, Mark(sequence=9, not_before="")).link_at_mark is None


def test_a_row_no_program_wrote_stops_the_sealer_aloud(database: Database, ids: NewId) -> None:
    of_sqlite(database)
    add(database, entry(ids()))
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE audit_entry SET actor = x'00ff'")
    with pytest.raises(UnsealableEntry, match="changed beside the program"):
        seal_entries(database)


PLAIN = st.text(st.sampled_from('ab :,{}"\\\x7f1é\n'), max_size=6)


@given(st.dictionaries(PLAIN, PLAIN, max_size=4))
def test_the_short_way_of_reading_details_comes_to_the_same(detail: dict[str, str]) -> None:
    for stored in (json.dumps(detail), json.dumps(detail, ensure_ascii=False)):
        assert audit_chain._canonical_detail(stored) == rfc8785.dumps(dict(detail)).decode()


@pytest.mark.parametrize(
    "stored", ['{"a": "1", "a": "2"}', '{"a": "1"', '{"a": "1", }', '{"a" "1"}', '"a"x', "", '{"a": "1"} ""']
)
def test_what_is_no_detail_is_refused_by_both_ways(stored: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        audit_chain._canonical_detail(stored)

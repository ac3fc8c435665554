"""
What PostgreSQL does otherwise than SQLite, on a server of the test's own.

`pytest --postgres` gives every other test that asks for a `database` one of PostgreSQL; `make prove NAME=postgres`
runs those of ledger, evidence, cases and notices so.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

import pytest

from store.db import tables
from store.db.audit_chain import BreakKind, head_of, seal_batch, seal_entries, walk_chain
from store.db.session import Database
from tests.clusters import Cluster
from tests.store.db.test_audit_chain import add, entry, state

pytestmark = pytest.mark.postgres
NewId = Callable[[], str]


def test_two_sealers_of_a_server_leave_one_whole_chain_and_edits_are_found(postgres: Cluster, ids: NewId) -> None:
    url = postgres.new_ledger()
    waiting = [entry(ids()) for _ in range(240)]

    def write() -> None:
        with Database(url) as own:
            for start in range(0, 240, 20):
                add(own, *waiting[start : start + 20])

    def seal() -> None:
        with Database(url) as own:
            for _ in range(30):
                seal_batch(own, 7)

    threads = [Thread(target=job) for job in (write, seal, seal)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Database(url) as database:
        seal_entries(database)
        found = state(database)
        assert (found.head.sequence, found.head.count, found.break_count, found.unsealed) == (240, 240, 0, 0)
        table = tables.audit_entry
        with database.write() as connection:
            connection.execute(table.update().where(table.c.sequence == 3).values(detail={"verdict": "reject"}))
            connection.execute(table.delete().where(table.c.sequence == 9))
        kinds = [(each.kind, each.sequence) for each in state(database).breaks]
        assert kinds == [(BreakKind.EDITED, 3), (BreakKind.MISSING, 10)]


def test_the_same_acts_have_the_same_link_on_both_databases(
    postgres: Cluster, database: Database, ids: NewId
) -> None:
    """JSON that the server orders and spells its own way, and times it writes its own way."""
    acts = [
        entry(ids()),
        entry(ids(), detail={"zz": "1", "a": 'é \\ "', "": "", "\U0001f600": "x", "\ufb33": "y"}, actor="Zoë"),
        entry(ids(), detail={}),
    ]
    links = []
    with Database(postgres.new_ledger()) as other:
        for each in (database, other):
            add(each, *acts)
            seal_entries(each)
            links.append(state(each).head)
    assert links[0] == links[1]


def test_a_reading_transaction_sees_one_moment(postgres: Cluster, ids: NewId) -> None:
    with Database(postgres.new_ledger()) as database:
        add(database, entry(ids()))
        with database.read() as connection:
            assert walk_chain(connection).unsealed == 1
            add(database, entry(ids()))
            seal_entries(database)
            assert (walk_chain(connection).unsealed, head_of(connection).count) == (1, 0)


def test_a_nul_in_a_name_or_a_text_stops_no_write(postgres: Cluster, ids: NewId) -> None:
    """PostgreSQL refuses U+0000 everywhere; a backslash before those letters is no escape of it."""
    with Database(postgres.new_ledger()) as database:
        add(database, entry(ids(), actor="Zo\0e", detail={"a\0": "x\0y", "b": "\\u0000", "c": "\\\0"}))
        seal_entries(database)
        assert state(database).break_count == 0
        with database.read() as connection:
            row = connection.execute(tables.audit_entry.select()).one()
    assert row.actor == "Zo\ufffde"
    assert row.detail == {"a\ufffd": "x\ufffdy", "b": "\\u0000", "c": "\\\ufffd"}

"""A frozen registry: one content, one digest; the same again from the vault."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

import pytest

from registry.errors import SnapshotUnreadable
from registry.snapshot import Snapshot, load_snapshot, take_snapshot
from store.db.parties import Parties
from store.db.references import References
from store.db.snapshots import Snapshots
from store.evidence.errors import MissingBlob
from store.records.scope import EVERYTHING, Scope
from tests.registry.conftest import Desk, example_row


def freeze(desk: Desk, scope: Scope = EVERYTHING) -> Snapshot:
    return take_snapshot(desk.database, desk.vault, clock=desk.clock, scope=scope)


def fill(desk: Desk) -> None:
    desk.import_examples("rights", "products", "works", "sellers", "references")


def test_the_same_registry_gives_the_same_digest_and_another_gives_another(desk: Desk) -> None:
    fill(desk)
    first = freeze(desk)
    assert freeze(desk) == first
    desk.import_rows("rights", example_row("rights", goods="clocks"))
    assert freeze(desk).digest != first.digest


def test_loaded_snapshot_equals_the_one_taken(desk: Desk) -> None:
    fill(desk)
    taken = freeze(desk)
    assert load_snapshot(desk.vault, taken.digest) == taken
    assert hashlib.sha256(desk.vault.get(taken.digest)).hexdigest() == taken.digest
    parts = (taken.holders, taken.rights, taken.mandates, taken.products, taken.works, taken.references)
    assert [len(part) for part in (*parts, taken.seller_rules)] == [1, 2, 1, 1, 1, 1, 1]


def test_empty_registry_can_be_frozen(desk: Desk) -> None:
    taken = freeze(desk)
    assert load_snapshot(desk.vault, taken.digest) == taken


def test_withdrawn_references_are_left_out(desk: Desk) -> None:
    fill(desk)
    before = freeze(desk)
    with desk.database.write() as connection:
        repository = References(connection, EVERYTHING)
        repository.put([replace(before.references[0], withdrawn_on=date(2026, 3, 1))])
    after = freeze(desk)
    assert (after.references, after.digest == before.digest) == ((), False)


def test_snapshot_of_one_holder_holds_nothing_of_others(desk: Desk) -> None:
    fill(desk)
    desk.import_rows("rights", example_row("rights", holder="Sydhav Optik AS", holder_email="", holder_phone=""))
    with desk.database.read() as connection:
        party = Parties(connection, EVERYTHING).by_names(["Sydhav Optik AS"])["Sydhav Optik AS"]
    taken = freeze(desk, Scope(holder=party.id, compartment=None))
    assert (taken.holders, len(taken.rights), len(taken.mandates), taken.products) == ((party,), 1, 1, ())


def test_entry_keeps_the_first_time_and_the_counts(desk: Desk) -> None:
    fill(desk)
    digest = freeze(desk).digest
    with desk.database.read() as connection:
        first = Snapshots(connection, EVERYTHING).get(digest)
    freeze(desk)
    with desk.database.read() as connection:
        repository = Snapshots(connection, EVERYTHING)
        assert repository.get(digest) == first == repository.latest()
    assert first is not None
    assert first.counts["rights"] == 2


@pytest.mark.parametrize("data", [b"{}", b"[]", b"no json", b'{"format": "other"}', b"\xff"])
def test_bytes_that_are_no_snapshot_are_told_from_missing_ones(desk: Desk, data: bytes) -> None:
    digest = desk.vault.put(data)
    desk.vault.flush()
    with pytest.raises(SnapshotUnreadable):
        load_snapshot(desk.vault, digest)
    with pytest.raises(MissingBlob):
        load_snapshot(desk.vault, "0" * 64)

"""The stage writes what it found once, whatever it meets, and goes on where it was stopped."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from config.declarations import Declarations
from matching import compare
from matching.pair import Pair
from matching.run import match_all
from registry.snapshot import Snapshot, take_snapshot
from store.db import tables
from store.db.captures import add_captures
from store.db.comparisons import Comparisons
from store.db.findings import Findings
from store.db.listings import ListingImages, add_observations, put_images
from store.db.rows import row_of, upsert
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.findings import Band, GroundCode
from store.records.listings import Condition, ListingFields, ListingImage, ListingState, Observation
from store.records.money import Money
from store.records.references import Reference
from store.records.runs import Run, RunKind, RunState
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.matching.registered import POLICY

Clock = Callable[[], datetime]
Ids = Callable[[], str]


class World:
    """A ledger and a vault with one registered product and whatever listings a test adds."""

    def __init__(self, database: Database, vault: Vault, clock: Clock, ids: Ids) -> None:
        self.database, self.vault, self.clock, self.ids = database, vault, clock, ids
        self.declarations: Declarations = make.declarations(policy=POLICY)
        vault.put(make.photo(7))
        with database.write() as connection:
            for table, record in (
                (tables.party, make.party()),
                (tables.right, make.right()),
                (tables.product, make.product(colours=())),
                (tables.reference, make.reference()),
                (tables.run, make.run()),
                (tables.seller, make.seller()),
            ):
                upsert(connection, table, [row_of(record, table)], ["id"])
            add_captures(connection, [make.capture()])

    def snapshot(self) -> Snapshot:
        """The registry as it stands."""
        return take_snapshot(self.database, self.vault, clock=self.clock, scope=EVERYTHING)

    def add(
        self,
        number: int,
        fields: ListingFields,
        photos: tuple[bytes, ...] = (),
        *,
        state: ListingState = ListingState.LIVE,
    ) -> None:
        """A look at a listing, with its photos in the vault."""
        images = []
        for position, data in enumerate(photos):
            images.append(
                ListingImage(
                    listing=make.listing(number).id,
                    position=position,
                    url=f"http://127.0.0.1/{number}/{position}.jpg",
                    capture=make.capture().id,
                    sha256=self.vault.put(data),
                )
            )
        with self.database.write() as connection:
            upsert(connection, tables.listing, [row_of(make.listing(number), tables.listing)], ["id"])
            add_observations(connection, [self.look(number, fields, state=state)], None)
            put_images(connection, images)

    def look(self, number: int, fields: ListingFields, *, state: ListingState = ListingState.LIVE) -> Observation:
        """One look."""
        seen_at = make.NOW - timedelta(minutes=5)
        return make.observation(number, fields=fields, state=state, capture=make.capture().id, observed_at=seen_at)

    def match(self) -> Run:
        """One run of the stage."""
        return match_all(
            self.database,
            self.vault,
            self.snapshot(),
            self.declarations,
            clock=self.clock,
            ids=self.ids,
            code_version="1",
        )

    def bands(self) -> dict[str, Band]:
        """The band of each listing."""
        with self.database.read() as connection:
            return {each.listing: each.band for each in Findings(connection, EVERYTHING).find()}

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row but those of runs."""
        with self.database.read() as connection:
            return {
                table.name: [
                    tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))
                ]
                for table in tables.metadata.sorted_tables
                if table.name not in ("run", "snapshot")
            }


@pytest.fixture
def world(database: Database, vault: Vault, clock: Clock, ids: Ids) -> Iterator[World]:
    """A world with a watch registered."""
    yield World(database, vault, clock, ids)


def offer(title: str, price: str = "300", **more: object) -> ListingFields:
    """What a page says of an offer."""
    values = {
        "title": make.seen(title, capture=make.capture().id),
        "price": make.seen(Money(amount=Decimal(price), currency="EUR"), capture=make.capture().id),
        "condition": make.seen(Condition.NEW),
    }
    return ListingFields(**{**values, **more})  # type: ignore[arg-type]  # a test's own fields


def test_a_cheap_copy_is_found_and_an_honest_watch_is_not(world: World) -> None:
    world.add(1, offer("AURELIA Solaris 40 watch"), (make.photo(7),))
    world.add(2, offer("Holmvik dress watch"), (make.photo(3),))
    run = world.match()
    assert run.state is RunState.COMPLETE, run.alarms
    assert world.bands() == {make.listing(1).id: Band.NOTICE}
    assert (run.counts["looks"], run.counts["comparisons"], run.counts["photos_hashed"]) == (2, 1, 2)
    with world.database.read() as connection:
        finding = Findings(connection, EVERYTHING).of_listing(make.listing(1).id)[0]
        comparison = Comparisons(connection, EVERYTHING).get(finding.comparison)
    assert finding.families == ("text", "image")
    assert GroundCode.FAR_BELOW_PRICE in [ground.code for ground in finding.grounds]
    assert comparison is not None and comparison.references == (make.reference().id,)
    assert all(ground.captures for ground in finding.grounds)


def test_running_twice_changes_nothing(world: World) -> None:
    world.add(1, offer("AURELIA Solaris 40 watch"), (make.photo(7),))
    world.add(2, offer("Holmvik dress watch"))
    world.match()
    before = world.rows()
    again = world.match()
    assert again.counts["looks"] == 0
    assert world.rows() == before


def test_a_new_look_moves_the_finding_and_keeps_its_id(world: World) -> None:
    world.add(1, offer("AURELIA Solaris 40 watch"), (make.photo(7),))
    world.match()
    with world.database.read() as connection:
        old = Findings(connection, EVERYTHING).find()[0]
    later = dataclasses.replace(
        world.look(1, offer("Watch stand")),
        id=make.an_id("observation", 99),
        capture=make.capture(2).id,
        observed_at=make.NOW + timedelta(hours=1),
    )
    with world.database.write() as connection:
        add_captures(connection, [make.capture(2)])
        add_observations(connection, [later], None)
        put_images(connection, [ListingImage(listing=make.listing(1).id, position=0, url="http://127.0.0.1/new.jpg")])
    world.match()
    with world.database.read() as connection:
        new = Findings(connection, EVERYTHING).find()[0]
    assert (new.id, new.found_at) == (old.id, old.found_at)
    assert new.band is Band.SILENT and new.comparison != old.comparison


def test_a_damaged_photo_is_refused_with_its_reason_and_stops_nothing(world: World) -> None:
    world.add(1, offer("AURELIA Solaris 40 watch"), (b"\xff\xd8\xff broken", make.photo(7)))
    run = world.match()
    assert run.state is RunState.COMPLETE
    assert world.bands() == {make.listing(1).id: Band.NOTICE}
    with world.database.read() as connection:
        first, second = ListingImages(connection, EVERYTHING).of_listing(make.listing(1).id)
    assert first.refused is not None and first.refused.startswith("damaged")
    assert second.refused is None


def test_a_photo_missing_from_the_vault_is_refused(world: World) -> None:
    world.add(1, offer("AURELIA Solaris 40 watch"))
    image = ListingImage(
        listing=make.listing(1).id,
        position=0,
        url="http://127.0.0.1/x.jpg",
        capture=make.capture().id,
        sha256="e" * 64,
    )
    with world.database.write() as connection:
        put_images(connection, [image])
    assert world.match().state is RunState.COMPLETE
    with world.database.read() as connection:
        refused = ListingImages(connection, EVERYTHING).of_listing(make.listing(1).id)[0].refused
    assert refused is not None and "vault" in refused


def test_a_reference_that_cannot_be_hashed_is_told(world: World) -> None:
    broken = Reference(
        id=make.an_id("reference", 2),
        reference_ref="F-BROKEN",
        holder=make.party().id,
        product=make.product().id,
        medium=make.reference().medium,
        sha256=world.vault.put(b"not a picture"),
    )
    with world.database.write() as connection:
        upsert(connection, tables.reference, [row_of(broken, tables.reference)], ["id"])
    world.add(1, offer("Something else"))
    run = world.match()
    assert run.counts["references_refused"] == 1
    assert "F-BROKEN" in run.alarms[0]


def test_a_listing_that_is_gone_keeps_its_finding(world: World) -> None:
    world.add(1, offer("AURELIA Solaris 40 watch"), (make.photo(7),), state=ListingState.GONE)
    assert world.match().counts["looks"] == 0


def test_a_look_waits_for_photos_while_its_crawl_runs(world: World) -> None:
    crawl = make.run(1, state=RunState.RUNNING, ended_at=None)
    with world.database.write() as connection:
        upsert(connection, tables.run, [row_of(crawl, tables.run)], ["id"])
    world.add(1, offer("AURELIA Solaris 40 watch"))
    with world.database.write() as connection:
        put_images(connection, [ListingImage(listing=make.listing(1).id, position=0, url="http://127.0.0.1/x.jpg")])
    waiting = world.match()
    assert (waiting.counts["looks"], waiting.counts["waiting"]) == (0, 1)
    with world.database.write() as connection:
        upsert(connection, tables.run, [row_of(make.run(1), tables.run)], ["id"])
    assert world.match().counts["looks"] == 1


def test_a_changed_registry_compares_again(world: World) -> None:
    world.add(1, offer("AURELIA Solaris 40 watch"), (make.photo(7),))
    world.match()
    with world.database.write() as connection:
        other = make.product(id=make.an_id("product", 2), product_ref="P-2", name="Aurelia Corsaire")
        upsert(connection, tables.product, [row_of(other, tables.product)], ["id"])
    run = world.match()
    assert run.counts["looks"] == 1 and run.counts["photos_hashed"] == 0


def test_a_match_leaves_a_run_that_names_what_it_ran_with(world: World) -> None:
    world.add(1, offer("Holmvik watch"))
    run = world.match()
    assert (run.kind, run.config_digest, run.code_version) == (RunKind.MATCH, world.declarations.digest, "1")
    assert run.snapshot_digest == world.snapshot().digest
    assert world.vault.has(run.config_digest) or world.declarations.archive == b"{}"


def test_a_run_that_is_stopped_goes_on_where_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.run.LOOKS_A_LOT", 1)
    for number in (1, 2, 3):
        world.add(number, offer("AURELIA Solaris 40 watch"), (make.photo(7),))

    def stop(done: int, total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt(f"after {done} of {total}")

    with pytest.raises(KeyboardInterrupt):
        match_all(
            world.database,
            world.vault,
            world.snapshot(),
            world.declarations,
            clock=world.clock,
            ids=world.ids,
            progress=stop,
        )
    assert len(world.bands()) == 1
    again = world.match()
    assert (again.state, again.counts["looks"]) == (RunState.COMPLETE, 2)
    assert set(world.bands().values()) == {Band.NOTICE} and len(world.bands()) == 3


def _told(world: World) -> list[tuple[object, ...]]:
    """What is said of every listing, without ids and times."""
    with world.database.read() as connection:
        found = Findings(connection, EVERYTHING).find()
        compared = Comparisons(connection, EVERYTHING)
        said = []
        for each in found:
            comparison = compared.get(each.comparison)
            assert comparison is not None
            own = each.listing, each.right, each.band.value, each.identity_probability, each.signs, each.grounds
            said.append((*own, each.because, comparison.references))
        return sorted(said)


def test_two_processes_find_what_one_finds_and_go_on_where_they_were_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.run.LOOKS_A_LOT", 2)
    for number in range(1, 9):
        photos = (make.photo(7 if number % 3 else 3), make.photo(10 + number % 2))
        world.add(number, offer("AURELIA Solaris 40 watch" if number % 2 else "Watch of steel"), photos)

    def run(workers: int, progress: Callable[[int, int], None] | None = None) -> Run:
        return match_all(
            world.database,
            world.vault,
            world.snapshot(),
            world.declarations,
            clock=world.clock,
            ids=world.ids,
            progress=progress,
            workers=workers,
        )

    def stop(done: int, total: int) -> None:
        if done == 4:
            raise KeyboardInterrupt(f"after {done} of {total}")

    with pytest.raises(KeyboardInterrupt):
        run(2, stop)
    again = run(1)
    assert (again.state, again.counts["looks"], again.counts["photos_hashed"]) == (RunState.COMPLETE, 4, 0)
    by_two = _told(world)
    with world.database.write() as connection:
        for table in (tables.compared, tables.finding, tables.comparison):
            connection.execute(table.delete())
    assert run(1).counts["looks"] == 8
    assert by_two == _told(world) and len(by_two) == 7  # one is a watch of steel with a photo of nothing of ours


def test_a_look_that_cannot_be_compared_is_told_and_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add(1, offer("AURELIA Solaris 40 watch"), (make.photo(7),))
    world.add(2, offer("AURELIA broken watch"))
    real = compare.compare

    def break_on(pair: Pair, *rest: Any) -> Any:  # Any: passed through
        if "broken" in pair.look.title.raw:
            raise ValueError("a signal that fails")
        return real(pair, *rest)

    monkeypatch.setattr(compare, "compare", break_on)
    failed = world.match()
    assert (failed.state, failed.counts["failed"], failed.counts["looks"]) == (RunState.FAILED, 1, 1)
    assert "a signal that fails" in failed.alarms[0]
    monkeypatch.setattr(compare, "compare", real)
    assert world.match().counts["looks"] == 1

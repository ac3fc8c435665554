"""A changed registry is brought to stored looks once, whatever stops it, and nobody is asked twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import func, select

from cases.decisions import decide
from matching.backfill import backfill
from matching.logos import LOGO_VERSION
from registry.changes import changed_rights, narrow
from store.db import tables
from store.db.findings import Findings
from store.db.references import References
from store.db.review import ReviewItems
from store.db.rows import row_of, upsert
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.cases import Verdict
from store.records.findings import Band
from store.records.references import Fingerprint, Medium
from store.records.review import Standing
from store.records.runs import Run, RunState
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.matching.test_logos import drawn
from tests.matching.test_run import World, offer

Clock = Callable[[], datetime]
Ids = Callable[[], str]

SECOND = make.an_id("right", 77)


@pytest.fixture
def world(database: Database, vault: Vault, clock: Clock, ids: Ids) -> Iterator[World]:
    """A world of which everything was compared."""
    made = World(database, vault, clock, ids)
    made.add(1, offer("AURELIA Solaris 40 watch"), (make.photo(7),))
    made.add(2, offer("Holmvik dress watch"), (make.photo(3),))
    made.add(3, offer("Watch stand of oak"))
    made.match()
    yield made


def _register(world: World, text: str) -> None:
    right = make.right(id=SECOND, right_ref="SECOND", mark_text=text, registration_number="77")
    with world.database.write() as connection:
        upsert(connection, tables.right, [row_of(right, tables.right)], ["id"])


def _png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


LOGO = _png(drawn())
LOGO_SHA = make.sha(LOGO)


def _shows_the_logo() -> bytes:
    page = Image.open(BytesIO(make.photo(5))).convert("RGB").resize((640, 560))
    laid = drawn().resize((224, 168))
    page.paste(laid, (140, 130), laid)
    return _png(page)


def _register_logo(world: World) -> None:
    world.vault.put(LOGO)
    logo = make.reference(
        3,
        right=SECOND,
        product=None,
        reference_ref="LOGO",
        sha256=LOGO_SHA,
        medium=Medium.LOGO,
        photo_owner=None,
    )
    with world.database.write() as connection:
        upsert(connection, tables.reference, [row_of(logo, tables.reference)], ["id"])


def _backfill(world: World, progress: Callable[[int, int], None] | None = None, workers: int = 1) -> Run:
    return backfill(
        world.database,
        world.vault,
        world.snapshot(),
        world.declarations,
        clock=world.clock,
        ids=world.ids,
        workers=workers,
        code_version="1",
        progress=progress,
    )


def test_a_new_mark_finds_what_was_stored_before_it(world: World) -> None:
    _register(world, "Holmvik")
    run = _backfill(world)
    assert run.state is RunState.COMPLETE
    assert (run.counts["due"], run.counts["looks"], run.counts["touched"]) == (3, 3, 1)
    with world.database.read() as connection:
        found = Findings(connection, EVERYTHING).of_listing(make.listing(2).id)
    assert [each.right for each in found] == [SECOND]


def test_a_new_photo_is_found_on_what_was_stored_before_it(world: World) -> None:
    _register(world, "Holmvik")
    picture = make.reference(
        2, right=SECOND, product=None, reference_ref="NEW", sha256=world.vault.put(make.photo(3)), photo_owner=None
    )
    with world.database.write() as connection:
        upsert(connection, tables.reference, [row_of(picture, tables.reference)], ["id"])
    _backfill(world)
    with world.database.read() as connection:
        (found,) = Findings(connection, EVERYTHING).of_listing(make.listing(2).id)
    assert found.families == ("text", "image")


def test_a_new_logo_is_found_on_what_was_stored_before_it(world: World) -> None:
    world.add(4, offer("Holmvik handbag"), (_shows_the_logo(),))
    world.match()
    _register(world, "Holmvik")
    _register_logo(world)
    _backfill(world)
    with world.database.read() as connection:
        findings = Findings(connection, EVERYTHING).of_listing(make.listing(4).id)
        kept = References(connection, EVERYTHING).fingerprints([LOGO_SHA], algorithm="logo")
    assert [each.right for each in findings if "logo" in {sign.signal for sign in each.signs}] == [SECOND]
    assert [row.version for row in kept] == [LOGO_VERSION]


def test_a_logo_made_ready_by_an_earlier_version_is_made_ready_again(world: World) -> None:
    world.add(4, offer("Holmvik handbag"), (_shows_the_logo(),))
    _register(world, "Holmvik")
    _register_logo(world)
    with world.database.write() as connection:
        References(connection, EVERYTHING).put_fingerprints(
            [Fingerprint(sha256=LOGO_SHA, algorithm="logo", version="1", value=b"of a shape that nobody reads now")]
        )
    world.match()
    with world.database.read() as connection:
        findings = Findings(connection, EVERYTHING).of_listing(make.listing(4).id)
        kept = References(connection, EVERYTHING).fingerprints([LOGO_SHA], algorithm="logo")
    assert [each.right for each in findings if "logo" in {sign.signal for sign in each.signs}] == [SECOND]
    assert sorted(row.version for row in kept) == ["1", LOGO_VERSION]


def test_it_finds_what_a_whole_comparison_finds(world: World) -> None:
    _register(world, "Holmvik")
    _backfill(world)
    bands = world.bands()
    assert world.match().counts["looks"] == 0
    with world.database.write() as connection:
        connection.execute(tables.compared.delete())
        connection.execute(tables.review_item.delete())
        connection.execute(tables.finding.delete())
        connection.execute(tables.comparison.delete())
    world.match()
    assert world.bands() == bands


def test_a_second_run_has_nothing_to_do(world: World) -> None:
    _register(world, "Holmvik")
    _backfill(world)
    rows = world.rows()
    assert _backfill(world).counts["due"] == 0
    assert world.rows() == rows


def test_stopped_in_the_middle_it_goes_on_without_double_or_loss(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.backfill.LOOKS_A_TASK", 1)
    _register(world, "Holmvik")

    def stop(done: int, total: int) -> None:
        del total
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _backfill(world, stop)
    run = _backfill(world)
    assert (run.counts["due"], run.counts["looks"]) == (1, 1)
    table = tables.comparison
    with world.database.read() as connection:
        doubled = connection.execute(
            select(table.c.observation).group_by(table.c.observation, table.c.right).having(func.count() > 1)
        ).all()
        marked = connection.execute(select(func.count()).select_from(tables.compared)).scalar_one()
    assert doubled == []
    assert marked == 6  # three looks, under two registries


def test_what_was_decided_stays_decided(world: World) -> None:
    with world.database.read() as connection:
        finding = Findings(connection, EVERYTHING).of_listing(make.listing(1).id)[0]
    decide(world.database, [finding.id], Verdict.CONFIRM, by="Jane Roe", clock=world.clock, ids=world.ids)
    with world.database.write() as connection:
        upsert(
            connection,
            tables.product,
            [row_of(make.product(colours=(), other_names=("Solaris Forty",)), tables.product)],
            ["id"],
        )
    assert _backfill(world).counts["touched"] == 1
    with world.database.read() as connection:
        item = ReviewItems(connection, EVERYTHING).get(finding.id)
    assert item is not None and item.standing is Standing.CONFIRM
    assert world.bands()[make.listing(1).id] is Band.NOTICE


def test_only_rights_that_changed_are_compared(world: World) -> None:
    before = world.snapshot()
    _register(world, "Holmvik")
    after = world.snapshot()
    assert changed_rights(before, after) == {SECOND}
    assert changed_rights(after, after) == frozenset()
    part = narrow(after, {SECOND})
    assert [right.id for right in part.rights] == [SECOND]
    assert (part.products, part.references, part.digest) == ((), (), after.digest)

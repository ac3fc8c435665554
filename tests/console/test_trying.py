"""What another policy would do is told before it is in force, and the gate reads what is stored."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from config.policy import CalibrationPolicy, GatePolicy, Policy
from config.settings import load_settings
from console.errors import NotFound, Unanswerable
from console.gating import check_references, let_through, withdraw_stopped
from console.trying import Split, compare_policies, learn_calibration, policy_of, write_calibration
from console.workspace import Workspace
from matching.fingerprints import pack_words
from matching.printed_words import PrintedWords
from matching.regions import Box
from store.db.personal import Sealer
from store.db.references import References
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.findings import Band
from store.records.ids import new_id
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.matching.test_run import World, offer

Clock = Callable[[], datetime]
Ids = Callable[[], str]


@pytest.fixture
def world(database: Database, vault: Vault, clock: Clock, ids: Ids) -> World:
    """One copy and one honest offer, compared."""
    made = World(database, vault, clock, ids)
    made.add(1, offer("AURELIA Solaris 40 watch"), (make.photo(7),))
    made.add(2, offer("Holmvik dress watch"), (make.photo(3),))
    made.match()
    return made


def _workspace(world: World, folder: Path) -> Workspace:
    return Workspace(
        settings=load_settings(folder, environ={}),
        database=world.database,
        vault=world.vault,
        declarations=world.declarations,
        sealer=Sealer(b"k" * 32),
    )


def _silence(done: int, total: int) -> None:
    del done, total


def test_a_stricter_policy_tells_what_would_no_longer_be_sent(world: World, tmp_path: Path) -> None:
    workspace = _workspace(world, tmp_path)
    now = world.snapshot(), world.declarations.policy
    identity = now[1].identity.model_copy(update={"notice": 0.999})
    stricter: Policy = now[1].model_copy(update={"identity": identity})
    before = world.rows()
    found = compare_policies(
        workspace, now, (now[0], stricter), samples=3, clock=world.clock, ids=new_id, progress=_silence
    )
    assert (found.looks, found.left_out, found.counts) == (2, 0, {"notice to review": 1})
    assert (found.moves[0].before, found.moves[0].after) == (Band.NOTICE, Band.REVIEW)
    assert found.moves[0].title == "AURELIA Solaris 40 watch"
    assert world.rows() == before


def test_the_same_policy_moves_nothing(world: World, tmp_path: Path) -> None:
    now = world.snapshot(), world.declarations.policy
    found = compare_policies(
        _workspace(world, tmp_path), now, now, samples=3, clock=world.clock, ids=new_id, progress=_silence
    )
    assert found.counts == {}


def test_each_side_reads_the_words_in_photos_that_its_own_policy_asks_for(world: World, tmp_path: Path) -> None:
    world.add(3, offer("Dress watch"), (make.photo(5),))
    where = Box(left=0.1, top=0.1, right=0.6, bottom=0.3)
    with world.database.write() as connection:
        for photo, words in ((7, ()), (5, (PrintedWords(text="AURELIA", box=where, score=0.99),))):
            References(connection, EVERYTHING).put_fingerprints([pack_words(make.sha(make.photo(photo)), words)])
    world.match()
    now = world.snapshot(), world.declarations.policy
    reading: Policy = now[1].model_copy(update={"photos": now[1].photos.model_copy(update={"words_in": 1})})
    for before, after, moved in ((now[1], reading, "nothing to review"), (reading, now[1], "review to nothing")):
        found = compare_policies(
            _workspace(world, tmp_path),
            (now[0], before),
            (now[0], after),
            samples=3,
            clock=world.clock,
            ids=new_id,
            progress=_silence,
        )
        # The words in the photo of the second listing were never read: one of the two sides cannot see it yet.
        assert (found.looks, found.left_out, found.counts) == (2, 1, {moved: 1})
        assert [move.listing for move in found.moves] == [make.listing(3).id]


def test_declarations_nobody_kept_are_named(world: World) -> None:
    with pytest.raises(NotFound, match="declarations"):
        policy_of(world.vault, "0" * 64)


def test_too_few_decisions_teach_nothing(world: World, tmp_path: Path) -> None:
    with pytest.raises(Unanswerable, match="needs 20 of each"):
        learn_calibration(_workspace(world, tmp_path), Split.SELLER, date(2026, 3, 2))


def test_a_line_is_laid_into_the_policy_and_leaves_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("# ours\n[review]\npeople = 1 # a small office\n", "utf-8")
    for slope in (0.7, 0.8):
        write_calibration(file, CalibrationPolicy(slope=slope, offset=0.1, made_on=date(2026, 3, 2), pairs=60))
    text = file.read_text("utf-8")
    assert "# a small office" in text
    assert tomllib.loads(text)["identity"]["calibration"]["slope"] == 0.8


def test_the_gate_passes_a_photo_its_copies_name_and_stops_a_strangers(world: World, tmp_path: Path) -> None:
    workspace = _workspace(world, tmp_path)
    passed = {each.id: each.judgement for each in check_references(workspace, world.snapshot(), _silence)}
    assert passed[make.reference().id].is_fit
    assert passed[make.reference().id].matched == 1
    for number in (3, 4, 5):
        world.add(number, offer(f"Garden chair {number}"), (make.photo(7),))
    # They are all of one account, which the shipped policy would not take for a crowd.
    strict = world.declarations.policy.model_copy(update={"gate": GatePolicy(strange_sellers=1)})
    workspace = replace(workspace, declarations=replace(world.declarations, policy=strict))
    found = check_references(workspace, world.snapshot(), _silence)
    stopped = [each for each in found if each.kind == "reference" and not each.judgement.is_fit]
    assert [each.id for each in stopped] == [make.reference().id]
    gone = withdraw_stopped(workspace, found, by="Ann", today=date(2026, 3, 2), clock=world.clock, ids=world.ids)
    assert gone == [make.reference().reference_ref]
    assert world.snapshot().references == ()
    told = {"handed_in_by": "Ann", "clock": world.clock, "ids": world.ids}
    with pytest.raises(Unanswerable, match="second person"):
        let_through(workspace, gone[0], approved_by="ann", **told)  # type: ignore[arg-type]  # a test's own words
    let_through(workspace, gone[0], approved_by="Ben", **told)  # type: ignore[arg-type]  # a test's own words
    assert [each.id for each in world.snapshot().references] == [make.reference().id]

"""The holder's named expert adds a ground, or ends the suspicion."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from cases.determinations import apply_determination, check_determination, determine
from cases.errors import BadDetermination, UnknownFinding
from store.db.findings import Findings
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.cases import Determination
from store.records.findings import Band, GroundCode, InfringementClass
from store.records.scope import EVERYTHING
from tests import factories as make

Tick = Callable[[], datetime]
Ids = Callable[[], str]


def _word(**more: Any) -> Determination:
    values: dict[str, Any] = {
        "id": make.an_id("determination"),
        "finding": make.an_id("finding"),
        "is_infringing": True,
        "infringement_class": InfringementClass.COUNTERFEIT,
        "statement": "The engraving on the case back does not exist",
        "by": "Dr. Uhr",
        "at": make.NOW,
    }
    return Determination(**{**values, **more})


def test_an_infringing_word_adds_its_ground_and_class_once() -> None:
    bare = make.finding(grounds=(), infringement_class=None, band=Band.REVIEW)
    once = apply_determination(bare, _word())
    assert [g.code for g in once.grounds] == [GroundCode.HOLDERS_DETERMINATION]
    assert "Dr. Uhr" in once.grounds[0].because and "engraving" in once.grounds[0].because
    assert once.infringement_class is InfringementClass.COUNTERFEIT
    assert once.band is Band.REVIEW, "a person still decides"
    assert apply_determination(once, _word()) == once


def test_a_genuine_word_silences_with_a_logged_rule_and_can_be_corrected() -> None:
    silent = apply_determination(make.finding(), _word(is_infringing=False, infringement_class=None))
    assert silent.band is Band.SILENT
    assert [(s.rule, s.record) for s in silent.suppressions] == [
        ("holders_determination", make.an_id("determination"))
    ]
    assert apply_determination(silent, _word()).suppressions == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"by": " "},
        {"statement": "fake"},
        {"infringement_class": None},
        {"infringement_class": InfringementClass.LOOK_ALIKE},
        {"infringement_class": InfringementClass.IMAGE_COPIED},
        {"is_infringing": False},
        {"is_infringing": False, "infringement_class": None, "grounds": (GroundCode.TEST_PURCHASE,)},
    ],
)
def test_a_word_that_is_not_whole_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadDetermination):
        check_determination(_word(**wrong))


def test_the_word_and_what_follows_are_kept_together(database: Database, vault: Vault, clock: Tick, ids: Ids) -> None:
    make.store_scene(database, vault, make.goods_scene())
    word = determine(
        database,
        make.an_id("finding"),
        is_infringing=True,
        statement="The engraving does not exist",
        by="Dr. Uhr",
        clock=clock,
        ids=ids,
        infringement_class=InfringementClass.COUNTERFEIT,
    )
    with database.read() as connection:
        found = Findings(connection, EVERYTHING).get(word.finding)
    assert found is not None
    assert GroundCode.HOLDERS_DETERMINATION in {ground.code for ground in found.grounds}
    with pytest.raises(UnknownFinding):
        determine(
            database,
            "no such id",
            is_infringing=False,
            statement="It is one of ours",
            by="Dr. Uhr",
            clock=clock,
            ids=ids,
        )

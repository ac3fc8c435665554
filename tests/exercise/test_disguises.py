"""Disguises change a name and stay readable."""

import random
import unicodedata

import pytest

from exercise.disguises import DISGUISES, HOMOGLYPHS, full_width, with_homoglyphs, with_leet, with_spaces


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("name", ["AURELIA", "ZUVO", "AMBER", "LUMBRIK", "KESTRANE", "VELMORA"])
def test_every_disguise_changes_the_name(disguise, name: str) -> None:  # type: ignore[no-untyped-def]  # a test's own shape of the call
    assert all(disguise(name, random.Random(seed)) != name for seed in range(20))


def test_disguises_can_be_undone() -> None:
    twins = {twin: letter for letter, others in HOMOGLYPHS.items() for twin in others}
    dice = random.Random(1)
    assert "".join(twins.get(c, c) for c in with_homoglyphs("KESTRANE", dice)) == "KESTRANE"
    assert with_leet("AMBER", dice).replace("4", "A").replace("3", "E") == "AMBER"
    assert "".join(c for c in with_spaces("ZUVO", dice) if c.isalpha()) == "ZUVO"
    assert unicodedata.normalize("NFKC", full_width("ZUVO", dice)) == "ZUVO"

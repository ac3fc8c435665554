"""A seeded sample of the proof that `make prove NAME=pictures` runs in full."""

from __future__ import annotations

from tests.faults.pictures import prove


def test_broken_and_crafted_pictures_identify_nothing() -> None:
    """Two hundred broken files and four crafted pictures."""
    proof = prove(200, seed=7)
    assert proof.files == 200
    assert proof.crafted == 4 and proof.collided == 4  # the attack itself works
    assert proof.clean, proof

"""A seeded sample of the proof that `make prove NAME=reading_fuzz` runs in full."""

from __future__ import annotations

from tests.faults.reading_fuzz import prove


def test_hostile_pages_raise_nothing_and_end() -> None:
    """Sixty pages of every kind; memory is compared in the full run."""
    proof = prove(60, seed=7)
    assert proof.pages == 60
    assert proof.clean, proof

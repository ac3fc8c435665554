"""Hashes come back from their rows as they were."""

from __future__ import annotations

import dataclasses

import pytest

from matching.errors import CodesMisshapen
from matching.fingerprints import LISTING, REFERENCE, VIEWS, pack_hash, unpack_hashes
from matching.images import hash_photo, hash_reference, open_photo
from matching.photo_index import PhotoIndex
from tests.factories import photo


def test_a_photo_hash_survives_its_rows() -> None:
    hashed = hash_photo(open_photo(photo(7)))
    back = unpack_hashes(pack_hash(hashed, LISTING), LISTING)[hashed.sha256]
    assert (back.phash, back.pdq) == (hashed.phash, hashed.pdq)
    assert [(c.position, c.pdq, c.view.kind) for c in back.codes] == [
        (c.position, c.pdq, c.view.kind) for c in hashed.codes
    ]


def test_a_stored_reference_is_found_by_a_stored_photo() -> None:
    ours, theirs = hash_reference(open_photo(photo(7))), hash_photo(open_photo(photo(7)))
    reference = unpack_hashes(pack_hash(ours, REFERENCE), REFERENCE)[ours.sha256]
    listing = unpack_hashes(pack_hash(theirs, LISTING), LISTING)[theirs.sha256]
    assert [c.distance_bits for c in PhotoIndex([("r", reference.codes)]).search(listing, 31)] == [0]


def test_the_two_sides_of_one_photo_are_kept_apart() -> None:
    hashed = hash_photo(open_photo(photo(7)))
    assert unpack_hashes(pack_hash(hashed, LISTING), REFERENCE) == {}


def test_a_row_of_another_version_is_not_used() -> None:
    rows = [dataclasses.replace(row, version="0") for row in pack_hash(hash_photo(open_photo(photo(7))), LISTING)]
    assert unpack_hashes(rows, LISTING) == {}


def test_a_cut_row_is_told() -> None:
    rows = pack_hash(hash_photo(open_photo(photo(7))), LISTING)
    cut = [dataclasses.replace(r, value=r.value[:-1]) if r.algorithm == VIEWS else r for r in rows]
    with pytest.raises(CodesMisshapen, match="delete the row"):
        unpack_hashes(cut, LISTING)

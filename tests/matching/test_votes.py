"""Corners lead from a part of a photo to the whole, and strangers share none."""

from __future__ import annotations

import random
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from matching.images import describe_photo, hash_photo, hash_reference, open_photo
from matching.photo_index import PhotoIndex
from tests.factories import photo
from tests.pairs.photo_edits import cropped, save, tiled

LEAST = 0.2


def picture(seed: int) -> Image.Image:
    return Image.open(BytesIO(photo(seed))).convert("RGB")


@pytest.fixture(scope="module")
def index() -> PhotoIndex[int]:
    hashed = {seed: hash_reference(open_photo(photo(seed))) for seed in range(1, 7)}
    return PhotoIndex(
        ((seed, each.codes) for seed, each in hashed.items()),
        {seed: (each.corners, each.mirrored_corners) for seed, each in hashed.items()},
    )


def voted(index: PhotoIndex[int], shown: Image.Image) -> list[tuple[int, bool]]:
    votes = index.vote(describe_photo(open_photo(save(shown))), most=3, least=LEAST)
    return [(vote.reference_id, vote.mirrored) for vote in votes]


def test_two_thirds_of_a_photo_lead_to_it(index: PhotoIndex[int]) -> None:
    assert voted(index, cropped(picture(4), 1 / 3, random.Random(1)))[0] == (4, False)


def test_a_mirrored_crop_leads_to_it_and_is_said_to_be_mirrored(index: PhotoIndex[int]) -> None:
    assert voted(index, ImageOps.mirror(cropped(picture(4), 1 / 3, random.Random(1))))[0] == (4, True)


def test_a_turned_photo_leads_to_it(index: PhotoIndex[int]) -> None:
    assert voted(index, picture(4).rotate(90, expand=True))[0] == (4, False)


def test_a_quarter_of_a_collage_leads_to_it(index: PhotoIndex[int]) -> None:
    board = tiled(picture(4), random.Random(2), [picture(seed) for seed in (20, 21, 22)], 2)
    assert (4, False) in voted(index, board)


def test_an_index_without_corners_votes_for_nothing() -> None:
    empty: PhotoIndex[int] = PhotoIndex([(1, hash_reference(open_photo(photo(1))).codes)])
    assert voted(empty, picture(1)) == []


def test_an_index_in_a_folder_finds_what_one_in_memory_finds(tmp_path: Path) -> None:
    hashed = {seed: hash_reference(open_photo(photo(seed))) for seed in range(1, 4)}
    rows = [(seed, each.codes) for seed, each in hashed.items()]
    shown = hash_photo(open_photo(photo(2)))
    plain = PhotoIndex(rows).search(shown, 90)
    for name, part in (("a", rows[:2]), ("b", rows)):
        kept = PhotoIndex(part, folder=tmp_path, name=name)
    assert kept.search(shown, 90) == plain

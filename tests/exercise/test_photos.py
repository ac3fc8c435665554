"""Photos are repeatable, large enough to hash, and unlike one another."""

import dataclasses
import itertools

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from exercise.catalogue import PRODUCTS
from exercise.photos import MOTIFS, render_photo
from exercise.records import Edit, EditKind, Photo, World

# The DCT of PDQ: 16 × 16 low frequencies of a 64 × 64 luminance picture (Meta's PDQ paper, 2019, section 5).
DCT = np.array(
    [[np.sqrt(2 / 64) * np.cos(np.pi / 128 * i * (2 * j + 1)) for j in range(64)] for i in range(1, 17)], np.float32
)


def pixels(data: bytes) -> NDArray[np.uint8]:
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def fingerprint(data: bytes) -> NDArray[np.bool_]:
    """256 bits near PDQ's own: enough to tell whether two pictures could be mistaken for one another."""
    grey = cv2.cvtColor(pixels(data), cv2.COLOR_BGR2GRAY)
    small = cv2.resize(cv2.blur(cv2.blur(grey, (4, 4)), (4, 4)), (64, 64), interpolation=cv2.INTER_AREA)
    waves = DCT @ small.astype(np.float32) @ DCT.T
    return np.asarray(waves > np.median(waves)).reshape(-1)


def test_equal_records_give_equal_bytes() -> None:
    photo = Photo(motif="watch", seed=77, wordmark="HOLMVIK")
    assert render_photo(photo) == render_photo(dataclasses.replace(photo))
    assert render_photo(photo) != render_photo(dataclasses.replace(photo, seed=78))


@pytest.mark.parametrize("motif", [*MOTIFS, "scene", "logo"])
def test_every_motif_is_drawn_large_and_rich(motif: str) -> None:
    data = render_photo(Photo(motif=motif, seed=5, wordmark="NAME"))
    page = pixels(data)
    assert min(page.shape[:2]) >= 512
    assert 8_000 < len(data) < 120_000
    assert page.std() > 15


def test_a_blank_picture_is_blank() -> None:
    assert pixels(render_photo(Photo(motif="blank", seed=1))).std() < 1


@pytest.mark.parametrize("kind", EditKind)
def test_every_edit_changes_the_picture(kind: EditKind) -> None:
    amount = {EditKind.CROP: 0.08, EditKind.BORDER: 0.05, EditKind.WATERMARK: 0.45, EditKind.ROTATE: 2.0}.get(
        kind, 1.2
    )
    official = PRODUCTS[0].photos[0]
    before = pixels(render_photo(official))
    after = pixels(render_photo(dataclasses.replace(official, edits=(Edit(kind=kind, amount=amount),))))
    assert after.shape != before.shape or np.abs(after.astype(int) - before).mean() > 1
    assert min(after.shape[:2]) >= 512


def test_no_two_sellers_photos_could_be_mistaken_for_one_another(small_world: World) -> None:
    photos = {
        p for listing in small_world.listings for p in listing.photos if p.backdrop is None and p.motif != "blank"
    }
    own = sorted((photo for photo in photos if photo.seed >= 20_000), key=lambda photo: photo.seed)[::3]
    official = [photo for product in PRODUCTS for photo in product.photos[:1]]
    codes = [fingerprint(render_photo(photo)) for photo in (*own, *official)]
    closest = min(int((a != b).sum()) for a, b in itertools.combinations(codes, 2))
    assert closest > 40

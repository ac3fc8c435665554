"""PDQ codes are those that others publish, in all eight positions."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from matching.images import hash_photo, open_photo
from store.pictures import pdq
from store.pictures.pdq import Dihedral


def _scene(height_px: int, width_px: int, seed: int = 3) -> NDArray[np.uint8]:
    """A picture with shapes of many sizes, as RGB."""
    random = np.random.default_rng(seed)
    picture: NDArray[np.uint8] = np.zeros((height_px, width_px, 3), np.uint8)
    for side in (3, 8, 21):
        noise = random.integers(0, 256, (side, side, 3), dtype=np.uint8)
        layer = cv2.resize(noise, (width_px, height_px), interpolation=cv2.INTER_CUBIC)
        picture = (picture // 2 + layer // 2).astype(np.uint8)
    return picture


def _vectors(folder: Path) -> list[tuple[Path, bytes, int | None]]:
    rows: list[tuple[Path, bytes, int | None]] = []
    with (folder / "expected_pdq.csv").open(newline="") as lines:
        rows += [(folder / path, bytes.fromhex(code), None) for code, path in csv.reader(lines)]
    with (folder / "expected_pdq_bridge_mods.csv").open(newline="") as lines:
        rows += [(folder / path, bytes.fromhex(code), int(grade)) for code, grade, path in csv.reader(lines)]
    return rows


@pytest.mark.real_data
def test_published_vectors_are_met(real_data: Path) -> None:
    vectors = _vectors(real_data / "ref" / "pdq")
    assert len(vectors) == 20
    for path, published, quality in vectors:
        with Image.open(path) as picture:
            rgb = np.asarray(picture.convert("RGB"))
        found = pdq.hash_rgb(rgb)
        assert quality is None or found.quality == quality, path.name
        allowed_bits = 0 if max(rgb.shape) <= 512 else 8
        assert pdq.distance_bits(found.code, published) <= allowed_bits, path.name


@pytest.mark.parametrize("position", Dihedral)
@pytest.mark.parametrize("size", [(240, 320), (317, 211), (64, 64), (90, 400)])
def test_position_codes_are_those_of_the_turned_picture(position: Dihedral, size: tuple[int, int]) -> None:
    luma = pdq.luma_of(_scene(*size))
    turned = {
        Dihedral.ORIGINAL: luma,
        Dihedral.ROTATE_90: np.rot90(luma),
        Dihedral.ROTATE_180: np.rot90(luma, 2),
        Dihedral.ROTATE_270: np.rot90(luma, 3),
        Dihedral.FLIP_X: luma[::-1],
        Dihedral.FLIP_Y: luma[:, ::-1],
        Dihedral.FLIP_PLUS_1: luma.T,
        Dihedral.FLIP_MINUS_1: np.rot90(luma, 2).T,
    }[position]
    codes, _ = pdq.hash_dihedral(luma)
    # At 64 px nothing is blurred or left out; elsewhere even windows lean right and samples lie off the middle,
    # so a mirrored picture is blurred a fraction of a pixel further along. Unrelated codes lie 128 apart.
    allowed_bits = 0 if size == (64, 64) else 24
    assert pdq.distance_bits(codes[position], pdq.hash_luma(np.ascontiguousarray(turned)).code) <= allowed_bits


def test_the_first_position_is_the_plain_hash() -> None:
    luma = pdq.luma_of(_scene(200, 300))
    codes, quality = pdq.hash_dihedral(luma)
    assert pdq.hash_luma(luma) == pdq.Pdq(code=codes[Dihedral.ORIGINAL], quality=quality)


def _blurred_step_by_step(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """The reference's filter, sample by sample: two box passes along and across, then every n-th sample."""

    def box(line: NDArray[np.float64], window: int) -> NDArray[np.float64]:
        right = (window + 2) // 2 - 1
        left = window - 1 - right
        return np.array([line[max(0, i - left) : i + right + 1].mean() for i in range(len(line))])

    height_px, width_px = luma.shape
    picture = luma.astype(np.float64)
    for _ in range(2):
        picture = np.apply_along_axis(box, 1, picture, (width_px + 127) // 128)
        picture = np.apply_along_axis(box, 0, picture, (height_px + 127) // 128)
    rows = [int((i + 0.5) * height_px / 64) for i in range(64)]
    columns = [int((i + 0.5) * width_px / 64) for i in range(64)]
    return picture[np.ix_(rows, columns)].astype(np.float32)


@pytest.mark.parametrize("size", [(130, 150), (97, 80), (5, 64)])
def test_matrices_blur_as_the_reference_does(size: tuple[int, int]) -> None:
    luma = pdq.luma_of(_scene(*size))
    np.testing.assert_allclose(pdq.shrink(luma), _blurred_step_by_step(luma), atol=1e-3)


@pytest.mark.parametrize("size", [(800, 600), (801, 533), (1024, 300)])
def test_a_halved_picture_has_nearly_the_codes_of_the_whole(size: tuple[int, int]) -> None:
    grey = cv2.cvtColor(_scene(*size), cv2.COLOR_RGB2GRAY)
    block = pdq.shrink(pdq.halve(np.asarray(grey, np.uint8)).astype(np.float32), halved=True)
    (codes, quality), *_ = pdq.hash_blocks([block], [tuple(Dihedral)])
    whole, whole_quality = pdq.hash_dihedral(np.asarray(grey, np.float32))
    assert max(pdq.distance_bits(codes[each], whole[each]) for each in Dihedral) <= 8
    assert abs(quality - whole_quality) <= 2


def test_flat_pictures_have_no_quality_and_scenes_have() -> None:
    flat = np.full((100, 100), 128, np.float32)
    stripes = np.tile(np.repeat(np.array([0, 255], np.float32), 8), (128, 8))
    assert pdq.hash_luma(flat).quality == 0
    assert pdq.hash_luma(stripes).quality == 100


def test_half_the_bits_are_set() -> None:
    assert int.from_bytes(pdq.hash_rgb(_scene(120, 160)).code).bit_count() == 128


def test_recompression_moves_few_bits_and_another_scene_many() -> None:
    scene = _scene(300, 400)
    _, jpeg = cv2.imencode(".jpg", scene, [cv2.IMWRITE_JPEG_QUALITY, 40])
    again = np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)
    code = pdq.hash_rgb(scene).code
    assert pdq.distance_bits(code, pdq.hash_rgb(again).code) <= 20
    assert pdq.distance_bits(code, pdq.hash_rgb(_scene(300, 400, seed=4)).code) > 80


def test_large_pictures_are_reduced_before_they_are_hashed() -> None:
    scene = _scene(1500, 2048)
    reduced = pdq.reduce(scene)
    assert reduced.shape == (750, 1024, 3)
    assert pdq.hash_rgb(scene) == pdq.hash_rgb(reduced)
    assert pdq.reduce(reduced) is reduced


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_distance_counts_differing_bits(one: bytes, other: bytes) -> None:
    differing = sum(bin(a ^ b).count("1") for a, b in zip(one, other, strict=True))
    assert pdq.distance_bits(one, other) == pdq.distance_bits(other, one) == differing


def test_codes_of_different_length_have_no_distance() -> None:
    with pytest.raises(ValueError, match="no distance"):
        pdq.distance_bits(b"\x00" * 32, b"\x00" * 8)


def test_too_small_a_picture_is_an_error() -> None:
    with pytest.raises(ValueError, match="5 px"):
        pdq.hash_luma(np.zeros((4, 100), np.float32))


@pytest.mark.real_data
def test_published_vectors_are_met_as_stored_through_the_gate(real_data: Path) -> None:
    for path, published, _ in _vectors(real_data / "ref" / "pdq"):
        stored = hash_photo(open_photo(path.read_bytes(), colour=False), with_printed=False)
        assert pdq.distance_bits(stored.pdq.code, published) <= 12, path.name

"""The quick pHash is imagehash's, bit by bit."""

from __future__ import annotations

from io import BytesIO

import imagehash
import numpy as np
import pytest
from PIL import Image

from matching.phash import phash
from tests.factories import photo


@pytest.mark.parametrize("size", [(512, 384), (384, 512), (64, 64), (511, 97), (32, 32), (100, 40)], ids=str)
@pytest.mark.parametrize("number", [3, 7])
def test_it_is_imagehash_to_the_bit(number: int, size: tuple[int, int]) -> None:
    picture = Image.open(BytesIO(photo(number))).convert("L").resize(size)
    wanted = np.packbits(imagehash.phash(picture).hash).tobytes()
    assert phash(np.asarray(picture, dtype=np.float32)) == wanted


def test_noise_is_hashed_alike_within_a_bit_in_a_thousand() -> None:
    chance = np.random.default_rng(5)
    differing = 0
    for _ in range(40):
        noise = chance.integers(0, 256, (90, 120), dtype=np.uint8)
        wanted = np.packbits(imagehash.phash(Image.fromarray(noise)).hash)
        differing += int(np.unpackbits(wanted ^ np.frombuffer(phash(noise.astype(np.float32)), np.uint8)).sum())
    assert differing <= 3

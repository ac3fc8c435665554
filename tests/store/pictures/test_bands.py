"""Matrices in bands do what the full matrices do."""

import numpy as np
import pytest

from store.pictures.bands import Bands


@pytest.mark.parametrize("side_px", [16, 61, 200, 401])
@pytest.mark.parametrize("long", [1, 5, 16])
def test_bands_filter_as_the_full_matrix_does(side_px: int, long: int) -> None:
    chance = np.random.default_rng(side_px)
    first = np.linspace(-2, side_px - long + 2, 32).astype(np.int64)
    weights = chance.random((32, long))
    columns = first[:, None] + np.arange(long)
    weights[(columns < 0) | (columns >= side_px)] = 0.0
    full = np.zeros((32, side_px))
    for row, begin in enumerate(first.tolist()):
        for at in range(long):
            if 0 <= begin + at < side_px:
                full[row, begin + at] = weights[row, at]
    bands = Bands.of(first, weights, side_px=side_px)
    picture = chance.random((side_px, side_px + 3), dtype=np.float32)
    np.testing.assert_allclose(bands.down(picture), full @ picture, rtol=1e-4)
    np.testing.assert_allclose(bands.across(picture.T), picture.T @ full.T, rtol=1e-4)
    part = picture[:, 2:7]  # lines of a part do not lie side by side in memory
    np.testing.assert_allclose(bands.down(part), full @ part, rtol=1e-4)

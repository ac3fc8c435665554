"""
Matrices that are nothing far from their diagonal, as filters that shrink a picture are, applied in a few products.

    bands = Bands.of(first, weights, side_px=400)  # row r weighs the columns first[r], first[r] + 1, ...
    bands.down(picture), bands.across(picture)      # what matrix @ picture and picture @ matrix.T give

Neighbouring rows weigh neighbouring columns: eight rows together reach an eighth of the side and a little more, so
that a seventh of the products of the full matrix are left. The bands begin evenly spaced, and one call takes all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

_ROWS = 8  # of a band (eight take less than four and sixteen do)


@dataclass(frozen=True, slots=True, eq=False)
class Bands:
    """`weights` is bands × 8 × columns, float32; each band begins `step` columns after the one before it."""

    step: int
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, first: NDArray[np.int64], weights: NDArray[np.float64], *, side_px: int) -> Bands:
        """
        The matrix of rows × side_px whose row r holds `weights[r]` from the column `first[r]` on.

        `first` ascends; the rows are a multiple of eight. What would lie beyond the sides must weigh nothing.
        """
        rows, long = weights.shape
        count = rows // _ROWS
        at = np.arange(count)
        begins = np.maximum(first[::_ROWS], 0)
        ends = np.minimum(first[_ROWS - 1 :: _ROWS] + long, side_px)
        left = begins[1:] // at[1:]
        right = (side_px - ends[:-1]) // (count - 1 - at[:-1])
        step = max(0, min(int(left.min()), int(right.min())))
        wide = side_px - (count - 1) * step
        columns = np.clip(first[:, None] + np.arange(long), 0, side_px - 1)
        columns += (np.arange(rows) * wide - np.arange(rows) // _ROWS * step)[:, None]
        filled = np.bincount(columns.ravel(), weights.ravel(), minlength=rows * wide).astype(np.float32)
        banded = filled.reshape(count, _ROWS, wide)
        banded.setflags(write=False)
        return cls(step, banded)

    def down(self, picture: NDArray[np.float32]) -> NDArray[np.float32]:
        """Filter the columns of a picture: rows × width."""
        count, rows, wide = self.weights.shape
        by_row, by_column = picture.strides
        bands = as_strided(picture, (count, wide, picture.shape[1]), (self.step * by_row, by_row, by_column))
        return np.asarray(np.matmul(self.weights, bands).reshape(count * rows, picture.shape[1]), np.float32)

    def across(self, picture: NDArray[np.float32]) -> NDArray[np.float32]:
        """Filter the lines of a picture: height × rows."""
        count, rows, wide = self.weights.shape
        by_row, by_column = picture.strides
        bands = as_strided(picture, (count, picture.shape[0], wide), (self.step * by_column, by_row, by_column))
        filtered = np.matmul(bands, self.weights.transpose(0, 2, 1))
        return np.asarray(filtered.transpose(1, 0, 2).reshape(picture.shape[0], count * rows), np.float32)

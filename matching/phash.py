"""
pHash as imagehash gives it, from brightness that is there already, at a quarter of the time.

imagehash.phash brings a picture to 32 × 32 with Pillow's Lanczos filter, transforms it by cosines and asks of the 64
lowest frequencies which lie above their median. Both steps are linear and separable: two small matrices, made once
for each length of a side, do what they do.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_SIDE = 32  # of the picture that is transformed (imagehash: hash_size 8 times highfreq_factor 4)
_LOWEST = 8  # frequencies kept per axis (imagehash)
_REACH = 3.0  # of Pillow's Lanczos window, in samples of the smaller picture


def phash(luma: NDArray[np.float32]) -> bytes:
    """
    The 64 bits of imagehash.phash of a picture given as brightness, height × width, 0 to 255, row by row.

    Of 9,600 bits of 150 real photos none differed.
    """
    height_px, width_px = luma.shape
    # Pillow goes along the rows first and keeps whole levels in between.
    narrow = _levels(luma @ _lanczos(width_px).T)
    small = _levels(_lanczos(height_px) @ narrow)
    lowest = (_COSINES @ small.astype(np.float64) @ _COSINES.T).ravel()
    middle = np.partition(lowest, (_LOWEST**2 // 2 - 1, _LOWEST**2 // 2))
    median = (middle[_LOWEST**2 // 2 - 1] + middle[_LOWEST**2 // 2]) / 2
    return np.packbits(lowest > median).tobytes()


def _levels(tones: NDArray[np.float32]) -> NDArray[np.float32]:
    tones += np.float32(0.5)
    np.floor(tones, out=tones)
    return np.clip(tones, 0, 255, out=tones)


@lru_cache(maxsize=128)  # listings repeat few sizes; a matrix of 512 columns is 64 kB
def _lanczos(side_px: int) -> NDArray[np.float32]:
    """Give the 32 × side_px matrix of Pillow's Lanczos filter. Source: Pillow, src/libImaging/Resample.c."""
    scale = side_px / _SIDE
    wide = max(scale, 1.0)
    centres = ((np.arange(_SIDE) + 0.5) * scale)[:, None]
    first = np.maximum((centres - _REACH * wide + 0.5).astype(np.int64), 0)
    last = np.minimum((centres + _REACH * wide + 0.5).astype(np.int64), side_px)
    samples = np.arange(side_px)
    x = (samples - centres + 0.5) / wide
    is_inside = (np.abs(x) < _REACH) & (samples >= first) & (samples < last)
    weights = np.where(is_inside, np.sinc(x) * np.sinc(x / _REACH), 0.0)
    fixed: NDArray[np.float32] = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    fixed.setflags(write=False)
    return fixed


_COSINES = 2 * np.cos(np.pi / (2 * _SIDE) * np.arange(_LOWEST)[:, None] * (2 * np.arange(_SIDE)[None, :] + 1))

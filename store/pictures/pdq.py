"""
PDQ fingerprints of pictures: 256 bits and a quality, without a compiled PDQ.

The blur, the decimation and the cosine transform of PDQ are linear and
separable, so each axis is one small matrix that depends only on the length of
the side: `block = rows @ luma @ columns.T`, `spectrum = DCT @ block @ DCT.T`.
A large picture may come halved: the matrices of the full length, applied to
means of two pixels, give nearly the block of the full picture for a quarter of
the work (150 photos of 800 px: 0 bits apart in the median, 6 at most).

Source: the PDQ description of 2019 ("The TMK+PDQF video-hashing algorithm and
the PDQ image-hashing algorithm") and the constants of its reference
implementation. Hex digits are written as published: highest coefficient first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, unique
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

BITS = 256
CODE_BYTES = BITS // 8
MIN_SIDE_PX = 5  # the smallest side the reference hashes
# Pictures are brought down to this before they are hashed: all 20 published vectors then lie within 8 bits,
# against 12 at full size; smaller pictures are hashed as they are, with the published bits.
LONGEST_SIDE_PX = 1024
_BLOCK = 64  # side of the blurred, decimated picture that is transformed (reference)
_BAND = 8  # rows of the block made together (eight take half the time of four and of sixteen)
_COEFFICIENTS = 16  # lowest frequencies kept per axis, the constant one left out (reference)
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601, as in the reference


@unique
class Dihedral(Enum):
    """One of the eight ways to lay the same picture down: what was done to it before hashing."""

    ORIGINAL = "original"
    """As it is."""
    ROTATE_90 = "rotate_90"
    """A quarter turn counter-clockwise."""
    ROTATE_180 = "rotate_180"
    """A half turn."""
    ROTATE_270 = "rotate_270"
    """A quarter turn clockwise."""
    FLIP_X = "flip_x"
    """Top and bottom exchanged."""
    FLIP_Y = "flip_y"
    """Left and right exchanged."""
    FLIP_PLUS_1 = "flip_plus_1"
    """Mirrored at the diagonal that starts top left."""
    FLIP_MINUS_1 = "flip_minus_1"
    """Mirrored at the diagonal that starts top right."""

    @property
    def is_mirrored(self) -> bool:
        """Tell whether writing would be seen from behind."""
        return self.name.startswith("FLIP")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pdq:
    """A fingerprint (32 bytes; `code.hex()` is the published form) and its quality, 0 to 100."""

    code: bytes
    quality: int


def hash_rgb(rgb: NDArray[np.uint8]) -> Pdq:
    """
    Fingerprint a picture given as RGB, height × width × 3, 8 bits per channel.

    A side above `LONGEST_SIDE_PX` is first brought down to it by area averaging.
    Raises `ValueError` when a side is shorter than `MIN_SIDE_PX`.
    """
    return hash_luma(luma_of(reduce(rgb)))


def reduce(pixels: NDArray[np.uint8], *, longest_side_px: int = LONGEST_SIDE_PX) -> NDArray[np.uint8]:
    """
    Bring the longer side down to `longest_side_px` by area averaging; a smaller picture is given back.

    Takes height × width, grey, or height × width × 3.
    """
    height_px, width_px = pixels.shape[:2]
    scale = longest_side_px / max(height_px, width_px)
    if scale >= 1:
        return pixels
    size = max(1, round(width_px * scale)), max(1, round(height_px * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def luma_of(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Give the brightness of RGB pixels: height × width × 3 in, height × width of 0 to 255 out."""
    return np.asarray(rgb.astype(np.float32) @ _LUMA, dtype=np.float32)


def halve(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """
    Give the means of two by two pixels of a grey picture, height × width.

    A last line without a neighbour is taken twice.
    """
    height_px, width_px = grey.shape
    if height_px % 2 or width_px % 2:
        grey = np.asarray(
            cv2.copyMakeBorder(grey, 0, height_px % 2, 0, width_px % 2, cv2.BORDER_REPLICATE), dtype=np.uint8
        )
    size = (width_px + 1) // 2, (height_px + 1) // 2
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def hash_luma(luma: NDArray[np.float32]) -> Pdq:
    """
    Fingerprint a picture given as brightness, height × width, 0 to 255.

    Raises `ValueError` when a side is shorter than `MIN_SIDE_PX`.
    """
    codes, quality = hash_dihedral(luma, (Dihedral.ORIGINAL,))
    return Pdq(code=codes[Dihedral.ORIGINAL], quality=quality)


def hash_dihedral(
    luma: NDArray[np.float32], positions: Sequence[Dihedral] = tuple(Dihedral)
) -> tuple[dict[Dihedral, bytes], int]:
    """
    Fingerprint a picture in all eight positions, or some, from one transform; gives the codes and the quality.

    Turning or mirroring a picture only transposes its spectrum and changes signs,
    so seven more codes cost next to nothing. Raises as `hash_luma` does.
    """
    return hash_blocks([shrink(luma)], [positions])[0]


def hash_blocks(
    blocks: Sequence[NDArray[np.float32]], positions: Sequence[Sequence[Dihedral]]
) -> list[tuple[dict[Dihedral, bytes], int]]:
    """Fingerprint pictures that `shrink` gave, each in positions of its own: by picture the codes and the quality."""
    stack = np.stack(blocks)
    spectra = _DCT @ stack @ _DCT.T
    moved = np.stack(
        [_MOVES[position](spectrum) for spectrum, asked in zip(spectra, positions, strict=True) for position in asked]
    ).reshape(-1, BITS)
    # One bit per coefficient: is it above the lower median? The last coefficient comes first.
    medians = np.partition(moved, BITS // 2 - 1, axis=1)[:, BITS // 2 - 1]
    codes = iter(np.packbits((moved > medians[:, None])[:, ::-1], axis=1))
    qualities = _qualities(stack)
    return [
        ({position: next(codes).tobytes() for position in asked}, quality)
        for asked, quality in zip(positions, qualities, strict=True)
    ]


def shrink(luma: NDArray[np.float32], *, halved: bool = False) -> NDArray[np.float32]:
    """
    Give the 64 × 64 picture, blurred by two box passes per axis, that PDQ transforms.

    `halved` says that `luma` is what `halve` gave (or a part of it): the block is then that of the picture twice its
    size. Raises `ValueError` when a side is shorter than `MIN_SIDE_PX`.
    """
    if luma.ndim != 2 or min(luma.shape) < MIN_SIDE_PX:
        raise ValueError(f"PDQ needs height × width with sides of {MIN_SIDE_PX} px or more, not {luma.shape}")
    height_px, width_px = luma.shape
    lines = np.empty((_BLOCK, width_px), dtype=np.float32)
    # A line of the block is made of few lines of the picture: in bands, a seventh of the products are left.
    for start, first, last, weights in _bands(height_px, halved):
        np.matmul(weights, luma[first:last], out=lines[start : start + _BAND])
    return np.asarray(lines @ _shrinking(width_px, halved).T, dtype=np.float32)


def _qualities(blocks: NDArray[np.float32]) -> list[int]:
    """
    Count the strong steps of 64 × 64 pictures: 0 (flat) to 100 (rich in edges).

    Steps are cut to whole percents of the tone range before they are summed, so
    that many faint ones weigh nothing; 90 is the reference's scale.
    """
    percents = blocks * np.float32(100 / 255)
    steps = sum(np.abs(np.trunc(np.diff(percents, axis=axis))).sum(axis=(1, 2), dtype=np.float64) for axis in (1, 2))
    return [min(100, int(each) // 90) for each in np.atleast_1d(steps)]


def distance_bits(one: bytes, other: bytes) -> int:
    """Count the bits in which two codes of the same length differ (0 = same, 256 = inverse)."""
    if len(one) != len(other):
        raise ValueError(f"codes of {len(one)} and {len(other)} bytes have no distance")
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


@lru_cache(maxsize=128)
def _bands(side_px: int, halved: bool) -> list[tuple[int, int, int, NDArray[np.float32]]]:
    """Give `_shrinking` in bands of eight rows: the band's first row, the columns it is not nothing in, and those."""
    rows = _shrinking(side_px, halved)
    bands = []
    for start in range(0, _BLOCK, _BAND):
        used = np.flatnonzero(rows[start : start + _BAND].any(axis=0))
        first, last = int(used[0]), int(used[-1]) + 1
        bands.append((start, first, last, np.ascontiguousarray(rows[start : start + _BAND, first:last])))
    return bands


@lru_cache(maxsize=128)  # listings repeat few sizes; 128 matrices of 1,024 columns are 32 MB
def _shrinking(side_px: int, halved: bool) -> NDArray[np.float32]:
    """
    Give the 64 × side_px matrix that blurs a line of `side_px` samples and keeps 64 of them.

    Of a line that was halved each sample stands for two.
    """
    if halved:
        full = _shrinking(2 * side_px, False)
        both: NDArray[np.float32] = full[:, 0::2] + full[:, 1::2]
        both.setflags(write=False)
        return both
    window = (side_px + 2 * _BLOCK - 1) // (2 * _BLOCK)
    # An even window reaches one sample further right; windows that leave the picture average what is in it.
    reach_right = (window + 2) // 2 - 1
    reach_left = window - 1 - reach_right
    at = np.arange(side_px)
    first, last = np.maximum(at - reach_left, 0), np.minimum(at + reach_right, side_px - 1)
    size = last - first + 1
    kept = ((np.arange(_BLOCK) + 0.5) * side_px / _BLOCK).astype(int)
    once = ((at >= first[kept, None]) & (at <= last[kept, None])) / size[kept, None]
    # In the second pass sample j feeds the windows centred on j - right to j + left.
    sums = np.zeros((_BLOCK, side_px + 1))
    np.cumsum(once / size, axis=1, out=sums[:, 1:])
    feeds_first, feeds_last = np.maximum(at - reach_right, 0), np.minimum(at + reach_left, side_px - 1)
    twice: NDArray[np.float32] = (sums[:, feeds_last + 1] - sums[:, feeds_first]).astype(np.float32)
    twice.setflags(write=False)
    return twice


def _cosines() -> NDArray[np.float32]:
    """Give the 16 × 64 cosine transform without its constant row."""
    frequency = np.arange(1, _COEFFICIENTS + 1)[:, None]
    position = 2 * np.arange(_BLOCK)[None, :] + 1
    cosines = np.sqrt(2 / _BLOCK) * np.cos(np.pi / (2 * _BLOCK) * frequency * position)
    return np.asarray(cosines, dtype=np.float32)


_DCT = _cosines()
_ODD = np.where(np.arange(_COEFFICIENTS) % 2 == 0, -1, 1).astype(np.float32)  # signs of 1, 2, 3 ...
_ROWS, _COLUMNS = _ODD[:, None], _ODD[None, :]
_MOVES: dict[Dihedral, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    Dihedral.ORIGINAL: lambda s: s,
    Dihedral.ROTATE_90: lambda s: (s * _COLUMNS).T,
    Dihedral.ROTATE_180: lambda s: s * _ROWS * _COLUMNS,
    Dihedral.ROTATE_270: lambda s: (s * _ROWS).T,
    Dihedral.FLIP_X: lambda s: s * _ROWS,
    Dihedral.FLIP_Y: lambda s: s * _COLUMNS,
    Dihedral.FLIP_PLUS_1: lambda s: s.T,
    Dihedral.FLIP_MINUS_1: lambda s: (s * _ROWS * _COLUMNS).T,
}

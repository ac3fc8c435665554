"""
PDQ fingerprints of pictures: 256 bits and a quality, without a compiled PDQ.

The blur, the decimation and the cosine transform of PDQ are linear and
separable, so each axis is one small matrix that depends only on the length of
the side: `block = rows @ luma @ columns.T`, `spectrum = DCT @ block @ DCT.T`.
Parts of a picture that share lines share the first product.
A large picture may come halved: the matrices of the full length, applied to
means of two pixels, give nearly the block of the full picture for a quarter of
the work (150 photos of 800 px: 0 bits apart in the median, 6 at most).

Source: the PDQ description of 2019 ("The TMK+PDQF video-hashing algorithm and
the PDQ image-hashing algorithm") and the constants of its reference
implementation. Hex digits are written as published: highest coefficient first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, unique
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from store.pictures.bands import Bands

BITS = 256
CODE_BYTES = BITS // 8
MIN_SIDE_PX = 5  # the smallest side the reference hashes
# Pictures are brought down to this before they are hashed: all 20 published vectors then lie within 8 bits,
# against 12 at full size; smaller pictures are hashed as they are, with the published bits.
LONGEST_SIDE_PX = 1024
_BLOCK = 64  # side of the blurred, decimated picture that is transformed (reference)
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
    spectra = (_DCT @ stack @ _DCT.T).reshape(-1)
    ways = [_WAYS[position] for asked in positions for position in asked]
    starts = np.repeat(np.arange(len(stack)) * BITS, [len(asked) for asked in positions])
    moved = spectra.take(_PLACES.take(ways, axis=0) + starts[:, None])
    moved *= _SIGNS.take(ways, axis=0)
    # One bit per coefficient: is it above the lower median?
    medians = np.partition(moved, BITS // 2 - 1, axis=1)[:, BITS // 2 - 1]
    packed = np.packbits(moved > medians[:, None], axis=1).tobytes()
    codes = iter([packed[start : start + CODE_BYTES] for start in range(0, len(packed), CODE_BYTES)])
    qualities = _qualities(stack)
    return [
        ({position: next(codes) for position in asked}, quality)
        for asked, quality in zip(positions, qualities, strict=True)
    ]


def shrink(luma: NDArray[np.float32], *, halved: bool = False) -> NDArray[np.float32]:
    """
    Give the 64 × 64 picture, blurred by two box passes per axis, that PDQ transforms.

    `halved` says that `luma` is what `halve` gave (or a part of it): the block is then that of the picture twice its
    size. Raises `ValueError` when a side is shorter than `MIN_SIDE_PX`.
    """
    return shrink_parts(luma, [(slice(0, luma.shape[0]), slice(0, luma.shape[1]))], halved=halved)[0]


def shrink_parts(
    luma: NDArray[np.float32], parts: Sequence[tuple[slice, slice]], *, halved: bool = False
) -> list[NDArray[np.float32]]:
    """
    Give the blocks of some parts of a picture, each by its lines and its columns; as `shrink` gives one.

    Parts that lie side by side are blurred down their lines together.
    """
    columns: dict[tuple[int, int], list[slice]] = {}
    for lines, across in parts:
        columns.setdefault((lines.start, lines.stop), []).append(across)
    blurred: dict[tuple[int, int], tuple[int, NDArray[np.float32]]] = {}
    blocks = []
    for lines, across in parts:
        key = lines.start, lines.stop
        if key not in blurred:
            first, last = min(each.start for each in columns[key]), max(each.stop for each in columns[key])
            part = luma[lines, first:last]
            if part.ndim != 2 or min(part.shape) < MIN_SIDE_PX:
                raise ValueError(f"PDQ needs height × width with sides of {MIN_SIDE_PX} px or more, not {part.shape}")
            blurred[key] = first, _shrinking(len(part), halved).down(part)
        first, down = blurred[key]
        own = down[:, across.start - first : across.stop - first]
        if own.shape[1] < MIN_SIDE_PX:
            raise ValueError(f"PDQ needs {MIN_SIDE_PX} columns or more, not {own.shape[1]}")
        blocks.append(_shrinking(own.shape[1], halved).across(own))
    return blocks


def _qualities(blocks: NDArray[np.float32]) -> list[int]:
    """
    Count the strong steps of 64 × 64 pictures: 0 (flat) to 100 (rich in edges).

    Steps are cut to whole percents of the tone range before they are summed, so
    that many faint ones weigh nothing; 90 is the reference's scale.
    """
    percents = blocks * np.float32(100 / 255)
    total = np.zeros(len(blocks), dtype=np.float32)
    for steps in (percents[:, 1:] - percents[:, :-1], percents[:, :, 1:] - percents[:, :, :-1]):
        np.trunc(steps, out=steps)
        np.abs(steps, out=steps)
        total += steps.reshape(len(blocks), -1) @ _ONES  # whole numbers below 2^24: the sum is exact
    return [min(100, int(each) // 90) for each in total.tolist()]


def distance_bits(one: bytes, other: bytes) -> int:
    """Count the bits in which two codes of the same length differ (0 = same, 256 = inverse)."""
    if len(one) != len(other):
        raise ValueError(f"codes of {len(one)} and {len(other)} bytes have no distance")
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


@lru_cache(maxsize=512)  # listings repeat few sizes; those of borders and panels are any. One is up to 40 kB
def _shrinking(side_px: int, halved: bool) -> Bands:
    """
    Give the 64 × side_px matrix that blurs a line of `side_px` samples and keeps 64 of them.

    Of a line that was halved each sample stands for two.
    """
    full_px = 2 * side_px if halved else side_px
    window = (full_px + 2 * _BLOCK - 1) // (2 * _BLOCK)
    # An even window reaches one sample further right; windows that leave the picture average what is in it.
    reach_right = (window + 2) // 2 - 1
    reach_left = window - 1 - reach_right
    kept = ((np.arange(_BLOCK) + 0.5) * full_px / _BLOCK).astype(np.int64)[:, None]
    # In the second pass the sample kept is the mean of these, each of which is the mean of its own window.
    means = kept + np.arange(-reach_left, reach_right + 1)
    sizes = np.minimum(means + reach_right, full_px - 1) - np.maximum(means - reach_left, 0) + 1
    is_inside = (means >= 0) & (means < full_px)
    weights = np.where(is_inside, 1 / np.maximum(sizes, 1), 0.0) / is_inside.sum(axis=1, keepdims=True)
    # A sample of the picture feeds the windows that reach it.
    sums = np.cumsum(weights, axis=1)
    fed = np.concatenate([sums, sums[:, -1:] - sums[:, :-1]], axis=1)
    samples = kept + np.arange(-2 * reach_left, 2 * reach_right + 1)
    fed[(samples < 0) | (samples >= full_px)] = 0.0
    first = samples[:, 0]
    if not halved:
        return Bands.of(first, fed, side_px=side_px)
    # Begun at an even sample, two by two.
    wide = np.zeros((_BLOCK, 2 * window))
    np.put_along_axis(wide, (first % 2)[:, None] + np.arange(fed.shape[1]), fed, axis=1)
    return Bands.of(first // 2, wide[:, 0::2] + wide[:, 1::2], side_px=side_px)


def _cosines() -> NDArray[np.float32]:
    """Give the 16 × 64 cosine transform without its constant row."""
    frequency = np.arange(1, _COEFFICIENTS + 1)[:, None]
    position = 2 * np.arange(_BLOCK)[None, :] + 1
    cosines = np.sqrt(2 / _BLOCK) * np.cos(np.pi / (2 * _BLOCK) * frequency * position)
    return np.asarray(cosines, dtype=np.float32)


_DCT = _cosines()
_ONES = np.ones(_BLOCK * (_BLOCK - 1), dtype=np.float32)


def _moves() -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """
    Give, by position, where in the spectrum each bit's coefficient stands, the code's first first, and its sign.

    The last coefficient comes first in a code.
    """
    places = np.arange(BITS).reshape(_COEFFICIENTS, _COEFFICIENTS)
    odd = np.where(np.arange(_COEFFICIENTS) % 2 == 0, -1, 1).astype(np.float32)  # signs of 1, 2, 3 ...
    even = np.ones_like(odd)
    # By position: the signs of rows and columns, and whether rows become columns then.
    moves = {
        Dihedral.ORIGINAL: (even, even, False),
        Dihedral.ROTATE_90: (even, odd, True),
        Dihedral.ROTATE_180: (odd, odd, False),
        Dihedral.ROTATE_270: (odd, even, True),
        Dihedral.FLIP_X: (odd, even, False),
        Dihedral.FLIP_Y: (even, odd, False),
        Dihedral.FLIP_PLUS_1: (even, even, True),
        Dihedral.FLIP_MINUS_1: (odd, odd, True),
    }
    signs = {position: np.outer(rows, columns) for position, (rows, columns, _) in moves.items()}
    at = [places.T if moves[position][2] else places for position in Dihedral]
    signed = [signs[position].T if moves[position][2] else signs[position] for position in Dihedral]
    return np.stack(at).reshape(-1, BITS)[:, ::-1].copy(), np.stack(signed).reshape(-1, BITS)[:, ::-1].copy()


_WAYS = {position: way for way, position in enumerate(Dihedral)}
_PLACES, _SIGNS = _moves()

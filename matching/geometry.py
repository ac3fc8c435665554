"""
Is one picture laid over another? Corner points, a plane between them, and a look at both under that plane.

A fingerprint that is merely near proposes; this decides. Points are ORB's (no trained weights, no patent),
the plane is a homography found by random sampling, and the last word has the tone of the pixels themselves:
laid over each other, two copies agree also where no corner was found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from matching.regions import Box
from store.pictures import pdq

# Pictures are brought to this side, up or down, before corners are sought: small ones have none otherwise.
_SIDE_PX = 512
_POINTS = 800  # corners kept per picture (chosen: four pictures of a collage share them)
_POINTS_SOUGHT = 1500  # of which the strongest in each cell are kept
# Corners are taken in turn from 4 × 4 cells: by strength alone, the print of a sticker or a watermark has them all.
_CELLS = 4
_CONTRAST, _FAINT_CONTRAST = 16, 6  # levels a corner stands out by; pale pictures have none at the first (chosen)
_ENOUGH_POINTS = 300  # fewer than these, and faint ones are sought
DESCRIPTOR_BYTES = 32
_RATIO = 0.8  # a match must be this much nearer than the second best (Lowe 2004 gives 0.8)
_ROWS_AT_ONCE = 32  # corners compared with all others at once: their differences stay in the cache
_REPROJECTION_PX = 4.0  # how far a matched corner may lie from where the plane puts it, at 512 px (chosen)
MIN_INLIERS = 15  # corners that must agree on the plane (chosen); with fewer matches none is sought
_MIN_SHARE = 0.01  # a copy that covers less of the picture than this is noise of the plane fit (chosen)
_MAX_STRETCH = 4.0  # opposite sides of a photographed or pasted rectangle differ less (chosen)
# Tones are compared on a copy of this side, tile by tile: small enough that a plane off by two pixels of 512
# does no harm, fine enough that another flavour's label or another coat on the same hanger stands out.
_TONE_SIDE_PX = 256
_TILE_PX = 16
_TILE_SPREAD = 4.0  # levels of standard deviation below which a tile is bare and says nothing (chosen)
_TILE_AGREES = 0.5  # correlation from which a tile shows the same thing; 1 is a copy, 0 another thing (chosen)


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """
    What is compared of one picture: grey pixels at the common size, corner positions in them, descriptors.

    Corners stand so that any beginning of them is spread over the picture.

    `grey` is height × width uint8, `points` n × 2 float32 (x, y in px), `descriptors` n × 32 uint8,
    `box` says which part of its photo this is.
    """

    grey: NDArray[np.uint8]
    points: NDArray[np.float32]
    descriptors: NDArray[np.uint8]
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """
    How the first picture lies in the second.

    `inliers` counts corners that agree on one plane; `agreeing` is the share of the patterned tiles that
    show the same where both lie over each other, 0 to 1; `covered` is the share of the first picture that
    the second shows; `box` bounds it in the second; `mirrored` says that the first was mirrored for it.
    """

    inliers: int
    agreeing: float
    covered: float
    box: Box
    mirrored: bool


def find_features(grey: NDArray[np.uint8], *, box: Box) -> Features:
    """Find the corners of a grey picture, height × width, brought to a longer side of 512 px."""
    while max(grey.shape) >= 2 * _SIDE_PX:
        grey = pdq.halve(grey)
    height_px, width_px = grey.shape
    scale = _SIDE_PX / max(height_px, width_px)
    size = max(1, round(width_px * scale)), max(1, round(height_px * scale))
    # Down by less than two, neighbours are averaged as well: area averaging takes ten times as long.
    how = cv2.INTER_LINEAR if scale < 1 else cv2.INTER_CUBIC
    scaled = np.asarray(cv2.resize(grey, size, interpolation=how), dtype=np.uint8)
    # Found and described in one go, from one pyramid: that takes less than describing only those that are kept.
    corners, descriptors = _corners(scaled, _CONTRAST)
    if len(corners) < _ENOUGH_POINTS:
        corners, descriptors = _corners(scaled, _FAINT_CONTRAST)
    if not len(corners):
        return Features(scaled, np.empty((0, 2), np.float32), np.empty((0, DESCRIPTOR_BYTES), np.uint8), box)
    points = np.asarray(cv2.KeyPoint.convert(corners), np.float32)
    turn = _spread(points, np.array([corner.response for corner in corners]), scaled)
    return Features(scaled, points[turn], descriptors[turn], box)


def _corners(scaled: NDArray[np.uint8], contrast: int) -> tuple[Sequence[cv2.KeyPoint], NDArray[np.uint8]]:
    found, descriptors = cv2.ORB.create(_POINTS_SOUGHT, fastThreshold=contrast).detectAndCompute(scaled, None)
    if not found:  # OpenCV gives no array then
        return (), np.empty((0, DESCRIPTOR_BYTES), np.uint8)
    return found, np.asarray(descriptors, np.uint8)


def _spread(
    points: NDArray[np.float32], strength: NDArray[np.float64], scaled: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """Give the order in which corners are kept: the strongest of every cell, then the second of every cell ..."""
    height_px, width_px = scaled.shape
    at = points.astype(np.float64)
    cell = (at[:, 1] * _CELLS / height_px).astype(int) * _CELLS + (at[:, 0] * _CELLS / width_px).astype(int)
    order = np.lexsort((-strength, cell))
    sizes = np.bincount(cell, minlength=_CELLS * _CELLS)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.lexsort((-strength, place))[:_POINTS]


@lru_cache(maxsize=64)  # of references, which are laid over one photo after the other; some 0.4 MB each
def mirror(features: Features) -> Features:
    """Give the features of the picture with left and right exchanged (corners are sought anew)."""
    return find_features(np.ascontiguousarray(features.grey[:, ::-1]), box=features.box)


def overlay(first: Features, second: Features, *, mirrored: bool = False) -> Overlay | None:
    """Lay the first picture over the second; None when no plane holds. `mirrored` is passed through."""
    if min(len(first.points), len(second.points)) < MIN_INLIERS:
        return None
    from_at, to_at = _matches(first.descriptors, second.descriptors)
    if len(from_at) < MIN_INLIERS:
        return None
    from_px, to_px = first.points[from_at], second.points[to_at]
    # Draws from a seed of its own, so that a pair's plane is the same on every run. Plain RANSAC takes thirty times
    # as long over pictures that share nothing, and finds one copy in seventy less (210 strangers, 70 crops).
    found, agreed = cv2.findHomography(from_px, to_px, cv2.USAC_FAST, _REPROJECTION_PX, maxIters=2000)
    if found is None:
        return None
    plane = np.asarray(found, np.float64)
    kept = agreed.ravel().astype(bool)
    # Several corners at one spot (pyramid levels, repeated matches) witness once.
    inliers = len(np.unique(np.round(to_px[kept] / _REPROJECTION_PX), axis=0))
    return _judge(first, second, plane, inliers, mirrored)


def _matches(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """
    Give the corners of the first picture that resemble one of the second far more than any other, and which.

    What OpenCV's matcher gives, in half its time.
    """
    own = np.ascontiguousarray(first).view(np.uint64)
    columns = np.ascontiguousarray(np.ascontiguousarray(second).view(np.uint64).T)
    apart = np.empty((len(own), columns.shape[1]), dtype=np.uint8)
    differing = np.empty((_ROWS_AT_ONCE, columns.shape[1]), dtype=np.uint64)
    counted = np.empty(differing.shape, dtype=np.uint8)
    for start in range(0, len(own), _ROWS_AT_ONCE):
        rows = own[start : start + _ROWS_AT_ONCE]
        n, total = len(rows), apart[start : start + len(rows)]
        np.bitwise_xor(rows[:, 0, None], columns[0], out=differing[:n])
        np.bitwise_count(differing[:n], out=total)
        for word in range(1, columns.shape[0]):
            np.bitwise_xor(rows[:, word, None], columns[word], out=differing[:n])
            np.bitwise_count(differing[:n], out=counted[:n])
            if word == columns.shape[0] - 1:
                np.minimum(
                    counted[:n], 63, out=counted[:n]
                )  # eight bits hold 255: the inverse must not come out as 0
            np.add(total, counted[:n], out=total)
    every = np.arange(len(own))
    nearest = apart.argmin(axis=1)
    best = apart[every, nearest].astype(np.float64)
    apart[every, nearest] = 255
    good = np.flatnonzero(best < _RATIO * apart.min(axis=1))
    return good, nearest[good]


def _judge(
    first: Features, second: Features, plane: NDArray[np.float64], inliers: int, mirrored: bool
) -> Overlay | None:
    """Give the overlay a plane describes, or None when it folds, mirrors or crushes the picture."""
    height_px, width_px = first.grey.shape
    rim = np.array([[[0, 0], [width_px, 0], [width_px, height_px], [0, height_px]]], np.float32)
    quad = np.asarray(cv2.perspectiveTransform(rim, plane), np.float32)[0]
    if not np.isfinite(quad).all() or not cv2.isContourConvex(quad):
        return None
    quad_area = float(cv2.contourArea(quad, oriented=True))
    seen_height, seen_width = second.grey.shape
    if quad_area < _MIN_SHARE * seen_height * seen_width:
        return None
    sides = np.linalg.norm(quad - np.roll(quad, 1, axis=0), axis=1)
    if max(sides[0], sides[2]) > _MAX_STRETCH * min(sides[0], sides[2]):
        return None
    if max(sides[1], sides[3]) > _MAX_STRETCH * min(sides[1], sides[3]):
        return None
    frame = np.zeros((seen_height, seen_width), np.uint8)
    cv2.fillConvexPoly(frame, np.round(quad).astype(np.int32), 1)
    rows, columns = np.flatnonzero(frame.any(axis=1)), np.flatnonzero(frame.any(axis=0))
    if not rows.size:
        return None
    part = second.box
    across, down = (part.right - part.left) / seen_width, (part.bottom - part.top) / seen_height
    return Overlay(
        inliers=inliers,
        agreeing=_agreeing_tiles(first.grey, second.grey, plane),
        covered=min(1.0, float(frame.sum()) / quad_area),
        box=Box(
            left=part.left + across * float(columns[0]),
            top=part.top + down * float(rows[0]),
            right=part.left + across * float(columns[-1] + 1),
            bottom=part.top + down * float(rows[-1] + 1),
        ),
        mirrored=mirrored,
    )


def _agreeing_tiles(first: NDArray[np.uint8], second: NDArray[np.uint8], plane: NDArray[np.float64]) -> float:
    """Lay the second picture back over the first and give the share of patterned tiles that show the same."""
    scale = _TONE_SIDE_PX / max(first.shape)
    size = max(_TILE_PX, round(first.shape[1] * scale)), max(_TILE_PX, round(first.shape[0] * scale))
    shrink = np.diag([size[0] / first.shape[1], size[1] / first.shape[0], 1.0])
    back = shrink @ np.linalg.inv(plane)
    # Blurring before the sampling keeps a fine pattern from turning into another one.
    laid = cv2.GaussianBlur(cv2.warpPerspective(cv2.GaussianBlur(second, (0, 0), 1.0), back, size), (0, 0), 1.0)
    shown = cv2.warpPerspective(np.full_like(second, 255), back, size)
    own = cv2.GaussianBlur(cv2.resize(first, size, interpolation=cv2.INTER_AREA), (0, 0), 1.0)
    a, b, inside = (_tiles(np.asarray(picture, np.float32)) for picture in (own, laid, shown))
    complete = inside.min(axis=1) > 254
    a, b = (
        a[complete] - a[complete].mean(axis=1, keepdims=True),
        b[complete] - b[complete].mean(axis=1, keepdims=True),
    )
    spread_a, spread_b = a.std(axis=1), b.std(axis=1)
    patterned = np.maximum(spread_a, spread_b) > _TILE_SPREAD
    if not patterned.any():
        return 0.0
    product = np.maximum(spread_a * spread_b, 1e-6)[patterned]
    return float(np.mean((a * b).mean(axis=1)[patterned] / product >= _TILE_AGREES))


def _tiles(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cut a picture into rows of tiles, n × (tile pixels); what is left over at the far edges is dropped."""
    down, across = picture.shape[0] // _TILE_PX, picture.shape[1] // _TILE_PX
    cut = picture[: down * _TILE_PX, : across * _TILE_PX].reshape(down, _TILE_PX, across, _TILE_PX)
    return cut.transpose(0, 2, 1, 3).reshape(down * across, _TILE_PX * _TILE_PX)

"""
The outline of a logo laid over a photo: edges in colour, the plane that lays one on the other, how well they meet.

An edge is where any of red, green and blue changes; its steepest channel says how steep it is and which way it runs.
So a logo of another hue and the same brightness has edges as well.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

POINTS = 256  # kept of a logo's outline, and of its even parts
EDGE = 12.0  # levels a pixel from which there is an edge (Sobel over 8; chosen)
FEW_INSIDE = 24  # even points below which a logo of thin lines is judged by its outline alone (chosen)
_REACH_PX = 4  # how far from where it is expected an edge is sought
_SLANT = math.cos(math.radians(20))  # an edge runs along an outline where directions differ by less


class Slopes(NamedTuple):
    """How steep a picture is, in levels a pixel, and its steepest channel's unit direction: height × width each."""

    steep: Floats
    across: Floats
    down: Floats


def slopes_of(rgb: NDArray[np.uint8]) -> Slopes:
    """The slopes of a picture, height × width × 3."""
    blurred = cv2.GaussianBlur(rgb, (0, 0), 1.0)
    across, down = cv2.Sobel(blurred, cv2.CV_16S, 1, 0), cv2.Sobel(blurred, cv2.CV_16S, 0, 1)
    channels = [
        (cv2.magnitude(x, y), x, y)
        for x, y in (
            (each_across.astype(np.float32), each_down.astype(np.float32))
            for each_across, each_down in zip(cv2.split(across), cv2.split(down), strict=True)
        )
    ]
    steep, right, below = channels[0]
    for own, x, y in channels[1:]:
        steeper = own > steep
        steep = np.where(steeper, own, steep)
        right, below = np.where(steeper, x, right), np.where(steeper, y, below)
    safe = np.maximum(steep, 1e-3)
    return Slopes(
        np.asarray(steep / 8, np.float32), np.asarray(right / safe, np.float32), np.asarray(below / safe, np.float32)
    )


def outline_of(rgb: NDArray[np.uint8]) -> Floats:
    """Points along a logo's edges, evenly taken: n × 4 (x, y and the unit normal)."""
    _, across, down = slopes_of(rgb)
    blurred = cv2.GaussianBlur(rgb, (0, 0), 1.0)
    edges = np.max([cv2.Canny(channel, 60, 120) for channel in cv2.split(blurred)], axis=0) > 0
    rows, columns = _spread(edges)
    return np.stack([columns, rows, across[rows, columns], down[rows, columns]], axis=1).astype(np.float32)


def inside_of(rgb: NDArray[np.uint8]) -> Floats:
    """Points of the logo, not of its ground, where nothing changes for a few pixels around: n × 2 (x, y)."""
    ground = ground_of(rgb)
    own = (np.abs(rgb.astype(np.int16) - ground).max(axis=2) > EDGE).astype(np.uint8)
    steep = (slopes_of(rgb).steep > EDGE / 8).astype(np.uint8)
    around = np.ones((5, 5), np.uint8)
    rows, columns = _spread((np.asarray(cv2.erode(own, around)) > 0) & (np.asarray(cv2.dilate(steep, around)) == 0))
    return np.stack([columns, rows], axis=1).astype(np.float32)


def ground_of(rgb: NDArray[np.uint8]) -> NDArray[np.int16]:
    """The colour a logo stands on: the median of its border."""
    border = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
    return np.asarray(np.median(border, axis=0), np.int16)


def _spread(there: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    rows, columns = np.nonzero(there)
    if len(rows) > POINTS:
        # In reading order neighbours follow each other, so that every n-th spreads over the whole.
        kept = np.linspace(0, len(rows) - 1, POINTS).round().astype(int)
        rows, columns = rows[kept], columns[kept]
    return rows, columns


def evenness(inside: Floats, plane: Floats, steep: Floats) -> float:
    """The share of the logo's even points at which the photo is even too; 1 where the logo has next to none."""
    if len(inside) < FEW_INSIDE:
        return 1.0
    height_px, width_px = steep.shape
    spots = (inside @ plane[:, :2].T + plane[:, 2]).round().astype(int)
    seen = (spots >= 0).all(axis=1) & (spots < (width_px, height_px)).all(axis=1)
    if not seen.any():
        return 0.0
    return float((steep[spots[seen, 1], spots[seen, 0]] < EDGE / 8).mean())


def fit_plane(there: Floats, here: Floats, scale: float, turn: float) -> Floats:
    """The plane (2 × 3: scaled, turned, moved) that lays logo points on the photo's, by least squares."""
    if len(np.unique(here.round(), axis=0)) >= 3:
        a, b = there - there.mean(axis=0), here - here.mean(axis=0)
        size = float((a * a).sum())
        if size > 0:
            across = float((a * b).sum()) / size
            down = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / size
            # Points at one spot say nothing of size; their own frames do.
            if 0.7 < math.hypot(across, down) / scale < 1.4:
                return _plane(across, down, there.mean(axis=0), here.mean(axis=0))
    return _plane(scale * math.cos(turn), scale * math.sin(turn), there.mean(axis=0), here.mean(axis=0))


def _plane(across: float, down: float, there: Floats, here: Floats) -> Floats:
    turned = np.array([[across, -down], [down, across]], np.float32)
    return np.concatenate([turned, (here - turned @ there)[:, None]], axis=1).astype(np.float32)


def along(
    outline: Floats, plane: Floats, slopes: Slopes, *, step_px: int = 1
) -> tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]:
    """
    For each outline point how far along its normal the photo's edge lies, whether there is one that runs along
    the outline, and whether there is one that runs across it, which is chance.
    """
    steep, rise_across, rise_down = slopes
    height_px, width_px = steep.shape
    spots = outline[:, :2] @ plane[:, :2].T + plane[:, 2]
    normals = outline[:, 2:] @ plane[:, :2].T
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-6)
    steps = np.arange(-_REACH_PX, _REACH_PX + 1, step_px, dtype=np.float32)
    tried = spots[:, None, :] + normals[:, None, :] * steps[None, :, None]
    columns, rows = tried[..., 0].round().astype(int), tried[..., 1].round().astype(int)
    inside = (columns >= 0) & (rows >= 0) & (columns < width_px) & (rows < height_px)
    columns, rows = columns.clip(0, width_px - 1), rows.clip(0, height_px - 1)
    strength = np.where(inside, steep[rows, columns], 0.0)
    along = np.abs(rise_across[rows, columns] * normals[:, :1] + rise_down[rows, columns] * normals[:, 1:])
    has_edge = strength > EDGE / 8
    fits = has_edge & (along > _SLANT)
    crosses = has_edge & (along < math.sqrt(1 - _SLANT**2))
    best = np.where(fits, strength / (1 + 0.15 * np.abs(steps)), 0.0).argmax(axis=1)
    return steps[best], fits.any(axis=1), crosses.any(axis=1)


def bettered(outline: Floats, offset: Floats, plane: Floats) -> Floats:
    """The plane scaled, turned and moved a little so that the outline meets the edges, by least squares."""
    spots = outline[:, :2] @ plane[:, :2].T + plane[:, 2]
    normals = outline[:, 2:] @ plane[:, :2].T
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-6)
    middle = spots.mean(axis=0)
    x, y = (spots - middle).T
    nx, ny = normals.T
    table = np.stack([nx * x + ny * y, ny * x - nx * y, nx, ny], axis=1)
    # A little drawn to staying: outlines of one direction leave a movement free.
    weights = np.diag([1e-2 * float((x * x + y * y).mean()), 1e-2 * float((x * x + y * y).mean()), 1e-1, 1e-1])
    change = np.linalg.solve(table.T @ table + weights, table.T @ offset)
    grow, turn, right, below = (float(each) for each in change)
    step = np.array([[1 + grow, -turn], [turn, 1 + grow]], np.float32)
    moved = step @ plane[:, :2]
    at = step @ (plane[:, 2] - middle) + middle + np.array([right, below], np.float32)
    return np.concatenate([moved, at[:, None]], axis=1).astype(np.float32)

"""A small painter: shapes with height, lit from one side, laid over a backdrop with a shadow."""

import itertools
import math
from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Bgr = tuple[int, int, int]
Picture = NDArray[np.uint8]
Field = NDArray[np.float32]
Points = Sequence[tuple[float, float]]

SUBPIXEL_BITS = 4  # OpenCV takes fixed-point corners; 1/16 px is below what anti-aliasing shows
TEXT_HEIGHT_PX = 64  # text is drawn once at this height, then warped into place
SHADE_UNIT = 128  # full light as a byte, with room for highlights up to twice as bright
CURVE_STEPS = 44  # corners of an ellipse; more is not visible at 640 px


def mix(a: Bgr, b: Bgr, share: float) -> Bgr:
    """Blend two colours: share 0 gives `a`, 1 gives `b`."""
    return (
        round(a[0] + (b[0] - a[0]) * share),
        round(a[1] + (b[1] - a[1]) * share),
        round(a[2] + (b[2] - a[2]) * share),
    )


def darker(colour: Bgr, share: float = 0.35) -> Bgr:
    """The colour moved towards black by a share in [0, 1]."""
    return mix(colour, (0, 0, 0), share)


def lighter(colour: Bgr, share: float = 0.35) -> Bgr:
    """The colour moved towards white by a share in [0, 1]."""
    return mix(colour, (255, 255, 255), share)


def soft_noise(rng: np.random.Generator, width: int, height: int, cells: Sequence[float]) -> Field:
    """
    Cloudy noise in about [-1, 1], height × width, as a sum of octaves.

    `cells` are octave sizes as cells per side; each later octave is weaker by half.
    """
    total = np.zeros((height, width), np.float32)
    weight = 1.0
    for count in cells:
        columns = max(2, round(count))
        rows = max(2, round(count * height / width))
        small = rng.standard_normal((rows, columns), dtype=np.float32)
        smooth = cv2.INTER_CUBIC if columns < 9 else cv2.INTER_LINEAR  # edges of fine cells do not show
        cv2.scaleAdd(cv2.resize(small, (width, height), interpolation=smooth), weight, total, total)
        weight *= 0.5
    total /= 2.2  # keeps the sum of halving octaves near unit spread
    return total


@lru_cache(maxsize=256)
def _text_mask(text: str) -> Picture:
    font = ImageFont.load_default(size=TEXT_HEIGHT_PX)
    left, top, right, bottom = font.getbbox(text)
    page = Image.new("L", (max(1, round(right - left) + 8), max(1, round(bottom - top) + 8)))
    ImageDraw.Draw(page).text((4 - left, 4 - top), text, fill=255, font=font)
    return np.asarray(page, dtype=np.uint8)


class Painter:
    """
    Paints one object in unit coordinates: x and y in [-1, 1], y downwards.

    Three layers grow together: colour (premultiplied), cover, and relief (height).
    `place` later lights the relief and lays the object over a backdrop.

    `bends` are (strength, waves, phase) of a gentle bend along x and one along y: a bent thing and a straight one
    drawn by the same motif are no flat view of one another, as two makers' things never are.
    """

    def __init__(
        self,
        width: int,
        height: int,
        *,
        scale: float = 1.0,
        turn_deg: float = 0.0,
        shift: tuple[float, float] = (0.0, 0.0),
        squeeze: float = 1.0,
        bends: tuple[tuple[float, float, float], ...] = (),
    ) -> None:
        self.width = width
        self.height = height
        unit = min(width, height) / 2 * 0.92 * scale
        turn = math.radians(turn_deg)
        self._matrix = np.array(
            [
                [unit * squeeze * math.cos(turn), -unit * math.sin(turn), width * (0.5 + shift[0])],
                [unit * squeeze * math.sin(turn), unit * math.cos(turn), height * (0.5 + shift[1])],
            ],
            np.float64,
        )
        self._unit = unit
        self._bends = bends
        self.colour = np.zeros((height, width, 3), np.uint8)
        self.cover = np.zeros((height, width), np.uint8)
        self.relief = np.zeros((height, width), np.uint8)

    def _pixels(self, points: Points) -> NDArray[np.int32]:
        corners = np.array(points, np.float64)
        for axis, (strength, waves, phase) in enumerate(self._bends):
            corners[:, axis] += strength * np.sin(waves * corners[:, 1 - axis] + phase)
        corners = corners @ self._matrix[:, :2].T + self._matrix[:, 2]
        return np.round(corners * (1 << SUBPIXEL_BITS)).astype(np.int32).reshape(-1, 1, 2)

    def shape(self, points: Points, colour: Bgr, height: int = 120) -> None:
        """Fill a polygon; `height` in [0, 255] is how far it stands out."""
        pixels = [self._pixels(points)]
        cv2.fillPoly(self.colour, pixels, colour, cv2.LINE_AA, SUBPIXEL_BITS)
        cv2.fillPoly(self.cover, pixels, 255, cv2.LINE_AA, SUBPIXEL_BITS)
        cv2.fillPoly(self.relief, pixels, height, cv2.LINE_AA, SUBPIXEL_BITS)

    def ellipse(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        colour: Bgr,
        height: int = 120,
        start_deg: float = 0.0,
        end_deg: float = 360.0,
    ) -> None:
        """Fill an ellipse, or the slice of it between two angles."""
        angles = np.radians(np.linspace(start_deg, end_deg, CURVE_STEPS))
        points = [(x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles]
        if end_deg - start_deg < 360:
            points.append((x, y))
        self.shape(points, colour, height)

    def box(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        colour: Bgr,
        height: int = 120,
        corner: float = 0.0,
    ) -> None:
        """Fill a box given by its centre and half sides, with rounded corners of radius `corner`."""
        if corner <= 0:
            self.shape([(x - rx, y - ry), (x + rx, y - ry), (x + rx, y + ry), (x - rx, y + ry)], colour, height)
            return
        corner = min(corner, rx, ry)
        points: list[tuple[float, float]] = []
        for cx, cy, first in (
            (x + rx - corner, y - ry + corner, -90),
            (x + rx - corner, y + ry - corner, 0),
            (x - rx + corner, y + ry - corner, 90),
            (x - rx + corner, y - ry + corner, 180),
        ):
            for step in range(7):
                a = math.radians(first + 15 * step)
                points.append((cx + corner * math.cos(a), cy + corner * math.sin(a)))
        self.shape(points, colour, height)

    def stroke(self, points: Points, width: float, colour: Bgr, height: int = 140, closed: bool = False) -> None:
        """Draw a line of the given width in units through the points."""
        pixels = [self._pixels(points)]
        thick = max(1, round(width * self._unit))
        cv2.polylines(self.colour, pixels, closed, colour, thick, cv2.LINE_AA, SUBPIXEL_BITS)
        cv2.polylines(self.cover, pixels, closed, 255, thick, cv2.LINE_AA, SUBPIXEL_BITS)
        cv2.polylines(self.relief, pixels, closed, height, thick, cv2.LINE_AA, SUBPIXEL_BITS)

    def arc(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        start_deg: float,
        end_deg: float,
        width: float,
        colour: Bgr,
        height: int = 140,
    ) -> None:
        """Draw part of an ellipse's rim as a line."""
        angles = np.radians(np.linspace(start_deg, end_deg, CURVE_STEPS))
        self.stroke([(x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles], width, colour, height)

    def stitches(self, points: Points, colour: Bgr, gap: float = 0.05) -> None:
        """Sew a dashed line along the points, one stitch every `gap` units."""
        for (ax, ay), (bx, by) in itertools.pairwise(points):
            length = math.hypot(bx - ax, by - ay)
            count = max(1, int(length / gap))
            for step in range(count):
                a, b = step / count, (step + 0.6) / count
                self.stroke(
                    [(ax + (bx - ax) * a, ay + (by - ay) * a), (ax + (bx - ax) * b, ay + (by - ay) * b)],
                    0.008,
                    colour,
                    170,
                )

    def text(self, text: str, x: float, y: float, height: float, colour: Bgr, max_width: float = 2.0) -> None:
        """Print text centred on (x, y), `height` units tall, narrowed to `max_width` units."""
        mask = _text_mask(text)
        rows, columns = mask.shape
        size = min(height / rows, max_width / columns)
        linear = self._matrix[:, :2] * size
        centre = self._matrix[:, :2] @ np.array([x, y]) + self._matrix[:, 2]
        offset = centre - linear @ np.array([columns / 2, rows / 2])
        reach = np.array([abs(linear[0]).sum() * columns, abs(linear[1]).sum() * rows * 2 + columns * size])
        reach = np.maximum(reach, abs(linear) @ np.array([columns, rows])) / 2 + 2
        left, top = np.maximum(0, np.floor(centre - reach)).astype(int)
        right = min(self.width, int(centre[0] + reach[0]) + 1)
        bottom = min(self.height, int(centre[1] + reach[1]) + 1)
        if right - left < 2 or bottom - top < 2:
            return
        local = np.column_stack([linear, offset - np.array([left, top])])
        printed = cv2.warpAffine(mask, local, (right - left, bottom - top), flags=cv2.INTER_AREA)
        share = (printed.astype(np.float32) / 255)[:, :, None]
        area = self.colour[top:bottom, left:right]
        area[:] = (area * (1 - share) + np.array(colour, np.float32) * share).astype(np.uint8)

    def place(
        self,
        backdrop: Picture,
        rng: np.random.Generator,
        *,
        grain: float = 0.25,
        gloss: float = 0.5,
        light_deg: float = 225.0,
        shadow: float = 0.55,
    ) -> Picture:
        """
        Light the object and lay it over a backdrop of the same size; gives a new BGR picture.

        `grain` roughens the surface, `gloss` adds highlights, `shadow` darkens the ground beneath.
        """
        size = (self.width, self.height)
        # Light is worked out at half size and in bytes: a quarter of the work, and no eye sees the difference.
        half = cv2.resize(self.relief, (self.width // 2, self.height // 2), interpolation=cv2.INTER_AREA)
        height_map = cv2.GaussianBlur(half, (0, 0), 1.1).astype(np.float32)
        broad = cv2.GaussianBlur(cv2.resize(half, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), (0, 0), 4.0)
        cv2.scaleAdd(cv2.resize(broad, half.shape[::-1]).astype(np.float32), 1.6, height_map, height_map)
        if grain > 0:
            rough = rng.standard_normal((self.height // 2, self.width // 2), dtype=np.float32)
            cv2.scaleAdd(rough, 5 * grain, height_map, height_map)
        lx, ly = math.cos(math.radians(light_deg)), math.sin(math.radians(light_deg))
        across = cv2.Sobel(height_map, cv2.CV_32F, 1, 0, ksize=3)
        down = cv2.Sobel(height_map, cv2.CV_32F, 0, 1, ksize=3)
        shade = cv2.addWeighted(across, lx / 320, down, ly / 320, 1.0)
        np.clip(shade, 0.35, 1.7, out=shade)
        level = cv2.resize(cv2.convertScaleAbs(shade, alpha=SHADE_UNIT), size)
        glow = cv2.subtract(level, np.full_like(level, round(1.12 * SHADE_UNIT)))
        glow = cv2.multiply(glow, self.cover, dst=glow, scale=170 * gloss / SHADE_UNIT / 255)
        dim = cv2.resize(self.cover, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
        dim = cv2.GaussianBlur(dim, (0, 0), 2.6)
        fall = np.array([[1, 0, -lx * 2.2], [0, 1, -ly * 2.2]], np.float32)
        dim = cv2.resize(cv2.warpAffine(dim, fall, dim.shape[::-1]), size)
        ground = cv2.addWeighted(dim, -shadow, dim, 0.0, 255.0)
        ground = cv2.multiply(ground, cv2.bitwise_not(self.cover), scale=1 / 255)
        # Two full-size buffers serve all that follows: fresh memory costs more than the sums.
        lit = cv2.merge([level] * 3)
        cv2.multiply(self.colour, lit, dst=lit, scale=1 / SHADE_UNIT)
        page = cv2.merge([ground] * 3)
        cv2.multiply(backdrop, page, dst=page, scale=1 / 255)
        cv2.add(page, lit, dst=page)
        cv2.merge([glow] * 3, lit)
        return np.asarray(cv2.add(page, lit, dst=page), np.uint8)

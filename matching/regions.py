"""
Where in a picture another picture may lie: borders to trim, panels on a page, the square in the middle.

Boxes are fractions of the picture, so they hold at every size it is shown in.
"""

from dataclasses import dataclass
from enum import Enum, unique
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

_Pixel = TypeVar("_Pixel", np.float32, np.uint8)

_TONE_TOLERANCE = 12  # levels a border pixel may stray from the border's tone: room for JPEG noise (chosen)
_SIDE_STRAYS_ALLOWED = 0.01  # share of a border line that may stray: specks, a thin frame's corner (chosen)
_LINES_AT_ONCE = 16  # most pictures have no border: the first lines tell
_MIN_TRIM = 0.02  # a thinner border changes the fingerprint too little to be worth another (chosen)
_PANEL_PX = 200  # a page is looked at with up to one and a half times this: labelling goes by pixel
_MIN_PANEL_SIDE = 0.15  # a panel smaller than this share of the page is an icon or a letter (chosen)
_MAX_PANELS = 4  # each panel costs two more look-ups (chosen)
_SAME_BOX = 0.95  # boxes that overlap more give the same fingerprint within a few bits (chosen)
_MIN_PANEL_FILL = 0.6  # a photo fills its box; text lines and outlines do not (chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle in a picture as fractions of its width and height, top left first, each in [0, 1]."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "Box") -> float:
        """Give the shared area over the joint area: 0 (apart) to 1 (the same box)."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        shared = max(0.0, width) * max(0.0, height)
        joint = self.area + other.area - shared
        return shared / joint if joint > 0 else 0.0

    @property
    def area(self) -> float:
        """Give the share of the picture inside this box."""
        return (self.right - self.left) * (self.bottom - self.top)

    def cut(self, pixels: NDArray[_Pixel]) -> NDArray[_Pixel]:
        """Give the pixels inside this box (a view, not a copy); height × width first."""
        return pixels[self.within(pixels.shape)]

    def inside(self, part: "Box") -> "Box":
        """Give this box of a part of a picture as a box of the whole."""
        across, down = part.right - part.left, part.bottom - part.top
        return Box(
            left=part.left + across * self.left,
            top=part.top + down * self.top,
            right=part.left + across * self.right,
            bottom=part.top + down * self.bottom,
        )

    def within(self, shape: tuple[int, ...]) -> tuple[slice, slice]:
        """Give the lines and the columns of this box in a picture of that shape, height × width."""
        height_px, width_px = shape[:2]
        return (
            slice(round(self.top * height_px), round(self.bottom * height_px)),
            slice(round(self.left * width_px), round(self.right * width_px)),
        )


@unique
class ViewKind(Enum):
    """Which part of a picture was fingerprinted."""

    WHOLE = "whole"
    """All of it."""
    TRIMMED = "trimmed"
    """Without the even border around it."""
    PANEL = "panel"
    """A picture found on an even page, as in a screenshot."""
    QUARTER = "quarter"
    """One of four equal parts, as in a collage of two by two."""
    CROP = "crop"
    """A part that someone may have cut out."""
    TILTED = "tilted"
    """All of it, turned by a few degrees."""


_ALL = Box(left=0.0, top=0.0, right=1.0, bottom=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A part of a picture, why it was taken, and by how much it was turned counter-clockwise first."""

    kind: ViewKind
    box: Box
    tilt_degrees: float = 0.0

    def of(self, luma: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give the pixels this view shows, height × width; the rim is stretched into corners laid bare."""
        if self.tilt_degrees:
            height_px, width_px = luma.shape
            turn = cv2.getRotationMatrix2D((width_px / 2, height_px / 2), self.tilt_degrees, 1.0)
            turned = cv2.warpAffine(luma, turn, (width_px, height_px), borderMode=cv2.BORDER_REPLICATE)
            luma = np.asarray(turned, dtype=np.float32)
        return self.box.cut(luma)


WHOLE = View(kind=ViewKind.WHOLE, box=_ALL)


QUARTERS: tuple[View, ...] = tuple(
    View(kind=ViewKind.QUARTER, box=Box(left=left, top=top, right=left + 0.5, bottom=top + 0.5))
    for top in (0.0, 0.5)
    for left in (0.0, 0.5)
)
# A copy turned by a few degrees lies within reach of the upright code up to about 2, of these from 2 to 7.
TILTS: tuple[View, ...] = tuple(View(kind=ViewKind.TILTED, box=_ALL, tilt_degrees=degrees) for degrees in (-4.5, 4.5))
_MIN_SQUARE_GAIN = 0.05  # a picture this near to a square is one already (chosen)


def find_border(grey: NDArray[np.uint8]) -> Box | None:
    """
    Give what is left when the even border is cut off, or None when there is none worth cutting.

    Takes brightness, height × width. Each side is judged by the tone of its outermost line,
    so a letterbox, a frame and a packshot's white ground are all found.
    """
    height_px, width_px = grey.shape
    top, bottom = _even_lines(grey), _even_lines(grey[::-1])
    left, right = _even_lines(grey.T), _even_lines(grey.T[::-1])
    if top + bottom >= height_px or left + right >= width_px:
        return None
    if max(top, bottom) < _MIN_TRIM * height_px and max(left, right) < _MIN_TRIM * width_px:
        return None
    return Box(
        left=left / width_px,
        top=top / height_px,
        right=1 - right / width_px,
        bottom=1 - bottom / height_px,
    )


def find_panels(grey: NDArray[np.uint8]) -> list[Box]:
    """
    Give the boxes of pictures that lie on an even page, largest first, at most four.

    Takes brightness, height × width. The page's tone is the median of its outermost lines;
    a page with a pictured or graded ground yields nothing.
    """
    height_px, width_px = grey.shape
    rim = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    tone = _middle(rim)
    if 2 * np.count_nonzero(_strays(rim, tone)) > rim.size:
        return []
    step = max(1, max(height_px, width_px) // _PANEL_PX)
    marked = _strays(grey[::step, ::step], tone).view(np.uint8)
    height_px, width_px = marked.shape
    # Labels alone take half the time of labels with boxes, and hundreds of letters need none.
    _, labels = cv2.connectedComponents(marked, connectivity=8)
    areas = np.bincount(np.asarray(labels).ravel())
    areas[0] = 0  # the page itself
    least = _MIN_PANEL_FILL * _MIN_PANEL_SIDE**2 * height_px * width_px
    found: list[Box] = []
    for label in sorted(np.flatnonzero(areas >= least).tolist(), key=lambda each: -int(areas[each])):
        own = labels == label
        rows, columns = np.flatnonzero(own.any(axis=1)), np.flatnonzero(own.any(axis=0))
        top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
        height, width = bottom - top, right - left
        is_large = width >= _MIN_PANEL_SIDE * width_px and height >= _MIN_PANEL_SIDE * height_px
        if is_large and areas[label] >= _MIN_PANEL_FILL * width * height:
            found.append(
                Box(left=left / width_px, top=top / height_px, right=right / width_px, bottom=bottom / height_px)
            )
    return found[:_MAX_PANELS]


def views_of_reference(grey: NDArray[np.uint8]) -> list[View]:
    """Give the parts of a protected picture that a copy may show: whole, trimmed, square, tilted."""
    return [WHOLE, *_trimmed(grey), *_square(grey), *TILTS]


def views_of_listing(grey: NDArray[np.uint8]) -> list[View]:
    """Give the parts of a listing's picture that may be a protected one: whole, trimmed, panels, quarters."""
    views = [WHOLE, *_trimmed(grey)]
    for box in find_panels(grey):
        if all(box.overlap(view.box) < _SAME_BOX for view in views):
            views.append(View(kind=ViewKind.PANEL, box=box))
    return [*views, *QUARTERS]


def _trimmed(grey: NDArray[np.uint8]) -> list[View]:
    box = find_border(grey)
    return [] if box is None else [View(kind=ViewKind.TRIMMED, box=box)]


def _square(grey: NDArray[np.uint8]) -> list[View]:
    """Give the middle square, to which shops cut what is not one."""
    height_px, width_px = grey.shape
    side_px = min(height_px, width_px)
    if side_px > (1 - _MIN_SQUARE_GAIN) * max(height_px, width_px):
        return []
    across, down = (1 - side_px / width_px) / 2, (1 - side_px / height_px) / 2
    return [View(kind=ViewKind.CROP, box=Box(left=across, top=down, right=1 - across, bottom=1 - down))]


def _even_lines(grey: NDArray[np.uint8]) -> int:
    """Count the leading lines that keep the tone of the first one."""
    tone = _middle(grey[0])
    most = _SIDE_STRAYS_ALLOWED * grey.shape[1]
    if np.count_nonzero(_strays(grey[0], tone)) > most:  # so begin most sides of most pictures
        return 0
    start, size = 0, _LINES_AT_ONCE
    while start < len(grey):
        strays = _strays(grey[start : start + size], tone).view(np.uint8)
        # Columns are counted as they lie in memory.
        if strays.flags.c_contiguous:
            counts = cv2.reduce(strays, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
        else:
            counts = cv2.reduce(np.ascontiguousarray(strays.T), 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
        uneven = np.flatnonzero(np.asarray(counts).ravel() > most)
        if uneven.size:
            return start + int(uneven[0])
        start, size = start + size, 2 * size
    return len(grey)


def _middle(tones: NDArray[np.uint8]) -> int:
    """The median of some tones, the upper of the two middle ones."""
    return int(np.partition(tones, tones.size // 2)[tones.size // 2])


def _strays(grey: NDArray[np.uint8], tone: int) -> NDArray[np.bool_]:
    """Which pixels lie further from the tone than a border's may."""
    # One comparison instead of two: what is below the range wraps round to above it.
    low, high = max(tone - _TONE_TOLERANCE, 0), min(tone + _TONE_TOLERANCE, 255)
    return (grey - np.uint8(low)) > np.uint8(high - low)

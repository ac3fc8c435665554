"""
A registered logo inside a photo: scaled, turned, recoloured, partly hidden, with its place.

    index = LogoIndex({reference: describe_logo(picture)})
    scene = read_scene(photo)
    index.find(scene, least=...) -> [LogoSeen(reference, box, corners, agreeing)]
    index.find(scene, least=..., among={"L-1"})  # only these, thoroughly: those of the mark that the page names

Corner points of the photo (SIFT: no trained weights, its patent ended in 2020) are looked up among those of all
logos, dark on light and light on dark; of few logos each point is looked up in the photo instead, which leaves no
logo's points to those of others that look alike. Points are sought in the brightness and on both axes of colour,
since a logo may differ from what it stands on by its hue alone. A point has a place, a size and a direction, so every
pair of points says where the whole logo would lie; what several say together is looked at. The last word have the
logo's outlines, laid there: the photo must have edges along them that run the same way. Which colours meet at an edge
does not count, and what is hidden only lacks some.

Photos are looked at in a copy of 512 px. Where a few logos are asked for, a small place that is neither sure nor
hopeless is cut out of the photo's own pixels, brought to the size of the logo's picture and looked at again in the
same way; what that says counts.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from matching.outlines import (
    EDGE,
    Floats,
    Slopes,
    along,
    bettered,
    evenness,
    fit_plane,
    ground_of,
    inside_of,
    outline_of,
    slopes_of,
)
from matching.regions import Box

K = TypeVar("K", bound=Hashable)
Picture = NDArray[np.uint8]

# Changes when what is kept of a logo changes its meaning.
LOGO_VERSION = "2"
PHOTO_SIDE_PX = 512  # a logo a tenth as wide still has 51 px; twice the side costs four times the time
LOGO_SIDE_PX = 176  # about the size at which it then stands in photos, so that points are found at the same scales
MARGIN = 0.15  # of the logo's side around it: its outline is part of it
MIN_CORNERS, MIN_OUTLINE = 4, 48  # of a logo; a bare disc or bar stands on everything
_CORNERS_OF_LOGO, _CORNERS_OF_PHOTO = 200, 1500
_FLAT = 3  # levels between the least and the most below which a plane of colour shows nothing (chosen)
_FAINT = 0.02  # contrast from which a point counts: half of SIFT's own, as logos are printed pale (chosen)
_ALIKE = 5  # logo points looked at for each of the photo's
_ALIKE_ASKED = 4  # photo points looked at for each of a logo's that is asked for
_MOST_DISTANCE = 320.0  # between two descriptors of norm 512; strangers lie about 450 apart (measured)
# Two pairs say the same place where size, direction and centre agree so far (Lowe 2004, section 7.3, halved).
_SAME_OCTAVES, _SAME_RADIANS, _SAME_SHIFT = 0.5, math.radians(20), 0.15
_GLANCED_AT = 400  # places of one photo glanced at, the best supported first: a fraction of a millisecond each
_GLANCE = 64  # outline points of a glance
_PLACES_ALIKE, _PLACES_ASKED = 5, 60  # places of one logo: of all that are registered, and of those asked for
_LOOKED_AT = 16  # places then looked at closely, those with the clearest outline first
_STEPS = 4  # times the place is bettered by the edges found
_SAID = 0.02  # what each of up to ten points that say the same place adds to a glance (chosen)
# Sureness in log-odds by the share of the outline, what it is beyond chance, evenness, points that say so; the rest.
_SURE = (10.5, 4.4, 1.3, 5.0, -15.1)
_MOST_SAID = 10
_SAME_PLACE = 0.3  # two logos that overlap more are one, the surer (chosen)
# Places looked at again in the photo's own pixels: those less sure and no less hopeless, up to this long in its copy.
_AGAIN_BELOW, _AGAIN_FROM, _AGAIN_SIDE_PX, _AGAIN_PLACES = 3.5, -5.0, 120, 3
_AGAIN_LENGTH_PX, _AGAIN_AROUND = 160, 1.8  # how long the place then is, and how much of what is around it is cut out
_LEAST_SCALE, _MOST_SCALE = 0.15, 3.5  # of a logo of 176 px in a photo of 512: from 26 px to all of it


@dataclass(frozen=True, slots=True, eq=False)
class Logo:
    """
    A logo ready to be looked for, in pixels of its own picture of `LOGO_SIDE_PX`.

    `frames` is n × 4 (x, y, size, direction in radians) and `descriptors` n × 128 of both the logo and its negative,
    in brightness and both axes of colour; `outline` is m × 4 (x, y and the unit normal), `inside` k × 2 points of it
    where its colour is even, `middle` its centre and `length` its longer side.
    """

    frames: Floats
    descriptors: NDArray[np.uint8]
    outline: Floats
    inside: Floats
    middle: tuple[float, float]
    length: float


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """
    A photo ready to be searched for logos, at `PHOTO_SIDE_PX`: its points as a `Logo` has them, and its slopes.

    `photo` is itself as it was given.
    """

    photo: Picture
    frames: Floats
    descriptors: NDArray[np.uint8]
    slopes: Slopes


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoSeen(Generic[K]):
    """
    A logo found in a photo.

    `corners` counts the photo's points that say so, `agreeing` is the share of its outline that the photo has, and
    `beyond` how much more that is than the photo has across it, by chance. `turned_degrees` is clockwise.
    """

    reference: K
    box: Box
    corners: int
    agreeing: float
    beyond: float
    even: float
    turned_degrees: float

    @property
    def sureness(self) -> float:
        """
        How sure it is, in log-odds: a line through what tells logos from chance, fitted to 108 photos with one of 120
        logos each and 36 without any (benchmark `logos`, its learning half).
        """
        agreeing, beyond, even, corners, start = _SURE
        return (
            start
            + agreeing * self.agreeing
            + beyond * self.beyond
            + even * self.even
            + corners * min(self.corners, _MOST_SAID) / _MOST_SAID
        )


def describe_logo(rgb: Picture) -> Logo | None:
    """
    Make a logo ready: height × width × 3, on an even ground that it stands out from.

    None for what is too plain to be told apart: no corners, hardly an outline.
    """
    small = _logo_picture(rgb)
    frames, descriptors, most = [], [], 0
    for plane in _planes(small):
        stretched = _stretched(plane)
        for picture in (stretched, 255 - stretched):
            own_frames, own = _corners(picture, _CORNERS_OF_LOGO)
            frames.append(own_frames)
            descriptors.append(own)
            most = max(most, len(own))
    outline = outline_of(small)
    if most < MIN_CORNERS or len(outline) < MIN_OUTLINE:
        return None
    low, high = outline[:, :2].min(axis=0), outline[:, :2].max(axis=0)
    return Logo(
        frames=np.concatenate(frames),
        descriptors=np.concatenate(descriptors),
        outline=outline,
        inside=inside_of(small),
        middle=(float(low[0] + high[0]) / 2, float(low[1] + high[1]) / 2),
        length=float(max(high - low)),
    )


def read_scene(rgb: Picture) -> Scene:
    """Make a photo ready, height × width × 3; one in grey alone takes a third of the time."""
    return _scene(rgb, _scaled(rgb, PHOTO_SIDE_PX))


def _scene(rgb: Picture, scaled: Picture) -> Scene:
    found = [_corners(plane, _CORNERS_OF_PHOTO) for plane in _planes(scaled)]
    return Scene(
        photo=rgb,
        frames=np.concatenate([frames for frames, _ in found] or [_NO_FRAMES]),
        descriptors=np.concatenate([descriptors for _, descriptors in found] or [_NO_DESCRIPTORS]),
        slopes=slopes_of(scaled),
    )


class LogoIndex(Generic[K]):
    """Logos, ready to be looked for together; immutable once built, and may be sent to another process."""

    def __init__(self, logos: Mapping[K, Logo]) -> None:
        self._ids = list(logos)
        self._logos = list(logos.values())
        counts = [len(logo.frames) for logo in self._logos]
        self._owners = np.repeat(np.arange(len(counts)), counts)
        self._frames = (
            np.concatenate([logo.frames for logo in self._logos]) if counts else np.empty((0, 4), np.float32)
        )
        self._middles = np.array([logo.middle for logo in self._logos], np.float32).reshape(-1, 2)
        self._lengths = np.array([logo.length for logo in self._logos], np.float32)
        self._matcher: cv2.FlannBasedMatcher | None = None

    def __len__(self) -> int:
        """Count the logos."""
        return len(self._ids)

    @property
    def ids(self) -> tuple[K, ...]:
        """Whose logos they are, as given."""
        return tuple(self._ids)

    def __getstate__(self) -> tuple[list[K], list[Logo]]:
        """What another process builds it from: the trees themselves cannot be sent."""
        return self._ids, self._logos

    def __setstate__(self, state: tuple[list[K], list[Logo]]) -> None:
        """Build it again."""
        self.__init__(dict(zip(*state, strict=True)))  # type: ignore[misc]  # from its own parts

    def find(self, scene: Scene, *, least: float, among: Collection[K] | None = None) -> list[LogoSeen[K]]:
        """
        Give each logo that the photo shows with a sureness of `least`, the surest first.

        Each comes once, and of several in one place the surest. With `among`, only these are looked for, and
        thoroughly.
        """
        asked = None if among is None else [at for at, id in enumerate(self._ids) if id in among]
        if not self._ids or asked == []:
            return []
        found = self._search(scene, asked)
        if asked is not None:
            found = self._look_again(scene, found)
        best: dict[int, LogoSeen[K]] = {}
        for logo, seen in found:
            if seen.sureness >= least:
                best[logo] = max(best.get(logo, seen), seen, key=_sureness)
        kept: list[LogoSeen[K]] = []
        for seen in sorted(best.values(), key=_sureness, reverse=True):
            if all(seen.box.overlap(other.box) < _SAME_PLACE for other in kept):
                kept.append(seen)
        return kept

    def _search(self, scene: Scene, asked: list[int] | None) -> list[tuple[int, LogoSeen[K]]]:
        """Give what was seen at the clearest places of a scene, of all logos or of those asked for."""
        if not len(scene.frames):
            return []
        places = self._places(
            scene.frames,
            self._pairs(scene.descriptors) if asked is None else self._pairs_of(asked, scene.descriptors),
            most=_PLACES_ALIKE if asked is None else _PLACES_ASKED,
        )
        slopes = scene.slopes
        clear = [self._glance(logo, place, slopes) + _SAID * min(said, _MOST_SAID) for logo, place, said in places]
        looked_at = [places[at] for at in np.argsort(-np.array(clear), kind="stable")[:_LOOKED_AT]]
        return [
            (logo, seen)
            for logo, place, corners in looked_at
            if (seen := self._look(logo, place, corners, slopes)) is not None
        ]

    def _look_again(self, scene: Scene, found: list[tuple[int, LogoSeen[K]]]) -> list[tuple[int, LogoSeen[K]]]:
        """
        Give what was seen, with the surest small places of logos that are not surely there as the photo's own pixels
        show them.

        A photo that has no more pixels than its copy says nothing new. Places in one spot are looked at once.
        """
        if max(scene.photo.shape[:2]) <= PHOTO_SIDE_PX:
            return found
        sure = {logo for logo, seen in found if seen.sureness >= _AGAIN_BELOW}
        told: list[tuple[int, LogoSeen[K]]] = []
        spots: list[tuple[int, Box]] = []
        for logo, seen in sorted(found, key=lambda each: _sureness(each[1]), reverse=True):
            if any(logo == other and seen.box.overlap(spot) >= _SAME_PLACE for other, spot in spots):
                continue
            small = _longer_side_px(seen.box, scene.slopes.steep.shape) <= _AGAIN_SIDE_PX
            if len(spots) < _AGAIN_PLACES and small and logo not in sure and seen.sureness >= _AGAIN_FROM:
                spots.append((logo, seen.box))
                part, pixels = _cut_out(scene.photo, seen.box)
                closer = self._search(_scene(scene.photo, pixels), [logo])
                told += [(logo, replace(each, box=each.box.inside(part))) for _, each in closer]
            else:
                told.append((logo, seen))
        return told

    def _places(self, frames: Floats, pairs: NDArray[np.int64], *, most: int) -> list[tuple[int, Floats, int]]:
        """
        Give where logos may lie, the best supported first: the logo, the plane (2 × 3), how many points say so.

        `pairs` are points of the photo with points of logos; `most` places of one logo are tried.
        """
        if not pairs.size:
            return []
        asked, told = pairs[:, 0], pairs[:, 1]
        here, there = frames[asked], self._frames[told]
        owners = self._owners[told]
        scale = here[:, 2] / there[:, 2]
        turn = here[:, 3] - there[:, 3]
        across = scale * np.cos(turn)
        down = scale * np.sin(turn)
        apart = self._middles[owners] - there[:, :2]
        centre = here[:, :2] + np.stack(
            [across * apart[:, 0] - down * apart[:, 1], down * apart[:, 0] + across * apart[:, 1]], axis=1
        )
        fits = (scale > _LEAST_SCALE) & (scale < _MOST_SCALE)
        found: list[tuple[float, int, Floats, int]] = []
        for logo in np.unique(owners[fits]):
            own = np.flatnonzero(fits & (owners == logo))
            octaves, direction, middle = np.log2(scale[own]), turn[own], centre[own]
            off = np.abs((direction[:, None] - direction + math.pi) % (2 * math.pi) - math.pi)
            reach = _SAME_SHIFT * self._lengths[logo] * scale[own]
            near = np.linalg.norm(middle[:, None] - middle, axis=2) < reach[:, None]
            same = near & (np.abs(octaves[:, None] - octaves) < _SAME_OCTAVES) & (off < _SAME_RADIANS)
            support = np.array([len(np.unique(asked[own[row]])) for row in same])
            taken = np.zeros(len(own), np.bool_)
            for at in np.argsort(-support, kind="stable")[:most]:
                if taken[at]:
                    continue
                taken |= same[at]
                with_it = own[same[at]]
                plane = fit_plane(there[with_it, :2], here[with_it, :2], scale[own[at]], turn[own[at]])
                closeness = float(pairs[with_it, 2].min())
                found.append((support[at] - closeness / _MOST_DISTANCE, int(logo), plane, int(support[at])))
        found.sort(key=lambda each: -each[0])
        return [(logo, plane, support) for _, logo, plane, support in found[:_GLANCED_AT]]

    def _glance(self, at: int, place: Floats, slopes: Slopes) -> float:
        """Give how much more of a few outline points the photo has along than across it."""
        outline = self._logos[at].outline
        _, agrees, crosses = along(outline[:: max(1, len(outline) // _GLANCE)], place, slopes, step_px=2)
        return float(agrees.mean() - crosses.mean())

    def _pairs(self, descriptors: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Give the photo's points with the logos' points that look like them: rows of two numbers and a distance."""
        if self._matcher is None:
            cv2.setRNGSeed(1)  # the trees are cut at random: the same ones in every run
            matcher = cv2.FlannBasedMatcher({"algorithm": 1, "trees": 4}, {"checks": 48})
            matcher.add([np.concatenate([logo.descriptors for logo in self._logos]).astype(np.float32)])
            matcher.train()
            self._matcher = matcher
        rows = [
            (match.queryIdx, match.trainIdx, int(match.distance))
            for matches in self._matcher.knnMatch(descriptors.astype(np.float32), k=min(_ALIKE, len(self._frames)))
            for match in matches
            if match.distance < _MOST_DISTANCE
        ]
        return np.array(rows, np.int64).reshape(-1, 3)

    def _pairs_of(self, logos: list[int], descriptors: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Do as `_pairs` for these logos alone: each of their points with those of the photo that look like it."""
        mine = np.flatnonzero(np.isin(self._owners, logos))
        theirs = np.concatenate([self._logos[at].descriptors for at in logos]).astype(np.float32)
        near = cv2.BFMatcher(cv2.NORM_L2).knnMatch(theirs, descriptors.astype(np.float32), k=_ALIKE_ASKED)
        rows = [
            (match.trainIdx, int(mine[match.queryIdx]), int(match.distance))
            for matches in near
            for match in matches
            if match.distance < _MOST_DISTANCE
        ]
        return np.array(rows, np.int64).reshape(-1, 3)

    def _look(self, at: int, place: Floats, corners: int, slopes: Slopes) -> LogoSeen[K] | None:
        """Lay the outline there, better the place by the edges found, and say how much of it the photo has."""
        logo = self._logos[at]
        plane = place
        for _ in range(_STEPS):
            offset, agrees, _ = along(logo.outline, plane, slopes)
            if agrees.sum() < MIN_OUTLINE // 2:
                break
            plane = bettered(logo.outline[agrees], offset[agrees], plane)
        scale = math.hypot(plane[0, 0], plane[1, 0])
        if not _LEAST_SCALE < scale < _MOST_SCALE:
            return None
        _, agrees, crosses = along(logo.outline, plane, slopes)
        height_px, width_px = slopes.steep.shape
        spots = logo.outline[:, :2] @ plane[:, :2].T + plane[:, 2]
        left, top = np.clip(spots.min(axis=0), 0, (width_px, height_px))
        right, bottom = np.clip(spots.max(axis=0), 0, (width_px, height_px))
        if right - left < 1 or bottom - top < 1:
            return None
        agreeing = float(agrees.mean())
        return LogoSeen(
            reference=self._ids[at],
            box=Box(
                left=float(left / width_px),
                top=float(top / height_px),
                right=float(right / width_px),
                bottom=float(bottom / height_px),
            ),
            corners=corners,
            agreeing=agreeing,
            beyond=agreeing - float(crosses.mean()),
            even=evenness(logo.inside, plane, slopes.steep),
            turned_degrees=math.degrees(math.atan2(plane[1, 0], plane[0, 0])),
        )


def _sureness(seen: LogoSeen[K]) -> float:
    return seen.sureness


def _longer_side_px(box: Box, shape: tuple[int, ...]) -> float:
    return max((box.right - box.left) * shape[1], (box.bottom - box.top) * shape[0])


def _cut_out(rgb: Picture, box: Box) -> tuple[Box, Picture]:
    """Give the part of a photo around a place, and its pixels where the place is `_AGAIN_LENGTH_PX` long."""
    height_px, width_px = rgb.shape[:2]
    length = max(1.0, _longer_side_px(box, rgb.shape))
    reach = length * _AGAIN_AROUND / 2
    across, down = (box.left + box.right) / 2 * width_px, (box.top + box.bottom) / 2 * height_px
    left, top = max(0, math.floor(across - reach)), max(0, math.floor(down - reach))
    right, bottom = min(width_px, math.ceil(across + reach)), min(height_px, math.ceil(down + reach))
    part = Box(left=left / width_px, top=top / height_px, right=right / width_px, bottom=bottom / height_px)
    own = rgb[top:bottom, left:right]
    return part, _scaled(own, round(max(own.shape[:2]) * _AGAIN_LENGTH_PX / length))


_NO_FRAMES, _NO_DESCRIPTORS = np.empty((0, 4), np.float32), np.empty((0, 128), np.uint8)


def _scaled(rgb: Picture, side_px: int) -> Picture:
    height_px, width_px = rgb.shape[:2]
    scale = side_px / max(height_px, width_px)
    size = max(1, round(width_px * scale)), max(1, round(height_px * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(rgb, size, interpolation=how), dtype=np.uint8)


def _logo_picture(rgb: Picture) -> Picture:
    """Give the logo without its ground, at the common size, with an even margin of the ground's colour."""
    ground = ground_of(rgb)
    marked = np.abs(rgb.astype(np.int16) - ground).max(axis=2) > EDGE
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    if rows.size:
        rgb = rgb[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    margin = round(LOGO_SIDE_PX * MARGIN)
    framed = cv2.copyMakeBorder(
        _scaled(rgb, LOGO_SIDE_PX), margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=ground.tolist()
    )
    return _stretched(np.asarray(framed, np.uint8))


def _stretched(picture: Picture) -> Picture:
    """Stretched to the whole range: a pale logo has the points that a strong one has."""
    low, high = int(picture.min()), int(picture.max())
    return np.asarray((picture.astype(np.float32) - low) * (255 / max(high - low, 1)), dtype=np.uint8)


def _planes(rgb: Picture) -> list[Picture]:
    """Give brightness and both axes of colour (CIELAB), without those in which nothing shows."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    colour = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)
    return [
        plane
        for plane in (np.asarray(each, np.uint8) for each in (grey, colour[..., 1], colour[..., 2]))
        if int(plane.max()) - int(plane.min()) >= _FLAT
    ]


def _corners(picture: Picture, most: int) -> tuple[Floats, NDArray[np.uint8]]:
    found, descriptors = cv2.SIFT.create(most, contrastThreshold=_FAINT).detectAndCompute(picture, None)
    if descriptors is None:
        return _NO_FRAMES, _NO_DESCRIPTORS
    frames = [(each.pt[0], each.pt[1], each.size, math.radians(each.angle)) for each in found]
    return np.array(frames, np.float32), np.asarray(descriptors, np.uint8)

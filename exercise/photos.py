"""Photos: turns a `Photo` record into JPEG bytes, the same bytes every time."""

import dataclasses
import random
from functools import lru_cache
from typing import assert_never

import cv2
import numpy as np

from exercise.backdrops import BACKDROPS, backdrop
from exercise.errors import CannotDraw
from exercise.motifs_home import HOME
from exercise.motifs_worn import WORN, Motif
from exercise.painter import Bgr, Painter, Picture, mix
from exercise.records import Edit, EditKind, Photo
from exercise.scenes import POSTER_SIZE, draw_scene, print_title

MOTIFS: dict[str, Motif] = {**WORN, **HOME}

# Colours as a shop names them, BGR.
COLOURS: dict[str, Bgr] = {
    "black": (42, 38, 36),
    "white": (236, 238, 240),
    "silver": (200, 196, 190),
    "steel blue": (150, 110, 70),
    "navy": (90, 52, 32),
    "forest green": (66, 92, 44),
    "olive": (62, 110, 108),
    "sand": (160, 198, 218),
    "cognac": (52, 98, 166),
    "burgundy": (54, 30, 116),
    "red": (52, 48, 196),
    "rose": (168, 158, 226),
    "amber": (44, 142, 226),
    "yellow": (70, 206, 244),
    "teal": (140, 130, 32),
    "turquoise": (190, 180, 70),
    "sky blue": (226, 186, 128),
    "lilac": (206, 164, 176),
    "cream": (206, 228, 238),
    "graphite": (84, 78, 74),
    "chocolate": (40, 56, 88),
    "coral": (100, 122, 240),
    "mint": (176, 208, 164),
    "gold": (86, 170, 214),
    "copper": (80, 120, 190),
    "purple": (128, 50, 100),
    "grey": (140, 140, 140),
    "orange": (50, 120, 240),
}
COLOUR_NAMES = tuple(COLOURS)

# Every side is at least 512 px, so that a hash of the photo is fit to store.
OFFICIAL_SIZE = (640, 640)
BEND = (0.05, 0.09)  # in units of half the picture: 12 to 20 px, beyond what a flat view explains
SIZES = ((512, 512), (512, 600), (600, 512), (520, 560), (560, 520))


def render_photo(photo: Photo) -> bytes:
    """
    Draw, edit and compress a photo; JPEG bytes, each side at least 460 px after any edit.

    Raises `CannotDraw` when this build of OpenCV has no JPEG encoder.
    """
    if photo.backdrop is None:
        page = _draw(photo)
    else:
        page = _draw_official(dataclasses.replace(photo, edits=(), quality=85))
    for edit in photo.edits:
        page = apply_edit(page, edit)
    done, data = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, photo.quality])
    if not done:
        raise CannotDraw("JPEG")
    return data.tobytes()


@lru_cache(maxsize=32)  # every copy starts from one of the few official photos
def _draw_official(photo: Photo) -> Picture:
    return _draw(photo)


def _draw(photo: Photo) -> Picture:
    dice = random.Random(f"view {photo.motif} {photo.seed} {photo.view}")
    rng = np.random.default_rng((photo.seed, photo.view))
    if photo.motif == "blank":
        tone = dice.randint(225, 255)
        return np.full((560, 560, 3), tone, np.uint8)
    if photo.motif == "logo":
        return _draw_logo(photo, dice)
    if photo.motif == "scene":
        page = draw_scene(photo.seed, 0.0, *POSTER_SIZE)
        return print_title(page, photo.wordmark, photo.seed) if photo.wordmark else page
    official = photo.backdrop is not None
    width, height = OFFICIAL_SIZE if official else dice.choice(SIZES)
    ground = backdrop(photo.backdrop or dice.choice(tuple(BACKDROPS)), rng, dice, width, height)
    # Holders' things are straight; everyone else's own things bend a little, each in its own way.
    bends = (
        () if official else tuple((dice.uniform(*BEND), dice.uniform(2.2, 4.2), dice.uniform(0, 6.3)) for _ in "xy")
    )
    painter = Painter(
        width,
        height,
        bends=bends,
        scale=dice.uniform(0.78, 1.02),
        turn_deg=dice.uniform(-28, 28),
        shift=(dice.uniform(-0.09, 0.09), dice.uniform(-0.06, 0.06)),
        squeeze=dice.uniform(0.82, 1.0),
    )
    base = COLOURS[photo.base or dice.choice(COLOUR_NAMES)]
    accent = COLOURS[photo.accent or dice.choice(COLOUR_NAMES)]
    if photo.base is None:
        base = mix(base, COLOURS[dice.choice(COLOUR_NAMES)], dice.uniform(0, 0.3))
    MOTIFS[photo.motif](painter, random.Random(f"thing {photo.motif} {photo.seed}"), base, accent, photo.wordmark)
    return painter.place(
        ground,
        rng,
        grain=dice.uniform(0.1, 0.35),
        gloss=dice.uniform(0.2, 0.8),
        light_deg=dice.uniform(190, 340),
        shadow=dice.uniform(0.35, 0.65),
    )


def _draw_logo(photo: Photo, dice: random.Random) -> Picture:
    """A mark as registered: an emblem above the word, on its holder's colours."""
    base, accent = COLOURS[photo.base or "navy"], COLOURS[photo.accent or "cream"]
    painter = Painter(*OFFICIAL_SIZE)
    points = dice.randint(5, 9)
    for k in range(points):
        painter.ellipse(
            0,
            -0.3,
            0.42,
            0.42,
            mix(accent, base, dice.uniform(0, 0.6)),
            100 + 12 * k,
            k * 360 / points,
            (k + dice.uniform(0.4, 0.9)) * 360 / points,
        )
    painter.ellipse(0, -0.3, 0.16, 0.16, base, 90)
    painter.arc(0, -0.3, 0.5, 0.5, 0, 360, 0.03, accent, 160)
    painter.text(photo.wordmark, 0, 0.5, 0.34, accent, 1.8)
    rng = np.random.default_rng(photo.seed)
    ground = cv2.add(backdrop("stone", rng, dice, *OFFICIAL_SIZE) // 6, np.full((640, 640, 3), base, np.uint8))
    return painter.place(np.asarray(ground, np.uint8), rng, grain=0.02, gloss=0.2)


def apply_edit(page: Picture, edit: Edit) -> Picture:
    """Change a picture as a copyist would; gives a new picture."""
    height, width = page.shape[:2]
    match edit.kind:
        case EditKind.CROP:
            dx, dy = round(width * edit.amount), round(height * edit.amount)
            return np.ascontiguousarray(page[dy : height - dy, dx : width - dx])
        case EditKind.BORDER:
            wide = round(min(width, height) * edit.amount)
            return np.asarray(
                cv2.copyMakeBorder(page, wide, wide, wide, wide, cv2.BORDER_CONSTANT, value=(40, 60, 210)), np.uint8
            )
        case EditKind.WATERMARK:
            painter = Painter(width, height, turn_deg=-30)
            painter.text("TOP OUTLET 24", 0, 0.1, 0.24, (255, 255, 255), 1.9)
            return np.asarray(cv2.addWeighted(page, 1.0, painter.colour, edit.amount, 0), np.uint8)
        case EditKind.FLIP:
            return np.asarray(cv2.flip(page, 1), np.uint8)
        case EditKind.ROTATE:
            turn = cv2.getRotationMatrix2D((width / 2, height / 2), edit.amount, 1.0)
            return np.asarray(
                cv2.warpAffine(
                    page, turn, (width, height), borderMode=cv2.BORDER_CONSTANT, borderValue=(255, 255, 255)
                ),
                np.uint8,
            )
        case EditKind.BRIGHTNESS:
            return np.asarray(cv2.convertScaleAbs(page, alpha=edit.amount), np.uint8)
    assert_never(edit.kind)

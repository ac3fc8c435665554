"""Moving pictures: seeded landscapes and cities with a camera that pans, for films and posters."""

import math
import random
from functools import lru_cache

import cv2
import numpy as np

from exercise.painter import Bgr, Painter, Picture, mix, soft_noise

POSTER_SIZE = (540, 720)
FRAME_SIZE = (512, 288)  # the least width whose hash is fit to store, at 16:9
CYCLE_S = 6.0  # a film shows three scenes of two seconds, then starts over

_PALETTES: tuple[tuple[Bgr, Bgr, Bgr], ...] = (  # sky above, sky below, ground
    ((96, 52, 30), (120, 160, 240), (40, 30, 34)),
    ((190, 140, 80), (224, 214, 190), (70, 90, 60)),
    ((70, 30, 60), (130, 110, 220), (30, 24, 40)),
    ((110, 96, 40), (200, 220, 170), (50, 60, 40)),
    ((40, 30, 20), (90, 80, 60), (24, 20, 18)),
    ((170, 120, 120), (200, 190, 236), (80, 60, 70)),
    ((60, 90, 150), (160, 200, 250), (30, 50, 90)),
    ((140, 110, 20), (230, 220, 160), (70, 60, 20)),
)


@lru_cache(maxsize=24)
def _clouds(seed: int, width: int, height: int) -> Picture:
    noise = soft_noise(np.random.default_rng(seed), width // 2, height // 4, (3, 7, 15, 30))
    veil = cv2.convertScaleAbs(np.maximum(noise, 0), alpha=90.0)
    return np.asarray(cv2.resize(veil, (width * 2, height)), np.uint8)


def draw_scene(footage: int, second: float, width: int = FRAME_SIZE[0], height: int = FRAME_SIZE[1]) -> Picture:
    """
    Give one frame of a film, height × width × 3, BGR.

    `footage` picks the film; `second` the moment, which repeats after `CYCLE_S`.
    """
    scene = int(second % CYCLE_S / 2)
    pan = (second % 2) * 0.04
    dice = random.Random(f"scene {footage} {scene}")
    sky, low, ground = dice.choice(_PALETTES)
    ramp = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    column = np.array(sky, np.float32) * (1 - ramp) + np.array(low, np.float32) * ramp
    page = np.repeat(column, width, axis=1).astype(np.uint8)
    clouds = _clouds(footage * 8 + scene, width, height)
    start = round(pan * width)
    veil = cv2.merge([clouds[:, start : start + width]] * 3)
    page = np.asarray(cv2.add(page, veil), np.uint8)
    painter = Painter(width, height)
    side = width / min(width, height) / 0.92 * 1.1  # the left and right rim in the painter's units
    tall = height / min(width, height) / 0.92 * 1.05
    sun = (dice.uniform(-side, side) * 0.7 - pan, dice.uniform(-0.7, -0.1) * tall)
    size = dice.uniform(0.1, 0.26)
    painter.ellipse(*sun, size, size, mix(low, (235, 250, 255), 0.7), 60)
    kind = dice.choice(("hills", "city", "sea"))
    horizon = dice.uniform(-0.5, -0.05)
    for layer in range(4):
        depth = (layer + 1) / 4
        tone = mix(low, ground, depth)
        drift = pan * depth * 3
        top = (horizon + 0.3 * layer) * tall * 0.8
        if kind == "city" and layer < 3:
            _city(painter, dice, top, side, tall, drift, tone)
        elif kind == "sea" and layer > 1:
            _sea(painter, dice, top, side, tall, second, tone, low)
        else:
            _hills(painter, dice, top, side, tall, drift, tone)
    _foreground(painter, dice, side, tall, pan, mix(ground, (10, 10, 10), 0.4))
    return painter.place(page, np.random.default_rng(footage), grain=0.0, gloss=0.1, shadow=0.1)


def _hills(
    p: Painter,
    dice: random.Random,
    top: float,
    side: float,
    tall: float,
    drift: float,
    tone: Bgr,
) -> None:
    ridge = [(-side - 0.4, tall)]
    steps = dice.randint(9, 26)
    rough = dice.uniform(0.08, 0.32)
    for k in range(steps + 1):
        ridge.append((-side - 0.4 + (2 * side + 0.9) * k / steps - drift, top + dice.uniform(-rough, rough)))
    ridge.append((side + 0.5, tall))
    p.shape(ridge, tone, 90)


def _city(p: Painter, dice: random.Random, top: float, side: float, tall: float, drift: float, tone: Bgr) -> None:
    x = -side - 0.3
    while x < side + 0.4:
        wide, high = dice.uniform(0.06, 0.17), dice.uniform(0.0, 0.75)
        p.box(x + wide - drift, (top - high + tall) / 2, wide, (tall - top + high) / 2, tone, 110)
        for row in range(dice.randint(0, 9)):
            if dice.random() < 0.6:
                p.box(
                    x + dice.uniform(0.3, 1.7) * wide - drift,
                    top - high + 0.08 + row * 0.08,
                    0.013,
                    0.018,
                    (150, 220, 250),
                    130,
                )
        x += 2 * wide + dice.choice((0.0, 0.02, 0.12))


def _sea(
    p: Painter,
    dice: random.Random,
    top: float,
    side: float,
    tall: float,
    second: float,
    tone: Bgr,
    low: Bgr,
) -> None:
    p.shape([(-side, top), (side, top), (side, tall), (-side, tall)], tone, 40)
    for _ in range(dice.randint(16, 36)):
        x, y = dice.uniform(-side, side), dice.uniform(top, tall)
        sway = 0.03 * math.sin(second * 2 + x * 9)
        p.stroke([(x + sway, y), (x + sway + dice.uniform(0.08, 0.3), y)], 0.014, mix(tone, low, 0.6), 60)


def _foreground(p: Painter, dice: random.Random, side: float, tall: float, pan: float, tone: Bgr) -> None:
    kind, size = dice.randrange(3), dice.uniform(0.5, 1.3)
    x, y = dice.uniform(-0.7, 0.7) * side - pan * 5, dice.uniform(0.35, 0.8) * tall
    if kind == 0:  # walkers
        for _ in range(dice.randint(1, 4)):
            wide = size * dice.uniform(0.08, 0.16)
            p.ellipse(x, y, wide * 0.6, wide * 0.7, tone, 150)
            p.shape(
                [
                    (x - wide * 0.7, y + wide * 0.8),
                    (x + wide * 0.7, y + wide * 0.8),
                    (x + wide, tall),
                    (x - wide, tall),
                ],
                tone,
                150,
            )
            x += size * dice.uniform(0.2, 0.4)
    elif kind == 1:  # trees
        for _ in range(dice.randint(2, 6)):
            tx, high = dice.uniform(-side, side) - pan * 4, dice.uniform(0.4, 1.2)
            for k in range(4):
                wide = (0.07 + 0.06 * k) * size
                p.shape(
                    [
                        (tx, tall - high + 0.16 * k),
                        (tx + wide, tall - high + 0.3 + 0.2 * k),
                        (tx - wide, tall - high + 0.3 + 0.2 * k),
                    ],
                    tone,
                    140,
                )
    else:  # a boat
        lean, mast, hull = dice.uniform(-0.2, 0.2), size * dice.uniform(0.4, 0.9), size * dice.uniform(0.25, 0.5)
        p.shape(
            [(x - hull, y), (x + hull, y), (x + hull * 0.7, y + hull * 0.4), (x - hull * 0.8, y + hull * 0.4)],
            tone,
            150,
        )
        p.stroke([(x, y), (x + lean, y - mast)], 0.03, tone, 150)
        sail = mix(tone, (230, 230, 230), dice.uniform(0.3, 0.8))
        for way in (1, -1)[: dice.randint(1, 2)]:
            p.shape(
                [
                    (x + lean, y - mast),
                    (x + way * hull * dice.uniform(0.5, 1.1), y - 0.05),
                    (x + way * 0.02, y - 0.05),
                ],
                sail,
                150,
            )


def print_title(page: Picture, title: str, footage: int) -> Picture:
    """Print a film's title across its poster, each film in a place and slant of its own; gives a new picture."""
    height, width = page.shape[:2]
    dice = random.Random(f"title {footage}")
    middle = dice.choice((0.14, 0.2, 0.78, 0.86)) + dice.uniform(-0.03, 0.03)
    painter = Painter(
        width,
        height,
        turn_deg=dice.uniform(-13, 13),
        squeeze=dice.uniform(0.7, 1.0),
        shift=(dice.uniform(-0.05, 0.05), middle - 0.5),
    )
    half = dice.uniform(0.16, 0.26)
    painter.box(0, 0, 2.5, half, (0, 0, 0))
    veil = np.asarray(cv2.merge([painter.cover] * 3), np.uint8)
    painter.colour = cv2.subtract(
        page, np.asarray(cv2.addWeighted(page, dice.uniform(0.5, 0.8), page, 0, 0), np.uint8) & veil
    ).astype(np.uint8)
    words = title.upper().split() if dice.random() < 0.6 else title.split()
    cut = (len(words) + 1) // 2 if len(words) > 2 or dice.random() < 0.3 else len(words)
    lines = [" ".join(part) for part in (words[:cut], words[cut:]) if part]
    ink = dice.choice(((240, 244, 250), (120, 220, 250), (190, 230, 170), (210, 190, 250)))
    for row, line in enumerate(lines):
        painter.text(line, 0, (row - (len(lines) - 1) / 2) * half * 0.95, half * dice.uniform(0.6, 0.85), ink, 1.75)
    return painter.colour

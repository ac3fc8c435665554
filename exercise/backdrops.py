"""Backdrops: the seeded surfaces and rooms that photos are taken on, as BGR pictures."""

import math
import random
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from exercise.painter import Bgr, Field, Picture, soft_noise

Maker = Callable[[np.random.Generator, random.Random, int, int], Picture]


def _tint(level: NDArray[np.floating], dark: Bgr, light: Bgr) -> Picture:
    """Colour a level field in [0, 1] from a dark to a light colour."""
    steps = np.linspace(0, 1, 256, dtype=np.float32)[:, None, None]
    ramp = np.array(dark, np.float32) + (np.array(light, np.float32) - np.array(dark, np.float32)) * steps
    index = cv2.convertScaleAbs(np.maximum(level, 0), alpha=255.0)
    return np.asarray(cv2.applyColorMap(index, ramp.astype(np.uint8)), np.uint8)


def _grid(width: int, height: int) -> tuple[Field, Field]:
    x = np.broadcast_to(np.linspace(0, 1, width, dtype=np.float32), (height, width))
    y = np.broadcast_to(np.linspace(0, height / width, height, dtype=np.float32)[:, None], (height, width))
    return x, y


def _hue(dice: random.Random, saturation: float, value: float) -> Bgr:
    """A seeded colour of the given saturation and brightness, each in [0, 1]."""
    pixel = np.array([[[dice.randrange(180), round(saturation * 255), round(value * 255)]]], np.uint8)
    blue, green, red = cv2.cvtColor(pixel, cv2.COLOR_HSV2BGR)[0, 0]
    return int(blue), int(green), int(red)


def studio(rng: np.random.Generator, dice: random.Random, width: int, height: int) -> Picture:
    """A photographer's sweep: a soft spot of light, a horizon, faint cloth."""
    x, y = _grid(width, height)
    px, py = dice.uniform(0.15, 0.85), dice.uniform(0.1, 0.7)
    level = 1.0 - 0.75 * np.sqrt((x - px) ** 2 * dice.uniform(0.6, 1.8) + (y - py) ** 2)
    level -= 0.25 * (y > dice.uniform(0.5, 0.85)) * dice.choice((0.3, 1.0))
    level += 0.16 * soft_noise(rng, width, height, (3, 6, 11, 19))
    tone = _hue(dice, dice.uniform(0.03, 0.35), 0.96)
    return _tint(level, _hue(dice, 0.25, dice.uniform(0.3, 0.6)), tone)


def wood(rng: np.random.Generator, dice: random.Random, width: int, height: int) -> Picture:
    """Planks with grain, seams and knots, laid at a seeded angle."""
    x, y = _grid(width, height)
    turn = dice.uniform(0, math.pi)
    along = x * math.cos(turn) + y * math.sin(turn)
    across = y * math.cos(turn) - x * math.sin(turn)
    warp = 0.1 * soft_noise(rng, width, height, (3, 5))
    level = 0.5 + 0.2 * np.sin((across + warp) * dice.uniform(60, 140))
    level += 0.25 * soft_noise(rng, width, height, (2, 5, 9))
    planks = dice.uniform(3, 9)
    plank = np.floor(across * planks + 10).astype(np.int32)
    tones = rng.uniform(-0.25, 0.25, 64).astype(np.float32)
    level += tones[plank % 64]
    level -= 0.5 * (np.abs(across * planks + 10 - plank - 0.5) > 0.48)
    level -= 0.2 * (np.sin(along * 40 + tones[plank % 64] * 90) > 0.995)
    brown = dice.choice(((40, 70, 110), (70, 100, 140), (90, 110, 125), (30, 45, 70), (120, 150, 175)))
    return _tint(level, brown, tuple(min(255, c + 95) for c in brown))  # type: ignore[arg-type]  # three stay three


def cloth(rng: np.random.Generator, dice: random.Random, width: int, height: int) -> Picture:
    """Crumpled cloth: folds lit from one side, with a weave or printed stripes."""
    folds = soft_noise(rng, width, height, (2.5, 5, 9, 16))
    level = 0.55 + 7.0 * cv2.Sobel(cv2.GaussianBlur(folds, (0, 0), 3), cv2.CV_32F, 1, dice.choice((0, 1)), ksize=3)
    x, y = _grid(width, height)
    turn, pitch = dice.uniform(0, math.pi), dice.uniform(8, 40)
    stripe = np.sin(((x + 0.05 * folds) * math.cos(turn) + (y + 0.05 * folds) * math.sin(turn)) * pitch)
    level += dice.choice((0.0, 0.12, 0.25)) * np.sign(stripe)
    return _tint(level, _hue(dice, 0.55, 0.3), _hue(dice, dice.uniform(0.1, 0.5), 0.93))


def stone(rng: np.random.Generator, dice: random.Random, width: int, height: int) -> Picture:
    """Marble or slate: cloudy ground with veins."""
    cloud = soft_noise(rng, width, height, (3, 6, 12, 24))
    vein = np.abs(soft_noise(rng, width, height, (2.5, 5, 10)))
    level = 0.68 + 0.24 * cloud - 0.55 * np.exp(-((vein / 0.045) ** 2))
    if dice.random() < 0.4:
        level = 1.05 - level
    return _tint(level, _hue(dice, 0.2, 0.2), _hue(dice, 0.06, 0.95))


def tiles(rng: np.random.Generator, dice: random.Random, width: int, height: int) -> Picture:
    """A floor of tiles seen at an angle, each tile a tone of its own."""
    x, y = _grid(width, height)
    turn, pitch = dice.uniform(0, math.pi / 2), dice.uniform(4, 9)
    u = (x * math.cos(turn) + y * math.sin(turn)) * pitch + 20
    v = (y * math.cos(turn) - x * math.sin(turn)) * pitch * dice.uniform(0.6, 1.0) + 20
    tones = rng.uniform(0.2, 0.95, 4096).astype(np.float32)
    column, row = np.floor(u), np.floor(v)
    level = tones.take((column * 61 + row).astype(np.int32), mode="wrap")
    level -= 0.4 * (np.maximum(np.abs(u - column - 0.5), np.abs(v - row - 0.5)) > 0.465)
    level += 0.06 * soft_noise(rng, width, height, (8, 20, 40))
    return _tint(level, _hue(dice, 0.35, 0.35), _hue(dice, 0.2, 0.92))


def bokeh(rng: np.random.Generator, dice: random.Random, width: int, height: int) -> Picture:
    """An evening out of focus: blurred lights of many sizes."""
    level = 0.35 + 0.25 * soft_noise(rng, width, height, (2, 4))
    page = _tint(level, _hue(dice, 0.6, 0.15), _hue(dice, 0.5, 0.6))
    for _ in range(dice.randint(22, 46)):
        centre = (dice.randrange(width), dice.randrange(height))
        layer = page.copy() if dice.random() < 0.15 else page
        cv2.circle(layer, centre, dice.randint(6, 44), _hue(dice, 0.5, dice.uniform(0.6, 1.0)), -1, cv2.LINE_AA)
        if layer is not page:
            page = np.asarray(cv2.addWeighted(page, 0.5, layer, 0.5, 0), np.uint8)
    return np.asarray(cv2.GaussianBlur(page, (0, 0), 2.5), np.uint8)


def room(rng: np.random.Generator, dice: random.Random, width: int, height: int) -> Picture:
    """A corner of a home: wall, floor, a window's light, things on a shelf."""
    page = _tint(
        0.6 + 0.15 * soft_noise(rng, width, height, (3, 7, 15)),
        _hue(dice, 0.3, 0.5),
        _hue(dice, dice.uniform(0.05, 0.4), 0.95),
    )
    floor = round(height * dice.uniform(0.55, 0.85))
    page[floor:] = wood(rng, dice, width, height)[floor:]
    shelf = round(height * dice.uniform(0.1, 0.4))
    left = dice.randrange(width // 2)
    while left < width:
        book_width, book_height = dice.randint(10, 34), dice.randint(30, 90)
        if dice.random() < 0.8:
            cv2.rectangle(
                page,
                (left, shelf),
                (left + book_width, shelf + book_height),
                _hue(dice, 0.6, dice.uniform(0.3, 0.9)),
                -1,
            )
        left += book_width + dice.choice((1, 2, 22))
    cv2.rectangle(page, (0, shelf + 90), (width, shelf + 98), (60, 80, 100), -1)
    top = dice.randrange(width)
    beam = np.array([[top, 0], [top + 120, 0], [top - 60, height], [top - 260, height]], np.int32)
    light = page.copy()
    cv2.fillPoly(light, [beam], (225, 240, 250), cv2.LINE_AA)
    return np.asarray(cv2.addWeighted(page, 0.75, light, 0.25, 0), np.uint8)


def outdoors(rng: np.random.Generator, dice: random.Random, width: int, height: int) -> Picture:
    """Grass, gravel or sand with scattered leaves."""
    level = 0.5 + 0.3 * soft_noise(rng, width, height, (4, 9, 22, 60))
    ground = dice.choice(
        (((25, 70, 40), (110, 190, 150)), ((80, 85, 90), (190, 195, 200)), ((90, 130, 170), (190, 220, 240)))
    )
    page = _tint(level, *ground)
    for _ in range(dice.randint(14, 40)):
        axes = (dice.randint(5, 24), dice.randint(2, 9))
        cv2.ellipse(
            page,
            (dice.randrange(width), dice.randrange(height)),
            axes,
            dice.uniform(0, 180),
            0,
            360,
            _hue(dice, 0.6, dice.uniform(0.3, 0.8)),
            -1,
            cv2.LINE_AA,
        )
    return page


BACKDROPS: dict[str, Maker] = {
    "studio": studio,
    "wood": wood,
    "cloth": cloth,
    "stone": stone,
    "tiles": tiles,
    "bokeh": bokeh,
    "room": room,
    "outdoors": outdoors,
}


def backdrop(kind: str, rng: np.random.Generator, dice: random.Random, width: int, height: int) -> Picture:
    """
    Give the named backdrop as height × width × 3, BGR.

    It is made at half size and enlarged: a ground slightly out of focus, at a quarter of the time.
    """
    small = BACKDROPS[kind](rng, dice, width // 2, height // 2)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)

"""Things that stand in homes and shops, drawn from a seed: no two seeds give the same proportions."""

import random

from exercise.motifs_worn import INK, IVORY, STEEL, Motif, around
from exercise.painter import Bgr, Painter, darker, lighter, mix

BRASS: Bgr = (90, 170, 215)


def perfume(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A perfume bottle: glass, liquid, collar, stopper and label."""
    wide, tall = dice.uniform(0.36, 0.56), dice.uniform(0.44, 0.6)
    round_off = dice.uniform(0.04, 0.3)
    p.box(0, 0.3, wide, tall, lighter(base, 0.6), 170, round_off)
    p.box(0, 0.3, wide - 0.07, tall - 0.07, base, 140, round_off)
    p.box(0, 0.3 - tall * dice.uniform(0.55, 0.75), wide - 0.08, 0.07, lighter(base, 0.5), 130, 0.02)
    for way in (-1, 1):
        p.stroke(
            [(way * (wide - 0.13), 0.3 - tall * 0.7), (way * (wide - 0.15), 0.3 + tall * 0.7)],
            0.035,
            lighter(base, 0.75),
            150,
        )
    neck = 0.3 - tall
    p.box(0, neck - 0.05, 0.15, 0.08, BRASS, 210, 0.02)
    for k in range(6):
        p.stroke([(-0.13 + 0.05 * k, neck - 0.11), (-0.13 + 0.05 * k, neck)], 0.012, darker(BRASS), 190)
    stopper = dice.randrange(3)
    if stopper == 0:
        p.box(0, neck - 0.3, 0.24, 0.19, accent, 190, 0.05)
    elif stopper == 1:
        p.ellipse(0, neck - 0.3, 0.23, 0.23, accent, 190)
        p.ellipse(-0.07, neck - 0.37, 0.06, 0.06, lighter(accent, 0.7), 220)
    else:
        p.shape(
            [(-0.14, neck - 0.12), (-0.3, neck - 0.4), (0, neck - 0.52), (0.3, neck - 0.4), (0.14, neck - 0.12)],
            accent,
            190,
        )
    label = dice.uniform(0.14, 0.24)
    p.box(0, 0.36, wide * 0.72, label, IVORY, 180, 0.02)
    p.arc(0, 0.36, wide * 0.62, label * 0.8, 0, 360, 0.01, darker(accent), 185)
    p.text(wordmark, 0, 0.33, 0.11, INK, wide * 1.2)
    p.stroke([(-wide * 0.4, 0.45), (wide * 0.4, 0.45)], 0.012, accent)
    for _ in range(dice.randint(3, 8)):
        p.ellipse(
            dice.uniform(-0.9, 0.9), dice.uniform(0.8, 0.95), 0.05, 0.025, mix(accent, base, dice.random()), 140
        )


def headphones(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """Over-ear headphones: band, yokes, cups and cushions."""
    high = dice.uniform(0.75, 0.95)
    p.arc(0, 0.15, 0.72, high, 180, 360, 0.15, base, 160)
    p.arc(0, 0.15, 0.66, high - 0.08, 200, 340, 0.08, accent, 150)
    p.arc(0, 0.12, 0.76, high + 0.02, 215, 325, 0.016, lighter(base, 0.5), 190)
    for way in (-1, 1):
        p.stroke([(way * 0.72, 0.0), (way * 0.74, 0.3)], 0.08, STEEL, 190)
        p.stitches([(way * 0.66, -0.2), (way * 0.5, -0.45)], lighter(base, 0.6))
    cup = dice.randrange(2)
    for way in (-1, 1):
        x, y = way * 0.64, 0.38
        rx, ry = (0.24, 0.4) if cup else (0.3, 0.34)
        p.ellipse(x - way * 0.12, y, rx * 0.8, ry * 1.06, darker(base, 0.5), 120)
        p.ellipse(x, y, rx, ry, base, 190)
        p.ellipse(x + way * 0.03, y, rx * 0.72, ry * 0.74, accent, 205)
        for k in range(dice.randint(2, 5)):
            p.arc(
                x + way * 0.03, y, rx * 0.16 * (k + 1), ry * 0.16 * (k + 1), 0, 360, 0.012, darker(accent, 0.3), 180
            )
        for _ in range(3):
            angle = dice.uniform(0, 360)
            dot = around(x, y, 0.2, angle)
            p.ellipse(*dot, 0.018, 0.018, lighter(base, 0.7), 230)
        p.text(wordmark, x + way * 0.03, y + 0.02, 0.085, IVORY if sum(accent) < 400 else INK, rx * 1.2)
    if dice.random() < 0.4:
        p.arc(0.2, 0.8, 0.5, 0.15, 0, 200, 0.025, INK, 150)


def toy(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A toy robot: head with eyes and aerial, jointed arms, chest panel, feet."""
    head = dice.uniform(0.24, 0.36)
    p.stroke([(0, -0.6), (dice.uniform(-0.1, 0.1), -0.92)], 0.035, STEEL, 190)
    p.ellipse(0, -0.94, 0.06, 0.06, (60, 60, 220), 230)
    for way in (-1, 1):
        elbow = (way * dice.uniform(0.7, 0.82), dice.uniform(-0.2, 0.2))
        hand = (way * dice.uniform(0.62, 0.9), elbow[1] + dice.choice((-0.34, 0.36)))
        p.stroke([(way * 0.42, -0.1), elbow, hand], 0.14, darker(accent, 0.1), 150)
        p.ellipse(*elbow, 0.09, 0.09, STEEL, 200)
        p.ellipse(*hand, 0.12, 0.12, base, 200)
        p.box(way * 0.24, 0.74, 0.15, 0.2, darker(accent, 0.1), 140, 0.04)
        p.box(way * 0.27, 0.92, 0.22, 0.09, base, 190, 0.06)
    p.box(0, 0.22, dice.uniform(0.38, 0.52), 0.44, base, 170, dice.uniform(0.03, 0.3))
    _toy_face(p, dice, head, base, accent)
    _toy_chest(p, dice, base, accent)
    p.text(wordmark, 0, 0.5, 0.095, INK if sum(base) > 380 else IVORY, 0.7)


def _toy_face(p: Painter, dice: random.Random, head: float, base: Bgr, accent: Bgr) -> None:
    tall, height = dice.uniform(0.2, 0.28), dice.uniform(-0.58, -0.5)
    if dice.random() < 0.5:
        p.box(0, -0.48, head + 0.08, tall, lighter(base, 0.2), 180, dice.uniform(0.02, 0.2))
    else:
        p.ellipse(0, -0.46, head + 0.12, tall + 0.05, lighter(base, 0.2), 180)
    for way in (-1, 1):
        p.box(way * (head + 0.1), -0.48, 0.05, dice.uniform(0.06, 0.14), accent, 170, 0.02)
    eye, apart = dice.uniform(0.05, 0.12), head * dice.uniform(0.4, 0.68)
    look = (dice.uniform(-0.4, 0.4) * eye, dice.uniform(-0.4, 0.4) * eye)
    style = dice.randrange(4)
    if style == 3:
        p.box(0, height, head * 0.9, eye * 0.8, INK, 210, 0.04)
    for way in (-1, 1):
        if style == 0:
            p.box(way * apart, height, eye, eye * dice.uniform(0.6, 1.1), IVORY, 220, 0.02)
        elif style != 3:
            p.ellipse(way * apart, height, eye, eye * dice.uniform(0.8, 1.2), IVORY if style == 1 else accent, 220)
        size = eye * dice.uniform(0.3, 0.6)
        p.ellipse(way * apart + look[0], height + look[1], size, size, INK if style != 3 else (80, 220, 250), 240)
    mouth, wide = dice.uniform(-0.38, -0.31), head * dice.uniform(0.4, 0.8)
    style = dice.randrange(3)
    if style == 0:
        p.arc(0, mouth - 0.06, wide, 0.08, 10, 170, 0.03, INK, 120)
    elif style == 1:
        p.stroke([(-wide, mouth), (-wide / 3, mouth + 0.04), (wide / 3, mouth - 0.03), (wide, mouth)], 0.03, INK, 120)
    else:
        teeth = dice.randint(2, 7)
        p.box(0, mouth, wide, 0.045, INK, 120, 0.02)
        for k in range(1, teeth):
            x = -wide + 2 * wide * k / teeth
            p.stroke([(x, mouth - 0.04), (x, mouth + 0.04)], 0.012, IVORY, 150)


def _toy_chest(p: Painter, dice: random.Random, base: Bgr, accent: Bgr) -> None:
    style, y = dice.randrange(3), dice.uniform(0.05, 0.2)
    if style == 0:
        p.box(0, y, dice.uniform(0.2, 0.34), dice.uniform(0.14, 0.22), darker(base, 0.4), 120, 0.03)
        for _ in range(dice.randint(4, 9)):
            spot = mix(accent, (60, 200, 240), dice.random())
            p.ellipse(dice.uniform(-0.2, 0.2), y + dice.uniform(-0.1, 0.1), 0.04, 0.04, spot, 210)
    elif style == 1:
        p.ellipse(dice.uniform(-0.12, 0.12), y, 0.2, 0.2, IVORY, 200)
        for k in range(dice.randint(5, 11)):
            p.stroke([around(0, y, 0.12, k * 33), around(0, y, 0.17, k * 33)], 0.014, INK, 210)
        p.stroke([(0, y), around(0, y, 0.14, dice.uniform(180, 360))], 0.025, (50, 50, 210), 220)
    else:
        for k in range(dice.randint(2, 5)):
            p.box(0, y - 0.15 + 0.1 * k, dice.uniform(0.12, 0.36), 0.03, mix(accent, IVORY, k / 6), 200, 0.015)


def lamp(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A table lamp: foot, stem or jointed arm, shade and its light."""
    p.ellipse(0, 0.86, dice.uniform(0.3, 0.44), 0.1, base, 180)
    top = dice.uniform(-0.5, -0.3)
    if dice.random() < 0.5:
        bend = (dice.uniform(-0.5, -0.3), dice.uniform(0.0, 0.3))
        p.stroke([(0, 0.84), bend, (0.1, top)], 0.06, accent, 190)
        p.ellipse(*bend, 0.07, 0.07, STEEL, 220)
        p.shape([(-0.05, top - 0.2), (0.2, top - 0.2), (0.62, top + 0.3), (-0.2, top + 0.42)], base, 190)
        p.ellipse(0.21, top + 0.37, 0.42, 0.1, (190, 240, 255), 120)
    else:
        p.stroke([(0, 0.84), (0, top)], dice.uniform(0.05, 0.12), accent, 190)
        for k in range(dice.randint(1, 4)):
            p.ellipse(0, 0.6 - 0.2 * k, 0.1, 0.07, lighter(accent, 0.2), 200)
        wide = dice.uniform(0.5, 0.75)
        p.shape(
            [(-wide * 0.6, top - 0.4), (wide * 0.6, top - 0.4), (wide, top + 0.35), (-wide, top + 0.35)],
            lighter(base, 0.25),
            170,
        )
        for k in range(-5, 6):
            p.stroke([(wide * 0.11 * k, top - 0.38), (wide * 0.18 * k, top + 0.33)], 0.014, base, 150)
        p.stroke([(-wide, top + 0.35), (wide, top + 0.35)], 0.05, accent, 190)
    p.text(wordmark, 0, 0.87, 0.055, IVORY, 0.4)


def mug(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A mug with a glaze band or dots."""
    side = dice.choice((-1, 1))
    p.arc(side * 0.52, 0.1, 0.36, dice.uniform(0.3, 0.42), 0, 360, 0.12, darker(base, 0.1), 150)
    low = dice.uniform(0.4, 0.56)
    p.shape([(-0.56, -0.56), (0.56, -0.56), (low, 0.78), (-low, 0.78)], base, 170)
    p.ellipse(0, 0.78, low, 0.12, base, 170)
    p.ellipse(0, -0.56, 0.56, 0.16, lighter(base, 0.3), 190)
    p.ellipse(0, -0.54, 0.48, 0.12, dice.choice(((30, 50, 80), (60, 110, 160), INK)), 60)
    band = dice.uniform(-0.2, 0.4)
    p.shape([(-0.54, band), (0.54, band), (0.52, band + 0.22), (-0.52, band + 0.22)], accent, 172)
    for _ in range(dice.randint(5, 24)):
        p.ellipse(
            dice.uniform(-0.4, 0.4), dice.uniform(-0.3, 0.7), 0.04, dice.uniform(0.02, 0.06), lighter(accent), 176
        )
    p.text(wordmark, 0, band + 0.11, 0.12, IVORY, 0.8)


def chair(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A chair: legs, seat, back with slats or a cushion."""
    for x in (-0.5, 0.5):
        p.stroke([(x * 0.9, 0.15), (x * dice.uniform(0.9, 1.2), 0.95)], 0.07, darker(accent, 0.2), 140)
        p.stroke([(x * 0.6, 0.2), (x * 0.55, 0.8)], 0.06, darker(accent, 0.45), 110)
        p.stroke([(x, 0.1), (x * dice.uniform(0.8, 1.05), -0.9)], 0.07, accent, 160)
    slats = dice.randint(0, 6)
    if slats:
        for k in range(slats):
            y = -0.85 + 0.8 * k / slats
            p.stroke([(-0.48, y), (0, y - 0.05), (0.48, y)], 0.075, accent, 170)
    else:
        p.box(0, -0.45, 0.5, 0.42, base, 170, 0.18)
        p.stitches([(-0.4, -0.45), (0.4, -0.45)], lighter(base))
    p.shape([(-0.56, 0.05), (0.56, 0.05), (0.66, 0.26), (-0.66, 0.26)], base, 190)
    p.stroke([(-0.66, 0.27), (0.66, 0.27)], 0.05, darker(base), 160)
    p.text(wordmark, 0, 0.16, 0.07, IVORY, 0.5)


def book(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A book with a drawn cover: bands, sun, hills, title."""
    p.box(0.05, 0.04, 0.62, 0.9, IVORY, 120)
    p.box(0, 0, 0.62, 0.9, base, 170)
    p.box(-0.56, 0, 0.05, 0.9, darker(base), 150)
    p.ellipse(
        dice.uniform(-0.2, 0.4),
        dice.uniform(-0.3, 0.2),
        dice.uniform(0.12, 0.3),
        dice.uniform(0.12, 0.3),
        accent,
        175,
    )
    for k in range(dice.randint(2, 5)):
        y = 0.2 + 0.15 * k
        ridge = [(-0.5, 0.88)] + [(-0.5 + 0.14 * i, y + dice.uniform(-0.12, 0.1)) for i in range(9)] + [(0.62, 0.88)]
        p.shape(ridge, mix(accent, darker(base), k / 5), 176)
    for _ in range(dice.randint(0, 7)):
        p.stroke([(dice.uniform(-0.45, 0.5), -0.7), (dice.uniform(-0.45, 0.5), 0.8)], 0.014, lighter(base), 178)
    p.text(wordmark, 0.03, -0.62, 0.15, IVORY if sum(base) < 400 else INK, 1.0)


def plant(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A potted plant: pot with rim, stems and leaves."""
    for _ in range(dice.randint(9, 22)):
        angle, length = dice.uniform(200, 340), dice.uniform(0.5, 1.05)
        tip = around(0, 0.2, length, angle)
        p.stroke([(0, 0.25), tip], 0.02, (40, 100, 60), 120)
        lean, wide = angle + dice.uniform(-30, 30), dice.uniform(8, 24)
        green = mix((50, 140, 70), (60, 200, 150), dice.random())
        p.shape(
            [
                around(*tip, 0.24, lean + 180),
                around(*tip, 0.1, lean + 90 + wide),
                around(*tip, 0.26, lean),
                around(*tip, 0.1, lean - 90 - wide),
            ],
            green,
            160,
        )
    p.shape([(-0.45, 0.25), (0.45, 0.25), (dice.uniform(0.25, 0.38), 0.95), (-0.32, 0.95)], base, 180)
    p.box(0, 0.26, 0.5, 0.08, lighter(base, 0.15), 200, 0.03)
    for k in range(dice.randint(3, 9)):
        p.ellipse(-0.32 + 0.09 * k, 0.6 + 0.05 * (k % 2), 0.035, 0.05, accent, 190)
    p.text(wordmark, 0, 0.75, 0.08, IVORY, 0.5)


def camera(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A camera: body, grip, lens rings, dials."""
    tall = dice.uniform(0.44, 0.56)
    p.box(dice.uniform(-0.2, 0.2), -tall - 0.02, 0.24, 0.14, darker(base, 0.2), 160, 0.04)
    for x in (-0.72, -0.48, 0.66):
        p.box(x, -tall - 0.02, 0.1, 0.07, STEEL, 200, 0.02)
    p.box(0, 0.08, 0.95, tall, base, 150, 0.1)
    p.box(0, 0.12, 0.95, tall * 0.6, darker(accent, 0.3), 140)
    x = dice.uniform(-0.15, 0.25)
    for k, tone in enumerate((INK, STEEL, INK, (60, 50, 40), (90, 60, 40), INK)):
        size = 0.46 - 0.07 * k
        p.ellipse(x, 0.12, size, size, tone, 170 + 8 * k)
    p.ellipse(x - 0.1, 0.02, 0.06, 0.05, IVORY, 240)
    for k in range(dice.randint(10, 26)):
        p.stroke([around(x, 0.12, 0.41, k * 14), around(x, 0.12, 0.45, k * 14)], 0.012, IVORY, 190)
    p.ellipse(0.76, -0.22, 0.06, 0.06, (60, 60, 210), 220)
    p.text(wordmark, -0.6, -0.25, 0.1, IVORY, 0.5)


def clock(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A wall or mantel clock."""
    if dice.random() < 0.5:
        p.box(0, 0, 0.9, 0.9, darker(accent), 140, dice.uniform(0.02, 0.3))
    p.ellipse(0, 0, 0.86, 0.86, accent, 170)
    p.ellipse(0, 0, 0.76, 0.76, lighter(base, 0.5), 120)
    for hour in range(12):
        if dice.random() < 0.85:
            p.text(str(hour or 12), *around(0, 0, 0.6, hour * 30 - 90), 0.14, INK)
        else:
            p.stroke([around(0, 0, 0.55, hour * 30), around(0, 0, 0.68, hour * 30)], 0.05, accent)
    for reach, thick in ((0.36, 0.06), (0.58, 0.04)):
        p.stroke([(0, 0), around(0, 0, reach, dice.uniform(0, 360))], thick, INK, 200)
    p.ellipse(0, 0, 0.05, 0.05, accent, 220)
    p.text(wordmark, 0, 0.3, 0.07, INK, 0.5)


def guitar(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A guitar: body, sound hole or pickups, neck with frets, strings."""
    low = dice.uniform(0.44, 0.56)
    p.ellipse(0, 0.55, low, 0.38, base, 160)
    p.ellipse(0, 0.1, low * 0.78, 0.32, base, 160)
    p.box(0, 0.3, low * 0.6, 0.25, base, 160, 0.1)
    p.arc(0, 0.55, low - 0.03, 0.35, 0, 180, 0.02, lighter(base, 0.6), 180)
    if dice.random() < 0.5:
        p.ellipse(0, 0.25, 0.16, 0.16, INK, 60)
        p.arc(0, 0.25, 0.19, 0.19, 0, 360, 0.02, accent, 190)
    else:
        for k in range(3):
            p.box(0, 0.12 + 0.16 * k, 0.18, 0.05, INK, 200, 0.02)
    p.box(0, 0.66, 0.2, 0.04, INK, 190, 0.01)
    p.box(0, -0.42, 0.07, 0.5, darker(accent, 0.4), 190)
    for k in range(10):
        p.stroke([(-0.07, -0.85 + 0.09 * k), (0.07, -0.85 + 0.09 * k)], 0.012, STEEL, 210)
    p.box(0, -0.92, 0.13, 0.08, base, 200, 0.03)
    for k in range(4):
        p.stroke([(-0.045 + 0.03 * k, -0.9), (-0.045 + 0.03 * k, 0.66)], 0.006, IVORY, 220)
    p.text(wordmark, 0, -0.92, 0.05, IVORY, 0.2)


def bicycle(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A bicycle from the side."""
    size = dice.uniform(0.34, 0.42)
    for x in (-0.55, 0.55):
        p.arc(x, 0.4, size, size, 0, 360, 0.05, INK, 140)
        for k in range(dice.randint(9, 16)):
            p.stroke([(x, 0.4), around(x, 0.4, size, k * 24)], 0.007, STEEL, 120)
        p.ellipse(x, 0.4, 0.05, 0.05, STEEL, 190)
    seat, fork = (dice.uniform(-0.3, -0.2), -0.2), (dice.uniform(0.32, 0.42), -0.25)
    crank = (-0.02, 0.42)
    p.stroke([(-0.55, 0.4), seat, crank, (-0.55, 0.4)], 0.05, base, 180)
    p.stroke([seat, fork, crank], 0.06, base, 190)
    p.stroke([fork, (0.55, 0.4)], 0.05, accent, 180)
    p.stroke([fork, (fork[0] - 0.04, -0.45), (fork[0] + dice.uniform(0.05, 0.2), -0.5)], 0.045, INK, 190)
    p.stroke([seat, (seat[0] - 0.03, -0.36)], 0.04, STEEL, 180)
    p.ellipse(seat[0] - 0.03, -0.38, 0.16, 0.05, darker(accent, 0.4), 200)
    p.ellipse(*crank, 0.09, 0.09, STEEL, 200)
    p.text(wordmark, 0.05, -0.22, 0.06, IVORY, 0.4)


def packet(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A seed packet: paper bag, fruit or flower, name."""
    p.box(0, 0, 0.6, 0.92, base, 150, 0.02)
    p.box(0, -0.8, 0.6, 0.12, darker(base, 0.2), 180)
    p.box(0, 0.22, 0.48, 0.5, lighter(base, 0.7), 155, 0.05)
    for _ in range(dice.randint(3, 8)):
        x, y, size = dice.uniform(-0.32, 0.32), dice.uniform(-0.1, 0.5), dice.uniform(0.09, 0.18)
        p.ellipse(x, y, size, size, accent, 200)
        for k in range(5):
            p.shape(
                [(x, y - size), around(x, y - size, 0.09, k * 72), around(x, y - size, 0.03, k * 72 + 30)],
                (60, 140, 60),
                215,
            )
    p.text(wordmark, 0, -0.48, 0.2, INK if sum(base) > 380 else IVORY, 1.0)


def bottle(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A glass bottle or vase with a label and a few stems."""
    belly, neck = dice.uniform(0.3, 0.55), dice.uniform(0.08, 0.2)
    shoulder = dice.uniform(-0.3, 0.2)
    for _ in range(dice.choice((0, 0, 3, 5))):
        tip = (dice.uniform(-0.6, 0.6), dice.uniform(-1.0, -0.8))
        p.stroke([(0, -0.5), tip], 0.02, (60, 110, 70), 110)
        p.ellipse(*tip, 0.1, 0.1, accent, 150)
    outline = [
        (-neck, -0.75),
        (neck, -0.75),
        (neck, shoulder - 0.25),
        (belly, shoulder),
        (belly, 0.8),
        (belly * 0.8, 0.92),
        (-belly * 0.8, 0.92),
        (-belly, 0.8),
        (-belly, shoulder),
        (-neck, shoulder - 0.25),
    ]
    p.shape(outline, base, 170)
    p.box(0, -0.76, neck + 0.03, 0.05, darker(base, 0.3), 200, 0.02)
    p.stroke([(-belly + 0.1, shoulder + 0.08), (-belly + 0.1, 0.75)], 0.06, lighter(base, 0.6), 175)
    for k in range(dice.randint(0, 6)):
        p.arc(0, shoulder + 0.2 + 0.1 * k, belly, 0.06, 0, 180, 0.02, darker(base, 0.3), 180)
    p.text(wordmark, 0, 0.45, 0.12, IVORY, belly * 1.5)


def phone(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A phone with its back or a screen of tiles."""
    p.box(0, 0, 0.48, 0.94, darker(base, 0.3), 150, 0.12)
    p.box(0, 0, 0.44, 0.9, dice.choice((base, INK)), 160, 0.1)
    if dice.random() < 0.5:
        for row in range(6):
            for column in range(4):
                if dice.random() < 0.75:
                    p.box(
                        -0.3 + 0.2 * column,
                        -0.6 + 0.22 * row,
                        0.07,
                        0.07,
                        mix(accent, lighter(base), dice.random()),
                        170,
                        0.02,
                    )
    else:
        for k in range(dice.randint(2, 3)):
            p.ellipse(-0.24, -0.65 + 0.26 * k, 0.1, 0.1, INK, 210)
            p.ellipse(-0.24, -0.65 + 0.26 * k, 0.05, 0.05, (140, 90, 60), 230)
        p.shape([(0.44, -0.3), (0.44, 0.6), (-0.44, 0.9), (-0.44, 0.1)], mix(base, accent, 0.5), 165)
    p.text(wordmark, 0, 0.72, 0.08, IVORY, 0.5)


def cushion(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A cushion with a woven or printed pattern."""
    p.shape(
        [(-0.9, -0.86), (0, -0.74), (0.9, -0.86), (0.8, 0), (0.9, 0.86), (0, 0.76), (-0.9, 0.86), (-0.8, 0)],
        base,
        180,
    )
    count = dice.randint(3, 7)
    for row in range(count):
        for column in range(count):
            x, y = -0.6 + 1.2 * column / (count - 1), -0.55 + 1.1 * row / (count - 1)
            tone = mix(accent, lighter(base), dice.random())
            kind = dice.randrange(3)
            if kind == 0:
                p.ellipse(x, y, 0.09, 0.09, tone, 186)
            elif kind == 1:
                p.shape([(x - 0.1, y), (x, y - 0.1), (x + 0.1, y), (x, y + 0.1)], tone, 186)
            else:
                p.stroke([(x - 0.08, y - 0.08), (x + 0.08, y + 0.08)], 0.03, tone, 186)
    p.text(wordmark, 0.62, 0.7, 0.05, INK, 0.2)


HOME: dict[str, Motif] = {
    "perfume": perfume,
    "headphones": headphones,
    "toy": toy,
    "lamp": lamp,
    "mug": mug,
    "chair": chair,
    "book": book,
    "plant": plant,
    "camera": camera,
    "clock": clock,
    "guitar": guitar,
    "bicycle": bicycle,
    "packet": packet,
    "bottle": bottle,
    "phone": phone,
    "cushion": cushion,
}

"""Things people wear or carry, drawn from a seed: no two seeds give the same proportions."""

import math
import random
from collections.abc import Callable

from exercise.painter import Bgr, Painter, darker, lighter, mix

Motif = Callable[[Painter, random.Random, Bgr, Bgr, str], None]
Corner = tuple[float, float]

STEEL: Bgr = (196, 192, 188)
INK: Bgr = (38, 34, 32)
IVORY: Bgr = (222, 236, 240)


def around(cx: float, cy: float, radius: float, angle_deg: float) -> Corner:
    """The point at an angle on a circle."""
    a = math.radians(angle_deg)
    return cx + radius * math.cos(a), cy + radius * math.sin(a)


def watch(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A wristwatch: strap, case, bezel, dial with markers, sub-dials and hands."""
    wide, taper = dice.uniform(0.24, 0.34), dice.uniform(0.02, 0.1)
    strap = dice.choice((accent, darker(accent, 0.5), (34, 40, 70), (40, 52, 92)))
    for way in (-1, 1):
        edge = [(-wide, 0.3 * way), (-wide + taper, 1.0 * way), (wide - taper, 1.0 * way), (wide, 0.3 * way)]
        p.shape(edge, strap, 90)
        if dice.random() < 0.5:
            inner = [(-wide + 0.04, 0.4 * way), (-wide + taper + 0.04, 0.98 * way)]
            p.stitches(inner, lighter(strap, 0.6))
            p.stitches([(-x, y) for x, y in inner], lighter(strap, 0.6))
        else:
            for row in range(dice.randint(5, 9)):
                y = way * (0.5 + row * 0.07)
                p.box(0, y, wide - taper, 0.026, lighter(strap, 0.15), 130, 0.02)
    case = dice.choice((STEEL, (120, 170, 215), (70, 70, 74), lighter(base, 0.3)))
    size = dice.uniform(0.5, 0.62)
    for way in (-1, 1):
        p.box(way * (wide - 0.02), 0, 0.06, size * 0.98, darker(case, 0.15), 120, 0.05)
    p.box(size + 0.05, dice.uniform(-0.06, 0.06), 0.06, 0.06, case, 150, 0.02)
    p.ellipse(0, 0, size, size, case, 190)
    ring = size * dice.uniform(0.82, 0.93)
    p.ellipse(0, 0, ring, ring, dice.choice((INK, darker(base), case)), 160)
    notches = dice.choice((12, 24, 36, 60))
    for step in range(notches):
        angle = step * 360 / notches
        p.stroke([around(0, 0, ring * 0.93, angle), around(0, 0, ring * 0.99, angle)], 0.012, IVORY, 180)
    dial = ring * dice.uniform(0.82, 0.9)
    p.ellipse(0, 0, dial, dial, base, 100)
    rays = dice.randint(20, 44)
    for step in range(0, rays, 2):
        p.ellipse(
            0, 0, dial * 0.98, dial * 0.98, lighter(base, 0.08), 102, step * 360 / rays, (step + 1) * 360 / rays
        )
    ink = IVORY if sum(base) < 380 else INK
    style = dice.randrange(3)
    for hour in range(12):
        angle, far = hour * 30 - 90, dial * 0.86
        if style == 0:
            p.ellipse(*around(0, 0, far, angle), 0.025, 0.025, ink, 150)
        elif style == 1:
            p.stroke([around(0, 0, far, angle), around(0, 0, dial * 0.68, angle)], 0.028, ink, 150)
        else:
            p.text(str(hour or 12), *around(0, 0, far * 0.93, angle), 0.075, ink)
    for spot in range(dice.randint(0, 3)):
        cx, cy = around(0, 0, dial * 0.46, 90 * spot + dice.choice((0, 90)))
        p.ellipse(cx, cy, dial * 0.22, dial * 0.22, darker(base, 0.25), 80)
        p.arc(cx, cy, dial * 0.2, dial * 0.2, 0, 360, 0.01, ink)
        p.stroke([(cx, cy), around(cx, cy, dial * 0.17, dice.uniform(0, 360))], 0.012, ink)
    p.text(wordmark, 0, -dial * 0.4, 0.062, ink, dial * 0.9)
    for reach, thick in ((0.5, 0.034), (0.78, 0.024), (0.84, 0.009)):
        angle = dice.uniform(0, 360)
        tail = around(0, 0, dial * 0.16, angle + 180)
        p.stroke([tail, around(0, 0, dial * reach, angle)], thick, accent if thick < 0.01 else STEEL, 190)
    p.ellipse(0, 0, 0.03, 0.03, STEEL, 220)


def handbag(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A handbag: body, flap, handles, stitching, clasp and embossed name."""
    top, low = dice.uniform(0.45, 0.72), dice.uniform(0.66, 0.9)
    high, deep = dice.uniform(-0.3, -0.05), dice.uniform(0.72, 0.9)
    p.arc(
        0,
        high,
        dice.uniform(0.3, 0.5),
        dice.uniform(0.45, 0.65),
        180,
        360,
        dice.uniform(0.05, 0.1),
        darker(base),
        150,
    )
    body = [(-top, high), (top, high), (low, deep), (-low, deep)]
    p.shape(body, base, 140)
    pattern = dice.randrange(3)
    if pattern == 0:
        for k in range(-6, 7):
            x = k * 0.16
            p.stroke([(x * top, high + 0.02), (x * low * 1.05 + 0.1, deep - 0.02)], 0.012, darker(base, 0.2), 110)
            p.stroke([(x * top, high + 0.02), (x * low * 1.05 - 0.1, deep - 0.02)], 0.012, darker(base, 0.2), 110)
    elif pattern == 1:
        p.shape([(-low, deep), (low, deep), (low * 0.97, deep - 0.28), (-low * 0.97, deep - 0.28)], accent, 150)
    flap = high + (deep - high) * dice.uniform(0.35, 0.6)
    bow = dice.uniform(0.0, 0.25)
    p.shape(
        [
            (-top - 0.02, high - 0.03),
            (top + 0.02, high - 0.03),
            (top * 1.06, flap - bow),
            (0.25, flap),
            (-0.25, flap),
            (-top * 1.06, flap - bow),
        ],
        lighter(base, 0.1),
        175,
    )
    p.stitches(
        [
            (-top * 1.02, flap - bow - 0.03),
            (-0.25, flap - 0.04),
            (0.25, flap - 0.04),
            (top * 1.02, flap - bow - 0.03),
        ],
        lighter(base, 0.55),
    )
    p.stitches([(-low + 0.06, deep - 0.05), (low - 0.06, deep - 0.05)], lighter(base, 0.55))
    gold: Bgr = dice.choice(((90, 180, 225), STEEL, (110, 140, 190)))
    if dice.random() < 0.5:
        p.ellipse(0, flap, 0.1, 0.1, gold, 230)
        p.ellipse(0, flap, 0.055, 0.055, darker(gold), 200)
    else:
        p.box(0, flap, 0.12, 0.07, gold, 230, 0.03)
        p.box(0, flap, 0.05, 0.03, darker(gold), 190, 0.01)
    for way in (-1, 1):
        p.ellipse(way * top * 0.8, high + 0.05, 0.05, 0.05, gold, 220)
    p.text(wordmark, 0, (flap + deep) / 2 + 0.08, 0.1, gold, 0.9)
    if dice.random() < 0.6:
        x = dice.choice((-1, 1)) * top * 0.62
        p.stroke([(x, high + 0.05), (x + 0.04, high + 0.35)], 0.018, gold)
        p.box(x + 0.05, high + 0.45, 0.07, 0.1, accent, 190, 0.03)


def sneaker(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A sneaker from the side: sole, upper, toe cap, laces, side panel."""
    thick, heel = dice.uniform(0.14, 0.26), dice.uniform(-0.5, -0.2)
    y = 0.5
    p.shape(
        [
            (-0.95, y - 0.05),
            (0.8, y - 0.02),
            (0.97, y + 0.06),
            (0.9, y + thick),
            (-0.85, y + thick),
            (-0.99, y + 0.08),
        ],
        IVORY,
        160,
    )
    grooves = dice.randint(9, 22)
    for k in range(grooves):
        x = -0.88 + 1.75 * k / grooves
        p.stroke([(x, y + thick - 0.02), (x + 0.03, y + thick * 0.55)], 0.02, mix(accent, IVORY, 0.3), 110)
    p.stroke([(-0.96, y + 0.05), (0.93, y + 0.07)], 0.035, accent, 150)
    tongue = dice.uniform(-0.65, -0.45)
    p.shape(
        [
            (-0.94, y),
            (-0.98, heel + 0.2),
            (-0.86, heel),
            (-0.6, heel + 0.07),
            (-0.36, tongue + 0.1),
            (-0.2, tongue),
            (-0.02, tongue + 0.12),
            (0.3, 0.02),
            (0.6, 0.2),
            (0.86, 0.3),
            (0.93, y + 0.02),
        ],
        base,
        150,
    )
    p.ellipse(0.66, y, 0.28, 0.24, lighter(base, 0.2), 175, 180, 360)
    for k in range(dice.randint(3, 9)):
        p.ellipse(0.52 + 0.05 * (k % 5), y - 0.09 - 0.05 * (k // 5), 0.012, 0.012, darker(base, 0.6), 90)
    p.shape([(-0.96, y), (-0.98, heel + 0.22), (-0.72, heel + 0.12), (-0.66, y)], darker(accent, 0.15), 175)
    panel = dice.randrange(4)
    if panel == 0:
        for k in range(3):
            x = -0.36 + 0.16 * k
            p.shape([(x, y), (x + 0.1, y), (x + 0.24, -0.08), (x + 0.16, -0.12)], accent, 190)
    elif panel == 1:
        p.shape([(-0.55, y - 0.12), (-0.1, y - 0.02), (0.42, 0.12), (-0.05, y - 0.2)], accent, 190)
    elif panel == 2:
        p.ellipse(-0.2, 0.2, 0.22, 0.22, accent, 190)
        p.ellipse(-0.2, 0.2, 0.12, 0.12, base, 160)
    else:
        p.stroke([(-0.55, y - 0.05), (-0.3, 0.0), (-0.05, y - 0.05), (0.2, 0.08), (0.4, y - 0.05)], 0.07, accent, 190)
    rows = dice.randint(4, 7)
    for k in range(rows):
        t = k / rows
        x, level = -0.16 + 0.5 * t, tongue + 0.2 + 0.5 * t
        p.stroke([(x - 0.13, level + 0.07), (x + 0.1, level - 0.03)], 0.045, IVORY, 210)
    p.stitches([(-0.6, heel + 0.12), (-0.52, y - 0.02)], lighter(base, 0.5))
    p.stitches([(0.34, 0.1), (0.42, y - 0.02)], lighter(base, 0.5))
    p.text(wordmark, -0.28, y - 0.42, 0.07, IVORY if sum(base) < 400 else INK, 0.5)


def jacket(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A jacket: sleeves, quilted or panelled body, hood, zip and pockets."""
    hem, hip = dice.uniform(0.7, 0.95), dice.uniform(0.42, 0.56)
    for way in (-1, 1):
        cuff = dice.uniform(0.45, 0.7)
        p.shape(
            [
                (way * 0.38, -0.58),
                (way * 0.6, -0.46),
                (way * 0.92, cuff),
                (way * 0.72, cuff + 0.1),
                (way * 0.44, -0.05),
            ],
            darker(base, 0.15),
            130,
        )
        p.stroke([(way * 0.92, cuff), (way * 0.72, cuff + 0.1)], 0.06, accent, 160)
    if dice.random() < 0.6:
        p.ellipse(0, -0.62, 0.36, 0.32, darker(base, 0.25), 120)
        p.ellipse(0, -0.56, 0.24, 0.22, darker(base, 0.6), 60)
    p.shape(
        [(-0.42, -0.6), (-0.16, -0.68), (0.16, -0.68), (0.42, -0.6), (0.48, 0), (hip, hem), (-hip, hem), (-0.48, 0)],
        base,
        150,
    )
    style = dice.randrange(3)
    if style == 0:
        rows = dice.randint(6, 11)
        for k in range(1, rows):
            y = -0.6 + (hem + 0.55) * k / rows
            p.stroke([(-0.46, y), (-0.2, y + 0.03), (0, y), (0.2, y + 0.03), (0.46, y)], 0.025, darker(base, 0.3), 70)
    elif style == 1:
        p.shape(
            [(-0.42, -0.6), (-0.16, -0.68), (0.16, -0.68), (0.42, -0.6), (0.46, -0.2), (-0.46, -0.2)], accent, 165
        )
    else:
        p.shape([(-0.47, -0.15), (0.47, 0.08), (0.48, 0.24), (-0.48, 0.02)], accent, 165)
    p.stroke([(0, -0.66), (0, hem)], 0.045, INK, 190)
    p.stitches([(0, -0.64), (0, hem)], STEEL, 0.035)
    p.box(0.03, dice.uniform(-0.5, 0.1), 0.025, 0.06, accent, 220, 0.02)
    for way in (-1, 1):
        x = way * 0.28
        p.stroke([(x, 0.3), (x + way * 0.08, 0.55)], 0.035, INK, 110)
        if dice.random() < 0.5:
            p.box(x, -0.28, 0.11, 0.09, darker(base, 0.2), 180, 0.02)
    p.stroke([(-hip, hem), (hip, hem)], 0.05, darker(base, 0.4), 150)
    p.box(0.26, -0.4, 0.15, 0.05, INK, 180, 0.01)
    p.text(wordmark, 0.26, -0.4, 0.055, IVORY, 0.27)


def sunglasses(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """Sunglasses from the front with folded arms behind."""
    rx, ry = dice.uniform(0.34, 0.42), dice.uniform(0.24, 0.38)
    for way in (-1, 1):
        p.stroke([(way * 0.88, -0.2), (way * 0.7, -0.62), (-way * 0.4, -0.55)], 0.06, darker(base, 0.2), 110)
    shape = dice.randrange(3)
    for way in (-1, 1):
        x = way * 0.46
        if shape == 0:
            p.ellipse(x, 0, rx + 0.06, ry + 0.06, base, 190)
            p.ellipse(x, 0, rx, ry, accent, 80)
        elif shape == 1:
            p.box(x, 0, rx + 0.07, ry + 0.05, base, 190, 0.18)
            p.box(x, 0, rx, ry - 0.02, accent, 80, 0.14)
        else:
            p.shape(
                [(x - 0.46, -ry), (x + 0.46, -ry), (x + way * 0.3 + 0.1, ry), (x + way * 0.06 - 0.2, ry)], base, 190
            )
            p.shape(
                [
                    (x - 0.36, -ry + 0.08),
                    (x + 0.36, -ry + 0.08),
                    (x + way * 0.22 + 0.1, ry - 0.08),
                    (x + way * 0.05 - 0.14, ry - 0.08),
                ],
                accent,
                80,
            )
        for k in range(4):
            p.ellipse(x, ry * (0.5 - 0.22 * k), rx * 0.8, ry * 0.1, lighter(accent, 0.1 + 0.1 * k), 84)
        p.shape(
            [(x - 0.2, -ry * 0.6), (x - 0.08, -ry * 0.7), (x - 0.22, ry * 0.5), (x - 0.3, ry * 0.3)],
            lighter(accent, 0.6),
            82,
        )
        p.ellipse(way * 0.86, -ry * 0.7, 0.035, 0.035, STEEL, 230)
    p.arc(0, -0.02, 0.14, dice.uniform(0.1, 0.2), 200, 340, 0.08, base, 200)
    p.text(wordmark, 0.62, -ry - 0.01, 0.05, IVORY if sum(base) < 380 else INK, 0.4)


def backpack(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A backpack: body, lid, front pocket, straps and buckles."""
    wide = dice.uniform(0.5, 0.66)
    for way in (-1, 1):
        p.arc(
            way * wide * 0.9,
            0.2,
            0.22,
            dice.uniform(0.5, 0.7),
            90 if way < 0 else -90,
            270 if way < 0 else 90,
            0.08,
            darker(base, 0.4),
            120,
        )
    p.arc(0, -0.78, 0.16, 0.16, 180, 360, 0.06, INK, 160)
    p.box(0, 0.1, wide, 0.84, base, 140, dice.uniform(0.15, 0.4))
    p.box(0, -0.42, wide + 0.03, dice.uniform(0.26, 0.36), lighter(base, 0.12), 175, 0.2)
    pocket = dice.uniform(0.24, 0.36)
    p.box(0, 0.52, wide * 0.82, pocket, dice.choice((accent, darker(base, 0.15))), 180, 0.1)
    p.stroke([(-wide * 0.7, 0.52 - pocket * 0.6), (wide * 0.7, 0.52 - pocket * 0.6)], 0.035, INK, 200)
    p.stitches([(-wide * 0.76, 0.52 + pocket * 0.85), (wide * 0.76, 0.52 + pocket * 0.85)], lighter(base, 0.6))
    for way in (-1, 1):
        x = way * wide * dice.uniform(0.35, 0.6)
        p.stroke([(x, -0.7), (x, 0.3)], 0.07, darker(accent, 0.2), 195)
        p.box(x, dice.uniform(-0.1, 0.2), 0.065, 0.06, STEEL, 230, 0.02)
    p.text(wordmark, 0, 0.58, 0.1, IVORY, wide * 1.2)


def tshirt(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A T-shirt with a printed figure and a line of text."""
    p.shape(
        [
            (-0.34, -0.72),
            (-0.9, -0.4),
            (-0.74, -0.05),
            (-0.5, -0.2),
            (-0.48, 0.9),
            (0.48, 0.9),
            (0.5, -0.2),
            (0.74, -0.05),
            (0.9, -0.4),
            (0.34, -0.72),
        ],
        base,
        130,
    )
    p.ellipse(0, -0.74, 0.24, 0.16, darker(base, 0.5), 80, 0, 180)
    for _ in range(dice.randint(3, 6)):
        x = dice.uniform(-0.42, 0.42)
        p.stroke([(x, dice.uniform(-0.1, 0.4)), (x + dice.uniform(-0.1, 0.1), 0.88)], 0.015, darker(base, 0.15), 110)
    points = dice.randint(5, 11)
    star = [
        around(0, 0.12, dice.uniform(0.28, 0.36) if k % 2 else dice.uniform(0.12, 0.2), k * 180 / points)
        for k in range(points * 2)
    ]
    p.shape(star, accent, 140)
    for _ in range(dice.randint(2, 6)):
        p.ellipse(*around(0, 0.12, dice.uniform(0.05, 0.3), dice.uniform(0, 360)), 0.05, 0.05, lighter(accent), 145)
    p.text(wordmark, 0, 0.6, 0.13, INK if sum(base) > 400 else IVORY, 0.85)


def hat(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A brimmed hat with a band."""
    p.ellipse(0, 0.42, 0.98, dice.uniform(0.24, 0.36), darker(base, 0.1), 110)
    crown = dice.uniform(0.42, 0.56)
    p.shape(
        [
            (-crown, 0.42),
            (-crown * 0.86, -0.45),
            (-0.2, -0.6),
            (0, -0.52),
            (0.2, -0.6),
            (crown * 0.86, -0.45),
            (crown, 0.42),
        ],
        base,
        180,
    )
    p.shape([(-crown, 0.42), (-crown * 0.97, 0.16), (crown * 0.97, 0.16), (crown, 0.42), (0, 0.52)], accent, 190)
    for k in range(dice.randint(8, 20)):
        x = -crown + 2 * crown * k / 20
        p.stroke([(x, 0.14), (x * 0.9, -0.4)], 0.01, darker(base, 0.2), 160)
    p.text(wordmark, 0, 0.31, 0.09, IVORY, 0.7)


def ring(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """A ring with a cut stone."""
    p.arc(0, 0.3, 0.55, 0.55, 0, 360, dice.uniform(0.1, 0.18), STEEL, 180)
    p.arc(0, 0.3, 0.58, 0.5, 120, 300, 0.03, darker(STEEL), 140)
    facets = dice.randint(6, 10)
    size = dice.uniform(0.26, 0.42)
    for k in range(facets):
        a, b = k * 360 / facets, (k + 1) * 360 / facets
        p.shape(
            [(0, -0.42), around(0, -0.42, size, a), around(0, -0.42, size, b)],
            mix(base, accent, dice.random()),
            200 + k,
        )
    p.ellipse(0, -0.42, size * 0.4, size * 0.36, lighter(base, 0.5), 240)
    for _ in range(dice.randint(6, 14)):
        p.ellipse(*around(0, 0.3, 0.55, dice.uniform(200, 340)), 0.035, 0.035, lighter(accent), 230)
    p.text(wordmark, 0, 0.92, 0.06, INK, 0.5)


def strap(p: Painter, dice: random.Random, base: Bgr, accent: Bgr, wordmark: str) -> None:
    """Loose straps or bands laid side by side, with buckles and holes."""
    count = dice.randint(2, 4)
    for k in range(count):
        x = (k - (count - 1) / 2) * 1.6 / count
        tone = mix(base, accent, k / max(1, count - 1))
        lean, length = dice.uniform(-0.12, 0.12), dice.uniform(0.7, 0.95)
        p.shape(
            [
                (x - 0.12, -length),
                (x + 0.12, -length),
                (x + 0.12 + lean, length * 0.9),
                (x + lean, length),
                (x - 0.12 + lean, length * 0.9),
            ],
            tone,
            150,
        )
        p.stitches([(x - 0.08, -length + 0.1), (x - 0.08 + lean, length * 0.85)], lighter(tone, 0.6))
        p.stitches([(x + 0.08, -length + 0.1), (x + 0.08 + lean, length * 0.85)], lighter(tone, 0.6))
        for hole in range(dice.randint(3, 7)):
            p.ellipse(x + lean * 0.7, 0.2 + hole * 0.09, 0.022, 0.022, INK, 60)
        p.box(x, -length, 0.16, 0.07, STEEL, 220, 0.03)
        p.box(x, -length, 0.1, 0.03, darker(STEEL, 0.6), 120)
    p.text(wordmark, 0, 0.1, 0.06, IVORY, 0.4)


WORN: dict[str, Motif] = {
    "watch": watch,
    "handbag": handbag,
    "sneaker": sneaker,
    "jacket": jacket,
    "sunglasses": sunglasses,
    "backpack": backpack,
    "tshirt": tshirt,
    "hat": hat,
    "ring": ring,
    "strap": strap,
}

"""
Registered logos inside real photos: how many are found at a precision of 0.99, and how well their place is told.

Logos are drawn here: words in several hands, letters in shapes, marks of shapes, rings with a name. Each is laid on a
real photo in one of six ways: scaled (15 to 40 % of the photo's width), small (8 to 15 %), turned (by any angle, most
within 40 degrees), recoloured (one colour, another hue, the negative), partly hidden (15 to 35 % from one side), and
scaled, turned, recoloured and hidden at once; saved as JPEG 80. As many photos show none. A photo is asked for its
logo alone, as matching asks where a page names a mark, and one that shows none for five; and then for all logos of
its half. The sureness from which a logo counts is read off one half of logos and photos, figures come from the
other; a logo is found where it is told by name and its box covers the place by 0.3.
"""

from __future__ import annotations

import math
import random
import time
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from matching.errors import PhotoRefused
from matching.images import open_logo, open_photo
from matching.logos import Logo, LogoIndex, LogoSeen, describe_logo, read_scene
from matching.regions import Box
from tests.benchmarks.frame import Benchmark, Row, wilson
from tests.matching.registered import shipped_policy

LAID, SIDE_PX, CANVAS_PX = 400, 800, 480
WAYS = ("scaled", "small", "turned", "recoloured", "hidden", "all at once")
PRECISION, SAME_PLACE = 0.99, 0.3
ASKED_IN_VAIN = 5  # logos of which a photo without any is asked, one by one

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Shown:
    """A photo, the logo it shows with its place (None: none), and what was seen."""

    way: str
    logo: int | None
    box: Box | None
    seen: list[LogoSeen[int]]


@dataclass(slots=True)
class _Half:
    """The photos of a half, each asked for one logo, and for all."""

    by_name: list[Shown] = field(default_factory=list)
    of_all: list[Shown] = field(default_factory=list)
    asked: int = 0
    spent_on_scenes: float = 0.0
    spent_by_name: float = 0.0
    spent_of_all: float = 0.0


def run(*, data: Path | None, seed: int | None, size: int | None) -> Benchmark:
    """The rows; `size` is the number of logos laid on photos."""
    if data is None:
        return Benchmark(rows=(), notes=("no real photos here: nothing is measured",))
    cv2.setNumThreads(1)
    count = size or LAID
    start = 7 if seed is None else seed
    files = sorted((data / "images").glob("*/*.jpg"))
    random.Random(start).shuffle(files)
    halves = [_look(files[half::2], range(start * 10_000 + half, start * 10_000 + count, 2)) for half in (0, 1)]
    learned, told = halves
    photos = shipped_policy().photos
    rows = []
    for name, shipped, among in (
        ("asked for by name", photos.logo_named_least, 0),
        (f"among {len(told.of_all) // 2} logos", photos.logo_least, 1),
    ):
        own, others = ((half.by_name, half.of_all)[among] for half in (told, learned))
        least = _least(others)
        rows += _rows(own, least, f"{name}, limit {least:.2f} as learned")
        rows += _rows(own, shipped, f"{name}, limit {shipped:g} as shipped")
    notes = (
        f"{1000 * told.spent_on_scenes / len(told.of_all):.0f} ms of processor to open a photo in colour and find "
        f"its points, then {1000 * told.spent_by_name / told.asked:.0f} to ask it for one logo and "
        f"{1000 * told.spent_of_all / len(told.of_all):.0f} for {len(told.of_all) // 2} of them",
        f"{told.asked - len(told.by_name) // 2} times a photo was asked for one logo that it does not show",
        "logos and photos of the two halves are others; the words and shapes of logos are of one generator",
    )
    return Benchmark(rows=tuple(rows), notes=notes)


def _rows(told: list[Shown], least: float, case: str) -> list[Row]:
    hits, false, overlaps = _found(told, least)
    laid = [each for each in told if each.logo is not None]
    right = sum(hits.values())
    share = right / max(right + false, 1)
    rows = [
        Row(
            case=case,
            measure="recall",
            value=round(right / len(laid), 4),
            interval=wilson(right, len(laid)),
            aim=">= 0.85",
        ),
        Row(
            case=case,
            measure="precision",
            value=round(share, 4),
            interval=wilson(right, right + false),
            aim=">= 0.99",
        ),
        Row(
            case=case,
            measure="box, mean intersection over union",
            value=round(float(np.mean(overlaps)), 3),
            aim=">= 0.6",
        ),
    ]
    for way in WAYS:
        n = sum(each.way == way for each in laid)
        rows.append(
            Row(case=f"{case}; {way}, n {n}", measure="recall", value=round(hits[way] / max(n, 1), 4), aim=">= 0.85")
        )
    return rows


def _found(told: list[Shown], least: float) -> tuple[dict[str, int], int, list[float]]:
    """Give how many were found by way, how many were said that are not there, and how boxes overlap."""
    hits, false, overlaps = dict.fromkeys(WAYS, 0), 0, [0.0][:0]
    for each in told:
        for seen in each.seen:
            if seen.sureness < least:
                continue
            overlap = seen.box.overlap(each.box) if each.box is not None and seen.reference == each.logo else 0.0
            if overlap >= SAME_PLACE:
                hits[each.way] += 1
                overlaps.append(overlap)
            else:
                false += 1
    return hits, false, overlaps or [0.0]


def _least(learned: list[Shown]) -> float:
    """The lowest sureness at which the wished share of what is said is right."""
    for least in sorted({round(seen.sureness, 2) for each in learned for seen in each.seen}):
        hits, false, _ = _found(learned, least)
        if sum(hits.values()) >= PRECISION * (sum(hits.values()) + false):
            return least
    return math.inf


def _look(files: list[Path], seeds: range) -> _Half:
    logos = {seed: draw_logo(seed) for seed in seeds}
    index = LogoIndex({seed: logo for seed, drawn in logos.items() if (logo := _described(drawn)) is not None})
    half = _Half()
    for at, seed in enumerate(seeds):
        for laid in (True, False):
            way = WAYS[at % len(WAYS)]
            page = Image.open(files[(2 * at + (not laid)) % len(files)]).convert("RGB")
            scale = SIDE_PX / max(page.size)
            page = page.resize((round(page.width * scale), round(page.height * scale)))
            box = lay(logos[seed], page, way, random.Random(seed)) if laid else None
            out = BytesIO()
            page.save(out, "JPEG", quality=80)
            begun = time.process_time()
            scene = read_scene(open_photo(out.getvalue()).rgb)
            half.spent_on_scenes += time.process_time() - begun
            shown = way if laid else "none", seed if laid else None, box
            asked = [seed] if laid else random.Random(seed).sample(seeds, min(ASKED_IN_VAIN, len(seeds)))
            begun = time.process_time()
            named = [seen for each in asked for seen in index.find(scene, least=-6.0, among={each})]
            half.spent_by_name += time.process_time() - begun
            half.asked += len(asked)
            half.by_name.append(Shown(*shown, named))
            begun = time.process_time()
            half.of_all.append(Shown(*shown, index.find(scene, least=-6.0)))
            half.spent_of_all += time.process_time() - begun
    return half


def _described(drawn: Image.Image) -> Logo | None:
    try:
        return describe_logo(open_logo(_png(drawn)))
    except PhotoRefused:  # of one colour throughout: nobody can look for it, and it counts as missed
        return None


def _png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def draw_logo(seed: int) -> Image.Image:
    """A logo on nothing, of one of four kinds."""
    chance = random.Random(seed)
    word = "".join(chance.choice("BCDFGKLMNPRSTVZ") + chance.choice("AEIOU") for _ in range(chance.randint(2, 4)))
    ink, other = (_colour(chance) for _ in range(2))
    kind = chance.randrange(4)
    if kind == 0:
        return _word(word, ink, chance)
    page = Image.new("RGBA", (CANVAS_PX, CANVAS_PX), (0, 0, 0, 0))
    pen = ImageDraw.Draw(page)
    if kind == 1:
        inner = chance.randint(10, 60)
        edges = (inner, inner, CANVAS_PX - inner, CANVAS_PX - inner)
        shape = chance.choice(("disc", "tile", "polygon"))
        if shape == "disc":
            pen.ellipse(edges, fill=ink)
        elif shape == "tile":
            pen.rounded_rectangle(edges, radius=chance.randint(0, 120), fill=ink)
        else:
            pen.regular_polygon((240, 240, 235), chance.randint(3, 8), rotation=chance.randint(0, 90), fill=ink)
        letters = _word(word[:2], other, chance)
        letters.thumbnail((270, 220))
        page.alpha_composite(letters, (240 - letters.width // 2, 240 - letters.height // 2))
    elif kind == 2:
        for _ in range(chance.randint(3, 6)):
            points = [(chance.randint(10, 470), chance.randint(10, 470)) for _ in range(chance.randint(3, 6))]
            pen.polygon(points, fill=_colour(chance))
    else:
        around, radius, size = chance.randint(4, 9), chance.randint(100, 150), chance.randint(30, 70)
        for step in range(around):
            angle = 2 * math.pi * step / around
            x, y = 240 + radius * math.cos(angle), 200 + radius * math.sin(angle)
            draw = pen.ellipse if seed % 2 else pen.rectangle
            draw((x - size, y - size, x + size, y + size), fill=(ink, other)[step % 2])
        letters = _word(word, ink, chance)
        letters.thumbnail((440, 110))
        page.alpha_composite(letters, (240 - letters.width // 2, 365))
    return page.crop(page.getbbox())


HANDS = {
    "duplex": cv2.FONT_HERSHEY_DUPLEX,
    "triplex": cv2.FONT_HERSHEY_TRIPLEX,
    "script": cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
    "sans": None,
}


def _word(word: str, ink: Colour, chance: random.Random) -> Image.Image:
    return write_word(word, ink, chance.choice(("duplex", "triplex", "script", "sans", "sans")), chance)


def write_word(word: str, ink: Colour, hand: str, chance: random.Random) -> Image.Image:
    """A word on nothing, in one of several hands."""
    face = HANDS[hand]
    if face is None:
        font = ImageFont.load_default(size=140)
        left, top, right, bottom = font.getbbox(word)
        page = Image.new("L", (round(right - left) + 8, round(bottom - top) + 8), 0)
        ImageDraw.Draw(page).text((4 - left, 4 - top), word, font=font, fill=255)
        mask: NDArray[np.uint8] = np.asarray(page, np.uint8)
    else:
        thick = chance.randint(6, 16)
        (width, height), below = cv2.getTextSize(word, face, 4.0, thick)
        board = np.zeros((height + below + 2 * thick, width + 2 * thick), np.uint8)
        cv2.putText(board, word, (thick, height + thick), face, 4.0, 255, thick, cv2.LINE_AA)
        mask = board
    picture = Image.new("RGBA", (mask.shape[1], mask.shape[0]), (*ink, 255))
    picture.putalpha(Image.fromarray(mask))
    return picture.crop(picture.getchannel("A").getbbox())


def _colour(chance: random.Random) -> Colour:
    return chance.randrange(256), chance.randrange(256), chance.randrange(256)


def lay(logo: Image.Image, page: Image.Image, way: str, chance: random.Random) -> Box:
    """Lay a logo on a photo in one of the ways; gives the place of what is to be seen of it."""
    every = way == "all at once"
    if way == "recoloured" or every:
        logo = _recoloured(logo, chance)
    width_px = page.width * (chance.uniform(0.08, 0.15) if way == "small" else chance.uniform(0.15, 0.4))
    scale = width_px / max(logo.size)
    logo = logo.resize(
        (max(8, round(logo.width * scale)), max(8, round(logo.height * scale))), Image.Resampling.LANCZOS
    )
    if way == "hidden" or every:
        pixels = np.array(logo)
        down, across = (round(side * chance.uniform(0.15, 0.35)) for side in pixels.shape[:2])
        gone = chance.choice((np.s_[:down], np.s_[-down:], np.s_[:, :across], np.s_[:, -across:]))
        pixels[gone] = 0
        logo = Image.fromarray(pixels)
    if way == "turned" or every:
        angle = chance.uniform(-40, 40) if chance.random() < 0.7 else chance.uniform(-180, 180)
        logo = logo.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)
    left = chance.randint(0, max(0, page.width - logo.width))
    top = chance.randint(0, max(0, page.height - logo.height))
    page.paste(logo, (left, top), logo)
    own = logo.getchannel("A").point(lambda alpha: 255 * (alpha > 60)).getbbox() or (0, 0, 1, 1)
    return Box(
        left=(left + own[0]) / page.width,
        top=(top + own[1]) / page.height,
        right=min(1.0, (left + own[2]) / page.width),
        bottom=min(1.0, (top + own[3]) / page.height),
    )


def _recoloured(logo: Image.Image, chance: random.Random) -> Image.Image:
    pixels = np.array(logo)
    colours = pixels[..., :3]
    how = chance.choice(("hue", "hue", "negative"))
    if how == "negative":
        pixels[..., :3] = 255 - colours
    else:
        wheel = cv2.cvtColor(np.ascontiguousarray(colours), cv2.COLOR_RGB2HSV)
        wheel[..., 0] = (wheel[..., 0].astype(int) + chance.randint(20, 160)) % 180
        pixels[..., :3] = cv2.cvtColor(wheel, cv2.COLOR_HSV2RGB)
    return Image.fromarray(pixels)

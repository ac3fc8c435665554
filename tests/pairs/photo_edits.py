"""
What sellers, platforms and copyists do to a photo: the 23 measured edits, and others that nothing was designed for.

Every edit is a pure function of a picture and a source of chance; `save` gives the file a listing would carry.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from io import BytesIO

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

Edit = Callable[[Image.Image, random.Random], Image.Image]
Others = list[Image.Image]


def save(picture: Image.Image, quality: int = 85) -> bytes:
    """The picture as JPEG bytes."""
    file = BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=quality)
    return file.getvalue()


def scaled(picture: Image.Image, by: float) -> Image.Image:
    """The picture at another size."""
    size = max(1, round(picture.width * by)), max(1, round(picture.height * by))
    return picture.resize(size, Image.Resampling.LANCZOS)


def cropped(picture: Image.Image, lost: float, chance: random.Random) -> Image.Image:
    """What is left when each side loses a share, at a random place."""
    width, height = round(picture.width * (1 - lost)), round(picture.height * (1 - lost))
    left, top = chance.randint(0, picture.width - width), chance.randint(0, picture.height - height)
    return picture.crop((left, top, left + width, top + height))


def watermarked(picture: Image.Image) -> Image.Image:
    """A line of half-seen words across the picture, three times."""
    layer = Image.new("RGBA", picture.size)
    pen = ImageDraw.Draw(layer)
    size = max(10, picture.width // 12)
    for row in (0.2, 0.5, 0.8):
        place = (picture.width * 0.08, picture.height * row)
        pen.text(place, "best-shop.example", fill=(255, 255, 255, 120), font_size=size)
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def _badged(picture: Image.Image, chance: random.Random) -> Image.Image:
    edited = picture.copy()
    side = round(0.28 * min(picture.size))
    left, top = chance.choice((0, picture.width - side)), chance.choice((0, picture.height - side))
    pen = ImageDraw.Draw(edited)
    pen.ellipse((left, top, left + side, top + side), fill=(200, 20, 40))
    pen.text((left + side * 0.2, top + side * 0.35), "SALE", fill="white", font_size=max(8, side // 4))
    return edited


def _hue(picture: Image.Image, _: random.Random) -> Image.Image:
    hsv = np.array(picture.convert("HSV"))
    hsv[..., 0] = hsv[..., 0] + np.uint8(21)  # 30 degrees
    return Image.fromarray(hsv, "HSV").convert("RGB")


def _screenshot(picture: Image.Image, chance: random.Random) -> Image.Image:
    page = Image.new("RGB", (1080, 1440), (250, 250, 250))
    inner = ImageOps.contain(picture, (chance.randint(500, 640), chance.randint(560, 700)))
    page.paste(inner, (chance.randint(30, 120), chance.randint(180, 300)))
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 0, 1080, 110), fill=(30, 60, 110))
    for line in range(9):
        pen.text((60, 1030 + 42 * line), "a line of text about the offer", fill=(20, 20, 20), font_size=24)
    return page


def tiled(picture: Image.Image, chance: random.Random, others: Others, across: int) -> Image.Image:
    """The picture among others, `across` times `across`, each cut to a square."""
    side = 800 // across
    board = Image.new("RGB", (side * across, side * across), "white")
    own = chance.randrange(across * across)
    for at in range(across * across):
        shown = picture if at == own else chance.choice(others)
        board.paste(ImageOps.fit(shown, (side, side)), (side * (at % across), side * (at // across)))
    return board


def _turned(degrees: float) -> Edit:
    def edit(picture: Image.Image, chance: random.Random) -> Image.Image:
        angle = degrees if chance.random() < 0.5 else -degrees
        return picture.rotate(angle, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))

    return edit


def _combined(picture: Image.Image, chance: random.Random) -> Image.Image:
    return watermarked(cropped(ImageOps.mirror(picture), 0.10, chance))


def measured_edits(others: Others) -> dict[str, tuple[Edit, int]]:
    """The 23 edits by name, each with the quality it is saved with; `others` fill the rest of a collage."""
    return {
        "identity": (lambda p, _: p, 85),
        "resize 0.5": (lambda p, _: scaled(p, 0.5), 85),
        "resize 2": (lambda p, _: scaled(p, 2), 85),
        "resize 0.25": (lambda p, _: scaled(p, 0.25), 85),
        "jpeg 50": (lambda p, _: p, 50),
        "jpeg 30": (lambda p, _: p, 30),
        "crop 5 %": (lambda p, c: cropped(p, 0.05, c), 85),
        "crop 10 %": (lambda p, c: cropped(p, 0.10, c), 85),
        "crop 20 %": (lambda p, c: cropped(p, 0.20, c), 85),
        "centre 80 %": (lambda p, _: p.crop(_inner(p, 0.1)), 85),
        "square fit": (lambda p, _: ImageOps.fit(p, (min(p.size), min(p.size))), 85),
        "border 12 %": (lambda p, _: ImageOps.expand(p, round(0.12 * max(p.size)), (245, 245, 245)), 85),
        "watermark": (lambda p, _: watermarked(p), 85),
        "badge 28 %": (_badged, 85),
        "mirrored": (lambda p, _: ImageOps.mirror(p), 85),
        "turned 90": (lambda p, _: p.transpose(Image.Transpose.ROTATE_90), 85),
        "turned 2": (_turned(2), 85),
        "turned 5": (_turned(5), 85),
        "bright, contrast": (
            lambda p, _: ImageEnhance.Contrast(ImageEnhance.Brightness(p).enhance(1.2)).enhance(1.2),
            85,
        ),
        "hue": (_hue, 85),
        "screenshot": (_screenshot, 85),
        "collage 2x2": (lambda p, c: tiled(p, c, others, 2), 85),
        "mirrored, crop 10 %, watermark": (_combined, 50),
    }


def unplanned_edits(others: Others) -> dict[str, tuple[Edit, int]]:
    """Edits that no step of the search was made for, by name, each with its quality."""
    return {
        "photo of a screen": (_off_a_screen, 75),
        "sticker over a quarter": (_stickered, 85),
        "other background": (lambda p, c: _on_other_ground(p, c.choice(others)), 85),
        "crop to two thirds": (lambda p, c: cropped(p, 1 / 3, c), 85),
        "crop to two thirds, mirrored": (lambda p, c: ImageOps.mirror(cropped(p, 1 / 3, c)), 85),
        "crop to a half": (lambda p, c: cropped(p, 0.5, c), 85),
        "turned 15": (_turned(15), 85),
        "stretched by a quarter": (lambda p, _: p.resize((round(p.width * 1.25), p.height)), 85),
        "grey and pale": (lambda p, _: ImageEnhance.Contrast(p.convert("L").convert("RGB")).enhance(0.6), 85),
        "blurred": (lambda p, _: p.filter(ImageFilter.GaussianBlur(max(p.size) / 250)), 85),
        "noise": (_noisy, 60),
        "on its own blur": (_story, 85),
        "banner over a third": (_bannered, 85),
        "collage 3x3": (lambda p, c: tiled(p, c, others, 3), 85),
    }


def _inner(picture: Image.Image, lost: float) -> tuple[int, int, int, int]:
    across, down = round(picture.width * lost), round(picture.height * lost)
    return across, down, picture.width - across, picture.height - down


def _off_a_screen(picture: Image.Image, chance: random.Random) -> Image.Image:
    """Taken at an angle off a screen: perspective, the screen's lines, uneven light, a dark rim."""
    pixels = np.asarray(ImageOps.contain(picture, (800, 800)).convert("RGB"), np.float32)
    height, width = pixels.shape[:2]
    lines = 1 + 0.06 * np.sin(np.arange(height) * 2 * math.pi / 3.3)[:, None, None]
    light = np.linspace(0.75, 1.1, width)[None, :, None]
    shown = np.clip(pixels * lines * light, 0, 255).astype(np.uint8)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    off = np.array([[chance.uniform(0.02, 0.12) * side for side in (width, height)] for _ in range(4)], np.float32)
    inwards = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]], np.float32)
    plane = cv2.getPerspectiveTransform(corners, corners + inwards * off)
    taken = cv2.warpPerspective(shown, plane, (width, height), borderValue=(25, 25, 28))
    return Image.fromarray(taken)


def _stickered(picture: Image.Image, chance: random.Random) -> Image.Image:
    edited = picture.copy()
    width, height = picture.width // 2, picture.height // 2
    left, top = chance.randint(0, picture.width - width), chance.randint(0, picture.height - height)
    pen = ImageDraw.Draw(edited)
    pen.rectangle((left, top, left + width, top + height), fill=(255, 230, 0), outline=(0, 0, 0), width=3)
    for line in range(3):
        place = (left + width * 0.1, top + height * (0.15 + 0.25 * line))
        pen.text(place, "FREE SHIPPING", fill=(200, 0, 0), font_size=max(8, width // 9))
    return edited


def _on_other_ground(picture: Image.Image, ground: Image.Image) -> Image.Image:
    """The middle ellipse of the picture on another one, with a soft rim."""
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).ellipse(_inner(picture, 0.1), fill=255)
    soft = mask.filter(ImageFilter.GaussianBlur(max(2, max(picture.size) / 100)))
    return Image.composite(picture, ImageOps.fit(ground, picture.size), soft)


def _noisy(picture: Image.Image, chance: random.Random) -> Image.Image:
    pixels = np.asarray(picture.convert("RGB"), np.float32)
    grain = np.random.default_rng(chance.randrange(2**32)).normal(0, 18, pixels.shape)
    return Image.fromarray(np.clip(pixels + grain, 0, 255).astype(np.uint8))


def _story(picture: Image.Image, _: random.Random) -> Image.Image:
    ground = ImageOps.fit(picture, (720, 1280)).filter(ImageFilter.GaussianBlur(25))
    inner = ImageOps.contain(picture, (600, 900))
    ground.paste(inner, ((720 - inner.width) // 2, (1280 - inner.height) // 2))
    return ground


def _bannered(picture: Image.Image, _: random.Random) -> Image.Image:
    edited = picture.copy()
    pen = ImageDraw.Draw(edited)
    for top, bottom in ((0.0, 0.16), (0.84, 1.0)):
        pen.rectangle((0, picture.height * top, picture.width, picture.height * bottom), fill=(10, 10, 10))
        place = (picture.width * 0.05, picture.height * (top + 0.04))
        pen.text(place, "MEGA SALE  -70 %", fill="white", font_size=max(8, picture.height // 14))
    return edited

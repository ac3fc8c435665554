"""
Whether a picture can be compared with anything: opened safely, whole, large enough, not one tone.

A pure check of bytes. What a picture is compared by is made later, from the bytes in the vault.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from io import BytesIO
from typing import Protocol

import numpy as np
from PIL import Image

from registry.errors import PhotoUnfit
from registry.vectors import draw_svg, is_svg

MAX_PHOTO_BYTES = 20 * 1024 * 1024  # official photos are handed in as JPEG or PNG of a few MB
MAX_PIXELS = 25_000_000  # 24 Mpx cameras included; 75 MB decoded
MIN_SIDE_PX = 64  # perceptual hashes look at 64 x 64 points
MIN_SPREAD = 2.0  # levels (of 255) of standard deviation; below it nothing but noise is left (chosen)
_LONGEST_PX = 512  # the spread is measured on a reduced picture: it is about tones, not detail
# What Pillow's decoders raise on damaged input.
_DECODER_FAULTS = (
    OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, ArithmeticError, AttributeError, RuntimeError,
    MemoryError, struct.error, zlib.error,
)  # fmt: skip
_GROUNDS = ("white", "black", "gray")
_SAVE_ANEW = "open it in an image editor and save it as JPEG or PNG"


class PhotoCheck(Protocol):
    """Says whether a picture is taken."""

    def __call__(self, data: bytes, *, is_logo: bool) -> None:
        """Raise `PhotoUnfit` for one that is not."""


def check_photo(data: bytes, *, is_logo: bool = False) -> None:
    """
    Raise `PhotoUnfit` unless the bytes are a whole JPEG, PNG, WebP, GIF, AVIF or SVG picture worth comparing with.

    Up to 20 MB and 25 megapixels, each side at least 64 px, tones that differ; of several frames the first. What is
    transparent lies on white; with `is_logo` on white, black or grey, since a logo is looked for on any ground.
    """
    if len(data) > MAX_PHOTO_BYTES:
        raise PhotoUnfit(f"has {len(data):,} bytes", f"hand it in with at most {MAX_PHOTO_BYTES >> 20} MB")
    if is_svg(data):
        data = draw_svg(data)
    kind = _format_of(data)
    if kind is None:
        raise PhotoUnfit("is no JPEG, PNG, WebP, GIF, AVIF or SVG picture", _SAVE_ANEW)
    if kind == "WEBP":
        _check_size(*_webp_size(data))  # its decoder reserves the canvas before Pillow tells the size
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # remarks on metadata
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=[kind]) as picture:
                _check_size(*picture.size)
                picture.draft("RGB", (_LONGEST_PX, _LONGEST_PX))  # JPEG: decodes all of it, at a reduced scale
                picture.load()
                spread = max(_spread(picture, ground) for ground in (_GROUNDS if is_logo else _GROUNDS[:1]))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as fault:
        raise PhotoUnfit("announces more pixels than are opened", "hand it in with at most 25 megapixels") from fault
    except _DECODER_FAULTS as fault:
        raise PhotoUnfit(f"is a damaged or cut off {kind} ({type(fault).__name__})", _SAVE_ANEW) from fault
    if spread < MIN_SPREAD:
        fix = "hand in a picture that shows something"
        if not is_logo:
            fix += "; a white logo on nothing is let in as medium logo"
        raise PhotoUnfit(f"is one tone (they spread {spread:.1f} levels)", fix)


def _check_size(width_px: int, height_px: int) -> None:
    if width_px * height_px > MAX_PIXELS:
        raise PhotoUnfit(f"is {width_px} x {height_px} px", f"hand it in with at most {MAX_PIXELS:,} pixels")
    if min(width_px, height_px) < MIN_SIDE_PX:
        raise PhotoUnfit(f"is {width_px} x {height_px} px", f"hand in one with sides of at least {MIN_SIDE_PX} px")


def _spread(picture: Image.Image, ground: str) -> float:
    """Standard deviation of the grey tones, 0 to 128, on the ground where the picture is transparent."""
    small = picture
    if small.mode.startswith("I"):  # 16 bits a pixel; Pillow would clip them at 255
        small = Image.fromarray((np.asarray(small).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8))
    if small.has_transparency_data:
        layer = small.convert("RGBA")
        layer.thumbnail((_LONGEST_PX, _LONGEST_PX), Image.Resampling.BOX)
        small = Image.alpha_composite(Image.new("RGBA", layer.size, ground), layer)
    grey = small.convert("L")
    grey.thumbnail((_LONGEST_PX, _LONGEST_PX), Image.Resampling.BOX)
    return float(np.asarray(grey, dtype=np.float32).std())


def _format_of(data: bytes) -> str | None:
    """The format the first bytes name, of those that are opened at all."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        brands = data[8:12] + data[16 : min(int.from_bytes(data[:4]), 128)]
        if any(brands[at : at + 4] in (b"avif", b"avis") for at in range(0, len(brands), 4)):
            return "AVIF"
    return None


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height from a WebP's first chunk. Source: RFC 9649, sections 2.4 to 2.7."""
    match data[12:16]:
        case b"VP8X" if len(data) >= 30:
            return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
        case b"VP8L" if len(data) >= 25:
            packed = int.from_bytes(data[21:25], "little")
            return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
        case b"VP8 " if len(data) >= 30:
            packed = int.from_bytes(data[26:30], "little")
            return packed & 0x3FFF, packed >> 16 & 0x3FFF
        case _:
            raise PhotoUnfit("is a damaged or cut off WEBP (no picture in it)", _SAVE_ANEW)

"""The PDQ codes of bytes that may be a picture, as a list of unlawful content asks for them."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image

from store.pictures.pdq import LONGEST_SIDE_PX, MIN_SIDE_PX, hash_dihedral, luma_of, reduce

MAX_PIXELS = 25_000_000  # as for photos of listings; what is larger is no photo of an offer
MAX_BYTES = 20 << 20
# Below it a code says little and flat pictures meet each other; the reference description discards them too.
LEAST_QUALITY = 50
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF", b"GIF8")
# What decoders of hostile bytes raise; a picture that cannot be decoded cannot be shown either.
_UNDECODABLE = (OSError, ValueError, SyntaxError, IndexError, KeyError, MemoryError, Image.DecompressionBombError)


def codes_of(data: bytes) -> list[bytes]:
    """
    The codes of a picture in all eight positions, 32 bytes each.

    Empty for bytes that are no picture, cannot be decoded, are too large, or too plain to be told from others.
    """
    if len(data) > MAX_BYTES or not data.startswith(_BEGINNINGS):
        return []
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS or min(picture.size) < MIN_SIDE_PX:
                return []
            if picture.format == "JPEG":
                picture.draft("RGB", (LONGEST_SIDE_PX, LONGEST_SIDE_PX))
            layer = picture.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
        codes, quality = hash_dihedral(luma_of(reduce(np.asarray(upright, dtype=np.uint8))))
    except _UNDECODABLE:
        return []
    return list(codes.values()) if quality >= LEAST_QUALITY else []

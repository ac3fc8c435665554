"""
Pictures for the desk: decoded by the one gate, drawn on, written anew as JPEG.

The bytes of the web never reach a browser. What is sent was made here from decoded pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from store.evidence.errors import EvidenceError
from store.evidence.vault import Vault

SIDES_PX = (96, 240, 720, 1024)  # a list, a card, a review, the whole; the gate keeps 1,024 px
QUALITY = 84
FRAME = (214, 40, 90)  # read on light and dark photos alike, with a white line around it
KEPT = 200  # pictures of a few dozen kB: a reviewer's last hundred findings


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Region:
    """A rectangle as fractions of width and height, top left first."""

    left: float
    top: float
    right: float
    bottom: float

    def __str__(self) -> str:
        return f"{self.left:.4f},{self.top:.4f},{self.right:.4f},{self.bottom:.4f}"

    @property
    def is_whole(self) -> bool:
        """Whether it says nothing: all of the picture, or nearly."""
        return self.left <= 0.01 and self.top <= 0.01 and self.right >= 0.99 and self.bottom >= 0.99


class NoPicture(Exception):
    """These bytes are no picture that may be shown; the message says why."""


def read_region(text: str | None) -> Region | None:
    """A region from an address or a sign ("l t r b", blanks or commas); None where it is none."""
    parts = (text or "").replace(",", " ").split()
    if len(parts) != 4:
        return None
    try:
        left, top, right, bottom = (float(part) for part in parts)
    except ValueError:
        return None
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        return None
    return Region(left=left, top=top, right=right, bottom=bottom)


def side_of(wished_px: int) -> int:
    """The nearest size that is served, so that a picture is kept in four sizes and no more."""
    return min(SIDES_PX, key=lambda side: abs(side - wished_px))


class Pictures:
    """Pictures of one vault, the latest kept in memory."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._kept = lru_cache(maxsize=KEPT)(self._make)

    def jpeg(self, sha256: str, *, side_px: int, region: Region | None = None) -> bytes:
        """
        The picture as a JPEG, its longer side at most `side_px`, with the region framed.

        Raises `NoPicture` where the vault has no such bytes or the gate refuses them.
        """
        return self._kept(sha256, side_of(side_px), region)

    def _make(self, sha256: str, side_px: int, region: Region | None) -> bytes:
        from PIL import Image, ImageDraw  # imaging is slow to import, and many pages draw nothing

        from matching.errors import PhotoRefused
        from matching.images import open_photo

        try:
            data = self._vault.get(sha256)
        except EvidenceError as error:
            raise NoPicture(str(error)) from error
        try:
            photo = open_photo(data)
        except PhotoRefused as refused:
            raise NoPicture(f"{refused.reason.value}: {refused.detail}") from refused
        picture = Image.fromarray(photo.rgb)
        picture.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
        if region is not None and not region.is_whole:
            width, height = picture.size
            box = (region.left * width, region.top * height, region.right * width - 1, region.bottom * height - 1)
            draw = ImageDraw.Draw(picture)
            line = max(2, side_px // 240)
            draw.rectangle(box, outline=(255, 255, 255), width=line * 2)
            draw.rectangle(box, outline=FRAME, width=line)
        out = BytesIO()
        picture.save(out, "JPEG", quality=QUALITY)
        return out.getvalue()

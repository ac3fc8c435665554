"""
Drawing a picture for the desk: decoded by the one gate, framed or blurred, written anew as JPEG.

`draw` runs in a process of its own (`pictures.py`); nothing here touches the vault or the network.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

SIDES_PX = (96, 240, 720, 1024)  # a list, a card, a review, the whole; the gate keeps 1,024 px
QUALITY = 84
FRAME = (214, 40, 90)  # read on light and dark photos alike, with a white line around it
BLUR_SHARE = 0.08  # of the longer side: colours and masses stay, no face, text or body can be made out (chosen)


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


def draw(data: bytes, side_px: int, region: Region | None, is_blurred: bool, is_cut: bool = False) -> bytes:
    """
    The picture as a JPEG, its longer side at most `side_px`: with the region framed, or cut out
    alone (`is_cut`, to be laid over its reference), or blurred past recognition.

    Raises `PhotoRefused` where the gate refuses the bytes. What a file carries beside its pixels is left behind.
    """
    from PIL import Image, ImageDraw, ImageFilter  # imaging is slow to import, and the server itself draws nothing

    from matching.images import open_photo
    from registry.vectors import draw_svg, is_svg

    picture = Image.fromarray(open_photo(draw_svg(data) if is_svg(data) else data).rgb)
    if is_cut and region is not None:
        width, height = picture.size
        left, top = int(region.left * width), int(region.top * height)
        # At least one pixel each way, however thin the region is.
        picture = picture.crop(
            (left, top, max(round(region.right * width), left + 1), max(round(region.bottom * height), top + 1))
        )
        region = None
    picture.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
    if is_blurred:
        picture = picture.filter(ImageFilter.GaussianBlur(max(picture.size) * BLUR_SHARE))
    elif region is not None and not region.is_whole:
        width, height = picture.size
        box = (region.left * width, region.top * height, region.right * width - 1, region.bottom * height - 1)
        pen = ImageDraw.Draw(picture)
        line = max(2, side_px // 240)
        pen.rectangle(box, outline=(255, 255, 255), width=line * 2)
        pen.rectangle(box, outline=FRAME, width=line)
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()

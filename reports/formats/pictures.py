"""Pictures a recipient may look at: decoded by the one gate that opens photos, and written anew."""

from __future__ import annotations

import base64
from io import BytesIO

SIDE_PX = 400  # enough to compare two pictures side by side, small enough for a hundred on a page
QUALITY = 82  # chosen: no blocks to be seen at this size


def data_uri(data: bytes) -> str | None:
    """
    The picture as a JPEG data URI, its longer side at most 400 px, without any metadata; None where the gate
    refuses it. What comes out was never in the file: only decoded pixels travel.
    """
    from PIL import Image  # imaging is slow to import, and most commands draw nothing

    from matching.errors import PhotoRefused
    from matching.images import open_photo

    try:
        photo = open_photo(data)
    except PhotoRefused:
        return None
    picture = Image.fromarray(photo.rgb)
    picture.thumbnail((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS)
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, subsampling=0)
    return f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode('ascii')}"


def suffix_of(data: bytes) -> str:
    """The file ending of a photo by its first bytes; `bin` for anything else."""
    from matching.images import format_of

    kind = format_of(data)
    return {"JPEG": "jpg", None: "bin"}.get(kind, (kind or "bin").lower())

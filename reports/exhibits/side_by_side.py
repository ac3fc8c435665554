"""The listing's picture beside the holder's, with a line under each: what a reader compares first."""

from __future__ import annotations

import base64
from io import BytesIO

from reports.views import PictureView

SIDE_PX = 400  # of each picture, as the views give them
LINE_PX = 24
GAP_PX = 16


def side_by_side(listing: PictureView, reference: PictureView) -> bytes | None:
    """Both pictures as one PNG, the listing's on the left; None unless both can be shown."""
    if listing.uri is None or reference.uri is None:
        return None
    from PIL import Image, ImageDraw, ImageFont  # imaging is slow to import, and most commands draw nothing

    left, right = (
        Image.open(BytesIO(base64.b64decode(uri.partition(",")[2]))) for uri in (listing.uri, reference.uri)
    )
    height = max(left.height, right.height)
    sheet = Image.new("RGB", (2 * SIDE_PX + 3 * GAP_PX, height + 2 * GAP_PX + LINE_PX), "white")
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(13)
    for picture, caption, x in ((left, "AS OFFERED", GAP_PX), (right, "AS PROTECTED", SIDE_PX + 2 * GAP_PX)):
        sheet.paste(picture, (x, GAP_PX))
        pen.text((x, height + GAP_PX + 4), caption, fill="black", font=font)
    out = BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()

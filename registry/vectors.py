"""
Logos handed in as SVG: checked, and drawn as pixels without asking anything but the file itself.

    if is_svg(data): pixels = draw_svg(data)     # PNG bytes, 512 px at the longer side

An SVG is a programme for drawing: it may fetch, script, nest without end. Only shapes and their colours are accepted;
what refers to anything outside the file is refused before the renderer sees it.
"""

from __future__ import annotations

import re

from registry.errors import PhotoUnfit

MAX_SVG_BYTES = 1024 * 1024  # logos have some kilobytes
MAX_ELEMENTS = 20_000  # a detailed crest has some thousand
SIDE_PX = 512
_FIX = "save it as plain SVG with text turned into paths, or as PNG"

_START = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:\w{1,20}:)?svg[\s>]", re.S
)
_REFUSED = {
    "entities of its own": re.compile(rb"<!ENTITY|<!DOCTYPE[^>\[]*\[", re.I),
    "a script or an event": re.compile(rb"<(?:\w+:)?script|\son\w+\s*=|javascript:", re.I),
    "a picture or page inside": re.compile(rb"<(?:\w+:)?(?:image|foreignObject|iframe|feImage|audio|video)\b", re.I),
    "text, whose letters depend on the machine": re.compile(rb"<(?:\w+:)?(?:text|tref|textPath)\b", re.I),
    "a reference to another file": re.compile(rb"href\s*=\s*[\"\'](?!\s*#)|url\(\s*[\"\']?(?!\s*#)|@import", re.I),
}
_USE = re.compile(rb"<(?:\w+:)?use\b", re.I)
MAX_USES = 8  # shapes drawn again by reference: nested, each may double what is drawn


def is_svg(data: bytes) -> bool:
    """Whether bytes begin as an SVG does."""
    return _START.match(data[:4096]) is not None


def check_svg(data: bytes) -> None:
    """Raise `PhotoUnfit` unless the SVG is small and holds shapes only."""
    if len(data) > MAX_SVG_BYTES:
        raise PhotoUnfit(f"has {len(data):,} bytes", f"hand it in with at most {MAX_SVG_BYTES >> 20} MB")
    if b"\x00" in data:
        raise PhotoUnfit("is an SVG in another encoding than UTF-8", _FIX)
    for what, pattern in _REFUSED.items():
        if pattern.search(data) is not None:
            raise PhotoUnfit(f"is an SVG with {what}", _FIX)
    if len(_USE.findall(data)) > MAX_USES:
        raise PhotoUnfit(f"is an SVG that draws more than {MAX_USES} shapes again by reference", _FIX)
    if data.count(b"<") > MAX_ELEMENTS:
        raise PhotoUnfit(f"is an SVG of more than {MAX_ELEMENTS:,} elements", _FIX)


def draw_svg(data: bytes, *, side_px: int = SIDE_PX) -> bytes:
    """
    The SVG as PNG, transparent where it draws nothing, its longer side `side_px`.

    Runs in this process, without network, files or fonts: a caller that does not know the file gives it to a worker
    with limits. Raises `PhotoUnfit` for what is refused and for what does not draw.
    """
    import resvg_py  # only where an SVG was handed in

    check_svg(data)
    try:
        text = data.decode("utf-8-sig")
        drawn = bytes(resvg_py.svg_to_bytes(svg_string=text, width=side_px, skip_system_fonts=True))
        height_px = int.from_bytes(drawn[20:24])
        if height_px > side_px:
            drawn = bytes(resvg_py.svg_to_bytes(svg_string=text, height=side_px, skip_system_fonts=True))
    except ValueError as fault:  # what the renderer and the decoding of UTF-8 raise
        raise PhotoUnfit(f"is an SVG that does not draw ({fault})", _FIX) from fault
    return drawn

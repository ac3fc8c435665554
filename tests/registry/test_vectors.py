"""A logo handed in as SVG is drawn, and one that asks for anything but itself is refused."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from registry.errors import PhotoUnfit
from registry.photos import check_photo
from registry.vectors import check_svg, draw_svg, is_svg

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 12"><path fill="#a22" d="M2 2h8l4 8h-8z"/></svg>'


def inside(part: bytes) -> bytes:
    """The logo with one more element."""
    return SVG.replace(b"<path", part + b"<path")


def test_a_logo_is_drawn_without_a_ground() -> None:
    picture = Image.open(BytesIO(draw_svg(SVG, side_px=240)))
    assert picture.size == (240, 120)
    assert picture.convert("RGBA").getpixel((1, 1)) == (0, 0, 0, 0)
    assert picture.convert("RGBA").getpixel((60, 50)) == (170, 34, 34, 255)


def test_it_may_be_registered() -> None:
    check_photo(SVG)
    assert is_svg(b'<?xml version="1.0"?>\n<!-- drawn -->\n' + SVG)
    assert not is_svg(b"<html><svg></svg></html>")


@pytest.mark.parametrize(
    "hostile",
    [
        b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG,
        inside(b'<image href="file:///etc/passwd"/>'),
        inside(b'<image xlink:href="http://127.0.0.1/x.png"/>'),
        inside(b"<script>alert(1)</script>"),
        inside(b"<foreignObject><b>x</b></foreignObject>"),
        inside(b'<rect fill="url(http://127.0.0.1/a)"/>'),
        inside(b"<style>@import 'http://127.0.0.1/a.css'</style>"),
        inside(b"<text>NAME</text>"),
        inside(b'<use href="#a"/>' * 9),
        inside(b"<g/>" * 20_001),
        SVG + b" " * (1 << 20),
        SVG.decode().encode("utf-16"),
    ],
    ids=["entity", "file", "net", "script", "page", "url", "import", "text", "uses", "many", "long", "utf-16"],
)
def test_what_asks_for_more_than_itself_is_refused(hostile: bytes) -> None:
    with pytest.raises(PhotoUnfit):
        check_svg(hostile)


@given(st.integers(0, len(SVG)), st.binary(max_size=8))
def test_a_broken_one_is_drawn_or_refused(at: int, junk: bytes) -> None:
    try:
        drawn = draw_svg(SVG[:at] + junk + SVG[at:], side_px=64)
    except PhotoUnfit:
        return
    assert drawn.startswith(b"\x89PNG")

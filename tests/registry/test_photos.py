"""A picture is let in when it opens safely and shows something."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from registry.errors import PhotoUnfit
from registry.photos import check_photo


def picture(mode: str = "RGB", side: int = 96) -> Image.Image:
    """Stripes and noise, the same every time."""
    pixels = np.random.default_rng(3).integers(0, 255, (side, side, 3), dtype=np.uint8)
    pixels[::5] = 240
    return Image.fromarray(pixels).convert(mode)


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_whole_pictures_of_each_format_are_let_in_and_cut_ones_are_not(form: str) -> None:
    data = saved(picture(), form)
    check_photo(data)
    with pytest.raises(PhotoUnfit):
        check_photo(data[: len(data) // 2])


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "CMYK", "1", "I;16"])
def test_every_mode_is_measured(mode: str) -> None:
    if mode == "I;16":
        steps = np.random.default_rng(5).integers(0, 65535, (96, 96)).astype(np.uint16)
        check_photo(saved(Image.fromarray(steps), "PNG"))
    else:
        check_photo(saved(picture(mode), "JPEG" if mode == "CMYK" else "PNG"))


def test_a_logo_on_nothing_is_seen_in_any_ink_and_a_photo_lies_on_white() -> None:
    for ink, fits in ((0, True), (255, False)):
        drawn = Image.new("RGBA", (128, 128), (ink, ink, ink, 0))
        drawn.paste((ink, ink, ink, 255), (30, 30, 90, 90))
        check_photo(saved(drawn, "PNG"), is_logo=True)
        if fits:
            check_photo(saved(drawn, "PNG"))
        else:
            with pytest.raises(PhotoUnfit, match="one tone") as refusal:
                check_photo(saved(drawn, "PNG"))
            assert "medium logo" in refusal.value.fix
    for mode, nothing in (("RGBA", (255, 255, 255, 0)), ("RGB", "white")):
        with pytest.raises(PhotoUnfit, match="one tone"):
            check_photo(saved(Image.new(mode, (128, 128), nothing), "PNG"), is_logo=True)


def png_header(width: int, height: int) -> bytes:
    body = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(body)) + b"IHDR" + body + struct.pack(">I", zlib.crc32(b"IHDR" + body))
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\x00\x00\x00\x01IDAT\x00" + struct.pack(">I", zlib.crc32(b"IDAT\x00"))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (png_header(50_000, 50_000), "more pixels"),
        (png_header(6_000, 5_000), "6000 x 5000"),
        (png_header(640, 20), "640 x 20"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8X" + bytes(8) + b"\xff" * 6, "16777216 x 16777216"),
        (b"RIFF\x00\x00\x00\x00WEBP", "damaged"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is one tone"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "script"),
        (b"BM" + bytes(100), "is no JPEG"),
        (b"", "is no JPEG"),
        (b"\xff\xd8\xff" + bytes(21 * 1024 * 1024), "bytes"),
    ],
    ids=[
        "bomb",
        "too many pixels",
        "thin",
        "webp canvas",
        "webp without picture",
        "empty svg",
        "svg with a script",
        "bmp",
        "empty",
        "too large",
    ],
)
def test_hostile_and_useless_pictures_are_refused_with_a_way_out(data: bytes, problem: str) -> None:
    with pytest.raises(PhotoUnfit, match=problem) as refusal:
        check_photo(data)
    assert refusal.value.fix


@settings(max_examples=30, deadline=None)
@given(
    form=st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "AVIF"]),
    at=st.floats(0, 1),
    junk=st.binary(min_size=1, max_size=8),
)
def test_damaged_pictures_are_let_in_or_refused_and_nothing_else(form: str, at: float, junk: bytes) -> None:
    data = bytearray(saved(picture(), form))
    start = int(at * (len(data) - 1))
    data[start : start + len(junk)] = junk
    try:
        check_photo(bytes(data))
    except PhotoUnfit as refusal:
        assert refusal.fix


def test_real_product_photos_are_let_in(real_data: Path) -> None:
    found = sorted(path for path in real_data.rglob("*.jpg"))[:20]
    if not found:
        pytest.skip("no photos in the real input")
    fits = 0
    for path in found:
        try:
            check_photo(path.read_bytes())
            fits += 1
        except PhotoUnfit:
            continue
    assert fits >= len(found) * 0.9

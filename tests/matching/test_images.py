"""Only safe photos are opened, edits of a photo lead back to it, and another photo does not."""

import hashlib
import random
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import cv2
import imagehash
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from matching import images
from matching.errors import CodesMisshapen, PhotoRefused, RefusalReason, Unhashable, UnsafePhoto
from matching.images import describe_photo, hash_photo, hash_reference, open_photo, verify_same_photo
from matching.photo_index import PhotoIndex
from matching.regions import WHOLE, Box, View, ViewKind
from store.pictures import pdq

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")


def test_a_photo_without_a_corner_has_features_and_no_point() -> None:
    smooth = np.tile(np.linspace(60, 200, 400), (300, 1)).astype(np.uint8)
    out = BytesIO()
    Image.fromarray(smooth).save(out, "PNG")
    features = describe_photo(open_photo(out.getvalue()))
    assert (len(features.points), len(features.descriptors)) == (0, 0)
    assert not verify_same_photo(open_photo(out.getvalue()), open_photo(out.getvalue())).same


def _scene(size: tuple[int, int] = (400, 300), seed: int = 0) -> Image.Image:
    """A drawn scene with corners and texture; every seed another one."""
    choose = random.Random(seed)
    rough = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    scene = Image.fromarray(cv2.resize(rough, size, interpolation=cv2.INTER_CUBIC))
    pen = ImageDraw.Draw(scene)
    for _ in range(60):
        x, y = choose.randrange(size[0]), choose.randrange(size[1])
        w, h = choose.randrange(8, 60), choose.randrange(8, 60)
        colour = (choose.randrange(256), choose.randrange(256), choose.randrange(256))
        shape = pen.rectangle if choose.random() < 0.6 else pen.ellipse
        shape((x, y, x + w, y + h), fill=colour, outline=(0, 0, 0))
    return scene


def _bytes(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def _png(width_px: int, height_px: int, extra: bytes = b"") -> bytes:
    """A PNG whose header announces any size at all."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def _crop(picture: Image.Image, lost: float, seed: int) -> Image.Image:
    choose = random.Random(seed)
    width, height = int(picture.width * (1 - lost)), int(picture.height * (1 - lost))
    left, top = choose.randint(0, picture.width - width), choose.randint(0, picture.height - height)
    return picture.crop((left, top, left + width, top + height))


def _page(picture: Image.Image) -> Image.Image:
    page = Image.new("RGB", (1000, 900), (250, 250, 250))
    page.paste(ImageOps.contain(picture, (480, 480)), (60, 120))
    pen = ImageDraw.Draw(page)
    for line in range(12):
        pen.text((600, 130 + 40 * line), "a line of text about the offer", fill=(20, 20, 20), font_size=20)
    return page


EDITS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "same": lambda p: p,
    "half size": lambda p: p.resize((p.width // 2, p.height // 2)),
    "double size": lambda p: p.resize((p.width * 2, p.height * 2)),
    "crop 5 %": lambda p: _crop(p, 0.05, 1),
    "crop 10 %": lambda p: _crop(p, 0.10, 2),
    "middle": lambda p: ImageOps.crop(p, int(0.1 * p.width)) if p.width < p.height else _crop(p, 0.1, 3),
    "square": lambda p: ImageOps.fit(p, (300, 300)),
    "border": lambda p: ImageOps.expand(p, 40, (240, 240, 240)),
    "mirrored": ImageOps.mirror,
    "turned": lambda p: p.transpose(Image.Transpose.ROTATE_90),
    "tilted 4 degrees": lambda p: p.rotate(4, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255)),
    "brighter": lambda p: ImageEnhance.Brightness(p).enhance(1.2),
    "on a page": _page,
}


@pytest.mark.parametrize("kind", FORMATS)
def test_the_five_formats_open(kind: str) -> None:
    data = _bytes(_scene(), kind)
    photo = open_photo(data)
    assert (photo.format, photo.width_px, photo.height_px) == (kind, 400, 300)
    assert photo.rgb.shape == (300, 400, 3)
    assert photo.sha256 == hashlib.sha256(data).hexdigest()
    assert not photo.rgb.flags.writeable


@pytest.mark.parametrize("kind", ["TIFF", "BMP", "ICO", "PPM", "TGA", "EPS"])
def test_other_formats_are_refused_unopened(kind: str) -> None:
    with pytest.raises(UnsafePhoto) as refusal:
        open_photo(_bytes(_scene((128, 128)), kind))
    assert refusal.value.reason is RefusalReason.UNKNOWN_FORMAT


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", RefusalReason.EMPTY, id="nothing"),
        pytest.param(b"<svg/>", RefusalReason.UNKNOWN_FORMAT, id="svg"),
        pytest.param(b"\xff\xd8\xff" + bytes(images.MAX_BYTES), RefusalReason.TOO_MANY_BYTES, id="too long"),
        pytest.param(_png(5_001, 5_000), RefusalReason.TOO_MANY_PIXELS, id="25 Mpx and a row"),
        pytest.param(_png(60_000, 60_000), RefusalReason.TOO_MANY_PIXELS, id="beyond Pillow's own limit"),
        pytest.param(_png(12_000, 8_000), RefusalReason.TOO_MANY_PIXELS, id="beyond Pillow's warning"),
        pytest.param(_png(300, 300), RefusalReason.DAMAGED, id="no pixels"),
        pytest.param(b"RIFF\x20\0\0\0WEBPJUNK" + bytes(20), RefusalReason.DAMAGED, id="webp without a picture"),
        pytest.param(
            b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(4) + b"\xff\x3f\0\xff\x3f\0",
            RefusalReason.TOO_MANY_PIXELS,
            id="webp canvas",
        ),
        pytest.param(b"\0\0\0\x14ftypheic\0\0\0\0mif1", RefusalReason.UNKNOWN_FORMAT, id="heic"),
        pytest.param(b"\0\0\0\x14ftypavif\0\0\0\0avif", RefusalReason.DAMAGED, id="avif without a picture"),
    ],
)
def test_unsafe_bytes_are_refused_with_their_reason(data: bytes, reason: RefusalReason) -> None:
    with pytest.raises(UnsafePhoto) as refusal:
        open_photo(data)
    assert refusal.value.reason is reason


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("kept", [0.2, 0.6, 0.95])
def test_truncated_files_are_refused(kind: str, kept: float) -> None:
    data = _bytes(_scene((160, 120)), kind)
    with pytest.raises(UnsafePhoto) as refusal:
        open_photo(data[: int(len(data) * kept)])
    assert refusal.value.reason is RefusalReason.DAMAGED


def test_truncated_large_jpeg_is_refused_although_decoded_reduced() -> None:
    data = _bytes(_scene((2400, 1800)))
    assert open_photo(data).rgb.shape == (768, 1024, 3)
    with pytest.raises(UnsafePhoto):
        open_photo(data[: int(len(data) * 0.9)])


@pytest.mark.parametrize("kind", FORMATS)
def test_mutated_files_open_or_are_refused(kind: str) -> None:
    choose = random.Random(kind)
    data = _bytes(_scene((96, 80)), kind)
    for _ in range(150):
        mutated = bytearray(data)
        for _ in range(choose.choice((1, 3, 20))):
            mutated[choose.randrange(len(mutated))] = choose.randrange(256)
        try:
            open_photo(bytes(mutated))
        except PhotoRefused as refusal:
            assert refusal.detail


@pytest.mark.parametrize("size", [(63, 400), (400, 63), (2048, 100), (1, 1)])
def test_small_pictures_and_strips_are_unhashable(size: tuple[int, int]) -> None:
    with pytest.raises(Unhashable) as refusal:
        open_photo(_bytes(Image.new("RGB", size)))
    assert refusal.value.reason is RefusalReason.TOO_SMALL


def test_flat_and_featureless_pictures_are_unhashable() -> None:
    slope = np.linspace(0, 255, 200).astype(np.uint8)
    gradient = Image.fromarray(np.tile(slope, (200, 1))).convert("RGB")
    for picture, reason in (
        (Image.new("RGB", (200, 200), "white"), RefusalReason.FLAT),
        (gradient, RefusalReason.FEATURELESS),
    ):
        photo = open_photo(_bytes(picture, "PNG"))
        for fingerprint in (hash_photo, hash_reference):
            with pytest.raises(Unhashable) as refusal:
                fingerprint(photo)
            assert refusal.value.reason is reason


def test_transparency_is_laid_on_white() -> None:
    picture = _scene((200, 200)).convert("RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 100, 200))
    rgb = open_photo(_bytes(picture, "PNG")).rgb
    assert (rgb[:, :100] == 255).all()


def test_the_exif_turn_is_applied_and_told() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned clockwise by a quarter
    photo = open_photo(_bytes(_scene((400, 300)), "JPEG", exif=exif, quality=95))
    assert (photo.width_px, photo.height_px) == (300, 400)
    upright = open_photo(_bytes(_scene((400, 300)).transpose(Image.Transpose.ROTATE_270), quality=95))
    assert pdq.distance_bits(hash_photo(photo).pdq.code, hash_photo(upright).pdq.code) <= 4


def test_the_first_frame_stands_for_an_animation() -> None:
    first, second = _scene(seed=1), _scene(seed=2)
    for kind in ("GIF", "WEBP", "PNG"):
        moving = open_photo(_bytes(first, kind, save_all=True, append_images=[second]))
        assert pdq.distance_bits(hash_photo(moving).pdq.code, hash_photo(open_photo(_bytes(first))).pdq.code) <= 20


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "I;16"])
def test_every_pixel_mode_is_read(mode: str) -> None:
    grey = _scene().convert("L")
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    else:
        picture = grey.convert(mode) if mode != "CMYK" else _scene().convert("CMYK")
    photo = open_photo(_bytes(picture, "JPEG" if mode == "CMYK" else "PNG"))
    assert 40 < photo.rgb.mean() < 215


def test_phash_is_that_of_imagehash() -> None:
    data = _bytes(_scene())
    with Image.open(BytesIO(data)) as picture:
        assert hash_photo(open_photo(data)).phash.hex() == str(imagehash.phash(picture))


def test_pdq_of_a_photo_is_the_published_one() -> None:
    photo = open_photo(_bytes(_scene()))
    assert hash_photo(photo).pdq == hash_reference(photo).pdq == pdq.hash_rgb(photo.rgb)


@pytest.fixture(scope="module")
def references() -> dict[int, images.Photo]:
    return {seed: open_photo(_bytes(_scene(seed=seed), quality=90)) for seed in range(7)}


def _indexed(photos: dict[int, images.Photo]) -> PhotoIndex[int]:
    hashed = {seed: hash_reference(photo) for seed, photo in photos.items()}
    return PhotoIndex(
        ((seed, each.codes) for seed, each in hashed.items()),
        {seed: (each.corners, each.mirrored_corners) for seed, each in hashed.items()},
    )


@pytest.fixture(scope="module")
def index(references: dict[int, images.Photo]) -> PhotoIndex[int]:
    return _indexed(references)


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_copy_leads_back_to_its_reference(
    edit: str, index: PhotoIndex[int], references: dict[int, images.Photo]
) -> None:
    copy = open_photo(_bytes(EDITS[edit](_scene(seed=5)), quality=70))
    near = {each.reference_id: each.variant.view for each in index.search(hash_photo(copy), radius_bits=72)}
    voted = {each.reference_id: WHOLE for each in index.vote(describe_photo(copy), most=6, least=0.2)}
    accepted = [
        seed for seed, view in (voted | near).items() if verify_same_photo(references[seed], copy, view=view).same
    ]
    assert accepted == [5]


def test_without_colour_a_photo_has_the_same_fingerprint_within_its_noise() -> None:
    data = _bytes(_scene(seed=3), quality=90)
    grey, coloured = open_photo(data, colour=False), open_photo(data)
    assert grey.pixels.ndim == 2 and grey.rgb.shape == coloured.rgb.shape
    assert pdq.distance_bits(hash_photo(grey).pdq.code, hash_photo(coloured).pdq.code) <= 2


def test_a_jpeg_with_broken_data_is_refused_although_pillow_goes_on() -> None:
    data = bytearray(_bytes(_scene(seed=3), quality=90))
    data[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    with Image.open(BytesIO(data)) as picture:
        picture.load()  # no error: the rest of the picture is invented
    with pytest.raises(UnsafePhoto) as refused:
        open_photo(bytes(data))
    assert refused.value.reason is RefusalReason.DAMAGED


def test_other_photos_are_neither_found_nor_accepted(
    index: PhotoIndex[int], references: dict[int, images.Photo]
) -> None:
    for seed in range(100, 103):
        other = open_photo(_bytes(_scene(seed=seed)))
        assert index.search(hash_photo(other), radius_bits=60) == []
        assert not verify_same_photo(references[0], other).same


def test_the_box_shows_where_the_copy_lies() -> None:
    page = Image.new("RGB", (1000, 800), (250, 250, 250))
    page.paste(_scene(), (500, 400))
    agreement = verify_same_photo(open_photo(_bytes(_scene())), open_photo(_bytes(page)))
    assert agreement.same
    assert agreement.box is not None
    found = (agreement.box.left, agreement.box.top, agreement.box.right, agreement.box.bottom)
    assert found == pytest.approx((0.5, 0.5, 0.9, 0.875), abs=0.015)


def test_a_mirrored_copy_is_said_to_be_mirrored() -> None:
    agreement = verify_same_photo(open_photo(_bytes(_scene())), open_photo(_bytes(ImageOps.mirror(_scene()))))
    assert agreement.same
    assert agreement.mirrored


def test_two_photos_that_share_only_a_badge_stay_apart() -> None:
    one, other = _scene(seed=1), _scene(seed=2)
    for picture in (one, other):
        picture.paste(_scene((140, 120), seed=9), (200, 100))
    agreement = verify_same_photo(open_photo(_bytes(one)), open_photo(_bytes(other)))
    assert not agreement.same


def _codes(words: NDArray[np.uint64]) -> tuple[images.ViewCode, ...]:
    view = View(kind=ViewKind.WHOLE, box=Box(left=0, top=0, right=1, bottom=1))
    return tuple(
        images.ViewCode(view=view, position=pdq.Dihedral.ORIGINAL, pdq=pdq.Pdq(code=row.tobytes(), quality=100))
        for row in words
    )


def _hash_of(code: images.ViewCode) -> images.PhotoHash:
    return images.PhotoHash(sha256="", phash=bytes(8), pdq=code.pdq, codes=(code,))


def test_search_is_exact_at_every_radius() -> None:
    words = np.random.default_rng(5).integers(0, 2**64, (500, 4), dtype=np.uint64)
    codes = _codes(words)
    index = PhotoIndex((at, [code]) for at, code in enumerate(codes))
    query = codes[7]
    for radius_bits in (0, 110, 128, 256):
        expected = sorted((pdq.distance_bits(query.pdq.code, code.pdq.code), at) for at, code in enumerate(codes))
        found = [(c.distance_bits, c.reference_id) for c in index.search(_hash_of(query), radius_bits)]
        assert sorted(found) == [pair for pair in expected if pair[0] <= radius_bits]
        assert [distance for distance, _ in found] == sorted(distance for distance, _ in found)


def test_the_inverse_code_is_256_bits_away_not_none() -> None:
    code, inverse = _codes(np.array([[0] * 4, [2**64 - 1] * 4], dtype=np.uint64))
    index = PhotoIndex([("inverse", [inverse])])
    assert index.search(_hash_of(code), 255) == []
    assert index.search(_hash_of(code), 256)[0].distance_bits == 256


def test_an_empty_index_finds_nothing() -> None:
    empty: PhotoIndex[str] = PhotoIndex([])
    assert len(empty) == 0
    assert empty.search(hash_photo(open_photo(_bytes(_scene()))), 256) == []


def test_listing_codes_are_not_indexed() -> None:
    with pytest.raises(CodesMisshapen, match="hash_reference"):
        PhotoIndex([("a", hash_photo(open_photo(_bytes(_scene()))).codes)])


@pytest.mark.real_data
def test_real_photos_survive_edits_and_stay_apart(real_data: Path) -> None:
    files = sorted((real_data / "images").glob("*/*.jpg"))
    random.Random(11).shuffle(files)
    kept, strangers = files[:10], files[10:20]
    photos = {file: open_photo(file.read_bytes()) for file in kept}
    names = list(photos)
    index = _indexed({at: photos[file] for at, file in enumerate(names)})
    found = tried = 0
    for file in kept[:1]:
        with Image.open(file) as picture:
            original = picture.convert("RGB")
        for edit in EDITS.values():
            copy = open_photo(_bytes(edit(original), quality=70))
            tried += 1
            near = {each.reference_id: each.variant.view for each in index.search(hash_photo(copy), 72)}
            voted = {each.reference_id: WHOLE for each in index.vote(describe_photo(copy), most=6, least=0.2)}
            view = (voted | near).get(names.index(file))
            found += view is not None and verify_same_photo(photos[file], copy, view=view).same
    accepted = 0
    for file in strangers:
        photo = open_photo(file.read_bytes())
        for candidate in index.search(hash_photo(photo), 72):
            reference = photos[names[candidate.reference_id]]
            same = verify_same_photo(reference, photo, view=candidate.variant.view).same
            accepted += same
    assert found / tried >= 0.9
    # Shops sell siblings whose packs share nearly all of their print; on 300 strangers two were accepted.
    assert accepted <= 1

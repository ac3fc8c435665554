"""
Photos: the one gate that opens them, their fingerprints, the check of a pair.

    bytes -> open_photo -> Photo -> hash_photo -> PhotoHash -> photo_index.PhotoIndex -> candidates
                                 -> describe_photo / verify_same_photo -> Agreement

A near fingerprint only proposes. What is decided is decided by `verify_same_photo`, and even that says only
"the same photo", never "a fake".
"""

import hashlib
import struct
import warnings
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image, ImageOps

from matching import geometry, regions
from matching.errors import RefusalReason, Unhashable, UnsafePhoto
from matching.phash import phash
from matching.printed_codes import PrintedCode, read_codes
from matching.regions import Box, View, ViewKind
from registry.errors import PhotoUnfit
from registry.vectors import draw_svg, is_svg
from store.pictures import pdq
from store.pictures.pdq import Dihedral, Pdq

MAX_BYTES = 20 * 1024 * 1024  # no marketplace seen serves a larger photo; a decoder's input stays bounded
MAX_PIXELS = 25_000_000  # 75 MB decoded, 24 Mpx cameras included; Pillow's own warning starts at 89 Mpx
MIN_SIDE_PX = 64  # PDQ transforms 64 x 64: a smaller side would only be invented detail
HALVED_FROM_PX = 800  # longer side from which a photo is halved before it is hashed (see `pdq.shrink`)
PHASH_SIDE_PX = 512  # longer side at most for pHash: imagehash's bits of the photo halved once more (0 to 4 apart)
REFERENCE_CORNERS = 256  # kept of a reference, and as many of its mirror image: 16 kB in its row
MIN_QUALITY = 50  # PDQ's own advice is to discard up to 49; of 892 shop photos that refuses two (measured)
MIN_SPREAD = 4.0  # levels of standard deviation below which a picture is one tone with noise (chosen)
# A pair is accepted at this many corners on one plane *and* this share of patterned tiles alike. Candidates
# within 72 bits of 592 references, 60 photos x 23 edits and 300 strangers: corners alone keep 94.6 % of copies
# and accept 57 wrong pairs and 6 strangers (siblings in one design, coats on one hanger); with tiles alike to
# 0.75 it is 93.9 %, 4 and 4; at 0.8 93.5 %, 0 and 2 (cartons whose print differs in the flavour); at 0.85
# 92.8 %, 0 and 0.
MIN_AGREEING = 0.8
_AS_IT_STANDS = (Dihedral.ORIGINAL,)
_UPRIGHT = (Dihedral.ORIGINAL, Dihedral.FLIP_Y)
_EVERY_WAY = tuple(Dihedral)
_ORIENTATION_TAG = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # what sets a picture upright, by the value of that tag. Source: EXIF 2.32, 4.6.4
# Changes when the decode, the reduction or a code changes; codes of two versions never mix.
HASH_VERSION = "3"

# What the decoders of Pillow raise on damaged input, found by mutating files of all five formats.
_DECODER_FAULTS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    ArithmeticError,
    AttributeError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Photo:
    """
    A picture that passed the gate, upright, without transparency, its longer side at most 1,024 px.

    `pixels` is height × width (grey) or height × width × 3 (RGB), uint8 and read-only. `sha256` is of the file's
    bytes as fetched; `width_px` and `height_px` are those of the original, turned upright.
    """

    sha256: str
    format: str
    width_px: int
    height_px: int
    pixels: NDArray[np.uint8]

    @property
    def rgb(self) -> NDArray[np.uint8]:
        """The pixels as height × width × 3; of a photo opened without colour, three times the grey."""
        if self.pixels.ndim == 3:
            return self.pixels
        return np.asarray(cv2.cvtColor(self.pixels, cv2.COLOR_GRAY2RGB), dtype=np.uint8)

    @property
    def grey(self) -> NDArray[np.uint8]:
        """The brightness as height × width (ITU-R BT.601, as JPEG and Pillow's "L" have it)."""
        if self.pixels.ndim == 2:
            return self.pixels
        return np.asarray(cv2.cvtColor(self.pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewCode:
    """One PDQ code of one part of a photo in one position."""

    view: View
    position: Dihedral
    pdq: Pdq


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoHash:
    """
    The fingerprints of one photo.

    `phash` is 8 bytes, the bits of imagehash.phash row by row; `pdq` that of the whole photo; `codes` holds
    one PDQ per part and position, the whole, unturned photo first. `printed` are the barcodes and QR codes that
    a listing's photo shows. `corners` and `mirrored_corners` are descriptors (32 bytes each) of a reference and of
    its mirror image.
    """

    sha256: str
    phash: bytes
    pdq: Pdq
    codes: tuple[ViewCode, ...]
    printed: tuple[PrintedCode, ...] = ()
    corners: bytes = b""
    mirrored_corners: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """
    Whether two photos are the same photo, and what speaks for it.

    `inliers` counts corners that agree on one plane, `agreeing` is the share of patterned tiles that show the
    same where both then lie over each other (0 to 1), `covered` is the share of the first photo that the second
    shows, `box` bounds it in the second (None when nothing was laid over), `mirrored` says it is shown mirrored.
    """

    same: bool
    inliers: int
    agreeing: float
    covered: float
    box: Box | None
    mirrored: bool


def open_photo(data: bytes, *, colour: bool = True, ground: str = "white") -> Photo:
    """
    Give the picture in `data`, or refuse it.

    Reads JPEG, PNG, WebP, GIF and AVIF, told by their first bytes. Size and pixel count are checked on the
    header before anything is decoded; of several frames the first is taken; a truncated file is refused,
    never completed. Transparency is laid on `ground`, the EXIF turn applied. JPEGs above 1,024 px are decoded at
    a reduced scale; everything larger is then brought down by area averaging. Without `colour` a JPEG's brightness
    alone is decoded, which fingerprints need and which takes half the time.

    A JPEG's decoder only remarks on broken data and goes on with invented pixels; such a file is refused as well.

    Decoding runs in this process: a caller that reads the open web gives it to a worker process with limits
    on memory and processor time, since a decoder's own defects pass every check made here.

    Raises `UnsafePhoto` for bytes that must not be decoded or will not, `Unhashable` when a side is (or, in a
    long strip, would become) shorter than 64 px.
    """
    if not data:
        raise UnsafePhoto(RefusalReason.EMPTY, "0 bytes")
    if len(data) > MAX_BYTES:
        raise UnsafePhoto(RefusalReason.TOO_MANY_BYTES, f"{len(data):,} bytes, {MAX_BYTES:,} are read")
    kind = format_of(data)
    if kind is None:
        raise UnsafePhoto(RefusalReason.UNKNOWN_FORMAT, f"starts with {data[:12].hex()}")
    if kind == "WEBP":
        # Its decoder reserves the canvas when the file is opened, before Pillow tells the size.
        _check_size(*_webp_size(data))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # remarks on metadata; the pixels are what counts
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=[kind]) as picture:
                width_px, height_px = picture.size
                _check_size(width_px, height_px)
                pixels, turned = _decode(picture, data, colour=colour, ground=ground)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as fault:
        raise UnsafePhoto(RefusalReason.TOO_MANY_PIXELS, str(fault)) from fault
    except _DECODER_FAULTS as fault:
        raise UnsafePhoto(RefusalReason.DAMAGED, f"{kind}: {type(fault).__name__}: {fault}") from fault
    if turned:
        width_px, height_px = height_px, width_px
    return Photo(
        sha256=hashlib.sha256(data).hexdigest(), format=kind, width_px=width_px, height_px=height_px, pixels=pixels
    )


def open_logo(data: bytes) -> NDArray[np.uint8]:
    """
    A holder's logo in colour, height × width × 3, also an SVG: on white, black or grey, whichever it stands out from.

    Raises `PhotoRefused` as `open_photo` does, and where nothing stands out, neither by brightness nor by colour.
    """
    if is_svg(data):
        try:
            data = draw_svg(data)
        except PhotoUnfit as fault:
            raise UnsafePhoto(RefusalReason.DAMAGED, f"it {fault.problem}") from fault
    white = open_photo(data).rgb
    black = open_photo(data, ground="black").rgb
    if (white == black).all():
        kept = white
    else:
        opaque = 255 - (white.astype(np.int16) - black).max(axis=2)  # what a ground shows through is its share of 255
        level = max(_GROUNDS, key=lambda level: _contrast(black, opaque, level))
        kept = np.asarray(black + (255 - opaque[..., None]) * (level / 255), np.uint8)
    spread = float(cv2.meanStdDev(kept)[1].max())
    if spread < MIN_SPREAD:
        raise Unhashable(RefusalReason.FLAT, f"tones spread {spread:.1f} levels, {MIN_SPREAD} are needed")
    return kept


_GROUNDS = (255, 0, 128)


def _contrast(black: NDArray[np.uint8], opaque: NDArray[np.int16], level: int) -> float:
    """Give how far nine tenths of a logo's own pixels lie from a ground of this level, at least, in some channel."""
    own = black[opaque > 128]
    return float(np.percentile(np.abs(own.astype(np.int16) - level).max(axis=1), 10)) if len(own) else 0.0


def format_of(data: bytes) -> str | None:
    """Tell an allowed picture format (JPEG, PNG, WEBP, GIF, AVIF) by its first bytes; None for any other."""
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


def hash_photo(photo: Photo, *, with_printed: bool = True) -> PhotoHash:
    """
    Fingerprint a listing's photo: every part that may be a protected photo.

    Parts are the whole and the whole without an even border, in all eight positions, and panels on an even
    page and quarters, as they stand and mirrored; those with too little detail are left out. Two codes of one
    photo differ in few of 256 bits, unrelated ones in about 128. pHash is imagehash.phash of photos up to 512 px, and
    of larger ones halved until they are. Barcodes take longest to look for; `with_printed` asks for them.

    Raises `Unhashable` when the whole picture is one tone or has too few edges (PDQ quality below 50).
    Source: PDQ description, section on quality.
    """
    hashed = _hash(photo, regions.views_of_listing, turn=True)
    printed = read_codes(photo.grey) if with_printed else ()
    return replace(hashed, printed=printed) if printed else hashed


def hash_reference(photo: Photo, *, with_corners: bool = True) -> PhotoHash:
    """
    Fingerprint a protected photo: the whole, without its border, its middle square and slightly turned, 5 codes at
    most, and the corners by which parts of it are found.

    Only as it stands: turned and mirrored copies are found from the listing's side. Corners take twenty
    times as long as the codes; `with_corners` asks for them. Raises as `hash_photo`.
    """
    hashed = _hash(photo, regions.views_of_reference, turn=False)
    if not with_corners:
        return hashed
    features = describe_photo(photo)
    return replace(
        hashed,
        corners=features.descriptors[:REFERENCE_CORNERS].tobytes(),
        mirrored_corners=geometry.mirror(features).descriptors[:REFERENCE_CORNERS].tobytes(),
    )


def describe_photo(photo: Photo, view: View = regions.WHOLE) -> geometry.Features:
    """Find the corners of a photo or a part of it; keep them when one photo is checked against many."""
    return geometry.find_features(view.box.cut(photo.grey), box=view.box)


def verify_same_photo(a: Photo, b: Photo, *, view: View = regions.WHOLE) -> Agreement:
    """
    Check whether `b` shows the photo `a`, or a part of it: cropped, framed, turned, mirrored, recompressed.

    Finds corners in both, lays `a` over `b`, and compares the tones under it; when that fails, tries again
    with `a` mirrored. Give the `view` of a candidate to look only there, which finds small pictures on large
    pages; the box is told within the whole of `b` all the same. Two different photos of the same thing stay
    apart; two packs that share nearly all of their print may not.
    """
    return verify_features(describe_photo(a), describe_photo(b, view))


def verify_features(a: geometry.Features, b: geometry.Features, *, mirrored: bool | None = None) -> Agreement:
    """
    Do as `verify_same_photo` for photos whose corners are known.

    A candidate tells whether it is `mirrored` (`variant.position.is_mirrored`), which saves the other attempt.
    """
    straight = None if mirrored else geometry.overlay(a, b)
    if mirrored is False or (straight is not None and _is_same(straight)):
        return _agreement(straight)
    reflected = geometry.overlay(geometry.mirror(a), b, mirrored=True)
    best = max((found for found in (straight, reflected) if found is not None), key=_strength, default=None)
    return _agreement(best)


def _hash(photo: Photo, views_of: Callable[[NDArray[np.uint8]], list[View]], *, turn: bool) -> PhotoHash:
    full = photo.grey
    halved = max(full.shape) >= HALVED_FROM_PX
    grey = pdq.halve(full) if halved else full
    spread = float(cv2.meanStdDev(grey)[1][0, 0])
    if spread < MIN_SPREAD:
        raise Unhashable(RefusalReason.FLAT, f"tones spread {spread:.1f} levels, {MIN_SPREAD} are needed")
    luma = grey.astype(np.float32)
    least_px = MIN_SIDE_PX / 2 if halved else MIN_SIDE_PX
    views = [view for view in views_of(grey) if view is regions.WHOLE or min(view.box.cut(grey).shape) >= least_px]
    straight = iter(
        pdq.shrink_parts(
            luma, [view.box.within(luma.shape) for view in views if not view.tilt_degrees], halved=halved
        )
    )
    blocks = [pdq.shrink(view.of(luma), halved=halved) if view.tilt_degrees else next(straight) for view in views]
    asked = [_positions(view) if turn else _AS_IT_STANDS for view in views]
    codes: list[ViewCode] = []
    for view, (turned, quality) in zip(views, pdq.hash_blocks(blocks, asked), strict=True):
        if quality >= MIN_QUALITY:
            codes += [
                ViewCode(view=view, position=position, pdq=Pdq(code=code, quality=quality))
                for position, code in turned.items()
            ]
        elif view is regions.WHOLE:
            raise Unhashable(RefusalReason.FEATURELESS, f"PDQ quality {quality}, {MIN_QUALITY} is needed")
    small = grey
    while max(small.shape) > PHASH_SIDE_PX:
        small = pdq.halve(small)
    own = phash(luma if small is grey else small.astype(np.float32))
    return PhotoHash(sha256=photo.sha256, phash=own, pdq=codes[0].pdq, codes=tuple(codes))


def _positions(view: View) -> Sequence[Dihedral]:
    """A picture set into a page or a collage may be mirrored; nobody turns it there."""
    return _UPRIGHT if view.kind in (ViewKind.PANEL, ViewKind.QUARTER) else _EVERY_WAY


def _is_same(found: geometry.Overlay) -> bool:
    return found.inliers >= geometry.MIN_INLIERS and found.agreeing >= MIN_AGREEING


def _strength(found: geometry.Overlay) -> tuple[bool, int]:
    return _is_same(found), found.inliers


def _agreement(found: geometry.Overlay | None) -> Agreement:
    if found is None:
        return Agreement(same=False, inliers=0, agreeing=0.0, covered=0.0, box=None, mirrored=False)
    return Agreement(
        same=_is_same(found),
        inliers=found.inliers,
        agreeing=found.agreeing,
        covered=found.covered,
        box=found.box,
        mirrored=found.mirrored,
    )


def _check_size(width_px: int, height_px: int) -> None:
    """Refuse what is too large to decode or too small to hash."""
    if width_px * height_px > MAX_PIXELS:
        raise UnsafePhoto(
            RefusalReason.TOO_MANY_PIXELS, f"{width_px} x {height_px} px, {MAX_PIXELS:,} pixels are decoded"
        )
    shrinks = min(1.0, pdq.LONGEST_SIDE_PX / max(width_px, height_px, 1))
    if round(min(width_px, height_px) * shrinks) < MIN_SIDE_PX:
        raise Unhashable(
            RefusalReason.TOO_SMALL,
            f"{width_px} x {height_px} px: a side is, or at 1,024 px length would be, under {MIN_SIDE_PX} px",
        )


def _decode(picture: Image.Image, data: bytes, *, colour: bool, ground: str) -> tuple[NDArray[np.uint8], bool]:
    """Give the upright pixels on the ground, brought down to 1,024 px, and whether the sides were exchanged."""
    turn = picture.getexif().get(_ORIENTATION_TAG)
    pixels = _decode_jpeg(picture, data, colour=colour) if picture.format == "JPEG" else None
    if pixels is None:
        pixels = _decode_any(picture, colour=colour, ground=ground)
    elif turn in _TURNS:
        pixels = np.asarray(Image.fromarray(pixels).transpose(_TURNS[turn]), dtype=np.uint8)
    reduced = np.ascontiguousarray(pdq.reduce(pixels))
    reduced.setflags(write=False)
    return reduced, turn in (5, 6, 7, 8)


def _decode_jpeg(picture: Image.Image, data: bytes, *, colour: bool) -> NDArray[np.uint8] | None:
    """Give a JPEG's pixels as they lie, at 1,024 px or a little more; None for inks, which are for Pillow to mix."""
    if picture.mode not in ("L", "RGB"):
        return None
    scale = min(1.0, pdq.LONGEST_SIDE_PX / max(picture.size))
    least_width_px, least_height_px = (max(1, int(side * scale)) for side in picture.size)
    kind = "RGB" if colour else "GRAY"
    pixels = simplejpeg.decode_jpeg(data, kind, min_width=least_width_px, min_height=least_height_px, strict=True)
    return np.asarray(pixels if colour else pixels[:, :, 0], dtype=np.uint8)


def _decode_any(picture: Image.Image, *, colour: bool, ground: str) -> NDArray[np.uint8]:
    """Give the upright pixels on the ground of what Pillow decodes, at full size."""
    picture.load()
    ImageOps.exif_transpose(picture, in_place=True)
    upright = picture
    if upright.mode.startswith("I;16"):
        # Pillow would clip 16-bit greys at 255 and leave a white picture.
        upright = Image.fromarray((np.asarray(upright) >> 8).astype(np.uint8))
    if upright.has_transparency_data:
        layer = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", layer.size, ground), layer)
    wanted = "RGB" if colour else "L"
    if upright.mode != wanted:  # another copy of 25 Mpx only where it must be
        upright = upright.convert(wanted)
    return np.asarray(upright, dtype=np.uint8)


def _webp_size(data: bytes) -> tuple[int, int]:
    """Read width and height from a WebP's first chunk. Source: RFC 9649, sections 2.4 to 2.7."""
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
            raise UnsafePhoto(RefusalReason.DAMAGED, "a WebP without a picture chunk")

"""
Photo hashes as `Fingerprint` rows, and back.

A photo has the two codes that are exchanged with others ("pdq" and "phash" of the whole picture, a row each), and one
row "pdq_views" that packs the codes of all its parts and positions: some sixty, which nobody asks for one by one.
Where it shows barcodes or QR codes, a row "printed_codes" holds them as JSON; where its words were read, a row
"printed_words" does, also where there are none. A reference has a row "corners": the
descriptors of its corners and of its mirror image's, 32 bytes each. A logo has a row "logo": its points and outline.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import astuple
from itertools import pairwise

import numpy as np

from matching.errors import CodesMisshapen
from matching.geometry import DESCRIPTOR_BYTES
from matching.images import HASH_VERSION, PhotoHash, ViewCode
from matching.logos import LOGO_VERSION, Logo
from matching.printed_codes import PrintedCode
from matching.printed_words import WORDS_VERSION, PrintedWords
from matching.regions import Box, View, ViewKind
from store.pictures.pdq import CODE_BYTES, Dihedral, Pdq
from store.records.listings import ListingImage
from store.records.references import Fingerprint

PDQ, PHASH, VIEWS, PRINTED, CORNERS, LOGO = "pdq", "phash", "pdq_views", "printed_codes", "corners", "logo"
WORDS = "printed_words"
LISTING, REFERENCE = "listing", "reference"
"""Variants of a "pdq_views" row: the two sides are cut into other parts."""

_KINDS = tuple(ViewKind)
_POSITIONS = tuple(Dihedral)
# Kind of part, position, quality, box (left, top, right, bottom), code.
_SIZE = struct.Struct("<I")  # bytes of the photo's own corners; those of its mirror image follow
_LOGO_SIZES = struct.Struct("<III3f")  # points, outline, even points; middle and length
_ONE = struct.Struct(f"<BBB4f{CODE_BYTES}s")


def pack_hash(photo: PhotoHash, variant: str) -> list[Fingerprint]:
    """The rows that keep a photo's hashes; `variant` says of which side it is."""
    rows = [
        Fingerprint(
            sha256=photo.sha256,
            algorithm=PDQ,
            version=HASH_VERSION,
            value=photo.pdq.code,
            quality=photo.pdq.quality,
        ),
        Fingerprint(sha256=photo.sha256, algorithm=PHASH, version=HASH_VERSION, value=photo.phash),
        Fingerprint(
            sha256=photo.sha256,
            algorithm=VIEWS,
            version=HASH_VERSION,
            variant=variant,
            value=b"".join(_pack(code) for code in photo.codes),
            quality=photo.pdq.quality,
        ),
    ]
    if photo.printed:
        printed = json.dumps([[code.kind, code.text, *astuple(code.box)] for code in photo.printed]).encode()
        rows.append(Fingerprint(sha256=photo.sha256, algorithm=PRINTED, version=HASH_VERSION, value=printed))
    if photo.corners or photo.mirrored_corners:
        value = _SIZE.pack(len(photo.corners)) + photo.corners + photo.mirrored_corners
        rows.append(Fingerprint(sha256=photo.sha256, algorithm=CORNERS, version=HASH_VERSION, value=value))
    return rows


def unpack_hashes(rows: Iterable[Fingerprint], variant: str) -> dict[str, PhotoHash]:
    """
    The hashes that rows keep, by SHA-256 of the photo; photos whose rows are not complete are left out.

    Raises `CodesMisshapen` for a row whose bytes are no codes.
    """
    parts: dict[str, dict[str, Fingerprint]] = {}
    for row in rows:
        if row.version == HASH_VERSION and (row.algorithm != VIEWS or row.variant == variant):
            parts.setdefault(row.sha256, {})[row.algorithm] = row
    return {
        sha256: PhotoHash(
            sha256=sha256,
            corners=_corners(kept)[0],
            mirrored_corners=_corners(kept)[1],
            phash=kept[PHASH].value,
            pdq=Pdq(code=kept[PDQ].value, quality=kept[PDQ].quality or 0),
            codes=_unpack(kept[VIEWS]),
            printed=_unprint(kept[PRINTED]) if PRINTED in kept else (),
        )
        for sha256, kept in parts.items()
        if kept.keys() >= {PDQ, PHASH, VIEWS}
    }


def pack_logo(sha256: str, logo: Logo) -> Fingerprint:
    """The row that keeps a logo's points and outline."""
    sizes = _LOGO_SIZES.pack(len(logo.frames), len(logo.outline), len(logo.inside), *logo.middle, logo.length)
    parts = (logo.frames, logo.descriptors, logo.outline, logo.inside)
    return Fingerprint(
        sha256=sha256,
        algorithm=LOGO,
        version=LOGO_VERSION,
        value=sizes + b"".join(np.ascontiguousarray(part).tobytes() for part in parts),
    )


def unpack_logos(rows: Iterable[Fingerprint]) -> dict[str, Logo]:
    """The logos that rows keep, by SHA-256. Raises `CodesMisshapen` for a row whose bytes are no logo."""
    found = {}
    for row in rows:
        if row.algorithm != LOGO or row.version != LOGO_VERSION:
            continue
        is_whole = len(row.value) >= _LOGO_SIZES.size
        points, edges, even, *place = _LOGO_SIZES.unpack_from(row.value) if is_whole else (0,) * 6
        lengths = (points * 16, points * 128, edges * 16, even * 8)
        if not points or len(row.value) != _LOGO_SIZES.size + sum(lengths):
            raise CodesMisshapen(f"the logo kept for {row.sha256} is cut; delete the row")
        cuts = [_LOGO_SIZES.size + sum(lengths[:at]) for at in range(5)]
        frames, descriptors, outline, inside = (row.value[a:b] for a, b in pairwise(cuts))
        found[row.sha256] = Logo(
            frames=np.frombuffer(frames, np.float32).reshape(-1, 4),
            descriptors=np.frombuffer(descriptors, np.uint8).reshape(-1, 128),
            outline=np.frombuffer(outline, np.float32).reshape(-1, 4),
            inside=np.frombuffer(inside, np.float32).reshape(-1, 2),
            middle=(place[0], place[1]),
            length=place[2],
        )
    return found


def pack_words(sha256: str, words: Iterable[PrintedWords]) -> Fingerprint:
    """The row that keeps the words read in a photo."""
    value = json.dumps([[line.text, line.score, *astuple(line.box)] for line in words]).encode()
    return Fingerprint(sha256=sha256, algorithm=WORDS, version=WORDS_VERSION, value=value)


def unpack_words(rows: Iterable[Fingerprint]) -> dict[str, tuple[PrintedWords, ...]]:
    """
    The words that rows keep, by SHA-256 of the photo; photos that were not read are not there.

    Raises `CodesMisshapen` for a row whose bytes are no words.
    """
    return {row.sha256: _unpack_words(row) for row in rows if row.algorithm == WORDS and row.version == WORDS_VERSION}


def first_photos(images: Iterable[ListingImage], words_in: int) -> set[tuple[str, str]]:
    """Listings with the photos (SHA-256) in which words are read: the first of each that were not refused."""
    taken: dict[str, list[str]] = {}
    for image in sorted(images, key=lambda each: (each.listing, each.position)):
        own = taken.setdefault(image.listing, [])
        if image.sha256 is not None and not image.refused and len(own) < words_in:
            own.append(image.sha256)
    return {(listing, sha256) for listing, own in taken.items() for sha256 in own}


def _unpack_words(row: Fingerprint) -> tuple[PrintedWords, ...]:
    try:
        return tuple(
            PrintedWords(text=text, score=score, box=Box(left=left, top=top, right=right, bottom=bottom))
            for text, score, left, top, right, bottom in json.loads(row.value)
        )
    except (TypeError, ValueError) as error:
        raise CodesMisshapen(f"the words kept for photo {row.sha256} are no words; delete the row") from error


def _corners(kept: Mapping[str, Fingerprint]) -> tuple[bytes, bytes]:
    if CORNERS not in kept:
        return b"", b""
    row = kept[CORNERS]
    both = row.value[_SIZE.size :]
    size = _SIZE.unpack(row.value[: _SIZE.size])[0] if len(row.value) >= _SIZE.size else -1
    if not 0 <= size <= len(both) or size % DESCRIPTOR_BYTES or len(both) % DESCRIPTOR_BYTES:
        raise CodesMisshapen(f"the corners kept for photo {row.sha256} are cut; delete the row")
    return both[:size], both[size:]


def _unprint(row: Fingerprint) -> tuple[PrintedCode, ...]:
    try:
        return tuple(
            PrintedCode(kind=kind, text=text, box=Box(left=left, top=top, right=right, bottom=bottom))
            for kind, text, left, top, right, bottom in json.loads(row.value)
        )
    except (TypeError, ValueError) as error:
        raise CodesMisshapen(f"the codes kept for photo {row.sha256} are no codes; delete the row") from error


def _pack(code: ViewCode) -> bytes:
    box = code.view.box
    return _ONE.pack(
        _KINDS.index(code.view.kind),
        _POSITIONS.index(code.position),
        code.pdq.quality,
        box.left,
        box.top,
        box.right,
        box.bottom,
        code.pdq.code,
    )


def _unpack(row: Fingerprint) -> tuple[ViewCode, ...]:
    if len(row.value) % _ONE.size:
        raise CodesMisshapen(f"the codes kept for photo {row.sha256} have {len(row.value)} bytes; delete the row")
    codes = []
    for kind, position, quality, left, top, right, bottom, code in _ONE.iter_unpack(row.value):
        view = View(kind=_KINDS[kind], box=Box(left=left, top=top, right=right, bottom=bottom))
        codes.append(ViewCode(view=view, position=_POSITIONS[position], pdq=Pdq(code=code, quality=quality)))
    return tuple(codes)

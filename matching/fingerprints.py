"""
Photo hashes as `Fingerprint` rows, and back.

A photo has the two codes that are exchanged with others ("pdq" and "phash" of the whole picture, a row each), and one
row "pdq_views" that packs the codes of all its parts and positions: some sixty, which nobody asks for one by one.
Where it shows barcodes or QR codes, a row "printed_codes" holds them as JSON. A reference has a row "corners": the
descriptors of its corners and of its mirror image's, 32 bytes each.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import astuple

from matching.errors import CodesMisshapen
from matching.geometry import DESCRIPTOR_BYTES
from matching.images import HASH_VERSION, PhotoHash, ViewCode
from matching.printed_codes import PrintedCode
from matching.regions import Box, View, ViewKind
from store.pictures.pdq import CODE_BYTES, Dihedral, Pdq
from store.records.references import Fingerprint

PDQ, PHASH, VIEWS, PRINTED, CORNERS = "pdq", "phash", "pdq_views", "printed_codes", "corners"
LISTING, REFERENCE = "listing", "reference"
"""Variants of a "pdq_views" row: the two sides are cut into other parts."""

_KINDS = tuple(ViewKind)
_POSITIONS = tuple(Dihedral)
# Kind of part, position, quality, box (left, top, right, bottom), code.
_SIZE = struct.Struct("<I")  # bytes of the photo's own corners; those of its mirror image follow
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

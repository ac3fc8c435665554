"""The holder's photo among the listing's photos."""

from __future__ import annotations

from matching.circulation import common_photo
from matching.pair import Pair, PhotoHit
from matching.signals.examples import Example
from store.records.comparisons import Sign, SignFamily
from store.records.references import Medium

NAME = "photo"
NEGATIVE = "negative_reference"

_NEAR = 0.97  # fingerprints within the accepting radius
_VERIFIED = 0.92  # fingerprints far apart, the photos laid over each other agree
_LOGO = 0.6  # a logo is printed on boxes, bags and news: it says the mark, not the article
_NAMED = 5  # further references named in the sentence; the rest is counted
_MANY_INLIERS = 60  # more agreeing corners add nothing (chosen)


def read(pair: Pair) -> list[Sign]:
    """
    A photo of the listing is a photo the holder registered: the same bytes, the same picture by fingerprint, or the
    same picture cropped, framed, turned or written over, verified by laying one over the other. Two photos of the
    same thing are not the same photo. All photos together are one family of evidence.

    A match with a photo the holder registered as one to leave alone speaks against.
    """
    signs: list[Sign] = []
    if pair.photos:
        best = max(pair.photos, key=_strength)
        signs.append(_sign(best, NAME, against=False, also=_also(pair, pair.photos, best)))
    if pair.negative_photos:
        best = max(pair.negative_photos, key=_strength)
        signs.append(_sign(best, NEGATIVE, against=True, also=_also(pair, pair.negative_photos, best)))
    return signs


def _also(pair: Pair, hits: tuple[PhotoHit, ...], best: PhotoHit) -> str:
    """Say how many of the listing's photos are the holder's, and which, where it is more than the one told of."""
    shown = len(pair.look.input.photos)
    theirs = sorted({hit.photo.position + 1 for hit in hits})
    names = sorted({hit.reference.reference_ref for hit in hits} - {best.reference.reference_ref})
    said = []
    if len(theirs) > 1:
        said.append(f"In all {len(theirs)} of its {shown} photos match (numbers {', '.join(map(str, theirs))}).")
    if names:
        said.append(f"{len(names)} more reference(s) match: {', '.join(names[:_NAMED])}.")
    common = common_photo(pair)
    if common is not None:
        said.append(f"Many show it: {common.sentence}.")
    return " ".join(said)


def _strength(hit: PhotoHit) -> float:
    if hit.same_bytes:
        strength = 1.0
    elif hit.inliers is None:
        strength = _NEAR
    else:
        strength = _VERIFIED * (0.9 + 0.1 * min(1.0, hit.inliers / _MANY_INLIERS))
    return strength * (_LOGO if hit.reference.medium is Medium.LOGO else 1.0)


def _sign(hit: PhotoHit, signal: str, *, against: bool, also: str) -> Sign:
    name = hit.reference.reference_ref
    if hit.same_bytes:
        how = f"has the same bytes as reference {name}"
    elif hit.inliers is None:
        how = f"is reference {name} (fingerprints {hit.distance_bits} of 256 bits apart)"
    else:
        share = f", {hit.covered:.0%} of it shown" if hit.covered is not None else ""
        apart = f", {hit.distance_bits} bits apart" if hit.distance_bits is not None else ""
        how = f"is reference {name}, edited ({hit.inliers} corners agree{share}{apart})"
    if hit.mirrored:
        how += ", mirrored"
    more = f" {also}" if also else ""
    what = "to be left alone" if against else ""
    raw = {
        "reference": hit.reference.id,
        "same_bytes": str(hit.same_bytes).lower(),
        "photo_sha256": hit.photo.sha256,
        "position": str(hit.photo.position),
    }
    if hit.distance_bits is not None:
        raw["distance_bits"] = str(hit.distance_bits)
    if hit.inliers is not None:
        raw["inliers"] = str(hit.inliers)
    if hit.region is not None:
        box = hit.region
        raw["region"] = f"{box.left:.4f} {box.top:.4f} {box.right:.4f} {box.bottom:.4f}"
    return Sign(
        signal=signal,
        family=SignFamily.IMAGE,
        strength=_strength(hit),
        against=against,
        because=" ".join(f"Photo {hit.photo.position + 1} {how} {what}.".split()).replace(" .", ".") + more,
        ours=name,
        theirs=f"photo {hit.photo.position + 1}",
        capture=hit.photo.capture,
        raw=raw,
    )


EXAMPLES = (Example(why="no photo at all", speaks=False, title="Velmora handbag"),)

"""
Which references the photos of a look show: a cascade, the cheapest step first.

1. The same bytes.
2. A fingerprint within the accepting radius: of the whole it is the photo, of a part it is looked at closely.
3. A fingerprint of the photo or a part of it, straight or mirrored, within the wide radius: looked at closely.
4. Where nothing was found: references that share corners with it, looked at closely.

To look closely is to lay the reference over the photo: corners must agree on one plane, and tones under it.

What a run has seen is kept (`SeenPhotos`): photos of a lot of looks are asked of the index together, and a photo that
stands in a hundred listings is looked at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from config.policy import PhotoPolicy
from matching.geometry import Features
from matching.images import Agreement, verify_features
from matching.logos import LogoSeen
from matching.pair import ListingPhoto, PhotoHit
from matching.photo_index import Candidate, PhotoIndex
from matching.regions import WHOLE, View, ViewKind
from store.pictures.pdq import Dihedral
from store.records.references import Polarity, Reference

PictureReader = Callable[[str, View], Features | None]
"""Gives the corners of the picture with that SHA-256; None where it cannot be opened."""
ColourReader = Callable[[str], NDArray[np.uint8] | None]
"""Gives the picture with that SHA-256 in colour, height × width × 3; None where it cannot be opened."""

_WHOLE = (ViewKind.WHOLE, ViewKind.TRIMMED)
_PARTS = (ViewKind.TRIMMED, ViewKind.PANEL, ViewKind.QUARTER)
_WIDE = (Dihedral.ORIGINAL, Dihedral.FLIP_Y)  # a turned *and* edited copy is found by its corners
_VOTING_PANELS = 2  # a page's largest pictures vote for themselves: among its text they have few of the corners


KEPT = 20_000  # photos whose result is kept: most are shown by nothing, and a hit is some 500 bytes


class SeenPhotos:
    """What photos came to under one index, one policy and one vault; of all others nothing is kept."""

    __slots__ = ("_found", "_logos", "_near")

    def __init__(self) -> None:
        """Begin with none."""
        self._near: dict[str, list[Candidate[str]]] = {}
        self._found: dict[str, tuple[PhotoHit, ...]] = {}
        self._logos: dict[tuple[str, frozenset[str] | None], tuple[LogoSeen[str], ...]] = {}

    def look_up(self, index: PhotoIndex[str], photos: Iterable[ListingPhoto], radius_bits: int) -> None:
        """Ask for the near references of a lot of photos together; what was asked before is forgotten."""
        lot = list({photo.sha256: photo for photo in photos if photo.sha256 not in self._found}.values())
        near = index.search_lot([photo.hash.codes for photo in lot], radius_bits) if lot else []
        self._near = {photo.sha256: found for photo, found in zip(lot, near, strict=True)}

    def near(self, photo: ListingPhoto) -> list[Candidate[str]] | None:
        """The references that were looked up for a photo, nearest first; None where it was not asked for."""
        return self._near.get(photo.sha256)

    def found(self, photo: ListingPhoto) -> list[PhotoHit] | None:
        """What the same file came to elsewhere, as hits of this photo; None where it was not seen."""
        kept = self._found.get(photo.sha256)
        return None if kept is None else [replace(hit, photo=photo) for hit in kept]

    def keep(self, photo: ListingPhoto, hits: Iterable[PhotoHit]) -> None:
        """Keep what a photo came to; the one kept longest goes where there are too many."""
        while len(self._found) >= KEPT:
            del self._found[next(iter(self._found))]
        self._found[photo.sha256] = tuple(hits)

    def logos(self, photo: ListingPhoto, among: frozenset[str] | None) -> tuple[LogoSeen[str], ...] | None:
        """The logos that the same file showed when it was asked for these; None where it was not asked."""
        return self._logos.get((photo.sha256, among))

    def keep_logos(
        self, photo: ListingPhoto, among: frozenset[str] | None, logos: Iterable[LogoSeen[str]]
    ) -> tuple[LogoSeen[str], ...]:
        """Keep which of these logos a photo shows, and give them back."""
        while len(self._logos) >= KEPT:
            del self._logos[next(iter(self._logos))]
        kept = self._logos[photo.sha256, among] = tuple(logos)
        return kept


@dataclass(frozen=True, slots=True)
class PhotoFinder:
    """The references' side of the search; `by_bytes` names references by a file's SHA-256."""

    photos: PhotoIndex[str]
    by_bytes: Mapping[str, tuple[str, ...]]
    references: Mapping[str, Reference]

    def find(
        self, photos: Iterable[ListingPhoto], policy: PhotoPolicy, open_picture: PictureReader, seen: SeenPhotos
    ) -> tuple[list[PhotoHit], list[PhotoHit]]:
        """Give photos that are a reference, and those that are a reference to be left alone."""
        hits: list[PhotoHit] = []
        for photo in photos:
            found = seen.found(photo)
            if found is None:
                near = seen.near(photo)
                if near is None:
                    near = self.photos.search(photo.hash, policy.accept_bits)
                found = self._find_one(photo, near, policy, open_picture)
                seen.keep(photo, found)
            hits += found
        positive = [hit for hit in hits if hit.reference.polarity is Polarity.POSITIVE]
        return positive, [hit for hit in hits if hit.reference.polarity is Polarity.NEGATIVE]

    def _find_one(
        self, photo: ListingPhoto, near: list[Candidate[str]], policy: PhotoPolicy, open_picture: PictureReader
    ) -> list[PhotoHit]:
        found: dict[str, PhotoHit] = {}
        for reference in self.by_bytes.get(photo.sha256, ()):
            found[reference] = self._hit(reference, photo, same_bytes=True)
        closely: dict[str, Candidate[str]] = {}
        for candidate in near:
            if candidate.reference_id in found:
                continue
            pairing = candidate.variant
            if pairing.reference_view.kind in _WHOLE and pairing.view.kind in _WHOLE:
                found[candidate.reference_id] = self._hit(
                    candidate.reference_id,
                    photo,
                    distance_bits=candidate.distance_bits,
                    mirrored=pairing.position.is_mirrored,
                )
            else:
                closely[candidate.reference_id] = candidate
        if found and not closely:
            return list(found.values())
        wide = [code for code in photo.hash.codes if code.position in _WIDE]
        for candidate in self.photos.search(photo.hash, policy.candidate_bits, codes=wide):
            closely.setdefault(candidate.reference_id, candidate)
        nearest = sorted(closely.values(), key=lambda each: each.distance_bits)
        for candidate in [each for each in nearest if each.reference_id not in found][: policy.candidates]:
            hit = self._verify(candidate, photo, open_picture)
            if hit is not None:
                found[candidate.reference_id] = hit
        if not found:
            found = self._find_by_corners(photo, policy, open_picture)
        return list(found.values())

    def _verify(self, candidate: Candidate[str], photo: ListingPhoto, open_picture: PictureReader) -> PhotoHit | None:
        view = candidate.variant.view
        # A small picture on a large page is found only by looking at the part that was near (measured: one screenshot
        # in five by the whole page, four in five by the part).
        theirs = open_picture(photo.sha256, view if view.kind in _PARTS else WHOLE)
        ours = open_picture(self.references[candidate.reference_id].sha256, WHOLE)
        if ours is None or theirs is None:
            return None
        agreed = verify_features(ours, theirs, mirrored=candidate.variant.position.is_mirrored)
        return self._verified(candidate.reference_id, photo, agreed, candidate.distance_bits)

    def _find_by_corners(
        self, photo: ListingPhoto, policy: PhotoPolicy, open_picture: PictureReader
    ) -> dict[str, PhotoHit]:
        found: dict[str, PhotoHit] = {}
        if not policy.voted or not self.photos.can_vote:
            return found
        panels = {code.view.box: code.view for code in photo.hash.codes if code.view.kind is ViewKind.PANEL}
        largest = sorted(panels.values(), key=lambda view: -view.box.area)[:_VOTING_PANELS]
        for view in (WHOLE, *largest):
            theirs = open_picture(photo.sha256, view)
            if theirs is None:
                continue
            for vote in self.photos.vote(theirs, most=policy.voted, least=policy.vote_strength):
                ours = open_picture(self.references[vote.reference_id].sha256, WHOLE)
                if ours is None or vote.reference_id in found:
                    continue
                agreed = verify_features(ours, theirs, mirrored=vote.mirrored)
                hit = self._verified(vote.reference_id, photo, agreed, None)
                if hit is not None:
                    found[vote.reference_id] = hit
        return found

    def _verified(
        self, reference: str, photo: ListingPhoto, agreed: Agreement, distance_bits: int | None
    ) -> PhotoHit | None:
        if not agreed.same:
            return None
        return PhotoHit(
            reference=self.references[reference],
            photo=photo,
            same_bytes=False,
            distance_bits=distance_bits,
            inliers=agreed.inliers,
            covered=agreed.covered,
            region=agreed.box,
            mirrored=agreed.mirrored,
        )

    def _hit(
        self,
        reference: str,
        photo: ListingPhoto,
        *,
        same_bytes: bool = False,
        distance_bits: int = 0,
        mirrored: bool = False,
    ) -> PhotoHit:
        return PhotoHit(
            reference=self.references[reference],
            photo=photo,
            same_bytes=same_bytes,
            distance_bits=distance_bits,
            inliers=None,
            covered=None,
            region=None,
            mirrored=mirrored,
        )

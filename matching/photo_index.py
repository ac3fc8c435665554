"""
The photos of references, searched by a listing's photo: by fingerprint within a radius, and by shared corners.

Both only propose; `photo_search` decides by laying the pictures over each other.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.codes import words_of
from matching.errors import CodesMisshapen
from matching.geometry import Features
from matching.images import PhotoHash, ViewCode
from matching.index import CodeIndex, keep_index
from matching.regions import View
from matching.votes import CornerVotes
from store.pictures.pdq import Dihedral

K = TypeVar("K", bound=Hashable)


class Pairing(NamedTuple):
    """Which part of the reference resembles which part of the listing's photo, and how that one was laid."""

    reference_view: View
    view: View
    position: Dihedral


class Candidate(NamedTuple, Generic[K]):
    """A reference whose fingerprint lies within the radius."""

    reference_id: K
    distance_bits: int
    variant: Pairing


class Voted(NamedTuple, Generic[K]):
    """A reference that shares corners with a photo, whether mirrored, and how far above chance."""

    reference_id: K
    mirrored: bool
    strength: float


class PhotoIndex(Generic[K]):
    """The fingerprints and corners of references, searched exactly by code; immutable once built."""

    __slots__ = ("_codes", "_labels", "_owners", "_reference_ids", "_rows", "_views", "_voters", "_votes")

    def __init__(
        self,
        rows: Iterable[tuple[K, Iterable[ViewCode]]],
        corners: Mapping[K, tuple[bytes, bytes]] | None = None,
        *,
        folder: Path | None = None,
        name: str = "",
    ) -> None:
        """
        Take references and their codes, as `hash_reference(...).codes`; an id may come more than once.

        `corners` are those of references and of their mirror images, by id; without them nothing is voted for.
        With a `folder` the codes are kept there as the index `name` and mapped into memory; the next index of that
        folder is made from what changed.
        """
        self._reference_ids: list[K] = []
        self._views: list[View] = []
        owners: list[int] = []
        codes: list[bytes] = []
        for reference_id, view_codes in rows:
            for view_code in view_codes:
                if view_code.position is not Dihedral.ORIGINAL:
                    raise CodesMisshapen(
                        f"reference {reference_id} brings a {view_code.position.value} code; "
                        "references are indexed as they stand: use hash_reference"
                    )
                codes.append(view_code.pdq.code)
                self._views.append(view_code.view)
                owners.append(len(self._reference_ids))
            self._reference_ids.append(reference_id)
        self._owners = np.array(owners, dtype=np.int64)
        words = words_of(codes)
        if folder is None:
            labels = np.arange(len(codes), dtype=np.uint64)
            self._codes = CodeIndex.of(words, labels)
        else:
            owned = [f"{self._reference_ids[owner]} {view}" for owner, view in zip(owners, self._views, strict=True)]
            labels = _labels(owned, codes)
            content = blake2b(labels.tobytes(), digest_size=8).hexdigest()
            self._codes = keep_index(folder, f"{name[:32]}-{content}", words, labels)
        self._rows = np.argsort(labels, kind="stable")
        self._labels = labels[self._rows]
        self._voters = list(corners or {})
        self._votes = CornerVotes((corners or {}).values())

    def __len__(self) -> int:
        """Count the codes (not the references)."""
        return len(self._views)

    def search(
        self, photo_hash: PhotoHash, radius_bits: int, *, codes: Sequence[ViewCode] | None = None
    ) -> list[Candidate[K]]:
        """
        Give each reference with a code within `radius_bits` of one of the photo's, nearest first.

        A reference comes once, with the pair of parts that lie nearest. `codes` are those of the photo's that are
        asked for, all where none are named.
        """
        return self.search_lot([photo_hash.codes if codes is None else codes], radius_bits)[0]

    def search_lot(self, lot: Sequence[Sequence[ViewCode]], radius_bits: int) -> list[list[Candidate[K]]]:
        """Do as `search` for the codes of many photos together, which takes a fraction of the time for each."""
        photos = [photo for photo, codes in enumerate(lot) for _ in codes]
        asked = [code for codes in lot for code in codes]
        near = self._codes.search(words_of([code.pdq.code for code in asked]), radius_bits)
        best: list[dict[K, Candidate[K]]] = [{} for _ in lot]
        rows = self._rows[np.searchsorted(self._labels, near.labels)]
        for by, row, distance_bits in zip(near.queries.tolist(), rows.tolist(), near.distances.tolist(), strict=True):
            reference_id = self._reference_ids[self._owners[row]]
            known = best[photos[by]].get(reference_id)
            if known is None or distance_bits < known.distance_bits:
                pairing = Pairing(self._views[row], asked[by].view, asked[by].position)
                best[photos[by]][reference_id] = Candidate(reference_id, distance_bits, pairing)
        return [sorted(each.values(), key=lambda candidate: candidate.distance_bits) for each in best]

    @property
    def can_vote(self) -> bool:
        """Whether any reference has corners: without them a photo's need not be found."""
        return len(self._votes) > 0

    def vote(self, features: Features, *, most: int, least: float) -> list[Voted[K]]:
        """Give at most `most` references whose corners the picture shares, none below the strength `least`."""
        votes = self._votes.count(features, most=most, least=least)
        return [Voted(self._voters[vote.reference], vote.mirrored, vote.strength) for vote in votes]


def _labels(owned: Sequence[str], codes: Sequence[bytes]) -> NDArray[np.uint64]:
    """Give each code the number that its reference, part and bits make: the same in every run."""
    digests = [blake2b(who.encode() + code, digest_size=8).digest() for who, code in zip(owned, codes, strict=True)]
    return np.frombuffer(b"".join(digests), dtype=np.uint64)

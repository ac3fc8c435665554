"""
Which references share corners with a photo, however it was cropped, pasted or turned: descriptor voting.

    ballot = CornerVotes(rows)                       # (reference, corners, corners of its mirror image)
    ballot.count(features, most=8) -> [Vote, ...]    # the most voted first

Corners of references lie in hash tables by some of their bits (locality-sensitive hashing: Indyk, Motwani 1998). A
corner of a photo votes for every reference with a corner in its bucket; a full bucket's votes weigh little. Votes are
counted over the photo and in each quarter of it, so that one picture of a collage stands out. This proposes; laying
one picture over the other decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.geometry import DESCRIPTOR_BYTES, Features

QUERY_CORNERS = 500  # that vote: more find small parts (a quarter, a two-thirds crop), and cost
# Eight tables of 22 bits: a corner whose descriptor differs in a tenth of its bits meets its own in one table of ten.
# 24 bits find 1 % more and take four times the starts; 20 bits find 1 % less (1,800 references, 37 edits).
_TABLES, _MOST_KEY_BITS, _LEAST_KEY_BITS = 8, 22, 12
_UNPACKED_AT_ONCE = 16_384  # corners: 4 MB of single bits
_CROWDED = 0.02  # share of the references in one bucket from which it tells nothing: bare edges, print (chosen)
_LEAST_CROWD = 30  # corners a bucket may always hold
# How many are looked at whatever the others have, and from how many median deviations above the middle any other is
# (1.4826 of them are a standard deviation). Chosen on crops of photos among 20, 60 and 300 references; see README.
_ALWAYS = 2
_STANDS_OUT = 5 * 1.4826


class Vote(NamedTuple):
    """A reference by its place in the rows, whether its mirror image was voted for, and how far above chance."""

    reference: int
    mirrored: bool
    strength: float


class CornerVotes:
    """Corners of references, ready to be voted for; immutable once built."""

    __slots__ = ("_bits", "_crowd", "_owners", "_references", "_starts")

    def __init__(self, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Take, by reference, its corners' descriptors (32 bytes each) and those of its mirror image."""
        parts: list[bytes] = []
        sizes: list[int] = []
        for straight, mirrored in rows:
            parts += (straight, mirrored)
            sizes += (len(straight) // DESCRIPTOR_BYTES, len(mirrored) // DESCRIPTOR_BYTES)
        self._references = len(sizes) // 2
        descriptors = np.frombuffer(b"".join(parts), dtype=np.uint8).reshape(-1, DESCRIPTOR_BYTES)
        owners = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
        chance = np.random.default_rng(22)  # the same bits in every process
        # Some four buckets a corner, up to the most: few references need no large tables.
        width = min(max(len(owners).bit_length() + 2, _LEAST_KEY_BITS), _MOST_KEY_BITS)
        self._bits = [np.sort(chance.choice(8 * DESCRIPTOR_BYTES, width, replace=False)) for _ in range(_TABLES)]
        self._crowd = max(_LEAST_CROWD, _CROWDED * self._references)
        self._starts: list[NDArray[np.uint32]] = []
        self._owners: list[NDArray[np.int32]] = []
        for keys in self._keys(descriptors):
            starts = np.zeros(2**width + 1, dtype=np.uint32)
            np.cumsum(np.bincount(keys, minlength=2**width), out=starts[1:])
            self._starts.append(starts)
            self._owners.append(owners[np.argsort(keys, kind="stable")])

    def __len__(self) -> int:
        """Count the references."""
        return self._references

    def count(self, features: Features, *, most: int, least: float = 0.0) -> list[Vote]:
        """
        Give at most `most` references, the most voted first, none below the strength `least` or lost among others.

        Strength is the weight of the votes over the square root of all that were cast in that part of the photo:
        accidents grow with that root.
        """
        descriptors, points = features.descriptors[:QUERY_CORNERS], features.points[:QUERY_CORNERS]
        if not self._references or not len(descriptors):
            return []
        height_px, width_px = features.grey.shape
        region = (points[:, 1] >= height_px / 2) * 2 + (points[:, 0] >= width_px / 2)
        places: list[NDArray[np.int64]] = []
        weights: list[NDArray[np.float64]] = []
        sides = 2 * self._references
        for keys, starts, owners in zip(self._keys(descriptors), self._starts, self._owners, strict=True):
            first = starts.take(keys).astype(np.int64)
            held = starts.take(keys + np.uint32(1)).astype(np.int64) - first
            held[held > self._crowd] = 0
            inner = np.arange(int(held.sum())) - np.repeat(np.cumsum(held) - held, held)
            places.append(np.repeat(region * sides, held) + owners.take(np.repeat(first, held) + inner))
            weights.append(np.repeat(1 / np.sqrt(np.maximum(held, 1)), held))
        cast = np.bincount(np.concatenate(places), np.concatenate(weights), minlength=4 * sides).reshape(4, sides)
        by_region = np.concatenate([cast, cast.sum(axis=0, keepdims=True)])
        by_region /= np.sqrt(1 + by_region.sum(axis=1, keepdims=True))
        strength = by_region.max(axis=0)
        above = np.flatnonzero(strength > least)
        best = above[np.argsort(-strength[above], kind="stable")[: 2 * most]].tolist()
        firsts = dict.fromkeys(side // 2 for side in best)
        # Among few references everybody is voted for: the first ones are looked at, others only where they stand out
        # in a part of the photo. Where there are no others, nobody asks what all have.
        stands_out = self._stand_out(by_region, best) if len(firsts) > _ALWAYS else set(best)
        found: dict[int, Vote] = {}
        for side in best:
            if len(found) < _ALWAYS or side in stands_out:
                found.setdefault(side // 2, Vote(side // 2, bool(side % 2), float(strength[side])))
        return list(found.values())[:most]

    def _stand_out(self, by_region: NDArray[np.float64], sides: list[int]) -> set[int]:
        """Which of some sides have, in a part of the photo, far more than the middle of all."""
        middle = np.median(by_region, axis=1, keepdims=True)
        deviation = np.median(np.abs(by_region - middle), axis=1, keepdims=True)
        out = (by_region[:, sides] > middle + _STANDS_OUT * deviation).any(axis=0)
        return {sides[at] for at in np.flatnonzero(out).tolist()}

    def _keys(self, descriptors: NDArray[np.uint8]) -> Iterable[NDArray[np.uint32]]:
        """Give, table by table, the bucket of each descriptor."""
        # By blocks: unpacked at once, the corners of 20,000 references would take 2.6 GB. A photo's are one block.
        starts = range(0, len(descriptors), _UNPACKED_AT_ONCE)
        only = np.unpackbits(descriptors, axis=1) if len(starts) == 1 else None
        for chosen in self._bits:
            keys = np.empty(len(descriptors), dtype=np.uint32)
            for start in starts:
                part = slice(start, start + _UNPACKED_AT_ONCE)
                bits = np.unpackbits(descriptors[part], axis=1) if only is None else only
                octets = np.packbits(bits.take(chosen, axis=1), axis=1)  # the last one is filled up with noughts
                block = np.zeros(len(octets), dtype=np.uint32)
                for octet in octets.T:
                    block = block << np.uint32(8) | octet
                keys[part] = block >> np.uint32(8 * octets.shape[1] - len(chosen))
            yield keys

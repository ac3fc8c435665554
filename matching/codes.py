"""
Exact search among 256-bit codes: every neighbour within a radius, with its distance, and nothing else.

    table = CodeTable.of(codes)                  # n × 4 words
    table.search(queries, radius) -> Neighbours

Two ways lead to the same answer, and the cheaper one is taken by size and radius. *Brute force* compares every code.
*Multi-index hashing* (Norouzi, Punjani, Fleet 2012) cuts codes into chunks: two codes within the radius agree almost
exactly in one of them, so only codes that share nearly a chunk are compared. Its work grows with the radius so fast
that above about 40 bits brute force is the exact way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from matching.errors import CodesMisshapen

BITS = 256
WORDS = 4

Words = NDArray[np.uint64]
Rows = NDArray[np.int64]

_BLOCK = 16_384  # codes compared at once: 128 kB a column, so that the four and two buffers stay in the cache
_PROBES_AT_ONCE = 1 << 19  # buckets asked for together: 4 MB an array
_CANDIDATES_AT_ONCE = 1 << 19  # codes fetched together: 16 MB
_MIN_CHUNK_BITS, _MAX_CHUNK_BITS = 8, 24  # four bytes hold a chunk at any bit; 2^24 starts are 64 MB a chunk
MIN_FOR_TABLES = 5_000  # codes; below, a pass over all takes less than look-ups, however many are asked at once
# Nanoseconds a word of a code compared in a pass, a bucket asked for, and a code fetched from a bucket (measured on
# one core, batches of 64 and more): only their ratios decide.
_PASS_NS, _PROBE_NS, _FETCH_NS = 1.0, 25.0, 60.0
_CHUNK_NS, _BLOCK_NS = 60_000.0, 12_000.0  # calls of numpy for a chunk, whatever is asked, and a block of a pass
# Up to these bits the first two words (three) of strangers alone differ in more, but for one pair in 10^4: a pass
# compares those first. Strangers differ in 64 of 128 bits, give or take 5.7, and in 96 of 192, give or take 6.9.
_TELLING = ((2, 42), (3, 70))


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """Pairs within the radius: query, row and distance in bits side by side, by query, then nearest, then row."""

    queries: Rows
    rows: Rows
    distances: NDArray[np.uint16]

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self.rows)


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """
    One chunk's buckets: codes whose chunk reads k are `rows[starts[k] : starts[k + 1]]`.

    Both are uint32; `bits` wide, `first` bits into the shuffled code.
    """

    first: int
    bits: int
    starts: NDArray[np.uint32]
    rows: NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class CodeTable:
    """
    Codes ready to be searched, n × 4 words as `shuffle` gives them; arrays may be mapped from a file.

    Without `chunks` every search is a pass over all codes.
    """

    shuffled: Words
    chunks: tuple[Chunk, ...] = ()

    @classmethod
    def of(cls, codes: Words, *, with_chunks: bool = True) -> CodeTable:
        """A table in memory, with chunks where there are enough codes for them to help."""
        shuffled = shuffle(codes)
        if not with_chunks or len(shuffled) < MIN_FOR_TABLES:
            return cls(shuffled)
        return cls(shuffled, tuple(build_chunk(shuffled, *cut) for cut in cuts_for(len(shuffled))))

    def __len__(self) -> int:
        """Count the codes."""
        return len(self.shuffled)

    def search(self, queries: Words, radius: int) -> Neighbours:
        """
        Every code within `radius` bits of a query, 0 to 256; `queries` is q × 4 words.

        Raises `CodesMisshapen` for queries of another shape or a radius that is none.
        """
        if not 0 <= radius <= BITS:
            raise CodesMisshapen(f"a radius of {radius} bits; codes lie 0 to {BITS} bits apart")
        asked = shuffle(queries)
        if not len(asked) or not len(self):
            return _nothing()
        if self.prefers_chunks(radius, len(asked)):
            return search_chunks(self.shuffled, self.chunks, asked, radius)
        return search_all(self.shuffled, asked, radius)

    def prefers_chunks(self, radius: int, queries: int) -> bool:
        """Whether multi-index hashing is the cheaper way at this radius, for so many queries at once."""
        if not self.chunks or not queries:
            return False
        cost = _CHUNK_NS * len(self.chunks) / queries
        for chunk, reach in zip(self.chunks, _reaches(len(self.chunks), radius), strict=True):
            probes = _ball_size(chunk.bits, reach)
            cost += probes * (_PROBE_NS + _FETCH_NS * len(self) / 2**chunk.bits)
        return cost < _pass_ns(len(self), radius)


def _pass_ns(codes: int, radius: int) -> float:
    """What a pass over so many codes takes."""
    words = next((count for count, most in _TELLING if radius <= most), WORDS)
    return codes * words * _PASS_NS + math.ceil(codes / _BLOCK) * _BLOCK_NS


def words_of(codes: Sequence[bytes]) -> Words:
    """Codes of 32 bytes as n × 4 words. Raises `CodesMisshapen` for any other length."""
    wrong = next((code for code in codes if len(code) != BITS // 8), None)
    if wrong is not None:
        raise CodesMisshapen(f"a code has {len(wrong)} bytes, not {BITS // 8}; is it a PDQ?")
    return np.frombuffer(b"".join(codes), dtype=np.uint64).reshape(-1, WORDS)


def shuffle(codes: Words) -> Words:
    """
    The same codes with their bits in another order, which is the same for all; distances stay.

    Neighbouring bits of a PDQ are neighbouring frequencies and often agree; spread apart, the buckets fill evenly.
    """
    if codes.ndim != 2 or codes.shape[1] != WORDS or codes.dtype != np.uint64:
        raise CodesMisshapen(
            f"codes of shape {codes.shape} and type {codes.dtype}; n × {WORDS} of uint64 are searched"
        )
    shuffled = np.empty_like(codes, order="C")
    for start in range(0, len(codes), _BLOCK):
        block = np.ascontiguousarray(codes[start : start + _BLOCK])
        bits = np.unpackbits(block.view(np.uint8), axis=1)
        shuffled[start : start + _BLOCK] = np.packbits(bits.take(_ORDER, axis=1), axis=1).view(np.uint64)
    return shuffled


def cuts_for(count: int) -> list[tuple[int, int]]:
    """
    First bit and width of the chunks for so many codes.

    A bucket then holds a third of a code on average: fewer, wider chunks ask for more buckets and fetch fewer codes,
    and fetching is what costs (12 chunks beat 13 by a fifth and 16 by two fifths at 10^6 codes, radius 31).
    """
    wanted = min(max(math.log2(max(count, 2)) + 1.5, _MIN_CHUNK_BITS), _MAX_CHUNK_BITS)
    chunks = max(round(BITS / wanted), math.ceil(BITS / _MAX_CHUNK_BITS))
    edges = [round(BITS * at / chunks) for at in range(chunks + 1)]
    return [(first, last - first) for first, last in pairwise(edges)]


def build_chunk(shuffled: Words, first: int, bits: int) -> Chunk:
    """Sort codes into the buckets of one chunk; needs 16 bytes a code while it lasts."""
    keys = _keys(shuffled, first, bits)
    ordered = keys.astype(np.uint64) << np.uint64(32) | np.arange(len(keys), dtype=np.uint64)
    ordered.sort()
    starts = np.zeros(2**bits + 1, dtype=np.uint32)
    np.cumsum(np.bincount(keys, minlength=2**bits), out=starts[1:])
    return Chunk(first, bits, starts, ordered.astype(np.uint32))


def search_all(shuffled: Words, asked: Words, radius: int) -> Neighbours:
    """Compare every code with every query (both shuffled): the oracle, and the way for wide radii."""
    if radius >= BITS:
        every = [np.arange(len(shuffled), dtype=np.int64)] * len(asked)
        return _judged(
            shuffled, asked, np.repeat(np.arange(len(asked)), len(shuffled)), np.concatenate(every), radius
        )
    found_by: list[Rows] = []
    found_rows: list[Rows] = []
    size = min(_BLOCK, len(shuffled))
    words = next((count for count, most in _TELLING if radius <= most), WORDS)
    differing = np.empty(size, dtype=np.uint64)
    counted, total = np.empty(size, dtype=np.uint8), np.empty(size, dtype=np.uint8)
    for start in range(0, len(shuffled), _BLOCK):
        columns = np.ascontiguousarray(shuffled[start : start + _BLOCK, :words].T)
        n = columns.shape[1]
        for number, query in enumerate(asked):
            np.bitwise_xor(columns[0], query[0], out=differing[:n])
            np.bitwise_count(differing[:n], out=total[:n])
            for column, word in zip(columns[1:], query[1:words], strict=True):
                np.bitwise_xor(column, word, out=differing[:n])
                np.bitwise_count(differing[:n], out=counted[:n])
                np.add(total[:n], counted[:n], out=total[:n])
            # Eight bits hold 255: the inverse code, 256 bits away, comes out as 0 and is dropped when judged.
            if total[:n].min() <= radius:
                rows = np.flatnonzero(total[:n] <= radius) + start
                found_rows.append(rows)
                found_by.append(np.full(len(rows), number, dtype=np.int64))
    if not found_rows:
        return _nothing()
    return _judged(shuffled, asked, np.concatenate(found_by), np.concatenate(found_rows), radius)


def search_chunks(shuffled: Words, chunks: Sequence[Chunk], asked: Words, radius: int) -> Neighbours:
    """
    Compare each query only with codes that nearly share a chunk with it (both shuffled); misses none.

    A query whose buckets hold more codes than a pass compares in the same time is answered by a pass.
    """
    reaches = _reaches(len(chunks), radius)
    balls = [(chunk, _ball(chunk.bits, reach)) for chunk, reach in zip(chunks, reaches, strict=True) if reach >= 0]
    step = max(1, _PROBES_AT_ONCE // max(sum(len(masks) for _, masks in balls), 1))
    most = _pass_ns(len(shuffled), radius) / _FETCH_NS
    found: list[Neighbours] = []
    for start in range(0, len(asked), step):
        part = asked[start : start + step]
        probed = [_Probed.of(chunk, masks, part) for chunk, masks in balls]
        candidates = np.zeros(len(part))
        for each in probed:
            candidates += np.bincount(each.queries, each.sizes, minlength=len(part))
        crowded = candidates > most
        for each in probed:
            found.extend(each.without(crowded).compared(shuffled, part, start, radius))
        if crowded.any():
            at = np.flatnonzero(crowded)
            near = search_all(shuffled, part[at], radius)
            found.append(Neighbours(at[near.queries] + start, near.rows, near.distances))
    if not found:
        return _nothing()
    by = np.concatenate([each.queries for each in found])
    rows = np.concatenate([each.rows for each in found])
    distances = np.concatenate([each.distances for each in found])
    # A neighbour that shares several chunks was met several times.
    _, first = np.unique(by * len(shuffled) + rows, return_index=True)
    return _ordered(by[first], rows[first], distances[first])


@dataclass(frozen=True, slots=True, eq=False)
class _Probed:
    """The buckets of one chunk that hold something: whose they are, where they begin, how many codes they hold."""

    chunk: Chunk
    queries: Rows
    starts: Rows
    sizes: Rows

    @classmethod
    def of(cls, chunk: Chunk, masks: NDArray[np.uint32], asked: Words) -> _Probed:
        """Ask for the buckets of some queries that lie within the masks."""
        buckets = (_keys(asked, chunk.first, chunk.bits)[:, None] ^ masks).ravel().astype(np.int64)
        starts = chunk.starts.take(buckets)
        buckets += 1
        sizes = chunk.starts.take(buckets)
        sizes -= starts
        filled = np.flatnonzero(sizes != 0)  # of truths it takes a third of the time
        return cls(
            chunk,
            filled // len(masks),
            starts.take(filled).astype(np.int64),
            sizes.take(filled).astype(np.int64),
        )

    def without(self, crowded: NDArray[np.bool_]) -> _Probed:
        """Leave out the buckets of some queries."""
        if not crowded.any():
            return self
        kept = ~crowded.take(self.queries)
        return _Probed(self.chunk, self.queries[kept], self.starts[kept], self.sizes[kept])

    def compared(self, shuffled: Words, asked: Words, first_query: int, radius: int) -> list[Neighbours]:
        """Compare the codes of these buckets, as many at once as memory allows."""
        ends = np.cumsum(self.sizes)
        found: list[Neighbours] = []
        begin = done = 0
        while begin < len(ends):
            end = max(begin + 1, int(np.searchsorted(ends, done + _CANDIDATES_AT_ONCE)))
            part = self.sizes[begin:end]
            # The n-th code fetched is the n-th from the bucket's start, less what the buckets before it held.
            offsets = self.starts[begin:end] - (ends[begin:end] - part - done)
            total = int(ends[end - 1]) - done
            places = np.repeat(offsets, part)
            places += np.arange(total)
            rows = self.chunk.rows.take(places).astype(np.int64)
            near = _judged(shuffled, asked, np.repeat(self.queries[begin:end], part), rows, radius, order=False)
            if len(near):
                found.append(Neighbours(near.queries + first_query, near.rows, near.distances))
            begin, done = end, done + total
        return found


def _judged(shuffled: Words, asked: Words, by: Rows, rows: Rows, radius: int, *, order: bool = True) -> Neighbours:
    """Keep the pairs that lie within the radius."""
    differing = shuffled.take(rows, axis=0)
    differing ^= asked.take(by, axis=0)
    # Four counts of up to 64 stand in four bytes; the product gathers their sum in the highest, where 256 reads 0.
    counts = np.bitwise_count(differing).view(np.uint32).ravel()
    sums = counts * np.uint32(0x01010101)
    sums >>= np.uint32(24)
    distances = sums.astype(np.uint16)
    if counts.size and counts.max() == _EVERY_BIT:
        distances[counts == _EVERY_BIT] = BITS
    near = np.flatnonzero(distances <= radius)
    if not order:
        return Neighbours(by[near], rows[near], distances[near])
    return _ordered(by[near], rows[near], distances[near])


def _ordered(by: Rows, rows: Rows, distances: NDArray[np.uint16]) -> Neighbours:
    order = np.lexsort((rows, distances, by))
    return Neighbours(by[order], rows[order], distances[order])


def _nothing() -> Neighbours:
    return Neighbours(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint16))


def _keys(shuffled: Words, first: int, bits: int) -> NDArray[np.uint32]:
    """What each code reads in one chunk."""
    at, shift = first // 8, 32 - bits - first % 8
    octets = shuffled.view(np.uint8).reshape(len(shuffled), BITS // 8)
    key = np.zeros(len(shuffled), dtype=np.uint32)
    for place in range(4):
        if at + place < BITS // 8:
            key |= octets[:, at + place].astype(np.uint32) << np.uint32(24 - 8 * place)
    return key >> np.uint32(shift) & np.uint32(2**bits - 1)


def _reaches(chunks: int, radius: int) -> list[int]:
    """
    How far to look in each chunk: a code further than its reach t in every one lies sum(t + 1) bits away or more.

    -1 says that a chunk need not be looked at.
    """
    least, more = divmod(radius + 1, chunks)
    return [least - 1 + (at < more) for at in range(chunks)]


def _ball_size(bits: int, reach: int) -> int:
    return sum(math.comb(bits, flipped) for flipped in range(reach + 1))


@lru_cache(maxsize=64)
def _ball(bits: int, reach: int) -> NDArray[np.uint32]:
    """Every way to flip up to `reach` of so many bits."""
    masks = [
        sum(1 << place for place in flipped)
        for count in range(reach + 1)
        for flipped in combinations(range(bits), count)
    ]
    ball = np.array(sorted(masks), dtype=np.uint32)  # neighbours in memory are asked for together
    ball.setflags(write=False)
    return ball


_EVERY_BIT = 0x40404040  # the counts of a code's inverse
# A stride that shares no divisor with 256 visits every bit once, neighbours 101 places apart (chosen).
_ORDER = (np.arange(BITS) * 101) % BITS

"""Both ways of searching give every neighbour and no other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from matching import codes
from matching.codes import CodeTable, build_chunk, cuts_for, search_all, search_chunks, shuffle, words_of
from matching.errors import CodesMisshapen


def drawn(count: int, seed: int) -> NDArray[np.uint64]:
    """Codes in families: random ones, and others a few bits to half the code away from them."""
    chance = np.random.default_rng(seed)
    bits = chance.integers(0, 2, (count, codes.BITS), dtype=np.uint8)
    half = count // 2
    share = chance.uniform(0, 0.3, (half, 1))
    bits[half : 2 * half] = bits[:half] ^ (chance.random((half, codes.BITS), dtype=np.float32) < share)
    return np.packbits(bits, axis=1).view(np.uint64)


def plainly(rows: NDArray[np.uint64], asked: NDArray[np.uint64], radius: int) -> list[tuple[int, int, int]]:
    """The definition, one pair at a time."""
    found = [
        (number, int(np.bitwise_count(row ^ query).sum()), at)
        for number, query in enumerate(asked)
        for at, row in enumerate(rows)
    ]
    return sorted(pair for pair in found if pair[1] <= radius)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), radius=st.sampled_from([0, 3, 17, 31, 32, 60, 72, 128, 255, 256]))
def test_both_ways_find_exactly_the_neighbours(seed: int, radius: int) -> None:
    rows, asked = drawn(120, seed), drawn(6, seed + 1)
    asked[0], asked[1], asked[2] = rows[7], ~rows[8], rows[100]
    wanted = plainly(rows, asked, radius)
    shuffled, questions = shuffle(rows), shuffle(asked)
    ways = [search_all(shuffled, questions, radius)]
    if radius <= 60:  # beyond, the ball of a chunk is larger than memory: never asked for (`prefers_chunks`)
        chunks = tuple(build_chunk(shuffled, *cut) for cut in cuts_for(len(rows)))
        ways.append(search_chunks(shuffled, chunks, questions, radius))
    for near in ways:
        got = list(zip(near.queries.tolist(), near.distances.tolist(), near.rows.tolist(), strict=True))
        assert got == wanted


def test_a_large_table_takes_chunks_for_small_radii_and_a_pass_for_wide_ones() -> None:
    rows = drawn(codes.MIN_FOR_TABLES, 3)
    table = CodeTable.of(rows)
    assert [table.prefers_chunks(radius, 1_000) for radius in (0, 31, 72, 256)] == [True, True, False, False]
    assert not table.prefers_chunks(31, 1)
    asked = rows[-40:]
    near, oracle = table.search(asked, 31), search_all(table.shuffled, shuffle(asked), 31)
    for name in ("queries", "rows", "distances"):
        assert np.array_equal(getattr(near, name), getattr(oracle, name))


def test_few_codes_need_no_chunks() -> None:
    assert CodeTable.of(drawn(100, 1)).chunks == ()


def test_the_cuts_cover_every_bit_once() -> None:
    for count in (1, 1000, 600_000, 10**7, 10**9):
        cuts = cuts_for(count)
        assert [bit for first, bits in cuts for bit in range(first, first + bits)] == list(range(codes.BITS))
        assert max(bits for _, bits in cuts) <= 24


def test_shuffling_keeps_distances() -> None:
    rows = drawn(50, 9)
    kept = np.bitwise_count(rows[:25] ^ rows[25:]).sum(axis=1)
    assert np.array_equal(kept, np.bitwise_count(shuffle(rows)[:25] ^ shuffle(rows)[25:]).sum(axis=1))


def test_what_is_no_code_is_refused() -> None:
    table = CodeTable.of(drawn(10, 1))
    with pytest.raises(CodesMisshapen, match="searched"):
        table.search(np.zeros((1, 3), dtype=np.uint64), 31)
    with pytest.raises(CodesMisshapen, match="radius"):
        table.search(drawn(1, 1), 257)
    with pytest.raises(CodesMisshapen, match="is it a PDQ"):
        words_of([b"short"])


def test_nothing_is_found_among_nothing() -> None:
    assert len(CodeTable.of(drawn(0, 1)).search(drawn(2, 1), 31)) == 0
    assert len(CodeTable.of(drawn(4, 1)).search(drawn(0, 1), 31)) == 0


def test_a_query_among_crowded_buckets_is_answered_exactly_too() -> None:
    """Many codes that differ in the last word alone: every bucket of the first chunks holds them all."""
    chance = np.random.default_rng(11)
    rows = drawn(3_000, 12)
    rows[:2_000, :3] = rows[0, :3]
    rows[:2_000, 3] = rows[0, 3] ^ (np.uint64(1) << chance.integers(0, 64, 2_000).astype(np.uint64))
    asked = np.concatenate([rows[:3], rows[-3:]])
    shuffled, questions = shuffle(rows), shuffle(asked)
    chunks = tuple(build_chunk(shuffled, *cut) for cut in cuts_for(len(rows)))
    near, oracle = search_chunks(shuffled, chunks, questions, 31), search_all(shuffled, questions, 31)
    assert len(near) > 6_000
    for name in ("queries", "rows", "distances"):
        assert np.array_equal(getattr(near, name), getattr(oracle, name))

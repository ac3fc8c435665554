"""
The search for near codes beside faiss and a plain pass: 600,000 codes at 72 bits, 10^6 and 10^7 at 31.

Codes are PDQ of real photos and of crops and edits of them, brought to scale by flipping 16 to 64 of their bits; a
second set is uniformly random. Queries are codes of the table, 20 bits off; rates are medians of three rounds in one
process and one thread, ours and the peers in turn, by processor time: on a shared machine the clock measures others.
The peers at 10^7 compare fewer queries: a pass takes its time.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from matching.codes import BITS, search_all, shuffle
from matching.errors import Unhashable
from matching.images import hash_reference, open_photo
from matching.index import CodeIndex, build_index_files, open_index
from tests.benchmarks.frame import Benchmark, Row
from tests.pairs.photo_edits import cropped, save

PHOTOS = 150  # real photos whose codes are brought to scale: two seconds
SIZES = ((600_000, 72), (1_000_000, 31), (10_000_000, 31))
BATCH = 1_024
SINGLES = 200  # queries asked one by one
PEER_BITS_AT_ONCE = 64_000_000_000  # codes times queries a peer compares: a few seconds
ROUNDS = 3

Words = NDArray[np.uint64]


def run(*, data: Path | None, seed: int | None, size: int | None) -> Benchmark:
    """Measure; `size` scales the numbers of codes to this many per million, `data` holds `images/`."""
    chance = np.random.default_rng(7 if seed is None else seed)
    scale = 1.0 if size is None else size / 1_000_000
    kinds = {"random": None} if data is None else {"real": _real_codes(data), "random": None}
    faiss.omp_set_num_threads(1)
    rows: list[Row] = []
    for count, radius in SIZES:
        for kind, seeds in kinds.items():
            codes = _at_scale(seeds, max(1_000, int(count * scale)), chance)
            rows += _measure(codes, radius, f"{len(codes):,} {kind} codes, r {radius}", chance)
            del codes
    notes = ["one thread each; faiss and numpy passes are the baselines of the same run"]
    if data is None:
        notes.append("no real photos here: random codes only")
    return Benchmark(rows=tuple(rows), notes=tuple(notes))


def _measure(codes: Words, radius: int, case: str, chance: np.random.Generator) -> list[Row]:
    asked = _flipped(codes[chance.integers(0, len(codes), BATCH)], chance, 20, 20)
    octets = asked.view(np.uint8).reshape(len(asked), BITS // 8)
    few = max(8, min(BATCH, PEER_BITS_AT_ONCE // BITS // len(codes)))
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        build_index_files(Path(folder), "bench", codes, np.arange(len(codes), dtype=np.uint64))
        build_s = time.process_time() - started
        index = open_index(Path(folder), "bench")
        index.search(asked[:64], radius)
        held = sum(path.stat().st_size for path in Path(folder).rglob("*.npy")) / 1e6
        flat = faiss.IndexBinaryFlat(BITS)
        flat.add(codes.view(np.uint8).reshape(len(codes), BITS // 8))
        wide = not index.segments[0].table.prefers_chunks(radius, BATCH)
        batch = few if wide else BATCH
        ours = _rate(lambda: index.search(asked[:batch], radius), batch)
        peer = _rate(lambda: flat.range_search(octets[:few], radius + 1), few)
        plain_few = max(4, few // 8)
        plain = _rate(
            lambda: search_all(index.segments[0].table.shuffled, shuffle(asked[:plain_few]), radius), plain_few
        )
        singles = [
            _ms(lambda at=at: index.search(asked[at : at + 1], radius)) for at in range(SINGLES if not wide else 40)
        ]
        peers = [_ms(lambda at=at: flat.range_search(octets[at : at + 1], radius + 1)) for at in range(20)]
        wrong = _differences(index, flat, asked[:few], octets[:few], radius)
    million = len(codes) == 1_000_000
    return [
        Row(
            case=case,
            measure="queries/s, batch",
            value=round(ours, 1),
            baseline={"faiss flat": round(peer, 1), "numpy pass": round(plain, 1)},
            aim=">= 4000" if len(codes) > 5_000_000 else f">= {max(0.1, round(3 * peer, 1))}",
        ),
        Row(case=case, measure="times faiss flat, batch", value=round(ours / peer, 2), aim=">= 3"),
        Row(
            case=case,
            measure="one query, p50, ms",
            value=round(statistics.median(singles), 3),
            baseline={"faiss flat": round(statistics.median(peers), 3)},
            aim="<= 10",
        ),
        Row(
            case=case,
            measure="one query, p99, ms",
            value=round(float(np.quantile(singles, 0.99)), 3),
            baseline={"faiss flat": round(max(peers), 3)},
            aim="<= 10" if million or len(codes) < 1_000_000 else "<= 100",
        ),
        Row(
            case=case,
            measure="files mapped, MB",
            value=round(held, 1),
            baseline={"codes alone": round(len(codes) * 32 / 1e6, 1)},
            aim="<= 1000" if len(codes) < 5_000_000 else "<= 2000",
        ),
        Row(case=case, measure="build, s", value=round(build_s, 1), aim="<= 120"),
        Row(case=case, measure=f"wrong or missed of {few} queries", value=wrong, aim="== 0"),
    ]


def _real_codes(data: Path) -> Words:
    """PDQ codes of real photos, their parts and positions, and of crops and mirrored copies of them."""
    files = sorted((data / "images").glob("*/*.jpg"))
    random.Random(3).shuffle(files)
    found: list[bytes] = []
    for file in files[:PHOTOS]:
        with Image.open(file) as opened:
            picture = opened.convert("RGB")
        chance = random.Random(file.name)
        for shown in (picture, cropped(picture, 0.3, chance), ImageOps.mirror(cropped(picture, 0.5, chance))):
            try:
                found += [code.pdq.code for code in hash_reference(open_photo(save(shown))).codes]
            except Unhashable:
                continue
    return np.frombuffer(b"".join(found), dtype=np.uint64).reshape(-1, 4)


def _at_scale(seeds: Words | None, count: int, chance: np.random.Generator) -> Words:
    if seeds is None:
        return chance.integers(0, 2**64, (count, 4), dtype=np.uint64)
    return _flipped(seeds[chance.integers(0, len(seeds), count)], chance, 16, 64)


def _flipped(codes: Words, chance: np.random.Generator, least: int, most: int) -> Words:
    """The codes with so many random bits flipped (fewer where a bit is drawn twice)."""
    flips = chance.integers(0, BITS, (len(codes), most), dtype=np.uint16)
    wanted = chance.integers(least, most + 1, len(codes))
    changed = codes.copy()
    row = np.arange(len(codes))
    for turn in range(most):
        live = turn < wanted
        bit = flips[live, turn]
        changed[row[live], bit >> 6] ^= np.uint64(1) << (bit & 63).astype(np.uint64)
    return changed


def _rate(search: Callable[[], object], queries: int) -> float:
    return queries / statistics.median(_ms(search) / 1000 for _ in range(ROUNDS))


def _ms(search: Callable[[], object]) -> float:
    started = time.process_time()
    search()
    return (time.process_time() - started) * 1000


def _differences(index: CodeIndex, flat: faiss.IndexBinaryFlat, asked: Words, octets: Words, radius: int) -> int:
    """Pairs that one of the two finds and the other does not, or at another distance."""
    ours = index.search(asked, radius)
    limits, distances, labels = flat.range_search(octets, radius + 1)
    by = np.repeat(np.arange(len(asked)), np.diff(limits.astype(np.int64)))
    theirs = set(zip(by.tolist(), labels.tolist(), distances.astype(int).tolist(), strict=True))
    mine = set(zip(ours.queries.tolist(), ours.labels.tolist(), ours.distances.tolist(), strict=True))
    return len(mine ^ theirs)

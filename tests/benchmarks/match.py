"""
Listings a second and core: an 800 px photo and a title against 20,000 photos and 1,000 names.

Two ways through the shipped code, in processor time of one thread: *by fingerprint* (gate, PDQ and pHash of the whole
and its parts, the accepting radius, names), and *every step* (barcodes, wide radius, corners, laying over, signs,
bands). Both go by lots of 32 looks, as the stage does. Each stands beside the limit, which is decoding the same files
and nothing else, and beside the naive script: imagehash.phash, a loop over ImageHash objects, and rapidfuzz's
extractOne. One listing in ten shows an edited copy. *Seen before* are the same photos in other listings, with their
fingerprints stored.
"""

from __future__ import annotations

import csv
import os
import random
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import cv2
import imagehash
import numpy as np
import simplejpeg
from PIL import Image
from rapidfuzz import fuzz, process

from matching.candidates import Index, build_index
from matching.compare import match
from matching.errors import Unhashable
from matching.geometry import Features
from matching.images import PhotoHash, describe_photo, hash_photo, open_photo
from matching.pair import ListingPhoto
from matching.photo_search import SeenPhotos
from matching.regions import View
from matching.run import LOOKS_A_LOT
from matching.wording import read_wording
from tests.benchmarks.frame import Benchmark, Row
from tests.benchmarks.photos import World, make_world
from tests.matching.registered import conditions, look_at, mark, shipped_policy, snapshot_of
from tests.pairs.photo_edits import measured_edits, save

REFERENCES, NAMES, LISTINGS, NAIVE_LISTINGS = 20_000, 1_000, 120, 6
SIDE_PX = 800
ONE_COPY_IN = 10
ROUNDS = 3  # all of them in turn; the middle one counts

_POLICY = shipped_policy()

T = TypeVar("T")

Listing = tuple[str, bytes]


def run(*, data: Path | None, seed: int | None, size: int | None) -> Benchmark:
    """The rows; `size` is the number of references, and fewer of them mean fewer listings."""
    if data is None:
        return Benchmark(rows=(), notes=("no real photos here: nothing is measured",))
    # Before numpy loads, as in the process that hashes photos: its own threads spin, and count as work.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as child:
        return child.submit(_measure, data, seed, size).result()


def _measure(data: Path, seed: int | None, size: int | None) -> Benchmark:
    cv2.setNumThreads(1)
    references = size or REFERENCES
    files = sorted((data / "images").glob("*/*.jpg"))
    random.Random(8 if seed is None else seed).shuffle(files)
    few = max(12, round(200 * min(1.0, references / REFERENCES)))
    registered, pool, strangers = files[:few], files[few : 2 * few], files[2 * few :]
    world = make_world(registered, pool, references)
    names = _names(data)
    rights = [mark(name, id=f"right-{at}") for at, name in enumerate(names)]
    snapshot = snapshot_of(rights=rights, references=list(world.finder.references.values()))
    index = build_index(snapshot, dict(world.codes), world.corners)
    listings = _listings(data, registered, strangers, max(10, round(LISTINGS * min(1.0, references / REFERENCES))))
    lots = [listings[start : start + LOOKS_A_LOT] for start in range(0, len(listings), LOOKS_A_LOT)]
    limit, hot, whole, again, naive = (
        statistics.median(rates)
        for rates in zip(
            *(
                (
                    _rate(lambda one: simplejpeg.decode_jpeg(one[1], "GRAY"), listings),
                    _rate(lambda lot: _by_fingerprint(index, lot), lots, len(listings)),
                    *_every_step(index, world, lots, len(listings)),
                    _naive(world, names, listings),
                )
                for _ in range(ROUNDS)
            ),
            strict=True,
        )
    )
    notes = [
        f"a step's milliseconds of processor: {_profile(listings)}",
        "rates are of processor time, not of the clock",
    ]
    case = f"{references:,} photos, {len(names):,} names, {len(listings)} listings"
    base = {"decoding alone": round(limit, 1), "naive script": round(naive, 1)}
    rows = (
        Row(case=case, measure="by fingerprint, listings/s/core", value=round(hot, 1), baseline=base, aim=">= 300"),
        Row(case=case, measure="by fingerprint, share of the limit", value=round(hot / limit, 3), aim=">= 0.7"),
        Row(case=case, measure="every step, listings/s/core", value=round(whole, 1), baseline=base, aim=">= 300"),
        Row(case=case, measure="every step, times the naive script", value=round(whole / naive, 2), aim=">= 10"),
        Row(case=case, measure="seen before, listings/s/core", value=round(again, 1), baseline=base, aim=">= 300"),
    )
    return Benchmark(rows=rows, notes=tuple(notes))


def _by_fingerprint(index: Index, lot: Sequence[Listing]) -> object:
    hashed = [photo for _, data in lot if (photo := _hash(data, printed=False)) is not None]
    near = index.photos.search_lot([photo.codes for photo in hashed], _POLICY.photos.accept_bits)
    return near, [index.names.find(read_wording(title)) for title, _ in lot]


def _every_step(index: Index, world: World, lots: Sequence[Sequence[Listing]], count: int) -> tuple[float, float]:
    """The rate of every step, and that of the same photos once more."""
    files: dict[str, bytes] = {}
    hashes: dict[int, list[PhotoHash | None]] = {}
    seen = SeenPhotos()

    def read(sha256: str, view: View) -> Features | None:
        if sha256 in files:
            return describe_photo(open_photo(files[sha256], colour=False), view)
        if sha256 not in world.kept:
            world.kept[sha256] = world.readers[sha256]()
        return world.kept[sha256]

    def hash_lot(lot: Sequence[Listing]) -> None:
        hashes[id(lot)] = [_hash(data, printed=True) for _, data in lot]
        files.update({own.sha256: data for own, (_, data) in zip(hashes[id(lot)], lot, strict=True) if own})

    def compare_lot(lot: Sequence[Listing]) -> object:
        looks = [
            look_at(title, photos=(ListingPhoto(position=0, sha256=own.sha256, capture=None, hash=own),))
            for own, (title, _) in zip(hashes[id(lot)], lot, strict=True)
            if own is not None
        ]
        photos = [photo for look in looks for photo in look.photos]
        seen.look_up(index.photos, photos, _POLICY.photos.accept_bits)
        return match(looks, index, _POLICY, conditions(), read, seen)

    def both(lot: Sequence[Listing]) -> None:
        hash_lot(lot)
        compare_lot(lot)

    # Word lists and model weights, which a process reads once.
    match([look_at("a title")], index, _POLICY, conditions(), read, SeenPhotos())
    started = time.process_time()
    for lot in lots:
        both(lot)
    first = count / max(time.process_time() - started, 1e-9)
    return first, _rate(compare_lot, lots, count)


def _naive(world: World, names: Sequence[str], listings: Sequence[Listing]) -> float:
    chance = np.random.default_rng(1)
    hashes = [imagehash.ImageHash(bits) for bits in chance.integers(0, 2, (len(world.codes), 8, 8)).astype(bool)]

    def look(listing: Listing) -> object:
        title, data = listing
        own = imagehash.phash(Image.open(BytesIO(data)))
        near = [at for at, each in enumerate(hashes) if own - each <= 10]
        return near, process.extractOne(title, names, scorer=fuzz.partial_ratio)

    return _rate(look, listings[:NAIVE_LISTINGS])


def _profile(listings: Sequence[Listing]) -> str:
    def step(name: str, work: Callable[[Listing], object]) -> str:
        return f"{name} {1000 / _rate(work, listings[:20]):.2f}"

    opened = {one: open_photo(one[1], colour=False) for one in listings[:20]}
    return ", ".join(
        [
            step("gate and decoding", lambda one: open_photo(one[1], colour=False)),
            step("fingerprints", lambda one: _hashed(opened[one], printed=False)),
            step("fingerprints and barcodes", lambda one: _hashed(opened[one], printed=True)),
            step("corners", lambda one: describe_photo(opened[one])),
        ]
    )


def _hash(data: bytes, *, printed: bool) -> PhotoHash | None:
    try:
        return hash_photo(open_photo(data, colour=False), with_printed=printed)
    except Unhashable:
        return None


def _hashed(photo: object, *, printed: bool) -> PhotoHash | None:
    try:
        return hash_photo(photo, with_printed=printed)  # type: ignore[arg-type]  # what open_photo gave
    except Unhashable:
        return None


def _rate(work: Callable[[T], object], given: Sequence[T], count: int | None = None) -> float:
    work(given[0])  # tables that are made once
    started = time.process_time()
    for one in given:
        work(one)
    return (count or len(given)) / max(time.process_time() - started, 1e-9)


def _listings(data: Path, registered: list[Path], strangers: list[Path], count: int) -> list[Listing]:
    with (data / "listings" / "labelled.csv").open(newline="") as lines:
        titles = [row["title"] for row in csv.DictReader(lines)][:count]
    others = [Image.open(path).convert("RGB") for path in strangers[-8:]]
    edits = list(measured_edits(others).values())
    made: list[Listing] = []
    for at in range(count):
        chance = random.Random(at)
        if at % ONE_COPY_IN == 0:
            edit, quality = edits[at // ONE_COPY_IN % len(edits)]
            picture = edit(Image.open(registered[at % len(registered)]).convert("RGB"), chance)
        else:
            picture, quality = Image.open(strangers[at]).convert("RGB"), 85
        scale = SIDE_PX / max(picture.size)
        size = round(picture.width * scale), round(picture.height * scale)
        made.append((titles[at % len(titles)], save(picture.resize(size, Image.Resampling.LANCZOS), quality)))
    return made


def _names(data: Path) -> list[str]:
    with (data / "ref" / "brands" / "nsi_brands.csv").open(newline="") as lines:
        names = dict.fromkeys(row["display_name"] for row in csv.DictReader(lines))
    return list(names)[:NAMES]

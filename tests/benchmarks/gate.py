"""
The reference gate: 200 bad references and 200 good ones, real photos and real brands, under the shipped policy.

Bad: blank grounds, gradients, noise, blurs; photos that strangers' listings show; pictures and words of other
holders; platforms' names; words of everyday speech; pictures to be left alone. Good: real photos of goods, a quarter
of them copied by eight sellers of whom seven name the mark, and real brands. The rule on places was made after a
first run let two plain signs through and stopped a good photo, and brands that real titles also write small left the
good ones, so the figures are no unseen test. What is registered and stored beside a reference is made up.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from matching.gate import Judgement, Reason, Use, judge_name, judge_picture, read_picture
from matching.images import PhotoHash, hash_photo, open_photo
from matching.photo_index import PhotoIndex
from store.records.references import Medium
from tests.benchmarks.frame import Benchmark, Row, wilson
from tests.matching.registered import POLICY

EACH = 16  # bad ones of a kind, of 13 kinds
COPIED_BY = 8
# Twenty platforms of which the world has heard; their names are what a careless sheet may register.
PLATFORMS = (
    *("amazon", "ebay", "etsy", "vinted", "shopee", "lazada", "temu", "wish", "allegro", "zalando"),
    *("mercadolibre", "aliexpress", "alibaba", "rakuten", "bol", "cdiscount", "otto", "tokopedia", "jumia", "depop"),
)
WORDS = (
    *("leather", "black", "handbag", "watch", "summer", "new", "classic", "original", "premium", "sport"),
    *("home", "super", "shoes", "gold", "small", "cotton", "vintage", "quality", "bag", "fashion"),
)


@dataclass(frozen=True, slots=True)
class _Tried:
    """One reference and what the gate said."""

    kind: str
    judgement: Judgement


def run(*, data: Path | None, seed: int | None, size: int | None) -> Benchmark:
    """The rows; `size` cuts every kind to so many."""
    if data is None:
        raise SystemExit("the benchmark needs real photos: --data DIR with a folder images")
    draw = Random(seed or 3)
    photos = _photos(data, draw)
    each = size or EACH
    bad = [*_blank(each, draw), *_pictures(photos, each), *_words(data, each)]
    good = [*_good_photos(photos[4 * each :], (size or 150)), *_good_names(data, (size or 50), draw)]
    stopped = sum(not tried.judgement.is_fit for tried in bad)
    refused = [tried for tried in good if not tried.judgement.is_fit]
    rows = [
        Row(
            case=f"bad references, n {len(bad)}",
            measure="stopped",
            value=stopped / len(bad),
            aim="== 1",
            interval=wilson(stopped, len(bad)),
            baseline={"import's own check": sum(t.kind == "blank" for t in bad) / len(bad)},
        ),
        Row(
            case=f"good references, n {len(good)}",
            measure="stopped",
            value=len(refused) / len(good),
            aim="<= 0.01",
            interval=wilson(len(refused), len(good)),
        ),
    ]
    for kind in dict.fromkeys(tried.kind for tried in bad):
        of_kind = [tried for tried in bad if tried.kind == kind]
        n = sum(not tried.judgement.is_fit for tried in of_kind)
        rows.append(
            Row(
                case=f"bad: {kind}, n {len(of_kind)}",
                measure="stopped",
                value=n / len(of_kind),
                aim="== 1",
                interval=wilson(n, len(of_kind)),
            )
        )
    notes = [f"good {tried.kind} stopped: {tried.judgement.faults[0].because}" for tried in refused]
    return Benchmark(rows=tuple(rows), notes=tuple(notes))


def _photos(data: Path, draw: Random) -> list[bytes]:
    """Real photos, half of those there are."""
    with (data / "images" / "index.csv").open(encoding="utf-8", newline="") as file:
        names = [row["file"] for row in csv.DictReader(file)]
    names = [name for name in names if hashlib.sha256(name.encode()).digest()[0] % 2 == 0]
    return [(data / "images" / name).read_bytes() for name in draw.sample(names, len(names))]


def _png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _judged(data: bytes, uses: list[Use], **known: list[str]) -> Judgement:
    read = read_picture(data, Medium.PHOTO)
    if isinstance(read, Reason):
        return Judgement(faults=(read,), matched=0, stored=500)
    return judge_picture(
        read[1],
        medium=Medium.PHOTO,
        uses=uses,
        stored=500,
        other_holders=known.get("other_holders", []),
        left_alone=known.get("left_alone", []),
        policy=POLICY.gate,
    )


def _blank(each: int, draw: Random) -> Iterator[_Tried]:
    """Grounds that show nothing: tones, gradients, noise, blurs, a plain word on white."""
    rng = np.random.default_rng(draw.randrange(1000))
    for n in range(each):
        tone = tuple(draw.randrange(256) for _ in range(3))
        yield _Tried("blank", _judged(_png(Image.new("RGB", (400, 300), tone)), []))
        ramp = np.linspace(draw.randrange(80), draw.randrange(120, 256), 400, dtype=np.float32)
        square = np.tile(ramp, (300, 1)) if n % 2 else np.tile(ramp[:300, None], (1, 400))
        yield _Tried("gradient", _judged(_png(Image.fromarray(square.astype(np.uint8))), []))
        spots = Image.fromarray(rng.integers(0, 256, (24, 32, 3), dtype=np.uint8)).resize((640, 480))
        yield _Tried("blurred ground", _judged(_png(spots.filter(ImageFilter.GaussianBlur(40))), []))
        sign = Image.new("RGB", (400, 300), "white")
        ImageDraw.Draw(sign).rectangle((120, 120, 280, 180), fill=tone)
        yield _Tried("plain sign", _judged(_png(sign), []))


def _pictures(photos: list[bytes], each: int) -> Iterator[_Tried]:
    """Real photos that are not the holder's alone, found by their fingerprints among stored and registered ones."""
    for n in range(4 * each):
        read = read_picture(photos[n], Medium.PHOTO)
        if isinstance(read, Reason):
            continue
        if n % 4 == 0:  # a stock picture: sellers of many things show it
            uses = _shown(photos[n], read[0], [(f"seller {k}", f"Goods no. {k}", False) for k in range(5)])
            yield _Tried("stock picture", _judged(photos[n], uses))
        elif n % 4 == 1:  # genuine goods of others, beside one listing that names the mark
            told = [("a", "Holmvik coat", False), ("b", "Coat of wool", False), ("c", "Velmora coat", True)]
            yield _Tried("others' goods", _judged(photos[n], _shown(photos[n], read[0], told)))
        elif n % 4 == 2:
            yield _Tried("another holder's photo", _judged(photos[n], [], other_holders=["HOLMVIK-1"]))
        else:
            yield _Tried("photo to be left alone", _judged(photos[n], [], left_alone=["LEAVE-1"]))


def _shown(data: bytes, photo: PhotoHash, told: list[tuple[str, str, bool]]) -> list[Use]:
    """The uses that the dry run finds: copies saved anew, smaller and as JPEG, looked up by fingerprint."""
    index = PhotoIndex([("reference", photo.codes)])
    uses = []
    for number, (seller, title, is_named) in enumerate(told):
        out = BytesIO()
        with Image.open(BytesIO(data)) as picture:
            picture.convert("RGB").save(out, "JPEG", quality=55 + 5 * number)
        copy = hash_photo(open_photo(out.getvalue()))
        if index.search(copy, POLICY.photos.accept_bits):
            uses.append(Use(listing=f"l-{number}", seller=seller, title=title, is_named=is_named))
    return uses


def _words(data: Path, each: int) -> Iterator[_Tried]:
    brands = [name for name in _brands(data) if len(name) > 4][:each]
    for word in WORDS[:each]:
        yield _Tried("ordinary word", _named(word))
    for platform in PLATFORMS[:each]:
        yield _Tried("platform's name", _named(platform.title()))
    for brand in brands:
        yield _Tried("competitor's mark", _named(brand, other_holders=[f"{brand} AG"]))
    hits = [Use(listing=f"l-{n}", seller=f"s-{n}", title="Nu", is_named=True) for n in range(60)]
    for n in range(each):
        yield _Tried("hits everywhere", _named(f"Velmo{n}", uses=hits))
        yield _Tried("too short", _named(chr(97 + n % 26) + chr(97 + n * 7 % 26)))


def _named(text: str, *, uses: list[Use] | None = None, other_holders: list[str] | None = None) -> Judgement:
    return judge_name(
        text,
        uses=uses or [],
        stored=500,
        other_holders=other_holders or [],
        platforms=PLATFORMS,
        policy=POLICY.gate,
    )


def _brands(data: Path) -> list[str]:
    with (data / "ref" / "brands" / "nsi_brands.csv").open(encoding="utf-8", newline="") as file:
        return [row["display_name"] for row in csv.DictReader(file) if row["display_name"].isascii()]


def _good_photos(photos: list[bytes], most: int) -> Iterator[_Tried]:
    for n, data in enumerate(photos[:most]):
        read = read_picture(data, Medium.PHOTO)
        uses: list[Use] = []
        if n % 4 == 0 and not isinstance(read, Reason):  # an official photo that sellers copy
            told = [(f"seller {k}", "Velmora bag" if k else "Bag, new", bool(k)) for k in range(COPIED_BY)]
            uses = _shown(data, read[0], told)
        yield _Tried("copied official photo" if uses else "photo", _judged(data, uses))


def _good_names(data: Path, most: int, draw: Random) -> Iterator[_Tried]:
    # Brands that nobody writes small in real titles: a holder may have them looked for alone.
    with (data / "listings" / "labelled.csv").open(encoding="utf-8", newline="") as file:
        small = {word for row in csv.DictReader(file) for word in f"{row['title']} {row['text']}".split()}
    brands = [name for name in _brands(data) if len(name) > 5 and " " not in name and not name.isdigit()]
    names = [name for name in brands if name.lower() not in small]
    for name in draw.sample(names, min(most, len(names))):
        yield _Tried(f"brand {name}", _named(name))

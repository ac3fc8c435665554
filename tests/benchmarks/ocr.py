"""
Names that stand as words in real photos: how many are read and found among a thousand real names, and what is said
of photos on which nothing was laid.

A real brand's name is written on a real photo in one of four hands and one of four ways: in black or white straight
on the photo, on a label, turned by up to 20 degrees, or small (12 to 18 % of the photo's width); saved as JPEG 80. As
many other photos are left as they are. Words are read in the process that opens pictures, as matching does, and
looked up among 1,000 names as the sign `mark_in_photo` does. A name that a photo shows of itself counts as false
here: the notes list what was said, to be read by a person. Nothing was fitted to these photos.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from io import BytesIO
from pathlib import Path

from PIL import Image

from matching.names import Name, NameIndex, NameKind, is_ordinary
from matching.photo_worker import PhotoWorker
from matching.printed_words import PrintedWords, is_installed
from matching.regions import Box
from matching.spelling import Spelling
from matching.wording import read_wording
from tests.benchmarks.frame import Benchmark, Row, wilson
from tests.benchmarks.logos import HANDS, SIDE_PX, write_word
from tests.pairs.titles import read_names

WRITTEN, NAMES = 96, 1000
WAYS = ("straight", "on a label", "turned", "small")


def run(*, data: Path | None, seed: int | None, size: int | None) -> Benchmark:
    """The rows; `size` is the number of names written on photos."""
    if data is None:
        return Benchmark(rows=(), notes=("no real photos here: nothing is measured",))
    if not is_installed():
        return Benchmark(rows=(), notes=("the extra `ocr` is not installed: pip install -e '.[ocr]'",))
    count = size or WRITTEN
    chance = random.Random(7 if seed is None else seed)
    files = sorted((data / "images").glob("*/*.jpg"))
    chance.shuffle(files)
    names = _names(data, chance)
    index = NameIndex([Name(text=name, kind=NameKind.MARK, right=name) for name in names])
    found: Counter[str] = Counter()
    laid: Counter[str] = Counter()
    overlaps: list[float] = []
    false: list[str] = []
    spent: list[float] = []
    hands = sorted(HANDS)
    with PhotoWorker() as worker:
        worker.read_words(_saved(_opened(files[-1])))  # loads the models
        for at in range(count):
            name, way, hand = names[at], WAYS[at % len(WAYS)], hands[at // len(WAYS) % len(hands)]
            page = _opened(files[2 * at % len(files)])
            box = _lay(name, page, way, hand, chance)
            begun = time.perf_counter()
            said = _said(index, worker.read_words(_saved(page)))
            spent.append(time.perf_counter() - begun)
            own = [line for text, line in said if text == name]
            for case in ("all", way, hand):
                laid[case] += 1
                found[case] += bool(own)
            overlaps += [max(line.box.overlap(box) for line in own)] if own else []
            bare = _said(index, worker.read_words(_saved(_opened(files[(2 * at + 1) % len(files)]))))
            false += sorted({text for text, _ in bare})
    rows = [
        Row(
            case=case,
            measure="recall",
            value=round(found[case] / laid[case], 4),
            interval=wilson(found[case], laid[case]),
            aim=">= 0.8",
        )
        for case in ("all", *WAYS, *hands)
        if laid[case]
    ]
    rows.append(
        Row(
            case="photos on which nothing was laid",
            measure="share in which one of 1,000 names is said",
            value=round(len(false) / count, 4),
            interval=wilson(min(len(false), count), count),
            aim="<= 0.02",
        )
    )
    rows.append(
        Row(
            case="place",
            measure="box of the line, mean intersection over union",
            value=round(sum(overlaps) / max(len(overlaps), 1), 3),
            aim=">= 0.5",
        )
    )
    notes = (
        f"{sorted(spent)[len(spent) // 2]:.2f} s of the clock to read a photo of {SIDE_PX} px, in the median",
        f"said in photos on which nothing was laid: {', '.join(false) or 'nothing'}",
    )
    return Benchmark(rows=tuple(rows), notes=notes)


def _names(data: Path, chance: random.Random) -> list[str]:
    """Real brands of plain letters, each spelling once, none an ordinary word."""
    letters = [name for name in read_names(data) if name.isascii() and name.isalpha() and 5 <= len(name) <= 14]
    plain = {name.casefold(): name for name in letters}
    kept = [name for name in plain.values() if not is_ordinary(name)]
    kept.sort()
    chance.shuffle(kept)
    return kept[:NAMES]


def _opened(file: Path) -> Image.Image:
    page = Image.open(file).convert("RGB")
    scale = SIDE_PX / max(page.size)
    return page.resize((round(page.width * scale), round(page.height * scale)))


def _saved(page: Image.Image) -> bytes:
    out = BytesIO()
    page.save(out, "JPEG", quality=80)
    return out.getvalue()


def _lay(name: str, page: Image.Image, way: str, hand: str, chance: random.Random) -> Box:
    """Write a name on a photo; gives its place."""
    share = chance.uniform(0.12, 0.18) if way == "small" else chance.uniform(0.25, 0.5)
    ink = (0, 0, 0) if way == "on a label" or chance.random() < 0.5 else (255, 255, 255)
    word = write_word(name, ink, hand, chance)
    width_px = round(page.width * share)
    word = word.resize((width_px, max(10, round(word.height * width_px / word.width))), Image.Resampling.LANCZOS)
    edge = word.height // 2 if way == "on a label" else 0
    if edge:
        label = Image.new("RGBA", (word.width + 2 * edge, word.height + 2 * edge), (245, 240, 225, 255))
        label.alpha_composite(word, (edge, edge))
        word = label
    if way == "turned":
        word = word.rotate(chance.uniform(-20, 20), expand=True, resample=Image.Resampling.BICUBIC)
    left = chance.randint(0, max(0, page.width - word.width))
    top = chance.randint(0, max(0, page.height - word.height))
    page.paste(word, (left, top), word)
    right, bottom = left + word.width - edge, top + word.height - edge
    return Box(
        left=(left + edge) / page.width,
        top=(top + edge) / page.height,
        right=min(1.0, right / page.width),
        bottom=min(1.0, bottom / page.height),
    )


def _said(index: NameIndex, words: tuple[PrintedWords, ...]) -> list[tuple[str, PrintedWords]]:
    """The names among words, as the sign reads them."""
    return [
        (hit.name.text, line)
        for line in words
        for hit in index.find(read_wording(line.text), misspelt=False)
        if hit.spelling is Spelling.EXACT
    ]

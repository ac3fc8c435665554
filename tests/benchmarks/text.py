"""
Disguised names planted in real titles, among a thousand, ten thousand and a hundred thousand registered names.

Half of the titles carry one name in one of the disguises of `tests/pairs/disguises.py`, the other half stay as they
are. What counts as found is the pair of title and name. A name that a title says plainly, or that is part of the
planted one, counts neither way; every other pair is false. Names and titles are parted in two halves by their
digest: limits were chosen on the one, the figures are of the other. Peers: rapidfuzz's scorers over the same titles
folded by us, each at the limit that is best on the first half, as one `cdist` call in one thread.
"""

from __future__ import annotations

import gc
import re
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from anyascii import anyascii
from rapidfuzz import fuzz, process

from matching.names import Name, NameIndex, NameKind
from matching.normalise import fold
from matching.wording import read_wording
from tests.benchmarks.frame import Benchmark, Row, wilson
from tests.pairs.disguises import DISGUISES, TYPOS, Planter, read_lookalikes
from tests.pairs.titles import half_of, read_names, read_titles

SIZES = (1_000, 10_000, 100_000)
SEED = 7_301
PEER_TITLES = {1_000: 1_000, 10_000: 400, 100_000: 100}  # brute force is slow: so many titles of each half
SCORERS: dict[str, Callable[..., Any]] = {
    "partial_ratio": fuzz.partial_ratio,
    "token_set_ratio": fuzz.token_set_ratio,
    "WRatio": fuzz.WRatio,
}
TWIN = 85  # of rapidfuzz's ratio: "Dolce & Gabbana" and "dolce y gabana"
LIMITS = tuple(range(70, 101, 2))
OWN_SCRIPT = "own_script"

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Planted:
    """One title, and the name it carries in disguise; None for an innocent title."""

    title: str
    name: str | None = None
    kind: str = ""


@dataclass
class Tally:
    """What a matcher found among titles."""

    found: int = 0
    planted: int = 0
    false: int = 0
    innocents_hit: int = 0
    innocents: int = 0
    by_kind: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    misses: list[str] = field(default_factory=list)
    accidents: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Share of planted pairs that were found."""
        return self.found / self.planted if self.planted else 0.0

    @property
    def precision(self) -> float:
        """Share of true pairs among those reported."""
        return self.found / (self.found + self.false) if self.found + self.false else 0.0

    @property
    def f1(self) -> float:
        """Both in one."""
        both = self.recall + self.precision
        return 2 * self.recall * self.precision / both if both else 0.0


def run(*, data: Path | None, seed: int | None, size: int | None) -> Benchmark:
    """The rows; `size` takes one number of names instead of three."""
    if data is None:
        raise SystemExit("text needs real titles and names: set MARQUE_REAL_DATA, or give --data")
    rows: list[Row] = []
    notes: list[str] = []
    for count in (size,) if size else SIZES:
        rows += _rows_of(data, count, seed if seed is not None else SEED, notes)
    return Benchmark(rows=tuple(rows), notes=tuple(notes))


def world(data: Path, count: int, half: int, seed: int) -> tuple[list[str], list[Planted]]:
    """
    Names and titles of one half: `count` names, and every title of the half, each second one with a plant.

    Real names of the half come first; where they are too few, those of the other half and then brands with a model's
    name follow, of which nothing is planted.
    """
    random = Random(f"{seed} {half} {count}")
    real = read_names(data)
    own = [name for name in real if half_of(name) == half]
    names = (own + [name for name in real if half_of(name) != half])[:count]
    known = {name.casefold() for name in names}
    words = sorted({word for name in real for word in name.split() if word.isalpha() and len(word) > 3})
    while len(names) < count:
        model = f"{random.choice(real)} {random.choice(words)}" + random.choice(
            ("", "", f" {random.randint(2, 990)}")
        )
        if model.casefold() not in known and len(model) <= 40:
            known.add(model.casefold())
            names.append(model)
    titles = [title for title in read_titles(data) if half_of(title) == half]
    random.shuffle(titles)
    spoken = {word for title in read_titles(data) for word in _words(title)} | {
        word for name in real for word in _words(name)
    }
    planter = Planter(random, read_lookalikes(data))
    targets = names[: min(count, len(own))]
    kinds = sorted([*DISGUISES, OWN_SCRIPT])
    placed = []
    for at, title in enumerate(titles):
        plant = _plant(planter, kinds[(at // 2) % len(kinds)], targets, title, spoken) if at % 2 == 0 else None
        placed.append(plant or Planted(title))
    return names, placed


def _plant(planter: Planter, kind: str, names: Sequence[str], title: str, spoken: set[str]) -> Planted | None:
    random = planter.random
    for _ in range(40):
        name = random.choice(names)
        is_latin = bool(re.search("[A-Za-z]", name))
        if kind == OWN_SCRIPT:
            if is_latin or len(name) < 2 or name.isascii():
                continue
            shown = name
        else:
            if not is_latin or not any(len(word) > 3 for word in _words(name)):
                continue
            dressed = random.choice((name, name, name.upper(), name.lower(), name.title()))
            disguised = DISGUISES[kind](planter, dressed)
            if disguised is None or disguised.casefold() == name.casefold() or says(disguised, name):
                continue
            changed = set(_words(disguised)) - set(_words(name))
            # A slip that makes another word, or another name, is that word.
            if kind in TYPOS and (not changed or changed <= spoken):
                continue
            shown = disguised
        words = title.split(" ")
        at = random.randint(0, len(words))
        return Planted(" ".join([*words[:at], shown, *words[at:]]), name, kind)
    return None


@lru_cache(maxsize=400_000)
def _words(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return tuple(_WORD.findall(plain.replace("'", "").replace("’", "").replace("_", " ")))


def says(text: str, name: str) -> bool:
    """Whether a text holds a name's words as anyone writes them: side by side or as fewer words, an s behind."""
    words, wanted = _words(text), _words(name)
    joined = "".join(wanted)
    if not joined:
        return True
    for size in range(1, len(wanted) + 1):
        for at in range(len(words) - size + 1):
            here = "".join(words[at : at + size])
            if here == joined or (here.startswith(joined) and here[len(joined) :] in ("s", "es")):
                return True
    return False


def judge(placed: Sequence[Planted], reported: Sequence[set[str]]) -> Tally:
    """Count what was reported against what was planted."""
    tally = Tally()
    for each, names in zip(placed, reported, strict=True):
        accidents = {
            name
            for name in names
            if name != each.name and not says(each.title, name) and not (each.name and says(each.name, name))
        }
        if each.name is not None:
            accidents = {name for name in accidents if not _is_twin(name, each.name)}
            hit = each.name in names or any(_plain(name) == _plain(each.name) for name in names)
            tally.planted += 1
            tally.found += hit
            tally.by_kind[each.kind][0] += hit
            tally.by_kind[each.kind][1] += 1
            if not hit:
                tally.misses.append(f"{each.kind}: {each.name!r} in {each.title!r}")
        else:
            tally.innocents += 1
            tally.innocents_hit += bool(accidents)
        tally.false += len(accidents)
        tally.accidents += [f"{name!r} in {each.title!r} ({each.kind or 'innocent'})" for name in sorted(accidents)]
    return tally


def _plain(name: str) -> str:
    return "".join(char for char in anyascii(name).lower() if char.isalnum()).replace("x", "ks")


def _is_twin(name: str, planted: str) -> bool:
    """Whether a name is another spelling of the planted one, as brands register several."""
    return fuzz.ratio(_plain(name), _plain(planted)) >= TWIN or _plain(name) in _plain(planted) or says(name, planted)


def find_all(index: NameIndex, placed: Sequence[Planted]) -> tuple[list[set[str]], float]:
    """What the index finds in each title, and titles a second of processor time, folding and all."""
    started = time.process_time()
    found = [{hit.name.text for hit in index.find(read_wording(each.title))} for each in placed]
    return found, len(placed) / (time.process_time() - started)


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def _peer(scorer: str, names: list[str], placed: Sequence[Planted]) -> tuple[list[list[tuple[str, float]]], float]:
    """Every pair from the lowest limit on, with its score, and titles a second of processor time, folding apart."""
    titles, wanted = [fold(each.title).text for each in placed], [fold(name).text for name in names]
    started = time.process_time()
    scores = process.cdist(titles, wanted, scorer=SCORERS[scorer], score_cutoff=LIMITS[0], workers=1, dtype=np.uint8)
    speed = len(placed) / (time.process_time() - started)
    return [[(names[at], float(row[at])) for at in np.nonzero(row)[0]] for row in scores], speed


def _best_peer(
    data: Path, count: int, seed: int, names: list[str], placed: Sequence[Planted]
) -> tuple[str, Tally, float]:
    """The scorer and limit with the best F1 on the first half, what it does on the second, and its speed."""
    number = PEER_TITLES.get(count, 100)
    tuning_names, tuning = world(data, count, 0, seed)
    best: tuple[float, str, int] = (-1.0, "", 0)
    for scorer in SCORERS if count <= 10_000 else ("partial_ratio",):
        pairs, _ = _peer(scorer, tuning_names, tuning[:number])
        for limit in LIMITS:
            cut = [{name for name, score in row if score >= limit} for row in pairs]
            best = max(best, (judge(tuning[:number], cut).f1, scorer, limit))
    _, scorer, limit = best
    pairs, speed = _peer(scorer, names, placed[:number])
    cut = [{name for name, score in row if score >= limit} for row in pairs]
    return f"{scorer} >= {limit}", judge(placed[:number], cut), speed


def _rows_of(data: Path, count: int, seed: int, notes: list[str]) -> list[Row]:
    names, placed = world(data, count, 1, seed)
    gc.collect()
    before, started = _resident_mb(), time.process_time()
    index = NameIndex(Name(text=name, kind=NameKind.MARK, right=name) for name in names)
    build_s = time.process_time() - started
    gc.collect()
    grown = _resident_mb() - before
    # A running index has met other titles before: those of the first half, none of which counts here.
    find_all(index, world(data, count, 0, seed)[1])
    found, speed = find_all(index, placed)
    tally = judge(placed, found)
    peer, theirs, peer_speed = _best_peer(data, count, seed, names, placed)
    case = f"{count:,} names, {len(placed):,} titles"
    rows = [
        Row(
            case=case,
            measure="recall of planted names",
            value=round(tally.recall, 4),
            aim=">= 0.98",
            interval=wilson(tally.found, tally.planted),
            baseline={peer: round(theirs.recall, 4)},
        ),
        Row(
            case=case,
            measure="precision",
            value=round(tally.precision, 4),
            aim=">= 0.98",
            interval=wilson(tally.found, tally.found + tally.false),
            baseline={peer: round(theirs.precision, 4)},
        ),
        Row(
            case=case,
            measure="innocent titles with a false name",
            value=round(tally.innocents_hit / tally.innocents, 4),
            aim="<= 0.02",
            interval=wilson(tally.innocents_hit, tally.innocents),
            baseline={peer: round(theirs.innocents_hit / max(1, theirs.innocents), 4)},
        ),
        Row(
            case=case,
            measure="times the titles a second of brute force",
            value=round(speed / peer_speed, 1),
            aim=">= 100" if count >= 10_000 else ">= 40",
            baseline={"titles/s": round(speed), f"{peer}, titles/s": round(peer_speed, 1)},
        ),
        Row(case=case, measure="seconds to build", value=round(build_s, 2), aim="<= 60"),
        Row(case=case, measure="MB it holds", value=round(grown, 1), aim="<= 1000"),
    ]
    for kind, (hits, planted) in sorted(tally.by_kind.items()):
        rows.append(
            Row(
                case=f"{count:,} names: {kind}",
                measure="recall",
                value=round(hits / planted, 4),
                aim=">= 0.95",
                interval=wilson(hits, planted),
                baseline={peer: round(theirs.by_kind[kind][0] / theirs.by_kind[kind][1], 3)}
                if theirs.by_kind[kind][1]
                else {},
            )
        )
    lost = Counter(each.split(":")[0] for each in tally.misses)
    notes.append(f"{count:,} names: missed {dict(lost)}; false {tally.false} of {len(placed):,} titles")
    return rows

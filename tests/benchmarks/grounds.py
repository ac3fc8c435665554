"""
What sellers say of copies, in real labelled listings, and what release names say of works.

Every brand of the labelled rows is registered as a mark without classes, products or photos; each row is matched
under the shipped policy. Rows are parted in two halves by the digest of their brand (of their title where they have
none): word lists were corrected on the first, so the figures of the second say what the lists do for brands nobody
looked at. `unknown` rows stay out. The peer of the declared rows is the bare list of phrases, wherever they stand.
Release names are parted by the digest of the name; rows that guessit reads with options are left out. Its own test
suite is where the names and labels come from, so it stands beside as the upper end.
"""

from __future__ import annotations

import importlib.util
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from matching.candidates import Index, build_index
from matching.compare import match
from matching.normalise import fold
from matching.release_names import read_release
from matching.vocabulary import vocabulary
from matching.wording import read_wording
from store.records.findings import Band, Finding, GroundCode
from store.records.listings import ListingFields
from store.records.money import Money
from tests.benchmarks.frame import Benchmark, Row, wilson
from tests.matching.registered import POLICY, conditions, look_at, mark, seen, snapshot_of
from tests.pairs.titles import half_of, rows

HALVES = ("chosen on", "held")
DECLARED, IMPLIED = "counterfeit_declared", "counterfeit_implied"
HONEST = ("honest", "honest_lookalike")
FIELDS = ("title", "year", "season", "episode")


def run(*, data: Path | None, seed: int | None, size: int | None) -> Benchmark:
    """The rows; nothing is drawn, so `seed` and `size` change nothing."""
    del seed, size
    if data is None:
        raise SystemExit("grounds needs labelled listings: set MARQUE_REAL_DATA, or give --data")
    labelled = [row for row in rows(data / "listings" / "labelled.csv") if row["label"] != "unknown"]
    brands = sorted({row["brand"] for row in labelled if row["brand"]})
    index = build_index(snapshot_of(rights=[mark(brand, (), id=f"right-{brand}") for brand in brands]), {})
    found: list[Row] = []
    notes: list[str] = []
    for half, name in enumerate(HALVES):
        ours = [row for row in labelled if half_of(row["brand"] or row["title"]) == half]
        found += _rows_of(name, ours, index, notes)
    found += _release_rows(data)
    return Benchmark(rows=tuple(found), notes=tuple(notes))


def findings_of(row: dict[str, str], index: Index) -> list[Finding]:
    """Everything that comes of one labelled row."""
    price = None
    with suppress(InvalidOperation):  # a price that lost its number: the row is matched without one
        price = Money(amount=Decimal(row["price"]), currency=row["currency"]) if len(row["currency"]) == 3 else None
    fields = ListingFields(
        title=seen(row["title"]),
        description=seen(row["text"] or None),
        category=seen(row["category"] or None),
        price=seen(price),
    )
    matched = match([look_at(row["title"], fields=fields)], index, POLICY, conditions(), lambda _sha256, _view: None)
    return [each.finding for each in matched]


def _rows_of(half: str, listed: Iterable[dict[str, str]], index: Index, notes: list[str]) -> list[Row]:
    declared: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    reviewed: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    bare: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    notices = 0
    for row in listed:
        findings = findings_of(row, index)
        accused = any(g.code is GroundCode.SELF_DECLARED_COPY for finding in findings for g in finding.grounds)
        label = row["label"]
        declared[label][accused] += 1
        bare[label][_says_a_phrase(f"{row['title']} . {row['text']}")] += 1
        reviewed[label][any(finding.band is not Band.SILENT for finding in findings)] += 1
        notices += any(finding.band is Band.NOTICE for finding in findings)
        if accused and label in HONEST:
            notes.append(f"{half}: accused {row['id']} {row['title'][:80]!r}")
        if not accused and label == DECLARED:
            notes.append(f"{half}: not heard {row['id']} {row['title'][:80]!r}")

    def share(counts: Iterable[Counter[bool]]) -> tuple[int, int]:
        both = sum(counts, Counter[bool]())
        return both[True], both.total()

    def row_of(case: str, measure: str, hits: int, n: int, aim: str, peer: tuple[int, int] | None = None) -> Row:
        return Row(
            case=f"{half}: {case}, n {n}",
            measure=measure,
            value=round(hits / n, 4) if n else 0.0,
            aim=aim,
            interval=wilson(hits, n),
            baseline={"phrases anywhere": round(peer[0] / peer[1], 4)} if peer and peer[1] else {},
        )

    honest = share(declared[label] for label in HONEST)
    return [
        row_of(
            "declared copies", "ground self-declared", *share([declared[DECLARED]]), ">= 0.9", share([bare[DECLARED]])
        ),
        row_of("honest and look-alike", "flagged", *honest, "<= 0.005", share(bare[label] for label in HONEST)),
        row_of("honest", "asked of a person", *share([reviewed["honest"]]), "<= 0.3"),
        row_of("look-alike", "asked of a person", *share([reviewed["honest_lookalike"]]), "<= 0.3"),
        row_of("implied copies", "asked of a person", *share([reviewed[IMPLIED]]), ">= 0.5"),
        Row(case=f"{half}: all", measure="notices from text alone", value=notices, aim="== 0"),
    ]


def _says_a_phrase(text: str) -> bool:
    words, wording = vocabulary(), read_wording(text)
    return bool(words.replica_alone.find(wording) or words.replica_near.find(wording))


def _release_rows(data: Path) -> list[Row]:
    listed = [
        json.loads(line) for line in (data / "listings" / "release-names.jsonl").read_text("utf-8").splitlines()
    ]
    listed = [row for row in listed if not row.get("options")]
    peer = _guessit()
    found = []
    for half, name in enumerate(HALVES):
        ours, theirs = Counter[str](), Counter[str]()
        n = Counter[str]()
        for row in listed:
            if half_of(row["name"]) != half:
                continue
            told = read_release(row["name"])
            guessed = peer(row["name"]) if peer is not None else {}
            for field in FIELDS:
                if field in row["labels"]:
                    n[field] += 1
                    ours[field] += _agrees(row["labels"][field], getattr(told, field))
                    theirs[field] += _agrees(row["labels"][field], guessed.get(field))
        found += [
            Row(
                case=f"{name}: release names, n {n[field]}",
                measure=f"{field} right",
                value=round(ours[field] / n[field], 4),
                aim=">= 0.95",
                interval=wilson(ours[field], n[field]),
                baseline={"guessit": round(theirs[field] / n[field], 4)} if peer is not None else {},
            )
            for field in FIELDS
        ]
    return found


def _guessit() -> Callable[[str], dict[str, Any]] | None:  # Any: what guessit returns
    if importlib.util.find_spec("guessit") is None:
        return None
    module = importlib.import_module("guessit")
    return lambda name: dict(module.guessit(name))


def _agrees(wanted: Any, told: Any) -> bool:  # Any: labels and answers are words, numbers, or lists of them
    wanted, told = (each[0] if isinstance(each, list) and each else each for each in (wanted, told))
    if isinstance(wanted, str):
        return _letters(wanted) == _letters(str(told or ""))
    return bool(wanted == told)


def _letters(text: str) -> str:
    return "".join(char for char in fold(text).text if char.isalnum())

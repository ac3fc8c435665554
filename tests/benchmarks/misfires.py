"""
Documented wrongful notices under the shipped policy: what would be sent, and what a person would be asked in vain.

Each of the cases is built as its README says: the item a listing, the accused right registered under the notice's own
words and under the word that trips, nothing else known; a case counts with the strongest band of the two. Beside it
stands the recall on plants under the same policy: listings that declare a copy, and the plants of the exercise world,
with its traps. All cases were read before the rules were written: this guards against going back.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

from rapidfuzz import fuzz

from matching.candidates import build_index
from store.records.findings import Band
from tests.benchmarks.frame import Benchmark, Row, wilson
from tests.benchmarks.grounds import DECLARED, findings_of
from tests.matching.registered import mark, snapshot_of
from tests.pairs.exercise_pairs import play
from tests.pairs.misfires import Misfire, read_misfires
from tests.pairs.titles import rows

SEED = 90_021
NAIVE = 90  # the limit at which token_set_ratio is customarily taken for a match
_ORDER = [Band.SILENT, Band.REVIEW, Band.NOTICE]


def run(*, data: Path | None, seed: int | None, size: int | None) -> Benchmark:
    """The rows; `size` is the number of plants and innocents of the exercise world."""
    if data is None:
        raise SystemExit("misfires needs the documented notices: set MARQUE_REAL_DATA, or give --data")
    cases: defaultdict[str, list[tuple[Misfire, Band]]] = defaultdict(list)
    for case in read_misfires(data):
        cases[case.id].append((case, case.band))
    strongest = {id: max((band for _, band in listed), key=_ORDER.index) for id, listed in cases.items()}
    expected = {id: listed[0][0].expected for id, listed in cases.items()}
    silent = [id for id in cases if expected[id] == "silent"]
    kept = sum(strongest[id] is Band.SILENT for id in silent)
    asked = sum(band is Band.REVIEW for band in strongest.values())
    sent = [id for id, band in strongest.items() if band is Band.NOTICE]
    found = [
        Row(case=f"wrongful notices, n {len(cases)}", measure="would be drafted", value=len(sent), aim="== 0"),
        Row(
            case=f"to be left alone, n {len(silent)}",
            measure="kept silent",
            value=round(kept / len(silent), 4),
            aim=">= 0.8",
            interval=wilson(kept, len(silent)),
            baseline=_naive(data),
        ),
        Row(
            case=f"wrongful notices, n {len(cases)}",
            measure="asked of a person",
            value=round(asked / len(cases), 4),
            aim="<= 0.2",
            interval=wilson(asked, len(cases)),
        ),
        *_plants(data),
        *_exercise(seed if seed is not None else SEED, size or 40),
    ]
    return Benchmark(rows=tuple(found), notes=tuple(f"drafted: {id}" for id in sent))


def _naive(data: Path) -> dict[str, float]:
    """The share of cases to be left alone, with the word that trips given, that token_set_ratio leaves alone."""
    lines = (data / "misfires" / "misfires.jsonl").read_text("utf-8").splitlines()
    listed = [case for case in map(json.loads, lines) if case["expected"] == "silent"]
    words = [(case["accused_right"].get("trap_word"), case["item"]["title"].lower()) for case in listed]
    scores = [fuzz.token_set_ratio(word, title) for word, title in words if word]
    return {f"token_set_ratio < {NAIVE}": round(sum(score < NAIVE for score in scores) / len(scores), 4)}


def _plants(data: Path) -> list[Row]:
    listed = [row for row in rows(data / "listings" / "labelled.csv") if row["label"] == DECLARED]
    brands = sorted({row["brand"] for row in listed})
    index = build_index(snapshot_of(rights=[mark(brand, (), id=f"right-{brand}") for brand in brands]), {})
    loud = sum(any(finding.band is not Band.SILENT for finding in findings_of(row, index)) for row in listed)
    return [
        Row(
            case=f"listings that declare a copy, n {len(listed)}",
            measure="asked of a person",
            value=round(loud / len(listed), 4),
            aim=">= 0.9",
            interval=wilson(loud, len(listed)),
        )
    ]


def _exercise(seed: int, size: int) -> list[Row]:
    outcomes = play(seed, innocents=size, planted=size, traps_each=1)
    plants = [each for each in outcomes if each.answer.role.value == "plant"]
    wanted = {"noticed": Band.NOTICE, "review": Band.REVIEW}
    loud = sum(each.band is wanted[each.answer.expected] for each in plants)
    others = [each for each in outcomes if each.answer.role.value != "plant" and each.answer.expected == "silent"]
    quiet = sum(each.band is Band.SILENT for each in others)
    accused = sum(each.band is Band.NOTICE for each in others)
    return [
        Row(
            case=f"exercise, plants, n {len(plants)}",
            measure="as the answers say",
            value=round(loud / len(plants), 4),
            aim=">= 0.9",
            interval=wilson(loud, len(plants)),
        ),
        Row(
            case=f"exercise, traps and innocents to be left alone, n {len(others)}",
            measure="kept silent",
            value=round(quiet / len(others), 4),
            aim=">= 0.8",
            interval=wilson(quiet, len(others)),
        ),
        Row(case=f"exercise, the same {len(others)}", measure="would be drafted", value=accused, aim="== 0"),
    ]

"""
The whole job on a world the thresholds never saw: found, wrongly accused, by kind, with 95 % bounds.

The world's seed is 90,001 unless another is given; thresholds were looked at on seeds 7 and 21 alone. 5,000
innocents, 1 % planted but at least 64, and 30 traps of each kind unless scaled down.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from console.demo import run_demo
from console.sites import DemoSize
from tests.benchmarks.frame import Benchmark, Row, wilson

SEED = 90_001
INNOCENTS = 5_000
TRAPS_EACH = 30
LEAST_PLANTED = 64


def _silent(*said: object) -> None:
    del said


def run(*, data: Path | None, seed: int | None, size: int | None) -> Benchmark:
    """The rows; `size` is the number of innocents."""
    del data  # a made world needs none
    innocents = size or INNOCENTS
    world = DemoSize(
        seed=seed or SEED,
        innocents=innocents,
        planted=max(LEAST_PLANTED, innocents // 100),
        traps_each=TRAPS_EACH if innocents >= INNOCENTS else max(5, innocents * TRAPS_EACH // INNOCENTS),
    )
    with tempfile.TemporaryDirectory() as folder:
        score = run_demo(Path(folder) / "demo", world, say=_silent, progress=_silent)
    plants, found = score["planted"], score["found"]
    everyone = plants + score["traps"] + score["innocents"]
    wrong = score["wrongly_accused"]
    unfinished = sum(platform["state"] != "complete" for platform in score["platforms"])
    case = f"{innocents} innocents, seed {world.seed}"
    rows = [
        Row(
            case=case, measure="found of planted", value=found / plants, aim=">= 0.9", interval=wilson(found, plants)
        ),
        Row(case=case, measure="wrongly accused", value=wrong, aim="== 0"),
        Row(
            case=case,
            measure="wrongly accused, share of all",
            value=wrong / everyone,
            aim="<= 0",
            interval=wilson(wrong, everyone),
        ),
        Row(case=case, measure="platforms not complete", value=unfinished, aim="== 0"),
        Row(case=case, measure="batches that verify", value=len(score["batches"]), aim=">= 3"),
    ]
    for kind, row in score["by_kind"].items():
        right = row["as_expected"]
        rows.append(
            Row(
                case=f"{row['role']} {kind}, expected {row['expected']}, n {row['n']}",
                measure="as expected",
                value=right / row["n"],
                aim=">= 0.9",
                interval=wilson(right, row["n"]),
            )
        )
    notes = (f"{score['seconds']} s", *score["problems"], *score["misses"], *score["accused"])
    return Benchmark(rows=tuple(rows), notes=notes)

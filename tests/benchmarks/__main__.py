"""`python -m tests.benchmarks NAME [--data DIR] [--json]`: runs one benchmark and prints its rows."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from pathlib import Path

from tests.benchmarks.frame import Benchmark, machine
from tests.conftest import real_data_folder

NAMES = sorted(
    path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in ("__init__", "__main__", "frame")
)


def main() -> int:
    """Run the named benchmark; exit 0 when every aim is met, 1 when one is not, 2 for a wrong call."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--data", type=Path, default=real_data_folder(), help="real input, laid out like shared/data")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seed", type=int, default=None, help="for benchmarks on a made world")
    parser.add_argument("--size", type=int, default=None, help="scale the benchmark down or up")
    asked = parser.parse_args()
    started = time.monotonic()
    module = importlib.import_module(f"tests.benchmarks.{asked.name}")
    result: Benchmark = module.run(data=asked.data, seed=asked.seed, size=asked.size)
    rows = [row.as_json() for row in result.rows]
    if asked.json:
        data = {
            "name": asked.name,
            "rows": rows,
            "machine": machine(),
            "seconds": round(time.monotonic() - started, 1),
            "notes": list(result.notes),
        }
        print(json.dumps(data, indent=2))  # noqa: T201 -- a command's output
    else:
        from console.output import line, table

        heads = ("case", "measure", "value", "95 %", "baseline", "aim", "met")
        cells = [
            (
                r["case"],
                r["measure"],
                f"{r['value']:.4g}",
                "" if r["interval"] is None else f"{r['interval'][0]:.4g} to {r['interval'][1]:.4g}",
                ", ".join(f"{k} {v:.4g}" for k, v in r["baseline"].items()),
                r["aim"],
                "yes" if r["met"] else "NO",
            )
            for r in rows
        ]
        table(heads, cells, title=f"{asked.name} ({time.monotonic() - started:.0f} s)")
        for note in result.notes:
            line(note)
    return 0 if all(r["met"] for r in rows) else 1


if __name__ == "__main__":
    sys.exit(main())

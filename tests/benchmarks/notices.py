"""
Real notices that their recipient took and published, read into our model; and which of our rules each would fail.

The recipient sends back what lacks an element, so that nearly every published notice holds them all: what is not
found is mostly what was not read, and the aims stand on that. What our rules would refuse is counted without an aim
of its own beside it: a notice may have been taken although it leads to a start page, or is silent on fair use.
All of the notices were seen while the reading was written; no part of them was kept apart.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from config.profile import Element
from reports.received.lint import has_element, judged_elements, lint
from reports.received.reading import Kind, ReadNotice, read_notice
from tests import factories as make
from tests.benchmarks.frame import Benchmark, Row, wilson

PROFILE = "us-dmca-512"
ASKED_SINCE = {Element.EXCEPTIONS: 0.9}
"""The law does not ask for a word on fair use, the recipient's form does; letters often have none."""


def folder_of(data: Path) -> Path:
    """Where the notices lie."""
    return data / "ref" / "takedowns"


def read_all(folder: Path) -> dict[str, ReadNotice]:
    """Every notice of a folder, by file name."""
    return {path.name: read_notice(path.read_text("utf-8", "replace")) for path in sorted(folder.glob("*.md"))}


def run(*, data: Path | None, seed: int | None, size: int | None) -> Benchmark:
    """One row an element of the profile that a text can show; the codes in the notes."""
    del seed, size
    if data is None:
        raise SystemExit("notices needs published notices: set MARQUE_REAL_DATA, or give --data")
    found = read_all(folder_of(data))
    profile = make.profile(PROFILE)
    notices = [read for read in found.values() if read.kind is Kind.NOTICE]
    rows = []
    for element in judged_elements(profile):
        held = sum(has_element(read, element) for read in notices)
        rows.append(
            Row(
                case=f"notices, n {len(notices)}",
                measure=f"{element.value} found",
                value=round(held / len(notices), 4),
                aim=f">= {ASKED_SINCE.get(element, 0.95)}",
                interval=wilson(held, len(notices)),
            )
        )
    codes = Counter(code for read in found.values() for code in {lack.code for lack in lint(read, profile)})
    kinds = Counter(read.kind.value for read in found.values())
    clean = sum(not lint(read, profile) for read in notices)
    return Benchmark(
        rows=tuple(rows),
        notes=(
            f"kinds: {dict(kinds)}",
            f"{clean} of {len(notices)} notices would pass every rule that a text can be held against",
            f"refused by: {dict(codes.most_common())}",
        ),
    )

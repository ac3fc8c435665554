"""
Saved real pages read without help, beside what extruct reads of the same bytes in the same run.

The pages stand in a folder with `index.csv` (file, url) and hand-made labels in `gold.jsonl`, or in its `pages/`.
Readings are taken from what `marque read DIR --json` gives, so that what is measured is what a user gets. Then the
same pages are read again with their structured data taken out, and with every class and id replaced by a word
without meaning: what is lost tells how much a reading leans on either. Times are CPU time, one page after another.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from config.declarations import load_declarations
from config.families import generic_platform
from config.settings import load_settings
from console.reading import read_saved
from crawler.extract.page import Page, read_page
from tests.benchmarks.frame import Benchmark, Row, median, wilson
from tests.benchmarks.peers.embedded import read_embedded
from tests.crawler.extract.gold import Labelled, Outcome, Verdict, judge, labelled_pages, lay_out

READ_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""The moment relative dates on the pages are counted from; any would do."""

FAILURES = "failures.txt"
"""Written beside the labels when the folder may be written: one line for each label that is not right."""

AIMS = {
    "title": ">= 0.95",
    "price": ">= 0.9",
    "price and currency": ">= 0.9",
    "main image": ">= 0.9",
    "cards exact": ">= 0.6",  # the aim proper is "cards near"; pages with unclear edges make exact counts rarer
    "no false listing": "== 1",
}
"""Aims of the reader; every other share has 0.8."""

SHARE_AIM = ">= 0.8"
INVENTED_AIM = "<= 0.2"  # of pages that give no such value: chosen, an invented value is a lead and no accusation
MEDIAN_MS = "<= 1"

LAYERS = (
    ("JSON-LD", re.compile(r"^json-?ld", re.I)),
    ("microdata", re.compile(r"^microdata|itemprop", re.I)),
    ("OpenGraph and metas", re.compile(r"^meta\b|^og:|^link\[|^html @", re.I)),
    ("state in scripts", re.compile(r"^(script|window|state)", re.I)),
    ("address", re.compile(r"address|^url", re.I)),
    ("labels", re.compile(r"^label", re.I)),
)
"""Layers by how `where` begins; everything else was found by sight."""

STRUCTURED = re.compile(
    rb"<script[^>]*ld\+json[^>]*>.*?</script>"
    rb"|<meta\b[^>]*\b(?:property|name)\s*=\s*[\"']?(?:og|product|twitter|book|video|music):[^>]*>"
    rb"|(?<=\s)item(?:prop|scope|type|ref|id)\b(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+))?",
    re.I | re.S,
)
NAMED = re.compile(rb"(?<=\s)(class|id)(\s*=\s*)(\"[^\"]*\"|'[^']*')", re.I)


def run(*, data: Path | None, seed: int | None, size: int | None) -> Benchmark:
    """The rows; `size` is the number of pages to read, the first of them in the order of the labels."""
    del seed  # nothing is drawn
    if data is None:
        raise SystemExit("reading needs saved pages: name their folder with --data")
    folder = data if (data / "gold.jsonl").is_file() else data / "pages"
    pages = labelled_pages(folder)[:size]
    if not pages:
        raise SystemExit(f"{folder} holds no labelled page; it needs index.csv, gold.jsonl and the files they name")
    ours, crashed = _read_by_contract(folder, pages)
    peer, peer_crashed = _read_by_peer(folder, pages)
    verdicts = _judged(pages, ours)
    baseline = _judged(pages, peer)
    rows = [Row(case=f"{len(pages)} pages", measure="uncaught", value=len(crashed), aim="== 0")]
    rows += _field_rows(verdicts, baseline)
    rows += _ablation_rows(folder, pages, verdicts)
    rows += _time_rows(folder, pages)
    notes = [
        *_confusion(pages, ours),
        *_layer_notes(verdicts),
        *_declared(pages),
        *(f"uncaught: {name}" for name in crashed),
        f"extruct raised on {peer_crashed} pages",
        *_write_failures(folder, verdicts),
    ]
    return Benchmark(rows=tuple(rows), notes=tuple(notes))


def _read_by_contract(folder: Path, pages: Sequence[Labelled]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """What `marque read` says of every page, through JSON and back, and the pages it could not read."""
    with tempfile.TemporaryDirectory() as home:
        said = read_saved(load_settings(home, environ={}), lay_out(folder, pages, Path(home) / "pages"), None)
    answers = {page["file"]: json.loads(json.dumps(page)) for page in said}
    return (answers, [f"{file} {page['refusal']}" for file, page in answers.items() if page.get("failed")])


def _read_by_peer(folder: Path, pages: Sequence[Labelled]) -> tuple[dict[str, dict[str, Any]], int]:
    said, raised = {}, 0
    for page in pages:
        try:
            said[page.file] = read_embedded((folder / page.file).read_bytes(), page.url)
        except Exception:  # noqa: BLE001 -- the peer's own failures count as nothing read, and are counted
            raised += 1
    return (said, raised)


def _judged(pages: Iterable[Labelled], said: dict[str, dict[str, Any]]) -> list[Verdict]:
    return [verdict for page in pages for verdict in judge(page.gold, said.get(page.file, {"kind": "none"}))]


def _counts(verdicts: Iterable[Verdict]) -> dict[str, Counter[Outcome]]:
    counts: dict[str, Counter[Outcome]] = {}
    for verdict in verdicts:
        counts.setdefault(verdict.measure, Counter())[verdict.outcome] += 1
    return counts


def _asked(counted: Counter[Outcome]) -> int:
    return counted[Outcome.RIGHT] + counted[Outcome.WRONG] + counted[Outcome.MISSING]


def _share(counted: Counter[Outcome]) -> float:
    asked = _asked(counted)
    return round(counted[Outcome.RIGHT] / asked, 4) if asked else 0.0


def _field_rows(verdicts: list[Verdict], baseline: list[Verdict]) -> list[Row]:
    ours, peers = _counts(verdicts), _counts(baseline)
    rows = []
    for measure, counted in sorted(ours.items()):
        asked, absent = _asked(counted), counted[Outcome.INVENTED] + counted[Outcome.SILENT]
        other = peers.get(measure, Counter())
        if asked:
            case = f"{counted[Outcome.WRONG]} wrong, {counted[Outcome.MISSING]} missing of {asked}"
            rows.append(
                Row(
                    case=case,
                    measure=f"{measure}: right",
                    value=_share(counted),
                    aim=AIMS.get(measure, SHARE_AIM),
                    interval=wilson(counted[Outcome.RIGHT], asked),
                    baseline={"extruct": _share(other)},
                )
            )
        if absent:
            rows.append(
                Row(
                    case=f"{counted[Outcome.INVENTED]} of {absent} pages that give none",
                    measure=f"{measure}: invented",
                    value=round(counted[Outcome.INVENTED] / absent, 4),
                    aim=INVENTED_AIM,
                    interval=wilson(counted[Outcome.INVENTED], absent),
                    baseline={"extruct": round(other[Outcome.INVENTED] / absent, 4)},
                )
            )
    return rows


def _without_structure(body: bytes) -> bytes:
    return STRUCTURED.sub(b"", body)


def _without_names(body: bytes) -> bytes:
    def replace(found: re.Match[bytes]) -> bytes:
        names = (b"n" + hashlib.sha1(name).hexdigest()[:7].encode() for name in found[3][1:-1].split())
        return found[1] + found[2] + found[3][:1] + b" ".join(names) + found[3][-1:]

    return NAMED.sub(replace, body)


def _ablation_rows(folder: Path, pages: Sequence[Labelled], verdicts: list[Verdict]) -> list[Row]:
    whole = _counts(verdicts)
    changes: dict[str, Callable[[bytes], bytes]] = {
        "structured data taken out": _without_structure,
        "classes and ids without meaning": _without_names,
    }
    shown = ("kind listing", "kind results", "kind none", "title", "price and currency", "main image", "cards near")
    rows = []
    for case, change in changes.items():
        with tempfile.TemporaryDirectory() as place:
            for page in pages:
                file = Path(place) / page.file
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(change((folder / page.file).read_bytes()))
            counts = _counts(_judged(pages, _read_by_contract(Path(place), pages)[0]))
        for measure in (name for name in (*shown, "no false listing") if _asked(whole.get(name, Counter()))):
            counted = counts[measure]
            rows.append(
                Row(
                    case=case,
                    measure=f"{measure}: right",
                    value=_share(counted),
                    aim="== 1"
                    if measure == "no false listing"
                    else ">= 0.6",  # chosen: most pages survive either loss
                    interval=wilson(counted[Outcome.RIGHT], _asked(counted)),
                    baseline={"whole page": _share(whole[measure])},
                )
            )
    return rows


def _time_rows(folder: Path, pages: Sequence[Labelled]) -> list[Row]:
    """CPU milliseconds a page: ours, extruct's, and those of taking the page apart alone."""
    times: dict[str, list[float]] = {"ours": [], "extruct": [], "parse": []}

    def timed(name: str, work: Callable[[], object]) -> None:
        start = time.process_time()
        try:
            work()
        except Exception:  # noqa: BLE001 -- counted where the readings are judged; here only time matters
            return
        times[name].append((time.process_time() - start) * 1000)

    for page in pages:
        body = (folder / page.file).read_bytes()
        url = page.url or f"file:///{page.file}"
        saved = Page(url=url, status=None, headers=(), body=body, fetched_at=READ_AT)
        timed("ours", lambda saved=saved: read_page(saved, generic_platform(saved.url)))  # type: ignore[misc]  # bound now
        timed("extruct", lambda body=body, url=page.url: read_embedded(body, url))  # type: ignore[misc]  # bound now
        timed("parse", lambda body=body: LexborHTMLParser(body))  # type: ignore[misc]  # bound now
    at: dict[str, Callable[[list[float]], float]] = {
        "median": median,
        "p95": lambda values: sorted(values)[int(0.95 * (len(values) - 1))],
        "p99": lambda values: sorted(values)[int(0.99 * (len(values) - 1))],
        "worst": max,
    }
    rows = []
    for name, pick in at.items():
        ours, extruct, parse = (round(pick(times[who]), 2) for who in ("ours", "extruct", "parse"))
        aim = MEDIAN_MS if name == "median" else f"<= {extruct}"
        baseline = {"extruct": extruct, "selectolax parse alone": parse}
        rows.append(
            Row(case=f"{len(pages)} pages", measure=f"CPU ms a page, {name}", value=ours, aim=aim, baseline=baseline)
        )
    return rows


def _confusion(pages: Iterable[Labelled], said: dict[str, dict[str, Any]]) -> list[str]:
    """One line for each labelled kind: what its pages were taken for."""
    taken: dict[str, Counter[str]] = {}
    for page in pages:
        kind = said.get(page.file, {}).get("kind", "uncaught")
        taken.setdefault(page.gold["kind"], Counter())[kind] += 1
    return [
        f"kind {kind}: " + ", ".join(f"{other} {n}" for other, n in counted.most_common())
        for kind, counted in taken.items()
    ]


def _layer_notes(verdicts: Iterable[Verdict]) -> list[str]:
    """One line for each field: which layer spoke, and how often it was right of how often it spoke."""
    spoke: dict[str, dict[str, Counter[bool]]] = {}
    for verdict in verdicts:
        if verdict.where:
            layer = next((name for name, begins in LAYERS if begins.search(verdict.where)), "sight")
            spoke.setdefault(verdict.measure, {}).setdefault(layer, Counter())[verdict.outcome is Outcome.RIGHT] += 1
    return [
        f"layers of {measure}: "
        + ", ".join(f"{layer} {counted[True]}/{counted.total()}" for layer, counted in sorted(layers.items()))
        for measure, layers in sorted(spoke.items())
    ]


def _declared(pages: Iterable[Labelled]) -> list[str]:
    """How many pages belong to a platform with rules of its own: the others are read by general means alone."""
    with tempfile.TemporaryDirectory() as home:
        platforms = load_declarations(load_settings(home, environ={})).platforms.values()
    declared = [page.file for page in pages if any(page.url.startswith(platform.home) for platform in platforms)]
    return [f"{len(declared)} pages belong to a declared platform"]


def _write_failures(folder: Path, verdicts: Iterable[Verdict]) -> list[str]:
    """Every label that is not right, one a line, beside the labels; nothing where the folder is not for writing."""
    lines = [
        f"{v.measure:20} {v.outcome.value:8} {v.file:50} want {v.wanted[:90]!r} got {v.got[:120]!r} {v.where[:60]}"
        for v in verdicts
        if v.outcome not in (Outcome.RIGHT, Outcome.SILENT)
    ]
    try:
        (folder / FAILURES).write_text("\n".join(sorted(lines)) + "\n", encoding="utf-8")
    except OSError as error:
        return [f"failures are not written: {error}"]
    return [f"{len(lines)} failures are in {FAILURES} beside the labels"]

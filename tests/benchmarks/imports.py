"""
A holder's whole registry, by command line and through the portal: 400 rights, 2,000 products, 20,000 photos.

Photos are made up, small and all different; one in a hundred is no photo. Everything comes in twice: the second time
nothing may change. Memory is the most that the importing process held: the command's, and the portal's own.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from config.settings import load_settings
from console.workspace import create_workspace
from tests.benchmarks.frame import Benchmark, Row
from tests.console.web.holder.outside import Outside, portal_of

PHOTOS = 20_000
A_PRODUCT = 10  # photos
A_RIGHT = 50
A_ZIP = 5_000
SPOILED = 100  # of so many photos, one is something else
HOLDER = "Aurelia Horlogerie SA"
NO_PHOTOS = (
    b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    b"<html><script>alert(1)</script></html>",
    b"\xff\xd8\xff\xe0 and nothing more",
)
LOOKS_EVERY_S = 120  # well within the quarter of an hour after which a session ends
AIM_MB = 512  # chosen: a laptop does other things beside
RIGHT_HEADS = (
    *("right_ref", "holder", "holder_country", "kind", "office", "registration_number", "mark_text", "nice_classes"),
    *("territories", "registered_on", "status"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What one import came to."""

    seconds: float
    added: int
    changed: int
    refused: int
    peak_mb: int


def run(*, data: Path | None, seed: int | None, size: int | None) -> Benchmark:
    """The rows; `size` is the number of photos."""
    del data
    photos = size or PHOTOS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sheets = _make(folder, photos, np.random.default_rng(seed or 7))
        spoiled = len(range(0, photos, SPOILED))
        rows: list[Row] = []
        by_command = folder / "by-command"
        create_workspace(load_settings(by_command, {}))
        for time_of in ("first", "second"):
            told = {}
            for kind, source in sheets.items():
                told[kind] = _say(f"command line, {time_of} time, {kind}", _by_command(by_command, kind, source))
            rows += _rows("command line", time_of, told, photos, spoiled)
        by_portal = folder / "by-portal"
        create_workspace(load_settings(by_portal, {}))
        # An account belongs to a holder who is known: the unit registers the first right.
        _by_command(by_portal, "rights", _first_right(folder, sheets["rights"]))
        with portal_of(by_portal) as portal:
            for time_of in ("first", "second"):
                told = {}
                for kind, source in sheets.items():
                    told[kind] = _say(f"portal, {time_of} time, {kind}", _by_portal(portal, by_portal, kind, source))
                rows += _rows("portal", time_of, told, photos, spoiled)
    notes = [f"{photos} photos, {spoiled} of them none; load at the end {os.getloadavg()[0]:.1f}"]
    return Benchmark(rows=tuple(rows), notes=tuple(notes))


def _say(what: str, told: _Told) -> _Told:
    """Tell on stderr what has ended: the whole takes long, and what is cut off is not lost."""
    sys.stderr.write(f"{what}: {told}; load {os.getloadavg()[0]:.1f}\n")
    sys.stderr.flush()
    return told


def _rows(way: str, time_of: str, told: dict[str, _Told], photos: int, spoiled: int) -> list[Row]:
    new = sum(each.added + each.changed for each in told.values())
    rows = [
        Row(
            case=f"{way}, {time_of} time: {kind}",
            measure="rows a second",
            value=round((photos if kind == "references" else each.added or each.changed or 1) / each.seconds, 1),
            aim=">= 0",
            baseline={"seconds": round(each.seconds, 1)},
        )
        for kind, each in told.items()
    ]
    rows.append(
        Row(
            case=f"{way}, {time_of} time",
            measure="records new or changed",
            value=new,
            aim="== 0" if time_of == "second" else f">= {photos - spoiled}",
        )
    )
    rows.append(
        Row(
            case=f"{way}, {time_of} time",
            measure="photos refused",
            value=told["references"].refused,
            aim=f"== {spoiled}",
        )
    )
    rows.append(
        Row(
            case=f"{way}, {time_of} time",
            measure="peak memory, MB",
            value=max(each.peak_mb for each in told.values()),
            aim=f"<= {AIM_MB}",
        )
    )
    return rows


def _by_command(home: Path, kind: str, source: Path) -> _Told:
    """`marque KIND import SOURCE --json` in a process of its own."""
    call = [sys.executable, "-m", "console.cli", "--home", str(home), kind, "import", str(source), "--json"]
    started = time.monotonic()
    with tempfile.TemporaryFile() as out:
        pid = os.posix_spawn(
            sys.executable, call, dict(os.environ), file_actions=[(os.POSIX_SPAWN_DUP2, out.fileno(), 1)]
        )
        _, status, used = os.wait4(pid, 0)
        seconds = time.monotonic() - started
        out.seek(0)
        report = json.load(out)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"{' '.join(call)} failed")
    refused = {each["row"] for each in report["refusals"]}
    return _Told(
        seconds=seconds,
        added=report["added"],
        changed=report["changed"],
        refused=len(refused),
        peak_mb=used.ru_maxrss // 1024,
    )


def _by_portal(portal: Outside, home: Path, kind: str, source: Path) -> _Told:
    """The sheet, or archives of the folder, handed in at the portal; what is large is taken in as the worker does."""
    figures = [0, 0, 0, 0]
    waiting: list[str] = []
    path = "/register/photos" if kind == "references" else f"/register/{kind}"
    packed = sorted(source.parent.glob("photos-*.zip")) if kind == "references" else [source]
    started = time.monotonic()
    for file in packed:
        with file.open("rb") as stream:
            field = "files" if kind == "references" else "file"
            answer = portal.submit(path, files={field: (file.name, stream, "application/octet-stream")}, act="take")
        if answer.status_code == 303:
            waiting.append(answer.headers["location"])
            continue
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status_code}\n{answer.text[:2000]}")
        shown = answer.text.partition('class="figures"')[2].split('<b translate="no">')[1:5]
        for at, part in enumerate(shown):
            figures[at] += int(part.partition("<")[0].replace(",", ""))
    peak_mb = portal.peak_mb
    if waiting:
        peak_mb = max(peak_mb, _take_uploads(home, lambda: portal.client.get(waiting[0])))
    for path in waiting:
        told = portal.client.get(f"{path}.json").json()
        if told["state"] != "done":
            raise SystemExit(f"{path}: {told['state']} {told['because']}")
        for at, name in enumerate(("added", "changed", "unchanged", "refused")):
            figures[at] += told[name]
    added, changed, _unchanged, refused = figures
    return _Told(seconds=time.monotonic() - started, added=added, changed=changed, refused=refused, peak_mb=peak_mb)


def _take_uploads(home: Path, look: Callable[[], object]) -> int:
    """
    `marque uploads take` in a process of its own; gives the most memory it held, in MB.

    Its holder has a `look` at the page now and then, else the session would end before a long one does.
    """
    call = [sys.executable, "-m", "console.cli", "--home", str(home), "uploads", "take", "--json"]
    with Path(os.devnull).open("wb") as nowhere:
        pid = os.posix_spawn(
            sys.executable, call, dict(os.environ), file_actions=[(os.POSIX_SPAWN_DUP2, nowhere.fileno(), 1)]
        )
        looked_at = time.monotonic()
    while not (ended := os.wait4(pid, os.WNOHANG))[0]:
        time.sleep(0.2)
        if time.monotonic() - looked_at > LOOKS_EVERY_S:
            look()
            looked_at = time.monotonic()
    _, status, used = ended
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{' '.join(call)} failed")
    return int(used.ru_maxrss) // 1024


def _make(folder: Path, photos: int, draw: np.random.Generator) -> dict[str, Path]:
    """The sheets and the folder of photos, and the archives of it."""
    rights, products = max(1, photos // A_RIGHT), max(1, photos // A_PRODUCT)
    right_rows = [
        [
            *(f"R-{n}", HOLDER, "CH", "trademark", "EM", f"{18_000_000 + n:09d}"),
            *(f"Aurelia {_word(n)}", "14", "EU", "2020-01-01", "active"),
        ]
        for n in range(rights)
    ]
    product_rows = [[f"P-{n}", HOLDER, f"R-{n % rights}", f"Aurelia {_word(n)} {n}"] for n in range(products)]
    sheets = {
        "rights": _sheet(folder / "rights.csv", RIGHT_HEADS, right_rows),
        "products": _sheet(folder / "products.csv", ("product_ref", "holder", "right_refs", "name"), product_rows),
    }
    pictures = folder / "photos"
    pictures.mkdir()
    lines: list[list[str]] = []
    for n in range(photos):
        bytes_of = NO_PHOTOS[n // SPOILED % len(NO_PHOTOS)] if n % SPOILED == 0 else _photo(draw)
        (pictures / f"{n}.jpg").write_bytes(bytes_of)
        lines.append([f"F-{n}", f"{n}.jpg", "photo", f"P-{n % products}"])
    heads = ("reference_ref", "file", "medium", "product_ref")
    _sheet(pictures / "references.csv", heads, lines)
    for start in range(0, photos, A_ZIP):
        part = lines[start : start + A_ZIP]
        with zipfile.ZipFile(folder / f"photos-{start:06d}.zip", "w") as archive:
            archive.writestr("references.csv", _text(heads, part))
            for line in part:
                archive.write(pictures / line[1], line[1])
    return {**sheets, "references": pictures}


def _photo(draw: np.random.Generator) -> bytes:
    """A picture of 96 x 96 px, some 2 kB: blocks of tones no other has."""
    blocks = draw.integers(0, 256, (12, 12, 3), dtype=np.uint8)
    out = BytesIO()
    Image.fromarray(blocks.repeat(8, 0).repeat(8, 1)).save(out, "JPEG", quality=80)
    return out.getvalue()


def _word(n: int) -> str:
    return "".join("bdfgklmnprstvz"[n // 14**place % 14] + "aeiou"[n // 5**place % 5] for place in range(3)).title()


def _text(heads: tuple[str, ...], rows: list[list[str]]) -> str:
    lines = [",".join(heads), *(",".join(row) for row in rows)]
    return "\r\n".join(lines) + "\r\n"


def _sheet(path: Path, heads: tuple[str, ...], rows: list[list[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(heads)
        writer.writerows(rows)
    return path


def _first_right(folder: Path, sheet: Path) -> Path:
    lines = sheet.read_text("utf-8").splitlines()[:2]
    target = folder / "first.csv"
    target.write_text("\n".join(lines) + "\n", "utf-8")
    return target

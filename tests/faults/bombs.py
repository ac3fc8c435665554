"""
Answers made to exhaust whoever reads them: what each costs in memory, and what becomes of it, as a table.

    python -m tests.faults.bombs [--only NAME]

Each is crawled by a process of its own, whose resident memory at its highest is the operating system's word; the
first row is a page that harms nobody.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import brotli
import zstandard

from console.output import Progress, progress
from tests.faults.crawl_of import crawl_of
from tests.faults.raw_site import NOT_FOUND, RawSite, page
from tests.faults.told import silence

GROWTH_MAX_MIB = 64.0
PARSED_MAX_MIB = 300.0  # of a page that is read, at the limit of 8 MiB: a tree takes thirty times its text
SECONDS_MAX = 60.0
MIB = 1024 * 1024
INFLATED_MIB = 512

Pieces = Iterator[bytes | float]


def _harmless() -> Pieces:
    yield page(b"<html><body><h1>A page</h1></body></html>")


def _gzip() -> Pieces:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = b"".join(packer.compress(bytes(MIB)) for _ in range(INFLATED_MIB)) + packer.flush()
    yield page(body, "Content-Encoding: gzip")


def _deflate() -> Pieces:
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(bytes(MIB)) for _ in range(INFLATED_MIB)) + packer.flush()
    yield page(body, "Content-Encoding: deflate")


def _brotli() -> Pieces:
    packer = brotli.Compressor(quality=5)
    body = b"".join(packer.process(bytes(MIB)) for _ in range(INFLATED_MIB)) + packer.finish()
    yield page(body, "Content-Encoding: br")


def _zstd() -> Pieces:
    packer = zstandard.ZstdCompressor(level=3).compressobj()
    body = b"".join(packer.compress(bytes(MIB)) for _ in range(INFLATED_MIB)) + packer.flush()
    yield page(body, "Content-Encoding: zstd")


def _stacked() -> Pieces:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = b"".join(packer.compress(bytes(MIB)) for _ in range(INFLATED_MIB)) + packer.flush()
    yield page(gzip.compress(body), "Content-Encoding: gzip, gzip")


def _links() -> Pieces:
    links = b"".join(b"<li class='card'><a href='/item/%d'>x</a></li>" % n for n in range(1_000_000))
    yield page(links[: 8 * MIB - 1000])


def _links_over_the_limit() -> Pieces:
    yield page(b"".join(b"<a href='/item/%d'>x</a>" % n for n in range(1_000_000)))


def _endless() -> Pieces:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    while True:
        yield b"<p>more and more</p>" * 4096


def _trickle() -> Pieces:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    while True:
        yield b"<"
        yield 0.2


def _slow_headers() -> Pieces:
    yield b"HTTP/1.1 200 OK\r\n"
    while True:
        yield b"X: y\r\n"
        yield 0.2


def _nesting() -> Pieces:
    yield page(b"<div>" * 200_000 + b"<h1>deep</h1>")


def _json_ld() -> Pieces:
    items = ",".join(
        json.dumps({"@type": "Product", "name": f"W {n}", "offers": {"price": n}}) for n in range(90_000)
    )
    yield page(f"<script type='application/ld+json'>[{items}]</script><h1>x</h1>".encode())


def _json_nesting() -> Pieces:
    yield page(b"<script type='application/ld+json'>" + b"[" * 1_000_000 + b"]" * 1_000_000 + b"</script><h1>x</h1>")


def _headers() -> Pieces:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
    for number in range(60_000):
        yield b"X-%d: %s\r\n" % (number, b"y" * 1000)
    yield b"Content-Length: 2\r\n\r\nok"


def _one_header() -> Pieces:
    yield b"HTTP/1.1 200 OK\r\nX: "
    for _ in range(200):
        yield b"y" * MIB
    yield b"\r\nContent-Length: 2\r\n\r\nok"


def _cookies() -> Pieces:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
    yield b"".join(b"Set-Cookie: c%d=%s\r\n" % (number, b"v" * 50) for number in range(100_000))
    yield b"Content-Length: 2\r\n\r\nok"


def _chunks() -> Pieces:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield b"1\r\nx\r\n" * 500_000
    yield b"0\r\n\r\n"


BOMBS: dict[str, Callable[[], Pieces]] = {
    "harmless": _harmless,
    "gzip": _gzip,
    "deflate": _deflate,
    "brotli": _brotli,
    "zstd": _zstd,
    "stacked": _stacked,
    "links": _links,
    "links over the limit": _links_over_the_limit,
    "endless body": _endless,
    "trickle": _trickle,
    "slow headers": _slow_headers,
    "nesting": _nesting,
    "huge JSON-LD": _json_ld,
    "nested JSON-LD": _json_nesting,
    "60 MB of headers": _headers,
    "one header of 200 MB": _one_header,
    "100,000 cookies": _cookies,
    "500,000 chunks": _chunks,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one bomb did."""

    name: str
    outcome: str  # `done`, or the word for why it failed
    state: str
    codes: tuple[int, ...]
    peak_mib: float
    growth_mib: float  # over the harmless page
    seconds: float

    @property
    def clean(self) -> bool:
        """Whether the process came to its end by itself, in time and in bounds."""
        most = PARSED_MAX_MIB if self.outcome == "done" else GROWTH_MAX_MIB
        return self.codes == (0,) and self.growth_mib <= most and self.seconds <= SECONDS_MAX


def explode(names: Sequence[str], show: Progress = silence) -> list[Row]:
    """Crawl the harmless page and each of the bombs named."""
    rows: list[Row] = []
    for name in ["harmless", *(each for each in names if each != "harmless")]:
        show(len(rows), len(names) + 1, name)
        pieces = list(BOMBS[name]()) if name not in ("endless body", "trickle", "slow headers") else None

        def say(host: str, path: str, name: str = name, made: list[bytes | float] | None = pieces) -> Pieces:
            del host
            if path == "/":
                yield from BOMBS[name]() if made is None else made
            else:
                yield NOT_FOUND

        with RawSite(say) as site, tempfile.TemporaryDirectory() as folder:
            url = f"{site.home(0)}/"
            found = crawl_of(Path(folder) / "w", [url], timeout_s=5.0, most_s=2 * SECONDS_MAX)
        rows.append(
            Row(
                name=name,
                outcome=found.reasons.get(url, "nothing"),
                state=found.run.state.value,
                codes=found.codes,
                peak_mib=round(found.peak_mib, 1),
                growth_mib=round(found.peak_mib - (rows[0].peak_mib if rows else found.peak_mib), 1),
                seconds=round(found.seconds, 1),
            )
        )
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 0 when every row is within its bounds."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.bombs", description=__doc__)
    parser.add_argument("count", nargs="?", help="not used: there is one of each")
    parser.add_argument("--only", action="append", choices=list(BOMBS))
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    with progress("bombs", asked.json) as show:
        rows = explode(asked.only or list(BOMBS), show)
    if asked.json:
        clean = all(row.clean for row in rows)
        sys.stdout.write(json.dumps({"name": "bombs", "clean": clean, "rows": [asdict(row) for row in rows]}) + "\n")
        return 0 if clean else 1
    sys.stdout.write(f"{'bomb':22} {'outcome':18} {'run':18} {'peak MiB':>9} {'growth':>8} {'s':>6}\n")
    for row in rows:
        mark = "" if row.clean else f"  OUT OF BOUNDS {row.codes}"
        figures = f"{row.peak_mib:9.1f} {row.growth_mib:8.1f} {row.seconds:6.1f}"
        sys.stdout.write(f"{row.name:22} {row.outcome:18} {row.state:18} {figures}{mark}\n")
    return 0 if all(row.clean for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())

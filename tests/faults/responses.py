"""
Answers that no server should send: status lines, headers, encodings and bodies damaged in every place.

    python -m tests.faults.responses 10000 [--seed N] [--json]

All of them are fetched by one crawl, a few from each of many hosts, so that no breaker hides one behind another.
Every answer must come to an end in the ledger, none may break the crawl's process or hold it up.
"""

from __future__ import annotations

import argparse
import gzip
import random
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from console.output import Progress, progress
from store.records.runs import RunState
from tests.faults.crawl_of import crawl_of
from tests.faults.raw_site import NOT_FOUND, RawSite
from tests.faults.told import silence, told

A_HOST = 3  # answers of one host: fewer than open its breaker
TIMEOUT_S = 2.0
STATUS = (
    b"HTTP/1.1 200 OK", b"HTTP/1.0 200 OK", b"HTTP/0.9", b"", b"\x00\x01\x02", b"HTTP/1.1", b"HTTP/1.1 999 X",
    b"HTTP/1.1 -1 X", b"HTTP/1.1 20000000000 X", b"HTTP/9.9 200 OK", b"ICY 200 OK", b"HTTP/1.1 200",
    b"http/1.1 200 ok",
    b"HTTP/1.1 204 None", b"HTTP/1.1 304 Same", b"HTTP/1.1 100 Go on", b"HTTP/1.1 206 Part", b"HTTP/1.1 301 Moved",
    b"HTTP/1.1 200 \xff\xfe", b"HTTP/1.1 200 " + b"x" * 70_000, b"SSH-2.0-OpenSSH_9", b"\x16\x03\x01\x02\x00",
    b"HTTP/1.1 418 Teapot", b"HTTP/1.1 503 Busy", b"HTTP/1.1 0 X", b"HTTP/1.1 abc X",
)  # fmt: skip
HEADERS = (
    b"Content-Type: text/html", b"Content-Type: \x00", b"Content-Type: text/html; charset=\xff", b"Content-Length: 5",
    b"Content-Type: text/html; charset=utf-7", b"Content-Type: text/html; charset=" + b"x" * 5000,
    b"Content-Length: -1",
    b"Content-Length: 99999999999999999999", b"Content-Length: abc", b"Content-Length: 5\r\nContent-Length: 6",
    b"Content-Length: 1, 1", b"Content-Length: +5", b"Content-Length: 0x5", b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: chunked, chunked", b"Transfer-Encoding: gzip", b"Transfer-Encoding: \x0bchunked",
    b"Content-Encoding: gzip", b"Content-Encoding: br", b"Content-Encoding: zstd", b"Content-Encoding: deflate",
    b"Content-Encoding: gzip, br, zstd", b"Content-Encoding: nonsense", b"Content-Encoding: " + b"gzip," * 500,
    b"Location: /", b"Location: \xff\xfe", b"Location: http://[::1", b"Location: //", b"Location: javascript:1",
    b"Location: /" + b"a" * 9000, b"Retry-After: \xd9\xa3", b"Retry-After: 1e999", b"Retry-After: Thu, 99 Foo 0000",
    b"Set-Cookie: " + b"c" * 9000, b"X: a\r\n folded", b": no name", b"no colon", b"X\x00Y: z", b"\xff: \xfe",
    b"Connection: close", b"Connection: keep-alive, close, upgrade", b"Upgrade: h2c", b"Refresh: 0;url=/",
    b"Link: <>", b"ETag: \"\x00\"", b"Date: never", b"Content-Disposition: attachment; filename=../../x",
)  # fmt: skip
BODY = b"<html><body><h1>Watch</h1><li class='card'><a href='/i'>x</a></li><p>EUR 5.00</p></body></html>"


def answer(dice: random.Random) -> list[bytes]:
    """One answer in pieces; after the last the connection is closed."""
    lines = [dice.choice(STATUS) if dice.random() < 0.5 else STATUS[0]]
    lines += [dice.choice(HEADERS) for _ in range(dice.randrange(6))]
    end = dice.choice((b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"\n\r"))
    body = dice.choice(
        (
            BODY,
            b"",
            gzip.compress(BODY),
            gzip.compress(BODY)[: dice.randrange(1, 60)],
            zlib.compress(BODY),
            dice.randbytes(dice.randrange(300)),
            b"5\r\nhello\r\n0\r\n\r\n",
            b"FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n",
            b"-5\r\nhello\r\n",
            b"5;" + b"x" * 9000 + b"\r\nhello\r\n0\r\n\r\n",
            b"5\r\nhello\r\n0\r\nX: y\r\n",
            b"\x00" * 2000,
            BODY.decode().encode("utf-16"),
            b"<" * 5000,
            b"<script type='application/ld+json'>" + b"[" * 3000,
        )
    )
    whole = end.join([*lines, b"", b""]) + body
    damage = dice.random()
    if damage < 0.15:
        whole = whole[: dice.randrange(len(whole) + 1)]
    elif damage < 0.35 and whole:
        changed = bytearray(whole)
        for _ in range(dice.randrange(1, 12)):
            changed[dice.randrange(len(changed))] = dice.randrange(256)
        whole = bytes(changed)
    elif damage < 0.4:
        whole += whole  # a second answer that nobody asked for
    cut = dice.randrange(len(whole) + 1)
    return [whole[:cut], whole[cut:]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the crawl came to."""

    answers: int
    settled: int  # done or failed with a reason
    broken: dict[str, int]  # reasons that say that a fault of ours stopped a page
    outcomes: dict[str, int]
    state: str
    codes: tuple[int, ...]
    seconds: float
    peak_mib: float

    @property
    def clean(self) -> bool:
        """Whether every answer came to an end, and the process by itself."""
        ended = self.state not in (RunState.RUNNING.value, RunState.FAILED.value, RunState.INTERRUPTED.value)
        return self.settled == self.answers and not self.broken and self.codes == (0,) and ended


def prove(count: int, seed: int, show: Progress = silence) -> Proof:
    """Fetch `count` answers in one crawl."""

    def say(host: str, path: str) -> Iterator[bytes | float]:
        if path == "/robots.txt":
            yield NOT_FOUND
        else:
            yield from answer(random.Random(f"{seed}{host}{path}"))

    with RawSite(say) as site, tempfile.TemporaryDirectory() as folder:
        wanted = [f"{site.home(n // A_HOST)}/{n}" for n in range(count)]
        found = crawl_of(
            Path(folder) / "w",
            wanted,
            timeout_s=TIMEOUT_S,
            most_s=60.0 + count * 0.2,
            watch=lambda: show(min(len(site.asked), count), count, "asked"),
        )
    ended = {url: found.reasons.get(url) for url in wanted}
    outcomes = Counter(str(reason) for reason in ended.values())
    broken = {reason: n for reason, n in outcomes.items() if reason.startswith(("error:", "reader:", "not_storable"))}
    return Proof(
        answers=count,
        settled=sum(1 for reason in ended.values() if reason not in (None, "pending", "leased")),
        broken=broken,
        outcomes=dict(outcomes.most_common()),
        state=found.run.state.value,
        codes=found.codes,
        seconds=round(found.seconds, 1),
        peak_mib=round(found.peak_mib, 1),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the proof; 0 when every promise held."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.responses", description=__doc__)
    parser.add_argument("answers", type=int, nargs="?", default=10_000)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    with progress("responses", asked.json) as show:
        proof = prove(asked.answers, asked.seed, show)
    sys.stdout.write(told(proof, proof.clean, as_json=asked.json))
    return 0 if proof.clean else 1


if __name__ == "__main__":
    sys.exit(main())

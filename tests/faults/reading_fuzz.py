"""
Reads hostile pages and shows that none raises, hangs or keeps memory.

    python -m tests.faults.reading_fuzz 10000 [--seed N] [--json]

Every page is read as `marque read` answers it, with an address, a header and an expectation drawn from the seed. What
is said must be JSON that any reader takes: no lone surrogate and no control character in a field's value.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import resource
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from config.families import generic_platform
from console.reading import answer
from crawler.extract.memory import give_back
from crawler.extract.page import Page, read_page
from store.records.fetches import FetchKind
from tests.crawler.extract.pages_made import platform
from tests.faults.hostile_pages import hostile_page, one_of_each

SEEN_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

HANG_S = 20.0
"""CPU seconds after which a page counts as hanging: a few times the worst honest page of the largest size."""

WARM_PAGES = 500
"""Pages after which caches have settled: memory is taken there and at the end, after one page of each kind."""

PAGES_A_LINE = 500
"""Pages after which a run says on stderr how far it is: a full one takes ten CPU minutes and more."""

KEPT_MB = 40.0
"""Growth of memory that counts as kept: 4 kB a page of the full run, what the allocator withholds included."""

ADDRESSES = (
    "https://shop.example/item/123", "https://shop.example/search?q=bag", "", "file:///saved.html", "http://[x",
    "https://shop.example:99999/", "https://\u202e.example/", "https://xn--zzz---.example/", "javascript:1",
    "https://shop.example/" + "a/" * 2000, "https://shop.example/%00%ff?x=%", "//shop.example", "https://1.2.3.4/p/1",
)  # fmt: skip
HEADERS = (
    "",
    "text/html",
    "text/html; charset=utf-8",
    "text/html; charset=koi8-r",
    "text/html; charset=nothing",
    "application/xml",
    "text/html; charset=" + "x" * 3000,
)
DECLARED = platform()


class Hung(BaseException):
    """A page took longer than `HANG_S`; no `Exception`, so that no boundary takes it for a page's own fault."""


@dataclass
class Proof:
    """What reading hostile pages came to."""

    seed: int
    pages: int = 0
    uncaught: list[str] = field(default_factory=list)
    hung: list[str] = field(default_factory=list)
    unclean: list[str] = field(default_factory=list)  # values that are no clean text
    worst_ms: dict[str, float] = field(default_factory=dict)  # CPU, by kind
    slowest: str = ""
    rss_warm_mb: float = 0.0
    rss_end_mb: float = 0.0
    rss_peak_mb: float = 0.0

    @property
    def clean(self) -> bool:
        """Every promise held."""
        flat = self.rss_end_mb - self.rss_warm_mb <= KEPT_MB
        return flat and not (self.uncaught or self.hung or self.unclean)


def prove(pages: int, seed: int) -> Proof:
    """Read so many pages of that seed."""
    proof = Proof(seed=seed)
    before = signal.signal(signal.SIGVTALRM, _hung)
    try:
        for number in range(pages):
            if number == WARM_PAGES:
                proof.rss_warm_mb = _settled_mb(proof, seed)
            kind, body = hostile_page(seed, number)
            _read(proof, f"{seed}/{number}", kind, body)
            if number % PAGES_A_LINE == PAGES_A_LINE - 1:
                failed = len(proof.uncaught) + len(proof.hung) + len(proof.unclean)
                sys.stderr.write(f"{number + 1} pages, {failed} failed, {_resident_mb()} MB\n")
        if pages > WARM_PAGES:
            proof.rss_end_mb = _settled_mb(proof, seed)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    proof.rss_peak_mb = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    return proof


def _hung(number: int, frame: FrameType | None) -> None:
    raise Hung


def _settled_mb(proof: Proof, seed: int) -> float:
    for kind, body in one_of_each(seed):
        _read(proof, f"{seed}/each", kind, body)
    gc.collect()
    give_back()  # as reading does after every large page; what is counted is what is kept
    return _resident_mb()


def _read(proof: Proof, name: str, kind: str, body: bytes) -> None:
    chance = random.Random(name)
    name = f"{name} ({kind})"
    url, told = chance.choice(ADDRESSES), chance.choice(HEADERS)
    headers = (("Content-Type", told),) if told else ()
    page = Page(url=url, status=chance.choice((None, 200)), headers=headers, body=body, fetched_at=SEEN_AT)
    reader = DECLARED if chance.random() < 0.2 else generic_platform(url)
    expected = chance.choice((None, *FetchKind))
    start = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, HANG_S)
    try:
        said = answer(name, read_page(page, reader, expected=expected))
    except Hung:
        proof.hung.append(name)
        return
    except Exception as error:  # noqa: BLE001 -- what is counted here
        proof.uncaught.append(f"{name}: {error!r}"[:300])
        return
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        proof.pages += 1
        took = round((time.process_time() - start) * 1000, 1)
        if took > max(proof.worst_ms.values(), default=0.0):
            proof.slowest = name
        proof.worst_ms[kind] = max(took, proof.worst_ms.get(kind, 0.0))
    json.dumps(said)
    dirty = next((text for text in _values(said) if _is_dirty(text)), None)
    if dirty is not None:
        proof.unclean.append(f"{name}: {dirty[:100]!r}")


def _values(said: Mapping[str, Any]) -> Iterator[str]:
    """Every field's value that is text."""
    for fields in (said["listing"], said["stream"], *said["cards"]):
        for seen in fields.values():
            value = seen.get("value") if isinstance(seen, Mapping) else seen
            yield from (text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str))


def _is_dirty(text: str) -> bool:
    return any((ord(letter) < 32 and letter not in "\n\t") or 0xD800 <= ord(letter) < 0xE000 for letter in text)


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return round(pages * resource.getpagesize() / 2**20, 1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what came of it; exit 0 when every promise held."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.reading_fuzz")
    parser.add_argument("pages", type=int, nargs="?", default=10_000)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    start = time.monotonic()
    proof = prove(asked.pages, asked.seed)
    summary = {"name": "reading_fuzz", **asdict(proof), "seconds": round(time.monotonic() - start, 1)}
    if asked.json:
        text = json.dumps(summary)
    else:
        text = "\n".join(f"{name:14} {value}" for name, value in summary.items())
        text += "\nevery promise held" if proof.clean else "\nA PROMISE WAS BROKEN"
    sys.stdout.write(text + "\n")
    return 0 if proof.clean else 1


if __name__ == "__main__":
    sys.exit(main())

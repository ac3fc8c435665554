"""What a crawl tells its parent while it runs: JSON lines on its standard output."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from time import monotonic
from typing import TextIO

EVERY_S = 0.25  # chosen: smooth for a progress bar, nothing for the crawl


@dataclass(slots=True, kw_only=True)
class Beat:
    """How far a crawl is."""

    event: str  # beat | end
    run: str
    platform: str
    done: int = 0  # fetches of the run, with those of processes before
    failed: int = 0
    retried: int = 0  # by this process
    queued: int = 0  # fetches of the run so far, done and failed ones included
    listings: int = 0  # looks made by this process
    state: str | None = None  # with `end`


def read_beat(line: str) -> Beat | None:
    """The beat that a line tells; None for a line that is none."""
    try:
        data = json.loads(line)
        return Beat(**data)
    except (ValueError, TypeError):
        return None


class Progress:
    """Writes beats; stops the crawl when nobody reads them any more, so that no orphan goes on crawling."""

    def __init__(self, beat: Beat, stream: TextIO | None, orphaned: Callable[[], None]) -> None:
        self.beat = beat
        self._stream = stream
        self._orphaned = orphaned
        self._next = 0.0

    def tell(self, *, end: str | None = None) -> None:
        """Write a beat, at most every quarter second; the end always."""
        if self._stream is None or (end is None and monotonic() < self._next):
            return
        self._next = monotonic() + EVERY_S
        if end is not None:
            self.beat.event, self.beat.state = "end", end
        try:
            self._stream.write(json.dumps(asdict(self.beat)) + "\n")
            self._stream.flush()
        except BrokenPipeError:
            self._stream = None
            self._orphaned()

"""
Pictures for the desk, drawn in processes of their own and kept in memory.

The bytes of the web never reach a browser, and never a decoder in the server's own process: a picture that kills or
stalls one costs that picture. What is drawn is kept in memory only, so that what the vault erases is nowhere else.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import LifoQueue
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple

from console.web.review.drawing import Region, draw, side_of
from store.evidence.errors import EvidenceError
from store.evidence.vault import Vault

if TYPE_CHECKING:
    from matching.photo_worker import PhotoWorker

AT_ONCE = 2  # processes that draw: one more than a picture that hangs, so that the others go on
SECONDS = 6.0  # a 25 Mpx photo takes about a second on a busy core; what takes longer is not shown
MOST_WAITING = 256  # requests; what one screen asks for, many times over
KEPT_BYTES = 64 << 20  # some 2,000 pictures of a review, or 10,000 thumbnails
REFUSALS_KEPT = 10_000
REFUSED_FOR_S = 600.0  # then it is tried again: what took too long may have met a busy machine


class NoPicture(Exception):
    """These bytes are no picture that may be shown; the message says why."""


class Busy(Exception):
    """No picture can be drawn just now: too many are waited for, or the process that draws did not start."""


class _Wish(NamedTuple):
    sha256: str
    side_px: int
    region: Region | None
    is_blurred: bool
    is_cut: bool


class Pictures:
    """Pictures of one vault. Close it, or use it in a `with` block."""

    def __init__(self, vault: Vault, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._vault = vault
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="pictures")
        # Whoever drew last draws next: the other process begins only when two are wanted at once.
        self._free: LifoQueue[_Drawer] = LifoQueue()
        self._drawers = [_Drawer() for _ in range(AT_ONCE)]
        for drawer in self._drawers:
            self._free.put(drawer)
        self._waiting = 0
        self._lock = Lock()
        self._kept: OrderedDict[_Wish, bytes] = OrderedDict()
        self._kept_bytes = 0
        self._refused: OrderedDict[str, tuple[str, float]] = OrderedDict()  # why, and until when

    def jpeg(
        self,
        sha256: str,
        *,
        side_px: int,
        region: Region | None = None,
        is_blurred: bool = False,
        is_cut: bool = False,
    ) -> bytes:
        """
        The picture as a JPEG, its longer side about `side_px`, with the region framed, or cut out; or blurred.

        Raises `NoPicture` where the vault has no such bytes, the gate refuses them, or their decoder dies or hangs.
        """
        wish = _Wish(sha256, side_of(side_px), region, is_blurred, is_cut)
        return self._known(wish) or self._make(wish)

    async def wait_for(
        self,
        sha256: str,
        *,
        side_px: int,
        region: Region | None = None,
        is_blurred: bool = False,
        is_cut: bool = False,
    ) -> bytes:
        """Do as `jpeg` without holding a thread of the server meanwhile. Raises `NoPicture` and `Busy`."""
        wish = _Wish(sha256, side_of(side_px), region, is_blurred, is_cut)
        known = self._known(wish)
        if known is not None:
            return known
        if self._waiting >= MOST_WAITING:
            raise Busy(f"{MOST_WAITING} pictures are waited for")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._make, wish)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """End every process, also one that hangs."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for drawer in self._drawers:
            drawer.close()
        self._threads.shutdown(wait=True)
        for drawer in self._drawers:  # one that a last request began anew
            drawer.close()

    def __enter__(self) -> Pictures:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _known(self, wish: _Wish) -> bytes | None:
        try:
            is_there = self._vault.has(wish.sha256)
        except EvidenceError as error:
            raise NoPicture(str(error)) from error
        if not is_there:
            self._forget(wish.sha256)
            return None
        with self._lock:
            if wish in self._kept:
                self._kept.move_to_end(wish)
                return self._kept[wish]
            refused, until = self._refused.get(wish.sha256, ("", 0.0))
        if self._seconds() < until:
            raise NoPicture(refused)
        return None

    def _forget(self, sha256: str) -> None:
        """Let go of what was drawn of bytes that the vault no longer has."""
        with self._lock:
            for wish in [wish for wish in self._kept if wish.sha256 == sha256]:
                self._kept_bytes -= len(self._kept.pop(wish))

    def _make(self, wish: _Wish) -> bytes:
        known = self._known(wish)  # whoever waited before may have asked for the same
        if known is not None:
            return known
        try:
            data = self._vault.get(wish.sha256)
        except EvidenceError as error:
            raise NoPicture(str(error)) from error  # not remembered: a backup may bring them back
        drawer = self._free.get()
        try:
            made = drawer.draw(data, wish)
        except NoPicture as refused:
            with self._lock:
                self._refused[wish.sha256] = (str(refused), self._seconds() + REFUSED_FOR_S)
                self._refused.move_to_end(wish.sha256)
                if len(self._refused) > REFUSALS_KEPT:
                    self._refused.popitem(last=False)
            raise
        finally:
            self._free.put(drawer)
        with self._lock:
            self._kept[wish] = made
            self._kept_bytes += len(made)
            while self._kept_bytes > KEPT_BYTES:
                _, oldest = self._kept.popitem(last=False)
                self._kept_bytes -= len(oldest)
        return made


class _Drawer:
    """One process that draws, begun at its first picture: imaging is slow to import, and many desks draw nothing."""

    def __init__(self) -> None:
        self._worker: PhotoWorker | None = None

    def draw(self, data: bytes, wish: _Wish) -> bytes:
        """Draw it. Raises `NoPicture`."""
        from matching.errors import PhotoRefused
        from matching.photo_worker import PhotoWorker

        if self._worker is None:
            self._worker = PhotoWorker()
        try:
            self._worker.start()
        except PhotoRefused as failed:
            # Of this machine, not of the picture: nothing is remembered, and the next request tries again.
            raise Busy("the process that draws did not start") from failed
        try:
            return self._worker.ask(
                draw, data, wish.side_px, wish.region, wish.is_blurred, wish.is_cut, seconds=SECONDS
            )
        except PhotoRefused as refused:
            raise NoPicture(f"{refused.reason.value}: {refused.detail}") from refused

    def close(self) -> None:
        """End the process."""
        if self._worker is not None:
            self._worker.close()

"""
Opens photos of the open web in a process of its own, with limits on memory and time.

A decoder's defect then costs one photo: the process dies, the photo is refused, a new process goes on. The child
ends with its parent, however that one ends, and leaves Ctrl-C to it.
"""

from __future__ import annotations

import os
import resource
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from queue import SimpleQueue
from types import TracebackType
from typing import TypeVar

from matching.errors import PhotoRefused, ReaderMissing, RefusalReason
from matching.images import PhotoHash, hash_photo, hash_reference, open_logo, open_photo
from matching.logos import Logo, describe_logo
from matching.printed_words import PrintedWords, is_installed, read_words

# The largest picture the gate opens has 75 MB of pixels, held a few times over, beside the libraries themselves.
MEMORY_BYTES = 2 << 30
# A 25 Mpx photo takes about a second on one core; a decoder that needs this long is in a loop.
SECONDS = 30.0
WORDS_SECONDS = (
    180.0  # words take a second, and their reader as long to load; many times that on a machine that swaps
)
KILL_S = 2.0  # for a child to end when told to; a decoder in a loop ends at once, whatever it does
START_S = 60.0  # a new process loads numpy and OpenCV: a second on an idle machine, many on one that swaps


# Children are forked from one process that has loaded what decodes, so that only the first waits for it.
_PROCESSES = get_context("forkserver")
LOADED_FIRST = ["matching.gate", "matching.logos"]
_PROCESSES.set_forkserver_preload(LOADED_FIRST)

A = TypeVar("A")
B = TypeVar("B")

AHEAD = 3  # things a worker that are held at once: a slow one holds nobody up, and pictures of 20 MB stay few


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A `PhotoRefused` as it survives the way between processes, which errors with values do not."""

    reason: str
    detail: str


class PhotoWorker:
    """Does what decodes a photo in a child process; use it as a context manager."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    def hash_listing(self, data: bytes) -> PhotoHash:
        """The hashes of a listing's photo. Raises `PhotoRefused`."""
        return self._hash(data, reference=False)

    def hash_reference(self, data: bytes) -> PhotoHash:
        """The hashes of a holder's photo. Raises `PhotoRefused`."""
        return self._hash(data, reference=True)

    def describe_logo(self, data: bytes) -> Logo | None:
        """A holder's logo, also an SVG, ready to be looked for; None for one too plain. Raises `PhotoRefused`."""
        return self.ask(_describe, data, seconds=SECONDS)

    def read_words(self, data: bytes) -> tuple[PrintedWords, ...]:
        """The words in a listing's photo. Raises `PhotoRefused`, and `ReaderMissing` without the extra."""
        if not is_installed():
            raise ReaderMissing
        return self.ask(_read_words, data, seconds=WORDS_SECONDS)

    def _hash(self, data: bytes, *, reference: bool) -> PhotoHash:
        return self.ask(_hash, data, reference, seconds=SECONDS)

    def start(self) -> None:
        """Start the child and load what decodes, so that the first photo does not wait for it."""
        if self._pool is not None:
            return
        # Before numpy loads for the children: on busy cores its own threads make a photo take ten times as long.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        self._pool = ProcessPoolExecutor(1, mp_context=_PROCESSES, initializer=_limit)
        self._wait(self._pool.submit(_is_ready), START_S)

    def ask(self, task: Callable[..., A], *arguments: object, seconds: float) -> A:
        """
        What `task`, a function that its module names, answers in the child within `seconds`.

        Raises `PhotoRefused` as the task does, and where the child died, took longer or needed too much memory.
        """
        self.start()
        assert self._pool is not None, "started above"
        answer = self._wait(self._pool.submit(_answer, task, *arguments), seconds)
        if isinstance(answer, _Refusal):
            raise PhotoRefused(RefusalReason(answer.reason), answer.detail)
        return answer

    def _wait(self, future: Future[A], seconds: float) -> A:
        try:
            return future.result(timeout=seconds)
        except BrokenProcessPool as fault:
            self.close()
            raise PhotoRefused(RefusalReason.DAMAGED, "the process that decoded it died") from fault
        except TooLong as fault:
            self.close()
            raise PhotoRefused(RefusalReason.DAMAGED, f"not decoded within {seconds:.0f} s") from fault

    def close(self) -> None:
        """End the child process, at once if it does not answer."""
        if self._pool is not None:
            children = list((self._pool._processes or {}).values())
            self._pool.shutdown(wait=False, cancel_futures=True)
            for child in children:
                child.terminate()
            for child in children:
                child.join(KILL_S)
                if child.is_alive():
                    child.kill()
                    child.join()
            self._pool = None

    def __enter__(self) -> PhotoWorker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class PhotoCrew:
    """Photo workers that share a load, one a core; use it as a context manager."""

    def __init__(self, size: int) -> None:
        self._workers = [PhotoWorker() for _ in range(size)]

    def each(self, task: Callable[[PhotoWorker, str], A], names: Sequence[str]) -> dict[str, A]:
        """What `task` answers for each name, given a worker that is free; in the order of the names."""
        return dict(zip(names, self.in_order(task, names), strict=True))

    def in_order(self, task: Callable[[PhotoWorker, B], A], things: Iterable[B]) -> Iterator[A]:
        """
        What `task` answers for each thing, given a worker that is free; in the order of the things.

        Things are taken as workers come to them, `AHEAD` a worker at most, so that they may be made when asked for.
        Whoever stops before the end waits for those that are being worked on, and the others are left.
        """
        free: SimpleQueue[PhotoWorker] = SimpleQueue()
        for worker in self._workers:
            free.put(worker)

        def work(thing: B) -> A:
            worker = free.get()
            try:
                return task(worker, thing)
            finally:
                free.put(worker)

        waiting: deque[Future[A]] = deque()
        with ThreadPoolExecutor(len(self._workers)) as threads:
            try:
                for thing in things:
                    waiting.append(threads.submit(work, thing))
                    if len(waiting) >= AHEAD * len(self._workers):
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def __enter__(self) -> PhotoCrew:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.close()


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to every process; the parent ends us
    threading.Thread(target=end_with_parent, daemon=True).start()


def end_with_parent() -> None:
    """Wait for the process that started this one, and end with it; for a thread of its own."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)  # killed parents tell nobody; the queue would be waited on for ever


def _is_ready() -> bool:
    return True


def _answer(task: Callable[..., A], *arguments: object) -> A | _Refusal:
    try:
        return task(*arguments)
    except PhotoRefused as refused:
        return _Refusal(refused.reason.value, refused.detail)
    except MemoryError:
        return _Refusal(RefusalReason.TOO_MANY_PIXELS.value, f"needs more than {MEMORY_BYTES >> 20} MB")


def _read_words(data: bytes) -> tuple[PrintedWords, ...]:
    return read_words(open_photo(data).rgb)


def _describe(data: bytes) -> Logo | None:
    return describe_logo(open_logo(data))


def _hash(data: bytes, reference: bool) -> PhotoHash:
    photo = open_photo(data, colour=False)
    return hash_reference(photo) if reference else hash_photo(photo)

"""Answers kept for texts that pages repeat: of short texts alone, so that no page decides how much memory is held."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

MAX_REMEMBERED_CHARS = 200
"""Of a text kept with its answer: names of classes, labels, addresses. Longer ones are asked anew each time."""


class _Answers(dict[str, T]):
    """The answers so far; begun anew when full, which costs less than telling the oldest."""

    def __init__(self, answer: Callable[[str], T], entries: int) -> None:
        super().__init__()
        self._answer = answer
        self._entries = entries

    def __missing__(self, text: str) -> T:
        said = self._answer(text)
        if len(text) <= MAX_REMEMBERED_CHARS:
            if len(self) >= self._entries:
                self.clear()
            self[text] = said
        return said


def give_back() -> None:
    """
    Returns to the system what the C library keeps of freed memory; nothing where it knows no such call.

    Trees of large pages come and go in its heap between small blocks that stay, so the heap holds its largest size:
    over 500 hostile pages glibc held 228 MB of which 13 were in use.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def remembers(entries: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """Keeps the answers for up to so many short texts; asking again costs a look into a dictionary."""

    def keeping(answer: Callable[[str], T]) -> Callable[[str], T]:
        return _Answers(answer, entries).__getitem__

    return keeping

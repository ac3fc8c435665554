"""Answers kept for texts that pages repeat: of short texts alone, so that no page decides how much memory is held."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

T = TypeVar("T")

MAX_REMEMBERED_CHARS = 200
"""Of a text kept with its answer: names of classes, labels, addresses. Longer ones are asked anew each time."""


def remembers(entries: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """Keeps the answers for the last so many short texts."""

    def keeping(answer: Callable[[str], T]) -> Callable[[str], T]:
        kept = lru_cache(maxsize=entries)(answer)

        @wraps(answer)
        def asked(text: str) -> T:
            return kept(text) if len(text) <= MAX_REMEMBERED_CHARS else answer(text)

        return asked

    return keeping

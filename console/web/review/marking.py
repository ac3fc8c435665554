"""A title as pieces: what a sign pointed at, and each letter that was read as another one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, unique

from matching.normalise import Disguise, fold
from matching.signals import (
    compatible_with,
    descriptive_use,
    disguised_name,
    mark_in_title,
    product_name,
    replica_words,
    work_title,
)
from store.records.comparisons import Sign

LONGEST = 2000  # of a title; longer ones are cut and say so


@unique
class Marking(Enum):
    """Why a piece of a title is marked."""

    PLAIN = "plain"
    NAME = "name"  # the mark, the product or the work
    UNDONE = "undone"  # a letter inside a name, written as another
    DECLARED = "declared"  # the seller's own word for a copy
    AGAINST = "against"  # words that speak against


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of letters of one marking."""

    text: str
    marking: Marking
    became: str = ""  # what an undone letter was read as


_NAMES = {mark_in_title.NAME, disguised_name.NAME, product_name.NAME, work_title.NAME}
_AGAINST = {compatible_with.NAME, descriptive_use.NAME}
# A transliterated letter is honest writing; it is a disguise only in the other six ways.
_HONEST = {Disguise.TRANSLITERATION}


def mark_title(title: str, signs: Iterable[Sign]) -> tuple[Piece, ...]:
    """
    The title in pieces, whose texts together are the title (its first 2,000 letters).

    Positions come from the signs' raw values; what does not lie inside the title is passed over.
    """
    title = title[:LONGEST]
    marks = [Marking.PLAIN] * len(title)
    for sign in signs:
        marking = _marking(sign)
        span = _span(sign, len(title))
        if marking is None or span is None:
            continue
        for at in range(*span):
            if marks[at] is Marking.PLAIN or marking is Marking.DECLARED:
                marks[at] = marking
    became = [""] * len(title)
    for undone in fold(title).undone:
        inside = range(undone.start, min(undone.end, len(title)))
        if undone.disguise in _HONEST or not any(marks[at] is Marking.NAME for at in inside):
            continue
        letters = undone.became if len(undone.became) == len(undone.was) == len(inside) else ""
        for at in inside:
            if letters:
                # Letter by letter, where the count is the same: only those that changed are marked.
                if title[at].casefold() == letters[at - undone.start]:
                    continue
                became[at] = letters[at - undone.start]
            else:
                became[at] = undone.became
            marks[at] = Marking.UNDONE
    pieces: list[Piece] = []
    start = 0
    for at in range(1, len(title) + 1):
        if at == len(title) or (marks[at], became[at]) != (marks[start], became[start]):
            if at > start:
                pieces.append(Piece(text=title[start:at], marking=marks[start], became=became[start]))
            start = at
    return tuple(pieces)


def _marking(sign: Sign) -> Marking | None:
    if sign.signal == replica_words.NAME:
        return Marking.DECLARED if sign.raw.get("place") == "title" else None
    if sign.signal in _AGAINST:
        return Marking.AGAINST
    return Marking.NAME if sign.signal in _NAMES else None


def _span(sign: Sign, length: int) -> tuple[int, int] | None:
    try:
        start, end = int(sign.raw["start"]), int(sign.raw["end"])
    except (KeyError, ValueError):
        return None
    return (start, end) if 0 <= start < end <= length else None

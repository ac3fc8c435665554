"""
Names that are registered in another script than Latin, found as they are written: 阿迪达斯, ビームス, легенд.

Folding writes every script in Latin letters, which makes words of one script sound like names of another. A name
without Latin letters therefore counts only in its own letters, whatever their width, with characters nobody sees
taken out. Scripts with spaces need whole words; scripts without need two signs, and katakana a whole run of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

import ahocorasick

from matching.characters import Kind, character

# Every script but Latin and the ornamental letters, which stand for Latin ones.
_OTHER_SCRIPT = re.compile(
    "[\u0370-\u1cff\u2e80-\ua6ff\ua800-\ud7ff\uf900-\ufdff\ufe70-\ufeff\uff66-\uffdc\U00020000-\U0003ffff]"
)
_MIN_SIGNS = 2
_HIDDEN = (Kind.INVISIBLE, Kind.DIRECTION, Kind.NOTHING)
_VOICING = "\u3099\u309a"  # marks that Japanese typesetting of half width writes as characters of their own
_KATAKANA = ("\u30a0", "\u30ff")


class OwnScript:
    """Names in other scripts, each with the numbers of those who share it."""

    __slots__ = ("_automaton",)

    def __init__(self, names: Iterable[tuple[str, int]]) -> None:
        """Take names as written, each with its number."""
        sharing: defaultdict[str, list[int]] = defaultdict(list)
        for text, number in names:
            letters, _ = _letters(text)
            if len(letters) >= _MIN_SIGNS:
                sharing[letters].append(number)
        self._automaton: ahocorasick.Automaton | None = None
        if sharing:
            automaton = ahocorasick.Automaton()
            for letters, numbers in sharing.items():
                automaton.add_word(letters, (len(letters), tuple(numbers)))
            automaton.make_automaton()
            self._automaton = automaton

    def find(self, raw: str) -> list[tuple[int, int, int]]:
        """Every name in a text: its number, and where it starts and ends in the original."""
        if self._automaton is None or not _OTHER_SCRIPT.search(raw):
            return []
        letters, places = _letters(raw)
        found = []
        for last, (length, numbers) in self._automaton.iter(letters):
            first = last - length + 1
            if _is_whole(letters, first, last):
                found += [(number, places[first], places[last] + 1) for number in numbers]
        return found


def _letters(text: str) -> tuple[str, list[int]]:
    """Give a text in plain width without spaces between words lost, and where each character comes from."""
    parts: list[str] = []
    places: list[int] = []
    for at, char in enumerate(text):
        if not char.isascii() and character(char).kind in _HIDDEN:
            continue
        for plain in unicodedata.normalize("NFKC", char).casefold():
            if plain in _VOICING and parts:
                parts[-1] = unicodedata.normalize("NFC", parts[-1] + plain)[0]
            else:
                parts.append(plain)
                places.append(at)
    return "".join(parts), places


def _is_whole(text: str, first: int, last: int) -> bool:
    """Whether a name begins and ends where a word can."""
    return not _goes_on(text, first, first - 1) and not _goes_on(text, last, last + 1)


def _goes_on(text: str, rim: int, beyond: int) -> bool:
    if not 0 <= beyond < len(text):
        return False
    inside, outside = text[rim], text[beyond]
    if inside.isascii() or not outside.isalnum():
        return False
    kind = character(inside).kind
    if kind in (Kind.IDEOGRAPH, Kind.UNSPACED):
        return all(_KATAKANA[0] <= char <= _KATAKANA[1] for char in (inside, outside))
    return not outside.isascii() and character(outside).kind is kind

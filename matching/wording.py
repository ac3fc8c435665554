"""
Words of a listing with their way back to the original, and lists of phrases looked up among them.

    read_wording(title) -> Wording -> Phrases.find(wording) -> [Said(phrase, first, last)]
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from matching.normalise import Folded, Token, fold, spelled, tokens

MAX_CHARACTERS = 20_000  # of one description; longer ones are padding, and the time for one listing stays bounded

_STOP = re.compile(r"[.!?;|\n\r•]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One text as words. `words[i]` is the folded spelling of the i-th word, `tokens[i]` where it stands folded."""

    raw: str
    folded: Folded
    words: tuple[str, ...]
    _placed: list[Token] = field(default_factory=list, compare=False, repr=False)

    @property
    def tokens(self) -> Sequence[Token]:
        """The words with their places, made when they are asked for: in most texts nothing is found."""
        if not self._placed:
            self._placed.extend(tokens(self.folded))
        return self._placed

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The part of the original, start and end, that holds the words `first` to `last` (both included)."""
        return self.folded.span(self.tokens[first].start, self.tokens[last].end)

    def words_at(self, start: int, end: int) -> tuple[int | None, int | None]:
        """The first and last word of which a part stands at `start` to `end` of the original; None for none."""
        there = [
            place
            for place in range(len(self.tokens))
            if self.span(place, place)[0] < end and self.span(place, place)[1] > start
        ]
        return (there[0], there[-1]) if there else (None, None)

    def quote(self, first: int, last: int) -> str:
        """The original's own spelling of the words `first` to `last`."""
        start, end = self.span(first, last)
        return self.raw[start:end]

    def between(self, left: int, right: int) -> str:
        """What stands in the original between the words `left` and `right`, `left` being the earlier one."""
        return self.raw[self.span(left, left)[1] : self.span(right, right)[0]]

    def is_parted(self, left: int, right: int) -> bool:
        """Whether a sentence ends between two words."""
        return bool(_STOP.search(self.between(left, right)))


def read_wording(text: str | None) -> Wording:
    """The words of a text; None and "" have none. At most `MAX_CHARACTERS` of it are read."""
    raw = (text or "")[:MAX_CHARACTERS]
    folded = fold(raw)
    return Wording(raw=raw, folded=folded, words=spelled(folded))


def words_of(text: str) -> tuple[str, ...]:
    """The folded words of a short text such as a name or a phrase."""
    return spelled(fold(text))


@dataclass(frozen=True, slots=True)
class Said:
    """A phrase found: as listed, and the words `first` to `last` (both included) that say it."""

    phrase: str
    first: int
    last: int


class Phrases:
    """A list of phrases, each of one or more words, found as whole words in one pass."""

    __slots__ = ("_by_first_word",)

    def __init__(self, phrases: Iterable[str]) -> None:
        by_first: defaultdict[str, dict[tuple[str, ...], str]] = defaultdict(dict)
        for phrase in phrases:
            parts = words_of(phrase)
            if parts:
                by_first[parts[0]].setdefault(parts, phrase)
        # Longest first: "not a replica" is to be found before "not".
        self._by_first_word = {
            first: sorted(parts.items(), key=lambda item: -len(item[0])) for first, parts in by_first.items()
        }

    def find(self, wording: Wording) -> list[Said]:
        """Every phrase that a text says, in the text's order, the longest where several begin at one word."""
        return self.find_in(wording.words)

    def find_in(self, words: Sequence[str], start: int = 0, end: int | None = None) -> list[Said]:
        """Every phrase that begins among `words[start:end]`, as `find`."""
        found: list[Said] = []
        for at in range(max(start, 0), len(words) if end is None else min(end, len(words))):
            said = self.at(words, at)
            if said is not None:
                found.append(said)
        return found

    def at(self, words: Sequence[str], at: int) -> Said | None:
        """The longest phrase that begins at word `at`, or None."""
        for parts, phrase in self._by_first_word.get(words[at], ()):
            if tuple(words[at : at + len(parts)]) == parts:
                return Said(phrase, at, at + len(parts) - 1)
        return None

    def ending_at(self, words: Sequence[str], at: int) -> Said | None:
        """The longest phrase that ends with word `at`, or None."""
        for start in range(max(0, at - 4), at + 1):
            for parts, phrase in self._by_first_word.get(words[start], ()):
                if start + len(parts) - 1 == at and tuple(words[start : at + 1]) == parts:
                    return Said(phrase, start, at)
        return None

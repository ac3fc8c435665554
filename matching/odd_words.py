"""
A text's words run together for searching, and the readings of words that hold signs or another alphabet.

`squeeze` gives a text as it is; `read_signs` gives it once more with signs inside words read as letters ("c4rt!3r",
"k*strane"); `foreign_words` gives the words that stood in another alphabet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from matching.characters import Kind, character
from matching.normalise import Disguise, Undone
from matching.wording import Wording

MAX_READINGS = 4  # of one text with stars in it

_SIGNS = re.compile(r"[^a-z0-9]")
_HINT = re.compile(r"[a-z0-9][@$!|*]|[@$!|*][a-z0-9]")
_RUN = re.compile(r"[a-z0-9@$!|*]{3,40}")
_LONG_NUMBER = re.compile(r"\d{3}")  # a model's number, not digits for letters
_AS_DIGITS = str.maketrans("@$!|", "4511")
_IS_ODD = re.compile(r"[a-z].*[@$!|*]|[@$!|*].*[a-z]")
_GREEK = range(0x0370, 0x0400)


@dataclass(frozen=True, slots=True)
class Stream:
    """Words run together."""

    words: Sequence[str]
    text: str
    begins: Sequence[int]  # character at which each word begins, and at which the last one ends
    mixed: tuple[int, ...]  # words that hold letters and digits, and no long number
    tokens: Sequence[tuple[int, int]] | None = None  # first and last token of each word; None: one each
    undone: tuple[Undone, ...] = ()  # what was read otherwise to come to these words
    _places: dict[int, int] = field(default_factory=dict, compare=False, repr=False)

    @property
    def places(self) -> dict[int, int]:
        """Which word begins at a character; that beyond the last word, where the text ends. Made when asked for."""
        if not self._places:
            self._places.update((begin, place) for place, begin in enumerate(self.begins))
        return self._places

    def token_span(self, first: int, last: int) -> tuple[int, int]:
        """The tokens of the words `first` to `last`."""
        return (first, last) if self.tokens is None else (self.tokens[first][0], self.tokens[last][1])

    def span(self, wording: Wording, first: int, last: int) -> tuple[int, int]:
        """The part of the original that holds the words `first` to `last`."""
        return wording.span(*self.token_span(first, last))


def squeeze(
    words: Iterable[str],
    tokens: Sequence[tuple[int, int]] | None = None,
    undone: tuple[Undone, ...] = (),
) -> Stream:
    """Words run together; none of them may be without a letter or digit."""
    plain = list(words)
    text = "".join(plain)
    if not text.isalnum():
        plain = [word if word.isalnum() else _SIGNS.sub("", word) for word in plain]
        text = "".join(plain)
    mixed: tuple[int, ...] = ()
    if not text.isalpha():
        mixed = tuple(
            place
            for place, word in enumerate(plain)
            if not (word.isalpha() or word.isdigit() or _LONG_NUMBER.search(word))
        )
    return Stream(plain, text, list(accumulate(map(len, plain), initial=0)), mixed, tokens, undone)


def read_signs(wording: Wording, masked: Callable[[str, str], Sequence[str]]) -> Iterator[Stream]:
    """
    Give the text with signs inside words read as letters; nothing where there are none.

    `masked` gives the words that have exactly one letter between two parts.
    """
    text = wording.folded.text
    if not _HINT.search(text):
        return
    readings: list[tuple[int, int, Sequence[str], Disguise]] = []
    for run in _RUN.finditer(text):
        said = run.group()
        if not _IS_ODD.search(said):
            continue
        before, star, after = said.translate(_AS_DIGITS).partition("*")
        if not star:
            readings.append((run.start(), run.end(), (before,), Disguise.LEET))
        elif before and after and "*" not in after and (words := masked(before, after)):
            readings.append((run.start(), run.end(), words[:MAX_READINGS], Disguise.MASKED))
    for number in range(max((len(words) for _, _, words, _ in readings), default=0)):
        yield _reread(wording, [(s, e, words[min(number, len(words) - 1)], how) for s, e, words, how in readings])


def _reread(wording: Wording, readings: Iterable[tuple[int, int, str, Disguise]]) -> Stream:
    words: list[str] = []
    tokens: list[tuple[int, int]] = []
    undone: list[Undone] = []
    at, count = 0, len(wording.tokens)
    for start, end, word, how in readings:
        while at < count and wording.tokens[at].end <= start:
            words.append(wording.words[at])
            tokens.append((at, at))
            at += 1
        first = at
        while at < count and wording.tokens[at].start < end:
            at += 1
        if at == first:
            continue
        words.append(word)
        tokens.append((first, at - 1))
        begin, stop = wording.folded.span(start, end)
        undone.append(Undone(disguise=how, start=begin, end=stop, was=wording.raw[begin:stop], became=word))
    words += wording.words[at:]
    tokens += ((rest, rest) for rest in range(at, count))
    return squeeze(words, tokens, tuple(undone))


def foreign_words(wording: Wording, words: Sequence[str]) -> Iterator[tuple[list[int], list[str], bool]]:
    """
    Give each run of words that stood in an alphabet other than Latin: places, spellings by sound, and whether Greek.

    `words` are the text's own. A word of nothing but letters that look like Latin ones was read by its looks, since
    Latin stands by; it may as well be a name written by its sounds.
    """
    run: list[int] = []
    sounds: list[str] = []
    greek = False
    spans = [
        undone
        for undone in wording.folded.undone
        if undone.disguise in (Disguise.TRANSLITERATION, Disguise.HOMOGLYPH)
        and any(character(char).kind is Kind.FOREIGN for char in undone.was if not char.isascii())
    ]
    at = 0
    for place in range(len(wording.tokens)) if spans else ():
        start, end = wording.span(place, place)
        while at < len(spans) and spans[at].end <= start:
            at += 1
        if at < len(spans) and spans[at].start < end:
            sound = words[place]
            if spans[at].disguise is Disguise.HOMOGLYPH:
                roles = [character(char) for char in wording.raw[start:end]]
                is_foreign = all(role.kind is Kind.FOREIGN for role in roles)
                sound = "".join(role.plain for role in roles) if is_foreign else ""
            if sound:
                run.append(place)
                sounds.append(sound)
                greek = greek or any(ord(char) in _GREEK for char in spans[at].was)
                continue
        if run:
            yield run, sounds, greek
        run, sounds, greek = [], [], False
    if run:
        yield run, sounds, greek

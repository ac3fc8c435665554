"""
Finds registered names in text, whatever their disguise: marks, product names, numbers, titles.

One automaton (Aho-Corasick) holds every name without its spaces and proposes names as they are, joined or split; a
table of letters left out (`slips`) proposes names with a letter wrong, by their rarest words; keys of shape and of
sound propose digits for letters and other alphabets; names in other scripts are found in their own (`own_script`).
All of them only propose: a proposal counts when it begins and ends with a word, and when the spellings agree, or
are near enough for the name's length.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, unique
from functools import lru_cache

import ahocorasick

from matching.normalise import Undone
from matching.odd_words import Stream, foreign_words, read_signs, squeeze
from matching.own_script import OwnScript
from matching.slips import MIN_LETTERS_MISSPELT, NearWords, slips_allowed
from matching.sounds import key_of_foreign, sound_keys
from matching.spelling import (
    MIN_LETTERS_JOINED,
    Form,
    Spelling,
    Spelt,
    dressed_words,
    hides,
    judge_beginning,
    judge_shape,
    judge_slip,
    judge_whole,
    letters_of,
    place_hit,
)
from matching.vocabulary import vocabulary
from matching.wording import Wording, words_of

# Two or three letters are an abbreviation of many things: "DG" is a lens, a unit, a house of fashion.
MAX_LETTERS_OF_AN_ABBREVIATION = 3
# A name of several words is looked for where one of its rarest two stands; words that more names share say nothing.
MAX_NAMES_AN_ANCHOR = 400
MIN_ANCHOR_LETTERS = 3
_ANCHORS = 2
# Words the other way round are the name only where there is enough of them (chosen).
MIN_LETTERS_REORDERED = 8
# Words of a text that are tried together as one disguised name (chosen).
_MAX_WINDOW = 5
_MAX_FOREIGN_WINDOW = 8

# Digits for letters are read anywhere where a registered name comes of it; folding leaves "4mb3r" alone, because most
# words that begin with a digit are numbers. 1 stands for i and l, so both have one shape.
_SHAPE = str.maketrans("01345789l", "oieastbgi")
MIN_LETTERS_LEET = 4  # of the name; three letters and a digit are a part number (chosen)

_SIGNS = re.compile(r"[^a-z0-9]")
_LATIN = re.compile(r"[A-Za-z]")


@unique
class NameKind(Enum):
    """What a name is."""

    MARK = "mark"
    PRODUCT = "product"
    """A product's name, with or without the mark before it."""
    NUMBER = "number"
    """A manufacturer's part number."""
    TITLE = "title"
    """A work's title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One registered name and what it belongs to; one of `right`, `product`, `work` is set."""

    text: str
    kind: NameKind
    right: str | None = None
    product: str | None = None
    work: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NameHit:
    """A name said in a text: the words `first` to `last`, `start` to `end` of the original, and how it is spelled."""

    name: Name
    first: int
    last: int
    start: int
    end: int
    quoted: str
    spelling: Spelling
    slips: int = 0  # letters added, lost, changed or exchanged
    undone: tuple[Undone, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether the name stands there as anyone would write it."""
        return self.spelling in (Spelling.EXACT, Spelling.INFLECTED)


@lru_cache(maxsize=50_000)
def is_ordinary(name: str) -> bool:
    """Whether a name says little by itself: its words all have a plain sense, or it has three letters at most."""
    words = words_of(name)
    if sum(map(len, words)) <= MAX_LETTERS_OF_AN_ABBREVIATION:
        return True
    known = vocabulary().ordinary
    return all(word in known or word.removesuffix("s") in known or word.isdigit() or len(word) == 1 for word in words)


# Where several spellings of one name lie over each other, the first of these counts.
_FIRST = {spelling: rank for rank, spelling in enumerate(Spelling)}
_Found = dict[tuple[int, int, int], Spelt]  # by entry, first and last word
_Anchor = dict[str, tuple[tuple[int, int], ...]]  # by what stands beside: entries, letters before the word


class NameIndex:
    """Every registered name; immutable once built, but for the words of texts it remembers."""

    __slots__ = (
        "_anchors",
        "_automaton",
        "_by_shape",
        "_by_sound",
        "_forms",
        "_names",
        "_near",
        "_own",
        "_short",
        "_singles",
    )

    def __init__(self, names: Iterable[Name]) -> None:
        """Take the names; those without a letter or digit are left out."""
        grouped: defaultdict[tuple[tuple[str, ...], bool], list[Name]] = defaultdict(list)
        for name in names:
            words = tuple(_SIGNS.sub("", word) for word in words_of(name.text))
            words = tuple(word for word in words if word)
            key = words, _LATIN.search(name.text) is not None
            if words and name not in grouped[key]:
                grouped[key].append(name)
        self._names = [tuple(listed) for listed in grouped.values()]
        self._forms = [
            Form("".join(words), words, frozenset(letters_of(name.text) for name in listed))
            for (words, _), listed in grouped.items()
        ]
        latin = [at for at, (_, is_latin) in enumerate(grouped) if is_latin or self._forms[at].squeezed.isdigit()]
        own = set(range(len(self._forms))) - set(latin)
        self._own = OwnScript((name.text, at) for at in sorted(own) for name in self._names[at])
        # A short word counts only as a word: inside others it would be proposed in every title.
        short = [
            at
            for at in latin
            if len(self._forms[at].words) == 1 and len(self._forms[at].squeezed) < MIN_LETTERS_JOINED
        ]
        self._short = _frozen(_group((self._forms[at].squeezed, at) for at in short))
        self._automaton = self._build_automaton(set(latin).difference(short))
        self._by_shape: dict[str, tuple[int, ...]] = {}
        self._by_sound: dict[str, tuple[int, ...]] = {}
        self._singles: dict[str, tuple[int, ...]] = {}
        self._fill_keys(latin)
        self._anchors = self._choose_anchors(latin)
        self._near = NearWords(
            {*self._singles, *self._anchors},
            (word for at in latin for word in self._forms[at].words),
            (self._forms[at].squeezed for at in latin if len(self._forms[at].words) == 1),
        )

    def __len__(self) -> int:
        """Count the distinct spellings."""
        return len(self._forms)

    def find(self, wording: Wording, *, misspelt: bool = True) -> list[NameHit]:
        """
        Every registered name that a text says, in its order; a name may be said more than once.

        `misspelt=False` leaves out names with a letter wrong: long descriptions hold too many words.
        """
        if not self._forms or not wording.words:
            return []
        stream = squeeze(wording.words)
        found: _Found = {}
        self._plain(found, wording, stream)
        self._in_shape(found, wording, stream)
        if misspelt:
            self._misspelt(found, wording, stream)
        for other in read_signs(wording, self._near.masked):
            again: _Found = {}
            self._plain(again, wording, other)
            self._in_shape(again, wording, other)
            if misspelt:
                self._misspelt(again, wording, other)
            _add_disguised(found, again, other)
        if not wording.raw.isascii():
            self._foreign(found, wording, stream)
        return self._best(wording.raw, found) if found else []

    # --- building ---

    def _build_automaton(self, latin: Iterable[int]) -> ahocorasick.Automaton | None:
        sharing = _group((self._forms[at].squeezed, at) for at in latin)
        if not sharing:
            return None
        automaton = ahocorasick.Automaton()
        for squeezed, owners in sharing.items():
            automaton.add_word(squeezed, (len(squeezed), tuple(owners)))
        automaton.make_automaton()
        return automaton

    def _fill_keys(self, latin: Iterable[int]) -> None:
        shapes: defaultdict[str, list[int]] = defaultdict(list)
        sounds: defaultdict[str, list[int]] = defaultdict(list)
        singles: defaultdict[str, list[int]] = defaultdict(list)
        for at in latin:
            form = self._forms[at]
            if len(form.squeezed) >= MIN_LETTERS_LEET and not form.squeezed.isdigit():
                shapes[form.squeezed.translate(_SHAPE)].append(at)
                for key in sound_keys(form.squeezed):
                    sounds[key].append(at)
            if len(form.squeezed) >= MIN_LETTERS_MISSPELT and not form.squeezed.isdigit():
                singles[form.squeezed].append(at)
        self._by_shape = _frozen(shapes)
        self._by_sound = _frozen(sounds)
        self._singles = _frozen(singles)

    def _choose_anchors(self, latin: Iterable[int]) -> dict[str, _Anchor]:
        """
        Give, for each of the two rarest words of names of several words, those names by what stands beside it.

        Of each name it is told how many letters stand before the word. The words beside are told by their first and
        last letter (a slip leaves one of them), and whole, for names with their words in another order.
        """
        several = [
            at for at in latin if len(self._forms[at].words) > 1 and slips_allowed(len(self._forms[at].squeezed))
        ]
        sharing: defaultdict[str, int] = defaultdict(int)
        for at in several:
            for word in set(self._forms[at].words):
                sharing[word] += 1
        anchors: defaultdict[str, defaultdict[str, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
        for at in several:
            words = self._forms[at].words
            fit = [
                place for place, word in enumerate(words) if len(word) >= MIN_ANCHOR_LETTERS and not word.isdigit()
            ]
            for place in sorted(fit, key=lambda place: (sharing[words[place]], -len(words[place])))[:_ANCHORS]:
                if sharing[words[place]] <= MAX_NAMES_AN_ANCHOR:
                    owner = at, sum(map(len, words[:place]))
                    for beside in _beside(words, place):
                        anchors[words[place]][beside].append(owner)
        return {word: {key: tuple(set(owners)) for key, owners in by.items()} for word, by in anchors.items()}

    # --- finding ---

    def _plain(self, found: _Found, wording: Wording, stream: Stream) -> None:
        """Add names as they are, joined, split, inflected, or run together with a word for goods."""
        short, places = self._short, stream.places
        for place, word in enumerate(stream.words):
            for at in short.get(word, ()):
                _add(found, at, judge_whole(self._forms[at], wording, stream, place, place))
        for last_char, (length, owners) in self._automaton.iter(stream.text) if self._automaton else ():
            first = places.get(last_char - length + 1)
            if first is None:
                continue
            beyond = places.get(last_char + 1)
            for at in owners:
                form = self._forms[at]
                if beyond is None:
                    _add(found, at, judge_beginning(form, wording, stream, first))
                else:
                    _add(found, at, judge_whole(form, wording, stream, first, beyond - 1))

    def _in_shape(self, found: _Found, wording: Wording, stream: Stream) -> None:
        """Add names with digits for letters, or with letters undone that stand for i as well as for l."""
        odds = (*stream.mixed, *dressed_words(wording, stream)) if wording.folded.undone else stream.mixed
        if not odds:
            return
        shaped, begins = stream.text.translate(_SHAPE), stream.begins
        for odd in odds:
            for first in range(max(0, odd - _MAX_WINDOW + 1), odd + 1):
                for last in range(odd, min(len(stream.words), first + _MAX_WINDOW)):
                    for at in self._by_shape.get(shaped[begins[first] : begins[last + 1]], ()):
                        said = stream.text[begins[first] : begins[last + 1]]
                        _add(found, at, judge_shape(self._forms[at], wording, stream, first, last, said))

    def _misspelt(self, found: _Found, wording: Wording, stream: Stream) -> None:
        """Add names with a letter wrong, and names with their words in another order."""
        singles, anchors, remembered = self._singles, self._anchors, self._near.remembered
        for place, word in enumerate(stream.words):
            near = remembered.get(word)
            for known in self._near.near(word) if near is None else near:
                # A word of any registered name is itself.
                for at in singles.get(known, ()) if word not in self._near.words else ():
                    _add(found, at, judge_slip(self._forms[at], wording, stream, place, place, self._near))
                if known in anchors:
                    self._around(found, anchors[known], wording, stream, place)
            if word in anchors:
                self._around(found, anchors[word], wording, stream, place)

    def _around(self, found: _Found, anchor: _Anchor, wording: Wording, stream: Stream, place: int) -> None:
        """Add names of several words around one of them, which stands at `place`."""
        words = stream.words
        for beside, side in ((place - 1, "<"), (place + 1, ">")):
            if not 0 <= beside < len(words):
                continue
            other = words[beside]
            near = anchor.get(side + other[0], ()), anchor.get(side + other[-1] + side, ())
            for at, before in {*near[0], *near[1]} if near[0] and near[1] else near[0] or near[1]:
                self._lying_around(found, at, wording, stream, place, before)
            for at, _ in anchor.get(other, ()):
                form = self._forms[at]
                count, wanted = len(form.words), sorted(form.words)
                for first in range(max(0, place - count + 1), min(place, len(words) - count) + 1):
                    said = words[first : first + count]
                    if tuple(said) != form.words and sorted(said) == wanted:
                        _add(found, at, place_hit(wording, stream, first, first + count - 1, Spelling.REORDERED))

    def _lying_around(
        self, found: _Found, at: int, wording: Wording, stream: Stream, place: int, before: int
    ) -> None:
        """Add a name with a letter wrong of which one word stands at `place`, with `before` letters ahead."""
        form = self._forms[at]
        length = len(form.squeezed)
        begin, places = stream.begins[place] - before, stream.places
        if begin in places and begin + length in places and stream.text.startswith(form.squeezed, begin):
            return  # as it is
        allowed = slips_allowed(length)
        for start in range(begin - allowed, begin + allowed + 1):
            first = places.get(start)
            if first is None or first > place:
                continue
            for end in range(start + length - allowed, start + length + allowed + 1):
                beyond = places.get(end)
                if beyond is not None and beyond > place:
                    _add(found, at, judge_slip(form, wording, stream, first, beyond - 1, self._near))

    def _foreign(self, found: _Found, wording: Wording, stream: Stream) -> None:
        """Add names in another script: registered so, or written letter by letter."""
        for at, start, end in self._own.find(wording.raw):
            first, last = wording.words_at(start, end)
            if first is not None and last is not None:
                undone = tuple(u for u in wording.folded.undone if u.start < end and u.end > start and hides(u))
                spelling = Spelling.DISGUISED if undone else Spelling.EXACT
                _add(found, at, Spelt(first, last, start, end, spelling, 0, undone))
        if not self._by_sound:
            return
        for run, sounds, greek in foreign_words(wording, stream.words):
            for first in range(len(run)):
                for last in range(first, min(len(run), first + _MAX_FOREIGN_WINDOW)):
                    key = key_of_foreign("".join(sounds[first : last + 1]), greek=greek)
                    for at in self._by_sound.get(key, ()):
                        _add(found, at, place_hit(wording, stream, run[first], run[last], Spelling.TRANSLITERATED))

    def _best(self, raw: str, found: _Found) -> list[NameHit]:
        """Give what remains when of spellings of one name that lie over each other the plainest is kept."""
        of_form: defaultdict[int, list[Spelt]] = defaultdict(list)
        for (at, _, _), hit in found.items():
            of_form[at].append(hit)
        hits = [
            NameHit(
                name=name,
                first=hit.first,
                last=hit.last,
                start=hit.start,
                end=hit.end,
                quoted=raw[hit.start : hit.end],
                spelling=hit.spelling,
                slips=hit.slips,
                undone=hit.undone,
            )
            for at, listed in of_form.items()
            for hit in (listed if len(listed) == 1 else _apart(listed))
            for name in self._names[at]
        ]
        if len(hits) < 2:
            return hits
        kept = [hit for hit in hits if not (hit.slips and any(_is_said_better(hit, by) for by in hits))]
        return sorted(kept, key=lambda hit: (hit.start, hit.end, hit.name.text))


def _group(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for key, at in pairs:
        found[key].append(at)
    return found


def _frozen(table: dict[str, list[int]]) -> dict[str, tuple[int, ...]]:
    return {key: tuple(owners) for key, owners in table.items()}


def _apart(hits: list[Spelt]) -> list[Spelt]:
    kept: list[Spelt] = []
    for hit in sorted(hits, key=lambda hit: (_FIRST[hit.spelling], hit.slips, hit.start, hit.end)):
        if not any(hit.first <= other.last and other.first <= hit.last for other in kept):
            kept.append(hit)
    return kept


def _is_said_better(hit: NameHit, other: NameHit) -> bool:
    """Whether the words taken for a name with letters wrong are another name with fewer wrong, and mean that."""
    return other.slips < hit.slips and other.first <= hit.first and other.last >= hit.last


def _add(found: _Found, at: int, hit: Spelt | None) -> None:
    """Note a hit, unless a plainer one lies in the same place."""
    if hit is not None:
        key = at, hit.first, hit.last
        known = found.get(key)
        if known is None or _FIRST[hit.spelling] < _FIRST[known.spelling]:
            found[key] = hit


def _add_disguised(found: _Found, again: _Found, stream: Stream) -> None:
    """Note the hits that lean on signs read as letters, with that disguise named."""
    for (at, _, _), hit in again.items():
        undone = tuple(u for u in stream.undone if u.start < hit.end and u.end > hit.start)
        if undone:
            plain = hit.spelling in (Spelling.EXACT, Spelling.INFLECTED, Spelling.JOINED)
            spelling = Spelling.DISGUISED if plain else hit.spelling
            _add(found, at, replace(hit, spelling=spelling, undone=(*hit.undone, *undone)))


def _beside(words: tuple[str, ...], place: int) -> Iterator[str]:
    """Give the keys of what stands beside a word of a name."""
    for beside, side in ((place - 1, "<"), (place + 1, ">")):
        if 0 <= beside < len(words):
            yield side + words[beside][0]
            yield side + words[beside][-1] + side
    if sum(map(len, words)) >= MIN_LETTERS_REORDERED:
        yield from {word for at, word in enumerate(words) if at != place}

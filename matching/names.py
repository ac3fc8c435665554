"""
Finds registered names in text, whatever their disguise: marks, product names, numbers, titles.

One automaton (Aho-Corasick) holds every name without its spaces, and every name of several words with one letter
left out; a table of letters-left-out answers for single words. Both only propose: a proposal counts when it begins
and ends with a word, and when the distance between the spellings is small for the name's length.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, unique
from functools import lru_cache

import ahocorasick
from rapidfuzz.distance import OSA

from matching.normalise import Disguise, Undone
from matching.vocabulary import vocabulary
from matching.wording import Wording, words_of

# Under five letters a name counts as an exact word only: three-letter marks occur in any text by accident.
# Source: Cloudflare Brand Protection allows terms under 5 characters exact matches only.
MIN_LETTERS_JOINED = 5
# Two or three letters are an abbreviation of many things: "DG" is a lens, a unit, a house of fashion.
MAX_LETTERS_OF_AN_ABBREVIATION = 3
# Under six letters another word is always near; from six on one slip, from twelve two (chosen on planted names).
MIN_LETTERS_MISSPELT = 6
MIN_LETTERS_TWO_SLIPS = 12
MIN_LETTERS_THREE_SLIPS = 22
# A word that names anchor on must be rare among them, or every title proposes every name (chosen).
MAX_NAMES_AN_ANCHOR = 60
MIN_ANCHOR_LETTERS = 4

# Digits for letters are read anywhere where a registered name comes of it; folding leaves "4mb3r" alone, because most
# words that begin with a digit are numbers. 1 stands for i and l, so both have one skeleton.
_SKELETON = str.maketrans("01345789l", "oieastbgi")
MIN_LETTERS_LEET = 4  # of the name; three letters and a digit are a part number (chosen)

_SIGNS = re.compile(r"[^a-z0-9]")
_DIGITS = re.compile(r"\d+")
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


@unique
class Spelling(Enum):
    """How the text spells a name that it says."""

    EXACT = "exact"
    INFLECTED = "inflected"
    """With an s behind it."""
    JOINED = "joined"
    """With other spaces or signs between its parts than it has, by chance or on purpose."""
    DISGUISED = "disguised"
    """With lookalike letters, digits for letters, letters spaced out, or characters nobody sees."""
    GLUED = "glued"
    """Run together with a word for goods."""
    MISSPELT = "misspelt"
    """With one or two letters wrong."""


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


def slips_allowed(letters: int) -> int:
    """How many letters a name of that length may have wrong."""
    if letters < MIN_LETTERS_MISSPELT:
        return 0
    if letters < MIN_LETTERS_TWO_SLIPS:
        return 1
    return 2 if letters < MIN_LETTERS_THREE_SLIPS else 3


@dataclass(frozen=True, slots=True)
class _Entry:
    """One distinct spelling and the names that share it."""

    squeezed: str
    words: tuple[str, ...]
    names: tuple[Name, ...]
    letters: frozenset[str]  # the names' own letters, accents and signs kept
    is_latin: bool  # at least one name is written in Latin letters
    intact: frozenset[str]  # beside a number, words of which one at least must be right; empty: no such names


class NameIndex:
    """Every registered name; immutable once built."""

    __slots__ = ("_anchors", "_automaton", "_entries", "_shortened")

    def __init__(self, names: Iterable[Name]) -> None:
        """Take the names; those without a letter or digit are left out."""
        grouped: defaultdict[tuple[str, ...], list[Name]] = defaultdict(list)
        for name in names:
            words = tuple(_SIGNS.sub("", word) for word in words_of(name.text))
            words = tuple(word for word in words if word)
            if words and name not in grouped[words]:
                grouped[words].append(name)
        self._entries = [
            _Entry(
                "".join(words),
                words,
                tuple(listed),
                frozenset(_letters(name.text) for name in listed),
                any(_LATIN.search(name.text) for name in listed),
                _intact(words),
            )
            for words, listed in grouped.items()
        ]
        proposals: defaultdict[str, set[int]] = defaultdict(set)
        self._shortened: defaultdict[str, set[int]] = defaultdict(set)
        for at, entry in enumerate(self._entries):
            proposals[entry.squeezed.translate(_SKELETON)].add(at)
            if not slips_allowed(len(entry.squeezed)) or entry.squeezed.isdigit():
                continue
            if len(entry.words) == 1:
                for key in (entry.squeezed, *_shortened(entry.squeezed)):
                    self._shortened[key].add(at)
            else:
                for key in _shortened(entry.squeezed):
                    proposals[key.translate(_SKELETON)].add(at)
        self._anchors = self._choose_anchors()
        self._automaton = ahocorasick.Automaton()
        for key, owners in proposals.items():
            self._automaton.add_word(key, (len(key), tuple(owners)))
        if proposals:
            self._automaton.make_automaton()

    def __len__(self) -> int:
        """Count the distinct spellings."""
        return len(self._entries)

    def find(self, wording: Wording, *, misspelt: bool = True) -> list[NameHit]:
        """
        Every registered name that a text says, in its order; a name may be said more than once.

        `misspelt=False` leaves out names with a letter wrong: long descriptions hold too many words.
        """
        if not self._entries or not wording.words:
            return []
        squeezed, starts, ends = _squeeze(wording)
        found: dict[tuple[int, int, int], NameHit] = {}
        for last_char, (length, owners) in self._automaton.iter(squeezed.translate(_SKELETON)):
            start_char = last_char - length + 1
            first = starts.get(start_char)
            if first is None:
                continue
            last = ends.get(last_char)
            said = squeezed[start_char : last_char + 1]
            for at in owners:
                entry = self._entries[at]
                if length != len(entry.squeezed):
                    hit = self._misspelt(entry, wording, first, last) if misspelt and last is not None else None
                elif said != entry.squeezed:
                    hit = self._leet(entry, wording, first, last, said) if last is not None else None
                elif last is None:
                    hit = self._glued(entry, wording, first, length)
                else:
                    hit = self._exact(entry, wording, first, last)
                if hit is not None:
                    found.setdefault((at, hit.first, hit.last), hit)
        if misspelt:
            for at, first, last in self._near(wording):
                if (at, first, last) not in found:
                    hit = self._misspelt(self._entries[at], wording, first, last)
                    if hit is not None:
                        found[at, first, last] = hit
        best: dict[int, list[NameHit]] = defaultdict(list)
        for (at, _, _), hit in found.items():
            best[at].append(hit)
        hits: list[NameHit] = []
        for at, listed in best.items():
            # Beside an exact spelling of the same words a misspelt one is its own shadow.
            exact_spans = [(hit.first, hit.last) for hit in listed if hit.spelling is not Spelling.MISSPELT]
            for hit in listed:
                shadow = hit.spelling is Spelling.MISSPELT and any(
                    hit.first <= last and first <= hit.last for first, last in exact_spans
                )
                if not shadow:
                    hits += [_renamed(hit, name) for name in self._entries[at].names]
        return sorted(hits, key=lambda hit: (hit.start, hit.end, hit.name.text))

    def _choose_anchors(self) -> dict[str, tuple[tuple[int, int], ...]]:
        """
        Give, for each word that few names hold, those names and the word's place in them.

        Numbers must be right, so a name with one is anchored on it; others on every word that is rare enough, also
        with a letter left out.
        """
        holders: defaultdict[str, set[tuple[int, int]]] = defaultdict(set)
        for at, entry in enumerate(self._entries):
            if len(entry.words) < 2 or not slips_allowed(len(entry.squeezed)):
                continue
            numbers = [place for place, word in enumerate(entry.words) if word.isdigit()]
            for place in numbers or range(len(entry.words)):
                word = entry.words[place]
                if word.isdigit():
                    holders[word].add((at, place))
                elif len(word) >= MIN_ANCHOR_LETTERS:
                    for key in (word, *(_shortened(word) if slips_allowed(len(word)) else ())):
                        holders[key].add((at, place))
        return {word: tuple(owners) for word, owners in holders.items() if len(owners) <= MAX_NAMES_AN_ANCHOR}

    def _near(self, wording: Wording) -> Iterable[tuple[int, int, int]]:
        """Propose names with a letter wrong: entry, first and last word."""
        present = set(wording.words)
        for place, word in enumerate(wording.words):
            if len(word) >= MIN_LETTERS_MISSPELT - 1 and not word.isdigit():
                owners: set[int] = set()
                for key in (word, *_shortened(word)):
                    if key in self._shortened:
                        owners |= self._shortened[key]
                for at in owners:
                    yield at, place, place
            for at, where in self._anchors.get(word, ()):
                entry = self._entries[at]
                first = place - where
                last = first + len(entry.words) - 1
                if first < 0 or last >= len(wording.words) or (entry.intact and entry.intact.isdisjoint(present)):
                    continue
                length = sum(map(len, wording.words[first : last + 1]))
                if abs(length - len(entry.squeezed)) <= slips_allowed(len(entry.squeezed)):
                    yield at, first, last

    @staticmethod
    def _leet(entry: _Entry, wording: Wording, first: int, last: int, said: str) -> NameHit | None:
        """Read digits that stand for a name's letters; other letters than the name's make another word."""
        swapped = [ours for ours, theirs in zip(entry.squeezed, said, strict=True) if ours != theirs]
        if len(said) < MIN_LETTERS_LEET or any(
            ours.isdigit() or theirs.isalpha()
            for ours, theirs in zip(entry.squeezed, said, strict=True)
            if ours != theirs
        ):
            return None
        if 2 * len(swapped) > sum(char.isalpha() for char in entry.squeezed):
            return None
        start, end = wording.span(first, last)
        undone = Undone(
            disguise=Disguise.LEET, start=start, end=end, was=wording.raw[start:end], became=" ".join(entry.words)
        )
        return _hit(entry, wording, first, last, Spelling.DISGUISED, undone=(undone,))

    @staticmethod
    def _exact(entry: _Entry, wording: Wording, first: int, last: int) -> NameHit | None:
        start, end = wording.span(first, last)
        undone = tuple(u for u in wording.folded.undone if u.start < end and u.end > start and _hides(u))
        words = wording.words[first : last + 1]
        # Short names are met by accident once accents are gone or another script is written by its sounds.
        is_short = len(entry.squeezed) < MIN_LETTERS_JOINED + (not entry.is_latin)
        if is_short and not undone and _letters(wording.raw[start:end]) not in entry.letters:
            return None
        if tuple(_SIGNS.sub("", word) for word in words) == entry.words:
            spelling = Spelling.DISGUISED if undone else Spelling.EXACT
        elif len(entry.squeezed) < MIN_LETTERS_JOINED or not _is_meant_joined(entry, words):
            return None
        else:
            spelling = Spelling.DISGUISED if undone else Spelling.JOINED
        if undone and len(entry.squeezed) < MIN_LETTERS_JOINED and start > 0 and wording.raw[start - 1].isalnum():
            return None
        return _hit(entry, wording, first, last, spelling, undone=undone)

    @staticmethod
    def _glued(entry: _Entry, wording: Wording, first: int, length: int) -> NameHit | None:
        """Read "rolexwatch" and "rolexs": the name, then a word for goods, or an s."""
        word = wording.words[first]
        if len(entry.words) != 1 or length < MIN_LETTERS_JOINED or not word.startswith(entry.squeezed):
            return None
        rest = word[length:]
        if rest in ("s", "es"):
            return _hit(entry, wording, first, first, Spelling.INFLECTED)
        if length >= MIN_LETTERS_MISSPELT and len(rest) >= 3 and vocabulary().goods.kinds_named(rest):
            return _hit(entry, wording, first, first, Spelling.GLUED)
        return None

    @staticmethod
    def _misspelt(entry: _Entry, wording: Wording, first: int, last: int) -> NameHit | None:
        words = wording.words[first : last + 1]
        theirs = _SIGNS.sub("", "".join(words))
        allowed = slips_allowed(len(entry.squeezed))
        if theirs == entry.squeezed or not allowed or _DIGITS.findall(theirs) != _DIGITS.findall(entry.squeezed):
            return None
        # A short name's first letter is what the eye reads: another one makes another word.
        if len(entry.squeezed) < MIN_LETTERS_TWO_SLIPS and theirs[:1] != entry.squeezed[:1]:
            return None
        known = vocabulary().ordinary
        if len(words) == 1 and (words[0] in known or words[0].removesuffix("s") in known):
            return None  # an ordinary word is itself, not a slip of another
        if len(words) == 1 and theirs.startswith(entry.squeezed):
            return None  # a longer word that begins like the name ("nordic", "nordica")
        slips = OSA.distance(entry.squeezed, theirs, score_cutoff=allowed)
        if slips > allowed:
            return None
        undone = tuple(u for u in wording.folded.undone if _overlaps(u, wording, first, last) and _hides(u))
        return _hit(entry, wording, first, last, Spelling.MISSPELT, slips=slips, undone=undone)


def _intact(words: tuple[str, ...]) -> frozenset[str]:
    letters = [word for word in words if not word.isdigit()]
    return frozenset(letters) if 2 <= len(letters) < len(words) else frozenset()


def _letters(text: str) -> str:
    """Give a short name as written, but for capitals and spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _overlaps(undone: Undone, wording: Wording, first: int, last: int) -> bool:
    start, end = wording.span(first, last)
    return undone.start < end and undone.end > start


def _hides(undone: Undone) -> bool:
    """Whether what was undone hides something: another script by its sounds is honest writing."""
    return undone.disguise.value != "transliteration"


def _is_meant_joined(entry: _Entry, words: tuple[str, ...]) -> bool:
    """Whether words that make the name only together are the name, and not two words side by side."""
    if len(words) <= len(entry.words):
        return True  # "airjordan" for "air jordan"
    known = vocabulary().ordinary
    # "leg end" is two words; "ro lex" is none.
    return any(len(word) > 1 and word not in known for word in words) and len(entry.squeezed) >= MIN_LETTERS_MISSPELT


def _hit(
    entry: _Entry,
    wording: Wording,
    first: int,
    last: int,
    spelling: Spelling,
    *,
    slips: int = 0,
    undone: tuple[Undone, ...] = (),
) -> NameHit:
    start, end = wording.span(first, last)
    return NameHit(
        name=entry.names[0],
        first=first,
        last=last,
        start=start,
        end=end,
        quoted=wording.raw[start:end],
        spelling=spelling,
        slips=slips,
        undone=undone,
    )


def _renamed(hit: NameHit, name: Name) -> NameHit:
    if hit.name is name:
        return hit
    return NameHit(
        name=name,
        first=hit.first,
        last=hit.last,
        start=hit.start,
        end=hit.end,
        quoted=hit.quoted,
        spelling=hit.spelling,
        slips=hit.slips,
        undone=hit.undone,
    )


def _squeeze(wording: Wording) -> tuple[str, dict[int, int], dict[int, int]]:
    """Give the words run together, and at which character each begins and ends."""
    parts: list[str] = []
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    length = 0
    for place, word in enumerate(wording.words):
        plain = word if word.isalnum() else _SIGNS.sub("", word)
        if not plain:
            continue
        parts.append(plain)
        starts[length] = place
        length += len(plain)
        ends[length - 1] = place
    return "".join(parts), starts, ends


def _shortened(word: str) -> list[str]:
    """Give every spelling with one letter left out."""
    return [word[:at] + word[at + 1 :] for at in range(len(word))]

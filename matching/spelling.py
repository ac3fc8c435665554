"""
How a text spells one registered name: each function judges one proposal, None where it is no spelling of it.

Proposals come from `names`; what is judged here is whether the name begins and ends with words, whether other spaces
or digits can be meant for it, and whether a word with a letter wrong is a slip of it or another word.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, unique

from matching.normalise import Disguise, Undone
from matching.odd_words import Stream
from matching.slips import (
    MIN_LETTERS_MISSPELT,
    NearWords,
    distance,
    is_known_word,
    is_near,
    is_slip,
    is_slip_beside,
    slips_allowed,
)
from matching.vocabulary import vocabulary
from matching.wording import Wording

# Under five letters a name counts as an exact word only: three-letter marks occur in any text by accident.
# Source: Cloudflare Brand Protection allows terms under 5 characters exact matches only.
MIN_LETTERS_JOINED = 5
# Other spaces and a letter wrong at once are met by accident in shorter names (chosen).
MIN_LETTERS_SPLIT_AND_MISSPELT = 10
# Ordinary words that make a long name of several words only together are its split words ("los an geles").
MIN_LETTERS_SPLIT = 10

_AMBIGUOUS = (Disguise.HOMOGLYPH, Disguise.STYLED_LETTERS, Disguise.LEET)
_PARTING = frozenset(" ,;\n\t()[]")  # what stands between two words that are not one


@unique
class Spelling(Enum):
    """How the text spells a name that it says."""

    EXACT = "exact"
    INFLECTED = "inflected"
    """With an s behind it."""
    JOINED = "joined"
    """With other spaces or signs between its parts than it has, by chance or on purpose."""
    DISGUISED = "disguised"
    """With lookalike letters, digits for letters, letters spaced out or starred, or characters nobody sees."""
    TRANSLITERATED = "transliterated"
    """Letter by letter in another alphabet, as shops of another country write it."""
    GLUED = "glued"
    """Run together with a word for goods."""
    REORDERED = "reordered"
    """With its words the other way round."""
    MISSPELT = "misspelt"
    """With one or two letters wrong."""


# Where several spellings of one name lie over each other, the first of these counts.
_FIRST = {spelling: rank for rank, spelling in enumerate(Spelling)}


@dataclass(frozen=True, slots=True)
class Form:
    """One distinct spelling of registered names: its letters without spaces, its words, and as the names have it."""

    squeezed: str
    words: tuple[str, ...]
    letters: frozenset[str]  # the names' own letters, accents and signs kept


@dataclass(frozen=True, slots=True)
class Spelt:
    """A name said in a text: the words `first` to `last`, `start` to `end` of the original, and how it is spelled."""

    first: int
    last: int
    start: int
    end: int
    spelling: Spelling
    slips: int = 0
    undone: tuple[Undone, ...] = ()


def judge_whole(form: Form, wording: Wording, stream: Stream, first: int, last: int) -> Spelt | None:
    """Judge words that have a name's letters: as it is, joined, split, out of a disguise, or by accident."""
    words = stream.words[first : last + 1]
    # Short names are met by accident once accents are gone or another script is written by its sounds.
    is_short = len(form.squeezed) < MIN_LETTERS_JOINED
    if not is_short and not wording.folded.undone and tuple(words) == form.words:
        return place_hit(wording, stream, first, last, Spelling.EXACT)
    start, end = stream.span(wording, first, last)
    touched = [u for u in wording.folded.undone if u.start < end and u.end > start]
    undone = tuple(filter(hides, touched))
    if is_short:  # the number behind a spaced word is no part of it
        undone = tuple(
            u for u in undone if u.disguise is not Disguise.SPACED_LETTERS or (start <= u.start and u.end <= end)
        )
    if is_short and not undone and letters_of(wording.raw[start:end]) not in form.letters:
        return None
    if tuple(words) == form.words:
        spelling = Spelling.TRANSLITERATED if touched and not undone else Spelling.EXACT
        spelling = Spelling.DISGUISED if undone else spelling
    elif is_short or not _is_meant_joined(form, words, wording, stream, first):
        return None
    else:
        spelling = Spelling.DISGUISED if undone else Spelling.JOINED
    if undone and is_short and start > 0 and wording.raw[start - 1].isalnum():
        return None
    return place_hit(wording, stream, first, last, spelling, undone=undone)


def judge_beginning(form: Form, wording: Wording, stream: Stream, first: int) -> Spelt | None:
    """Read "rolexwatch" and "rolexs": the name, then a word for goods, or an s."""
    word, length = stream.words[first], len(form.squeezed)
    if len(form.words) != 1 or length < MIN_LETTERS_JOINED or not word.startswith(form.squeezed):
        return None
    rest = word[length:]
    if rest in ("s", "es"):
        return place_hit(wording, stream, first, first, Spelling.INFLECTED)
    if length >= MIN_LETTERS_MISSPELT and len(rest) >= 3 and vocabulary().goods.kinds_named(rest):
        return place_hit(wording, stream, first, first, Spelling.GLUED)
    return None


def judge_shape(form: Form, wording: Wording, stream: Stream, first: int, last: int, said: str) -> Spelt | None:
    """Read digits that stand for a name's letters; other letters than the name's make another word."""
    swapped = [(ours, theirs) for ours, theirs in zip(form.squeezed, said, strict=True) if ours != theirs]
    if not swapped or any(
        ours.isdigit() or (theirs.isalpha() and {ours, theirs} != {"i", "l"}) for ours, theirs in swapped
    ):
        return None
    if 2 * len(swapped) > sum(char.isalpha() for char in form.squeezed):
        return None
    start, end = stream.span(wording, first, last)
    became = " ".join(form.words)
    undone = Undone(disguise=Disguise.LEET, start=start, end=end, was=wording.raw[start:end], became=became)
    return place_hit(wording, stream, first, last, Spelling.DISGUISED, undone=(undone,))


def judge_slip(form: Form, wording: Wording, stream: Stream, first: int, last: int, known: NearWords) -> Spelt | None:
    """Measure how far a text's words are from a name; None where they are too far, or words of their own."""
    words = stream.words[first : last + 1]
    said, meant = "".join(words), form.squeezed
    if said == meant or not is_near(said, meant, slips_allowed(len(meant))):
        return None
    if len(form.words) == 1:
        if len(words) > 1 or not is_slip(said, meant, known):
            return None
    elif len(words) == len(form.words):
        if not is_slip_beside(words, form.words, known):
            return None
    elif len(meant) < MIN_LETTERS_SPLIT_AND_MISSPELT or all(map(is_known_word, words)):
        return None
    start, end = stream.span(wording, first, last)
    undone = tuple(u for u in wording.folded.undone if u.start < end and u.end > start and hides(u))
    slips = distance(said, meant)
    return place_hit(wording, stream, first, last, Spelling.MISSPELT, slips=slips, undone=undone)


def letters_of(text: str) -> str:
    """Give a short name as written, but for capitals and spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def dressed_words(wording: Wording, stream: Stream) -> list[int]:
    """Give the words in which a disguise was undone that may have stood for i as well as for l."""
    hidden = [u for u in wording.folded.undone if u.disguise in _AMBIGUOUS]
    if not hidden:
        return []
    spans = [stream.span(wording, place, place) for place in range(len(stream.words))]
    return [at for at, (start, end) in enumerate(spans) if any(u.start < end and u.end > start for u in hidden)]


def hides(undone: Undone) -> bool:
    """Whether what was undone hides something: another script by its sounds is honest writing."""
    return undone.disguise is not Disguise.TRANSLITERATION


def _is_meant_joined(form: Form, words: Sequence[str], wording: Wording, stream: Stream, first: int) -> bool:
    """Whether words that make the name only together are the name, and not two words side by side."""
    if len(words) <= len(form.words):
        return True  # "airjordan" for "air jordan"
    if len(form.squeezed) < MIN_LETTERS_MISSPELT:
        return False
    # "leg end" is two words; "ro lex" is none, and nobody writes "leg.end".
    if any(len(word) > 1 and not is_known_word(word) and not word.isdigit() for word in words):
        return True
    if len(form.words) > 1 and len(form.squeezed) >= MIN_LETTERS_SPLIT:
        return True
    before, _ = stream.token_span(first, first)
    _, last = stream.token_span(first, first + len(words) - 1)
    return all(not set(wording.between(at, at + 1)) & _PARTING for at in range(before, last))


def place_hit(
    wording: Wording,
    stream: Stream,
    first: int,
    last: int,
    spelling: Spelling,
    *,
    slips: int = 0,
    undone: tuple[Undone, ...] = (),
) -> Spelt:
    """Give a judgement with its place in the original."""
    first, last = stream.token_span(first, last)
    start, end = wording.span(first, last)
    return Spelt(first, last, start, end, spelling, slips, undone)

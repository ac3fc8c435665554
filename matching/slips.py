"""
Words near the words of registered names: one letter wrong, lost, added or exchanged; one letter behind a star.

    table = NearWords({"kestrane", "velmora"})
    table.near("kestranne") -> ("kestrane",)

Every known word stands in a table under itself and under each spelling with one letter left out. A text's word is
looked up the same way, so all words one slip away are met (two for long words, where the slips allow it), and what
is met is measured by rapidfuzz. Words that are themselves, in any language the vocabulary knows, are no slips.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from string import ascii_lowercase

from rapidfuzz.distance import OSA

from matching.vocabulary import vocabulary

# Under six letters another word is always near; from six on one slip, from twelve two (chosen on planted names).
MIN_LETTERS_MISSPELT = 6
MIN_LETTERS_TWO_SLIPS = 12
MIN_LETTERS_THREE_SLIPS = 22
MIN_LETTERS_OF_A_PART = 4  # of one word of a longer name, whose other words stand by (chosen)
MIN_LETTERS_LOOKED_UP = 5  # shorter words are near too many others; a longer name has another word to be found by
MAX_LETTERS = 40  # longer words are no words; the table's size goes with the square of their length

_MAX_SHARING = 200  # words under one key; more make the key say nothing
_MAX_REMEMBERED = 200_000  # words of texts: language repeats itself, memory does not grow with the texts
_ENDINGS = frozenset("aeionsyrx")  # letters that make another form or model of a word when they stand behind it
# Letters side by side on a keyboard: a hand slips to these, another word differs by any.
_BESIDE = {
    "a": "qwsz", "b": "vghn", "c": "xdfv", "d": "serfcx", "e": "wsdr", "f": "drtgvc", "g": "ftyhbv", "h": "gyujnb",
    "i": "ujko", "j": "huikmn", "k": "jiolm", "l": "kop", "m": "njk", "n": "bhjm", "o": "iklp", "p": "ol", "q": "wa",
    "r": "edft", "s": "awedxz", "t": "rfgy", "u": "yhji", "v": "cfgb", "w": "qase", "x": "zsdc", "y": "tghu",
    "z": "asx",
}  # fmt: skip
# Which single slips count in names of one word under twelve letters was chosen on the first half of planted names, by
# how many true and how many accidental ones there were of each kind, place and length.
MIN_LETTERS_ANY_SLIP_INSIDE = 8
MIN_LETTERS_LOST_INSIDE = 7
MIN_LETTERS_AT_THE_RIM = 8
MIN_LETTERS_LAST_CHANGED = 10


def slips_allowed(letters: int) -> int:
    """How many letters a name of that length may have wrong."""
    if letters < MIN_LETTERS_MISSPELT:
        return 0
    if letters < MIN_LETTERS_TWO_SLIPS:
        return 1
    return 2 if letters < MIN_LETTERS_THREE_SLIPS else 3


def is_known_word(word: str) -> bool:
    """Whether a word is itself in a language the vocabulary knows, also with an s behind it."""
    known = vocabulary().spoken
    return word in known or (word.endswith("s") and (word[:-1] in known or word.removesuffix("es") in known))


def is_near(said: str, meant: str, allowed: int) -> bool:
    """Whether two spellings are so few letters apart, none of them a digit: another number is another model."""
    return OSA.distance(said, meant, score_cutoff=allowed) <= allowed and _digits(said) == _digits(meant)


def is_slip(said: str, meant: str) -> bool:
    """
    Whether one word near another is a slip of it, and no word of its own.

    Exchanged and doubled letters are slips wherever they stand. Other slips make a word that may be another: the
    shorter the name, the fewer of them count. A name that is a word of some language has neighbours in every other.
    """
    if is_known_word(said):
        return False
    length, at = len(meant), _parting(said, meant)
    if length >= MIN_LETTERS_TWO_SLIPS:
        return not (said[:-1] == meant and said[-1] in _ENDINGS)
    if len(said) == length:
        if said[at : at + 2] == meant[at : at + 2][::-1]:
            return True  # exchanged
        if at == length - 1:
            return length >= MIN_LETTERS_LAST_CHANGED and not is_known_word(meant)
        if said[at] in _BESIDE.get(meant[at], ""):
            return True  # the key beside
        return length >= MIN_LETTERS_ANY_SLIP_INSIDE and not is_known_word(meant)
    if len(said) > length:
        if at and said[at] == said[at - 1]:
            return True  # doubled
        if at == 0:
            return length >= MIN_LETTERS_AT_THE_RIM
        beside = said[at] in _BESIDE.get(said[at - 1], "") + _BESIDE.get(said[at + 1 : at + 2], "")
        if at == length:
            return said[at] not in _ENDINGS and (beside or length > MIN_LETTERS_MISSPELT)
        return beside or length > MIN_LETTERS_MISSPELT
    if at == length - 1:
        return meant[at] not in _ENDINGS or (length >= MIN_LETTERS_AT_THE_RIM and meant[at] != "s")
    if at == 0:
        return length >= MIN_LETTERS_AT_THE_RIM and not is_known_word(meant)
    return length >= MIN_LETTERS_LOST_INSIDE or meant[at] == meant[at - 1]


def is_slip_beside(said: Sequence[str], meant: Sequence[str]) -> bool:
    """
    Whether words are a name's words with slips in some: no wrong word is a word of its own, and right ones stand by.

    A wrong word of three letters needs more beside it than one of four: "the sony" is not "The Song".
    """
    wrong = [(theirs, ours) for theirs, ours in zip(said, meant, strict=True) if theirs != ours]
    total = sum(map(len, meant))
    intact = total - sum(len(ours) for _, ours in wrong)
    for theirs, ours in wrong:
        if is_known_word(theirs) or len(ours) < MIN_LETTERS_OF_A_PART - 1:
            return False
        if OSA.distance(theirs, ours) > (1 if len(ours) < MIN_LETTERS_MISSPELT + 2 else 2):
            return False
        if intact < MIN_LETTERS_OF_A_PART and total >= MIN_LETTERS_TWO_SLIPS and len(ours) >= MIN_LETTERS_LOOKED_UP:
            continue  # "lous vuiton"
        if intact < (MIN_LETTERS_OF_A_PART if len(ours) >= MIN_LETTERS_OF_A_PART else MIN_LETTERS_OF_A_PART + 1):
            return len(ours) >= MIN_LETTERS_MISSPELT and is_slip(theirs, ours)
    return True


def _parting(said: str, meant: str) -> int:
    """Give the first place where two words differ."""
    shorter = min(len(said), len(meant))
    return next((at for at in range(shorter) if said[at] != meant[at]), shorter)


def distance(said: str, meant: str) -> int:
    """How many letters were added, lost, changed or exchanged between two spellings."""
    return OSA.distance(said, meant)


class NearWords:
    """Known words, found by words that are near them."""

    __slots__ = ("_table", "_words", "remembered")

    def __init__(self, words: Iterable[str], others: Iterable[str] = ()) -> None:
        """Take the words that may be misspelt, and others of which only a letter behind a star is read."""
        misspelt = frozenset(words)
        self._words = misspelt.union(others)
        table: defaultdict[str, list[str]] = defaultdict(list)
        for word in misspelt:
            if MIN_LETTERS_LOOKED_UP <= len(word) <= MAX_LETTERS and word.isalpha():
                for key in {word, *_shortened(word)}:
                    table[key].append(word)
        self._table = {key: tuple(sharing) for key, sharing in table.items() if len(sharing) <= _MAX_SHARING}
        self.remembered: dict[str, tuple[str, ...]] = {}

    def near(self, word: str) -> tuple[str, ...]:
        """Every known word that the word is a slip of; none where it is a word itself."""
        found = self.remembered.get(word)
        if found is None:
            found = self._look_up(word)
            if len(self.remembered) >= _MAX_REMEMBERED:
                self.remembered.clear()
            self.remembered[word] = found
        return found

    def masked(self, before: str, after: str) -> tuple[str, ...]:
        """Every known word with exactly one letter between the two parts."""
        return tuple(word for letter in ascii_lowercase if (word := before + letter + after) in self._words)

    def _look_up(self, word: str) -> tuple[str, ...]:
        # Words with digits are models, and another model is another thing; digits for letters are read elsewhere.
        if not MIN_LETTERS_LOOKED_UP - 1 <= len(word) <= MAX_LETTERS or not word.isalpha() or is_known_word(word):
            return ()
        met: set[str] = set()
        for key in (word, *_shortened(word)):
            met.update(self._table.get(key, ()))
        return tuple(
            sorted(
                known for known in met if known != word and is_near(word, known, max(1, slips_allowed(len(known))))
            )
        )


def _digits(word: str) -> str:
    return "" if word.isalpha() else "".join(char for char in word if char.isdigit())


def _shortened(word: str) -> list[str]:
    """Give every spelling with one letter left out."""
    return [word[:at] + word[at + 1 :] for at in range(len(word))]

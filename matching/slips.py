"""
Words near the words of registered names: one letter wrong, lost, added or exchanged; one letter behind a star.

    table = NearWords({"kestrane", "velmora"})
    table.near("kestranne") -> ("kestrane",)

Every known word stands in a table under itself and under each spelling with one letter left out. A text's word is
looked up the same way, so all words one slip away are met (two for long words, where the slips allow it), and what
is met is measured by rapidfuzz. Words that are themselves, in any language the vocabulary knows, are no slips.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
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
MIN_LETTERS_FIRST_LOST = 7
MIN_LETTERS_LAST_CHANGED = 10
# Below these lengths a slip still counts where it leaves three letters in a row that so few known words have at most.
# Chosen on the same half: a letter lost inside 46 true and no accidental ones, changed 27 and 1.
_MAX_HEARD_LOST, _MAX_HEARD_CHANGED = 2, 0
# "gr" for "g" is another abbreviation, unless this much of the name stands by (chosen).
MIN_LETTERS_BESIDE_A_SHORT_WORD = 8


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


def is_slip(said: str, meant: str, known: NearWords) -> bool:
    """
    Whether one word near another is a slip of it, and no word of its own.

    Exchanged and doubled letters are slips wherever they stand. Other slips make a word that may be another: the
    shorter the name, the fewer of them count, but for those that leave letters no known word has in a row. A name
    that is a word of some language has neighbours in every other.
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
            by_length = length >= MIN_LETTERS_LAST_CHANGED and not is_known_word(meant)
            return by_length or known.heard(said, meant) <= _MAX_HEARD_CHANGED
        if said[at] in _BESIDE.get(meant[at], ""):
            return True  # the key beside
        if length >= MIN_LETTERS_ANY_SLIP_INSIDE and not is_known_word(meant):
            return True
        return at > 0 and known.heard(said, meant) <= _MAX_HEARD_CHANGED
    if len(said) > length:
        if at and said[at] == said[at - 1]:
            return True  # doubled
        if at == 0:
            return length >= MIN_LETTERS_AT_THE_RIM
        beside = said[at] in _BESIDE.get(said[at - 1], "") + _BESIDE.get(said[at + 1 : at + 2], "")
        if at == length:
            return said[at] not in _ENDINGS and (beside or length > MIN_LETTERS_MISSPELT)
        return beside or length > MIN_LETTERS_MISSPELT or known.heard(said, meant) <= _MAX_HEARD_CHANGED
    if at == length - 1:
        return meant[at] not in _ENDINGS or (length >= MIN_LETTERS_AT_THE_RIM and meant[at] != "s")
    if at == 0:
        return length >= MIN_LETTERS_FIRST_LOST and not is_known_word(meant)
    if length >= MIN_LETTERS_LOST_INSIDE or meant[at] == meant[at - 1]:
        return True
    return known.heard(said, meant) <= _MAX_HEARD_LOST


def is_slip_beside(said: Sequence[str], meant: Sequence[str], known: NearWords) -> bool:
    """
    Whether words are a name's words with slips in some: no wrong word is a word of its own, and right ones stand by.

    Where little stands by, a wrong word may be no registered name either, and in names of seven letters and fewer it
    must look like no other word: "the sony" is not "The Song".
    """
    wrong = [(theirs, ours) for theirs, ours in zip(said, meant, strict=True) if theirs != ours]
    total = sum(map(len, meant))
    intact = total - sum(len(ours) for _, ours in wrong)
    for theirs, ours in wrong:
        if is_known_word(theirs):
            return False
        if len(ours) < MIN_LETTERS_OF_A_PART - 1 and (
            intact < MIN_LETTERS_BESIDE_A_SHORT_WORD or not theirs.isalpha()
        ):
            return False
        if OSA.distance(theirs, ours) > (1 if len(ours) < MIN_LETTERS_MISSPELT + 2 else 2):
            return False
        if intact >= MIN_LETTERS_OF_A_PART + (len(ours) < MIN_LETTERS_OF_A_PART):
            continue
        if theirs in known.names or (total < MIN_LETTERS_ANY_SLIP_INSIDE and not _is_no_other(theirs, ours, known)):
            return False
    return True


def _is_no_other(said: str, meant: str, known: NearWords) -> bool:
    """Whether a short word near another has letters exchanged or doubled, or in a row as hardly any word has."""
    at = _parting(said, meant)
    if len(said) == len(meant) and said[at : at + 2] == meant[at : at + 2][::-1]:
        return True
    if len(said) > len(meant) and at and said[at] == said[at - 1]:
        return True
    return known.heard(said, meant) <= _MAX_HEARD_LOST


def _parting(said: str, meant: str) -> int:
    """Give the first place where two words differ."""
    shorter = min(len(said), len(meant))
    return next((at for at in range(shorter) if said[at] != meant[at]), shorter)


def distance(said: str, meant: str) -> int:
    """How many letters were added, lost, changed or exchanged between two spellings."""
    return OSA.distance(said, meant)


class NearWords:
    """Known words, found by words that are near them."""

    __slots__ = ("_sequences", "_table", "names", "remembered", "words")

    def __init__(self, words: Iterable[str], others: Iterable[str] = (), names: Iterable[str] = ()) -> None:
        """
        Take the words that may be misspelt, others of which only a letter behind a star is read, and one-word names.

        `words` and `names` can be asked whether they hold a word, which then is itself.
        """
        misspelt = frozenset(words)
        self.words = misspelt.union(others)
        self.names = frozenset(names)
        self._sequences = Counter(_spoken_sequences())
        for word in self.words - vocabulary().spoken:
            self._sequences.update(_sequences(word))
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

    def heard(self, said: str, meant: str) -> int:
        """How many known words have the rarest three letters in a row that a slip left in a word; rims count."""
        kept = _sequences(meant)
        return min((self._sequences[each] for each in _sequences(said) - kept), default=len(self.words))

    def masked(self, before: str, after: str) -> tuple[str, ...]:
        """Every known word with exactly one letter between the two parts."""
        return tuple(word for letter in ascii_lowercase if (word := before + letter + after) in self.words)

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


@lru_cache(maxsize=1)
def _spoken_sequences() -> Counter[str]:
    return Counter(each for word in vocabulary().spoken for each in _sequences(word))


def _sequences(word: str) -> set[str]:
    """Give every three characters in a row of a word and its rims; none for what is no word."""
    rimmed = f"^{word}$"
    return {rimmed[at : at + 3] for at in range(len(rimmed) - 2)} if word.isalpha() else set()


def _digits(word: str) -> str:
    return "" if word.isalpha() else "".join(char for char in word if char.isdigit())


def _shortened(word: str) -> list[str]:
    """Give every spelling with one letter left out."""
    return [word[:at] + word[at + 1 :] for at in range(len(word))]

"""
One spelling for every disguise: text folded to plain lower-case letters, with the way back to the original.

    fold("Gеnuinе  R0lex™ AB-1234").text == "genuine rolex ab-1234"

Folding never decides what a word means. Digits that stand alone or belong to a model number stay digits, and
each thing that was undone is named with its place, so that a reviewer sees the disguise.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, unique
from typing import NamedTuple

from matching.characters import Character, Kind, character


@unique
class Disguise(Enum):
    """What was undone; honest writing does the last one too."""

    HOMOGLYPH = "homoglyph"
    """A letter of another alphabet, or an ornamental one, that looks like a plain letter."""
    STYLED_LETTERS = "styled_letters"
    """Letters in a mathematical, wide, circled or squared dress."""
    LEET = "leet"
    """A digit or sign put for a letter inside a word."""
    SPACED_LETTERS = "spaced_letters"
    """A word broken into single letters by spaces, dots or other signs."""
    ZERO_WIDTH = "zero_width"
    """Characters that take no room, inside a word."""
    DIRECTION = "direction"
    """Characters that turn the direction of writing."""
    COMBINING_MARKS = "combining_marks"
    """Marks laid over letters that no language writes so, such as a stroke through each letter."""
    MASKED = "masked"
    """A star put for a letter; undone only where a registered name comes of it."""
    TRANSLITERATION = "transliteration"
    """Another script, written in Latin letters by its sounds; no disguise by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """One disguise that was undone: `start` to `end` in the original, what stood there, what it became."""

    disguise: Disguise
    start: int
    end: int
    was: str
    became: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """
    Folded text: ASCII, lower case, single spaces.

    `positions[i]` is the index in the original of the character that `text[i]` comes from; it never falls.
    """

    text: str
    positions: Sequence[int]
    undone: tuple[Undone, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the part of the original, as start and end, behind `text[start:end]` (at least one character)."""
        return self.positions[start], self.positions[end - 1] + 1


class Token(NamedTuple):  # one for every word that is read: a tuple is made in a third of a dataclass's time
    """One word or model number of a folded text, at `start` to `end` of it."""

    text: str
    start: int
    end: int


# Words; joined by a hyphen when digits follow (ab-1234), by points between digits (1:1, 2.5, 16/9), by & between
# single letters (h&m).
_TOKEN = re.compile(
    r"(?<![a-z0-9])[a-z]&[a-z](?![a-z0-9])|[a-z0-9]+(?:-(?=[0-9])[a-z0-9]+|(?<=[0-9])[.,:/](?=[0-9])[a-z0-9]+)*"
)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]+")
_SPACE = re.compile(r"[ \t-\r]{2,}|[\t-\r]|\A | \Z")
_APOSTROPHE = re.compile(r"(?<=[a-z])['`](?=[a-z])")
# At least four single letters, the same sign between each: three are an acronym or sizes (S M L).
_SPACED = re.compile(
    r"(?<![a-z0-9])[a-z$@](?:(?P<sign>[ ._*~/|+-])[a-z0134@$])(?:(?P=sign)[a-z0134@$]){2,}(?![a-z0-9])"
)
_SPACED_HINT = re.compile(r"[ ._*~/|+-][a-z0134@$][ ._*~/|+-][a-z0134@$][ ._*~/|+-]")
_MIN_SPACED_LETTERS = 3  # of the characters, the rest being digits and signs (chosen; "a 1 b 2" is a list)
_LEET_HINT = re.compile(r"[013457@$!|](?<=[a-z].)0?[a-z$@]|\$(?<=[a-z$].)|\$[a-z]")
_LEET_WORD = re.compile(r"[a-z0-9@$!|]+")
# Names of formats, sockets and models that carry one digit between letters and mean it.
_TECHNICAL = re.compile(
    r"(?:mp[34]|ps[1-5]|x[1-9]|s[1-9](?=mini|pro|plus|lite)|usb[1-4]|web3|h26[45]|b2b|p2p|k[1-9](?=pro)).*"
)
_LEET_DIGITS = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t"}
_LEET_SIGNS = {"@": "a", "$": "s", "!": "i", "|": "l"}
_VOWELS = frozenset("aeiou0134@")
_LATIN = re.compile(r"[A-Za-z]")
_MAX_STYLISED = 2  # letters in a row that may be drawn for others; more are a word ("часы") (chosen)
_IN_FOREIGN_WORD = frozenset((Kind.FOREIGN, Kind.MARK, Kind.INVISIBLE))
_IN_UNSPACED_WORD = frozenset((Kind.UNSPACED, Kind.INVISIBLE))

_Edit = Callable[[re.Match[str]], list[tuple[int, str]] | None]


def fold(text: str) -> Folded:
    """
    Fold a text; never raises, whatever characters it holds.

    In order: control characters and lone surrogates go; compatibility forms, accents and lookalikes become
    plain letters; other scripts are written by their sounds; words spaced out letter by letter close up; digits
    inside words become the letters they stand for; white space becomes single spaces.
    """
    draft = _Draft(text, text.lower(), range(len(text)), []) if text.isascii() else _spell_out(text)
    if not draft.text.isprintable():
        draft.rewrite(_CONTROL, _drop, None)
    if " ".join(draft.text.split()) != draft.text:
        draft.rewrite(_SPACE, _close_space, None)
    if "'" in draft.text or "`" in draft.text:
        draft.rewrite(_APOSTROPHE, _drop, None)
    if _SPACED_HINT.search(draft.text):
        draft.rewrite(_SPACED, _close_up, Disguise.SPACED_LETTERS)
    if _LEET_HINT.search(draft.text):
        draft.rewrite(_LEET_WORD, _read_leet, Disguise.LEET)
    undone = tuple(sorted(draft.undone, key=_place)) if draft.undone else ()
    return Folded(text=draft.text, positions=draft.positions, undone=undone)


def spelled(folded: Folded) -> tuple[str, ...]:
    """Give the texts of `tokens` alone, in a third of the time."""
    return tuple(_TOKEN.findall(folded.text))


def tokens(folded: Folded) -> list[Token]:
    """Give the words and model numbers of a folded text in order; punctuation between them is left out."""
    return [Token(m.group(), *m.span()) for m in _TOKEN.finditer(folded.text)]


class _Draft:
    """A text while it is being folded."""

    __slots__ = ("original", "positions", "text", "undone")

    def __init__(self, original: str, text: str, positions: Sequence[int], undone: list[Undone]) -> None:
        self.original = original
        self.text = text
        self.positions = positions
        self.undone = undone

    def rewrite(self, pattern: re.Pattern[str], edit: _Edit, disguise: Disguise | None) -> None:
        """Replace what the edit gives for each hit: characters with their offset in the hit; None leaves it."""
        parts: list[str] = []
        positions: list[int] = []
        done = 0
        for hit in pattern.finditer(self.text):
            kept = edit(hit)
            if kept is None:
                continue
            start, end = hit.span()
            became = "".join(char for _, char in kept)
            parts += self.text[done:start], became
            positions += self.positions[done:start]
            positions += (self.positions[start + offset] for offset, _ in kept)
            done = end
            if disguise is not None:
                first, last = self.positions[start], self.positions[end - 1] + 1
                was = self.original[first:last]
                self.undone.append(Undone(disguise=disguise, start=first, end=last, was=was, became=became))
        if done or parts:
            parts.append(self.text[done:])
            positions += self.positions[done:]
            self.text, self.positions = "".join(parts), positions


def _place(item: Undone) -> tuple[int, int]:
    return item.start, item.end


def _drop(_: re.Match[str]) -> list[tuple[int, str]]:
    return []


def _close_space(hit: re.Match[str]) -> list[tuple[int, str]]:
    at_rim = hit.start() == 0 or hit.end() == len(hit.string)
    return [] if at_rim else [(0, " ")]


def _close_up(hit: re.Match[str]) -> list[tuple[int, str]] | None:
    """Give a spaced word's letters without the signs between them."""
    letters = list(enumerate(hit.group()))[::2]
    if letters[-1][1].isdigit() and not any(char.isdigit() for _, char in letters[:-1]):
        letters.insert(-1, (letters[-1][0] - 1, hit["sign"]))  # a number behind the word, as in "r o l e x 3 men"
    return letters if sum(char.isalpha() for _, char in letters) >= _MIN_SPACED_LETTERS else None


def _read_leet(hit: re.Match[str]) -> list[tuple[int, str]] | None:
    """
    Give a word with the letters its digits and signs stand for, or None when it is a model number.

    Every digit must stand between letters and stand for one; letters must outnumber the rest.
    """
    word = hit.group()
    if word.isalpha() or word.isdigit():
        return None
    strange = [at for at, char in enumerate(word) if not char.isalpha()]
    letters = len(word) - len(strange)
    if letters < 3 or letters <= len(strange) or _TECHNICAL.fullmatch(word):
        return None
    read = list(word)
    for at in strange:
        letter = _leet_letter(word, at, hit)
        if letter is None:
            if word[at].isdigit():
                return None
            continue
        read[at] = letter
    became = "".join(read)
    return None if became == word else list(enumerate(became))


def _leet_letter(word: str, at: int, hit: re.Match[str]) -> str | None:
    """Give the letter a digit or sign inside a word stands for; None when it means itself."""
    char, before, after = word[at], word[:at], word[at + 1 :]
    if char == "$":  # "$amsung", "Micro$oft", "Gue$$", but never "us$20" or "$ab"
        rest = after.lstrip("$")
        return "s" if (before and not rest) or (rest[:1].isalpha() and (before or len(rest) >= 4)) else None
    if not before or not after:
        return None
    left, right = before[-1], after[0]
    neighbours = (left.isalpha() or left in "@$0") and (right.isalpha() or right in "@$0")
    if not neighbours or not any(part.isalpha() for part in before):
        return None
    if char in "!|":  # after a whole word they end a sentence or part two words
        return _LEET_SIGNS[char] if len(before) <= 2 else None
    if char == "@":  # an address has a dot behind it
        return None if "." in hit.string[hit.end() : hit.end() + 1] else "a"
    if char in "57" and (len(before) < 2 or len(after) < 2):  # "iphone5s", "a7iv"
        return None
    if char == "1":
        return "l" if left in _VOWELS and right in _VOWELS else "i"
    return _LEET_DIGITS.get(char)


def _spell_out(text: str) -> _Draft:
    """Write a text with characters beyond ASCII in ASCII, run by run."""
    speller = _Speller(text)
    done = 0
    for run in _BEYOND_ASCII.finditer(text):
        start, end = run.span()
        speller.keep(done, start)
        speller.spell(start, end)
        done = end
    speller.keep(done, len(text))
    return _Draft(text, "".join(speller.parts), speller.positions, speller.undone)


class _Speller:
    """Writes one text in ASCII; what stands around a character tells what it is there for."""

    __slots__ = ("_poses", "parts", "positions", "text", "undone")

    def __init__(self, text: str) -> None:
        self.text = text
        self.parts: list[str] = []
        self.positions: list[int] = []
        self.undone: list[Undone] = []
        self._poses: bool | None = None

    def keep(self, start: int, end: int) -> None:
        """Take ASCII over."""
        self.parts.append(self.text[start:end].lower())
        self.positions += range(start, end)

    def spell(self, start: int, end: int) -> None:
        """Write a run of characters beyond ASCII."""
        at = start
        while at < end:
            role = character(self.text[at])
            kind = role.kind
            last = at + 1
            if kind is Kind.OTHER and not role.stylised:
                self._write(at, role.plain)
            elif kind is Kind.FOREIGN:
                last = self._run_end(at, end, _IN_FOREIGN_WORD)
                self._foreign_word(at, last)
            elif kind is Kind.UNSPACED:
                last = self._run_end(at, end, _IN_UNSPACED_WORD)
                self._apart(at, last)
            elif kind is Kind.IDEOGRAPH:
                self._apart(at, last)
            else:
                self._alone(at, role)
            at = last

    def _alone(self, at: int, role: Character) -> None:
        """Write a character that is read by itself, its neighbours telling whether it was a disguise."""
        plain, disguise = role.plain, None
        inside = self._is_word(at - 1) and self._is_word(at + 1)
        match role.kind:
            case Kind.LATIN if role.dressed:
                disguise = Disguise.HOMOGLYPH if role.posing else Disguise.STYLED_LETTERS
            case Kind.OTHER if inside:
                plain, disguise = role.stylised, Disguise.HOMOGLYPH
            case Kind.INVISIBLE if inside:
                disguise = Disguise.ZERO_WIDTH
            case Kind.DIRECTION:
                disguise = Disguise.DIRECTION
            case Kind.MARK:
                plain = ""
                if self._is_latin(at - 1) and len(unicodedata.normalize("NFC", self.text[at - 1 : at + 1])) > 1:
                    disguise = Disguise.COMBINING_MARKS
            case _:
                pass
        self._write(at, plain)
        if disguise is not None:
            self._note(disguise, at, at + 1, plain)

    def _foreign_word(self, start: int, end: int) -> None:
        """Write letters of another alphabet as the Latin ones they resemble, or by their sounds."""
        roles = [character(char) for char in self.text[start:end]]
        letters = [role for role in roles if role.kind is Kind.FOREIGN]
        before, after = self._is_latin(start - 1), self._is_latin(end)
        attached = before or after
        disguise = Disguise.HOMOGLYPH
        if all(role.lookalike for role in letters) and (attached or self._foreign_letters_pose()):
            plains = [role.lookalike for role in roles]
        elif (
            attached
            and all(role.lookalike or role.stylised for role in letters)
            and (len(letters) <= _MAX_STYLISED or (before and after) or self._foreign_letters_pose())
        ):
            plains = [role.lookalike or role.stylised for role in roles]
        else:
            plains, disguise = [role.plain for role in roles], Disguise.TRANSLITERATION
            if len(letters) > _MAX_STYLISED:  # a foreign word glued to a Latin one is a word of its own
                plains[0] = " " * before + plains[0]
                plains[-1] += " " * after
        for offset, plain in enumerate(plains):
            self._write(start + offset, plain)
        self._note(disguise, start, end, "".join(plains).strip())

    def _apart(self, start: int, end: int) -> None:
        """Write a run of a script without spaces as a word of its own."""
        plains = [character(char).plain for char in self.text[start:end]]
        self._write(start, " " * (start > 0))
        for offset, plain in enumerate(plains):
            self._write(start + offset, plain)
        self._write(end - 1, " " * (end < len(self.text)))
        self._note(Disguise.TRANSLITERATION, start, end, "".join(plains))

    def _write(self, at: int, plain: str) -> None:
        if plain:
            self.parts.append(plain)
            self.positions += [at] * len(plain)

    def _note(self, disguise: Disguise, start: int, end: int, became: str) -> None:
        """Add what was undone, to the entry before it when that is the same and ends here."""
        if self.undone and self.undone[-1].disguise is disguise and self.undone[-1].end == start:
            before = self.undone.pop()
            start, became = before.start, before.became + became
        was = self.text[start:end]
        self.undone.append(Undone(disguise=disguise, start=start, end=end, was=was, became=became))

    def _run_end(self, at: int, end: int, kinds: frozenset[Kind]) -> int:
        while at < end and character(self.text[at]).kind in kinds:
            at += 1
        return at

    def _foreign_letters_pose(self) -> bool:
        """Tell whether whole words of foreign lookalikes are Latin words: Latin stands by, no foreign word does."""
        if self._poses is None:
            foreign = (character(char) for run in _BEYOND_ASCII.findall(self.text) for char in run)
            honest = any(role.kind is Kind.FOREIGN and not (role.lookalike or role.stylised) for role in foreign)
            self._poses = not honest and _LATIN.search(self.text) is not None
        return self._poses

    def _is_word(self, at: int) -> bool:
        return 0 <= at < len(self.text) and self.text[at].isalnum()

    def _is_latin(self, at: int) -> bool:
        if not 0 <= at < len(self.text):
            return False
        char = self.text[at]
        return char.isalpha() and (char.isascii() or character(char).kind is Kind.LATIN)

"""
What each character beyond ASCII stands for when text is folded: its plain form, and the letter it resembles.

The table of lookalikes is Unicode's (see the head of `data/lookalikes.txt`); transliteration is anyascii's,
Unicode's compatibility forms are Python's. Each character is worked out once per process.
"""

import unicodedata
from dataclasses import dataclass
from enum import Enum, unique
from functools import cache
from pathlib import Path

from anyascii import anyascii


@unique
class Kind(Enum):
    """How a character takes part in folding."""

    NOTHING = "nothing"
    """Not text: a control character, half of a surrogate pair. Dropped without a word."""
    INVISIBLE = "invisible"
    """Takes no room on the page: zero-width spaces and joiners, soft hyphens, variation selectors."""
    DIRECTION = "direction"
    """Turns the direction of writing for what follows."""
    MARK = "mark"
    """A mark laid over the letter before it."""
    LATIN = "latin"
    """A Latin letter or a digit in whatever dress: accented, wide, bold, circled, phonetic."""
    FOREIGN = "foreign"
    """A letter of another alphabet that is written with spaces between words."""
    UNSPACED = "unspaced"
    """A letter of a script written without spaces between words, such as kana or Thai."""
    IDEOGRAPH = "ideograph"
    """A Chinese character: a word or syllable of its own."""
    OTHER = "other"
    """Punctuation, symbols, spaces, emoji."""


@dataclass(frozen=True, slots=True)
class Character:
    """
    One character's part in folding.

    `plain` is its lower-case ASCII form (may be empty). `dressed` says that honest writing has no use for it
    where a plain letter would do, `posing` that it is a letter in its own right all the same. `lookalike` is
    the letter it resembles by Unicode's table, `stylised` the one it is drawn as in fancy spellings; each is ""
    when there is none.
    """

    kind: Kind
    plain: str
    dressed: bool = False
    posing: bool = False
    lookalike: str = ""
    stylised: str = ""


# Letters put for others by their shape alone, as in "PRΛDΛ" or "ЯOLEX"; Unicode's table has no use for these.
_STYLISED = {
    "Λ": "a", "λ": "a", "Δ": "a", "∆": "a", "Σ": "e", "∑": "e", "Ξ": "e", "℮": "e", "є": "e", "Є": "e",
    "Я": "r", "я": "r", "И": "n", "и": "n", "Ш": "w", "ш": "w", "Ц": "u", "ц": "u", "П": "n", "п": "n",
    "Д": "a", "д": "a", "η": "n", "μ": "u", "ω": "w", "Ω": "o", "θ": "o", "Θ": "o", "в": "b", "н": "h",
    "к": "k", "м": "m", "т": "t", "ε": "e", "κ": "k", "τ": "t", "χ": "x", "β": "b", "ι": "i", "€": "e",
}  # fmt: skip
_MARKS_OF_TRADE = frozenset("®™©℠℗")
_INVISIBLE = frozenset("\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800\ufeff")
_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_HONEST_LATIN = frozenset("ıĸſ")  # Turkish, Greenlandic and old German letters that resemble others
# Blocks whose Latin letters serve phonetics or ornament, never a shop's title.
_ORNAMENTAL = ((0x0250, 0x02AF), (0x1D00, 0x1DBF), (0xA720, 0xA7FF), (0xAB30, 0xAB6F))
_UNSPACED = (
    "HIRAGANA", "KATAKANA", "BOPOMOFO", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN", "YI ", "HALFWIDTH KATAKANA",
)  # fmt: skip
_DRESSED = (
    "MATHEMATICAL",
    "FULLWIDTH",
    "CIRCLED",
    "PARENTHESIZED",
    "SQUARED",
    "NEGATIVE",
    "REGIONAL",
    "DOUBLE-STRUCK",
)


@cache  # bounded by Unicode itself
def character(char: str) -> Character:
    """Tell a single non-ASCII character's part in folding."""
    category, name = unicodedata.category(char), unicodedata.name(char, "")
    if category in ("Cc", "Cs", "Co", "Cn"):
        return Character(Kind.OTHER, " ") if char == "\x85" else Character(Kind.NOTHING, "")
    if char in _DIRECTION:
        return Character(Kind.DIRECTION, "")
    if category == "Cf" or char in _INVISIBLE or 0xFE00 <= ord(char) <= 0xFE0F or 0xE0100 <= ord(char) <= 0xE01EF:
        return Character(Kind.INVISIBLE, "")
    if category.startswith("M"):
        return Character(Kind.UNSPACED if name.startswith(_UNSPACED) else Kind.MARK, _letters(char))
    if category.startswith("Z") or char in _MARKS_OF_TRADE:
        return Character(Kind.OTHER, " ")
    compatible = unicodedata.normalize("NFKC", char)
    digit = unicodedata.decimal(compatible, None) if len(compatible) == 1 else None
    if digit is not None:
        return Character(Kind.LATIN, str(digit), dressed=name.startswith(("MATHEMATICAL", "FULLWIDTH")))
    if compatible.isascii() and compatible.isalnum():
        return Character(Kind.LATIN, compatible.lower(), dressed=name.startswith(_DRESSED) or category == "Lm")
    if name.startswith(_DRESSED) and _letters(char).isalnum():
        return Character(Kind.LATIN, _letters(char), dressed=True)
    if category.startswith("L"):
        return _letter(char, name)
    return Character(Kind.OTHER, _symbol(char, compatible), stylised=_STYLISED.get(char, ""))


def _letter(char: str, name: str) -> Character:
    compatible = unicodedata.normalize("NFKC", char)
    stylised = _STYLISED.get(compatible, "")
    if len(compatible) == 1 and compatible != char and compatible not in _STYLISED:
        char = compatible
    lookalike = _LOOKALIKES.get(compatible, "") if char not in _HONEST_LATIN else ""
    if name.startswith("CJK "):
        return Character(Kind.IDEOGRAPH, _letters(char))
    if name.startswith(_UNSPACED):
        return Character(Kind.UNSPACED, _letters(char))
    if "LATIN" in name or name.startswith(("LATIN", "MODIFIER LETTER SMALL", "FEMININE", "MASCULINE")):
        base = unicodedata.normalize("NFKD", char)[:1]
        ornamental = any(first <= ord(char) <= last for first, last in _ORNAMENTAL)
        if base.isascii() and base.isalpha():
            return Character(Kind.LATIN, _letters(char))
        if ornamental and lookalike:
            return Character(Kind.LATIN, lookalike, dressed=True, posing=True)
        return Character(Kind.LATIN, _letters(char), dressed=ornamental, posing=ornamental)
    return Character(Kind.FOREIGN, _letters(char), lookalike=lookalike, stylised=stylised or lookalike)


def _letters(char: str) -> str:
    """Give the transliteration's letters and digits alone, lower case."""
    return "".join(part for part in anyascii(char).lower() if part.isalnum())


def _symbol(char: str, compatible: str) -> str:
    """Give the ASCII sign a symbol stands for; a space for what has none, such as emoji."""
    if compatible.isascii():
        return compatible.lower()
    plain = "".join(_SIGNS.get(part, part) for part in compatible)
    if plain.isascii():
        return plain
    written = anyascii(char)
    return written if len(written) == 1 and not written.isalnum() else " "


def _read_lookalikes() -> dict[str, str]:
    table: dict[str, str] = {}
    text = Path(__file__).with_name("data").joinpath("lookalikes.txt").read_text(encoding="ascii")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            letter, _, codes = line.partition(": ")
            table.update((chr(int(code, 16)), letter) for code in codes.split())
    return table


_SIGNS = {"\u2044": "/", "\u2013": "-", "\u2014": "-", "\u2212": "-", "\u2010": "-", "\u2019": "'", "\u2018": "'"}
_LOOKALIKES = _read_lookalikes()

"""Ways a seller disguises a name so that a plain search misses it and a buyer still reads it."""

import random

# Letters that look the same in Cyrillic or Greek (Unicode confusables, UTS 39).
HOMOGLYPHS = {
    "A": "АΑ",
    "B": "ВΒ",
    "C": "С",
    "E": "ЕΕ",
    "H": "НΗ",
    "I": "ІΙ",
    "K": "КΚ",
    "M": "МΜ",
    "N": "Ν",
    "O": "ОΟ",
    "P": "РΡ",
    "S": "Ѕ",
    "T": "ТΤ",
    "U": "Ս",
    "V": "Ѵ",
    "X": "ХΧ",
    "Y": "ΥҮ",
    "Z": "Ζ",
}
LEET = {"A": "4", "E": "3", "I": "1", "O": "0", "S": "5", "T": "7"}


def with_homoglyphs(name: str, dice: random.Random) -> str:
    """Swap at least half of the letters that have a twin."""
    places = [place for place, letter in enumerate(name) if letter in HOMOGLYPHS]
    chosen = set(dice.sample(places, max(1, (len(places) + 1) // 2)))
    return "".join(dice.choice(HOMOGLYPHS[c]) if place in chosen else c for place, c in enumerate(name))


def with_leet(name: str, dice: random.Random) -> str:
    """Swap up to three letters for digits; names without such letters are spaced instead."""
    places = [place for place, letter in enumerate(name) if letter in LEET]
    if not places:
        return with_spaces(name, dice)
    chosen = set(dice.sample(places, min(len(places), dice.randint(1, 3))))
    return "".join(LEET[c] if place in chosen else c for place, c in enumerate(name))


def with_spaces(name: str, dice: random.Random) -> str:
    """Pull the letters apart with one sign."""
    return dice.choice((" ", ".", "-", "·", "_")).join(name)


def full_width(name: str, dice: random.Random) -> str:  # noqa: ARG001  # one shape for all disguises
    """Use the wide forms of the letters (Unicode block FF00)."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name)


DISGUISES = (with_homoglyphs, with_leet, with_spaces, full_width)

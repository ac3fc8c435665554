"""
Disguises of a registered name, planted by tests: each kind takes a name and gives it back as a seller might write it.

    DISGUISES["homoglyph"](Planter(...), "Kestrane") -> "Kеstrаne"

Written from what sellers do, not from what folding undoes: lookalikes are drawn from Unicode's whole table, and the
spellings in other scripts come from tables of their own. A kind gives None where a name does not lend itself to it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

LETTERS = "abcdefghijklmnopqrstuvwxyz"
MIN_LETTERS_TYPO = 6  # a letter wrong in a shorter name makes another name as often as not
MIN_LETTERS = 4

_LEET = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7", "l": "1"}
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
# By letter groups first, then by letter, as shops of those countries write foreign names.
_CYRILLIC = (
    {"sch": "ш", "sh": "ш", "ch": "ч", "zh": "ж", "ph": "ф", "ck": "к", "kh": "х", "ts": "ц", "ya": "я", "yu": "ю"},
    dict(zip(LETTERS, [*"абкдефгхи", "дж", *"клмнопкрстувв", "кс", *"из"], strict=True)),
)
_GREEK = (
    {"ph": "φ", "th": "θ", "ch": "τσ", "ps": "ψ", "ck": "κ", "ks": "ξ", "ou": "ου"},
    dict(
        zip(
            LETTERS,
            ["α", "μπ", "κ", "ντ", "ε", "φ", "γκ", "χ", "ι", "τζ", *"κλμνοπκρστ", "ου", "β", "ου", *"ξιζ"],
            strict=True,
        )
    ),
)


def _keys_beside(letter: str) -> str:
    """Give the letters whose keys touch a letter's on a keyboard, each row set in by half a key."""
    row = next(row for row in range(3) if letter in _KEYS[row])
    at = _KEYS[row].index(letter)
    near = {(row, at - 1), (row, at + 1), (row - 1, at), (row - 1, at + 1), (row + 1, at - 1), (row + 1, at)}
    return "".join(_KEYS[r][c] for r, c in sorted(near) if 0 <= r < 3 and 0 <= c < len(_KEYS[r]))


_NEAR = {letter: _keys_beside(letter) for letter in LETTERS}


@dataclass(frozen=True)
class Planter:
    """What disguises draw from: chance, and the lookalikes of each letter."""

    random: Random
    lookalikes: dict[str, list[str]] = field(default_factory=dict)


def read_lookalikes(folder: Path) -> dict[str, list[str]]:
    """Every letter that Unicode's table of confusable characters calls like one plain letter."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for line in (folder / "ref" / "confusables" / "confusables.txt").read_text("utf-8-sig").splitlines():
        parts = line.split("#")[0].split(";")
        if len(parts) < 2 or " " in parts[0].strip() or " " in parts[1].strip():
            continue
        char, plain = chr(int(parts[0], 16)), chr(int(parts[1], 16)).lower()
        if plain in LETTERS and not char.isascii() and unicodedata.category(char)[0] == "L":
            found[plain].append(char)
    return dict(found)


def _places(name: str, minimum: int = 0) -> list[int]:
    return [at for at, char in enumerate(name) if char.lower() in LETTERS and at >= minimum]


def _swap(name: str, changes: dict[int, str]) -> str:
    return "".join(changes.get(at, char) for at, char in enumerate(name))


def _sample(planter: Planter, places: list[int], share: float) -> list[int]:
    count = max(1, min(len(places), round(len(places) * share)))
    return planter.random.sample(places, count)


def homoglyph(planter: Planter, name: str) -> str | None:
    """Some letters become letters of any script that look like them."""
    table = planter.lookalikes
    places = [at for at in _places(name) if table.get(name[at].lower())]
    if not places:
        return None
    chosen = _sample(planter, places, planter.random.uniform(0.15, 0.5))
    return _swap(name, {at: planter.random.choice(table[name[at].lower()]) for at in chosen})


_LOOKS_CYRILLIC = dict(zip("aceopxyisj", "асеорхуіѕј", strict=True))
_LOOKS_GREEK = dict(zip("ovkaeiptnx", "ονκαειρτηχ", strict=True))


def mixed_scripts(planter: Planter, name: str) -> str | None:
    """Cyrillic and Greek letters side by side with Latin ones."""
    places = [at for at in _places(name) if name[at].lower() in (*_LOOKS_CYRILLIC, *_LOOKS_GREEK)]
    if len(places) < 2:
        return None
    swapped = {}
    for at in _sample(planter, places, 0.5):
        letter = name[at].lower()
        tables = [table for table in (_LOOKS_CYRILLIC, _LOOKS_GREEK) if letter in table]
        other = planter.random.choice(tables)[letter]
        swapped[at] = other.upper() if name[at].isupper() else other
    return _swap(name, swapped)


def leet(planter: Planter, name: str) -> str | None:
    """Digits and signs for one to three letters."""
    places = [at for at in _places(name) if name[at].lower() in _LEET]
    letters = len(_places(name))
    if not places or letters < MIN_LETTERS:
        return None
    chosen = planter.random.sample(places, min(len(places), planter.random.randint(1, max(1, min(3, letters // 2)))))
    return _swap(name, {at: planter.random.choice(_LEET[name[at].lower()]) for at in chosen})


def spaced(planter: Planter, name: str) -> str | None:
    """Every letter apart."""
    return " ".join(name.replace(" ", "")) if len(_places(name)) >= MIN_LETTERS and name.isascii() else None


def punctuated(planter: Planter, name: str) -> str | None:
    """The same sign between all letters."""
    sign = planter.random.choice(".-_*~/|")
    return sign.join(name.replace(" ", "")) if len(_places(name)) >= MIN_LETTERS and name.isascii() else None


def _inner_cuts(name: str, beside: int = 2) -> list[int]:
    return [
        at
        for at in range(beside, len(name) - beside + 1)
        if name[at - beside : at + beside].isalpha() and name[at - beside : at + beside].isascii()
    ]


def split_by_sign(planter: Planter, name: str) -> str | None:
    """One sign inside a word: "Kest.rane"."""
    cuts = _inner_cuts(name)
    if len(_places(name)) < MIN_LETTERS_TYPO or not cuts:
        return None
    cut = planter.random.choice(cuts)
    return name[:cut] + planter.random.choice(".-_*~/|'") + name[cut:]


def split_in_words(planter: Planter, name: str) -> str | None:
    """A space inside a word: "Kest rane"."""
    cuts = _inner_cuts(name)
    if len(_places(name)) < MIN_LETTERS_TYPO or not cuts:
        return None
    cut = planter.random.choice(cuts)
    return f"{name[:cut]} {name[cut:]}"


def joined(planter: Planter, name: str) -> str | None:
    """All words of a name as one."""
    parts = name.split()
    return "".join(parts) if len(parts) > 1 and len(_places(name)) >= MIN_LETTERS_TYPO else None


def masked(planter: Planter, name: str) -> str | None:
    """One vowel behind a star: "K*strane"."""
    places = [at for at in _places(name, 1) if name[at].lower() in "aeiou" and at + 1 < len(name)]
    if len(_places(name)) < MIN_LETTERS_TYPO or not places:
        return None
    return _swap(name, {planter.random.choice(places): "*"})


def insertion(planter: Planter, name: str) -> str | None:
    """A letter too many, one that stands near on the keyboard."""
    places = _places(name)
    if len(places) < MIN_LETTERS_TYPO:
        return None
    at = planter.random.choice(places)
    extra = planter.random.choice(_NEAR[name[at].lower()])
    return name[: at + 1] + extra + name[at + 1 :]


def deletion(planter: Planter, name: str) -> str | None:
    """A letter too few."""
    places = _places(name)
    return _swap(name, {planter.random.choice(places): ""}) if len(places) >= MIN_LETTERS_TYPO else None


def substitution(planter: Planter, name: str) -> str | None:
    """Another letter, one that stands near on the keyboard or any."""
    places = _places(name)
    if len(places) < MIN_LETTERS_TYPO:
        return None
    at = planter.random.choice(places)
    other = planter.random.choice(_NEAR[name[at].lower()] if planter.random.random() < 0.7 else LETTERS)
    return _swap(name, {at: other}) if other != name[at].lower() else None


def transposition(planter: Planter, name: str) -> str | None:
    """Two letters exchanged."""
    places = [at for at in _places(name) if at + 1 < len(name) and name[at + 1].lower() in LETTERS]
    places = [at for at in places if name[at].lower() != name[at + 1].lower()]
    if len(_places(name)) < MIN_LETTERS_TYPO or not places:
        return None
    at = planter.random.choice(places)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def doubled(planter: Planter, name: str) -> str | None:
    """A letter written twice."""
    places = _places(name)
    if len(places) < MIN_LETTERS_TYPO:
        return None
    at = planter.random.choice(places)
    return name[:at] + name[at] + name[at:]


def reversed_order(planter: Planter, name: str) -> str | None:
    """The words of a name the other way round."""
    parts = name.split()
    if len(parts) not in (2, 3) or len(_places(name)) < 8 or min(map(len, parts)) < 3:
        return None
    back = " ".join(reversed(parts))
    return back if back.lower() != name.lower() else None


def zero_width(planter: Planter, name: str) -> str | None:
    """Characters nobody sees between letters."""
    places = _places(name, 1)
    if len(places) < MIN_LETTERS - 1:
        return None
    hidden = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
    return _swap(name, {at: planter.random.choice(hidden) + name[at] for at in _sample(planter, places, 0.4)})


def full_width(planter: Planter, name: str) -> str | None:
    """The wide letters of East Asian typesetting."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in name)


_DRESSES = (0x1D400, 0x1D434, 0x1D468, 0x1D5D4, 0x1D63C, 0x1D670)  # six mathematical alphabets, capitals then small


def styled(planter: Planter, name: str) -> str | None:
    """Bold, slanted or typewriter letters of the mathematical alphabets."""
    base = planter.random.choice(_DRESSES)
    dressed = []
    for char in name:
        if "A" <= char <= "Z":
            dressed.append(chr(base + ord(char) - ord("A")))
        elif "a" <= char <= "z" and not (char == "h" and base == 0x1D434):
            dressed.append(chr(base + 26 + ord(char) - ord("a")))
        else:
            dressed.append(char)
    return "".join(dressed)


def emoji_letters(planter: Planter, name: str) -> str | None:
    """Flags, squares or circles for letters."""
    if not name.isascii() or len(_places(name)) < MIN_LETTERS:
        return None
    base = planter.random.choice((0x1F1E6, 0x1F130, 0x1F150, 0x1F170, 0x24B6))
    return "".join(chr(base + ord(char.lower()) - ord("a")) if char.lower() in LETTERS else char for char in name)


def combining(planter: Planter, name: str) -> str | None:
    """Marks laid over the letters."""
    marks = ("\u0336", "\u0334", "\u0332", "\u0305", "\u0301", "\u0308", "\u0323")
    mark = planter.random.choice(marks)
    return "".join(char + mark if char.lower() in LETTERS else char for char in name)


def _in_script(name: str, tables: tuple[dict[str, str], dict[str, str]]) -> str | None:
    groups, letters = tables
    plain = "".join(char for char in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(char))
    if not re.fullmatch(r"[a-z ]+", plain) or sum(char != " " for char in plain) < MIN_LETTERS_TYPO:
        return None
    written, at = [], 0
    while at < len(plain):
        group = next((plain[at : at + size] for size in (3, 2) if plain[at : at + size] in groups), None)
        if group:
            written.append(groups[group])
            at += len(group)
        elif at and plain[at] == plain[at - 1] and plain[at] not in "aeiou":
            at += 1  # doubled consonants are written once
        else:
            written.append(letters.get(plain[at], " "))
            at += 1
    return "".join(written)


def in_cyrillic(planter: Planter, name: str) -> str | None:
    """The name in Cyrillic letters, by its letters."""
    return _in_script(name, _CYRILLIC)


def in_greek(planter: Planter, name: str) -> str | None:
    """The name in Greek letters, by its letters."""
    return _in_script(name, _GREEK)


Disguise = Callable[[Planter, str], str | None]
TYPOS: dict[str, Disguise] = {
    each.__name__: each for each in (insertion, deletion, substitution, transposition, doubled)
}
DISGUISES: dict[str, Disguise] = {
    each.__name__: each
    for each in (
        homoglyph,
        mixed_scripts,
        leet,
        spaced,
        punctuated,
        split_by_sign,
        split_in_words,
        joined,
        masked,
        reversed_order,
        zero_width,
        full_width,
        styled,
        emoji_letters,
        combining,
        in_cyrillic,
        in_greek,
    )
} | TYPOS

"""
One key for every way a name's letters are written in another alphabet: "kompani" and "company" have the same.

Shops write foreign names letter by letter ("Кларинс", "νταν τζον"); read back into Latin letters the spelling is
near the name's but never the same. The key keeps what survives the way there and back. It compares spellings of
whole names only, and only where another alphabet stands in the text.
"""

from __future__ import annotations

import re

MIN_KEY = 5  # shorter keys are met by accident (chosen)

# In this order; the left sides are what the transliteration table gives for one letter of another alphabet, or for
# the groups that Greek needs for one Latin letter (b, d, g, j).
_BECOMES = {
    "shch": "s", "sch": "s", "tch": "c", "tts": "c", "dzh": "j", "tz": "j", "sh": "s", "zh": "j", "ch": "c",
    "ts": "c", "ph": "f", "th": "t", "kh": "", "ck": "k", "mp": "b", "nt(?!z)": "d", "gk": "g", "ou": "v",
    "x": "ks", "w": "v", "u": "v", "q": "k", "y": "i", "c": "k", "h": "",
}  # fmt: skip
_GROUPS = re.compile("|".join(_BECOMES), re.ASCII)
_SOFT_C = re.compile(r"c(?=[eiy])")
_DOUBLE = re.compile(r"(.)\1+")
_GREEK = (("ch", "h"), ("oy", "u"))  # letters of Greek that the table writes as other names' letters are written


def sound_key(letters: str) -> str:
    """The key of lower-case Latin letters: a name's, or those that another alphabet is written with by its sounds."""
    plain = _GROUPS.sub(lambda found: _BECOMES.get(found.group(), "d"), letters)
    return _DOUBLE.sub(r"\1", plain.replace("sc", "s"))


def sound_keys(name: str) -> frozenset[str]:
    """Every key of a registered name: c before e, i, y is written as k or as s."""
    keys = {sound_key(name), sound_key(_SOFT_C.sub("s", name))}
    return frozenset(key for key in keys if len(key) >= MIN_KEY)


def key_of_foreign(letters: str, *, greek: bool) -> str:
    """The key of a word that stood in another alphabet, Greek or not."""
    for written, meant in _GREEK if greek else ():
        letters = letters.replace(written, meant)
    return sound_key(letters)

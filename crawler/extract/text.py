"""The one gate every crawled string passes: nothing that hides, nothing that breaks a database or a table."""

from __future__ import annotations

import re
import unicodedata

LIMIT_CHARS = 20_000
"""No field is longer, so that regular expressions and similarity measures stay quick. Chosen."""

RAW_CHARS = 500
"""How much of a page's own words is kept beside a value; the capture holds the rest."""

# Overrides, embeddings and isolates change the order in which a reader sees letters; marks only tell the direction.
_ORDERING = {code: f"<U+{code:04X}>" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
_MARKS = {0x200E: None, 0x200F: None, 0x061C: None}
_CONTROLS = dict.fromkeys((*range(32), *range(127, 160), 65279, 65534, 65535))
_SPACES = dict.fromkeys((9, 10, 11, 12, 13, 28, 29, 30, 31, 133, 8232, 8233), " ")
_TABLE: dict[int, str | None] = {**_CONTROLS, **_ORDERING, **_MARKS, **_SPACES}
_ODD = re.compile("[" + re.escape("".join(map(chr, _TABLE))) + "\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean_text(text: str, limit: int = LIMIT_CHARS) -> str:
    """
    The text as it may be stored, compared and shown.

    Control characters and direction marks go, characters that reorder the line become visible (`<U+202E>`), a lone
    surrogate becomes U+FFFD, white space folds to single blanks, letters are composed (NFC), and at most `limit`
    characters stay. Cleaning twice changes nothing.
    """
    if len(text) > 4 * limit:  # folding may shorten it; nobody needs megabytes folded
        text = text[: 4 * limit]
    if not text.isascii() or _ODD.search(text):
        if _ODD.search(text):
            text = _SURROGATE.sub("\ufffd", text.translate(_TABLE))
        text = unicodedata.normalize("NFC", text)
    text = " ".join(text.split())
    if len(text) > limit:
        text = text[:limit].rstrip()
    return text


def clip_raw(text: str) -> str:
    """A page's own words for `Seen.raw`: storable, but with their white space and order marks as they were."""
    text = _SURROGATE.sub("\ufffd", text.replace("\x00", "\ufffd"))
    return text[:RAW_CHARS]


def fold(text: str) -> str:
    """Text for comparing two readings of one thing: case, width and white space do not count."""
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    return " ".join(folded.split())


def squash(text: str) -> str:
    """Letters and digits only, for telling whether two names are one: `My Shop.com, Inc.` is `myshopcominc`."""
    return re.sub(r"[\W_]+", "", fold(text))

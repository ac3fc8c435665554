"""Crawled words made safe to show: nothing invisible, nothing that turns the line around, nothing without end."""

from __future__ import annotations

import re
import unicodedata

_BLANK = re.compile(r"[ \t\r\n\f\v\u00a0\u2028\u2029]+")


def plain(text: str, limit: int = 300) -> str:
    """
    The text in one line, at most `limit` characters; the rest is cut and an ellipsis says so.

    Control, format and private characters (NUL, bidi marks, zero-width letters) are shown as their code point,
    because leaving them out would hide what the page did. Unpaired surrogates too.
    """
    out: list[str] = []
    length = 0
    for letter in _BLANK.sub(" ", text).strip():
        shown = f"⟨U+{ord(letter):04X}⟩" if unicodedata.category(letter)[0] == "C" else letter
        length += len(shown)
        if length > limit:
            return _cut(out, limit)
        out.append(shown)
    return "".join(out)


def _cut(shown: list[str], limit: int) -> str:
    """As many whole letters as fit, and an ellipsis."""
    kept = list(shown)
    while kept and sum(map(len, kept)) > limit - 1:
        kept.pop()
    return "".join(kept).rstrip() + "…"


def defang(url: str, limit: int = 500) -> str:
    """An address that no program turns into a link by itself: hxxps://shop[.]example/item."""
    shown = plain(url, limit)
    scheme, mark, rest = shown.partition("://")
    if not mark:
        return shown.replace(".", "[.]")
    host, slash, path = rest.partition("/")
    return f"{scheme.replace('http', 'hxxp')}://{host.replace('.', '[.]')}{slash}{path}"

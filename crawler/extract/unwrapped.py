"""
What scripts and attributes hide: packed programs, base64, percent and JavaScript escapes, made plain.

Nothing is executed. Every step is bounded, and what does not decode is left out.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator
from urllib.parse import unquote

from crawler.extract.document import Document
from crawler.extract.patterns import searcher
from crawler.extract.presence import Trace, traces_in

MAX_CHARS = 2_000_000  # of a page's source looked through
MAX_PIECES = 200  # decoded of one page; a title page with every episode of a series hides about 100
MAX_PLAIN = 300_000  # characters of one decoded piece; a packed player has 10,000
MAX_WORDS = 20_000  # of one packed program's dictionary
MAX_LAYERS = 3  # a packed program within base64 within an escape

_PACKED = re.compile(
    r"\}\s*\(\s*(?P<quote>['\"])(?P<body>(?:\\.|(?!(?P=quote))[^\\]){1,300000})(?P=quote)\s*,\s*(?P<base>\d{1,2})\s*,"
    r"\s*(?P<count>\d{1,6})\s*,\s*(?P<mark>['\"])(?P<words>(?:\\.|(?!(?P=mark))[^\\]){0,300000})(?P=mark)\s*\.split\(",
    re.DOTALL,
)
_WORD = re.compile(r"\b\w+\b")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
MAX_CODED = 100_000  # characters of one piece before it is decoded
_base64 = searcher(
    r"(?:atob|decode64|[bB](?:64|ase64)\.?_?[dD]ecode)\s*\(\s*['\"]([A-Za-z0-9+/=_-]{16,})['\"]"
    r"|['\"]((?:aHR0c|PGlmcm|PElGUk|bWFnbmV0O|eyJ|Ly9|L2Vt)[A-Za-z0-9+/=_-]{12,})['\"]"
)
_escaped = searcher(
    r"(?:unescape|decodeURIComponent|decodeURI)\s*\(\s*['\"]((?:[^'\"%\s]*%(?:u[0-9a-fA-F]{4}|[0-9a-fA-F]{2})){4}[^'\"]*)['\"]"
    r"|['\"](https?%3A%2F%2F[^'\"\s<>]{8,})['\"]"
    r"|=(https?%3A%2F%2F[^'\"\s<>&]{8,})"
)
_CODES = re.compile(  # its first sign stands by itself, so that the search runs from one such sign to the next
    r"(\\(?:x|u00)[0-9a-fA-F]{2}(?:\\(?:x|u00)[0-9a-fA-F]{2}){3}(?:\\x[0-9a-fA-F]{2}|\\u00[0-9a-fA-F]{2}|[^'\"\\\s]){0,20000})"
)
_ONE_CODE = re.compile(r"\\x([0-9a-fA-F]{2})|\\u00([0-9a-fA-F]{2})")


def hidden_texts(document: Document) -> tuple[str, ...]:
    """Plain texts of what the page's source hides, in page order, the outermost layer first; made once a page."""
    return document.once("hidden texts", lambda: tuple(_hidden(document)))


def _hidden(document: Document) -> Iterator[str]:
    layer = [document.text[:MAX_CHARS]]
    left = MAX_PIECES
    seen: set[str] = set()
    for _ in range(MAX_LAYERS):
        deeper: list[str] = []
        for text in layer:
            for plain in _opened(text):
                if plain in seen or len(plain) < 8:
                    continue
                seen.add(plain)
                deeper.append(plain)
                yield plain
                left -= 1
                if left <= 0:
                    document.notes.append(f"hidden: cut at {MAX_PIECES} pieces")
                    return
        layer = deeper


def _opened(text: str) -> Iterator[str]:
    borne = traces_in(text)
    if Trace.PACKED in borne:
        for packed in _PACKED.finditer(text):
            plain = unpack(packed["body"], int(packed["base"]), int(packed["count"]), packed["words"].split("|"))
            if plain is not None:
                yield plain
    for groups in _base64(text) if Trace.BASE64 in borne else ():
        coded = next(filter(None, groups))
        plain = decode(coded) if len(coded) <= MAX_CODED else None
        if plain is not None:
            yield plain
    for groups in _escaped(text) if Trace.ESCAPED in borne else ():
        spelled = next(filter(None, groups))[:MAX_PLAIN]
        yield unquote(re.sub(r"%u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), spelled))
    if Trace.CODES in borne:
        for codes in _CODES.finditer(text):
            yield _ONE_CODE.sub(lambda m: chr(int(m[1] or m[2], 16)), codes[1])


def unpack(body: str, base: int, count: int, words: list[str]) -> str | None:
    """
    A program packed as `eval(function(p,a,c,k,e,d)…)`, its words put back; None where it can be none.

    `body` holds numbers of the base where words stood. Source: Dean Edwards's packer, whose numbers of a base above
    36 go on with capital letters.
    """
    if not 2 <= base <= len(_DIGITS) or count > MAX_WORDS or len(words) > MAX_WORDS:
        return None
    left = MAX_PLAIN

    def put_back(found: re.Match[str]) -> str:
        nonlocal left
        number = 0
        for digit in found.group()[:6]:
            value = _DIGITS.find(digit)
            if value < 0 or value >= base:
                return found.group()
            number = number * base + value
        word = words[number] if number < len(words) and words[number] else found.group()
        left -= len(word)
        return word if left > 0 else ""

    plain = _WORD.sub(put_back, body.replace("\\'", "'").replace('\\"', '"').replace("\\\\", "\\"))
    return plain[:MAX_PLAIN]


def decode(text: str) -> str | None:
    """The text that base64 spells, also the address-safe kind without padding; None where it spells none."""
    plain = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        raw = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
        said = raw[:MAX_PLAIN].decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    return html.unescape(said) if said.isprintable() or "<" in said or "{" in said else None

"""
Regular expressions of declared rules, by RE2: the time they take grows with the page, whatever the pattern.

RE2 knows neither look-around nor back-references, and its `\\d`, `\\w` and `\\s` are ASCII; `\\pL` is a letter of any
script. A rule's file is trusted, the page it meets is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Protocol

import re2

from crawler.extract.errors import BrokenRule
from crawler.extract.memory import remembers
from crawler.extract.text import LIMIT_CHARS

FINDER_BYTES = 8 << 20  # RE2's own default: some fifteen sets of words stay in memory for good


class Found(Protocol):
    """A match."""

    def group(self, number: int = 0, /) -> str | None:
        """The text of a group; None where it took no part."""


class Pattern(Protocol):
    """A compiled expression."""

    @property
    def groups(self) -> int:
        """How many groups it has."""

    def search(self, text: str, /) -> Found | None:
        """The leftmost match."""


def _options(max_mem: int = 64 << 20) -> re2.Options:
    options = re2.Options()
    options.log_errors = False  # an error is raised; RE2 would print it as well
    options.max_mem = max_mem  # bytes of one automaton; a set that fills it begins anew
    return options


@lru_cache(maxsize=2_000)
def _compiled(pattern: str) -> Pattern:
    compiled: Pattern = re2.compile(pattern, options=_options())
    return compiled


def compile_re(pattern: str, name: str) -> Pattern:
    """The pattern, compiled once. Raises `BrokenRule`."""
    try:
        return _compiled(pattern)
    except re2.error as error:
        said = error.args[0] if error.args else error
        detail = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise BrokenRule(name, f"{pattern!r} is no regular expression of RE2: {detail}") from error


def compile_once(pattern: str) -> Pattern:
    """A pattern made of a page's own words, for that page alone: it is not kept."""
    compiled: Pattern = re2.compile(pattern, options=_options())
    return compiled


def taken(pattern: Pattern, text: str) -> str | None:
    """The first group of the leftmost match, or the whole match of a pattern without groups; None without a match."""
    match = pattern.search(text[:LIMIT_CHARS])
    if match is None:
        return None
    return (match.group(1) if pattern.groups else match.group()) or ""


def searcher(pattern: str) -> Callable[[str], Iterator[tuple[str, ...]]]:
    """The groups of every match of an expression in a text, searched as bytes; empty for one that took no part."""
    compiled = re2.compile(pattern, options=_options())

    def found_in(text: str) -> Iterator[tuple[str, ...]]:
        for match in compiled.finditer(text.encode("utf-8", "replace")):
            yield tuple((group or b"").decode("utf-8", "replace") for group in match.groups())

    return found_in


_EDGES = {
    "(?<![a-z])": "(?:^|[^a-z])",
    "(?![a-z])": "(?:[^a-z]|$)",
    "(?<![^\\W\\d_])": r"(?:^|[^\pL\p{Nl}\p{No}])",
    "(?![^\\W\\d_])": r"(?:[^\pL\p{Nl}\p{No}]|$)",
}
"""Edges of words as Python spells them, and as RE2 does: the same where nothing stands behind the last of them."""


def finder(*patterns: str) -> Callable[[str], list[int] | None]:
    """
    Which of several expressions are found in a short text, by number, in one pass; None where none is.

    For alternatives by the dozen, which Python's own search tries one by one at every letter: eight times as quick.
    Of look-around only the edges of words (`_EDGES`) are known, at either end of an alternative.
    """
    found = re2.Set.SearchSet(_options(FINDER_BYTES))
    for pattern in patterns:
        for edge, plain in _EDGES.items():
            pattern = pattern.replace(edge, plain)
        found.Add(pattern)
    found.Compile()
    match: Callable[[str], list[int] | None] = found.Match
    return match


def remembered(*patterns: str) -> Callable[[str], bool]:
    """Whether one of the expressions is found in a text, each text searched once: pages repeat their names."""
    match = finder(*patterns)

    @remembers(10_000)
    def found(text: str) -> bool:
        return bool(match(text))

    return found


class Fingerprints:
    """Many expressions asked of one page's bytes in a single pass."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        self._set = re2.Set.SearchSet(_options())
        self._count = len(patterns)
        for pattern in patterns:
            try:
                self._set.Add(pattern)
            except re2.error as error:
                raise BrokenRule(
                    "recognise.markup", f"{pattern!r} is no regular expression of RE2: {error}"
                ) from error
        if patterns:
            self._set.Compile()

    def found_in(self, source: bytes) -> frozenset[int]:
        """Numbers of the expressions that match somewhere in these bytes; the expressions are ASCII."""
        return frozenset(self._set.Match(source) or ()) if self._count else frozenset()

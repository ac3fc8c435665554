"""Markup made harmless before it is parsed: what grows the parser's time with the square of its length is cut."""

from __future__ import annotations

import re

MAX_DEPTH = 1_000
"""Open containers kept. Measured on lexbor: 2,000 levels of div take 10 ms, 20,000 take 1.2 s, 50,000 take 10 s."""

QUICK_TAGS = 8_000
"""Pages opening fewer tags are parsed as they are: at worst that takes 0.2 s, and counting depth costs time too."""

MAX_ATTRIBUTES_CHARS = 60_000
"""One tag's attributes; 20,000 attributes in one tag take 1.5 s."""

# The elements whose nesting costs the square of its depth; headings and text keep their tags at any depth.
_CONTAINERS = (
    "div|section|article|main|aside|header|footer|nav|ul|ol|dl|li|dd|dt|fieldset|blockquote|center|figure|figcaption"
    "|hgroup|search|address|pre|listing|details|summary|dialog|dir|menu"
)
_TAGS = re.compile(rf"<(/?)({_CONTAINERS})(?=[\s/>])[^<>]*>", re.IGNORECASE)
_LONG_TAG = re.compile(rf"(<[a-zA-Z][^\s<>/]*)[\s/]([^<>]{{{MAX_ATTRIBUTES_CHARS},}})>?")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


def tame(markup: str) -> tuple[str, list[str]]:
    """
    The markup, and what was taken from it.

    Containers beyond `MAX_DEPTH` lose their tags and keep their text; a tag with thousands of attributes loses them.
    Ordinary pages come back unchanged, for about 0.05 ms.
    """
    notes: list[str] = []
    markup = markup.replace("\x00", "")
    if _has_gap(markup, MAX_ATTRIBUTES_CHARS):
        cut = 0

        def shorten(match: re.Match[str]) -> str:
            nonlocal cut
            if len(_QUOTED.sub("", match[2]).split()) < 500:
                return match.group()  # few attributes, one of them long: data, not an attack
            cut += 1
            return f"{match[1]}>"

        if _LONG_TAG.search(markup):
            markup = _LONG_TAG.sub(shorten, markup)
            if cut:
                notes.append(f"parse_incomplete: {cut} tag(s) with thousands of attributes lost them")
    if markup.count("<") - markup.count("</") > QUICK_TAGS:
        flat, dropped = _flatten(markup)
        if dropped:
            notes.append(f"parse_incomplete: {dropped} elements nested deeper than {MAX_DEPTH} lost their tags")
            markup = flat
    return markup, notes


def _has_gap(markup: str, chars: int) -> bool:
    """Whether more characters than these stand in a row without a `<` among them."""
    place = -1
    while len(markup) - place - 1 > chars:
        following = markup.rfind("<", place + 1, place + chars + 2)
        if following < 0:
            return True
        place = following
    return False


def _flatten(markup: str) -> tuple[str, int]:
    """Drops the tags of containers beyond `MAX_DEPTH`. Elements that close themselves do not count as nested."""
    if _depth_bound(markup) <= MAX_DEPTH:
        return markup, 0
    pieces: list[str] = []
    open_by_name: dict[str, int] = {}
    depth = dropped = last = 0
    skipped: dict[str, int] = {}
    for match in _TAGS.finditer(markup):
        closing, name = match[1], match[2].lower()
        if not closing:
            if depth >= MAX_DEPTH:
                pieces.append(markup[last : match.start()])
                pieces.append(" ")
                last = match.end()
                skipped[name] = skipped.get(name, 0) + 1
                dropped += 1
                continue
            depth += 1
            open_by_name[name] = open_by_name.get(name, 0) + 1
        elif skipped.get(name):
            skipped[name] -= 1
            pieces.append(markup[last : match.start()])
            last = match.end()
        elif open_by_name.get(name):
            open_by_name[name] -= 1
            depth -= 1
    pieces.append(markup[last:])
    return "".join(pieces), dropped


# Elements whose next sibling closes them: never nested by leaving the end tag out.
_SELF_CLOSING = frozenset(("li", "dd", "dt"))


def _depth_bound(markup: str) -> int:
    """The most containers open at once, by counting tags; those that may go unclosed count only where they close."""
    depth = deepest = 0
    for match in _TAGS.finditer(markup):
        if match[2].lower() in _SELF_CLOSING:
            continue
        if match[1]:
            depth = max(0, depth - 1)
        else:
            depth += 1
            if depth > deepest:
                deepest = depth
    return deepest

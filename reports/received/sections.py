"""A text as headings with what stands under them, whatever marks one: bold, hashes, numbers, a question mark."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BOLD = re.compile(r"^\s*\*\*(.+?)\*\*[\s:]*(.*)$")
_HASHES = re.compile(r"^\s*#{1,6}\s+(.+?)\s*#*\s*$")
_QUESTION = re.compile(r"^\s*(?:\(?[\divxa-z]{1,4}[.)]\s+)?([A-Z][^.?!]{6,200}\?)\s*$")
_LABEL = re.compile(
    r"^\s*(?:[-*]\s+|\(?[\divxa-z]{1,4}[.)]\s+)?([A-Z][\w '’/()-]{2,60}):(?!//)\s*(.*)$",
)
_LINK = re.compile(r"<a\s[^>]*>(.*?)</a>|\[([^\]]+)\]\((?:https?|mailto)[^)]*\)", re.IGNORECASE)
_TAGS = re.compile(r"</?(?:i|b|em|strong|br|u)\s*/?>", re.IGNORECASE)
_RULE = re.compile(r"^\s*(?:-{3,}|\*{3,}|_{3,}|={3,})\s*$")
LONGEST_HEADING = 400  # of a form's question with its explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A heading and what stands under it; the heading is empty for words before the first."""

    heading: str
    body: str


def unmarked(text: str) -> str:
    """The words of a line without links' addresses and marks."""
    return " ".join(_TAGS.sub("", _LINK.sub(lambda match: match[1] or match[2] or "", text)).split())


def without_preamble(text: str) -> str:
    """The sender's own words, where whoever published them set its own before a line across the page."""
    lines = text.splitlines()
    for number, line in enumerate(lines[:60]):
        if _RULE.match(line):
            before = "\n".join(lines[:number])
            if not re.search(r"\b(?:I|my|our client|we)\b(?! may| will)", unmarked(before)):
                return without_preamble("\n".join(lines[number + 1 :]))
    return text


def split_parts(text: str) -> tuple[Part, ...]:
    """Every heading with its body, in order."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    for line in text.splitlines():
        heading, rest = _heading(line)
        if heading is None:
            parts[-1][1].append(line)
        else:
            parts.append((heading, [rest] if rest else []))
    return tuple(
        Part(heading=heading, body="\n".join(body).strip())
        for heading, body in parts
        if heading or "\n".join(body).strip()
    )


def _heading(line: str) -> tuple[str | None, str]:
    if not line.strip() or len(line) > 2 * LONGEST_HEADING:
        return None, ""
    for pattern in (_BOLD, _LABEL):
        match = pattern.match(line)
        if match is not None and len(unmarked(match[1])) <= LONGEST_HEADING:
            return unmarked(match[1]), match[2].strip()
    for pattern in (_HASHES, _QUESTION):
        match = pattern.match(line)
        if match is not None:
            return unmarked(match[1]), ""
    return None, ""

"""Markup that a page carries in scripts, to be put in place by the browser, put in place before the page is read."""

from __future__ import annotations

import json
import re

MIN_CHARS = 200  # less is a button or a row of an editor
MAX_TEMPLATES = 20  # of one page; the real pages that do so carry one to four

_OPEN = re.compile(
    r"<script\b[^>]{0,300}\btype\s*=\s*[\"']?(?:text/(?:x-)?(?:template|html|html-template|x-magento-template)"
    r"|x-template|application/template)[\"'][^>]{0,300}>",
    re.IGNORECASE,
)
_CLOSE = re.compile(r"</script\s*>", re.IGNORECASE)
# Marks of the template languages in use: the browser fills them with data, so the markup shows no offer yet.
_BLANKS = re.compile(r"\{\{|\}\}|<%|%>|\$\{|<#|\[\[|\{%|#\{|data\.[a-z]+\s*[})]|\bv-for=|ng-repeat|x-for=")


def unfold(markup: str) -> str:
    """
    The markup with script templates that hold finished markup, plain or as one JSON string, in the script's place.

    Templates with blanks to fill stay scripts. Pages without any come back as they are.
    """
    pieces: list[str] = []
    last = put = 0
    for opening in _OPEN.finditer(markup):
        if opening.start() < last:
            continue
        closing = _CLOSE.search(markup, opening.end())
        if closing is None or put >= MAX_TEMPLATES:
            break
        inner = _finished(markup[opening.end() : closing.start()])
        if inner is not None:
            pieces += (markup[last : opening.start()], inner)
            last = closing.end()
            put += 1
    return "".join((*pieces, markup[last:])) if put else markup


def _finished(text: str) -> str | None:
    """What a template holds as markup; None where it holds little, or blanks."""
    text = text.strip()
    if len(text) < MIN_CHARS:
        return None
    if text[0] == '"' and text[-1] == '"':
        try:
            inner = json.loads(text)
        except ValueError:
            return None
        text = inner if isinstance(inner, str) else ""
    if text.count("<") < 4 or text.count("href") < 1 or _BLANKS.search(text):
        return None
    return text

"""What `then` of a rule does with the words it found: the closed set of `config.rule.Step`, in the order written."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, assert_never
from urllib.parse import unquote

from config.rule import Step

if TYPE_CHECKING:
    from crawler.extract.rules import Word

_JOINT = " > "
_MAX_JOINED = 40  # chosen: no path of categories is longer


def take_steps(words: list[Word], steps: Iterable[Step]) -> list[Word]:
    """The words after every step; a word that a step can't read is left out."""
    for step in steps:
        if step == "last":
            words = words[-1:]
        elif step == "joined":
            texts = [text for word in words[:_MAX_JOINED] if (text := " ".join(word.text.split()))]
            words = [replace(words[0], text=_JOINT.join(dict.fromkeys(texts)), value=None)] if texts else []
        else:
            changed = ((word, _change(word.text, step)) for word in words)
            words = [replace(word, text=text, value=None) for word, text in changed if text is not None]
    return words


def _change(text: str, step: Step) -> str | None:
    """One word's text after one step; None where it can't be taken."""
    match step:
        case "digits":
            return re.sub(r"\D", "", text) or None
        case "lower":
            return text.lower()
        case "unescape":
            return html.unescape(text)
        case "unquote":
            return unquote(text)
        case "base64":
            return _decoded(text)
        case "hundredths":
            return _hundredths(text)
        case "last" | "joined":
            raise AssertionError("taken of all words at once")
        case _:
            assert_never(step)


def _decoded(text: str) -> str | None:
    compact = "".join(text.split()).replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None


def _hundredths(text: str) -> str | None:
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        return None
    return format(amount / 100, "f") if amount.is_finite() and amount == amount.to_integral_value() else None

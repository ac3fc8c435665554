"""JSON as pages carry it: strict where it is strict, repaired where the intent is plain, refused where it is not."""

from __future__ import annotations

import contextlib
import html
import json
import re
from collections.abc import Iterator
from typing import Any

from crawler.extract.errors import UnreadableJson

MAX_CHARS = 4_000_000  # a page's own limit is 8 MiB; larger state than this holds no rule's value
MAX_DEPTH = 200  # the deepest real state seen is under 40; deeper is an attack on the reader
MAX_LOOSE_CHARS = 300_000  # repair walks token by token, about a microsecond each
MAX_REPAIRED_CHARS = 60_000  # of one script's literals: analytics layers are under 20,000
MAX_NEAR_CHARS = 3_000
MAX_STARTS = 3_000  # a minified library assigns more, and holds no state
MAX_DIGITS = 400  # Python refuses int() above 4,300 digits; no identifier is that long

JsonValue = Any
"""None, bool, int, float, str, or lists and string-keyed dicts of these."""

_WRAPPING = re.compile(r"^\s*(?:/[*/]\s*)?<!\[CDATA\[(?:\s*\*/)?|(?:/[*/]\s*)?\]\]>(?:\s*\*/)?\s*$|^\s*<!--|-->\s*$")
_REMARK = re.compile(r"^\s*<!--[^{}\[\]]{0,400}?-->")
_QUOTE = re.compile(r'\\.|"', re.DOTALL)
_OPENS = re.compile(r"[{\[,:]\s*$")
_CLOSES = re.compile(r"\s*(?:[}\]:]|$|,\s*(?:[\"{\[}\]\d-]|true|false|null|$))")
_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<comment>/\*.*?\*/|//[^\n]*)
      | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<number>-?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?))
      | (?P<word>[A-Za-z_$][\w$.]*)
      | (?P<truth>![01])
      | (?P<mark>[{}\[\],:])""",
    re.VERBOSE | re.DOTALL,
)
_WORDS = {"true": "true", "false": "false", "null": "null", "undefined": "null"}
_PARSED = re.compile(r"JSON\.parse\(\s*(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')", re.DOTALL)

_STARTS = re.compile(
    r"(?:[=:(,]|\breturn\b|\|\|)\s*(?P<parsed>(?=JSON\.parse\())"
    r"|(?:=|\breturn\b|\bpush\(|\|\||\((?:\s*[\"'][^\"'\n]{0,60}[\"']\s*,){1,3})\s*(?=[{\[])"
)


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _integer(digits: str) -> int | str:
    """A whole number; one too long for a number is kept as its digits, for it is an identifier."""
    return int(digits) if len(digits) <= MAX_DIGITS else digits[:MAX_DIGITS]


def _float(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise ValueError("a number beyond every measure")
    return value


_decoder = json.JSONDecoder(parse_constant=_refuse, parse_int=_integer, parse_float=_float, strict=False)


def read_json(text: str) -> JsonValue:
    """
    The value that `text` spells.

    Strict JSON first; then without comments, CDATA marks and trailing commas, with JavaScript's quotes and bare keys,
    and with HTML entities undone. NaN and Infinity are refused, as is nesting beyond `MAX_DEPTH`.

    Raises `UnreadableJson`.
    """
    if len(text) > MAX_CHARS:
        raise UnreadableJson(f"{len(text)} characters, the limit is {MAX_CHARS}", text)
    stripped = text.strip().lstrip("\ufeff")
    if not stripped:
        raise UnreadableJson("it is empty", text)
    try:
        return _checked(_decoder.decode(stripped))
    except (ValueError, RecursionError) as error:
        first = error
    stripped = _REMARK.sub("", stripped)
    bare = _WRAPPING.sub("", _WRAPPING.sub("", stripped)).strip().rstrip(";").strip()
    if len(bare) > MAX_LOOSE_CHARS:
        raise UnreadableJson(f"{str(first)[:120]}, and too long for repair", stripped)
    attempts = [bare]
    if "&quot;" in bare or "&#34;" in bare:
        attempts.append(html.unescape(bare))
    if bare[:1] in "{[":
        attempts.append(_requoted(bare))
    for attempt in attempts:
        try:
            return _checked(_decoder.decode(_as_json(attempt)))
        except (ValueError, RecursionError):
            continue
    raise UnreadableJson(str(first)[:120] or type(first).__name__, stripped)


def read_assigned(script: str, name: str | None = None) -> JsonValue:
    """
    The value a script assigns to `name` (`window.X = {...};`), or with no name the first object or list it assigns.

    Raises `UnreadableJson` when nothing readable is assigned.
    """
    if len(script) > MAX_CHARS:
        raise UnreadableJson(f"{len(script)} characters, the limit is {MAX_CHARS}", script)
    last: UnreadableJson | None = None
    if name is None:
        starts = re.finditer(r"=\s*(?=[{\[]|JSON\.parse\()", script)
    else:
        starts = re.finditer(rf"(?<![\w$]){re.escape(name)}[\"']?\]?\s*[=:]\s*(?=[{{\[\"']|JSON\.parse\()", script)
    for number, start in enumerate(starts):
        if number >= 20:  # a minified library assigns thousands; state stands early
            break
        try:
            return _value_at(script, start.end())
        except UnreadableJson as error:
            last = error
    raise last or UnreadableJson(f"nothing is assigned to {name or 'any name'}", script)


def values_in(script: str, near: re.Pattern[str] | None = None) -> Iterator[JsonValue]:
    """
    Objects and lists a script assigns, returns or hands to a function, in order.

    What cannot be read is passed over.

    Strict JSON is read whole. A literal that needs repair is read where `near` is found in its first
    `MAX_NEAR_CHARS`, and at most `MAX_REPAIRED_CHARS` of one script are.
    """
    position, left = 0, MAX_REPAIRED_CHARS
    for number, match in enumerate(_STARTS.finditer(script[:MAX_CHARS])):
        start = match.end()
        if start < position or number >= MAX_STARTS:
            continue
        if match["parsed"] is not None:
            parsed = _PARSED.match(script, start)
            if parsed is not None:
                position = parsed.end()
                with contextlib.suppress(UnreadableJson, ValueError):
                    yield read_json(_unquoted(parsed["text"]))
            continue
        try:
            value, position = _decoder.raw_decode(script, start)
            yield _checked(value)
            continue
        except (ValueError, RecursionError):
            position = start
        if left <= 0 or (near is not None and near.search(script, start, start + MAX_NEAR_CHARS) is None):
            continue
        end, whole = _walked(script, start, left)
        left -= end - start
        if whole:
            try:
                yield read_json(script[start:end])
                position = end
            except UnreadableJson:
                continue


def _value_at(script: str, start: int) -> JsonValue:
    parsed = _PARSED.match(script, start)
    if parsed is not None:
        return read_json(_unquoted(parsed["text"]))
    try:
        value, _ = _decoder.raw_decode(script, start)
        return _checked(value)
    except (ValueError, RecursionError):
        pass
    end = _balanced(script, start)
    return read_json(script[start:end])


def _balanced(script: str, start: int) -> int:
    """Where the object or list opening at `start` closes."""
    end, whole = _walked(script, start, MAX_LOOSE_CHARS)
    if not whole:
        raise UnreadableJson("an object that never closes", script[start : start + 60])
    return end


def _walked(script: str, start: int, limit: int) -> tuple[int, bool]:
    """How far the literal opening at `start` can be followed, and whether it closes there."""
    depth = 0
    position = start
    while position < min(len(script), start + limit):
        token = _TOKEN.match(script, position)
        if token is None:
            break
        position = token.end()
        mark = token["mark"]
        if mark in ("{", "["):
            depth += 1
        elif mark in ("}", "]"):
            depth -= 1
        if depth <= 0 and token["space"] is None:
            return position, True
    return position, False


def _unquoted(literal: str) -> str:
    """The text a JavaScript string literal stands for."""
    body = literal[1:-1]
    body = re.sub(r"\\x([0-9a-fA-F]{2})", r"\\u00\1", body)
    body = re.sub(r"\\(?![\"\\/bfnrtu])(.)", r"\1", body, flags=re.DOTALL)
    if literal[0] == "'":
        body = re.sub(r'(?<!\\)((?:\\\\)*)"', r'\1\\"', body)
    text = _decoder.decode(f'"{body}"')
    return str(text)


def _as_json(text: str) -> str:
    """A JavaScript or damaged literal in JSON's own spelling. Raises ValueError where a token fits neither."""
    out: list[str] = []
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise ValueError(f"unexpected {text[position : position + 20]!r}")
        position = token.end()
        kind, spelled = token.lastgroup, token.group()
        if kind in ("space", "comment"):
            continue
        if kind == "string":
            out.append(json.dumps(_unquoted(spelled)))
        elif kind == "word":
            out.append(_WORDS.get(spelled) or json.dumps(_allowed(spelled)))
        elif kind == "truth":
            out.append("true" if spelled == "!0" else "false")
        elif kind == "number":
            out.append(_as_number(spelled))
        else:
            if spelled in "}]" and out and out[-1] == ",":
                out.pop()
            out.append(spelled)
    return "".join(out)


def _requoted(text: str) -> str:
    """
    JSON whose texts hold bare quotation marks, with these escaped.

    A mark ends a text where what follows is what may follow one: a colon, a closing bracket, or a comma before the
    next value. `"with "soft" reins.",` is one text.
    """
    out: list[str] = []
    inside, begun = False, 0
    for mark in _QUOTE.finditer(text):
        if len(mark.group()) == 2:
            continue
        out.append(text[begun : mark.start()])
        begun = mark.end()
        if not inside:
            inside = True
            out.append('"')
        elif _CLOSES.match(text, mark.end()):
            inside = False
            out.append('"')
        else:
            out.append('\\"')
    return "".join((*out, text[begun:]))


def _allowed(word: str) -> str:
    if word in ("NaN", "Infinity"):
        raise ValueError(f"{word} is no number")
    return word


def _as_number(spelled: str) -> str:
    if spelled[:2].lower() == "0x":
        return str(int(spelled, 16)) if len(spelled) < 40 else json.dumps(spelled)
    if spelled.lstrip("-").startswith("0") and spelled.lstrip("-")[1:2].isdigit():
        return json.dumps(spelled)  # 007 is an identifier, in JSON and in a shop
    if spelled.lstrip("-").startswith("."):
        return spelled.replace(".", "0.", 1)
    return spelled + "0" if spelled.endswith(".") else spelled


def _checked(value: JsonValue) -> JsonValue:
    """The value itself, unless it nests too deep to be walked safely."""
    layer = [value]
    for _ in range(MAX_DEPTH):
        deeper: list[JsonValue] = []
        for item in layer:
            if isinstance(item, dict):
                deeper.extend(v for v in item.values() if isinstance(v, dict | list))
            elif isinstance(item, list):
                deeper.extend(v for v in item if isinstance(v, dict | list))
        if not deeper:
            return value
        layer = deeper
    raise ValueError(f"nested deeper than {MAX_DEPTH}")

"""State written as one flat list whose objects name their parts by place, as Nuxt and SvelteKit leave it in pages."""

from __future__ import annotations

from typing import Any

from crawler.extract.loose_json import JsonValue

MAX_PARTS = 50_000  # objects and lists of one store looked into; the largest state read is a quarter of it. Chosen
MIN_ROWS = 3  # a list of fewer is a list
_WRAPPERS = frozenset(("Reactive", "ShallowReactive", "Ref", "ShallowRef", "EmptyRef", "EmptyShallowRef", "Set"))


def resolved(value: JsonValue) -> JsonValue:
    """
    The value that a flat list of rows spells; any other value as it came.

    A row is a plain value, or an object or list whose parts are the places of other rows. What is named twice is one
    object in the answer, so that a page cannot make it grow; a row may even hold itself, and readers stop by count.
    """
    if not isinstance(value, list) or len(value) < MIN_ROWS or not _refers(value[0], len(value)):
        return value
    made: list[Any] = [{} if isinstance(row, dict) else [] if isinstance(row, list) else row for row in value]

    def row(place: JsonValue) -> JsonValue:
        if isinstance(place, bool) or not isinstance(place, int) or not 0 <= place < len(made):
            return None
        inner: JsonValue = made[place]
        source = value[place]
        if isinstance(source, list) and len(source) == 2 and source[0] in _WRAPPERS and isinstance(source[1], int):
            held: JsonValue = made[source[1]] if 0 <= source[1] < len(made) else None
            return held
        return inner

    for shell, source in zip(made, value, strict=True):
        if isinstance(source, dict):
            shell.update({key: row(place) for key, place in source.items()})
        elif isinstance(source, list) and not (source and isinstance(source[0], str)):
            shell.extend(row(place) for place in source)
    return row(0)


def dereferenced(value: JsonValue) -> JsonValue:
    """
    A store of objects that name one another by key (`{"__ref": "Price:991"}`, as Apollo leaves it), each named one
    put in its place; any other value as it came. What is named twice is one object, as in `resolved`.
    """
    if not isinstance(value, dict):
        return value
    layer: list[Any] = [value]
    left = MAX_PARTS
    while layer and left > 0:
        part = layer.pop()
        left -= 1
        pairs = list(part.items() if isinstance(part, dict) else enumerate(part))
        for key, inner in pairs:
            if isinstance(inner, dict) and isinstance(named := inner.get("__ref"), str):
                if isinstance(value.get(named), dict):
                    part[key] = value[named]
            elif isinstance(inner, dict | list):
                layer.append(inner)
    return value


def _refers(first: JsonValue, count: int) -> bool:
    """Whether a list's first row names others by place, and nothing else."""
    if isinstance(first, list) and len(first) == 2 and first[0] in _WRAPPERS:
        return isinstance(first[1], int) and 0 < first[1] < count
    parts = list(first.values()) if isinstance(first, dict) else first if isinstance(first, list) else []
    return bool(parts) and all(isinstance(p, int) and not isinstance(p, bool) and -6 <= p < count for p in parts)

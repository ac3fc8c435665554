"""JSON: an array of objects, one a row. For programs, and for text that spreadsheets would take for formulas."""

from __future__ import annotations

import json
from typing import Any

from registry.columns import COLUMNS, SheetKind
from registry.errors import UnreadableFile
from registry.sheet import MAX_ROWS, Cell, Row, Sheet, match_heads

_FORM = 'write an array of objects: [{"right_ref": "..."}, ...]'


class _Doubled(dict[str, Any]):
    """An object that names one key twice."""


def read_json(file: str, data: bytes, kind: SheetKind) -> Sheet:
    """
    The sheet that a JSON file makes; a key that an object leaves out keeps what is stored, null empties it.

    Lists become several values; numbers keep their digits. Raises `UnreadableFile` or `WrongHeads`.
    """
    try:
        values = json.loads(
            data.decode("utf-8-sig"), parse_int=str, parse_float=str, parse_constant=_no_constant,
            object_pairs_hook=_object,
        )  # fmt: skip
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            file, f"is not UTF-8 ({error.reason} at byte {error.start})", "save it as UTF-8"
        ) from error
    except RecursionError as error:
        raise UnreadableFile(file, "is nested too deeply", _FORM) from error
    except ValueError as error:
        raise UnreadableFile(file, f"is no JSON ({error})", _FORM) from error
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise UnreadableFile(file, "is no array of objects", _FORM)
    if len(values) > MAX_ROWS:
        raise UnreadableFile(file, f"has more than {MAX_ROWS:,} rows", "split it and import the parts one by one")
    named = {key: None for value in values for key in value}
    # Only the first hundred unknown keys are told; a file with more is not meant for this.
    heads, notes = match_heads(file, kind, [*named][:1000]) if values else ((), ())
    required = [column.name for column in COLUMNS[kind] if column.required]
    rows = []
    for number, value in enumerate(values, 1):
        cells = tuple(_cell(value[key]) if key in value else None for key in named)
        if isinstance(value, _Doubled):
            spoiled: str | None = "names one key twice"
        elif any(isinstance(cell, _Spoiled) for cell in cells):
            spoiled = "holds a value that is neither text, number, null nor a list of these"
        else:
            given = {head for head, cell in zip(heads, cells, strict=True) if cell is not None}
            missing = [name for name in required if name not in given]
            spoiled = f"lacks {', '.join(missing)}" if missing else None
            spoiled = "has a value without a name" if "" in given else spoiled
        kept: tuple[Cell, ...] = tuple(None if isinstance(cell, _Spoiled) else cell for cell in cells)
        rows.append(Row(number=number, cells=kept, spoiled=spoiled))
    return Sheet(heads=heads, rows=tuple(rows), notes=notes, formulas=False)


class _Spoiled:
    """A JSON value no cell can hold."""


def _cell(value: Any) -> Cell | _Spoiled:  # Any: whatever JSON holds
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(value)
    return _Spoiled()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    return values if len(values) == len(pairs) else _Doubled(values)


def _no_constant(name: str) -> str:
    raise ValueError(f"{name} is no JSON value")

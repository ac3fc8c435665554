"""CSV files as spreadsheets and people write them: any delimiter, with or without BOM, told encodings only."""

from __future__ import annotations

import csv
import io
import re

from registry.columns import COLUMNS, SheetKind
from registry.errors import UnreadableFile
from registry.sheet import MAX_ROWS, Row, Sheet, lay_out, match_heads

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_SAVE_AS_UTF8 = "save it as CSV in UTF-8"
# In Western European text an accented letter stands among plain ones, and these signs stand apart from letters.
# Cyrillic, Greek or Central European text misread as Windows-1252 breaks one of the two.
_NOT_WESTERN = re.compile(
    "[\u00c0-\u00ff]{3}|(?:[^\\W\\d_][\u00a1-\u00a9\u00ab-\u00b1\u00b3-\u00b6\u00b8\u00bb-\u00bf]|"
    "[\u00a1\u00a3\u00a5\u00a6\u00af\u00b3\u00b5\u00b6\u00b8\u00b9\u00bc-\u00be])[^\\W\\d_]"
)


def read_csv(file: str, data: bytes, kind: SheetKind) -> Sheet:
    """
    The sheet that a CSV file makes.

    UTF-8 is read as it is; UTF-16 by its BOM; Windows-1252 only where the text can hardly be anything else.
    Raises `UnreadableFile` where encoding or quotes leave room for doubt, `WrongHeads` for wrong columns.
    """
    text, notes = _decode(file, data)
    if "\x00" in text[:4096] and text[:4096].count("\x00") > len(text[:4096]) // 8:
        raise UnreadableFile(file, "is no text (it is full of zero bytes)", _SAVE_AS_UTF8)
    delimiter, text = _delimiter_of(file, text, kind)
    if delimiter != ",":
        notes.append(f"read as separated by {_DELIMITERS[delimiter]}")
    # One more than a cell may hold once the reader has unquoted it; cells.py refuses the long cell alone.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    heads: tuple[str, ...] = ()
    rows: list[Row] = []
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if not heads:
                if not any(cell.strip() for cell in cells):
                    continue
                heads, head_notes = match_heads(file, kind, [cell.strip() for cell in cells])
                notes += head_notes
                continue
            row = lay_out(number, cells, heads, ragged=False)
            if row is not None:
                rows.append(row)
            if len(rows) > MAX_ROWS:
                raise UnreadableFile(
                    file, f"has more than {MAX_ROWS:,} rows", "split it and import the parts one by one"
                )
    except csv.Error as error:
        raise UnreadableFile(
            file, f"row {number + 1} (line {reader.line_num}): {error}",
            'put cells with quotes in quotes, and double each quote inside: "The ""big"" one"',
        ) from error  # fmt: skip
    if not heads:
        raise UnreadableFile(file, "holds no rows, not even the heads", f"start from `marque {kind.value} template`")
    return Sheet(heads=heads, rows=tuple(rows), notes=tuple(notes), formulas=True)


def _decode(file: str, data: bytes) -> tuple[str, list[str]]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                text = data[len(bom) :].decode(encoding)
            except UnicodeDecodeError as error:
                raise UnreadableFile(
                    file, f"is not the {encoding} it says it is ({error.reason})", _SAVE_AS_UTF8
                ) from error
            return text, [] if encoding == "utf-8" else [f"read as {encoding.upper()}"]
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = f"is not UTF-8 (byte 0x{data[error.start]:02X} in line {line})"
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise UnreadableFile(file, problem, _SAVE_AS_UTF8) from error
    if _NOT_WESTERN.search(text):
        raise UnreadableFile(file, f"{problem} and not surely Windows-1252", _SAVE_AS_UTF8)
    shown = text.split("\n")[line - 1].strip()
    at = next((place for place, char in enumerate(shown) if ord(char) > 127), 0)
    return text, [f"{problem}: read as Windows-1252; line {line} has {shown[max(0, at - 12) : at + 12]!r}, check it"]


def _delimiter_of(file: str, text: str, kind: SheetKind) -> tuple[str, str]:
    """The delimiter under which most heads are known, and the text without a spreadsheet's own `sep=` line."""
    named = re.match(r"\s*\"?sep=([,;\t])\"?\r?\n", text)
    if named:
        return named.group(1), text[named.end() :]
    first = next((line for line in text.splitlines() if line.strip()), "")
    known = {column.name for column in COLUMNS[kind]}
    scores = {
        delimiter: sum(head.strip().strip('"').casefold() in known for head in first.split(delimiter))
        for delimiter in _DELIMITERS
    }
    best = max(scores, key=lambda delimiter: (scores[delimiter], first.count(delimiter)))
    if scores[best] == 0 and not any(first.count(delimiter) for delimiter in _DELIMITERS) and first:
        raise UnreadableFile(
            file, "its first row is not the heads of such a sheet", f"start from `marque {kind.value} template`"
        )
    return best, text

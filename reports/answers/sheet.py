"""The answer sheet of a batch: written for the recipient to fill in, read back row by row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from reports.answers.vocabulary import WORDS
from reports.errors import UnreadableAnswers
from reports.formats.table import write_table

NAME = "answers.csv"
HEADS = (
    "item", "item_id", "answer_code", "url", "title",
    "answer", "decided_at", "platform_case", "reason",
)  # fmt: skip
ASKED = ("item", "item_id", "answer_code", "answer", "decided_at")
ROWS_MOST = 50_000
BYTES_MOST = 32 * 1024 * 1024
CHARS = {
    "item": 20,
    "item_id": 36,
    "answer_code": 40,
    "answer": 100,
    "decided_at": 40,
    "platform_case": 200,
    "reason": 4000,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One filled line."""

    line: int
    batch: int  # number
    item: str  # id
    code: str
    word: str
    decided_at: datetime | None  # None: the line does not say
    platform_case: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A line that cannot be taken, with what is wrong and what to write."""

    line: int
    column: str
    because: str


def write_sheet(items: Iterable[tuple[str, str, str, str, str]]) -> bytes:
    """A sheet to fill in, one line an item: (label, item id, code, url, title)."""
    return write_table(HEADS, ((*item, "", "", "", "") for item in items))


def read_sheet(data: bytes) -> tuple[list[Row], list[BadRow]]:
    """
    Filled lines and refused ones; lines without an answer are passed over.

    UTF-8 or UTF-16 with its mark; comma, semicolon or tab; what a spreadsheet puts before a formula sign is taken off
    again. Raises `UnreadableAnswers` for a file that is no such sheet.
    """
    text = _decoded(data)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        heads = [(head or "").strip().casefold() for head in reader.fieldnames or ()]
        missing = [name for name in ASKED if name not in heads]
        if missing:
            raise UnreadableAnswers(
                f"it has no column {', '.join(missing)}; send back {NAME} of the batch, filled in"
            )
        reader.fieldnames = heads
        rows: list[Row] = []
        bad: list[BadRow] = []
        for count, cells in enumerate(reader, 1):
            if count > ROWS_MOST:
                raise UnreadableAnswers(f"it has more than {ROWS_MOST} lines; send it in parts")
            read = _read_row(reader.line_num, {k: v for k, v in cells.items() if isinstance(k, str)})
            if isinstance(read, Row):
                rows.append(read)
            elif read is not None:
                bad.append(read)
    except csv.Error as error:
        raise UnreadableAnswers(f"line {reader.line_num} is no line of a table: {error}") from error
    return rows, bad


def _decoded(data: bytes) -> str:
    if len(data) > BYTES_MOST:
        raise UnreadableAnswers(f"it has more than {BYTES_MOST} bytes; send it in parts")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableAnswers(f"byte {error.start} is not {encoding}; save the sheet as UTF-8") from error
    if "\x00" in text:
        raise UnreadableAnswers("it holds NUL characters: it is no sheet")
    return text


def _read_row(line: int, cells: dict[str, str | list[str] | None]) -> Row | BadRow | None:
    values = {}
    for name, most in CHARS.items():
        value = cells.get(name)
        plain = value.strip() if isinstance(value, str) else ""
        values[name] = plain[1:].strip() if plain[:2] in ("'=", "'+", "'-", "'@") else plain
        if len(values[name]) > most:
            return BadRow(line=line, column=name, because=f"it has more than {most} characters")
    if not values["answer"]:
        return None
    for name in ("item_id", "answer_code"):
        if not values[name]:
            return BadRow(line=line, column=name, because="it is empty; leave it as the batch's sheet has it")
    number = values["item"].partition("-")[0]
    if not (number.isascii() and number.isdigit()):
        return BadRow(line=line, column="item", because="leave it as the batch's sheet has it, like 12-3")
    if not values["answer"].isprintable():
        return BadRow(line=line, column="answer", because=f"write one of {', '.join(WORDS)}, or your own word")
    try:
        at = datetime.fromisoformat(values["decided_at"]) if values["decided_at"] else None
    except ValueError:
        because = "write when it was decided, like 2026-03-02T10:00:00Z"
        return BadRow(line=line, column="decided_at", because=because)
    if at is not None and at.tzinfo is None:
        return BadRow(line=line, column="decided_at", because="add the zone, like 2026-03-02T10:00:00+01:00 or ...Z")
    return Row(
        line=line,
        batch=int(number),
        item=values["item_id"].casefold(),
        code=values["answer_code"],
        word=values["answer"],
        decided_at=at.astimezone(UTC) if at is not None else None,
        platform_case=values["platform_case"] or None,
        reason=values["reason"] or None,
    )

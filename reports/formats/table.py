"""Tables that open in any spreadsheet and never run there."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from reports.formats.plain import plain

# What spreadsheets take for the start of a formula; the last two after they strip the blank themselves.
# Source: OWASP, "CSV Injection".
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
CELL_CHARS = 30_000  # a spreadsheet cell holds 32,767


def safe_cell(value: object) -> str:
    """One value as a cell that no spreadsheet runs: invisible letters shown, a leading formula sign quoted."""
    text = "" if value is None else plain(str(value), CELL_CHARS)
    return f"'{text}" if text.lstrip().startswith(FORMULA_STARTS) else text


def write_table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV table as UTF-8 with CRLF, every cell safe, every field quoted so that no reader guesses types."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([safe_cell(head) for head in heads])
    for row in rows:
        writer.writerow([safe_cell(value) for value in row])
    return out.getvalue().encode("utf-8", "replace")

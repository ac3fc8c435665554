"""A sheet to start from, and the columns' table for people to read; both from `columns.py`."""

from __future__ import annotations

import csv
import io

from registry.columns import COLUMNS, SheetKind
from registry.errors import UnknownKind
from registry.vocabulary import nearest


def template(kind: str) -> str:
    """
    CSV text with the heads of one kind of sheet and a valid example row; for rights a second one, of a copyright.

    `kind` is rights, products, references, works or sellers. Lines end as RFC 4180 has it. Raises `UnknownKind`.
    """
    columns = COLUMNS[kind_of(kind)]
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column.name for column in columns])
    writer.writerow([column.example for column in columns])
    if any(column.second_example for column in columns):
        writer.writerow([column.second_example for column in columns])
    return out.getvalue()


def describe_columns(kind: str) -> str:
    """A Markdown table of one kind's columns. Raises `UnknownKind`."""
    lines = ["| column | required | list | holds |", "|---|---|---|---|"]
    for column in COLUMNS[kind_of(kind)]:
        required, many = ("yes" if flag else "" for flag in (column.required, column.many))
        lines.append(f"| {column.name} | {required} | {many} | {column.says} |")
    return "\n".join(lines) + "\n"


def kind_of(kind: str) -> SheetKind:
    """The kind of that name. Raises `UnknownKind`."""
    known = [member.value for member in SheetKind]
    if kind not in known:
        raise UnknownKind(kind, known, nearest(kind, known))
    return SheetKind(kind)

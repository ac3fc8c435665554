"""Templates and the README say what the code reads."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from registry.columns import COLUMNS, SheetKind
from registry.errors import UnknownKind
from registry.templates import describe_columns, template
from store.db import tables

KINDS = [kind.value for kind in SheetKind]
README = Path(__file__).parents[2] / "registry" / "README.md"


@pytest.mark.parametrize("kind", KINDS)
def test_template_has_every_column_once_and_fills_the_required_ones(kind: str) -> None:
    rows = list(csv.DictReader(io.StringIO(template(kind))))
    columns = COLUMNS[SheetKind(kind)]
    assert rows
    assert list(rows[0]) == [column.name for column in columns]
    assert all(row[column.name] for row in rows for column in columns if column.required)


@pytest.mark.parametrize("kind", KINDS)
def test_readme_shows_the_columns_as_the_code_has_them(kind: str) -> None:
    assert describe_columns(kind) in README.read_text(encoding="utf-8")


def test_every_column_fills_a_field_that_is_stored() -> None:
    stored = {
        SheetKind.RIGHTS: tables.right, SheetKind.PRODUCTS: tables.product, SheetKind.REFERENCES: tables.reference,
        SheetKind.WORKS: tables.work, SheetKind.SELLERS: tables.seller_rule,
        SheetKind.RECHECK: tables.right,
    }  # fmt: skip
    for kind, columns in COLUMNS.items():
        assert {column.field for column in columns if column.field} <= set(stored[kind].c.keys())


def test_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(UnknownKind, match="did you mean 'products'"):
        template("product")

"""Labelled pairs come in as written, and a broken line is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from matching.products.errors import BadPairs
from matching.products.pairs import read_pairs, read_sets, read_side
from matching.products.training import fit_shipped

LINE = (
    "COL title VAL zuvo x{0} headphones COL price VAL {0}.5"
    '\tCOL title VAL "Zuvo X{1} black"@en-US COL price VAL \t{2}'
)


def _write(path: Path, numbers: range) -> None:
    path.parent.mkdir(exist_ok=True)
    lines = [LINE.format(100 + n, 100 + n, 1) + "\n" + LINE.format(100 + n, 200 + n, 0) for n in numbers]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def test_fields_become_what_they_are() -> None:
    side = read_side(
        'COL name VAL "Zuvo X100"@en COL manufacturer VAL zuvo COL description VAL loud COL price VAL 12.0'
    )
    assert side.words == ("zuvo", "x100")
    assert side.brand == "zuvo"
    assert side.text == ("zuvo", "x100", "zuvo", "loud")
    assert side.price == 12.0


def test_a_line_of_two_columns_is_refused_by_number(tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    path.write_text(LINE.format(1, 1, 1) + "\nCOL title VAL a\tCOL title VAL b\n", "utf-8")
    with pytest.raises(BadPairs, match="line 2"):
        read_pairs(path)


def test_the_test_part_is_held_out_where_there_is_one(tmp_path: Path) -> None:
    _write(tmp_path / "set" / "train.txt", range(10))
    _write(tmp_path / "set" / "valid.txt", range(10, 14))
    assert len(read_sets(tmp_path)[0].held_out) == 8
    _write(tmp_path / "set" / "test.txt", range(14, 20))
    found = read_sets(tmp_path)[0]
    assert (len(found.train), len(found.held_out)) == (28, 12)


def test_training_makes_a_model_that_reads_back(tmp_path: Path) -> None:
    _write(tmp_path / "set" / "train.txt", range(40))
    _write(tmp_path / "set" / "valid.txt", range(40, 44))
    sets = read_sets(tmp_path)
    model = fit_shipped(sets, "2026-01-01")
    assert model.trained_on[0].pairs == 80
    right = [(model.judge(pair.left, pair.right).probability > 0.5) == pair.same for pair in sets[0].held_out]
    assert all(right)

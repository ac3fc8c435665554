"""Trees learn what separates, say it again from their file, and say it the same each time."""

from __future__ import annotations

import json

import numpy as np
import pytest

from matching.products.trees import ForestSettings, fit_forest, read_forest

NAMES = ("near", "noise")
SMALL = ForestSettings(trees=20, depth=2, columns=1.0)


def _made(
    seed: int,
) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    rng = np.random.default_rng(seed)
    rows = rng.random((400, 2))
    return rows, (rows[:, 0] > 0.6).astype(np.float64)


def test_unseen_rows_are_told_apart() -> None:
    forest = fit_forest(*_made(1), NAMES, SMALL)
    rows, labels = _made(2)
    odds = [forest.log_odds(dict(zip(NAMES, row, strict=True))) for row in rows.tolist()]
    assert float(np.mean((np.array(odds) > 0) == (labels == 1))) > 0.97


def test_the_same_rows_grow_the_same_trees() -> None:
    assert fit_forest(*_made(1), NAMES, SMALL) == fit_forest(*_made(1), NAMES, SMALL)


def test_a_forest_read_from_its_json_says_the_same() -> None:
    forest = fit_forest(*_made(1), NAMES, SMALL)
    again = read_forest(json.loads(json.dumps(forest.as_json())))
    for row in _made(3)[0].tolist():
        features = dict(zip(NAMES, row, strict=True))
        assert again.log_odds(features) == pytest.approx(forest.log_odds(features), abs=1e-3)


def test_labels_of_one_kind_are_refused() -> None:
    rows, _ = _made(1)
    with pytest.raises(ValueError, match="one answer only"):
        fit_forest(rows, np.ones(len(rows)), NAMES, SMALL)

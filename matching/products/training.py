"""
Makes the shipped model: `python -m matching.products.training FOLDER [--out FILE]`.

FOLDER holds one folder a labelled set (see `pairs.py`); only the training part of each set is read. The same files
give the same model: numpy's generator with a fixed seed draws pairs and features.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matching.products.corpus import Corpus, learn_corpus
from matching.products.likeness import FEATURES, UNKNOWN, likeness
from matching.products.model import (
    SHIPPED,
    ProductModel,
    TrainedOn,
    fit_calibration,
    write_model,
)
from matching.products.pairs import LabelledPair, PairSet, read_sets
from matching.products.trees import Floats, ForestSettings, fit_forest

FOLDS = 3
COMMON_WORD = 8  # titles a word stands in before the shipped corpus names it
COMMON_GRAM = 20
# Goods of every kind in one model need more questions than one set does (cross-validated on training pairs).
SHIPPED_SETTINGS = ForestSettings(trees=220, depth=5)

Group = NDArray[np.int64]


def corpus_of(pairs: Sequence[LabelledPair]) -> Corpus:
    """The words of all sides; labels are not looked at."""
    return learn_corpus(side for pair in pairs for side in (pair.left, pair.right))


def rows_of(pairs: Sequence[LabelledPair], corpus: Corpus) -> Floats:
    """Likenesses, pairs x `FEATURES`."""
    found = [likeness(pair.left, pair.right, corpus) for pair in pairs]
    return np.array([[each[name] for name in FEATURES] for each in found], dtype=np.float64)


def labels_of(pairs: Sequence[LabelledPair]) -> Floats:
    """1 where a pair is one product, else 0."""
    return np.array([float(pair.same) for pair in pairs])


def without_price(rows: Floats) -> Floats:
    """The same pairs with prices unknown: a copy sold cheaply must not look like another product."""
    hidden = rows.copy()
    hidden[:, FEATURES.index("price_share")] = UNKNOWN
    return hidden


def log_odds_of_rows(model: ProductModel, rows: Floats) -> Floats:
    """What the trees say of each row, before calibration."""
    return np.array([model.forest.log_odds(dict(zip(FEATURES, row, strict=True))) for row in rows.tolist()])


def fit_model(
    rows: Floats,
    labels: Floats,
    *,
    corpus: Corpus,
    trained_on: Sequence[TrainedOn] = (),
    made_on: str,
    settings: ForestSettings | None = None,
) -> tuple[ProductModel, Floats]:
    """
    A calibrated model, and the log-odds that models which did not see a pair gave it, in the order of `rows`.

    The calibration, and any threshold of the caller, come from those; never from pairs the trees were fitted to.
    """
    chosen = settings or ForestSettings()
    unseen = np.zeros(len(labels))
    fold = np.random.default_rng(chosen.seed).integers(0, FOLDS, len(labels))
    blank = ProductModel(
        made_on=made_on,
        trained_on=tuple(trained_on),
        forest=fit_forest(rows, labels, FEATURES, chosen),
        slope=1.0,
        offset=0.0,
        corpus=corpus,
    )
    for each in range(FOLDS):
        held = fold == each
        partial = replace(blank, forest=fit_forest(rows[~held], labels[~held], FEATURES, chosen))
        unseen[held] = log_odds_of_rows(partial, rows[held])
    slope, offset = fit_calibration(unseen.tolist(), (labels == 1).tolist())
    return replace(blank, slope=slope, offset=offset), unseen


def best_threshold(scores: Floats, labels: Floats) -> float:
    """The score from which calling a pair one product gives the highest F1."""
    order = np.argsort(-scores, kind="stable")
    f1 = 2 * np.cumsum(labels[order]) / (np.arange(1, len(labels) + 1) + labels.sum())
    at = int(f1.argmax())
    below = scores[order[at + 1]] if at + 1 < len(order) else scores[order[at]] - 1
    return float((scores[order[at]] + below) / 2)


def fit_shipped(sets: Sequence[PairSet], made_on: str) -> ProductModel:
    """One model of all sets; of every second pair the prices are hidden, so that it does without them as well."""
    rows, labels = [], []
    for each in sets:
        found = rows_of(each.train, corpus_of(each.train))
        found[::2] = without_price(found[::2])
        rows.append(found)
        labels.append(labels_of(each.train))
    every = corpus_of([pair for each in sets for pair in each.train])
    common = Corpus(
        size=every.size,
        words={word: n for word, n in every.words.items() if n >= COMMON_WORD},
        grams={gram: n for gram, n in every.grams.items() if n >= COMMON_GRAM},
    )
    model, _ = fit_model(
        np.concatenate(rows),
        np.concatenate(labels),
        corpus=common,
        trained_on=[
            TrainedOn(
                name=each.name,
                pairs=len(each.train),
                same=sum(pair.same for pair in each.train),
                digest=each.digest,
            )
            for each in sets
        ],
        made_on=made_on,
        settings=SHIPPED_SETTINGS,
    )
    return model


def main() -> int:
    """Train on every set of a folder and write the model; exit 2 where the folder holds none."""
    parser = argparse.ArgumentParser(prog="python -m matching.products.training")
    parser.add_argument("folder", type=Path, help="one folder a labelled set")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    asked = parser.parse_args()
    sets = read_sets(asked.folder)
    if not sets:
        parser.error(f"{asked.folder} holds no folder with train.txt and valid.txt")
    model = fit_shipped(sets, datetime.now(UTC).date().isoformat())
    write_model(asked.out, model)
    sys.stdout.write(f"{asked.out}: {len(model.forest.trees)} trees from {sum(len(s.train) for s in sets)} pairs\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""
Whether two descriptions are of one product: a small trained model, shipped as readable JSON.

    model = product_model()
    model.judge(product, listing, corpus) -> Judged(probability=0.97, because=..., ...)

`model.json` holds the trees, the calibration, the words learned to be common, what it was trained on, and when. It is
made by `python -m matching.products.training FOLDER`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from matching.products.corpus import Corpus
from matching.products.described import Described
from matching.products.errors import BadModel
from matching.products.likeness import FEATURES, likeness
from matching.products.trees import Forest, read_forest

SHIPPED = Path(__file__).parent / "model.json"
_FORMAT = "marque product model 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedOn:
    """One set of pairs that a model learned from."""

    name: str
    pairs: int
    same: int
    digest: str  # SHA-256 of its file


@dataclass(frozen=True, slots=True)
class Judged:
    """How likely two descriptions are of one product, and the likenesses that say so."""

    probability: float
    likenesses: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductModel:
    """The trained model; immutable."""

    made_on: str  # ISO date
    trained_on: tuple[TrainedOn, ...]
    forest: Forest
    slope: float  # calibration: probability = logistic(slope * log-odds + offset)
    offset: float
    corpus: Corpus  # what words are common in, where nothing else is known

    def probability(self, likenesses: Mapping[str, float]) -> float:
        """The calibrated probability of `likeness(...)`."""
        return 1 / (1 + math.exp(-(self.slope * self.forest.log_odds(likenesses) + self.offset)))

    def judge(self, left: Described, right: Described, corpus: Corpus | None = None) -> Judged:
        """How likely the two are one product; `corpus` says which words are common among such goods."""
        found = likeness(left, right, corpus or self.corpus)
        return Judged(self.probability(found), found)

    def as_json(self) -> dict[str, Any]:  # Any: JSON values
        """The file's content."""
        return {
            "format": _FORMAT,
            "made_on": self.made_on,
            "made_by": "python -m matching.products.training",
            "trained_on": [
                {"name": each.name, "pairs": each.pairs, "same": each.same, "sha256": each.digest}
                for each in self.trained_on
            ],
            "calibration": {"slope": round(self.slope, 5), "offset": round(self.offset, 5)},
            "forest": self.forest.as_json(),
            "corpus": {
                "size": self.corpus.size,
                "words": dict(sorted(self.corpus.words.items())),
                "grams": dict(sorted(self.corpus.grams.items())),
            },
        }


@lru_cache(maxsize=1)
def product_model() -> ProductModel:
    """The shipped model."""
    return read_model(SHIPPED)


def read_model(path: Path) -> ProductModel:
    """The model of a file. Raises `BadModel`."""
    try:
        data = json.loads(path.read_bytes())
        if data["format"] != _FORMAT:
            raise BadModel(path, f"its format is {data['format']!r}, not {_FORMAT!r}")
        forest = read_forest(data["forest"])
        corpus = data["corpus"]
        model = ProductModel(
            made_on=str(data["made_on"]),
            trained_on=tuple(
                TrainedOn(name=each["name"], pairs=each["pairs"], same=each["same"], digest=each["sha256"])
                for each in data["trained_on"]
            ),
            forest=forest,
            slope=float(data["calibration"]["slope"]),
            offset=float(data["calibration"]["offset"]),
            corpus=Corpus(size=corpus["size"], words=corpus["words"], grams=corpus["grams"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise BadModel(path, f"it cannot be read ({type(fault).__name__}: {fault})") from fault
    unknown = forest.asks_for() - set(FEATURES)
    if unknown:
        raise BadModel(path, f"it asks for {', '.join(sorted(unknown))}, which nobody reads")
    return model


def write_model(path: Path, model: ProductModel) -> None:
    """Write a model's file: one line a tree, so that a change of one is seen in a diff."""
    data = model.as_json()
    forest, corpus = data.pop("forest"), data.pop("corpus")
    head = json.dumps(data, indent=1, ensure_ascii=True)[1:-2].strip("\n")
    trees = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in forest["trees"])
    path.write_text(
        "{\n"
        + head
        + ',\n "corpus": '
        + json.dumps(corpus, separators=(",", ":"))
        + f',\n "forest": {{"start": {forest["start"]}, "trees": [\n{trees}\n]}}\n}}\n',
        "utf-8",
    )


def fit_calibration(log_odds: Sequence[float], same: Sequence[bool]) -> tuple[float, float]:
    """
    The slope and offset that turn log-odds into probabilities; from pairs the trees did not see.

    Newton's method on the log-likelihood. Source: Platt 1999, with his smoothed targets.
    """
    yes = sum(same)
    no = len(same) - yes
    high, low = (yes + 1) / (yes + 2), 1 / (no + 2)
    slope, offset = 1.0, 0.0
    for _ in range(50):
        g0 = g1 = h00 = h01 = h11 = 0.0
        for odds, is_same in zip(log_odds, same, strict=True):
            p = 1 / (1 + math.exp(-max(-60.0, min(60.0, slope * odds + offset))))
            error, bend = (high if is_same else low) - p, p * (1 - p)
            g0, g1 = g0 + error * odds, g1 + error
            h00, h01, h11 = h00 + bend * odds * odds, h01 + bend * odds, h11 + bend
        h00, h11 = h00 + 1e-6, h11 + 1e-6
        determinant = h00 * h11 - h01 * h01
        step0 = (h11 * g0 - h01 * g1) / determinant
        step1 = (h00 * g1 - h01 * g0) / determinant
        slope, offset = slope + step0, offset + step1
        if abs(step0) + abs(step1) < 1e-7:
            break
    return slope, offset

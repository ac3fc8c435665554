"""
Small boosted decision trees: fitted here with numpy alone, kept as readable JSON, evaluated without any library.

    forest = fit_forest(rows, labels, names, settings)
    forest.log_odds({"same_models": 1.0, ...})

A tree asks one question a node, "is this likeness below that number?", and ends in log-odds; the log-odds of a pair
are the sum over all trees. Source of the method: Friedman 2001, with the regularised gain of Chen and Guestrin 2016.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bins = NDArray[np.uint8]

_BINS = 64  # thresholds tried a feature: quantiles of what training saw (chosen; 32 to 255 gave the same figures)
_DIGITS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestSettings:
    """How trees are grown. The shipped values were chosen by cross-validation on training pairs alone."""

    trees: int = 200
    depth: int = 4
    rate: float = 0.08
    least_weight: float = 4.0  # hessian a leaf needs: about sixteen undecided pairs
    ridge: float = 4.0
    columns: float = 0.4  # share of the features a tree may ask about
    rows: float = 0.8  # share of the pairs a tree sees
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Node:
    """A question with its two answers, or a leaf: `feature` None and log-odds in `value`."""

    feature: str | None
    value: float  # below it: the left child
    left: int = -1
    right: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """Fitted trees; immutable."""

    start: float
    trees: tuple[tuple[Node, ...], ...]

    def log_odds(self, features: Mapping[str, float]) -> float:
        """The sum of all trees for one pair; `KeyError` where a feature that a tree asks for is missing."""
        total = self.start
        for tree in self.trees:
            node = tree[0]
            while node.feature is not None:
                node = tree[node.left if features[node.feature] < node.value else node.right]
            total += node.value
        return total

    def asks_for(self) -> frozenset[str]:
        """Every feature that some tree asks for."""
        return frozenset(node.feature for tree in self.trees for node in tree if node.feature is not None)

    def as_json(self) -> dict[str, Any]:  # Any: JSON values
        """The trees as JSON: a leaf is a number, a question [feature, threshold, below, otherwise]."""
        return {"start": round(self.start, _DIGITS), "trees": [_nested(tree, 0) for tree in self.trees]}


def read_forest(data: Mapping[str, Any]) -> Forest:  # Any: JSON values
    """The forest that `as_json` gave."""
    return Forest(start=float(data["start"]), trees=tuple(_flat(tree) for tree in data["trees"]))


def _nested(tree: Sequence[Node], at: int) -> Any:
    node = tree[at]
    if node.feature is None:
        return round(node.value, _DIGITS)
    return [node.feature, round(node.value, _DIGITS), _nested(tree, node.left), _nested(tree, node.right)]


def _flat(nested: Any) -> tuple[Node, ...]:
    nodes: list[Node] = []

    def place(part: Any) -> int:
        at = len(nodes)
        nodes.append(Node(None, 0.0))
        if isinstance(part, (int, float)):
            nodes[at] = Node(None, float(part))
        else:
            feature, threshold, below, otherwise = part
            nodes[at] = Node(str(feature), float(threshold), place(below), place(otherwise))
        return at

    place(nested)
    return tuple(nodes)


def fit_forest(rows: Floats, labels: Floats, names: Sequence[str], settings: ForestSettings) -> Forest:
    """
    Trees that tell labels 1 from 0; `rows` is pairs x features, in the order of `names`.

    Deterministic for one seed. Raises `ValueError` where all labels are the same.
    """
    share = float(labels.mean())
    if not 0 < share < 1:
        raise ValueError("training pairs hold one answer only; both same and other products are needed")
    edges = [_edges(rows[:, column]) for column in range(rows.shape[1])]
    binned = np.stack(
        [np.searchsorted(edge, rows[:, column], side="right") for column, edge in enumerate(edges)], axis=1
    ).astype(np.uint8)
    rng = np.random.default_rng(settings.seed)
    start = float(np.log(share / (1 - share)))
    odds = np.full(len(labels), start)
    grown: list[tuple[Node, ...]] = []
    wide = max(1, round(settings.columns * rows.shape[1]))
    for _ in range(settings.trees):
        guess = 1 / (1 + np.exp(-odds))
        kept = rng.random(len(labels)) < settings.rows
        columns = np.sort(rng.choice(rows.shape[1], wide, replace=False))
        slope, bend = (labels - guess) * kept, guess * (1 - guess) * kept
        nodes: list[Node] = []
        step = np.zeros(len(labels))
        _grow(nodes, binned, slope, bend, np.arange(len(labels)), columns, edges, names, settings, 0, step)
        odds += step
        grown.append(tuple(nodes))
    return Forest(start=start, trees=tuple(grown))


def _edges(column: Floats) -> Floats:
    """Thresholds to try: midpoints between neighbouring values, thinned to quantiles where there are many."""
    values = np.unique(column)
    if len(values) > _BINS:
        values = np.unique(np.quantile(column, np.linspace(0, 1, _BINS)))
    return (values[1:] + values[:-1]) / 2


def _grow(
    nodes: list[Node],
    binned: Bins,
    slope: Floats,
    bend: Floats,
    members: NDArray[np.int64],
    columns: NDArray[np.int64],
    edges: Sequence[Floats],
    names: Sequence[str],
    settings: ForestSettings,
    depth: int,
    step: Floats,
) -> int:
    """Grow a node and all below it; gives its place. `step` takes what each member's leaf says."""
    at = len(nodes)
    total_slope, total_bend = float(slope[members].sum()), float(bend[members].sum())
    leaf = settings.rate * total_slope / (total_bend + settings.ridge)
    nodes.append(Node(None, leaf))
    best = _best_split(binned, slope, bend, members, columns, settings) if depth < settings.depth else None
    if best is None:
        step[members] = leaf
        return at
    column, cut = best
    below = binned[members, column] <= cut
    left = _grow(nodes, binned, slope, bend, members[below], columns, edges, names, settings, depth + 1, step)
    right = _grow(nodes, binned, slope, bend, members[~below], columns, edges, names, settings, depth + 1, step)
    nodes[at] = Node(names[column], float(edges[column][cut]), left, right)
    return at


def _best_split(
    binned: Bins,
    slope: Floats,
    bend: Floats,
    members: NDArray[np.int64],
    columns: NDArray[np.int64],
    settings: ForestSettings,
) -> tuple[int, int] | None:
    """The column and last bin below the cut that gain most; None where nothing gains."""
    width = _BINS
    codes = (binned[np.ix_(members, columns)] + np.arange(len(columns)) * width).ravel()
    size = len(columns) * width
    shape = (len(columns), width)
    slopes = np.bincount(codes, np.repeat(slope[members], len(columns)), size).reshape(shape).cumsum(axis=1)
    bends = np.bincount(codes, np.repeat(bend[members], len(columns)), size).reshape(shape).cumsum(axis=1)
    all_slope, all_bend = slopes[0, -1], bends[0, -1]
    rest_slope, rest_bend = all_slope - slopes, all_bend - bends
    gain = slopes**2 / (bends + settings.ridge) + rest_slope**2 / (rest_bend + settings.ridge)
    gain -= all_slope**2 / (all_bend + settings.ridge)
    gain[(bends < settings.least_weight) | (rest_bend < settings.least_weight)] = 0.0
    place = int(gain.argmax())
    if gain.flat[place] <= 1e-9:
        return None
    return int(columns[place // width]), place % width

"""
Same product or not, on labelled text pairs: F1 a set, on the part nothing was learned from.

Three ways to learn, all reported on the held-out part (a set's test part, else its valid part): from the set's own
training part; the shipped model as it is, which saw the training parts of all sets; and without the set at all.
Thresholds come from pairs of the training part that the trees did not see; the shipped model and the transfer rows
use even odds. Words are counted over both parts, labels are not looked at. Baseline: each rapidfuzz scorer with its
best threshold of the training part; the best of them there.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rapidfuzz import fuzz

from matching.products.likeness import FEATURES
from matching.products.model import product_model
from matching.products.pairs import LabelledPair, PairSet, read_sets
from matching.products.training import (
    best_threshold,
    corpus_of,
    fit_model,
    labels_of,
    log_odds_of_rows,
    rows_of,
)
from matching.products.trees import Floats, ForestSettings, fit_forest
from tests.benchmarks.frame import Benchmark, Row

AIMS = {"abt": 0.75, "amazon": 0.65, "wdc": 0.80}  # by how a set's name begins
OTHER_SETS = 0.70
RESAMPLES = 1000
SCORERS = {
    "token_set_ratio": fuzz.token_set_ratio,
    "token_sort_ratio": fuzz.token_sort_ratio,
    "partial_ratio": fuzz.partial_ratio,
    "ratio": fuzz.ratio,
    "WRatio": fuzz.WRatio,
}


def run(*, data: Path | None, seed: int | None, size: int | None) -> Benchmark:
    """The rows; `size` takes so many pairs of each part, `seed` another growth of the trees."""
    if data is None or not (data / "text").is_dir():
        raise SystemExit("the benchmark needs labelled pairs: --data DIR with a folder text")
    settings = ForestSettings() if seed is None else ForestSettings(seed=seed)
    sets = [_cut(each, size) for each in read_sets(data / "text")]
    rows: list[Row] = []
    learned: dict[str, tuple[Floats, Floats, Floats, Floats]] = {}
    baselines: dict[str, float] = {}
    for each in sets:
        corpus = corpus_of([*each.train, *each.held_out])
        train, held = rows_of(each.train, corpus), rows_of(each.held_out, corpus)
        labels, truth = labels_of(each.train), labels_of(each.held_out)
        learned[each.name] = (train, labels, held, truth)
        scorer, baselines[each.name] = _best_scorer(each, labels, truth)
        model, unseen = fit_model(train, labels, corpus=corpus, made_on="", settings=settings)
        said = log_odds_of_rows(model, held) >= best_threshold(unseen, labels)
        aim = f">= {_aim(each.name)}"
        rows.append(_row(each, "its own training part", said, truth, aim, {scorer: baselines[each.name]}))
        shipped = product_model()
        odds = shipped.slope * log_odds_of_rows(shipped, held) + shipped.offset
        rows.append(_row(each, "the shipped model", odds >= 0, truth, aim, {scorer: baselines[each.name]}))
    for each in sets if len(sets) > 1 else ():
        others = [learned[name] for name in learned if name != each.name]
        forest = fit_forest(
            np.concatenate([other[0] for other in others]),
            np.concatenate([other[1] for other in others]),
            FEATURES,
            settings,
        )
        _, _, held, truth = learned[each.name]
        odds = np.array([forest.log_odds(dict(zip(FEATURES, row, strict=True))) for row in held.tolist()])
        base = baselines[each.name]
        rows.append(_row(each, "without this set", odds >= 0, truth, f">= {base:.3f}", {"best scorer": base}))
    notes = tuple(
        f"{each.name}: {len(each.train)} pairs to learn from, {len(each.held_out)} held out" for each in sets
    )
    return Benchmark(rows=tuple(rows), notes=notes)


def _cut(each: PairSet, size: int | None) -> PairSet:
    if size is None:
        return each
    return PairSet(name=each.name, train=each.train[:size], held_out=each.held_out[:size], digest=each.digest)


def _aim(name: str) -> float:
    return next((aim for start, aim in AIMS.items() if name.lower().startswith(start)), OTHER_SETS)


def _row(each: PairSet, learned_from: str, said: Floats, truth: Floats, aim: str, baseline: dict[str, float]) -> Row:
    rng = np.random.default_rng(1)
    drawn = [rng.integers(0, len(truth), len(truth)) for _ in range(RESAMPLES)]
    spread = [f1(said[one], truth[one]) for one in drawn]
    low, high = np.quantile(spread, [0.025, 0.975])
    return Row(
        case=f"{each.name}: {learned_from}",
        measure="F1",
        value=round(f1(said, truth), 4),
        aim=aim,
        interval=(round(float(low), 4), round(float(high), 4)),
        baseline=baseline,
    )


def f1(said: Floats, truth: Floats) -> float:
    """The harmonic mean of precision and recall."""
    hits = float((said * truth).sum())
    return 2 * hits / max(1.0, float(said.sum() + truth.sum()))


def _best_scorer(each: PairSet, labels: Floats, truth: Floats) -> tuple[str, float]:
    def scores(pairs: tuple[LabelledPair, ...], name: str) -> Floats:
        return np.array([SCORERS[name](pair.left.title, pair.right.title) for pair in pairs])

    found = []
    for name in SCORERS:
        seen = scores(each.train, name)
        limit = best_threshold(seen, labels)
        found.append((f1(seen >= limit, labels), name, limit))
    _, name, limit = max(found)
    return name, round(f1(scores(each.held_out, name) >= limit, truth), 4)

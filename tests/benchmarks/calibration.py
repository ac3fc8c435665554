"""
Whether identity keeps its word: of pairs said to be 80 % the product or mark, 80 % are. Expected calibration error.

Pairs with known answers, compared by the whole of matching under the shipped policy: real listings beside the marks
of 1,900 brands, two shops' records of one product as product and listing (the part the product model did not learn
from), and documented wrongful notices. The shipped line was fitted to the half `learn`; figures are of the other
half. A group (brand, product, case) falls whole into one half. `refit` is the line the learning half gives today.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

from config.policy import CalibrationPolicy, IdentityPolicy
from matching.calibrate import Labelled, Measured, fit_line, halves, label, measure
from matching.candidates import build_index
from matching.compare import Matched, match
from matching.products.pairs import read_sets
from matching.wording import words_of
from registry.snapshot import Snapshot
from store.records.listings import ListingFields
from store.records.products import Product
from tests.benchmarks.frame import Benchmark, Row
from tests.matching.registered import HOLDER, POLICY, conditions, look_at, mark, match_looks, seen, snapshot_of
from tests.pairs.misfires import read_misfires

AIM = "<= 0.05"
A_SET = 2000  # pairs of each labelled set
A_GROUP = 8  # pairs of one brand, product or case: one brand of which many listings were collected must not decide
RESAMPLES = 400
# Houses that sell under both names: whether the one is the other's product is nobody's to say here.
_KIN = ({"nike", "air jordan"}, {"nike", "jordan"}, {"rolex", "tudor"})
_ITS_GOODS = {"resale_genuine", "licence_granted", "licence_settled", "official_channel", "own_content"}
_NOT_IT = {
    *("name_collision", "descriptive_word", "mere_mention", "compatible_accessory", "news_or_review"),
    *("misdetection", "wrong_target", "independent_work", "fan_work"),
}


def run(*, data: Path | None, seed: int | None, size: int | None) -> Benchmark:
    """The rows; `size` takes so many pairs of each labelled set, `seed` draws others."""
    if data is None:
        raise SystemExit("the benchmark needs the real input: --data DIR")
    shipped = POLICY.identity
    sources = {
        "marks in real listings": list(of_brands(data, shipped)),
        "products in two shops": list(of_products(data, shipped, size or A_SET, Random(seed or 1))),
        "wrongful notices": list(of_misfires(data, shipped)),
    }
    draw = Random(seed or 1)
    sources = {name: _evened(pairs, draw) for name, pairs in sources.items()}
    every = [pair for pairs in sources.values() for pair in pairs]
    learn, report = halves(every)
    bends = shipped.calibration.model_copy(update={"slope": 1.0, "offset": 0.0})
    slope, offset = fit_line(learn, bends)
    refit = _with_line(shipped, bends.model_copy(update={"slope": slope, "offset": offset}))
    straight = fit_line(learn, CalibrationPolicy())
    unbent = _with_line(shipped, CalibrationPolicy(slope=straight[0], offset=straight[1]))
    plain = _with_line(shipped, CalibrationPolicy())
    measured = measure(report, shipped)
    rows = [
        _row("unseen pairs, shipped line", report, shipped, plain),
        _row("unseen pairs, refit", report, refit, plain),
        _row("unseen pairs, refit without bends", report, unbent, plain),
    ]
    rows += [_row(f"unseen: {name}", halves(pairs)[1], shipped, plain) for name, pairs in sources.items()]
    said = [each.odds for each in every]
    notes = [f"{name}: {len(pairs)} pairs, {sum(p.same for p in pairs)} the same" for name, pairs in sources.items()]
    notes.append(f"fitted to {len(learn)} pairs: slope {slope:.4f}, offset {offset:.4f}")
    notes += [f"said {each.said:.2f}, was {each.was:.2f}, {each.pairs} pairs" for each in measured.curve]
    notes.append(f"log-odds from {min(said):.1f} to {max(said):.1f}")
    return Benchmark(rows=tuple(rows), notes=tuple(notes))


def _evened(pairs: list[Labelled], draw: Random) -> list[Labelled]:
    """At most `A_GROUP` pairs a group, drawn by lot."""
    taken: Counter[str] = Counter()
    kept = []
    for each in draw.sample(pairs, len(pairs)):
        taken[each.group] += 1
        if taken[each.group] <= A_GROUP:
            kept.append(each)
    return kept


def _with_line(policy: IdentityPolicy, line: CalibrationPolicy) -> IdentityPolicy:
    return policy.model_copy(update={"calibration": line})


def _row(case: str, pairs: list[Labelled], policy: IdentityPolicy, plain: IdentityPolicy) -> Row:
    measured: Measured = measure(pairs, policy)
    draw = Random(5)
    drawn = sorted(measure(draw.choices(pairs, k=len(pairs)), policy).error for _ in range(RESAMPLES)) or [0.0]
    return Row(
        case=f"{case}, n {measured.pairs}",
        measure="expected calibration error",
        value=round(measured.error, 4),
        aim=AIM,
        interval=(round(drawn[len(drawn) // 40], 4), round(drawn[-1 - len(drawn) // 40], 4)),
        baseline={"weights alone": round(measure(pairs, plain).error, 4)},
    )


def of_brands(data: Path, policy: IdentityPolicy) -> Iterator[Labelled]:
    """Real listings beside every brand their words touch: its own brand, another's, a mere accessory's, or a word."""
    with (data / "listings" / "labelled.csv").open(encoding="utf-8", newline="") as file:
        listed = [row for row in csv.DictReader(file) if row["label"] != "unknown"]
    brands = {_plain(row["brand"]): row["brand"] for row in listed if row["brand"]}
    with (data / "ref" / "brands" / "nsi_brands.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            brands.setdefault(_plain(row["display_name"]), row["display_name"])
    snapshot = snapshot_of(rights=[mark(brand, (), id=f"right {plain}") for plain, brand in sorted(brands.items())])
    index = build_index(snapshot, {})
    for number, row in enumerate(listed):
        fields = ListingFields(
            title=seen(row["title"]), description=seen(row["text"] or None), category=seen(row["category"] or None)
        )
        look = look_at(row["title"], fields=fields, number=number)
        own = _plain(row["brand"])
        for found in match([look], index, POLICY, conditions(), lambda _sha256, _view: None):
            brand = found.finding.right.removeprefix("right ")
            if brand != own and own and (brand in own or own in brand or any({brand, own} <= kin for kin in _KIN)):
                continue
            same = brand == own and row["label"] != "honest_lookalike"
            yield label(found.comparison.signs, same, brand, policy)


def _plain(name: str) -> str:
    return " ".join(words_of(name))


def of_products(data: Path, policy: IdentityPolicy, size: int, draw: Random) -> Iterator[Labelled]:
    """One shop's record registered as a product under its maker's mark, the other's as a listing."""
    for each in read_sets(data / "text"):
        for pair in draw.sample(list(each.held_out), min(size, len(each.held_out))):
            words = (pair.left.brand or pair.left.title).split()
            if not words or len(words[0]) < 3 or not pair.right.title:
                continue
            product = Product(
                id="product-1",
                product_ref="P-1",
                holder=HOLDER.id,
                rights=("right-1",),
                name=pair.left.title,
            )
            registered = snapshot_of(rights=[mark(words[0], ())], products=[product])
            fields = ListingFields(title=seen(pair.right.title), brand_claimed=seen(pair.right.brand))
            for found in _matched(registered, pair.right.title, fields):
                if found.finding.product is not None:  # without one only the mark was identified
                    yield label(found.comparison.signs, pair.same, pair.left.title, policy)


def _matched(registered: Snapshot, title: str, fields: ListingFields) -> Iterable[Matched]:
    return match_looks(registered, [look_at(title, fields=fields)])


def of_misfires(data: Path, policy: IdentityPolicy) -> Iterator[Labelled]:
    """Documented wrongful notices: the holder's goods where they were resold or licensed, else something else."""
    for case in read_misfires(data):
        if case.kind in _ITS_GOODS or case.kind in _NOT_IT:
            for found in match_looks(case.snapshot, [case.look]):
                yield label(found.comparison.signs, case.kind in _ITS_GOODS, case.id, policy)

"""
Makes the evidence of signs a probability: a line through log-odds, fitted to pairs whose answer is known.

    fitted = fit_line(labelled, beside=policy.identity.calibration)
    measured = measure(labelled, policy.identity)    # expected calibration error, reliability curve

A pair is learned from or reported on, never both: groups (a seller, a holder, a product) fall whole into one half.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from config.policy import CalibrationPolicy, IdentityPolicy
from matching.identity import bend, log_odds, probability_of
from store.records.cases import RejectReason, Verdict
from store.records.comparisons import Sign

BINS = 10
LEAST_OF_EACH = 20  # answers yes, and answers no, below which nothing is learned (chosen)
_PULL = 4.0  # how many pairs' worth of evidence keep the line where it was (chosen)
_STEPS = 60
_SMALLEST = 1e-7
_LEAST_SLOPE = 0.05

# What a rejection says of identity. Genuine or allowed goods are the holder's product all the same; a bad capture or
# another reason says nothing.
_SAME = frozenset({RejectReason.GENUINE_RESALE, RejectReason.AUTHORISED})
_OTHER = frozenset(
    {
        RejectReason.NOT_OUR_PRODUCT,
        RejectReason.COMPATIBLE_ACCESSORY,
        RejectReason.DESCRIPTIVE_USE,
        RejectReason.OTHER_HOLDERS_MARK,
        RejectReason.REVIEW_OR_NEWS,
        RejectReason.PARODY,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """The evidence of one pair, and whether it is the product, mark or work."""

    odds: float
    same: bool
    group: str  # what must not stand in both halves: seller, holder or product


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One step of a reliability curve."""

    pairs: int
    said: float  # mean probability
    was: float  # share that is the product, mark or work


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How well probabilities keep their word on pairs nothing was learned from."""

    pairs: int
    error: float  # expected calibration error: |said - was|, weighted by pairs
    brier: float  # mean squared distance of probability and answer
    curve: tuple[Bin, ...]


def answer_of(verdict: Verdict, reason: RejectReason | None) -> bool | None:
    """What a decision says of identity: yes, no, or None where it says nothing of it."""
    if verdict is Verdict.CONFIRM:
        return True
    if verdict is not Verdict.REJECT or reason is None:
        return None
    return True if reason in _SAME else False if reason in _OTHER else None


def label(signs: Iterable[Sign], same: bool, group: str, policy: IdentityPolicy) -> Labelled:
    """A pair under the policy's weights."""
    return Labelled(odds=log_odds(signs, policy), same=same, group=group)


def halves(pairs: Iterable[Labelled]) -> tuple[list[Labelled], list[Labelled]]:
    """The pairs to learn from, and those to report on; a group falls whole into one, by its digest."""
    learn: list[Labelled] = []
    report: list[Labelled] = []
    for each in pairs:
        first = hashlib.sha256(each.group.encode()).digest()[0]
        (learn if first % 2 else report).append(each)
    return learn, report


def fit_line(pairs: Sequence[Labelled], beside: CalibrationPolicy) -> tuple[float, float]:
    """
    The slope and offset that make these pairs likeliest, held near those of `beside` where pairs are few.

    Newton's method on the penalised likelihood. Source: Platt 1999. The slope stays above zero: more evidence never
    makes identity less likely. Log-odds are bent as `beside` says. Raises `ValueError` where either answer is given
    by fewer than `LEAST_OF_EACH`.
    """
    yes = sum(each.same for each in pairs)
    if min(yes, len(pairs) - yes) < LEAST_OF_EACH:
        raise ValueError(
            f"{yes} pairs are the product, mark or work and {len(pairs) - yes} are not; "
            f"a calibration needs {LEAST_OF_EACH} of each"
        )

    known = [(bend(each.odds, beside), each.same) for each in pairs]

    def likelihood(slope: float, offset: float) -> float:
        pull = _PULL * ((beside.slope - slope) ** 2 + (beside.offset - offset) ** 2) / 2
        return sum(-math.log1p(math.exp(-_turned(slope * odds + offset, same))) for odds, same in known) - pull

    slope, offset = beside.slope, beside.offset
    best = likelihood(slope, offset)
    for _ in range(_STEPS):
        g0, g1 = _PULL * (beside.slope - slope), _PULL * (beside.offset - offset)
        h00, h01, h11 = _PULL, 0.0, _PULL
        for odds, same in known:
            p = 1 / (1 + math.exp(-_turned(slope * odds + offset, True)))
            miss, weight = same - p, p * (1 - p)
            g0, g1 = g0 + miss * odds, g1 + miss
            h00, h01, h11 = h00 + weight * odds**2, h01 + weight * odds, h11 + weight
        determinant = h00 * h11 - h01 * h01
        step0, step1 = (h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant
        share = 1.0
        while share > _SMALLEST:  # Newton's whole step may overshoot where the answers are nearly parted
            tried = max(_LEAST_SLOPE, slope + share * step0), offset + share * step1
            if (found := likelihood(*tried)) >= best:
                break
            share /= 2
        else:
            break
        slope, offset = tried
        if found - best < _SMALLEST:
            break
        best = found
    return slope, offset


def _turned(odds: float, same: bool) -> float:
    """Log-odds of the answer given, kept where exp() does not overflow."""
    return max(-60.0, min(60.0, odds if same else -odds))


def measure(pairs: Sequence[Labelled], policy: IdentityPolicy) -> Measured:
    """How well the policy's probabilities keep their word: ten bins of equal width, empty ones left out."""
    said = [(probability_of(each.odds, policy), each.same) for each in pairs]
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for probability, same in said:
        bins[min(BINS - 1, int(probability * BINS))].append((probability, same))
    curve = tuple(
        Bin(pairs=len(each), said=sum(p for p, _ in each) / len(each), was=sum(s for _, s in each) / len(each))
        for each in bins
        if each
    )
    n = max(1, len(said))
    return Measured(
        pairs=len(said),
        error=sum(each.pairs * abs(each.said - each.was) for each in curve) / n,
        brier=sum((p - s) ** 2 for p, s in said) / n,
        curve=curve,
    )


def draw_curve(measured: Measured) -> str:
    """The reliability curve as SVG: said probability to the right, share that was so upwards, dots sized by pairs."""
    size, edge = 320, 40
    most = max((each.pairs for each in measured.curve), default=1)

    def place(share: float) -> float:
        return round(edge + share * size, 1)

    dots = "".join(
        f'<circle cx="{place(each.said)}" cy="{place(1 - each.was)}" r="{3 + 7 * math.sqrt(each.pairs / most):.1f}">'
        f"<title>{each.pairs} pairs: said {each.said:.2f}, was {each.was:.2f}</title></circle>"
        for each in measured.curve
    )
    line = " ".join(f"{place(each.said)},{place(1 - each.was)}" for each in measured.curve)
    whole = size + 2 * edge
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}" font-family="sans-serif" '
        'font-size="12">'
        f"<title>Reliability of identity: {measured.pairs} pairs, error {measured.error:.3f}</title>"
        f'<rect x="{edge}" y="{edge}" width="{size}" height="{size}" fill="none" stroke="#888"/>'
        f'<line x1="{edge}" y1="{edge + size}" x2="{edge + size}" y2="{edge}" stroke="#888" stroke-dasharray="4"/>'
        f'<polyline points="{line}" fill="none" stroke="#1f5fa8"/><g fill="#1f5fa8">{dots}</g>'
        f'<text x="{edge}" y="{whole - 10}">said: 0 to 1</text><text x="{edge}" y="{edge - 12}">was so: 0 to 1; '
        f"{measured.pairs} pairs, error {measured.error:.3f}</text></svg>\n"
    )

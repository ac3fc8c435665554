"""
How likely it is that a listing shows the product, mark or work: signs weighed by a readable table.

Each sign adds its weight times its strength to the log-odds, or takes it away when it speaks against. Within one
family the strongest sign counts whole and each further one half as much as the one before: two ways to read one title
are not two witnesses. A line fitted to labelled pairs and to decisions (`calibrate.py`) makes log-odds a probability.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from config.policy import CalibrationPolicy, IdentityPolicy
from store.records.comparisons import IDENTITY_FAMILIES, Sign, SignFamily

_FURTHER = 0.5  # share of a further sign of the same family (chosen)
_MOST_ODDS = 700.0  # exp() overflows above it


@dataclass(frozen=True, slots=True)
class Identity:
    """The probability, and the independent families that carry it."""

    probability: float
    families: tuple[SignFamily, ...]


def identify(signs: Iterable[Sign], policy: IdentityPolicy) -> Identity:
    """The identity that signs make, between `least` and `most`; a sign without a weight adds nothing."""
    listed = list(signs)
    return Identity(
        probability=probability_of(log_odds(listed, policy), policy),
        families=families_for(listed, policy),
    )


def log_odds(signs: Iterable[Sign], policy: IdentityPolicy) -> float:
    """The evidence of all signs, before calibration."""
    by_family: defaultdict[SignFamily, list[float]] = defaultdict(list)
    against = 0.0
    for sign in signs:
        evidence = policy.weights.get(sign.signal, 0.0) * sign.strength
        if sign.against:
            against += evidence
        else:
            by_family[sign.family].append(evidence)
    odds = policy.start - against
    for family, evidences in by_family.items():
        share = 1.0
        for evidence in sorted(evidences, reverse=True):
            odds += evidence * share
            # What is said beside the evidence (goods, price) is not one thing said twice.
            share *= _FURTHER if family in IDENTITY_FAMILIES else 1.0
    return odds


def probability_of(odds: float, policy: IdentityPolicy) -> float:
    """
    The calibrated probability of evidence. It nears `policy.least` and `policy.most` without reaching them, so that
    stronger evidence always stands above weaker.
    """
    line = policy.calibration
    at = max(-_MOST_ODDS, min(_MOST_ODDS, line.slope * bend(odds, line) + line.offset))
    return round(policy.least + (policy.most - policy.least) / (1 + math.exp(-at)), 6)


def bend(odds: float, line: CalibrationPolicy) -> float:
    """
    Log-odds as the line takes them, bent where pairs with known answers show that more of the same says less.

    A page that denies the mark twice is hardly less likely to show it than one that denies it once, and words that
    repeat the mark hardly make it likelier; only a second family of evidence leads beyond `top`.
    """
    if odds < line.low:
        return line.low + line.below * (odds - line.low)
    if odds <= line.high:
        return odds
    return line.high + line.above * (min(odds, line.top) - line.high) + max(0.0, odds - max(line.top, line.high))


def families_for(signs: Iterable[Sign], policy: IdentityPolicy) -> tuple[SignFamily, ...]:
    """The families of which at least one sign speaks for identity with enough strength, in the enum's order."""
    speaking = {
        sign.family
        for sign in signs
        if not sign.against and sign.family in IDENTITY_FAMILIES and sign.strength >= policy.family_strength
    }
    return tuple(family for family in SignFamily if family in speaking)

"""
How likely it is that a listing shows the product, mark or work: signs weighed by a readable table.

Each sign adds its weight times its strength to the log-odds, or takes it away when it speaks against. Within one
family the strongest sign counts whole and each further one half as much as the one before: two ways to read one title
are not two witnesses.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from config.policy import IdentityPolicy
from store.records.comparisons import IDENTITY_FAMILIES, Sign, SignFamily

_FURTHER = 0.5  # share of a further sign of the same family (chosen)


@dataclass(frozen=True, slots=True)
class Identity:
    """The probability, and the independent families that carry it."""

    probability: float
    families: tuple[SignFamily, ...]


def identify(signs: Iterable[Sign], policy: IdentityPolicy) -> Identity:
    """The identity that signs make, from `policy.least` to `policy.most`; a sign without a weight adds nothing."""
    listed = list(signs)
    by_family: defaultdict[SignFamily, list[float]] = defaultdict(list)
    against = 0.0
    for sign in listed:
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
    probability = 1 / (1 + math.exp(-odds))
    return Identity(
        probability=round(min(policy.most, max(policy.least, probability)), 6),
        families=families_for(listed, policy),
    )


def families_for(signs: Iterable[Sign], policy: IdentityPolicy) -> tuple[SignFamily, ...]:
    """The families of which at least one sign speaks for identity with enough strength, in the enum's order."""
    speaking = {
        sign.family
        for sign in signs
        if not sign.against and sign.family in IDENTITY_FAMILIES and sign.strength >= policy.family_strength
    }
    return tuple(family for family in SignFamily if family in speaking)

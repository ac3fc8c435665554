"""Which case a person should open first, and why: a few readable parts, each with its sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from store.records.findings import Band, Finding, GroundCode, InfringementClass
from store.records.products import Product

# Chosen weights, from harm to haste. They sum to 1, so that a priority is a share of the most urgent case.
_DANGER = 0.30
_AGAIN = 0.20
_NOTICE = 0.15
_SIZE = 0.10
_SOLD = 0.10
_PLAIN = 0.10
_PIRACY = 0.05
# Chosen: at ten offers an account is a shop; at three listings that its platform acted on it knows what it does; a
# hundred pieces reach a hundred people. More of each raises nothing further.
_MANY, _OFTEN, _REACHED = 10, 3, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Priority:
    """A score in [0, 1], higher first, with the sentences that make it."""

    score: float
    reasons: tuple[str, ...]


def rank_case(
    findings: Sequence[Finding],
    products: Sequence[Product],
    *,
    acted_on: frozenset[str] = frozenset(),
    sold: int = 0,
) -> Priority:
    """
    The priority of a case made of `findings`, about `products`.

    `acted_on` are listings of the same account that its platform acted on before, `sold` the pieces that the pages of
    the findings say were sold. Danger to people weighs most, then an account that goes on after it was told, what is
    ready to leave, how far it reaches, and whether the seller says himself that it is a copy.
    """
    parts: list[tuple[float, str]] = []
    dangerous = sorted({f"{p.name} ({p.safety_class})" for p in products if p.safety_class})
    if dangerous:
        parts.append((_DANGER, f"a fake endangers people: {', '.join(dangerous)}"))
    if acted_on and any(finding.listing not in acted_on for finding in findings):
        share = min(len(acted_on), _OFTEN) / _OFTEN
        parts.append(
            (_AGAIN * share, f"the platform acted on {len(acted_on)} other listing(s) of the account before")
        )
    ready = sum(1 for finding in findings if finding.band is Band.NOTICE)
    if ready:
        parts.append((_NOTICE, f"{ready} of {len(findings)} findings have identity and ground"))
    if len(findings) > 1:
        share = min(len(findings), _MANY) / _MANY
        parts.append((_SIZE * share, f"one account, {len(findings)} listings"))
    if sold > 0:
        parts.append((_SOLD * min(sold, _REACHED) / _REACHED, f"its pages say that {sold} were sold"))
    if any(ground.code is GroundCode.SELF_DECLARED_COPY for finding in findings for ground in finding.grounds):
        parts.append((_PLAIN, "the listing itself says that it is a copy"))
    if any(finding.infringement_class is InfringementClass.PIRATED_COPY for finding in findings):
        parts.append((_PIRACY, "streams move within hours"))
    parts.sort(key=lambda part: -part[0])
    return Priority(
        score=round(sum(weight for weight, _ in parts), 4),
        reasons=tuple(reason for _, reason in parts) or ("nothing speaks for haste",),
    )

"""MATCH: a person confirmed it, and what was compared still stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from reports.facts import ItemFacts
from reports.rules.contract import Example, Rule
from store.records.cases import EXERCISE_POLICY, Verdict
from store.records.comparisons import IDENTITY_FAMILIES, SignFamily
from store.records.findings import GROUNDS_OF_CLASS, GroundCode, InfringementClass

_IDENTITY_WORDS = frozenset(family.value for family in IDENTITY_FAMILIES)


def not_established(facts: ItemFacts) -> str | None:
    """Identity of two independent families, a ground of the class, and a person who looked at exactly this."""
    finding, decision, needs = facts.finding, facts.decision, facts.policy.identity
    if decision is None or decision.verdict is not Verdict.CONFIRM:
        return "no person has confirmed the finding"
    if decision.by == EXERCISE_POLICY and not facts.is_exercise:
        return "the finding was confirmed by the exercise policy, and this is no exercise"
    if decision.comparison != finding.comparison:
        return "the listing was compared anew after the finding was confirmed"
    families = sorted(set(finding.families) & _IDENTITY_WORDS)
    if len(families) < needs.families_for_notice:
        found = ", ".join(families) or "none"
        return f"identity rests on {found}; {needs.families_for_notice} independent families are needed"
    allowed = GROUNDS_OF_CLASS.get(facts.item.infringement_class, frozenset())
    if not any(code in allowed for code in facts.item.grounds):
        return f"no ground carries the claim {facts.item.infringement_class.value}"
    determined = facts.determination is not None and facts.determination.is_infringing
    if finding.identity_probability < needs.notice and not determined:
        return f"identity is {finding.identity_probability:.2f} probable, {needs.notice:.2f} is needed"
    return None


def outdated(facts: ItemFacts) -> str | None:
    """A comparison counts only for the references and declarations that are in force."""
    for reference in facts.references:
        if reference.withdrawn_on is not None and reference.withdrawn_on <= facts.today:
            return f"reference {reference.reference_ref} was withdrawn on {reference.withdrawn_on}"
        if reference.valid_until is not None and reference.valid_until < facts.observed_on:
            return f"reference {reference.reference_ref} was valid until {reference.valid_until}"
    missing = set(facts.comparison.references) - {reference.id for reference in facts.references}
    if missing:
        return f"{len(missing)} of the references it was compared with are no longer there"
    if facts.comparison.config_digest != facts.config_digest:
        return "it was compared under other declarations than those in force"
    return None


def _decision(facts: ItemFacts, by: str) -> ItemFacts:
    return replace(facts, decision=replace(facts.decision, by=by) if facts.decision else None)


RULES = (
    Rule(
        code="MATCH-1",
        condition="nobody confirmed it, or identity or ground do not carry the claim",
        fix="look at the case and decide it; ask the holder's expert where the signs are weak",
        because=not_established,
        examples=(
            Example(name="undecided", change=lambda f: replace(f, decision=None)),
            Example(
                name="rejected",
                change=lambda f: replace(
                    f, decision=replace(f.decision, verdict=Verdict.REJECT) if f.decision else None
                ),
            ),
            Example(
                name="no exercise",
                change=lambda f: replace(
                    _decision(f, EXERCISE_POLICY), policy=f.policy.model_copy(update={"exercise": False})
                ),
            ),
            Example(
                name="compared anew",
                change=lambda f: replace(f, finding=replace(f.finding, comparison="a later one")),
            ),
            Example(
                name="one family",
                change=lambda f: replace(f, finding=replace(f.finding, families=(SignFamily.IMAGE.value,))),
            ),
            Example(
                name="price and seller only support",
                change=lambda f: replace(
                    f,
                    finding=replace(
                        f.finding,
                        families=(SignFamily.IMAGE.value, SignFamily.PRICE.value, SignFamily.SELLER.value),
                    ),
                ),
            ),
            Example(
                name="no ground of the class",
                change=lambda f: replace(
                    f,
                    item=replace(
                        f.item,
                        infringement_class=InfringementClass.COUNTERFEIT,
                        grounds=(GroundCode.COPIED_PHOTO,),
                    ),
                ),
            ),
            Example(
                name="not notifiable",
                change=lambda f: replace(f, item=replace(f.item, infringement_class=InfringementClass.MERE_MENTION)),
            ),
            Example(
                name="improbable",
                change=lambda f: replace(
                    f,
                    finding=replace(f.finding, identity_probability=f.policy.identity.notice - 0.01),
                    determination=None,
                ),
            ),
        ),
    ),
    Rule(
        code="MATCH-2",
        condition="a reference was withdrawn, or the declarations in force are not those of the comparison",
        fix="run `marque match` again and decide what it finds",
        because=outdated,
        examples=(
            Example(
                name="withdrawn",
                change=lambda f: replace(f, references=tuple(replace(r, withdrawn_on=f.today) for r in f.references)),
            ),
            Example(
                name="no longer valid",
                change=lambda f: replace(
                    f,
                    references=tuple(replace(r, valid_until=f.observed_on - timedelta(days=1)) for r in f.references),
                ),
            ),
            Example(name="gone", change=lambda f: replace(f, references=())),
            Example(name="other declarations", change=lambda f: replace(f, config_digest="0" * 64)),
        ),
    ),
)

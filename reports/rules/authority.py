"""AUTH: a named person signs, and whoever sends for a holder may do so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from config.profile import Element
from reports.facts import ItemFacts
from reports.rules.contract import Example, Rule
from store.records.parties import Act, Mandate
from store.records.rights import covers


def _covers(mandate: Mandate, facts: ItemFacts) -> bool:
    """Whether the mandate is for this right, act and platform, and a place where both right and offer are."""
    if mandate.grantor != facts.right.holder or mandate.agent != facts.sender.agent:
        return False
    if not _acts(facts) <= set(mandate.acts):
        return False
    if mandate.rights and facts.right.id not in mandate.rights:
        return False
    if mandate.platforms and facts.platform.name not in mandate.platforms:
        return False
    if not mandate.territories:
        return True
    return any(
        covers(mandate.territories, country) and covers(facts.right.held_in, country) for country in facts.territories
    )


def _acts(facts: ItemFacts) -> set[Act]:
    """What the agent does with this notice; where it undertakes to sue, that too is the holder's to give."""
    return {Act.NOTIFY, Act.SUE} if Element.UNDERTAKING in facts.profile.required else {Act.NOTIFY}


def _in_force(mandate: Mandate, day: date) -> bool:
    if mandate.revoked_on is not None and mandate.revoked_on <= day:
        return False
    return mandate.valid_from <= day and (mandate.valid_until is None or day <= mandate.valid_until)


def mandate_in_force(facts: ItemFacts) -> Mandate | None:
    """The mandate under which the agent sends, today; None where there is none or the holder sends."""
    fitting = [m for m in facts.mandates if _covers(m, facts) and _in_force(m, facts.today)]
    return min(fitting, key=lambda m: m.document_sha256 not in facts.papers_kept, default=None)


def no_signatory(facts: ItemFacts) -> str | None:
    """A notice is a person's statement."""
    if (facts.sender.signatory or "").strip():
        return None
    return "no person is named who signs"


def no_mandate(facts: ItemFacts) -> str | None:
    """An agent needs a power that covers right, territory and act."""
    if facts.sender.agent is None or any(_covers(mandate, facts) for mandate in facts.mandates):
        return None
    asked = " and to ".join(sorted(act.value for act in _acts(facts)))
    return (
        f"{facts.holder.legal_name} gave {facts.sender.agent} no mandate to {asked} for {facts.right.right_ref}"
        f" at {facts.platform.name} in {', '.join(facts.territories) or 'any known territory'}"
    )


def mandate_over(facts: ItemFacts) -> str | None:
    """A power that has ended, or has not begun, is none."""
    if facts.sender.agent is None:
        return None
    fitting = [mandate for mandate in facts.mandates if _covers(mandate, facts)]
    if not fitting or any(_in_force(mandate, facts.today) for mandate in fitting):
        return None
    last = max(fitting, key=lambda mandate: (mandate.valid_from, mandate.id))
    if last.revoked_on is not None and last.revoked_on <= facts.today:
        return f"the mandate of {facts.sender.agent} was revoked on {last.revoked_on}"
    if last.valid_from > facts.today:
        return f"the mandate of {facts.sender.agent} begins on {last.valid_from}"
    return f"the mandate of {facts.sender.agent} ended on {last.valid_until}"


def no_paper(facts: ItemFacts) -> str | None:
    """The recipient may ask for the power of attorney, and the notice names it; the signed paper must be at hand."""
    mandate = mandate_in_force(facts) if facts.sender.agent is not None else None
    if mandate is None or mandate.document_sha256 in facts.papers_kept:
        return None
    said = "was handed in" if mandate.document_sha256 is None else "is in the vault"
    return f"no signed mandate of {facts.sender.agent} from {facts.holder.legal_name} {said}"


def _all_mandates(facts: ItemFacts, **values: Any) -> ItemFacts:  # Any: fields of a Mandate
    return replace(facts, mandates=tuple(replace(mandate, **values) for mandate in facts.mandates))


RULES = (
    Rule(
        code="AUTH-1",
        condition="no signatory is named",
        fix="name the person who signs: --signatory NAME",
        because=no_signatory,
        examples=(
            Example(
                name="nobody signs",
                change=lambda f: replace(f, sender=replace(f.sender, signatory=None)),
            ),
            Example(name="a blank name", change=lambda f: replace(f, sender=replace(f.sender, signatory="  "))),
        ),
    ),
    Rule(
        code="AUTH-2",
        condition="an agent sends, and no mandate covers the right, the territory, the platform and the act",
        fix="import the holder's power of attorney, or let the holder send",
        because=no_mandate,
        examples=(
            Example(name="no mandate", change=lambda f: replace(f, mandates=())),
            Example(name="another right", change=lambda f: _all_mandates(f, rights=("another",))),
            Example(name="another act", change=lambda f: _all_mandates(f, acts=(Act.RETRACT,))),
            Example(name="elsewhere", change=lambda f: _all_mandates(f, territories=("JP",))),
            Example(name="another platform", change=lambda f: _all_mandates(f, platforms=("another-platform",))),
            Example(name="another agent", change=lambda f: _all_mandates(f, agent="Somebody Else Ltd")),
        ),
    ),
    Rule(
        code="AUTH-3",
        condition="the agent's mandate is revoked, over, or not yet begun",
        fix="ask the holder for a new power of attorney and import it",
        because=mandate_over,
        examples=(
            Example(name="over", change=lambda f: _all_mandates(f, valid_until=f.today - timedelta(days=1))),
            Example(name="revoked", change=lambda f: _all_mandates(f, revoked_on=f.today)),
            Example(name="not begun", change=lambda f: _all_mandates(f, valid_from=f.today + timedelta(days=1))),
        ),
    ),
    Rule(
        code="AUTH-4",
        condition="the agent's mandate stands in a sheet alone: its signed paper is not kept",
        fix="import the signed power of attorney: mandate_file",
        because=no_paper,
        examples=(
            Example(name="none handed in", change=lambda f: _all_mandates(f, document_sha256=None)),
            Example(name="not in the vault", change=lambda f: replace(f, papers_kept=frozenset())),
        ),
    ),
)

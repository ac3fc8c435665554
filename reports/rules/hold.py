"""HOLD: other people's work comes before a takedown, and a notice that waits for it does not say whose."""

from __future__ import annotations

from dataclasses import replace

from reports.facts import ItemFacts
from reports.rules.contract import Example, Rule


def held(facts: ItemFacts) -> str | None:
    """A takedown would warn whom somebody else is watching."""
    return "a hold stands on this listing" if facts.held else None


def unpreserved(facts: ItemFacts) -> str | None:
    """What is taken down may be deleted; who needs the data asks for them first."""
    return "the platform has not been asked yet to preserve the data" if facts.unpreserved else None


RULES = (
    Rule(
        code="HOLD-1",
        condition="a unit asked that nothing be sent about it for now; whose hold it is, and why, is not told",
        fix="wait, or ask whoever keeps this workspace's holds whether it can be lifted",
        because=held,
        examples=(Example(name="held", change=lambda f: replace(f, held=True)),),
    ),
    Rule(
        code="HOLD-2",
        condition="the data are to be preserved before a takedown, and nobody has asked the platform to",
        fix="draft a preservation request for the case (`marque instruments draft`), have it issued, and say so",
        because=unpreserved,
        examples=(Example(name="not asked", change=lambda f: replace(f, unpreserved=True)),),
    ),
)

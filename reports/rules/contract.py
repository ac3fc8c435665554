"""What a blocking rule is: a pure function over the facts of one item, with its condition, fix and examples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reports.facts import ItemFacts
from store.records.notices import Refusal

Change = Callable[[ItemFacts], ItemFacts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A change to a complete item after which the rule refuses it. The contract test runs every one."""

    name: str
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One reason not to send."""

    code: str  # e.g. "TERR-1"
    condition: str  # when it refuses, in words
    fix: str  # the way out
    because: Callable[[ItemFacts], str | None]  # a sentence that refuses, or None
    examples: tuple[Example, ...]

    @property
    def family(self) -> str:
        """The letters of the code: what kind of thing is wrong."""
        return self.code.partition("-")[0]

    def check(self, facts: ItemFacts) -> Refusal | None:
        """The refusal of this item under this rule; None where it may pass."""
        why = self.because(facts)
        if why is None:
            return None
        return Refusal(
            code=self.code,
            family=self.family,
            because=why,
            fix=self.fix,
            finding=facts.finding.id,
            listing=facts.listing.id,
        )

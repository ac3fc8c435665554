"""DUP: the same thing is not asked twice, and nothing is asked for that is no longer there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from reports.facts import ItemFacts, PriorItem
from reports.rules.contract import Change, Example, Rule
from store.records.listings import ListingState


def already_asked(facts: ItemFacts) -> str | None:
    """One request for one item, right and class, until the policy's pause is over."""
    pause = timedelta(days=facts.policy.review.cooldown_days)
    for prior in facts.priors:
        if facts.now - prior.drafted_at < pause:
            return (
                f"notice {prior.notice_number} of {prior.drafted_at:%Y-%m-%d} already asks for it;"
                f" {facts.policy.review.cooldown_days} days lie between two"
            )
    return None


def not_there(facts: ItemFacts) -> str | None:
    """Only what is known to be on offer can be removed."""
    match facts.listing.state:
        case ListingState.LIVE:
            return None
        case ListingState.GONE | ListingState.SOLD | ListingState.PAUSED:
            return f"the listing is {facts.listing.state.value}: there is nothing to remove"
        case _:
            return f"the latest look could not tell whether the listing is there ({facts.listing.state.value})"


def _prior(facts: ItemFacts) -> ItemFacts:
    earlier = PriorItem(item="earlier", notice_number=1, drafted_at=facts.now - timedelta(hours=1))
    return replace(facts, priors=(earlier,))


def _standing(state: ListingState) -> Change:
    return lambda facts: replace(facts, listing=replace(facts.listing, state=state))


RULES = (
    Rule(
        code="DUP-1",
        condition="a notice for the same item, right and class is open within the policy's pause",
        fix="wait for the answer to the earlier notice, or recall it",
        because=already_asked,
        examples=(Example(name="an hour ago", change=_prior),),
    ),
    Rule(
        code="DUP-2",
        condition="the listing is gone, sold or paused, or nobody can tell",
        fix="look again; close the case where the listing is gone",
        because=not_there,
        examples=tuple(
            Example(name=state.value, change=_standing(state))
            for state in ListingState
            if state is not ListingState.LIVE
        ),
    ),
)

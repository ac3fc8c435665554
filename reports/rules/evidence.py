"""EVID: the bytes are there, whole, fresh, and show what the notice says they show."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from reports.facts import ItemFacts
from reports.lately import OTHERWISE, seen_otherwise
from reports.rules.contract import Example, Rule
from store.records.listings import PageKind
from store.records.rechecks import Presence, Recheck, RecheckPurpose


def too_few(facts: ItemFacts) -> str | None:
    """A notice without a capture is a rumour."""
    demand = facts.profile.evidence
    if len(facts.captures) < demand.min_captures:
        return f"{len(facts.captures)} captures are there, {demand.min_captures} needed"
    return None


def no_screenshot(facts: ItemFacts) -> str | None:
    """Some recipients look at a picture of the page and at nothing else."""
    if facts.profile.evidence.screenshot and not any(check.has_screenshot for check in facts.checks):
        return f"{facts.profile.name} asks for a screenshot, and none was taken"
    return None


def max_age_h(facts: ItemFacts) -> float:
    """How old evidence may be: the policy's word for the kind of page, or the profile's where that is stricter."""
    policy = facts.policy.evidence
    allowed = policy.max_age_stream_h if facts.listing.kind is PageKind.STREAM else policy.max_age_h
    own = facts.profile.evidence.max_age_h
    return allowed if own is None else min(allowed, own)


def too_old(facts: ItemFacts) -> str | None:
    """A page of last week may have changed since."""
    age_h = (facts.now - facts.observation.observed_at).total_seconds() / 3600
    allowed = max_age_h(facts)
    if age_h > allowed:
        return f"the listing was last seen {age_h:.0f} hours ago, {allowed:.0f} are allowed"
    if age_h < -1 / 60:
        return "the listing was seen in the future: a clock is wrong"
    return None


def damaged(facts: ItemFacts) -> str | None:
    """Every capture and photo the item names is in the vault, byte for byte."""
    checked = {check.capture: check.fault for check in facts.checks}
    for capture in facts.item.captures:
        if capture not in checked:
            return f"nobody looked whether capture {capture} is whole"
        if checked[capture] is not None:
            return f"capture {capture}: {checked[capture]}"
    return None


def other_title(facts: ItemFacts) -> str | None:
    """What was read must stand in what was kept."""
    if any(check.shows_title for check in facts.checks):
        return None
    return "the title that was read does not stand in any of the captures"


def otherwise(facts: ItemFacts) -> str | None:
    """The last look at the listing is the one that counts."""
    return seen_otherwise(facts.recheck, facts.observation.observed_at)


def _looked(facts: ItemFacts, presence: Presence, *, divergent: bool = False) -> ItemFacts:
    again = Recheck(
        id="recheck",
        listing=facts.listing.id,
        run="run",
        purpose=RecheckPurpose.SENDING,
        judged_at=facts.now,
        presence=presence,
        reasons=("first look: it looks otherwise",),
        divergent=divergent,
        sights=(),
        by="example",
    )
    return replace(facts, recheck=again)


def _checks(facts: ItemFacts, **values: object) -> ItemFacts:
    fault = values.get("fault")
    shows = bool(values.get("shows_title", True))
    changed = tuple(
        replace(check, fault=str(fault) if fault else check.fault, shows_title=shows) for check in facts.checks
    )
    return replace(facts, checks=changed)


def _aged(facts: ItemFacts, hours: float) -> ItemFacts:
    seen = facts.now - timedelta(hours=hours)
    return replace(facts, observation=replace(facts.observation, observed_at=seen))


RULES = (
    Rule(
        code="EVID-1",
        condition="there are fewer captures than needed",
        fix="capture the listing again",
        because=too_few,
        examples=(Example(name="none", change=lambda f: replace(f, captures=())),),
    ),
    Rule(
        code="EVID-7",
        condition="the recipient asks for a screenshot, and none was taken",
        fix="capture the listing again in a browser: [browser] pages and screenshots in the platform's file",
        because=no_screenshot,
        examples=(
            Example(
                name="no screenshot",
                change=lambda f: replace(
                    f,
                    profile=f.profile.model_copy(
                        update={"evidence": f.profile.evidence.model_copy(update={"screenshot": True})}
                    ),
                ),
            ),
        ),
    ),
    Rule(
        code="EVID-2",
        condition="the evidence is older than policy or profile allow",
        fix="capture the listing again and compare it",
        because=too_old,
        examples=(
            Example(name="old", change=lambda f: _aged(f, max_age_h(f) + 1)),
            Example(
                name="a stream of two hours ago",
                change=lambda f: _aged(replace(f, listing=replace(f.listing, kind=PageKind.STREAM)), 2),
            ),
            Example(name="of tomorrow", change=lambda f: _aged(f, -24)),
        ),
    ),
    Rule(
        code="EVID-3",
        condition="bytes are missing from the vault or have another digest",
        fix="run `marque doctor`; restore the vault or capture the listing again",
        because=damaged,
        examples=(
            Example(name="missing", change=lambda f: _checks(f, fault="its body is not in the vault")),
            Example(name="not looked at", change=lambda f: replace(f, checks=())),
        ),
    ),
    Rule(
        code="EVID-4",
        condition="the title that was read is not in the capture",
        fix="read the captures again; correct the platform's reading rule",
        because=other_title,
        examples=(Example(name="another page", change=lambda f: _checks(f, shows_title=False)),),
    ),
    Rule(
        code=OTHERWISE,
        condition="the listing was looked at again since, and is gone, changed, unclear, or shown to some alone",
        fix="match the new capture, or let it be; `marque evidence recheck` looks once more",
        because=otherwise,
        examples=(
            Example(name="gone", change=lambda f: _looked(f, Presence.ABSENT)),
            Example(name="changed", change=lambda f: _looked(f, Presence.CHANGED)),
            Example(name="nobody can tell", change=lambda f: _looked(f, Presence.UNKNOWN)),
            Example(name="shown to some alone", change=lambda f: _looked(f, Presence.UNKNOWN, divergent=True)),
        ),
    ),
)

"""
Warnings: what a person should know before they approve, and what stops nothing. They stand apart from refusals.

Marque has one way out to the web; whether others are shown the same is told by a second look beside control pages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from reports.facts import ItemFacts
from store.records.comparisons import SignFamily
from store.records.findings import GroundCode

SHORTEST_PART = 3  # letters of a name that are looked for in a mailbox: shorter ones stand in every word


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """One thing to look at twice."""

    code: str  # e.g. "WARN-PRICE"
    says: str


def _usual_price(facts: ItemFacts) -> str | None:
    priced = facts.observation.fields.price is not None
    if priced and GroundCode.FAR_BELOW_PRICE not in facts.item.grounds and facts.product is not None:
        return "the price is not far below the genuine article's"
    return None


def _only_text(facts: ItemFacts) -> str | None:
    families = {sign.family for sign in facts.finding.signs if not sign.against}
    if families and families <= {SignFamily.TEXT, SignFamily.PRICE, SignFamily.SELLER}:
        return "nothing but its words, price and account point to the right: no picture, code or stream"
    return None


def _status_old(facts: ItemFacts) -> str | None:
    checked = facts.right.status_checked_on
    if checked is None:
        return None
    days = (facts.today - checked).days
    if days > facts.policy.rights.status_warn_days:
        return f"the register was last asked {days} days ago"
    return None


def _no_screenshot(facts: ItemFacts) -> str | None:
    if facts.checks and not any(check.has_screenshot for check in facts.checks):
        return "no screenshot was taken: the evidence is the page's bytes"
    return None


def _spoken_for(facts: ItemFacts) -> str | None:
    if facts.finding.counter_signs:
        return f"{len(facts.finding.counter_signs)} thing(s) speak for the accused; read the answers"
    return None


def _own_mailbox(facts: ItemFacts) -> str | None:
    """Who signs is told by name; a mailbox of their own lets whoever is accused write to them for years."""
    mailbox = (facts.claimant_email or "").partition("@")[0].casefold()
    names = [part for part in (facts.sender.signatory or "").casefold().split() if len(part) >= SHORTEST_PART]
    if facts.profile.passes_on and any(part in mailbox for part in names):
        return "the recipient shows others the e-mail address, which bears the signatory's name: use one of a role"
    return None


def _unknown_seller(facts: ItemFacts) -> str | None:
    return "the page names no account" if facts.seller is None else None


def _another_address(facts: ItemFacts) -> str | None:
    """A shop may redirect or write one offer two ways; then a person should see that it is the same."""
    page = next((each for each in facts.captures if each.id == facts.observation.capture), None)
    if page is None:
        return None
    seen = {_place(url) for url in (page.url_requested, page.url_final)}
    return None if _place(facts.item.url) in seen else f"its page was captured at another address: {page.url_final}"


def _first_notice(facts: ItemFacts) -> str | None:
    if facts.seller is not None and not facts.noticed_before:
        return "no notice about this account left here before"
    return None


def _own_clock(facts: ItemFacts) -> str | None:
    if facts.has_qualified_time:
        return None
    return (
        "no qualified authority set its time over the captures: that they are as old as they say rests on our clock"
    )


def _one_view(facts: ItemFacts) -> str | None:
    if facts.recheck is None:
        return "it was seen from one place of ours, once: nobody looked again beside control pages"
    return None


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.netloc.casefold(), parts.path.rstrip("/")


_WARNINGS: tuple[tuple[str, Callable[[ItemFacts], str | None]], ...] = (
    ("WARN-COUNTER", _spoken_for),
    ("WARN-PRICE", _usual_price),
    ("WARN-TEXT", _only_text),
    ("WARN-STATUS", _status_old),
    ("WARN-SELLER", _unknown_seller),
    ("WARN-PICTURE", _no_screenshot),
    ("WARN-ADDRESS", _another_address),
    ("WARN-MAILBOX", _own_mailbox),
    ("WARN-FIRST", _first_notice),
    ("WARN-TIME", _own_clock),
    ("WARN-EGRESS", _one_view),
)


def warn_of(facts: ItemFacts) -> tuple[Caution, ...]:
    """Everything to look at twice in one item; none of it refuses."""
    found = ((code, because(facts)) for code, because in _WARNINGS)
    return tuple(Caution(code=code, says=says) for code, says in found if says is not None)

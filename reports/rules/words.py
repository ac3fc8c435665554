"""
PII, STMT-2: what people wrote into a notice names nobody, and offers or demands nothing that makes it void.

Only people's own words are judged by what they say: the note of a decision and the expert's statement. What a page
says is quoted, with ways to reach a person left out when it is drafted.
"""

from __future__ import annotations

import re
from dataclasses import replace

from reports.facts import ItemFacts
from reports.masking import CONTACT
from reports.rules.contract import Example, Rule
from store.records.cases import Determination
from store.records.parties import PartyKind

FORBIDDEN = {
    "settlement": re.compile(r"\bsettl(?:e|es|ed|ement|ements|ing)\b|\bout of court\b", re.IGNORECASE),
    "payment": re.compile(
        r"\bpay(?:s|ing|ment|ments)?\b|\bcompensat\w*|\blicen[cs]e fees?\b|\bdamages\b", re.IGNORECASE
    ),
    "personal_data": re.compile(
        r"\b(?:your|the (?:seller|user|uploader|subscriber|customer)['’]?s?) (?:full )?"
        r"(?:name|address|identity|telephone|phone|e-?mail|details)\b",
        re.IGNORECASE,
    ),
    "links": re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE),
}
"""In English, the language of our notices; a word too many is mended by another, one too few voids the notice."""


SHORTEST_NAME = 4  # letters of a seller's name that is looked for: shorter ones are words of every sentence


def written(facts: ItemFacts) -> tuple[str, ...]:
    """What people wrote of an item that stands in its notice."""
    note = facts.decision.note if facts.decision else None
    word = facts.determination.statement if facts.determination else None
    return tuple(text for text in (note, word) if text)


def names_somebody(facts: ItemFacts) -> str | None:
    """A notice travels on to sellers and to public collections."""
    for text in (facts.item.title, facts.item.explanation, facts.item.against, facts.exceptions_note or ""):
        if CONTACT.search(text):
            return "its words hold a mail address or a telephone number, and travel on to sellers and to the public"
    for text in written(facts):
        if any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) for name in _names(facts)):
            return "its words name who is behind the account; the platform knows that by the account's own id"
    return None


def _names(facts: ItemFacts) -> list[str]:
    """What the platform shows of who trades there, but for names of the holder, the agent or the right."""
    if facts.seller is None:
        return []
    trader = facts.seller.trader
    shown = (facts.seller.name, *((trader.name, trader.address, trader.vat) if trader else ()))
    ours = " ".join(
        word for word in (facts.holder.legal_name, facts.sender.agent, facts.right.mark_text) if word
    ).casefold()
    return [name for name in shown if name and len(name) >= SHORTEST_NAME and name.casefold() not in ours]


def gives_a_home_away(facts: ItemFacts) -> str | None:
    """A natural person who complains in their own name is reachable where they live."""
    person = facts.holder.kind is PartyKind.PERSON and facts.sender.agent is None
    if person and facts.holder.address and facts.profile.passes_on:
        return f"{facts.profile.recipient} shows the claimant to: {', '.join(facts.profile.passes_on)}"
    return None


def voids_the_notice(facts: ItemFacts) -> str | None:
    """Some laws take a notice for none when it asks for more than removal."""
    for kind in facts.profile.forbidden:
        for text in written(facts):
            found = FORBIDDEN[kind].search(text)
            if found is not None:
                words = kind.replace("_", " ")
                return f"{facts.profile.regime}: a notice with “{found[0]}” ({words}) is void"
    return None


def _noted(facts: ItemFacts, note: str) -> ItemFacts:
    if facts.decision is None:
        return facts
    return replace(
        facts,
        decision=replace(facts.decision, note=note),
        item=replace(facts.item, against=f"{note} [decision {facts.decision.id}]"),
    )


def _forbidding(facts: ItemFacts, kind: str) -> ItemFacts:
    return replace(facts, profile=facts.profile.model_copy(update={"forbidden": (kind,)}))


def _determined(facts: ItemFacts, statement: str) -> ItemFacts:
    word = Determination(
        id="word",
        finding=facts.finding.id,
        is_infringing=True,
        infringement_class=facts.item.infringement_class,
        statement=statement,
        by="Dr. Uhr",
        at=facts.now,
    )
    return replace(facts, determination=word)


def _sold_by(facts: ItemFacts, name: str) -> ItemFacts:
    return facts if facts.seller is None else replace(facts, seller=replace(facts.seller, name=name))


def _at_home(facts: ItemFacts) -> ItemFacts:
    return replace(
        facts,
        holder=replace(facts.holder, kind=PartyKind.PERSON, address="3 Lake Street"),
        sender=replace(facts.sender, agent=None),
        profile=facts.profile.model_copy(update={"passes_on": ("seller",)}),
    )


RULES = (
    Rule(
        code="PII-1",
        condition="a mail address or a telephone number stands in words that sellers and the public may read",
        fix="take it out of the decision's note or the expert's statement, and draft the notice again",
        because=names_somebody,
        examples=(
            Example(name="mail in a note", change=lambda f: _noted(f, "Ask ann.lee@office.example")),
            Example(name="number in a note", change=lambda f: _noted(f, "She said so on +46 70 123 45 67")),
            Example(
                name="mail in the title",
                change=lambda f: replace(f, item=replace(f.item, title="Watch, a@b.ex")),
            ),
            Example(
                name="the seller's name",
                change=lambda f: _noted(_sold_by(f, "Anna Lindqvist"), "anna lindqvist sold me one before"),
            ),
        ),
    ),
    Rule(
        code="PII-2",
        condition="a person complains under their own address, and the recipient shows it to others",
        fix="let an agent send it under the holder's mandate, or register the holder without a private address",
        because=gives_a_home_away,
        examples=(Example(name="a person's own address", change=lambda f: _at_home(f)),),
    ),
    Rule(
        code="STMT-2",
        condition="people's words offer, demand or link to what makes a notice void under its law",
        fix="take it out of the decision's note or the expert's statement, and draft the notice again",
        because=voids_the_notice,
        examples=(
            Example(
                name="settlement",
                change=lambda f: _noted(_forbidding(f, "settlement"), "The seller may settle out of court"),
            ),
            Example(
                name="payment", change=lambda f: _noted(_forbidding(f, "payment"), "Payment of the fee ends this")
            ),
            Example(
                name="personal data",
                change=lambda f: _determined(_forbidding(f, "personal_data"), "Send us the seller's address"),
            ),
            Example(name="a link", change=lambda f: _noted(_forbidding(f, "links"), "See https://pay.example/now")),
        ),
    ),
)

"""Every blocking rule, in the order in which a reader asks: who, what right, where, whom, what, on what evidence."""

from __future__ import annotations

from config.profile import Element
from reports.facts import ItemFacts
from reports.rules import (
    authority,
    evidence,
    form,
    hold,
    identity,
    location,
    repetition,
    rights,
    sellers,
    target,
    words,
)
from store.records.notices import Refusal

RULES = (
    *hold.RULES,
    *rights.RULES,
    *sellers.RULES,
    *identity.RULES,
    *evidence.RULES,
    *repetition.RULES,
    *location.RULES,
    *target.RULES,
    *authority.RULES,
    *form.RULES,
    *words.RULES,
)

CODE_OF_ELEMENT: dict[Element, str] = {
    Element.CLAIMANT_NAME: "PARTY-1",
    Element.CLAIMANT_EMAIL: "PARTY-2",
    Element.CLAIMANT_CONTACT: "PARTY-3",
    Element.CLAIMANT_ADDRESS: "PARTY-4",
    Element.HOLDER_SITE: "PARTY-5",
    Element.CLAIMANT_PHONE: "PARTY-6",
    Element.SIGNATORY: "AUTH-1",
    Element.MANDATE: "AUTH-2",
    Element.LEGAL_BASIS: "BASIS-1",
    Element.REGISTRATION: "REG-1",
    Element.GOODS: "REG-2",
    Element.VALIDITY: "REG-3",
    Element.PROOF: "RIGHT-5",
    Element.WORK: "WORK-1",
    Element.WORK_AUTHORISED: "WORK-2",
    Element.URL: "LOC-1",
    Element.ITEM_ID: "LOC-3",
    Element.EXPLANATION: "ITEM-1",
    Element.CLASS: "CODE-1",
    Element.CLAIM_CODE: "CODE-1",
    Element.OBSERVED_AT: "EVID-2",
    Element.CAPTURES: "EVID-1",
    Element.EXCEPTIONS: "EXC-1",
    Element.GOOD_FAITH: "STMT-1",
    Element.ACCURACY: "STMT-1",
    Element.AUTHORITY: "STMT-1",
    Element.BONA_FIDE: "STMT-1",
    Element.UNDERTAKING: "STMT-1",
}
"""Which rule refuses when a required element is missing; a test drops each in turn."""


def check_item(facts: ItemFacts) -> tuple[Refusal, ...]:
    """Every refusal of one item, in the order of the rules; none means that a person may approve it."""
    found = (rule.check(facts) for rule in RULES)
    return tuple(refusal for refusal in found if refusal is not None)

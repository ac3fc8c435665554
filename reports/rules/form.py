"""PARTY, WORK, ITEM, BASIS, EXC, STMT, SIZE, CODE, LANG: the notice holds what its profile requires."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace

from config.profile import Element
from reports.facts import ItemFacts
from reports.formats.urls import is_one_address
from reports.rules.contract import Example, Rule
from reports.weight import FRAME_BYTES, PACKAGE_BYTES, weight_of
from store.records.findings import InfringementClass
from store.records.rights import RightKind

# One mailbox in the letters that every mail program takes (RFC 5321, 4.1.2, without quoted names).
MAILBOX = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}"
)
COPYRIGHT = frozenset({InfringementClass.PIRATED_COPY, InfringementClass.IMAGE_COPIED})
"""Claims to which the exceptions of copyright may be an answer."""


def _asked(
    element: Element, missing: Callable[[ItemFacts], bool], sentence: str
) -> Callable[[ItemFacts], str | None]:
    """A rule that refuses where the profile requires the element and it is missing."""

    def because(facts: ItemFacts) -> str | None:
        if element in facts.profile.required and missing(facts):
            return f"{facts.profile.regime}: {sentence}"
        return None

    return because


def _address(facts: ItemFacts) -> str:
    return (facts.sender.agent_address if facts.sender.agent else facts.holder.address) or ""


def _reachable(facts: ItemFacts) -> bool:
    sender, holder = facts.sender, facts.holder
    if sender.agent:
        ways = (sender.agent_email, sender.agent_address, sender.agent_phone)
    else:
        ways = (holder.email, holder.address, holder.phone)
    return any((way or "").strip() for way in ways)


def _phone(facts: ItemFacts) -> str:
    return (facts.sender.agent_phone if facts.sender.agent else facts.holder.phone) or ""


def _mailbox(facts: ItemFacts) -> bool:
    return MAILBOX.fullmatch((facts.claimant_email or "").strip()) is not None


def _work_unknown(facts: ItemFacts) -> bool:
    if facts.item.infringement_class is InfringementClass.IMAGE_COPIED:
        return not facts.references
    if facts.item.infringement_class not in COPYRIGHT:
        return False
    return facts.work is None or not facts.work.title.strip()


def _nowhere_authorised(facts: ItemFacts) -> bool:
    if facts.item.infringement_class not in COPYRIGHT:
        return False
    return facts.work is None or not any(map(is_one_address, facts.work.authorised_urls))


def _unnumbered(facts: ItemFacts) -> bool:
    registered = facts.right.kind not in (RightKind.COPYRIGHT, RightKind.RELATED_RIGHT)
    return registered and not (facts.right.registration_number or "").strip()


def _without_goods(facts: ItemFacts) -> bool:
    return facts.right.kind is RightKind.TRADEMARK and not (facts.right.goods or "").strip()


def _without_end(facts: ItemFacts) -> bool:
    registered = facts.right.kind not in (RightKind.COPYRIGHT, RightKind.RELATED_RIGHT)
    return registered and facts.right.expires_on is None


def _site_unknown(facts: ItemFacts) -> bool:
    counterfeit = facts.item.infringement_class is InfringementClass.COUNTERFEIT
    return counterfeit and facts.holder.legal_name not in facts.profile.holder_sites


def _told(explanation: str) -> str:
    """What the recipient reads of an explanation: the sentences, without the pointers that end them."""
    return " ".join(re.sub(r" \[[^\[\]]*\]$", "", line) for line in explanation.splitlines())


def exceptions_not_considered(facts: ItemFacts) -> str | None:
    """Fair use, quotation, parody and licences are considered before a claim of copyright, not after."""
    asked = facts.item.infringement_class in COPYRIGHT or Element.EXCEPTIONS in facts.profile.required
    if asked and not (facts.exceptions_note or "").strip():
        return "nobody has said why no exception of copyright covers it"
    return None


def no_provision(facts: ItemFacts) -> str | None:
    """Nothing is claimed without the provision under which it is unlawful."""
    if facts.legal_basis.strip():
        return None
    return facts.unsupported or f"{facts.profile.regime}: no provision of law is named"


def statement_missing(facts: ItemFacts) -> str | None:
    """Every statement the profile demands is there, word for word, under its own digest."""
    words = {statement.code: statement for statement in facts.statements}
    for element in facts.profile.required:
        group, _, code = element.value.partition(".")
        if group != "statements":
            continue
        said = words.get(code)
        if said is None:
            return f"{facts.profile.regime} demands the statement {code}"
        if hashlib.sha256(said.text.encode()).hexdigest() != said.text_sha256:
            return f"the words of the statement {code} are not those of its digest"
        if said.text not in {s.text for s in facts.profile.statements if s.code == code}:
            return f"the words of the statement {code} are not those of {facts.profile.name}"
    return None


def too_long(facts: ItemFacts) -> str | None:
    """Portals cut what is too long, and the end of a reason is lost."""
    limit = facts.profile.limits.explanation_chars
    length = len(_told(facts.item.explanation))
    if limit is not None and length > limit:
        return f"the explanation has {length} characters, {limit} are taken"
    return None


def too_heavy(facts: ItemFacts) -> str | None:
    """A package that no mail server and no form takes reaches nobody."""
    weight = weight_of(facts)
    if weight > PACKAGE_BYTES - FRAME_BYTES:
        return f"its evidence makes a package of {weight / 1e6:.1f} MB, and {PACKAGE_BYTES / 1e6:.0f} are taken"
    return None


def wrong_code(facts: ItemFacts) -> str | None:
    """The recipient takes the claim, under a code it knows."""
    profile, claim = facts.profile, facts.item.infringement_class
    if claim not in profile.classes:
        return f"{profile.name} takes no claim of {claim.value}"
    expected = profile.claim_codes.get(claim)
    if profile.claim_codes and expected is None:
        return f"{profile.name} has no code for {claim.value}"
    if facts.item.platform_code != expected:
        return f"the claim code is {facts.item.platform_code}, {profile.name} says {expected}"
    if Element.CLAIM_CODE in profile.required and expected is None:
        return f"{profile.name} requires a claim code and names none"
    return None


def wrong_language(facts: ItemFacts) -> str | None:
    """A notice nobody there can read informs nobody."""
    if "en" in facts.profile.languages:
        return None
    return f"{facts.profile.name} takes {', '.join(facts.profile.languages)}; notices are written in en"


def _item(facts: ItemFacts, **values: str) -> ItemFacts:
    item = facts.item
    return replace(
        facts,
        item=replace(
            item,
            explanation=values.get("explanation", item.explanation),
            platform_code=values.get("platform_code", item.platform_code),
        ),
    )


def _profile(facts: ItemFacts, **values: object) -> ItemFacts:
    return replace(facts, profile=facts.profile.model_copy(update=values))


def _silent_parties(facts: ItemFacts) -> ItemFacts:
    return replace(
        facts,
        holder=replace(facts.holder, email=None, address=None, phone=None),
        sender=replace(facts.sender, agent_email=None, agent_address=None, agent_phone=None),
    )


def _nameless(facts: ItemFacts) -> ItemFacts:
    return replace(facts, holder=replace(facts.holder, legal_name=" "), sender=replace(facts.sender, agent=None))


def _required(facts: ItemFacts, element: Element) -> ItemFacts:
    required = tuple(dict.fromkeys([*facts.profile.required, element]))
    return _profile(facts, required=required)


RULES = (
    Rule(
        code="PARTY-1",
        condition="the name of the claimant is required and missing",
        fix="enter the holder's legal name",
        because=_asked(
            Element.CLAIMANT_NAME, lambda f: not f.claimant_name.strip(), "the name of the claimant is missing"
        ),
        examples=(Example(name="no name", change=lambda f: _nameless(_required(f, Element.CLAIMANT_NAME))),),
    ),
    Rule(
        code="PARTY-2",
        condition="an e-mail address of the claimant is required and missing",
        fix="enter a role mailbox of the holder or the agent",
        because=_asked(
            Element.CLAIMANT_EMAIL, lambda f: not _mailbox(f), "an e-mail address of the claimant is missing"
        ),
        examples=(
            Example(name="no mailbox", change=lambda f: _silent_parties(_required(f, Element.CLAIMANT_EMAIL))),
        ),
    ),
    Rule(
        code="PARTY-3",
        condition="no usable contact of the claimant is known",
        fix="enter an address, a telephone number or an e-mail address",
        because=_asked(
            Element.CLAIMANT_CONTACT, lambda f: not _reachable(f), "there is no way to reach the claimant"
        ),
        examples=(
            Example(name="no contact", change=lambda f: _silent_parties(_required(f, Element.CLAIMANT_CONTACT))),
        ),
    ),
    Rule(
        code="PARTY-4",
        condition="a postal address of the claimant is required and missing",
        fix="enter the address of the holder or the agent",
        because=_asked(
            Element.CLAIMANT_ADDRESS, lambda f: not _address(f).strip(), "the claimant's postal address is missing"
        ),
        examples=(
            Example(name="no address", change=lambda f: _silent_parties(_required(f, Element.CLAIMANT_ADDRESS))),
        ),
    ),
    Rule(
        code="PARTY-5",
        condition="the holder's own site is required and missing",
        fix="enter it under [holder_sites] in the workspace's copy of the profile",
        because=_asked(Element.HOLDER_SITE, _site_unknown, "the holder's own site is missing"),
        examples=(
            Example(
                name="no site",
                change=lambda f: _profile(_required(f, Element.HOLDER_SITE), holder_sites={}),
            ),
        ),
    ),
    Rule(
        code="PARTY-6",
        condition="a telephone number of the claimant is required and missing",
        fix="enter the number of the holder or the agent",
        because=_asked(
            Element.CLAIMANT_PHONE, lambda f: not _phone(f).strip(), "the claimant's telephone number is missing"
        ),
        examples=(Example(name="no number", change=lambda f: _silent_parties(_required(f, Element.CLAIMANT_PHONE))),),
    ),
    Rule(
        code="WORK-1",
        condition="the work, or the photo that was copied, is not identified",
        fix="link the right to a work with a title, or hand in the photo as a reference",
        because=_asked(Element.WORK, _work_unknown, "the work is not identified"),
        examples=(
            Example(
                name="no work",
                change=lambda f: replace(_required(f, Element.WORK), work=None, references=()),
            ),
        ),
    ),
    Rule(
        code="WORK-2",
        condition="an address where the work may be had is required and missing",
        fix="enter an authorised address of the work",
        because=_asked(Element.WORK_AUTHORISED, _nowhere_authorised, "no authorised address of the work is known"),
        examples=(
            Example(name="no address", change=lambda f: replace(_required(f, Element.WORK_AUTHORISED), work=None)),
        ),
    ),
    Rule(
        code="ITEM-1",
        condition="the explanation is required and empty",
        fix="look at the finding: without a ground there is nothing to explain",
        because=_asked(Element.EXPLANATION, lambda f: not f.item.explanation.strip(), "the explanation is missing"),
        examples=(
            Example(name="nothing said", change=lambda f: _item(_required(f, Element.EXPLANATION), explanation=" ")),
        ),
    ),
    Rule(
        code="BASIS-1",
        condition="no provision supports the claim: right, place and recipient do not go together",
        fix="leave the listing alone, use another right, or have counsel add the provision to law.toml",
        because=no_provision,
        examples=(Example(name="no law", change=lambda f: replace(f, legal_basis="")),),
    ),
    Rule(
        code="REG-1",
        condition="a registration number is required and missing",
        fix="enter the number of the registration",
        because=_asked(Element.REGISTRATION, _unnumbered, "the registration number is missing"),
        examples=(
            Example(
                name="no number",
                change=lambda f: replace(
                    _required(f, Element.REGISTRATION), right=replace(f.right, registration_number=None)
                ),
            ),
        ),
    ),
    Rule(
        code="REG-2",
        condition="the goods and services of the mark are required and missing",
        fix="enter the goods of the registration in words",
        because=_asked(Element.GOODS, _without_goods, "the goods and services of the mark are missing"),
        examples=(
            Example(
                name="no goods",
                change=lambda f: replace(
                    _required(f, Element.GOODS), right=replace(f.right, kind=RightKind.TRADEMARK, goods=None)
                ),
            ),
        ),
    ),
    Rule(
        code="REG-3",
        condition="the last day of the right's validity is required and unknown",
        fix="look the right up in its register and enter expires_on",
        because=_asked(Element.VALIDITY, _without_end, "until when the right is valid is not known"),
        examples=(
            Example(
                name="no end",
                change=lambda f: replace(
                    _required(f, Element.VALIDITY), right=replace(f.right, kind=RightKind.TRADEMARK, expires_on=None)
                ),
            ),
        ),
    ),
    Rule(
        code="EXC-1",
        condition="a claim of copyright without a word on its exceptions",
        fix="write in the decision's note why no exception applies: fair use, quotation, parody, licence",
        because=exceptions_not_considered,
        examples=(
            Example(
                name="not considered",
                change=lambda f: replace(
                    f,
                    exceptions_note=None,
                    item=replace(f.item, infringement_class=InfringementClass.PIRATED_COPY),
                ),
            ),
        ),
    ),
    Rule(
        code="STMT-1",
        condition="a statement that the profile demands is missing or not in its words",
        fix="draft the notice again under the profile in force",
        because=statement_missing,
        examples=(
            Example(
                name="nothing stated",
                change=lambda f: replace(_required(f, Element.BONA_FIDE), statements=()),
            ),
            Example(
                name="other words",
                change=lambda f: replace(
                    f, statements=tuple(replace(s, text=s.text + " More or less.") for s in f.statements)
                ),
            ),
        ),
    ),
    Rule(
        code="SIZE-1",
        condition="the explanation is longer than the recipient takes",
        fix="shorten the statements of the expert or the decision's note",
        because=too_long,
        examples=(
            Example(
                name="too long",
                change=lambda f: _item(
                    _profile(f, limits=f.profile.limits.model_copy(update={"explanation_chars": 200})),
                    explanation="x" * 201,
                ),
            ),
        ),
    ),
    Rule(
        code="SIZE-2",
        condition="the evidence of one item is more than one package holds",
        fix="capture the page again with fewer photos, or without the full screenshot",
        because=too_heavy,
        examples=(
            Example(
                name="too heavy",
                change=lambda f: replace(
                    f, captures=tuple(replace(each, body_bytes=PACKAGE_BYTES) for each in f.captures)
                ),
            ),
        ),
    ),
    Rule(
        code="CODE-1",
        condition="the recipient does not take the claim, or has no code for it",
        fix="use another profile for this platform, or leave the listing alone",
        because=wrong_code,
        examples=(
            Example(name="not taken", change=lambda f: _profile(f, classes=())),
            Example(name="an invented code", change=lambda f: _item(f, platform_code="X-1")),
        ),
    ),
    Rule(
        code="LANG-1",
        condition="the recipient does not take notices in English",
        fix="use a profile of the recipient that takes English",
        because=wrong_language,
        examples=(Example(name="French only", change=lambda f: _profile(f, languages=("fr",))),),
    ),
)

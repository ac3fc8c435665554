"""What a portal's form asks of a batch: each required element of the profile with its value, from the views."""

from __future__ import annotations

from config.profile import Element, Profile
from reports.facts import ItemFacts
from reports.formats.fill_in import Field, FillIn, ItemPart, NoticePart
from reports.views import BatchView, ItemView, NoticeView
from store.records.findings import InfringementClass

COPYRIGHT_CLAIMS = frozenset({InfringementClass.PIRATED_COPY, InfringementClass.IMAGE_COPIED})

WORDS = {
    Element.CLAIMANT_NAME: "Name of the sender",
    Element.CLAIMANT_EMAIL: "E-mail of the sender",
    Element.CLAIMANT_CONTACT: "How the sender is reached",
    Element.CLAIMANT_ADDRESS: "Postal address of the sender",
    Element.CLAIMANT_PHONE: "Telephone of the sender",
    Element.HOLDER_SITE: "Site of the right holder",
    Element.MANDATE: "Power of attorney",
    Element.LEGAL_BASIS: "Provision",
    Element.REGISTRATION: "Right and its number",
    Element.GOODS: "Goods and services",
    Element.VALIDITY: "Valid until",
    Element.PROOF: "Proof of the right",
    Element.WORK: "Work",
    Element.WORK_AUTHORISED: "Where the work may be had",
    Element.URL: "Address of the listing",
    Element.ITEM_ID: "Id of the listing",
    Element.EXPLANATION: "Explanation",
    Element.CLASS: "Kind of infringement",
    Element.CLAIM_CODE: "Reason code",
    Element.OBSERVED_AT: "Seen",
    Element.CAPTURES: "Evidence",
    Element.EXCEPTIONS: "Exceptions that were considered",
}
"""Statements and the signatory stand apart: they are confirmed as they were signed."""

_OF_ITEM = frozenset(
    {
        Element.URL,
        Element.ITEM_ID,
        Element.EXPLANATION,
        Element.CLASS,
        Element.CLAIM_CODE,
        Element.OBSERVED_AT,
        Element.CAPTURES,
        Element.EXCEPTIONS,
        Element.WORK,
        Element.WORK_AUTHORISED,
        Element.HOLDER_SITE,
    }
)


def fill_in_of(batch: BatchView, profile: Profile, facts: dict[str, ItemFacts]) -> FillIn:
    """The sheet of a batch; `facts` are those of its items, by id."""
    return FillIn(
        batch=batch.number,
        title=batch.profile_title,
        recipient=batch.recipient,
        platform=batch.platform,
        watermark=batch.watermark,
        made=batch.created_at,
        notices=tuple(_notice(notice, profile, facts) for notice in batch.notices),
    )


def _notice(notice: NoticeView, profile: Profile, facts: dict[str, ItemFacts]) -> NoticePart:
    once = [element for element in profile.required if element in WORDS and element not in _OF_ITEM]
    holder = Field(name="Right holder", value=notice.holder)
    return NoticePart(
        number=notice.number,
        fields=(holder, *(Field(name=WORDS[element], value=_said_once(element, notice)) for element in once)),
        statements=tuple(statement.text for statement in notice.statements),
        signed=f"{notice.signatory}, for {notice.signed_for}, {notice.signed_at}",
        items=tuple(_item(item, profile, facts[item.id]) for item in notice.items),
    )


def _item(item: ItemView, profile: Profile, facts: ItemFacts) -> ItemPart:
    is_copy = facts.item.infringement_class in COPYRIGHT_CLAIMS
    passed = {Element.HOLDER_SITE} if is_copy else {Element.WORK, Element.WORK_AUTHORISED, Element.EXCEPTIONS}
    asked = [element for element in profile.required if element in _OF_ITEM - passed]
    title = Field(name="Title of the listing", value=item.title)
    told = tuple(Field(name=WORDS[element], value=_said_of(element, item, facts)) for element in asked)
    return ItemPart(label=item.label, fields=(title, *told))


def _said_once(element: Element, notice: NoticeView) -> str:
    reached = (notice.contact_email, notice.contact_phone, notice.contact_address)
    match element:
        case Element.CLAIMANT_NAME:
            return notice.contact_name
        case Element.CLAIMANT_EMAIL:
            return notice.contact_email or ""
        case Element.CLAIMANT_CONTACT:
            return "; ".join(each for each in reached if each)
        case Element.CLAIMANT_ADDRESS:
            return notice.contact_address or ""
        case Element.CLAIMANT_PHONE:
            return notice.contact_phone or ""
        case Element.MANDATE:
            if notice.agent is None:
                return "none: the holder itself sends"
            return f"{notice.mandate}, kept by the sender and given to whoever asks" if notice.mandate else ""
        case Element.LEGAL_BASIS:
            return notice.legal_basis
        case Element.REGISTRATION:
            return f"{notice.right}; in the register: {notice.register}" if notice.register else notice.right
        case Element.GOODS:
            return notice.right_goods or ""
        case Element.VALIDITY:
            return notice.right_expires_on or ""
        case _:
            return f"kept by the sender, SHA-256 {notice.proof_sha256}" if notice.proof_sha256 else ""


def _said_of(element: Element, item: ItemView, facts: ItemFacts) -> str:
    work = facts.work
    match element:
        case Element.URL:
            return item.url
        case Element.ITEM_ID:
            return item.platform_item_id
        case Element.EXPLANATION:
            return " ".join(fact.sentence for fact in item.reasons)
        case Element.CLASS:
            return item.claim_title
        case Element.CLAIM_CODE:
            return item.platform_code or ""
        case Element.OBSERVED_AT:
            return item.observed_at
        case Element.CAPTURES:
            return "; ".join(f"{c.label} {c.url}, {c.fetched_at}: {f.path}" for c in item.captures for f in c.files)
        case Element.EXCEPTIONS:
            return facts.exceptions_note or ""
        case Element.WORK:
            return work.title if work else "; ".join(f"photo {each.reference_ref}" for each in facts.references)
        case Element.WORK_AUTHORISED:
            return "; ".join(work.authorised_urls) if work else ""
        case _:
            return facts.profile.holder_sites.get(facts.holder.legal_name, "")

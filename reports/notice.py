"""
Drafts one item: factual sentences that each point to what carries them, and what speaks for the accused, answered.

Pure: records in, records out. Every sentence ends in square brackets that name a capture, a record of the
registry, or the person whose word it is. A sentence without a pointer is not written.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from config.profile import Profile
from reports.facts import ItemFacts, Material
from reports.formats.plain import plain
from reports.legal import find_basis
from reports.masking import mask_contacts
from reports.rules.form import COPYRIGHT
from store.records import codec
from store.records.cases import EXERCISE_POLICY
from store.records.comparisons import Sign, SignFamily
from store.records.findings import GROUNDS_OF_CLASS, Ground, GroundCode, InfringementClass
from store.records.ids import NewId
from store.records.listings import PageKind
from store.records.notices import NoticeItem, Statement
from store.records.rights import Right

# Chosen: a reader checks the strongest few of each kind; the rest is in the evidence.
SIGNS_EACH = 2
TOLD_FAMILIES = (SignFamily.IMAGE, SignFamily.STREAM, SignFamily.IDENTIFIER, SignFamily.TEXT)
HOPS = ("protector", "redirect", "player", "manifest", "segment_host", "magnet")  # of the way to a stream
COMMENT_WORDS = ("review", "talk", "parody", "news", "quotation", "mention", "trailer")
"""Parts of the names of signals that speak of a use which the law may allow."""

REST_ON_THE_REGISTER = frozenset(
    {
        GroundCode.IMPOSSIBLE_VARIANT,
        GroundCode.FAR_BELOW_PRICE,
        GroundCode.FAILED_AUTHENTICITY_MARK,
        GroundCode.NO_LICENCE,
    }
)
"""Grounds that set the page beside what the holder says of its goods, prices, marks or licences."""

CLAIM_WORDS = {
    InfringementClass.COUNTERFEIT: "a counterfeit",
    InfringementClass.PIRATED_COPY: "an unauthorised copy",
    InfringementClass.IMAGE_COPIED: "a copied photo",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One sentence and what carries it."""

    sentence: str
    sources: tuple[str, ...]

    def __str__(self) -> str:
        # The last brackets of a line are the pointer; names in it may hold none of their own.
        pointer = "; ".join(self.sources).translate(str.maketrans("[]", "()"))
        return f"{self.sentence} [{pointer}]"

    @classmethod
    def read(cls, line: str) -> Fact:
        """The fact that a line of an explanation states; a line without pointer has no sources."""
        found = re.fullmatch(r"(.*) \[([^\[\]]*)\]", line, re.DOTALL)
        if found is None:
            return cls(sentence=line, sources=())
        return cls(sentence=found[1], sources=tuple(found[2].split("; ")))


def read_facts(text: str) -> tuple[Fact, ...]:
    """The facts of an explanation, or of what speaks against it, line by line."""
    return tuple(Fact.read(line) for line in text.splitlines() if line.strip())


def idempotency_key(platform: str, case: str, item: str, version: int) -> str:
    """SHA-256, hex, over platform, case, the platform's id of the item, and which request about it this is."""
    return codec.digest([platform, case, item, version])


def state_words(profile: Profile, language: str) -> tuple[Statement, ...]:
    """The statements a profile demands, word for word, in one language, each with the digest of its words."""
    made = []
    for element in profile.required:
        group, _, code = element.value.partition(".")
        text = profile.statement(code, language) if group == "statements" else None
        if text is not None:
            made.append(Statement(code=code, text=text, text_sha256=hashlib.sha256(text.encode()).hexdigest()))
    return tuple(made)


def _capture(*ids: str | None) -> tuple[str, ...]:
    return tuple(f"capture {id}" for id in dict.fromkeys(ids) if id)


def _whole(sentence: str) -> str:
    """A person's own words as one sentence; what they may not hold is refused (PII-1, STMT-2), never changed."""
    text = plain(sentence, 600).rstrip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _clean(sentence: str) -> str:
    """A sentence that may quote a page: ways to reach a person are left out, and stand in the evidence alone."""
    return _whole(mask_contacts(sentence))


def describe_right(right: Right) -> str:
    """One right in a line: kind, words, number, office, goods, territories."""
    kind = right.kind.value.replace("_", " ")
    parts = [kind if kind != "trademark" else "trade mark"]
    if right.mark_text:
        parts.append(f"“{plain(right.mark_text, 120)}”")
    if right.registration_number:
        parts.append(f"no. {plain(right.registration_number, 60)}")
    if right.office:
        parts.append(f"({plain(right.office, 40)})")
    line = " ".join(parts)
    if right.goods:
        line += f" for {plain(right.goods, 200)}"
    return f"{line}, in force in {', '.join(right.held_in)}"


def _reviewer(material: Material) -> str:
    """Who looked, by name; by role where the recipient shows notices to others: the record alone names them."""
    name = plain(material.decision.by, 120) if material.decision else ""
    return f"A reviewer of {plain(material.claimant_name, 120)}" if material.profile.passes_on else name


def _on_the_page(material: Material) -> list[Fact]:
    fields, seen = material.observation.fields, material.observation.observed_at
    page = material.observation.capture
    what = "page" if material.listing.kind is PageKind.STREAM else "listing"
    named = f" titled “{plain(fields.title.value)}”" if fields.title else ""
    when = f"On {seen.day} {seen:%B %Y} at {seen:%H:%M} UTC"
    where = f"the address given showed, on {material.platform.name}, a {what}{named}"
    facts = [
        Fact(
            sentence=_clean(f"{when} {where}"), sources=_capture(page, fields.title.capture if fields.title else None)
        )
    ]
    if fields.price is not None:
        facts.append(Fact(sentence=f"It asks {fields.price.value}.", sources=_capture(page, fields.price.capture)))
    # An account may be named after a person; address and item id tell the platform which it is.
    if material.seller is not None and "public" not in material.profile.passes_on:
        account = plain(material.seller.platform_seller_id, 120)
        facts.append(Fact(sentence=f"It is offered by the account {account}.", sources=_capture(page)))
    hops = [link for link in fields.streams if link.role in HOPS]
    if hops:
        roles = ", ".join(dict.fromkeys(link.role.replace("_", " ") for link in hops))
        facts.append(
            Fact(
                sentence=f"The page leads to the stream itself ({roles}).",
                sources=_capture(page, *(link.capture or link.found_in for link in hops)),
            )
        )
    return facts


def _of_the_right(material: Material) -> list[Fact]:
    right, holder = material.right, material.holder
    # What no register shows is the holder's own word.
    claimed = "holds" if right.office else "states that it holds"
    checked = f", register asked on {right.status_checked_on}" if right.status_checked_on else ""
    facts = [
        Fact(
            sentence=_clean(f"{plain(holder.legal_name)} {claimed} the {describe_right(right)}"),
            sources=(f"right {plain(right.right_ref, 80)}{checked}",),
        )
    ]
    if material.work is not None:
        year = f" ({material.work.year})" if material.work.year else ""
        marks = f", {', '.join(material.work.identifiers)}" if material.work.identifiers else ""
        urls = material.work.authorised_urls
        shown = f"; an authorised copy is at {plain(urls[0])}" if urls else ""
        facts.append(
            Fact(
                sentence=_clean(f"The work is “{plain(material.work.title)}”{year}{plain(marks)}{shown}"),
                sources=(f"work {plain(material.work.work_ref, 80)}",),
            )
        )
    elif material.product is not None:
        facts.append(
            Fact(
                sentence=_clean(f"The goods it is compared with are “{plain(material.product.name)}”"),
                sources=(f"product {plain(material.product.product_ref, 80)}",),
            )
        )
    return facts


def _compared(material: Material) -> tuple[str, ...]:
    """The holder's side of a comparison of pictures."""
    return tuple(f"reference {plain(each.reference_ref, 80)}" for each in material.references[:SIGNS_EACH])


def _registered(material: Material) -> tuple[str, ...]:
    """The holder's word on goods or work, where a sentence rests on it as much as on the page."""
    if material.product is not None:
        return (f"product {plain(material.product.product_ref, 80)}",)
    return (f"work {plain(material.work.work_ref, 80)}",) if material.work is not None else ()


def _of_signs(signs: Iterable[Sign], page: str, compared: tuple[str, ...]) -> list[Fact]:
    """The strongest signs of each family that can carry identity; what only supports is told by the grounds."""
    facts = []
    for family in TOLD_FAMILIES:
        speaking = [sign for sign in signs if sign.family is family and not sign.against]
        speaking.sort(key=lambda sign: (-sign.strength, sign.signal, sign.because))
        beside = compared if family is SignFamily.IMAGE else ()
        facts += [
            Fact(sentence=_clean(s.because), sources=(*_capture(s.capture or page), *beside))
            for s in speaking[:SIGNS_EACH]
        ]
    return facts


def _of_ground(ground: Ground, material: Material) -> Fact:
    if ground.code is GroundCode.HOLDERS_DETERMINATION and material.determination is not None:
        word = material.determination
        return Fact(
            sentence=_whole(f"The holder's expert, {plain(word.by, 120)}, says: {plain(word.statement, 400)}"),
            sources=(f"determination {word.id} of {word.at:%Y-%m-%d}",),
        )
    seen = _capture(*(ground.captures or (material.observation.capture,)))
    if ground.code is GroundCode.COPIED_PHOTO:
        seen = (*seen, *_compared(material))
    elif ground.code in REST_ON_THE_REGISTER:
        seen = (*seen, *_registered(material))
    return Fact(sentence=_clean(ground.because), sources=seen)


def carrying_grounds(material: Material) -> tuple[Ground, ...]:
    """The grounds that carry the finding's class, and those that only support it, the carrying ones first."""
    claim = material.finding.infringement_class
    allowed = GROUNDS_OF_CLASS.get(claim, frozenset()) if claim else frozenset()
    order = list(GroundCode)  # as declared: what the listing says of itself comes before what others make of it
    return tuple(sorted(material.finding.grounds, key=lambda g: (g.code not in allowed, order.index(g.code))))


def explain(material: Material) -> tuple[Fact, ...]:
    """The reasons for a notice, in the order in which a reader checks them: page, right, identity, ground, person."""
    facts = [*_on_the_page(material), *_of_the_right(material)]
    facts += _of_signs(material.finding.signs, material.observation.capture, _compared(material))
    facts += [_of_ground(ground, material) for ground in carrying_grounds(material)]
    if material.decision is not None:
        decision = material.decision
        by = (
            "The exercise policy confirmed this without a person, for practice,"
            if decision.by == EXERCISE_POLICY
            else f"{_reviewer(material)} looked at listing and reference and confirmed this"
        )
        facts.append(
            Fact(
                sentence=f"{by} on {decision.at.day} {decision.at:%B %Y}.",
                sources=(f"decision {decision.id}",),
            )
        )
    # Two signals may say the same of one capture; a reader needs it once.
    return tuple(dict.fromkeys(facts))


def answer_counter_signs(material: Material) -> tuple[Fact, ...]:
    """What speaks for the accused, each with the answer; empty if nothing does."""
    note = (material.decision.note or "").strip() if material.decision else ""
    answers = " ".join(_clean(ground.because) for ground in carrying_grounds(material)[:2])
    if note and material.decision is not None:
        answers = f"{answers} {_reviewer(material)} adds: {_whole(note)}".strip()
    page = material.observation.capture
    grounds = [_of_ground(ground, material) for ground in carrying_grounds(material)[:2]]
    carried = [source for fact in grounds for source in fact.sources if not source.startswith("capture")]
    if note and material.decision is not None:
        carried.append(f"decision {material.decision.id}")
    facts = []
    for sign in material.finding.counter_signs:
        answer = f" Against this stands: {answers}" if answers else ""
        facts.append(
            Fact(sentence=f"{_clean(sign.because)}{answer}", sources=(*_capture(sign.capture or page), *carried))
        )
    return tuple(dict.fromkeys(facts))


def exceptions_note(material: Material) -> str | None:
    """
    Why no exception of copyright covers the use; None where nobody can say so yet.

    A person's note always counts. Without one the note is derived only where the page plainly offers the work
    itself, or uses the photo to sell goods, and no sign of review, quotation or parody was found.
    """
    claim, finding = material.finding.infringement_class, material.finding
    if claim not in COPYRIGHT:
        return None
    note = (material.decision.note or "").strip() if material.decision else ""
    if note and material.decision is not None and material.decision.by != EXERCISE_POLICY:
        return f"{_reviewer(material)} considered the exceptions: {_whole(note)}"
    if any(word in sign.signal for sign in finding.counter_signs for word in COMMENT_WORDS):
        return None
    if claim is InfringementClass.PIRATED_COPY:
        offers_work = SignFamily.STREAM.value in finding.families or bool(material.observation.fields.streams)
        unlicensed = any(ground.code is GroundCode.NO_LICENCE for ground in finding.grounds)
        if offers_work and unlicensed:
            return (
                "Exceptions considered: the page leads to the work itself, not to an excerpt for comment; no"
                f" licence of the holder covers {material.platform.name} on {material.observed_on}; no sign of"
                " review, quotation or parody was found on it."
            )
    elif material.listing.kind is PageKind.LISTING and material.observation.fields.price is not None:
        return (
            "Exceptions considered: the photo is used to sell goods; no sign that it is reviewed, quoted or parodied"
            " was found in the listing."
        )
    return None


def draft_item(material: Material, *, notice: str, ids: NewId) -> ItemFacts:
    """
    The item of one finding, with everything the rules need to judge it.

    A finding without a class is drafted as a mere mention, which no profile takes and no ground carries, so that
    the refusal says why instead of the item being left out silently.
    """
    finding, fields = material.finding, material.observation.fields
    claim = finding.infringement_class or InfringementClass.MERE_MENTION
    exceptions = exceptions_note(material)
    against = [str(fact) for fact in answer_counter_signs(material)]
    if exceptions is not None:
        said = material.decision if exceptions.startswith(f"{_reviewer(material)} considered") else None
        source = f"decision {said.id}" if said else f"right {plain(material.right.right_ref, 80)}"
        against.append(str(Fact(sentence=exceptions, sources=(*_capture(material.observation.capture), source))))
    item = NoticeItem(
        id=ids(),
        notice=notice,
        finding=finding.id,
        listing=material.listing.id,
        url=material.listing.url,
        platform_item_id=material.listing.platform_item_id,
        title=mask_contacts(plain(fields.title.value, 1000)) if fields.title else "",
        infringement_class=claim,
        grounds=tuple(ground.code for ground in carrying_grounds(material)),
        platform_code=material.profile.claim_codes.get(claim),
        explanation="\n".join(str(fact) for fact in explain(material)),
        against="\n".join(against),
        observed_at=material.observation.observed_at,
        captures=tuple(capture.id for capture in material.captures),
        references=tuple(reference.id for reference in material.references),
        idempotency_key=idempotency_key(
            material.listing.platform, material.case.id, material.listing.platform_item_id, material.version
        ),
        previous=material.previous,
    )
    basis = find_basis(
        material.law, material.right, material.territories, material.profile, finding.infringement_class
    )
    words = state_words(material.profile, material.profile.languages[0])
    facts = with_item(material, item, statements=words, basis=str(basis))
    return dataclasses.replace(facts, unsupported=basis.unsupported)


def with_item(material: Material, item: NoticeItem, *, statements: tuple[Statement, ...], basis: str) -> ItemFacts:
    """The facts of an item already drafted, on fresh material: what is judged again right before it leaves."""
    known = {field.name: getattr(material, field.name) for field in dataclasses.fields(Material)}
    return ItemFacts(
        **known, item=item, statements=statements, legal_basis=basis, exceptions_note=exceptions_note(material)
    )
